"""Excel's binary workbooks in a ZIP: .xlsb (MS-XLSB).

Takes a Source; gives each sheet as grids whose cells are named, hidden ones too, with numbers as they are shown; the texts of
all other records by their parts: formulas, comments, names, caches; and everything else in the package. A part that breaks
off is broken behind what came before; the first such end is raised when all were read.
"""

from __future__ import annotations

import posixpath
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from dlp.extractors.biff import short_number
from dlp.extractors.content import Budget, Grid, Piece, Source, Stop, Text, beside_others, broken
from dlp.extractors.number_formats import BUILT_IN, shown
from dlp.extractors.ooxml import Package
from dlp.extractors.ooxml_parts import parts
from dlp.extractors.runs import runs
from dlp.extractors.sheets import Cells

_ROW, _STRING, _SHEET, _FORMAT, _STYLE = 0, 19, 156, 44, 47
_STYLES, _STYLES_END = 617, 618
_MAIN = "xl/workbook.bin"
_SHEETS = frozenset({"worksheet", "chartsheet", "dialogsheet", "xlMacrosheet", "xlIntlMacrosheet"})
_HEAD = 8  # of a cell: column and style
_TRUE: Mapping[int, str] = MappingProxyType({0: "FALSE", 1: "TRUE"})
_PLACES: tuple[tuple[str, str], ...] = (
    ("comments", "comments"),
    ("pivotcache", "pivot caches"),
    ("externallink", "other books"),
    ("table", "tables"),
    ("connections", "connections"),
)


@dataclass(slots=True)
class _Book:
    """What all sheets share."""

    strings: list[str] = field(default_factory=list)
    used: set[int] = field(default_factory=set)
    codes: dict[int, str] = field(default_factory=lambda: dict(BUILT_IN))
    styles: list[int] = field(default_factory=list)  # the format of each cell style
    sheets: list[tuple[str, str]] = field(default_factory=list)  # reference and name

    def number(self, value: float, style: int) -> str:
        return shown(repr(value), self.codes.get(self.styles[style], "") if style < len(self.styles) else "")

    def shared(self, index: int) -> str:
        self.used.add(index)
        return self.strings[index] if index < len(self.strings) else ""


def xlsb(source: Source, budget: Budget) -> Iterator[Piece]:
    """Everything in one workbook."""
    package = Package.of(source, budget)
    book = _Book()
    ends: list[Stop] = []
    main = next((each.target for each in package.relationships() if each.type == "officeDocument"), _MAIN)
    for ending, read in _SHARED.items():
        for name in [name for name in package.names if posixpath.basename(name) == ending]:
            yield from _guarded(_rest(package, name, "names", read(book)), ends)
    yield Text("\n".join(name for _, name in book.sheets), "sheet names")
    for number, name in enumerate(_sheets(package, main, book), 1):
        yield from _guarded(_sheet(package, name, number, book), ends)
    yield Text("\n".join(text for index, text in enumerate(book.strings) if index not in book.used), "strings of no cell")
    for name in [name for name in package.names if name.endswith(".bin") and name not in package.read_parts]:
        if "vnd.ms-excel." in package.type_of(name):
            place = next((place for word, place in _PLACES if word in name.rpartition("xl/")[2]), "settings")
            yield from _guarded(_rest(package, name, place, lambda _kind, _body: False), ends)
    yield from parts(package)
    if ends:
        raise ends[0]


def _guarded(pieces: Iterator[Piece], ends: list[Stop]) -> Iterator[Piece]:
    """One part beside the others; a record that is too short breaks it."""
    try:
        yield from beside_others(pieces, ends)
    except (struct.error, IndexError):
        ends.append(broken())


def _sheets(package: Package, main: str, book: _Book) -> list[str]:
    """Sheets in the order of their tabs, then those that have none."""
    targets = {each.id: each.target for each in package.relationships(main) if each.type in _SHEETS}
    listed = [targets.pop(reference) for reference, _ in book.sheets if reference in targets]
    found = (*listed, *targets.values(), *package.named("ms-excel.worksheet", "ms-excel.macrosheet"))
    return [name for name in dict.fromkeys(found) if name in package.parts]


def _records(data: bytes, budget: Budget) -> Iterator[tuple[int, bytes]]:
    """Type and body of each (2.1.4). Raises Stop where one goes beyond the part."""
    at = 0
    while at < len(data):
        budget.take("elements")
        kind, at = _number(data, at, 2)
        size, at = _number(data, at, 4)
        if at + size > len(data):
            raise broken()
        yield kind, data[at : at + size]
        at += size


def _number(data: bytes, at: int, most: int) -> tuple[int, int]:
    """Seven bits a byte, the lowest first. A type keeps no bit that only says that it goes on."""
    value = 0
    for index in range(most):
        if at >= len(data):
            raise broken()
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << 7 * index
        if not byte & 0x80:
            break
    return value, at


def _wide(body: bytes, at: int) -> str:
    """An XLWideString (2.5.169)."""
    (count,) = struct.unpack_from("<I", body, at)
    return body[at + 4 : at + 4 + 2 * min(count, len(body))].decode("utf-16-le", "replace")


def _rest(package: Package, name: str, place: str, read: Callable[[int, bytes], bool]) -> Iterator[Piece]:
    """A part of records: characters of those that `read` does not read."""
    rest = bytearray()
    try:
        for kind, body in _records(package.read(name), package.budget):
            if not read(kind, body):
                rest += body + b"\0\0\0"
    finally:
        yield Text(runs(bytes(rest)), place)


def _sheet(package: Package, name: str, number: int, book: _Book) -> Iterator[Piece]:
    cells, row = Cells(), 0
    place = f"sheet {number}"

    def read(kind: int, body: bytes) -> bool:
        nonlocal row
        if kind == _ROW:
            row = int.from_bytes(body[:4], "little") + 1
        elif handler := _CELLS.get(kind):
            column, style = struct.unpack_from("<II", body)
            cells.put(row, column + 1, handler(book, body, style & 0xFFFFFF))
        return kind == _ROW or kind in _PLAIN

    try:
        yield from _rest(package, name, f"settings of {place}", read)
    finally:
        yield from (Grid(rows, place, at, column) for at, column, rows in cells.blocks(package.budget))


def _in_workbook(book: _Book) -> Callable[[int, bytes], bool]:
    def read(kind: int, body: bytes) -> bool:
        if kind == _SHEET:
            reference = _wide(body, 8)
            book.sheets.append((reference, _wide(body, 12 + 2 * len(reference))))
        return kind == _SHEET

    return read


def _in_strings(book: _Book) -> Callable[[int, bytes], bool]:
    def read(kind: int, body: bytes) -> bool:
        if kind == _STRING:
            book.strings.append(_wide(body, 1))
        return kind == _STRING and not body[0] & 2  # what is said of its pronunciation is behind it

    return read


def _in_styles(book: _Book) -> Callable[[int, bytes], bool]:
    within = False

    def read(kind: int, body: bytes) -> bool:
        nonlocal within
        if kind in (_STYLES, _STYLES_END):
            within = kind == _STYLES
        elif kind == _FORMAT:
            book.codes[int.from_bytes(body[:2], "little")] = _wide(body, 2)
        elif kind == _STYLE and within:
            book.styles.append(int.from_bytes(body[2:4], "little"))
        return kind == _STYLE

    return read


_SHARED: Mapping[str, Callable[[_Book], Callable[[int, bytes], bool]]] = MappingProxyType(
    {"workbook.bin": _in_workbook, "sharedstrings.bin": _in_strings, "styles.bin": _in_styles}
)
_Cell = Callable[[_Book, bytes, int], str]


def _rk(book: _Book, body: bytes, style: int) -> str:
    return book.number(short_number(body[_HEAD : _HEAD + 4]), style)


def _real(book: _Book, body: bytes, style: int) -> str:
    return book.number(struct.unpack_from("<d", body, _HEAD)[0], style)


_PLAIN: Mapping[int, _Cell] = MappingProxyType(  # cells that hold nothing else
    {
        1: lambda _book, _body, _style: "",
        2: _rk,
        3: lambda _book, _body, _style: "",
        4: lambda _book, body, _style: _TRUE.get(body[_HEAD], ""),
        5: _real,
        6: lambda _book, body, _style: _wide(body, _HEAD),
        7: lambda book, body, _style: book.shared(int.from_bytes(body[_HEAD : _HEAD + 4], "little")),
    }
)
_CELLS: Mapping[int, _Cell] = MappingProxyType(
    {
        **_PLAIN,
        8: lambda _book, body, _style: _wide(body, _HEAD),
        9: _real,
        10: lambda _book, body, _style: _TRUE.get(body[_HEAD], ""),
        62: lambda _book, body, _style: _wide(body, _HEAD + 1),
    }
)
