"""The site key and everything derived from it: wrapping, keyed digests, message keys, references.

Takes the key folder (0700) with `site.key` (0600 or 0400: a version and 32 random bytes in hex). Gives `Keys`, whose
sub-keys are derived by HKDF-SHA256 (RFC 5869) under distinct labels, so that knowing one tells nothing of another.
A missing, open or broken key file is a ConfigError at start; nothing here fails later but an unwrap (InvalidTag).
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import shlex
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from dlp.errors import ConfigError, Refused

FILE = "site.key"
VERSION = 1
_SIZE = 32
_NONCE = 12
_GET_ONE = "restore it from its copy; dlp init makes a new one only where nothing is sealed yet"
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans("OIL", "011")


@dataclass(frozen=True, slots=True)
class Keys:
    """The derived keys, 32 bytes each. Never printed: `repr` shows the version only."""

    version: int
    wrapping: bytes = field(repr=False)
    digesting: bytes = field(repr=False)
    looking_up: bytes = field(repr=False)
    auditing: bytes = field(repr=False)
    finding_people: bytes = field(repr=False)  # hashes the index of a campus snapshot
    sealing: bytes = field(repr=False)  # marks what is ours and comes back to us

    def digest(self, text: str) -> str:
        """Keyed digest of a finding's value, a person or an actor: 32 hex characters."""
        return _mac(self.digesting, [_bytes(text)]).hex()[:32]

    def lookup(self, address: str) -> str:
        """Keyed digest of a mail address: 32 hex characters. Only the domain's case is folded (RFC 5321 2.4)."""
        local, at, domain = address.rpartition("@")
        return _mac(self.looking_up, [b"address", _bytes(local + at + domain.lower())]).hex()[:32]

    def message_key(self, upstream_id: str, sender: str, message_id: str, date: str, body: bytes | memoryview) -> bytes:
        """32 bytes that are the same for every chunk and retry of one upstream id, random when there is no upstream id.

        `body` is what follows the header: a retry may carry other Received fields. Without an upstream id two
        equal messages are two messages: somebody who sends the same text again must not be swallowed.
        """
        if not upstream_id:
            return secrets.token_bytes(_SIZE)
        told = [_bytes(text) for text in (upstream_id, sender, message_id, date)]
        return _mac(self.looking_up, [b"message", *told, hashlib.sha256(body).digest()])

    def retry_key(self, sender: str, recipient: str, message_id: str, date: str, body: bytes | memoryview) -> bytes:
        """32 bytes that are the same for every try of one message, with or without an upstream id.

        `recipient` is one that stands for its chunk: chunks of one message that fail side by side are no tries of each other.
        """
        told = [_bytes(text) for text in (sender, recipient, message_id, date)]
        return _mac(self.looking_up, [b"retry", *told, hashlib.sha256(body).digest()])

    def fingerprint(self, content: bytes | memoryview) -> str:
        """Keyed SHA-256 of stored bytes: 64 hex characters."""
        return hmac.digest(self.digesting, content, "sha256").hex()

    def chain(self, text: str) -> str:
        """One link of the audit chain: 64 hex characters."""
        return _mac(self.auditing, [_bytes(text)]).hex()

    def seal(self, *words: str) -> str:
        """What shows that these words are ours: 32 hex characters."""
        return _mac(self.sealing, map(_bytes, words)).hex()[:32]

    def sealed(self, seal: str, *words: str) -> bool:
        """Whether this is their seal."""
        return hmac.compare_digest(_bytes(seal), _bytes(self.seal(*words)))

    def wrap(self, data_key: bytes, bound_to: str) -> bytes:
        """Encrypt one item's data key: key version, nonce, ciphertext. `bound_to` names the item and must be given again."""
        nonce = secrets.token_bytes(_NONCE)
        return bytes([self.version]) + nonce + AESGCM(self.wrapping).encrypt(nonce, data_key, _bytes(bound_to))

    def unwrap(self, wrapped: bytes, bound_to: str) -> bytes:
        """The data key again; InvalidTag when it was changed, moved to another item or wrapped by another key."""
        if wrapped[:1] != bytes([self.version]) or len(wrapped) <= _NONCE:
            raise InvalidTag
        nonce = wrapped[1 : 1 + _NONCE]
        return AESGCM(self.wrapping).decrypt(nonce, wrapped[1 + _NONCE :], _bytes(bound_to))


def derive(secret: bytes, version: int = VERSION) -> Keys:
    """All keys from the site's 32 secret bytes."""
    parts = (
        HKDF(SHA256(), length=_SIZE, salt=None, info=b"campus-dlp/%d/%s" % (version, label)).derive(secret)
        for label in (b"wrap", b"digest", b"lookup", b"audit", b"campus", b"seal")
    )
    return Keys(version, *parts)


def create(folder: Path) -> Path:
    """Write a new site key durably and give its path; the folder is made 0700. Refused when there is one already."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / FILE
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused(
            "there is a site key already; it is never overwritten, because held mail could not be read without it"
        ) from None
    with os.fdopen(file, "w", encoding="ascii") as stream:
        stream.write(f"{VERSION}:{secrets.token_hex(_SIZE)}\n")
        stream.flush()
        os.fsync(stream.fileno())
    entry = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(entry)
    finally:
        os.close(entry)
    return path


def load(folder: Path) -> Keys:
    """Read the site key. ConfigError when it is missing, readable by others or not a key of this version."""
    path = folder / FILE
    try:
        modes = {folder: folder.stat().st_mode, path: path.stat().st_mode}
        text = path.read_text(encoding="ascii", errors="replace").strip()
    except FileNotFoundError:
        raise ConfigError("there is no site key", file=str(path), key="keys.dir", remedy=_GET_ONE) from None
    except OSError:
        remedy = f"as root, give it to the user that runs dlp: chown -R USER {shlex.quote(str(folder))}"
        raise ConfigError("the site key cannot be read", file=str(path), key="keys.dir", remedy=remedy) from None
    for place, mode in modes.items():
        if stat.S_IMODE(mode) & 0o077:
            raise ConfigError(
                "others may read the site key",
                file=str(place),
                key="keys.dir",
                remedy=f"run: chmod go= {shlex.quote(str(place))} (dlp init makes it so)",
            )
    version, _, digits = text.partition(":")
    if version != str(VERSION) or not re.fullmatch(f"[0-9a-f]{{{2 * _SIZE}}}", digits):
        remedy = "restore it from its backup; dlp init makes a new one where there is none"
        raise ConfigError("this is not a site key of this version", file=str(path), key="keys.dir", remedy=remedy)
    return derive(bytes.fromhex(digits))


def reference(key: bytes) -> str:
    """The first 40 bits of a message key for people to read and type: XXXX-XXXX in Crockford's base 32."""
    number = int.from_bytes(key[:5], "big")
    signs = [_CROCKFORD[number >> shift & 31] for shift in range(35, -1, -5)]
    return "".join(signs[:4]) + "-" + "".join(signs[4:])


def parse_reference(text: str) -> str:
    """A typed reference in its one spelling: any case, dash or none, O for 0, I and L for 1. Refused when it is none."""
    signs = text.strip().upper().replace("-", "").replace(" ", "").translate(_MISREAD)
    if len(signs) != 8 or any(sign not in _CROCKFORD for sign in signs):
        raise Refused("this is not a reference; a reference looks like H7K2-9QMD")
    return f"{signs[:4]}-{signs[4:]}"


def _mac(key: bytes, parts: Iterable[bytes]) -> bytes:
    # each part is preceded by its length, so that no two lists of parts give the same input
    framed = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    return hmac.digest(key, framed, "sha256")


def _bytes(text: str) -> bytes:
    # an address may carry undecodable octets as lone surrogates
    return text.encode("utf-8", "surrogatepass")
