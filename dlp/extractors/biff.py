"""The records of Excel's binary workbooks, and their lock (MS-XLS 2.1.4, 2.2.10, 2.5.293; MS-OFFCRYPTO 2.3.5 and 2.3.6).

Takes the bytes of a workbook stream; gives records, each with what continues it, and strings out of them. A stream behind a
password is opened with one that fits, or is locked. A record that goes beyond the stream raises Stop, broken.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
from cryptography.hazmat.primitives.ciphers import Cipher

from dlp.extractors.content import Budget, Stop, broken, locked
from dlp.extractors.office_locks import passwords
from dlp.mail import charset

_HEAD = struct.Struct("<HH")
BOF, FILE_PASS, _CONTINUE, _BOUND_SHEET = 0x809, 0x2F, 0x3C, 0x85
# never encrypted: BOF, FilePass, UsrExcl, FileLock, InterfaceHdr, RRDInfo, RRDHead
_CLEAR = frozenset({BOF, FILE_PASS, 0x194, 0x195, 0xE1, 0x196, 0x138})
_FIRST = 8  # records among which the lock is: the second, but for a protection against writing
_BLOCK = 1024
_WIDE, _EXTENDED, _RICH = 1, 4, 8  # of a string's flags

_Key = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its type, where it begins, its body and the bodies that continue it."""

    kind: int
    at: int
    parts: tuple[bytes, ...]

    @property
    def body(self) -> bytes:
        """Without what continues it."""
        return self.parts[0]


def records(data: bytes, budget: Budget) -> Iterator[Record]:
    """All of a stream's, in order."""
    kind, begin, parts = -1, 0, list[bytes]()
    ended: Stop | None = None
    try:
        for each, at, size in _heads(data):
            budget.take("elements")
            body = data[at + 4 : at + 4 + size]
            if each == _CONTINUE and parts:
                parts.append(body)
                continue
            if parts:
                yield Record(kind, begin, tuple(parts))
            kind, begin, parts = each, at, [body]
    except Stop as stop:
        ended = stop
    if parts:
        yield Record(kind, begin, tuple(parts))
    if ended:
        raise ended


def _heads(data: bytes) -> Iterator[tuple[int, int, int]]:
    at = 0
    while at + _HEAD.size <= len(data):
        kind, size = _HEAD.unpack_from(data, at)
        if not kind and not size:  # filled up with zeros
            if not data[at:].strip(b"\0"):
                return
            raise broken()
        if at + _HEAD.size + size > len(data):
            raise broken()
        yield kind, at, size
        at += _HEAD.size + size


class Strings:
    """Reads strings out of a record that others continue: characters go on behind a byte that says how wide they are."""

    def __init__(self, parts: tuple[bytes, ...], at: int = 0) -> None:
        self._parts = parts
        self._part = 0
        self._at = at

    def more(self) -> bool:
        """Something is left."""
        return self._at < len(self._parts[self._part]) or self._part + 1 < len(self._parts)

    def take(self, size: int) -> bytes:
        """So many bytes, wherever they stand; less at the end."""
        found = b""
        while len(found) < size and self.more():
            if self._at >= len(self._parts[self._part]):
                self._part, self._at = self._part + 1, 0
            block = self._parts[self._part][self._at : self._at + size - len(found)]
            self._at += len(block)
            found += block
        return found

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "little")

    def text(self, count_size: int = 2) -> str:
        """One XLUnicodeRichExtendedString, or one of the plainer kinds (2.5.293, 2.5.294, 2.5.240)."""
        count = self.number(count_size)
        flags = self.number(1)
        runs = self.number(2) if flags & _RICH else 0
        extended = self.number(4) if flags & _EXTENDED else 0
        text = self.characters(count, flags)
        self.take(runs * 4)
        said = self.take(extended)
        spoken = said[14:].decode("utf-16-le", "replace").strip("\0") if len(said) > 20 else ""
        return f"{text} ({spoken})" if spoken else text

    def characters(self, count: int, flags: int) -> str:
        """Characters alone, when their flags are known."""
        found: list[str] = []
        while count > 0 and self.more():
            if self._at >= len(self._parts[self._part]):
                self._part, self._at = self._part + 1, 0
                flags = self.number(1)
            width = 2 if flags & _WIDE else 1
            block = self._parts[self._part][self._at : self._at + count * width]
            self._at += len(block)
            count -= max(len(block) // width, 1)
            found.append(block.decode("utf-16-le" if width == 2 else "latin-1", "replace"))
        return "".join(found)


def narrow(body: bytes, at: int, count_size: int, page: str) -> str:
    """A string of Excel 5 and 95: bytes in the book's code page."""
    count = int.from_bytes(body[at : at + count_size], "little")
    return charset.decode(body[at + count_size : at + count_size + count], page)


def opened(data: bytes, budget: Budget) -> bytes:
    """The stream in clear. Raises Stop, locked, when no password fits."""
    lock = _lock(data)
    if lock is None:
        return data
    for password in passwords(budget):
        key = _key(lock, password)
        if key is not None:
            return _clear(data, key)
    raise locked()


def _lock(data: bytes) -> bytes | None:
    first = islice(_heads(data), _FIRST)
    try:
        return next((data[at + 4 : at + 4 + size] for kind, at, size in first if kind == FILE_PASS), None)
    except Stop:  # who reads the records comes to it again
        return None


def _key(lock: bytes, password: str) -> _Key | None:
    """What gives each block's key, when the password fits. Raises Stop when the lock is of no known kind."""
    kind, major, minor = struct.unpack_from("<3H", lock) if len(lock) >= 54 else (0, 0, 0)
    secret = password.encode("utf-16-le", "surrogatepass")
    if kind != 1:
        raise locked()  # obfuscation by XOR
    if (major, minor) == (1, 1):
        salt, given, wanted = lock[6:22], lock[22:38], lock[38:54]
        return _fitting(_rc4_97(secret, salt), given, wanted, "md5")
    if minor == 2 and major in (2, 3, 4):
        (size,) = struct.unpack_from("<I", lock, 10)
        (bits,) = struct.unpack_from("<I", lock, 30)
        verifier = lock[14 + size :]
        salt, given, wanted = verifier[4:20], verifier[20:36], verifier[40:60]
        return _fitting(_crypto_api(secret, salt, bits or 40), given, wanted, "sha1")
    raise locked()


def _rc4_97(secret: bytes, salt: bytes) -> _Key:
    """2.3.6.2."""
    start = _md5(secret)[:5]
    base = _md5((start + salt) * 16)[:5]
    return lambda block: _md5(base + struct.pack("<I", block))


def _crypto_api(secret: bytes, salt: bytes, bits: int) -> _Key:
    """2.3.5.2."""
    base = hashlib.sha1(salt + secret, usedforsecurity=False).digest()

    def key(block: int) -> bytes:
        found = hashlib.sha1(base + struct.pack("<I", block), usedforsecurity=False).digest()[: bits // 8]
        return found.ljust(16, b"\0") if bits == 40 else found

    return key


def _fitting(key: _Key, given: bytes, wanted: bytes, digest: str) -> _Key | None:
    if len(key(0)) not in (5, 7, 8, 16):
        raise locked()
    plain = _rc4(given + wanted, key(0))
    return key if hashlib.new(digest, plain[: len(given)]).digest() == plain[len(given) :] else None


def _clear(data: bytes, key: _Key) -> bytes:
    """Everything decrypted but what never was encrypted: heads, some records, where sheets begin."""
    plain = bytearray().join(_rc4(data[at : at + _BLOCK], key(at // _BLOCK)) for at in range(0, len(data), _BLOCK))
    for kind, at, size in _heads(data):
        keep = size if kind in _CLEAR else 4 if kind == _BOUND_SHEET else 0
        plain[at : at + 4 + keep] = data[at : at + 4 + keep]
    return bytes(plain)


def _rc4(data: bytes, key: bytes) -> bytes:
    return Cipher(ARC4(key), mode=None).decryptor().update(data)


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


def short_number(data: bytes) -> float:
    """An RkNumber (2.5.217), as MS-XLSB has it, too."""
    raw = int.from_bytes(data, "little", signed=True)
    value = (
        float(raw >> 2) if raw & 2 else float(struct.unpack("<d", bytes(4) + (raw & ~3 & 0xFFFFFFFF).to_bytes(4, "little"))[0])
    )
    return value / 100 if raw & 1 else value
