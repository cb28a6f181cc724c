"""PowerPoint's binary presentations, 97 to 2003 (MS-PPT): the text atoms of slides, notes, masters and comments.

Takes a Source; gives texts by slide ("notes of slide 2"), also those of slides that are hidden or that an earlier save left
behind; properties, macros, pictures and embedded objects. An encrypted presentation is locked. Records that contradict
themselves are broken, and the characters are given.
"""

from __future__ import annotations

import struct
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from dlp.extractors import ole
from dlp.extractors.blips import blips
from dlp.extractors.content import Budget, File, Piece, Source, Text, broken, locked
from dlp.extractors.runs import runs

_HEAD = struct.Struct("<HHI")  # version and instance, type, length (2.3.1)
_CONTAINER = 0xF
_ENCRYPTED = b"\xdf\xc4\xd1\xf3"  # of Current User (2.3.2)
_CHARACTERS, _BYTES, _STRING = 4000, 4008, 4026
_SLIDE, _NOTES, _MASTER, _HANDOUT, _OUTLINES, _COMMENT = 1006, 1008, 1016, 4041, 4080, 12000
_PERSIST, _NOTES_ATOM, _DIRECTORY, _OBJECT, _TAGS, _HYPERLINK = 1011, 1009, 6002, 4113, 5003, 4055
_PROPERTIES = frozenset({0xF00B, 0xF121, 0xF122})  # of a shape: description and names among them
_KNOWN = frozenset({"powerpoint document", "current user", "pictures"})
_BREAKS = str.maketrans("\r\x0b", "\n\n")


@dataclass(slots=True)
class _Show:
    """What was read so far."""

    data: bytes
    budget: Budget
    numbers: dict[int, int] = field(default_factory=dict)  # of slides by their identifiers
    at: dict[int, int] = field(default_factory=dict)  # of slides by where they stand
    texts: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    files: list[File] = field(default_factory=list)


def ppt(source: Source, budget: Budget) -> Iterator[Piece]:
    """Everything in one presentation."""
    return ole.swept(source, budget, _whole)


def _whole(source: Source, budget: Budget) -> Iterator[Piece]:
    with ole.opened(source) as container:
        if container.exists(["Current User"]) and ole.read(container, ("Current User",), budget)[12:16] == _ENCRYPTED:
            raise locked()
        data = ole.read(container, ("PowerPoint Document",), budget)
        show = _Show(data, budget)
        _number(show)
        _walk(show)
        for place, texts in show.texts.items():
            yield Text("\n".join(texts), place)
        yield from show.files
        if container.exists(["Pictures"]):
            yield from blips(ole.read(container, ("Pictures",), budget), budget)
        yield from ole.streams(container, budget, _KNOWN)


def _records(show: _Show) -> Iterator[tuple[int, int, int, int]]:
    """Every record in order: type, instance, where its content begins, where it ends; containers before what is in them."""
    at = 0
    while at + _HEAD.size <= len(show.data):
        version, kind, length = _HEAD.unpack_from(show.data, at)
        show.budget.take("elements")
        at += _HEAD.size
        if not version and not kind and not length:
            continue  # filled up with zeros
        if at + length > len(show.data):
            raise broken()
        yield kind, version >> 4, at, at + length
        if version & 0xF != _CONTAINER and kind != _TAGS:
            at += length


def _number(show: _Show) -> None:
    """Numbers of slides as the lists of slides have them (2.4.14.3, 2.3.4): by identifier, and by where they stand."""
    persistent: dict[int, int] = {}
    places: dict[int, int] = {}
    slides = range(0)
    for kind, instance, begin, end in _records(show):
        if kind == _OUTLINES:
            slides = range(begin, end) if instance == 0 else range(0)
            persistent, show.numbers = ({}, {}) if instance == 0 else (persistent, show.numbers)
        elif kind == _PERSIST and begin in slides:
            reference, _, _, identifier = struct.unpack_from("<4I", show.data, begin)
            number = show.numbers.setdefault(identifier, len(show.numbers) + 1)
            persistent[reference] = number
        elif kind == _DIRECTORY:
            places.update(_directory(show.data[begin:end]))
    show.at = {places[reference]: number for reference, number in persistent.items() if reference in places}


def _directory(data: bytes) -> Iterator[tuple[int, int]]:
    at = 0
    while at + 4 <= len(data):
        (word,) = struct.unpack_from("<I", data, at)
        first, count = word & 0xFFFFF, word >> 20
        for number in range(min(count, (len(data) - at) // 4 - 1)):
            yield first + number, int.from_bytes(data[at + 4 + 4 * number : at + 8 + 4 * number], "little")
        at += 4 + 4 * count


def _walk(show: _Show) -> None:
    """Each text goes to the innermost place it stands in."""
    around: list[tuple[int, str]] = []
    outlined = 0
    for kind, instance, begin, end in _records(show):
        while around and begin > around[-1][0]:
            around.pop()
        place = around[-1][1] if around else ""
        if kind == _PERSIST and place == "slides":
            outlined += 1
        elif kind == _OUTLINES:
            outlined = 0
            around.append((end, "slides" if instance == 0 else "notes" if instance == 2 else "masters"))
        elif kind in _PLACES:
            around.append((end, _PLACES[kind](show, begin - _HEAD.size, place)))
        elif kind == _NOTES_ATOM and place == "notes":
            number = show.numbers.get(int.from_bytes(show.data[begin : begin + 4], "little"))
            if number:
                around[-1] = (around[-1][0], f"notes of slide {number}")
        elif kind == _OBJECT:
            show.files.append(File(_unfolded(show, begin, end, packed=instance == 1)))
        elif text := _text(show.data, kind, begin, end):
            named = f"slide {outlined}" if place == "slides" and outlined else place
            show.texts[named].append(text)


def _of_slide(show: _Show, at: int, _place: str) -> str:
    return f"slide {show.at[at]}" if at in show.at else "slides"


def _comment(_show: _Show, _at: int, place: str) -> str:
    return f"comments of {place}" if place.startswith("slide ") else "comments"


_PLACES: Mapping[int, Callable[[_Show, int, str], str]] = MappingProxyType(
    {
        _SLIDE: _of_slide,
        _NOTES: lambda *_: "notes",
        _MASTER: lambda *_: "masters",
        _HANDOUT: lambda *_: "masters",
        _COMMENT: _comment,
        _HYPERLINK: lambda *_: "links",
    }
)


def _text(data: bytes, kind: int, begin: int, end: int) -> str:
    if kind in (_CHARACTERS, _STRING):
        return data[begin:end].decode("utf-16-le", "replace").translate(_BREAKS)
    if kind == _BYTES:
        return data[begin:end].decode("latin-1").translate(_BREAKS)
    return runs(data[begin:end]) if kind in _PROPERTIES else ""


def _unfolded(show: _Show, begin: int, end: int, *, packed: bool) -> bytes:
    """An embedded object's own OLE file (2.10.34)."""
    if not packed:
        return show.data[begin:end]
    try:
        found = zlib.decompressobj().decompress(show.data[begin + 4 : end], show.budget.expanded + 1)
    except zlib.error:
        return show.data[begin:end]
    show.budget.take("expanded", len(found))
    return found
