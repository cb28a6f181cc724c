"""Encryption at rest: sealed records, and contents in chunks (AES-256-GCM, NIST SP 800-38D).

Takes clear bytes and the name of the row they belong to; gives bytes that open only under the same key and name. Every
item has its own data key, wrapped by the site key: deleting the wrapped key erases the item, a new site key re-wraps it.
Whatever does not open is `Damaged`, with no detail.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from backports import zstd
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from dlp.keys import Keys
from dlp.store.records import Json
from dlp.store.states import ContentRole, Damaged

VERSION = 1
CHUNK = 1_048_576
_ONLY_ONCE = bytes(12)  # the nonce of a data key that encrypts one record and nothing else
_WRAPPED = 1 + 12 + 32 + 16


@dataclass(frozen=True, slots=True)
class Packed:
    """A content ready to be inserted: compressed, encrypted, cut into rows."""

    id: str
    message: str
    role: ContentRole
    fingerprint: str
    size: int
    wrapped_key: bytes
    chunks: tuple[bytes, ...]


def seal(keys: Keys, value: Json, row: str) -> bytes:
    """A JSON value as a record: version byte, wrapped key, ciphertext. `row` names table and row."""
    data_key = AESGCM.generate_key(256)
    bound_to = f"record|{VERSION}|{row}"
    clear = zstd.compress(json.dumps(value, separators=(",", ":")).encode())
    sealed = AESGCM(data_key).encrypt(_ONLY_ONCE, clear, bound_to.encode())
    return bytes([VERSION]) + keys.wrap(data_key, bound_to) + sealed


def unseal(keys: Keys, record: bytes | None, row: str) -> Json:
    """The JSON value again. Damaged when it is missing, changed, another row's, or sealed under another key."""
    if record is None or record[:1] != bytes([VERSION]):
        raise Damaged
    bound_to = f"record|{VERSION}|{row}"
    wrapped, sealed = record[1 : 1 + _WRAPPED], record[1 + _WRAPPED :]
    try:
        clear = AESGCM(keys.unwrap(wrapped, bound_to)).decrypt(_ONLY_ONCE, sealed, bound_to.encode())
    except (InvalidTag, ValueError):
        raise Damaged from None
    value: Json = json.loads(zstd.decompress(clear))
    return value


def pack(keys: Keys, message: str, role: ContentRole, content: bytes | memoryview) -> Packed:
    """Compress and encrypt a message's bytes. Done before the transaction, so that its lock is held shortly."""
    identity = secrets.token_hex(16)
    data_key = AESGCM.generate_key(256)
    squeezed = _compress(content)
    pieces = [squeezed[start : start + CHUNK] for start in range(0, len(squeezed), CHUNK)]
    cipher = AESGCM(data_key)
    return Packed(
        id=identity,
        message=message,
        role=role,
        fingerprint=keys.fingerprint(content),
        size=len(content),
        wrapped_key=keys.wrap(data_key, _content_name(identity, message, role)),
        chunks=tuple(
            cipher.encrypt(_nonce(n), piece, _chunk_name(identity, n, last=n == len(pieces) - 1))
            for n, piece in enumerate(pieces)
        ),
    )


def unpack(keys: Keys, packed: Packed) -> bytes:
    """The bytes again, exactly. Damaged unless every chunk, their number, the size and the fingerprint are right."""
    try:
        cipher = AESGCM(keys.unwrap(packed.wrapped_key, _content_name(packed.id, packed.message, packed.role)))
        clear = _decompress(
            cipher.decrypt(_nonce(n), data, _chunk_name(packed.id, n, last=n == len(packed.chunks) - 1))
            for n, data in enumerate(packed.chunks)
        )
    except (InvalidTag, ValueError, zstd.ZstdError, EOFError):
        raise Damaged from None
    if len(clear) != packed.size or keys.fingerprint(clear) != packed.fingerprint:
        raise Damaged
    return clear


def _compress(content: bytes | memoryview) -> memoryview:
    compressor = zstd.ZstdCompressor()
    squeezed = bytearray()
    view = memoryview(content)
    for start in range(0, len(view), CHUNK):
        squeezed += compressor.compress(view[start : start + CHUNK])
    squeezed += compressor.flush()
    return memoryview(squeezed)


def _decompress(pieces: Iterable[bytes]) -> bytes:
    decompressor = zstd.ZstdDecompressor()
    return b"".join(decompressor.decompress(piece) for piece in pieces)


def _nonce(n: int) -> bytes:
    return n.to_bytes(12, "big")  # the key is used for this content only, so a counter never repeats


def _content_name(identity: str, message: str, role: ContentRole) -> str:
    return f"content|{VERSION}|{identity}|{message}|{role}"


def _chunk_name(identity: str, n: int, *, last: bool) -> bytes:
    return f"chunk|{VERSION}|{identity}|{n}|{last:d}".encode()
