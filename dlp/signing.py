"""DKIM signatures of ours (RFC 6376, RFC 8463): keys, and the fields they put above a message.

Takes the keys that `[dkim]` names; gives DKIM-Signature fields for exactly the bytes that leave. dkimpy parses and
canonicalises, `cryptography` does the arithmetic. A key that cannot be used is a ConfigError at start; a process that finds
none later raises Unavailable("keys") for the mail that needs one. A header no verifier would read the same is a CannotSign.
"""

from __future__ import annotations

import base64
import logging
import os
import shlex
import stat
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import dkim
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa, utils
from dkim.canonicalization import CanonicalizationPolicy

from dlp.config import Settings
from dlp.errors import ConfigError, Unavailable
from dlp.events import event

_LOG = logging.getLogger("dlp.dkim")

KEYS = "keys"  # the cause of Unavailable
LEAST_BITS, GOOD_BITS = 1024, 2048  # RFC 8301 3.2
# what is signed wherever it stands; the first ones once more, so that nobody can add another
_ONCE_MORE = (b"from", b"to", b"cc", b"subject", b"date", b"reply-to", b"message-id", b"mime-version", b"content-type")
_SIGNED = frozenset({
    *_ONCE_MORE, b"sender", b"content-transfer-encoding", b"content-disposition", b"in-reply-to", b"references", b"keywords",
    b"comments", b"thread-topic", b"resent-date", b"resent-from", b"resent-sender", b"resent-to", b"resent-cc",
    b"resent-message-id", b"list-id", b"list-help", b"list-unsubscribe", b"list-unsubscribe-post", b"list-subscribe",
    b"list-post", b"list-owner", b"list-archive",
})  # fmt: skip
# relaxed headers outlive a gateway's refolding; a simple body costs half of a relaxed one
CANONICAL = b"relaxed/simple"
_PLACEHOLDER = b"0" * 60  # folds onto a line of its own, so that the signature moves nothing before it

PrivateKey = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
Tag = tuple[bytes, bytes]


class CannotSign(ValueError):  # noqa: N818  a fact about the message
    """The message's header is such that readers of it differ, so no signature would mean anything."""


@dataclass(frozen=True, slots=True)
class Named:
    """One key as the configuration names it: `key` is where, for errors."""

    selector: str
    file: Path
    key: str


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and the selector its public half is published under."""

    selector: str
    private: PrivateKey = field(repr=False)

    @property
    def algorithm(self) -> str:
        return "rsa-sha256" if isinstance(self.private, rsa.RSAPrivateKey) else "ed25519-sha256"

    @property
    def is_weak(self) -> bool:
        return isinstance(self.private, rsa.RSAPrivateKey) and self.private.key_size < GOOD_BITS

    def sign(self, digest: bytes) -> bytes:
        """Sign a SHA-256 digest."""
        if isinstance(self.private, rsa.RSAPrivateKey):
            return self.private.sign(digest, padding.PKCS1v15(), utils.Prehashed(hashes.SHA256()))
        return self.private.sign(digest)

    def record(self, domain: str) -> tuple[str, str]:
        """Name and content of the TXT record to publish (RFC 6376 3.6.1, RFC 8463 4)."""
        public = self.private.public_key()
        if isinstance(public, rsa.RSAPublicKey):
            kind, form, encoding = "rsa", serialization.PublicFormat.SubjectPublicKeyInfo, serialization.Encoding.DER
        else:
            kind, form, encoding = "ed25519", serialization.PublicFormat.Raw, serialization.Encoding.Raw
        published = base64.b64encode(public.public_bytes(encoding, form)).decode()
        return f"{self.selector}._domainkey.{domain}", f"v=DKIM1; k={kind}; p={published}"


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs for one domain with each of its keys: two at once for a receiver that knows only one kind, or while they change."""

    domain: str
    keys: tuple[SigningKey, ...]
    clock: Callable[[], float] = time.time

    def fields(self, message: bytes) -> bytes:
        """The DKIM-Signature fields to put in front of `message`. Raises CannotSign. Slow for large mail: not for a loop."""
        at = int(self.clock())
        readable = Readable(message)
        return b"".join(readable.field_for(key, self.domain, at) for key in self.keys)

    def signed(self, message: bytes) -> bytes:
        """The message with our signatures on top."""
        return self.fields(message) + message


class Writer(dkim.DKIM):  # type: ignore[misc]  # dkimpy has no types
    """dkimpy with its one arithmetic step replaced.

    Its `gen_header` leaves an Ed25519 signature to whatever object it is given as key, and an RSA one to pure Python (19 ms,
    not in constant time). So we tell it "ed25519" for both and hand it ours; the `a=` tag is written from the tags.
    """

    def __init__(self, message: bytes = b"") -> None:
        super().__init__(message, signature_algorithm=b"ed25519-sha256")
        self.hasher = sha256
        self._canonical = CanonicalizationPolicy.from_c_value(CANONICAL)

    def write(self, name: bytes, tags: Iterable[Tag], over: Sequence[bytes], key: SigningKey) -> bytes:
        """One field with `b=` over the fields named, its CRLF included."""
        value: bytes = self.gen_header([*tags, (b"b", _PLACEHOLDER)], over, self._canonical, name, _Key(key))
        return name + b": " + value


class Readable(Writer):
    """A message whose header everybody reads alike, and what our signatures of it cover. Raises CannotSign for another."""

    def __init__(self, message: bytes) -> None:
        try:
            super().__init__(message)
        except (dkim.DKIMException, IndexError):
            raise CannotSign from None
        names = [name.lower() for name, _ in self.headers]
        if b"from" not in names:
            raise CannotSign
        self.covered = [name for name in names if name in _SIGNED] + list(_ONCE_MORE)
        self.body_hash = base64.b64encode(sha256(self._canonical.canonicalize_body(self.body)).digest())

    def field_for(self, key: SigningKey, domain: str, at: int) -> bytes:
        """One DKIM-Signature field."""
        tags = [
            (b"v", b"1"),
            (b"a", key.algorithm.encode()),
            (b"c", CANONICAL),
            (b"d", domain.encode()),
            (b"s", key.selector.encode()),
            (b"t", b"%d" % at),
            (b"h", b" : ".join(self.covered)),
            (b"bh", self.body_hash),
        ]
        return self.write(b"DKIM-Signature", tags, self.covered, key)


@dataclass(frozen=True, slots=True)
class _Key:
    """What dkimpy takes for a PyNaCl key."""

    key: SigningKey

    def sign(self, digest: bytes) -> _Signature:
        return _Signature(self.key.sign(digest))


@dataclass(frozen=True, slots=True)
class _Signature:
    signature: bytes


def named(settings: Settings) -> tuple[Named, ...]:
    """The keys `[dkim]` names."""
    dkim_keys = settings.dkim
    more = (each.partition(":") for each in dkim_keys.more_keys)
    return (
        Named(dkim_keys.selector, settings.path(dkim_keys.key_file), "dkim.key_file"),
        *(Named(selector, settings.path(file), "dkim.more_keys") for selector, _, file in more),
    )


def load(domain: str, named: Iterable[Named]) -> Signer:
    """Read the keys. Raises ConfigError for one that is missing, open to others, no private key, or too short."""
    return Signer(domain, tuple(_load(each) for each in named))


def _load(named: Named) -> SigningKey:
    def wrong(what: str, remedy: str) -> ConfigError:
        return ConfigError(what, file=str(named.file), key=named.key, remedy=remedy)

    try:
        with named.file.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            content = stream.read(65_536)
    except FileNotFoundError:
        raise wrong("there is no such file", "docs/install.md, DKIM, says how to make a key") from None
    except OSError:
        raise wrong("the signing key cannot be read", "give it to the user that runs dlp") from None
    if stat.S_IMODE(mode) & 0o077:
        raise wrong("others may read the signing key", f"run: chmod go= {shlex.quote(str(named.file))}")
    try:
        private = serialization.load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise wrong("this is not a private key in PEM form without a password", "write it with openssl genpkey") from None
    if isinstance(private, rsa.RSAPrivateKey):
        if private.key_size < LEAST_BITS:
            raise wrong(f"{private.key_size} bits are too few to sign with", "make one of 2048 bits") from None
    elif not isinstance(private, ed25519.Ed25519PrivateKey):
        raise wrong("DKIM knows RSA and Ed25519 keys only", "make a key of one of these kinds")
    return SigningKey(named.selector, private)


@dataclass(slots=True)
class SignerInForce:
    """Call it for the signer: what is on disk when it is made or reloaded. What does not load leaves the one before.

    A process that could not read its keys tries again each time one is needed, and raises Unavailable until it can.
    """

    domain: str
    named: tuple[Named, ...]
    signer: Signer | None = None

    def __post_init__(self) -> None:
        self.reload()

    def __call__(self) -> Signer:
        if self.signer is None:
            self.reload()
        if self.signer is None:
            raise Unavailable(KEYS)
        return self.signer

    def reload(self) -> None:
        """Read the keys again (SIGHUP); what is wrong with them is logged."""
        try:
            self.signer = load(self.domain, self.named)
        except ConfigError as error:
            event(_LOG, "dkim.refused", level=logging.ERROR, what=error.what, file=error.file, key=error.key)
            return
        event(_LOG, "dkim.loaded", count=len(self.signer.keys))
        for named, key in zip(self.named, self.signer.keys, strict=True):
            if key.is_weak:
                event(_LOG, "dkim.weak", level=logging.WARNING, file=str(named.file), key=named.key)
