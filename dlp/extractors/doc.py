"""Word's binary documents, Word 97 to 2003 (MS-DOC): all texts in them, in the order of the piece table.

Takes a Source; gives main text, footnotes, headers, comments, endnotes and text boxes with their tables, deleted and hidden
text; properties, macros, embedded objects and pictures. An encrypted document is locked; of one older than Word 97 only the
characters are given, unsupported. What contradicts itself is broken.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from dlp.extractors import ole
from dlp.extractors.blips import blips
from dlp.extractors.content import Budget, Piece, Source, Text, broken, locked, unsupported
from dlp.extractors.doc_formats import Format, formats
from dlp.extractors.flow import Flow, Rows
from dlp.extractors.runs import runs

_IDENT = 0xA5EC
_WORD_97 = 0xC1  # nFib
_ENCRYPTED, _SECOND_TABLE = 0x0100, 0x0200
_COUNTS = struct.Struct("<8i")  # ccpText to ccpHdrTxbx (2.5.4), one of them of macros that are no more
_COUNTS_AT = 0x4C
_PAIRS_AT = 0x9A  # FibRgFcLcb97
_CLX = 33  # its pair
_PLACES = ("", "footnotes", "headers", "", "comments", "endnotes", "text boxes", "text boxes of headers")
_WORDS = {15: "markup", 21: "markup", 22: "markup", 30: "markup", 31: "markup", 36: "markup", 54: "markup", 56: "markup"}
_KNOWN = frozenset({"worddocument", "0table", "1table", "data"})
_NARROW = 0x40000000  # of a piece: one byte a character
_CONTROL = re.compile("[\x01-\x1f]")
_BREAKS = frozenset("\r\x0b\x0c\x0e")
_SAID = {"\t": "\t", "\x1e": "-"}


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some characters: where they stand in the text, where in the stream, how wide each is there."""

    start: int
    end: int
    offset: int
    width: int


def doc(source: Source, budget: Budget) -> Iterator[Piece]:
    """Everything in one document."""
    return ole.swept(source, budget, _whole)


def _whole(source: Source, budget: Budget) -> Iterator[Piece]:
    with ole.opened(source) as container:
        main = ole.read(container, ("WordDocument",), budget)
        flags = _head(main)
        name = ("1Table",) if flags & _SECOND_TABLE else ("0Table",)
        if flags & _ENCRYPTED:
            raise locked()
        if not container.exists(list(name)):
            raise broken()
        table = ole.read(container, name, budget)
        yield from _texts(main, table, budget)
        yield from _strings(main, table)
        data = ole.read(container, ("Data",), budget) if container.exists(["Data"]) else b""
        yield Text(runs(data), "characters")
        for stream in (main, data):
            yield from blips(stream, budget)
        yield from ole.streams(container, budget, _KNOWN)


def _head(main: bytes) -> int:
    if len(main) < _PAIRS_AT:
        raise broken()
    ident, version = struct.unpack_from("<HH", main)
    if ident != _IDENT or version < _WORD_97:
        raise unsupported()
    (flags,) = struct.unpack_from("<H", main, 10)
    return int(flags)


def _pair(main: bytes, table: bytes, number: int) -> bytes:
    """A structure of the table stream by its number in the FIB."""
    at = _PAIRS_AT + 8 * number
    if at + 8 > len(main):
        return b""
    offset, length = struct.unpack_from("<II", main, at)
    return table[offset : offset + length]


def _texts(main: bytes, table: bytes, budget: Budget) -> Iterator[Piece]:
    pieces = list(_pieces(_pair(main, table, _CLX), len(main)))
    budget.take("expanded", sum((piece.end - piece.start) * 2 for piece in pieces))
    found = formats(main, _pair(main, table, 12), _pair(main, table, 13))
    starts = [at for at, _ in found]
    begin = 0
    for count, place in zip(_COUNTS.unpack_from(main, _COUNTS_AT), _PLACES, strict=True):
        end = begin + max(count, 0)
        yield from _story(_Story(place), _cut(main, pieces, begin, end), found, starts)
        begin = end
    rest = "".join(text for text, _ in _cut(main, pieces, begin, 1 << 31))
    yield Text(rest.replace("\r", "\n"), "behind the text")


def _pieces(clx: bytes, size: int) -> Iterator[_Piece]:
    """The piece table (2.9.38, 2.8.35). Raises Stop when there is none."""
    at = 0
    while clx[at : at + 1] == b"\1":
        at += 3 + int.from_bytes(clx[at + 1 : at + 3], "little")
    if clx[at : at + 1] != b"\2":
        raise broken()
    plc = clx[at + 5 : at + 5 + int.from_bytes(clx[at + 1 : at + 5], "little")]
    count = (len(plc) - 4) // 12
    if count < 1:
        raise broken()
    positions = struct.unpack_from(f"<{count + 1}I", plc)
    for number in range(count):
        start, end = positions[number : number + 2]
        (offset,) = struct.unpack_from("<I", plc, 4 * (count + 1) + 8 * number + 2)
        width = 1 if offset & _NARROW else 2
        offset = (offset & ~_NARROW) // 2 if width == 1 else offset
        if end < start or offset + (end - start) * width > size:
            raise broken()
        yield _Piece(start, end, offset, width)


def _cut(main: bytes, pieces: list[_Piece], begin: int, end: int) -> Iterator[tuple[str, _Piece]]:
    """The characters from one position to another, piece by piece."""
    for piece in pieces:
        start, stop = max(piece.start, begin), min(piece.end, end)
        if start < stop:
            offset = piece.offset + (start - piece.start) * piece.width
            data = main[offset : offset + (stop - start) * piece.width]
            text = data.decode("cp1252", "replace") if piece.width == 1 else data.decode("utf-16-le", "replace")
            yield text, _Piece(start, stop, offset, piece.width)


class _Story:
    """One of the texts while it is read."""

    def __init__(self, place: str) -> None:
        self.flow = Flow(place)
        self._place = place
        self._rows = Rows(self.flow)
        self._codes: list[list[str]] = []  # of the fields that are open; None of one whose result has begun

    def run(self, text: str, how: Format) -> None:
        """Characters that are formatted alike."""
        at = 0
        for match in _CONTROL.finditer(text):
            self._text(text[at : match.start()], how)
            self._sign(match[0], how)
            at = match.end()
        self._text(text[at:], how)

    def _text(self, text: str, how: Format) -> None:
        if text and self._codes and self._codes[-1] is not _DONE:
            self._codes[-1].append(text)
        elif text:
            self._rows.place(inside=how.in_table)
            self.flow.text(text, how.marks)

    def _sign(self, sign: str, how: Format) -> None:
        if sign == "\x07":
            if how.row_end:
                self._rows.end_row()
            else:
                self._rows.end_cell()
        elif sign in _BREAKS:
            self._rows.place(inside=how.in_table)
            self.flow.paragraph()
        elif sign in _SAID:
            self._text(_SAID[sign], how)
        elif sign == "\x13":
            self._codes.append([])
        elif sign == "\x14" and self._codes:
            self._code()
            self._codes[-1] = _DONE
        elif sign == "\x15" and self._codes:
            self._code()
            self._codes.pop()

    def _code(self) -> None:
        self.flow.line(", ".join(filter(None, (self._place, "field codes"))), "".join(self._codes[-1]))

    def end(self) -> Iterator[Piece]:
        """The text is whole."""
        for code in self._codes:
            self.flow.text("".join(code))
        self._rows.end()
        return self.flow.ended()


_DONE: list[str] = []


def _story(
    story: _Story, cut: Iterator[tuple[str, _Piece]], found: list[tuple[int, Format]], starts: list[int]
) -> Iterator[Piece]:
    for text, piece in cut:
        at = 0
        while at < len(text):
            number = bisect_right(starts, piece.offset + at * piece.width) - 1
            until = starts[number + 1] if number + 1 < len(starts) else piece.offset + len(text) * piece.width
            stop = max(at + 1, min(len(text), -(-(until - piece.offset) // piece.width)))
            story.run(text[at:stop], found[number][1])
            at = stop
    yield from story.end()


def _strings(main: bytes, table: bytes) -> Iterator[Piece]:
    """Names of bookmarks, authors, styles and the like, as characters of the structures that hold them."""
    words = dict.fromkeys(runs(_pair(main, table, number)) for number in range(len(main) - _PAIRS_AT >> 3) if number in _WORDS)
    yield Text("\n".join(words), "markup")
