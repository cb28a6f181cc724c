"""winmail.dat: a message as Outlook wraps it for other Outlooks, with its files inside (MS-OXTNEF).

Takes a Source; gives the texts of the message, of its recipients and of each file's own properties, and the files. A
message within is a file of this format again. Every length is held against what is left: one that says more is broken.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import MappingProxyType

from dlp.extractors import mapi
from dlp.extractors.content import Budget, File, Piece, Source, Stop, Text, broken
from dlp.extractors.mapi import BINARY, MANY, OBJECT, STRING8, UNICODE, Property
from dlp.extractors.runs import runs
from dlp.mail import charset
from dlp.values import PartStatus

SIGNATURE = b"\x78\x9f\x3e\x22"
_FIRST = len(SIGNATURE) + 2  # and the key (2.1.1)
_ATTRIBUTE = struct.Struct("<BII")  # level, id with type, length (2.1.3.1)
_CHECKSUM = 2
_LEVELS = (1, 2)  # of the message, of an attachment
_REST = -1
_PADDING = b"\0\r\n\t "  # at the end, from writers and from the way here
_NAMED = 0x8000
_BY_NUMBER, _BY_WORDS = 0, 1
_IID = 16  # bytes before an object's data that say what it is

# attributes by their id, without the type that goes with it (2.1.3.2)
_CODEPAGE, _PROPERTIES, _RECIPIENTS = 0x9007, 0x9003, 0x9004
_NEW_FILE, _FILE_PROPERTIES, _FILE_DATA = 0x9002, 0x9005, 0x800F
_TITLE, _TRANSPORT_NAME = 0x8010, 0x9001
_TEXTS = MappingProxyType({0x8004: "subject", 0x800C: "text", _TITLE: "", _TRANSPORT_NAME: ""})


@dataclass(slots=True)
class _Attached:
    """A file as its attributes come in."""

    titles: list[str] = field(default_factory=list)
    data: list[bytes] = field(default_factory=list)
    properties: list[Property] = field(default_factory=list)


@dataclass(slots=True)
class _State:
    budget: Budget
    page: str = ""
    file: _Attached | None = None
    files: int = 0


def tnef(source: Source, budget: Budget) -> Iterator[Piece]:
    """The message in one winmail.dat, its attributes in their order; a broken one does not hide those behind it."""
    state = _State(budget)
    whole = True
    for attribute, value in _attributes(source.data):
        try:
            yield from _HANDLERS.get(attribute, _other)(state, attribute, value)
        except Stop as stop:
            if stop.status is not PartStatus.BROKEN:
                raise
            yield Text(runs(value), "characters")
            whole = False
    yield from _close(state)
    if not whole:
        raise broken()


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Id and value of each; what is left where no attribute is to be seen has the id _REST."""
    at = _FIRST if data.startswith(SIGNATURE) else 0
    while at < len(data):
        start = at + _ATTRIBUTE.size
        level, attribute, length = _ATTRIBUTE.unpack_from(data, at) if start <= len(data) else (0, 0, 0)
        if level not in _LEVELS or start + length > len(data):
            if data[at:].strip(_PADDING):
                yield _REST, data[at:]
            return
        yield attribute & 0xFFFF, data[start : start + length]
        at = start + length + _CHECKSUM  # some writers leave out the last one


def _text(state: _State, attribute: int, value: bytes) -> Iterator[Piece]:
    text = charset.decode(value, state.page).rstrip("\0")
    place = _TEXTS[attribute]
    if place:
        yield Text(text, place)
    elif state.file is not None:
        state.file.titles.append(text)


def _other(_state: _State, _attribute: int, value: bytes) -> Iterator[Piece]:
    yield Text(runs(value), "properties")


def _rest(_state: _State, _attribute: int, _value: bytes) -> Iterator[Piece]:
    raise broken()


def _codepage(state: _State, _attribute: int, value: bytes) -> Iterator[Piece]:
    state.page = f"cp{int.from_bytes(value[:4], 'little')}"
    return iter(())


def _message(state: _State, _attribute: int, value: bytes) -> Iterator[Piece]:
    properties, _ = _properties(value, 0)
    yield from mapi.pieces(properties, mapi.codepage(properties) or state.page, "", state.budget)


def _recipients(state: _State, _attribute: int, value: bytes) -> Iterator[Piece]:
    count, at = _count(value, 0)
    for _ in range(count):
        properties, at = _properties(value, at)
        yield from mapi.pieces(properties, state.page, "recipients, ", state.budget)


def _new_file(state: _State, _attribute: int, _value: bytes) -> Iterator[Piece]:
    yield from _close(state)
    state.file = _Attached()
    state.files += 1


def _file_data(state: _State, _attribute: int, value: bytes) -> Iterator[Piece]:
    if state.file is None:
        state.file = _Attached()
    state.file.data.append(value)
    return iter(())


def _file_properties(state: _State, _attribute: int, value: bytes) -> Iterator[Piece]:
    if state.file is None:
        state.file = _Attached()
    properties, _ = _properties(value, 0)
    state.file.properties += properties
    return iter(())


def _close(state: _State) -> Iterator[Piece]:
    """Give the file whose attributes have all come."""
    file, state.file = state.file, None
    if file is None:
        return
    yield from mapi.pieces(file.properties, state.page, f"attachment {state.files}, ", state.budget)
    names = (mapi.LONG_NAME, mapi.SHORT_NAME, mapi.DISPLAY_NAME)
    name = mapi.string(file.properties, names, state.page) or next(iter(file.titles), "")
    yield Text("\n".join(file.titles), f"attachment {state.files}, name")
    content = [each for each in file.properties if each.id == mapi.DATA]
    objects = [value[_IID:] if each.type == OBJECT else value for each in content for value in each.values]
    media_type = mapi.string(file.properties, (mapi.MEDIA_TYPE,), state.page).lower()
    shown = bool(mapi.string(file.properties, (mapi.CONTENT_ID,), state.page))
    for data in dict.fromkeys(filter(None, (*file.data, *objects))):
        yield File(data, name, media_type, shown=shown)


_Handler = Callable[[_State, int, bytes], Iterator[Piece]]
_HANDLERS: MappingProxyType[int, _Handler] = MappingProxyType(
    {
        **dict.fromkeys(_TEXTS, _text),
        _REST: _rest,
        _CODEPAGE: _codepage,
        _PROPERTIES: _message,
        _RECIPIENTS: _recipients,
        _NEW_FILE: _new_file,
        _FILE_DATA: _file_data,
        _FILE_PROPERTIES: _file_properties,
    }
)


def _properties(data: bytes, at: int) -> tuple[list[Property], int]:
    """A list of properties (2.1.3.4) and where it ends. Raises Stop when it says more than there is."""
    count, at = _count(data, at)
    found = []
    for _ in range(count):
        kind, tag = struct.unpack("<HH", _taken(data, at, 4))
        at += 4
        name = ""
        if tag >= _NAMED:
            name, at = _name(data, at)
        values, at = _values(data, at, kind)
        found.append(Property(tag, kind & ~MANY, tuple(values), name))
    return found, at


def _name(data: bytes, at: int) -> tuple[str, int]:
    kind = int.from_bytes(_taken(data, at + 16, 4), "little")
    at += 20
    if kind == _BY_NUMBER:
        return "", at + 4
    if kind != _BY_WORDS:
        raise broken()
    value, at = _variable(data, at)
    return value.decode("utf-16-le", "replace").rstrip("\0"), at


def _values(data: bytes, at: int, kind: int) -> tuple[list[bytes], int]:
    single = kind & ~MANY
    width = mapi.WIDTHS.get(single, 0)
    variable = single in (STRING8, UNICODE, BINARY, OBJECT)
    if not width and not variable:
        raise broken()
    count, at = _count(data, at) if variable or kind & MANY else (1, at)
    values = []
    for _ in range(count):
        if variable:
            value, at = _variable(data, at)
        else:
            value = _taken(data, at, width)
            at += (width + 3) & ~3
        values.append(value)
    return values, at


def _variable(data: bytes, at: int) -> tuple[bytes, int]:
    """A length, as many bytes, and what fills them up to a multiple of four."""
    length = int.from_bytes(_taken(data, at, 4), "little")
    return _taken(data, at + 4, length), at + 4 + ((length + 3) & ~3)


def _count(data: bytes, at: int) -> tuple[int, int]:
    """A number of things to come, each of which takes a byte at least."""
    count = int.from_bytes(_taken(data, at, 4), "little")
    if count > len(data) - at:
        raise broken()
    return count, at + 4


def _taken(data: bytes, at: int, length: int) -> bytes:
    if at + length > len(data):
        raise broken()
    return data[at : at + length]
