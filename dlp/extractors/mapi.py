"""MAPI properties: what Outlook's two wrappings of a message, .msg and winmail.dat, both carry (MS-OXPROPS, MS-OXCDATA).

Takes the properties of one object (a message, a recipient, an attachment) as the wrapping had them; gives the texts in
them, each body in every form, and the characters in binary ones. What a person named is given with its name. A compressed
body that does not unfold is a shut file; nothing else here fails.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from dlp.extractors import compressed_rtf
from dlp.extractors.content import Budget, File, Piece, Text
from dlp.extractors.runs import runs
from dlp.mail import charset, html
from dlp.mail.rendering import renderings
from dlp.values import PartStatus

STRING8, UNICODE, BINARY, OBJECT = 0x1E, 0x1F, 0x102, 0x0D
MANY = 0x1000  # flag of a type: several values
# fixed types (MS-OXCDATA 2.11.1): how wide, and how a number in one is read; "" where it tells nothing
WIDTHS: Mapping[int, int] = MappingProxyType({2: 2, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 0xA: 4, 0xB: 2, 0x14: 8, 0x40: 8, 0x48: 16})
_NUMBERS = MappingProxyType({2: "<h", 3: "<i", 4: "<f", 5: "<d", 0x14: "<q"})
_CODEPAGE, _INTERNET_CODEPAGE = 0x3FFD, 0x3FDE
_HTML, _RTF, _HEADERS = 0x1013, 0x1009, 0x007D
_PLACES = MappingProxyType(
    {0x0037: "subject", 0x0070: "subject", 0x0E1D: "subject", 0x1000: "text", _HEADERS: "headers", _HTML: "HTML text"}
)
CONTENT_ID = 0x3712  # the text shows this file
LONG_NAME, SHORT_NAME, DISPLAY_NAME, MEDIA_TYPE, DATA, METHOD = 0x3707, 0x3704, 0x3001, 0x370E, 0x3701, 0x3705


@dataclass(frozen=True, slots=True)
class Property:
    """One property: its id, its type without the flag MANY, its values as bytes, its name where it has one of words."""

    id: int
    type: int
    values: tuple[bytes, ...]
    name: str = ""


def number(properties: Sequence[Property], wanted: int) -> int:
    """A numeric property, 0 where there is none."""
    found = next((each for each in properties if each.id == wanted and each.type == 3 and each.values), None)
    return int.from_bytes(found.values[0][:4], "little") if found else 0


def codepage(properties: Sequence[Property]) -> str:
    """What 8-bit strings are written in; "" where nothing says so."""
    return _codepage(number(properties, _CODEPAGE))


def string(properties: Sequence[Property], wanted: Sequence[int], page: str = "") -> str:
    """The first of some text properties that is there, "" where none is."""
    for tag in wanted:
        for each in properties:
            if each.id == tag and each.type in (STRING8, UNICODE) and each.values:
                return _string(each.type, each.values[0], page).rstrip("\0")
    return ""


def data(properties: Sequence[Property], wanted: int) -> bytes:
    """A binary property or an object, empty where there is none."""
    return next(
        (each.values[0] for each in properties if each.id == wanted and each.type in (BINARY, OBJECT) and each.values), b""
    )


def pieces(properties: Sequence[Property], page: str, where: str, budget: Budget) -> Iterator[Piece]:
    """Everything to be read in one object's properties, an attachment's content apart; `where` begins their places."""
    seen: set[Piece] = set()  # a subject is there three times
    for piece in _all(properties, page, where, budget):
        if piece not in seen:
            yield piece
        seen.add(piece)


def _all(properties: Sequence[Property], page: str, where: str, budget: Budget) -> Iterator[Piece]:
    others: list[str] = []
    for each in properties:
        if each.id == DATA:
            continue
        if each.type in (STRING8, UNICODE):
            yield from _strings(each, page, where, others)
        elif each.type == BINARY and each.id == _RTF:
            yield from (_rtf(value, budget) for value in each.values)
        elif each.type == BINARY and each.id == _HTML:
            declared = _codepage(number(properties, _INTERNET_CODEPAGE)) or page
            for text in (text for value in each.values for text in charset.readings(value, declared)):
                yield from _page(text, where)
        elif each.type == BINARY:
            others += [runs(value) for value in each.values]
        elif each.type in _NUMBERS and each.name:
            others += [f"{each.name}: {_number(each.type, value)}" for value in each.values]
    yield Text("\n".join(filter(None, dict.fromkeys(others))), f"{where}properties")


def _strings(each: Property, page: str, where: str, others: list[str]) -> Iterator[Piece]:
    for text in (_string(each.type, value, page).rstrip("\0") for value in each.values):
        place = _PLACES.get(each.id, "")
        if each.id == _HTML:
            yield from _page(text, where)
        elif place:
            yield Text(text, where + place)
            if each.id == _HEADERS:
                yield from (Text(decoded, where + place) for decoded in renderings(text, "text/rfc822-headers", ()))
        else:
            others.append(f"{each.name}: {text}" if each.name else text)


def _page(text: str, where: str) -> Iterator[Piece]:
    page = html.read(text)
    yield Text(page.visible, f"{where}HTML text")
    yield Text(page.source, f"{where}markup")


def _rtf(value: bytes, budget: Budget) -> Piece:
    try:
        return File(compressed_rtf.decompress(value, budget), media_type="text/rtf")
    except ValueError:
        return File(b"", media_type="text/rtf", status=PartStatus.BROKEN, why="broken")


def _string(kind: int, value: bytes, page: str) -> str:
    return value.decode("utf-16-le", "replace") if kind == UNICODE else charset.decode(value, page)


def _number(kind: int, value: bytes) -> str:
    (found,) = struct.unpack_from(_NUMBERS[kind], value.ljust(8, b"\0"))
    return f"{found:.15g}" if isinstance(found, float) else str(found)


def _codepage(number: int) -> str:
    """A Windows code page's number as a charset name; "" for none, and for UTF-16, in which no such string is written."""
    return {0: "", 1200: "", 65001: "utf-8", 20127: "ascii", 28591: "latin-1"}.get(number, f"cp{number}")
