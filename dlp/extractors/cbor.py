"""CBOR (RFC 8949), which programs write in place of JSON.

Takes a Source; gives every value with its names, and lists of objects as grids, as of JSON; byte strings as files. Only what
is whole and holds values of others is known as it, so that `parsed` says what a file is. Bounded: every value takes a byte.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from dlp.extractors import values
from dlp.extractors.content import Budget, File, Piece, Source, broken
from dlp.mail import charset
from dlp.mail.transfer import is_text

_MARK = b"\xd9\xd9\xf7"  # a tag that says it is CBOR (3.4.6)
_DEEPEST = 60
_LARGEST = 1 << 21  # bytes: it is taken apart only to know what it is
_BYTES, _TEXT, _LIST, _MAP, _TAG, _OTHER = 2, 3, 4, 5, 6, 7
_OPEN, _BREAK = 31, 0xFF
_BIG = (2, 3)  # tags of numbers, and of negative ones
_NUMBER = 8  # bytes of the largest plain number
_LONGEST_NUMBER = 64  # bytes
_DIGITS = 7  # that four bytes hold
_FLOATS: Mapping[int, str] = MappingProxyType({25: ">e", 26: ">f", 27: ">d"})
_WORDS: Mapping[int, str] = MappingProxyType({20: "false", 21: "true"})


class _NoneSuchError(Exception):
    """The bytes are no CBOR."""


def cbor(source: Source, budget: Budget) -> Iterator[Piece]:
    """All values."""
    found = parsed(source.data)
    if found is None:
        raise broken()
    tree, files = found
    yield from values.pieces(tree, budget)
    yield from map(File, files)


def begins(data: bytes) -> bool:
    """Whether a list or an object of CBOR may begin here, as no UTF-8 does."""
    return bool(data) and (data[0] >> 5 in (_LIST, _MAP) or data.startswith(_MARK))


def parsed(data: bytes) -> tuple[values.Value, list[bytes]] | None:
    """The value that `data` is as a whole, and the strings of bytes in it; None when it is none, or a single one."""
    if not begins(data) or len(data) > _LARGEST:
        return None
    files: list[bytes] = []
    try:
        value, end = _value(data, 0, 0, files)
    except (_NoneSuchError, IndexError, struct.error, OverflowError):
        return None
    return (value, files) if end == len(data) else None


def _value(data: bytes, at: int, depth: int, files: list[bytes]) -> tuple[values.Value, int]:
    if depth > _DEEPEST:
        raise _NoneSuchError
    kind, short = data[at] >> 5, data[at] & 31
    if kind == _OTHER:
        return _other(data, at + 1, short)
    number, at = _number(data, at + 1, short)
    if kind in (_BYTES, _TEXT):
        string, end = _string(data, at, number)
        if kind == _TEXT:
            return charset.decode(string), end
        files += [string] if string else []
        return "", end
    if kind in (_LIST, _MAP):
        every, end = _many(data, at, None if number is None else number * (kind - 3), depth + 1, files)
        return _pairs(every) if kind == _MAP else every, end
    if kind == _TAG:
        return _tagged(data, at, number, depth + 1, files)
    if number is None:
        raise _NoneSuchError
    return str(-1 - number if kind else number), at


def _tagged(data: bytes, at: int, tag: int | None, depth: int, files: list[bytes]) -> tuple[values.Value, int]:
    """What a tag stands before; a number as long as one likes (3.4.3) is a string of bytes, and perhaps words as well."""
    if tag in _BIG and data[at] >> 5 == _BYTES:
        size, begin = _number(data, at + 1, data[at] & 31)
        string, end = _string(data, begin, size)
        if len(string) <= _LONGEST_NUMBER:
            files += [string] if len(string) > _NUMBER and is_text(string) else []
            number = int.from_bytes(string, "big")
            return str(number if tag == _BIG[0] else -1 - number), end
    return _value(data, at, depth, files)


def _number(data: bytes, at: int, short: int) -> tuple[int | None, int]:
    """What follows a first byte; None: as many as there are."""
    if short < 24:
        return short, at
    if short == _OPEN:
        return None, at
    size = 1 << (short - 24)
    if size > 8 or at + size > len(data):
        raise _NoneSuchError
    return int.from_bytes(data[at : at + size], "big"), at + size


def _string(data: bytes, at: int, size: int | None) -> tuple[bytes, int]:
    if size is not None:
        return _taken(data, at, size)
    pieces = []
    while data[at] != _BREAK:
        length, at = _number(data, at + 1, data[at] & 31)
        piece, at = _taken(data, at, len(data) if length is None else length)
        pieces.append(piece)
    return b"".join(pieces), at + 1


def _taken(data: bytes, at: int, size: int) -> tuple[bytes, int]:
    if at + size > len(data):
        raise _NoneSuchError
    return data[at : at + size], at + size


def _many(data: bytes, at: int, count: int | None, depth: int, files: list[bytes]) -> tuple[list[values.Value], int]:
    """So many values, or those up to the sign that ends them."""
    found: list[values.Value] = []
    while len(found) != count:
        if count is None and data[at] == _BREAK:
            return found, at + 1
        value, at = _value(data, at, depth, files)
        found.append(value)
    return found, at


def _pairs(found: list[values.Value]) -> values.Value:
    if len(found) % 2:
        raise _NoneSuchError
    return tuple(each for key, value in zip(found[::2], found[1::2], strict=True) for each in _named(key, value))


def _named(key: values.Value, value: values.Value) -> Iterator[tuple[str, values.Value]]:
    """A value by its key; one that is a list or a map stands beside it as well, as it may be all that is said."""
    if not isinstance(key, str):
        yield "", key
    yield " ".join(_words(key)), value


def _words(key: values.Value) -> Iterator[str]:
    if isinstance(key, str):
        yield key
    elif isinstance(key, (list, tuple)):
        for each in key:
            yield from _words(each)


def _other(data: bytes, at: int, short: int) -> tuple[values.Value, int]:
    if short in _FLOATS:
        size = 1 << (short - 24)
        return _float(struct.unpack(_FLOATS[short], data[at : at + size])[0], size), at + size
    if short > 24:
        raise _NoneSuchError
    return _WORDS.get(short, ""), at + (short == 24)


def _float(number: float, size: int) -> str:
    """As somebody would write it, and every digit of a number that is whole."""
    if number.is_integer() or size == _NUMBER:
        return repr(number).removesuffix(".0")
    return f"{number:.{_DIGITS}g}"
