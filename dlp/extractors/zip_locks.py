"""ZIP members behind a password, opened with those that are to be tried.

Takes a member's packed bytes and a password; gives the bytes under the lock, None when the password does not fit. PKWARE's
traditional encryption (APPNOTE.TXT 6.1) and WinZip's AES (AE-1 and AE-2). Never fails.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from dlp.extractors.zip_records import DESCRIPTOR, Record, extra_fields

AES = 99  # the method that stands for another one under AES
_AES_FIELD = 0x9901
_SALTS = {1: 8, 2: 12, 3: 16}
_CODE = 10  # bytes of the authentication code


def _crc_table() -> Iterator[int]:
    for number in range(256):
        value = number
        for _ in range(8):
            value = value >> 1 ^ (0xEDB88320 if value & 1 else 0)
        yield value


_CRC = tuple(_crc_table())


def method(record: Record) -> int:
    """How the bytes under the lock are packed."""
    field = _aes_field(record)
    return int.from_bytes(field[5:7], "little") if record.method == AES else record.method


def has_checksum(record: Record) -> bool:
    """AE-2 leaves the CRC out."""
    return record.method != AES or _aes_field(record)[:2] != b"\x02\0"


def unlock(packed: bytes, record: Record, password: bytes) -> bytes | None:
    """The packed bytes in clear."""
    return _unlock_aes(packed, record, password) if record.method == AES else _unlock_traditional(packed, record, password)


def _unlock_traditional(packed: bytes, record: Record, password: bytes) -> bytes | None:
    keys = (0x12345678, 0x23456789, 0x34567890)
    for byte in password:
        keys = _next(keys, byte)
    check = record.time >> 8 if record.flags & DESCRIPTOR else record.crc >> 24
    clear = bytearray()
    for byte in packed:
        word = keys[2] | 2
        byte ^= (word * (word ^ 1) >> 8) & 0xFF  # noqa: PLW2901  the cipher's own feedback
        keys = _next(keys, byte)
        clear.append(byte)
        if len(clear) == 12 and byte != check:
            return None
    return bytes(clear[12:]) if len(clear) >= 12 else None


def _next(keys: tuple[int, int, int], byte: int) -> tuple[int, int, int]:
    first = _CRC[(keys[0] ^ byte) & 0xFF] ^ keys[0] >> 8
    second = ((keys[1] + (first & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
    return first, second, _CRC[(keys[2] ^ second >> 24) & 0xFF] ^ keys[2] >> 8


def _unlock_aes(packed: bytes, record: Record, password: bytes) -> bytes | None:
    salt = _SALTS.get(_aes_field(record)[4:5][0] if len(_aes_field(record)) >= 7 else 0, 0)
    if not salt or len(packed) < salt + 2 + _CODE:
        return None
    size = salt * 2
    derived = hashlib.pbkdf2_hmac("sha1", password, packed[:salt], 1000, size * 2 + 2)
    locked = packed[salt + 2 : -_CODE]
    if derived[-2:] != packed[salt : salt + 2]:
        return None
    code = hmac.digest(derived[size : size * 2], locked, "sha1")[:_CODE]
    if not hmac.compare_digest(code, packed[-_CODE:]):
        return None
    blocks = -(-len(locked) // 16)
    counters = b"".join(number.to_bytes(16, "little") for number in range(1, blocks + 1))
    cipher = Cipher(algorithms.AES(derived[:size]), modes.ECB()).encryptor()  # noqa: S305  the counters' key stream
    stream = cipher.update(counters)[: len(locked)]
    return (int.from_bytes(locked, "big") ^ int.from_bytes(stream, "big")).to_bytes(len(locked), "big")


def _aes_field(record: Record) -> bytes:
    return next((data for number, data in extra_fields(record.extra) if number == _AES_FIELD), b"")
