"""The names at the root of an OLE file, which say what program wrote it (MS-CFB 2.2 header, 2.6 directory).

Takes bytes; gives the names of the root's streams and storages, and where the file's own sectors end. Never fails: of a
damaged file the names are given that can be reached.
"""

from __future__ import annotations

import struct

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENTRY = 128
_NONE = 0xFFFFFFFF
_LAST = 0xFFFFFFFA  # greater numbers are no sectors
_FREE = b"\xff\xff\xff\xff"


def root_names(data: bytes) -> frozenset[str]:
    """Names of what stands directly below the root."""
    directory = _directory(data)
    names: set[str] = set()
    _, _, child = _links(directory, 0)
    todo, seen = [child], {0}
    while todo:
        number = todo.pop()
        entry = directory[number * _ENTRY : (number + 1) * _ENTRY]
        if number in seen or len(entry) < _ENTRY:
            continue
        seen.add(number)
        length = max(int.from_bytes(entry[64:66], "little") - 2, 0)
        names.add(entry[: min(length, 62)].decode("utf-16-le", "replace"))
        left, right, _ = _links(directory, number)
        todo += [left, right]
    return frozenset(names)


def end(data: bytes) -> int:
    """Behind the last sector in use; what follows is not the OLE file's."""
    size = _sector_size(data)
    table = _table(data, size)
    used = len(table) // 4
    while used and table[used * 4 - 4 : used * 4] == _FREE:
        used -= 1
    return size + used * size


def _links(directory: bytes, number: int) -> tuple[int, int, int]:
    entry = directory[number * _ENTRY : (number + 1) * _ENTRY]
    if len(entry) < _ENTRY:
        return _NONE, _NONE, _NONE
    left, right, child = struct.unpack_from("<3L", entry, 68)
    return left, right, child


def _directory(data: bytes) -> bytes:
    size = _sector_size(data)
    table = _table(data, size)
    sector = int.from_bytes(data[48:52], "little")
    sectors: list[bytes] = []
    while sector < _LAST and len(sectors) * size < len(data):  # a circle ends too
        sectors.append(_sector(data, sector, size))
        sector = int.from_bytes(table[sector * 4 : sector * 4 + 4] or _FREE, "little")
    return b"".join(sectors)


def _table(data: bytes, size: int) -> bytes:
    """The FAT, whose sectors the header lists, and the DIFAT behind it."""
    listed = [data[76:512]]
    following = int.from_bytes(data[68:72], "little")
    while following < _LAST and len(listed) * size < len(data):
        sector = _sector(data, following, size)
        listed.append(sector[:-4])
        following = int.from_bytes(sector[-4:], "little") if len(sector) == size else _NONE
    numbers = b"".join(listed)
    numbers = numbers[: len(numbers) // 4 * 4]
    sectors = [number for (number,) in struct.iter_unpack("<L", numbers) if number < _LAST]
    return b"".join(_sector(data, number, size) for number in sectors[: len(data) // size + 1])


def _sector(data: bytes, number: int, size: int) -> bytes:
    return data[(number + 1) * size : (number + 2) * size]


def _sector_size(data: bytes) -> int:
    return 4096 if data[30:32] == b"\x0c\x00" else 512
