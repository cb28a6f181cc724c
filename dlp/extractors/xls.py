"""Excel's binary workbooks, 5.0 to 2003: .xls, .xlt (MS-XLS).

Takes a Source; gives each sheet as grids whose cells are named, hidden ones too, with numbers as they are shown; comments,
text boxes, names, headers and footers, caches of pivots, the characters of every other record; properties, macros, embedded
objects and pictures. One behind a password is opened or locked. What contradicts itself is broken behind what came before.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import unquote

import olefile

from dlp.extractors import biff, ole
from dlp.extractors.biff import Record, Strings
from dlp.extractors.blips import blips
from dlp.extractors.content import Budget, Grid, Piece, Source, Stop, Text
from dlp.extractors.number_formats import BUILT_IN, shown
from dlp.extractors.runs import runs
from dlp.extractors.sheets import Cells

_BOF, _EOF = biff.BOF, 0x0A
_BIFF8 = 0x600
_PICTURES = 0xEB
_STREAMS = ("Workbook", "Book")
_PIVOTS = "_sx_db_cur"
_LOGS = ("Revision Log", "User Names", "ETExtData")
_KNOWN = frozenset({name.lower() for name in (*_STREAMS, *_LOGS)})
_CELL = struct.Struct("<3H")
_ERRORS: Mapping[int, str] = MappingProxyType({0: "FALSE", 1: "TRUE"})
_NO_TEXT = frozenset({0x08, 0x0200, 0x0201, 0xBE, 0xFF, 0x20B, 0x92, 0xE0, 0xD7, 0x87D, 0x99, 0x7D})  # many, and numbers only


@dataclass(slots=True)
class _Sheet:
    place: str
    cells: Cells = field(default_factory=Cells)
    comments: list[str] = field(default_factory=list)
    settings: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Book:
    """One workbook while it is read."""

    old: bool = False  # Excel 5 or 95
    page: str = "cp1252"
    begins: list[int] = field(default_factory=list)  # of sheets, in the order of their tabs
    names: list[str] = field(default_factory=list)
    defined: list[str] = field(default_factory=list)
    strings: list[str] = field(default_factory=list)
    used: set[int] = field(default_factory=set)
    codes: dict[int, str] = field(default_factory=lambda: dict(BUILT_IN))
    styles: list[int] = field(default_factory=list)  # the format of each XF
    open: list[_Sheet] = field(default_factory=lambda: [_Sheet("book")])
    formula: tuple[int, int] = (0, 0)  # the cell whose text is in the next record
    rest: bytearray = field(default_factory=bytearray)

    @property
    def sheet(self) -> _Sheet:
        return self.open[-1]

    def string(self, record: Record, at: int, count_size: int = 2) -> str:
        if self.old:
            return biff.narrow(record.body, at, count_size, self.page)
        return Strings(record.parts, at).text(count_size)

    def put(self, row: int, column: int, text: str) -> None:
        self.sheet.cells.put(row + 1, column + 1, text)

    def number(self, row: int, column: int, style: int, value: float) -> None:
        code = self.codes.get(self.styles[style], "") if style < len(self.styles) else ""
        self.put(row, column, shown(repr(value), code))


def xls(source: Source, budget: Budget) -> Iterator[Piece]:
    """Everything in one workbook."""
    return ole.swept(source, budget, _whole)


def _whole(source: Source, budget: Budget) -> Iterator[Piece]:
    with ole.opened(source) as container:
        for name in _STREAMS:
            if container.exists([name]):
                yield from _book(biff.opened(ole.read(container, (name,), budget), budget), budget)
        yield from _beside(container, budget)
        yield from ole.streams(container, budget, _KNOWN, folders=frozenset({_PIVOTS}))


def _book(data: bytes, budget: Budget) -> Iterator[Piece]:
    book = _Book()
    pictures = bytearray()
    try:
        for record in biff.records(data, budget):
            if record.kind == _BOF:
                _begin(book, record)
            elif record.kind == _EOF:
                yield from _ended(book, budget)
            elif record.kind == _PICTURES:
                pictures += b"".join(record.parts)
            elif handler := _HANDLERS.get(record.kind):
                handler(book, record)
            if record.kind not in _NO_TEXT and record.kind not in _WHOLE:
                book.rest += b"\0\0".join(record.parts) + b"\0\0\0"
    finally:
        for _ in tuple(book.open):
            yield from _ended(book, budget)
        yield Text("\n".join(book.names), "sheet names")
        yield Text("\n".join(book.defined), "defined names")
        unused = [text for index, text in enumerate(book.strings) if index not in book.used]
        yield Text("\n".join(unused), "strings of no cell")
        yield Text(runs(bytes(book.rest)), "characters")
        yield from blips(bytes(pictures), budget)


def _begin(book: _Book, record: Record) -> None:
    """A part of the book: what all sheets share, one of them, or a chart in one, which keeps cells of its own."""
    if not record.at:  # the sheets of some writers do not say it
        book.old = int.from_bytes(record.body[:2], "little") != _BIFF8
    if record.at in book.begins:
        book.open.append(_Sheet(f"sheet {book.begins.index(record.at) + 1}"))
    else:
        book.open.append(_Sheet(f"charts of {book.sheet.place.removeprefix('charts of ')}" if len(book.open) > 1 else "book"))


def _ended(book: _Book, budget: Budget) -> Iterator[Piece]:
    """The innermost part is whole, or as far as it could be read."""
    sheet = book.sheet
    if len(book.open) > 1:
        book.open.pop()
    yield from (Grid(rows, sheet.place, row, column) for row, column, rows in sheet.cells.blocks(budget))
    yield Text("\n".join(sheet.comments), f"comments of {sheet.place}")
    yield Text("\n".join(sheet.settings), f"settings of {sheet.place}")


def _beside(container: olefile.OleFileIO, budget: Budget) -> Iterator[Piece]:
    """Streams of records beside the book: what pivots keep of their sources, who changed what."""
    for path in container.listdir():
        if path[0].lower() == _PIVOTS:
            yield Text("\n".join(_pivot(ole.read(container, tuple(path), budget), budget)), "pivot caches")
        elif path in ([name] for name in _LOGS):
            yield Text(runs(ole.read(container, tuple(path), budget)), "characters")


def _pivot(data: bytes, budget: Budget) -> Iterator[str]:
    try:
        for record in biff.records(data, budget):
            if record.kind == 0xCD:
                yield Strings(record.parts).text()
            elif record.kind == 0xC9:
                yield shown(repr(struct.unpack_from("<d", record.body)[0]))
    except (Stop, struct.error):
        yield runs(data)
        raise


def _bound_sheet(book: _Book, record: Record) -> None:
    book.begins.append(int.from_bytes(record.body[:4], "little"))
    book.names.append(book.string(record, 6, 1))


def _shared(book: _Book, record: Record) -> None:
    strings = Strings(record.parts, 8)
    while strings.more():
        book.strings.append(strings.text())


def _code_page(book: _Book, record: Record) -> None:
    number = int.from_bytes(record.body[:2], "little")
    book.page = {0x8000: "mac-roman", 0x8001: "cp1252", 1200: "cp1252"}.get(number, f"cp{number}")


def _format(book: _Book, record: Record) -> None:
    number = int.from_bytes(record.body[:2], "little")
    book.codes[number] = book.string(record, 2, 1 if book.old else 2)


def _style(book: _Book, record: Record) -> None:
    book.styles.append(int.from_bytes(record.body[2:4], "little"))


def _number(book: _Book, record: Record) -> None:
    book.number(*struct.unpack_from("<3Hd", record.body))


def _rk(book: _Book, record: Record) -> None:
    row, column, style = _CELL.unpack_from(record.body)
    book.number(row, column, style, biff.short_number(record.body[6:10]))


def _rks(book: _Book, record: Record) -> None:
    row, column = struct.unpack_from("<2H", record.body)
    for at in range(4, len(record.body) - 7, 6):
        (style,) = struct.unpack_from("<H", record.body, at)
        book.number(row, column, style, biff.short_number(record.body[at + 2 : at + 6]))
        column += 1


def _of_table(book: _Book, record: Record) -> None:
    row, column, _, index = struct.unpack_from("<3HI", record.body)
    book.used.add(index)
    book.put(row, column, book.strings[index] if index < len(book.strings) else "")


def _label(book: _Book, record: Record) -> None:
    row, column, _ = _CELL.unpack_from(record.body)
    book.put(row, column, book.string(record, 6))


def _truth(book: _Book, record: Record) -> None:
    row, column, _ = _CELL.unpack_from(record.body)
    if not record.body[7]:
        book.put(row, column, _ERRORS.get(record.body[6], ""))


def _formula(book: _Book, record: Record) -> None:
    row, column, style = _CELL.unpack_from(record.body)
    value = record.body[6:14]
    if value[6:8] != b"\xff\xff":
        book.number(row, column, style, struct.unpack("<d", value)[0])
    elif value[0] == 0:
        book.formula = row, column
    elif value[0] == 1:
        book.put(row, column, _ERRORS.get(value[2], ""))


def _text_of_formula(book: _Book, record: Record) -> None:
    book.put(*book.formula, book.string(record, 0))


def _note(book: _Book, record: Record) -> None:
    book.sheet.comments.append(book.string(record, 8))


def _text_object(book: _Book, record: Record) -> None:
    if len(record.parts) > 1 and not book.old:
        count = int.from_bytes(record.body[10:12], "little")
        strings = Strings(record.parts[1:], 1)
        book.sheet.comments.append(strings.characters(count, record.parts[1][0] if record.parts[1] else 0))


def _link(book: _Book, record: Record) -> None:
    book.sheet.settings.append(unquote(runs(b"".join(record.parts))))


def _margin(book: _Book, record: Record) -> None:
    if record.body:
        book.sheet.settings.append(book.string(record, 0, 1 if book.old else 2))


def _name(book: _Book, record: Record) -> None:
    count, flags = record.body[3], record.body[14] if not book.old else 0
    book.defined.append(Strings(record.parts, 14 if book.old else 15).characters(count, flags))


_WHOLE: Mapping[int, Callable[[_Book, Record], None]] = MappingProxyType(  # of which nothing is left to look at
    {
        0xFC: _shared,
        0x203: _number,
        0x27E: _rk,
        0xBD: _rks,
        0xFD: _of_table,
        0x205: _truth,
        0x207: _text_of_formula,
        0x204: _label,
        0x14: _margin,
        0x15: _margin,
    }
)
_HANDLERS: Mapping[int, Callable[[_Book, Record], None]] = MappingProxyType(
    {
        **_WHOLE,
        0x85: _bound_sheet,
        0x42: _code_page,
        0x41E: _format,
        0xE0: _style,
        0xD6: _label,
        0x06: _formula,
        0x1C: _note,
        0x1B6: _text_object,
        0x18: _name,
        0x1B8: _link,
    }
)
