"""How the fields of a frame follow each other: each layout reads one field, and writes it.

Takes the data of a frame and a place in it; gives the value and the place behind it. Strings are bytes exactly as they
stand before their NUL. What does not fit is Malformed on reading, ValueError on writing. Pure, and nothing of ours.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar


class Malformed(Exception):  # noqa: N818  says what came
    """The peer sent what is no frame of the protocol. The text is fixed and holds nothing of it."""


class Frame:
    """What one frame says. `letter` is its first byte, `layout` how its fields follow each other."""

    __slots__ = ()
    letter: ClassVar[bytes]
    layout: ClassVar[tuple[Layout, ...]] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """How one field is read: (data, place) to (value, place behind it); and how it is written."""

    read: Callable[[bytes, int], tuple[Any, int]]
    write: Callable[[Any], bytes]


def _read_text(data: bytes, at: int) -> tuple[bytes, int]:
    end = data.find(b"\0", at)
    if end < 0:
        raise Malformed("a string does not end")
    return data[at:end], end + 1


def _written_text(text: bytes) -> bytes:
    if b"\0" in text:
        raise ValueError("a string cannot hold a NUL")
    return text + b"\0"


def _read_texts(data: bytes, at: int) -> tuple[tuple[bytes, ...], int]:
    if at == len(data):
        return (), at
    if not data.endswith(b"\0"):
        raise Malformed("a string does not end")
    return tuple(data[at:-1].split(b"\0")), len(data)


def _read_number(data: bytes, at: int) -> tuple[int, int]:
    if at + 4 > len(data):
        raise Malformed("a number is cut off")
    return int.from_bytes(data[at : at + 4], "big"), at + 4


def _read_letter(data: bytes, at: int) -> tuple[bytes, int]:
    if at == len(data):
        raise Malformed("a letter is missing")
    return data[at : at + 1], at + 1


def _read_macros(data: bytes, at: int) -> tuple[Mapping[bytes, bytes], int]:
    texts, at = _read_texts(data, at)
    if len(texts) % 2:
        raise Malformed("a macro has no value")
    return MappingProxyType(dict(zip(texts[::2], texts[1::2], strict=True))), at


def _read_wishes(data: bytes, at: int) -> tuple[Mapping[int, bytes], int]:
    found: dict[int, bytes] = {}
    while at < len(data):
        stage, at = _read_number(data, at)
        found[stage], at = _read_text(data, at)
    return MappingProxyType(found), at


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a client connects from: family "4", "6", "L" (a Unix socket) or "U" (unknown, which has no more)."""

    family: bytes
    port: int = 0
    address: bytes = b""


def _read_origin(data: bytes, at: int) -> tuple[Origin, int]:
    family, at = _read_letter(data, at)
    if family == b"U":
        return Origin(family), at
    if family not in b"46L" or at + 2 > len(data):
        raise Malformed("an address has no known family")
    address, end = _read_text(data, at + 2)
    return Origin(family, int.from_bytes(data[at : at + 2], "big"), address), end


def _written_origin(origin: Origin) -> bytes:
    if origin.family == b"U":
        return b"U"
    return origin.family + struct.pack(">H", origin.port) + _written_text(origin.address)


TEXT = Layout(_read_text, _written_text)
TEXTS = Layout(_read_texts, lambda texts: b"".join(map(_written_text, texts)))
NUMBER = Layout(_read_number, struct.Struct(">I").pack)
LETTER = Layout(_read_letter, bytes)
REST = Layout(lambda data, at: (data[at:], len(data)), bytes)
MACROS = Layout(_read_macros, lambda macros: b"".join(_written_text(text) for pair in macros.items() for text in pair))
WISHES = Layout(
    _read_wishes, lambda wishes: b"".join(struct.pack(">I", stage) + _written_text(names) for stage, names in wishes.items())
)
ORIGIN = Layout(_read_origin, _written_origin)
