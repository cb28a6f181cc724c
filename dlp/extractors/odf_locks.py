"""Encrypted parts of OpenDocument files (ODF 1.3 part 2, 3.4 and 4.8), and OASIS's extension by GCM and Argon2.

Takes the manifest; gives what each part is locked with, and a part opened with one of the budget's passwords. Raises Stop,
locked, when none fits or the way of locking is not known.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from dlp.extractors.content import Budget, locked
from dlp.extractors.xml_events import START, events

_MOST_ROUNDS = 1_000_000
_ROUNDS = 10  # take as long as one element
_BLOCK = 16
_CHECKED = 1024  # bytes of a part that its checksum is of


@dataclass(frozen=True, slots=True)
class Lock:
    """What the manifest says of one part."""

    algorithm: str = ""
    vector: bytes = b""
    derivation: str = ""
    salt: bytes = b""
    rounds: int = 0
    start: str = ""  # digest of the password
    checksum_type: str = ""
    checksum: bytes = b""


def locks(manifest: bytes, budget: Budget) -> dict[str, Lock]:
    """Part, in lower case -> its lock; only those that are locked."""
    found: dict[str, Lock] = {}
    name = ""
    for event in events(manifest, budget):
        of = event.attributes
        if event.kind is not START:
            continue
        if event.name == "file-entry":
            name = of.get("full-path", "").lower()
        elif event.name == "encryption-data":
            found[name] = Lock(checksum_type=of.get("checksum-type", ""), checksum=_bytes(of.get("checksum", "")))
        elif name in found:
            found[name] = _with(found[name], event.name, of)
    return found


def _with(lock: Lock, element: str, of: object) -> Lock:
    said = dict(of) if isinstance(of, dict) else {}
    if element == "algorithm":
        return replace(lock, algorithm=said.get("algorithm-name", ""), vector=_bytes(said.get("initialisation-vector", "")))
    if element == "start-key-generation":
        return replace(lock, start=said.get("start-key-generation-name", ""))
    if element == "key-derivation":
        rounds = said.get("iteration-count", "")
        salt = _bytes(said.get("salt", ""))
        return replace(
            lock, derivation=said.get("key-derivation-name", ""), salt=salt, rounds=int(rounds) if rounds.isdecimal() else 0
        )
    return lock


def unlocked(data: bytes, lock: Lock, budget: Budget) -> bytes:
    """The part itself. Raises Stop, locked, when no password opens it."""
    if not (
        lock.algorithm.endswith("aes256-cbc") and lock.derivation.upper().endswith("PBKDF2") and 0 < lock.rounds <= _MOST_ROUNDS
    ):
        raise locked()
    for password in budget.passwords:
        budget.take("elements", lock.rounds // _ROUNDS)
        found = _opened(data, lock, password, budget)
        if found is not None:
            return found
    raise locked()


def _opened(data: bytes, lock: Lock, password: str, budget: Budget) -> bytes | None:
    digest = hashlib.sha256 if lock.start.endswith("sha256") else hashlib.sha1
    key = hashlib.pbkdf2_hmac("sha1", digest(password.encode()).digest(), lock.salt, lock.rounds, 32)
    if len(lock.vector) != _BLOCK or len(data) % _BLOCK:
        return None
    cipher = Cipher(algorithms.AES(key), modes.CBC(lock.vector)).decryptor()
    plain = cipher.update(data) + cipher.finalize()
    plain = plain[: len(plain) - plain[-1]] if plain and plain[-1] <= _BLOCK else plain
    check = hashlib.sha256 if "sha256" in lock.checksum_type else hashlib.sha1
    if check(plain[:_CHECKED]).digest() != lock.checksum:
        return None
    unfolding = zlib.decompressobj(-zlib.MAX_WBITS)
    found = unfolding.decompress(plain, budget.expanded + 1)
    budget.take("expanded", len(found))
    return found


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except ValueError:
        return b""
