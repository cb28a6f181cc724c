"""Pictures in old Office files: each is a record that says how long it is (MS-ODRAW 2.2.23).

Takes a stream; gives the pictures in it as files, metafiles unfolded. Records are looked for by their heads, because what
points at them differs from program to program. A picture that does not unfold is a file as it stands; only the budget fails.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator

from dlp.extractors.content import Budget, File

_HEAD = re.compile(
    rb"(?:[\x40\x50]\x3d\x1a|[\x60\x70]\x21\x1b|[\x20\x30]\x54\x1c|[\xa0\xb0]\x46\x1d|[\x20\x30]\x6e\x1d|[\xa0\xb0]\x46\x2a"
    rb"|[\x20\x30]\x6e\x2a|[\x00\x10]\x6e\x1e|[\x80\x90]\x7a\x1f|[\x40\x50]\x6e\x29)\xf0"
)
_METAFILES = frozenset(b"\x1a\x1b\x1c")
_UID, _METAFILE, _TAG = 16, 34, 1  # bytes before the picture
_BITMAP = b"\x28\0\0\0"  # BITMAPINFOHEADER
_STORED = 0xFE


def blips(data: bytes, budget: Budget) -> Iterator[File]:
    """Every picture in a stream."""
    at = 0
    while match := _HEAD.search(data, at):
        at = match.end() + 4
        length = int.from_bytes(data[match.end() : at], "little")
        uids = _UID * (2 if match[0][0] & 0x10 else 1)
        if not uids < length <= len(data) - at:
            continue
        record = data[at + uids : at + length]
        at += length
        if match[0][2] not in _METAFILES:
            yield picture(record[_TAG:])
        elif len(record) > _METAFILE:
            yield File(_unfolded(record[_METAFILE:], stored=record[_METAFILE - 2] == _STORED, budget=budget), shown=True)


def picture(data: bytes) -> File:
    """One picture; a bitmap without a file's head gets one."""
    if data.startswith(_BITMAP):
        data = struct.pack("<2sIII", b"BM", len(data) + 14, 0, 54) + data
    return File(data, shown=True)


def _unfolded(data: bytes, *, stored: bool, budget: Budget) -> bytes:
    if stored:
        return data
    try:
        found = zlib.decompressobj().decompress(data, budget.expanded + 1)
    except zlib.error:
        return data
    budget.take("expanded", len(found))
    return found
