"""Decompression that ends at a limit, whatever the file claims to unfold to.

Takes packed bytes and the budget; gives what they unfold to, as far as they are whole, and the bytes behind the stream.
Raises Stop where more would come out than the message may unfold to. Damage is no exception: what came out is given.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Protocol

from backports import zstd

from dlp.extractors.content import Budget

_CHUNK = 1 << 16
_LZMA1_HEADER = 9  # version, size of the properties, properties (APPNOTE.TXT 5.8.8)


class Decompressor(Protocol):
    """What the decompressors of zlib, bz2, lzma and zstd have in common."""

    def decompress(self, data: bytes | memoryview, max_length: int, /) -> bytes:
        """Up to `max_length` bytes more."""

    @property
    def eof(self) -> bool:
        """The end of the stream was seen."""

    @property
    def unused_data(self) -> bytes:
        """What came behind it."""


@dataclass(frozen=True, slots=True)
class Unfolded:
    """`whole`: the stream came to its end. `used`: how many of the packed bytes were the stream's."""

    data: bytes
    whole: bool
    used: int


def unfold(decompressor: Decompressor, packed: bytes | memoryview, budget: Budget) -> Unfolded:
    """One stream. What it gives is not yet taken from the budget; only more than is left there is."""
    parts: list[bytes] = []
    size = at = 0
    whole = True
    try:
        while at < len(packed) and not decompressor.eof:
            part = decompressor.decompress(packed[at : at + _CHUNK], budget.expanded - size + 1)
            at += _CHUNK
            size += len(part)
            parts.append(part)
            if size > budget.expanded:
                budget.take("expanded", size)
    except (zlib.error, OSError, ValueError, EOFError, lzma.LZMAError, zstd.ZstdError):
        whole = False
    used = min(at, len(packed)) - len(decompressor.unused_data)
    return Unfolded(b"".join(parts), whole and decompressor.eof, used)


def _deflate() -> Decompressor:
    return zlib.decompressobj(-zlib.MAX_WBITS)


def _gzip() -> Decompressor:
    return zlib.decompressobj(zlib.MAX_WBITS | 16)


def _lzma_alone() -> Decompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_ALONE)


def _xz() -> Decompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ)


def raw_lzma(properties: bytes, size: int) -> Decompressor:
    """LZMA of up to `size` bytes without a header, by its five bytes of properties (APPNOTE.TXT 5.8.8). Raises LZMAError."""
    rest, lc = divmod(properties[0], 9)
    pb, lp = divmod(rest, 5)
    dictionary = min(int.from_bytes(properties[1:], "little"), max(size, 4096))  # nothing reaches farther back
    filters = [{"id": lzma.FILTER_LZMA1, "dict_size": dictionary, "lc": lc, "lp": lp, "pb": pb}]
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=filters)


def lzma_in_zip(packed: bytes, budget: Budget) -> Unfolded:
    """A ZIP member of method 14: properties in front, the end marked or not."""
    if len(packed) < _LZMA1_HEADER or packed[2:4] != b"\x05\0":
        return Unfolded(b"", whole=False, used=0)
    try:
        decompressor = raw_lzma(packed[4:_LZMA1_HEADER], budget.expanded)
    except lzma.LZMAError:
        return Unfolded(b"", whole=False, used=0)
    stream = unfold(decompressor, packed[_LZMA1_HEADER:], budget)
    return replace(stream, used=stream.used + _LZMA1_HEADER)


DECOMPRESSORS: MappingProxyType[str, Callable[[], Decompressor]] = MappingProxyType(
    {
        "bzip2": bz2.BZ2Decompressor,
        "deflate": _deflate,
        "gzip": _gzip,
        "lzma": _lzma_alone,
        "xz": _xz,
        "zlib": zlib.decompressobj,
        "zstd": zstd.ZstdDecompressor,
    }
)
