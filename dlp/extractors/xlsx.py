"""Workbooks: .xlsx, .xlsm, .xltx, strict or transitional (ECMA-376 part 1, 18).

Takes a Source; gives each sheet as grids whose cells are named as the program names them, hidden ones too, with the numbers
as they are shown; then formulas, comments, names, caches of pivots and other books, and everything else in the package. A
sheet that breaks off is broken behind what came before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from dlp.extractors.constants import constant, texts_of
from dlp.extractors.content import Budget, Grid, Piece, Source, Stop, Text, beside_others
from dlp.extractors.number_formats import shown, shown_text
from dlp.extractors.office_words import said
from dlp.extractors.ooxml import Package
from dlp.extractors.ooxml_parts import parts
from dlp.extractors.pivots import pivots
from dlp.extractors.sheets import Cells, column_number
from dlp.extractors.xlsx_conditions import Condition
from dlp.extractors.xlsx_shared import Book, shared, unescaped
from dlp.extractors.xml_events import END, START, TEXT, Event, events

_OF_SHEET: Mapping[str, str] = MappingProxyType(
    {"comments": "comments", "threadedComment": "comments", "vmlDrawing": "drawings", "drawing": "drawings", "table": "tables"}
)
_SHEETS = ("worksheet", "chartsheet", "dialogsheet", "xlMacrosheet", "xlIntlMacrosheet")
_SHEET_TYPES = ("worksheet+xml", "dialogsheet+xml", "macrosheet+xml")
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_PRINTED = re.compile(r'&(?:"[^"]*"|K[0-9A-Fa-f]{6}|K[0-9]{2}[+-][0-9]{3}|[0-9]{1,3} ?|[BIUESXYOHG])')  # 18.3.1.46
_CHARACTERS = frozenset({"t", "v", "f"})
_OF_RUNS = frozenset({"r", "rPr", "t", "rPh"})
_PAGE = re.compile(r"&P([+-][0-9]{1,9})?")
_TRUE = MappingProxyType({"1": "TRUE", "0": "FALSE"})


def xlsx(source: Source, budget: Budget) -> Iterator[Piece]:
    """Everything in one workbook."""
    package = Package.of(source, budget)
    main = next((each.target for each in package.relationships() if each.type == "officeDocument"), "xl/workbook.xml")
    ends: list[Stop] = []
    book = Book()
    yield from beside_others(shared(package, main, book), ends)
    places: dict[str, str] = {}
    for number, (sheet, title) in enumerate(_sheets(package, main).items(), 1):
        yield from beside_others(_sheet(package, sheet, number, book, title), ends)
        for each in package.relationships(sheet):
            if each.type in _OF_SHEET:
                places[each.target] = f"{_OF_SHEET[each.type]} of sheet {number}"
    unused = [text for index, text in enumerate(book.strings) if index not in book.used]
    yield Text("\n".join(unused), "strings of no cell")
    yield from pivots(package, ends)
    yield from parts(package, places)
    if ends:
        raise ends[0]


def _sheets(package: Package, main: str) -> dict[str, str]:
    """Sheets as the workbook lists them, with their names, then those it does not."""
    targets = {each.id: each.target for each in package.relationships(main) if each.type in _SHEETS}
    listed = {
        targets.pop(value): event.attributes.get("name", "")
        for event in (events(package.read(main), package.budget) if main in package.parts else ())
        if event.kind is START and event.name == "sheet"
        for key, value in event.attributes.items()
        if key.endswith("id") and value in targets
    }
    others = dict.fromkeys((*listed, *targets.values(), *package.named(*_SHEET_TYPES)), "")
    return {name: title for name, title in (others | listed).items() if name in package.parts}


def _sheet(package: Package, name: str, number: int, book: Book, title: str) -> Iterator[Piece]:
    sheet = _Sheet(book, package.budget, title)
    try:
        for event in events(package.read(name), package.budget):
            sheet.take(event)
    finally:
        place = f"sheet {number}"
        yield from (Grid(rows, place, row, column) for row, column, rows in sheet.cells.blocks(package.budget))
        yield Text("\n".join(sheet.formulas), f"formulas of {place}")
        yield Text("\n".join(sheet.words), f"settings of {place}")


@dataclass(slots=True)
class _Sheet:
    """One sheet while it is read."""

    book: Book
    budget: Budget
    title: str = ""
    cells: Cells = field(default_factory=Cells)
    formulas: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    row: int = 0
    column: int = 0
    kind: str = ""
    style: str = ""
    text: str = ""
    value: str = ""
    formula: str = ""
    in_cell: bool = False
    leaf: str = ""  # the innermost element: blanks between elements are nobody's text
    reading: str = ""  # the element with characters that is open
    spoken: bool = False
    first_page: str = ""
    condition: Condition = field(default_factory=Condition)

    def take(self, event: Event) -> None:
        kind, name, text, attributes = event
        if name == "rPh" and self.in_cell:
            self.spoken = kind is START
        elif kind is START:
            self._start(name, attributes)
        elif kind is END:
            self._end(name)
        elif kind is TEXT and not self.spoken and (self.leaf in _CHARACTERS or not self.in_cell):
            self.text += text
        elif not text.isspace():  # how it is pronounced, in an element no program knows, a comment
            self.words.append(text)

    def _start(self, name: str, of: Mapping[str, str]) -> None:
        self.leaf = name
        if name == "c":
            self._at(of.get("r", ""))
            self.kind, self.style, self.value, self.in_cell = of.get("t", "n"), of.get("s", "0"), "", True
            self.formula = ""
            if len(of) > 1 + ("s" in of) + ("t" in of):
                self._said(name, of)
        elif name == "row":
            told = of.get("r", "")
            self.row, self.column = int(told) if told.isdecimal() else self.row + 1, 0
        elif of and not (self.in_cell and name in _OF_RUNS):
            self._said(name, of)
            self.condition.start(name, of, self.book.conditional)
            self.first_page = of.get("firstPageNumber", self.first_page)
        if not self.in_cell or not (name in _OF_RUNS or self.reading):
            self.text = ""
        if name in _CHARACTERS:
            self.reading = name

    def _said(self, name: str, of: Mapping[str, str]) -> None:
        self.words += [value for _, value in said(name, of) if value]

    def _at(self, reference: str) -> None:
        match = _REFERENCE.fullmatch(reference)
        if match is None:
            self.column += 1
            return
        self.row, self.column = int(match[2]), column_number(match[1])

    def _end(self, name: str) -> None:
        self.reading = "" if name == self.reading else self.reading
        self.leaf = self.reading
        if name in ("v", "is") and self.in_cell:
            self.value, self.text = self.text, ""
        elif name == "f" and self.in_cell:
            self._formula()
        elif name == "c":
            self.cells.put(self.row, self.column, self._calculated(self._shown()))
            self.in_cell = False
        elif name == "conditionalFormatting":
            self.condition.end(self.cells, self.budget)
        elif not self.in_cell and self.text.strip():
            self._setting(name, self.text.strip())
            self.text = ""

    def _setting(self, name: str, text: str) -> None:
        """Text outside of the cells; headers and footers also as they are printed (18.3.1.46)."""
        printed = _PRINTED.sub("", text).replace("&A", self.title)
        if self.first_page.isdecimal():
            printed = _PAGE.sub(lambda match: str(int(self.first_page[:18]) + int(match[1] or 0)), printed)
        self.words += dict.fromkeys((text, printed))
        if name == "sqref":
            self.condition.ranges.append(text)

    def _formula(self) -> None:
        """As it is written, and its texts joined, which is what most of those that join show."""
        self.formula = self.text
        self.formulas.append(self.text)
        if "&" in self.text or "(" in self.text:
            self.formulas.append(texts_of(self.text))
        self.text = ""

    def _calculated(self, shown: str) -> str:
        """What a program shows that calculates anew, where a formula holds nothing but constants."""
        found = constant(self.formula) if self.formula else ""
        return shown if found in shown else f"{shown} ({found})" if shown else found

    def _shown(self) -> str:
        style = int(self.style) if self.style.isdecimal() else 0
        code = self.book.codes[style] if style < len(self.book.codes) else ""
        if self.kind == "s":
            index = int(self.value) if self.value.strip().isdecimal() else -1
            self.book.used.add(index)
            return shown_text(self.book.strings[index], code) if 0 <= index < len(self.book.strings) else ""
        if self.kind == "b":
            return _TRUE.get(self.value, self.value)
        return shown(self.value, code) if self.kind == "n" else shown_text(unescaped(self.value), code)
