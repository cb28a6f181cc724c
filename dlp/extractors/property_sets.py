"""Property sets of OLE files: title, author, keywords, and those that people add (MS-OLEPS 2.21).

Takes a stream whose name begins with byte 5; gives its strings, one a line, with the names people gave to them. What is no
property set is given as characters. Never fails.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping

from dlp.extractors.runs import runs
from dlp.mail import charset

_CODEPAGE, _DICTIONARY = 1, 0
_STRING, _WIDE, _BLOB, _CLIP = 0x1E, 0x1F, 0x41, 0x47
_VECTOR, _VARIANT = 0x1000, 0x0C
_NUMBERS: Mapping[int, str] = {2: "<h", 3: "<i", 5: "<d", 0x13: "<I", 0x14: "<q", 0x16: "<i"}
_UTF_16 = 1200
_TIMES = 4
_LONGEST = 512  # bytes of a name
_MOST = 4096  # properties of a set


def text_of(data: bytes) -> str:
    """The strings in a property set stream."""
    lines: list[str] = []
    left = _TIMES * len(data)  # many properties may point to one long string
    try:
        for line in _sets(data):
            left -= len(line) + 1
            if left < 0:
                return runs(data)
            lines.append(line)
    except (struct.error, IndexError, ValueError):
        return runs(data)
    return "\n".join(line for line in lines if line.strip()) or runs(data)


def _sets(data: bytes) -> Iterator[str]:
    (count,) = struct.unpack_from("<I", data, 24)
    for number in range(min(count, 2)):
        (at,) = struct.unpack_from("<I", data, 28 + 20 * number + 16)
        yield from _set(data[at:])


def _set(data: bytes) -> Iterator[str]:
    _, count = struct.unpack_from("<II", data)
    places = dict(struct.unpack_from("<II", data, 8 + 8 * number) for number in range(min(count, _MOST)))
    page = struct.unpack_from("<H", data, places[_CODEPAGE] + 4)[0] if _CODEPAGE in places else 1252
    names = _names(data, places[_DICTIONARY], page) if _DICTIONARY in places else {}
    for number, at in places.items():
        if number not in (_CODEPAGE, _DICTIONARY):
            for text in _values(data, at, page, named=number in names):
                yield f"{names[number]}: {text}" if number in names else text


def _names(data: bytes, at: int, page: int) -> dict[int, str]:
    (count,) = struct.unpack_from("<I", data, at)
    at += 4
    names = {}
    for _ in range(min(count, _MOST)):
        number, length = struct.unpack_from("<II", data, at)
        size = length * 2 if page == _UTF_16 else length
        names[number] = _decoded(data[at + 8 : at + 8 + min(size, _LONGEST)], page)
        at += 8 + (size + 3 & ~3 if page == _UTF_16 else size)
    return names


def _values(data: bytes, at: int, page: int, *, named: bool) -> Iterator[str]:
    (kind,) = struct.unpack_from("<I", data, at)
    kind &= 0xFFFF
    count, at = 1, at + 4
    if kind & _VECTOR:
        (count,) = struct.unpack_from("<I", data, at)
        at += 4
    for _ in range(min(count, _MOST)):
        single = kind & ~_VECTOR
        if single == _VARIANT:
            single = struct.unpack_from("<I", data, at)[0] & 0xFFFF
            at += 4
        if single in (_STRING, _WIDE, _BLOB):
            (length,) = struct.unpack_from("<I", data, at)
            size = length * 2 if single == _WIDE else length
            value = data[at + 4 : at + 4 + size]
            yield value.decode("utf-16-le", "replace").rstrip("\0") if single == _WIDE else _text(value, single, page)
            at += 4 + (size + 3 & ~3)
        elif single in _NUMBERS and named:
            yield f"{struct.unpack_from(_NUMBERS[single], data, at)[0]:.15g}"
            at += 4
        else:
            return


def _text(value: bytes, kind: int, page: int) -> str:
    return runs(value) if kind == _BLOB else _decoded(value, page)


def _decoded(value: bytes, page: int) -> str:
    if page == _UTF_16:
        return value.decode("utf-16-le", "replace").rstrip("\0")
    return charset.decode(value.rstrip(b"\0"), "utf-8" if page == 65001 else f"cp{page}")
