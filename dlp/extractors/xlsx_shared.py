"""What the sheets of a workbook share: strings, formats, names (ECMA-376 part 1, 18.2, 18.4, 18.8).

Takes an open Package and the name of its workbook part; fills a Book, and gives names of sheets and ranges and what else is
said in these parts, comments of their XML too. A part that breaks off raises Stop behind what came before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dlp.extractors.content import Piece, Text
from dlp.extractors.number_formats import BUILT_IN, literals
from dlp.extractors.office_words import said
from dlp.extractors.ooxml import Package
from dlp.extractors.xml_events import COMMENT, END, START, TEXT, events

_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")  # a sign XML may not hold, or any other (22.9.2.19)
_OF_STRINGS = frozenset({"si", "r"})


@dataclass(slots=True)
class Book:
    """What was read of them."""

    strings: list[str] = field(default_factory=list)
    used: set[int] = field(default_factory=set)
    codes: list[str] = field(default_factory=list)  # the format code of each cell style
    conditional: list[str] = field(default_factory=list)  # of each format that depends on a condition, "" for most
    words: list[str] = field(default_factory=list)


def shared(package: Package, main: str, book: Book) -> Iterator[Piece]:
    """Names of sheets and ranges; strings and formats are kept for the cells."""
    try:
        if main in package.parts:
            yield from _names(package, main, book)
        for name in _parts_of(package, main, "sharedStrings", "sharedStrings+xml"):
            book.strings += _strings(package, name, book)
        for name in _parts_of(package, main, "styles", "spreadsheetml.styles+xml"):
            book.codes += _codes(package, name, book)
    finally:
        yield Text("\n".join(dict.fromkeys(filter(str.strip, book.words))), "settings of the book")


def unescaped(text: str) -> str:
    """With the signs put in that XML may not hold."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def _names(package: Package, main: str, book: Book) -> Iterator[Piece]:
    names, defined, text = [], [], ""
    for event in events(package.read(main), package.budget):
        if event.kind is START:
            text = ""
            words = [value for _, value in said(event.name, event.attributes)]
            if event.name == "sheet":
                names.append(event.attributes.get("name", ""))
            elif event.name == "definedName":
                defined.append(" ".join(dict.fromkeys(words)))
            else:
                book.words += words
        elif event.kind is END:
            (defined if event.name == "definedName" else book.words).append(text)
            text = ""
        else:
            text += event.text
    yield Text("\n".join(names), "sheet names")
    yield Text("\n".join(defined), "defined names")


def _parts_of(package: Package, main: str, kind: str, media_type: str) -> list[str]:
    """What the workbook refers to, as programs do; then those that only their type makes out to be such a part."""
    referred = [each.target for each in package.relationships(main) if each.type == kind and each.target in package.parts]
    return list(dict.fromkeys((*referred, *package.named(media_type))))


def _strings(package: Package, name: str, book: Book) -> Iterator[str]:
    """Each item's text, runs joined; what is said of its pronunciation stands behind it."""
    text, spoken, within, leaf, around = "", "", False, "", ""
    for event in events(package.read(name), package.budget):
        if event.kind is TEXT and leaf == "t":
            text, spoken = (text, spoken + event.text) if within else (text + event.text, spoken)
        elif event.kind is START:
            leaf, around = event.name, "t" if leaf == "t" else ""
            text, spoken = ("", "") if leaf == "si" else (text, spoken)
            within = within or leaf == "rPh"
            if event.attributes and leaf in _OF_STRINGS:
                book.words += [value for _, value in said(leaf, event.attributes, custom=True)]
        elif event.kind is END:
            leaf, around = around, ""  # a text goes on behind what programs do not know in it
            within = within and event.name != "rPh"
            if event.name == "si":
                yield unescaped(f"{text} ({spoken})" if spoken else text)
        elif not event.text.isspace():
            book.words.append(event.text)


def _codes(package: Package, name: str, book: Book) -> Iterator[str]:
    own: dict[str, str] = {}
    within, text = "", ""
    for event in events(package.read(name), package.budget):
        if event.kind is TEXT or event.kind is COMMENT:
            text += event.text
        elif event.name in ("cellXfs", "dxf"):
            within = event.name if event.kind is START else ""
            if within == "dxf":
                book.conditional.append("")
        elif event.kind is START:
            yield from _code(event.name, event.attributes, own, within, book)
    book.words += (text, *filter(None, map(literals, (*own.values(), *book.conditional))))


def _code(name: str, of: Mapping[str, str], own: dict[str, str], within: str, book: Book) -> Iterator[str]:
    """One element of the styles; gives a code for each style of cells."""
    if name == "numFmt" and within == "dxf":
        book.conditional[-1] = of.get("formatCode", "")
    elif name == "numFmt":
        own[of.get("numFmtId", "")] = of.get("formatCode", "")
    elif name == "xf" and within == "cellXfs":
        number = of.get("numFmtId", "0")
        yield own.get(number) or BUILT_IN.get(int(number) if number.isdecimal() else 0, "")
    elif name != "xf":
        book.words += [value for _, value in said(name, of)]
