"""A storage within an OLE file, as a file of its own, so that it can be opened as what it is (MS-CFB 2).

Takes streams by their paths; gives a compound file of version 3. Streams are filled up to the size from which they stand in
sectors of the file itself, which their readers allow for. Nothing here fails.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from itertools import pairwise

_SECTOR = 512
_SMALL = 4096  # shorter streams would have to stand in the mini stream
_FREE, _END, _FAT, _DIFAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFC
_LISTED = 109  # FAT sectors that the header has room for
_STORAGE, _STREAM, _ROOT = 1, 2, 5

_Path = tuple[str, ...]


def compound(streams: Mapping[_Path, bytes]) -> bytes:
    """A compound file with these streams."""
    sectors: list[bytes] = []
    table: list[int] = []

    def add(data: bytes) -> int:
        first = len(sectors)
        cut = [data[at : at + _SECTOR].ljust(_SECTOR, b"\0") for at in range(0, len(data), _SECTOR)]
        sectors.extend(cut)
        table.extend([*range(first + 1, first + len(cut)), _END])
        return first

    folders = sorted({path[:length] for path in streams for length in range(len(path))}, key=len)
    entries = {path: (kind, 0, 0) for path in folders for kind in (_STORAGE if path else _ROOT,)}
    for path, data in streams.items():
        whole = data.ljust(_SMALL, b"\0")
        entries[path] = (_STREAM, add(whole), len(whole))
    directory = add(_directory(entries))
    first = len(sectors)
    count = 0
    while (first + count + _difat_sectors(count)) * 4 > count * _SECTOR:
        count += 1
    further = _difat_sectors(count)
    table += [_FAT] * count + [_DIFAT] * further
    table += [_FREE] * (count * _SECTOR // 4 - len(table))
    fat = struct.pack(f"<{len(table)}I", *table)
    listed = [*range(first, first + count)]
    head = struct.pack(
        "<8s16x5H6x8I",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        *(0x3E, 3, 0xFFFE, 9, 6),
        *(0, count, directory, 0, _SMALL, _END, 0, first + count if further else _END),
    )
    head += struct.pack("<I", further)
    head += struct.pack(f"<{_LISTED}I", *(listed + [_FREE] * _LISTED)[:_LISTED])
    return head + b"".join(sectors) + fat + _difat(listed[_LISTED:], first + count, further)


def _difat_sectors(count: int) -> int:
    return -(-max(count - _LISTED, 0) // (_SECTOR // 4 - 1))


def _difat(listed: list[int], first: int, count: int) -> bytes:
    room = _SECTOR // 4 - 1
    cut = [(listed[at * room : (at + 1) * room] + [_FREE] * room)[:room] for at in range(count)]
    return b"".join(
        struct.pack(f"<{room + 1}I", *each, first + at + 1 if at + 1 < count else _END) for at, each in enumerate(cut)
    )


def _directory(entries: Mapping[_Path, tuple[int, int, int]]) -> bytes:
    """The entries; those of one folder as a chain to the right, in the order of names (2.6.4)."""
    numbers = {path: number for number, path in enumerate(entries)}
    right: dict[_Path, int] = {}
    child: dict[_Path, int] = {}
    for folder in (path for path, (kind, _, _) in entries.items() if kind != _STREAM):
        inner = sorted(
            (path for path in entries if path and path[:-1] == folder), key=lambda path: (len(path[-1]), path[-1].upper())
        )
        right.update({before: numbers[after] for before, after in pairwise(inner)})
        if inner:
            child[folder] = numbers[inner[0]]
    found = bytearray()
    for path, (kind, start, size) in entries.items():
        name = (path[-1] if path else "Root Entry").encode("utf-16-le")[:62]
        first = start if kind == _STREAM else (_END if kind == _ROOT else 0)
        found += struct.pack(
            "<64sHBBIII36xIQ",
            *(name, len(name) + 2, kind, 1, _FREE, right.get(path, _FREE), child.get(path, _FREE), first, size),
        )
    return bytes(found)
