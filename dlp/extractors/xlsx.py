"""Workbooks: .xlsx, .xlsm, .xltx, strict or transitional (ECMA-376 part 1, 18).

Takes a Source; gives each sheet as grids whose cells are named as the program names them, hidden ones too, with the numbers
as they are shown; then formulas, comments, names, caches of pivots and other books, and everything else in the package. A
sheet that breaks off is broken behind what came before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from dlp.extractors.constants import constant
from dlp.extractors.content import Budget, Grid, Piece, Source, Stop, Text, beside_others
from dlp.extractors.number_formats import BUILT_IN, shown, shown_text
from dlp.extractors.ooxml import Package
from dlp.extractors.ooxml_parts import parts
from dlp.extractors.sheets import Cells
from dlp.extractors.xml_events import END, START, TEXT, Event, events

_OF_SHEET: Mapping[str, str] = MappingProxyType(
    {"comments": "comments", "threadedComment": "comments", "vmlDrawing": "drawings", "drawing": "drawings", "table": "tables"}
)
_PIVOTS = ("pivotCacheRecords+xml", "pivotCacheDefinition+xml")
_SHEETS = ("worksheet", "chartsheet", "dialogsheet", "xlMacrosheet", "xlIntlMacrosheet")
_SHEET_TYPES = ("worksheet+xml", "dialogsheet+xml", "macrosheet+xml")
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")  # a sign XML may not hold, or any other (22.9.2.19)
_PRINTED = re.compile(r'&(?:"[^"]*"|K[0-9A-Fa-f]{6}|K[0-9]{2}[+-][0-9]{3}|[0-9]{1,3} ?|[BIUESXYOHG])')  # 18.3.1.46
_LITERALS = re.compile(r'"((?:[^"]|"")*)"')
_WORDS = frozenset(
    {"tooltip", "display", "location", "promptTitle", "prompt", "errorTitle", "error", "name", "comment", "user"}
)
_CHARACTERS = frozenset({"t", "v", "f"})
_OF_RUNS = frozenset({"r", "rPr", "t", "rPh"})
_TRUE = MappingProxyType({"1": "TRUE", "0": "FALSE"})


@dataclass(slots=True)
class _Book:
    """What all sheets of a workbook share."""

    strings: list[str] = field(default_factory=list)
    used: set[int] = field(default_factory=set)
    codes: list[str] = field(default_factory=list)  # the format code of each cell style


def xlsx(source: Source, budget: Budget) -> Iterator[Piece]:
    """Everything in one workbook."""
    package = Package.of(source, budget)
    main = next((each.target for each in package.relationships() if each.type == "officeDocument"), "xl/workbook.xml")
    ends: list[Stop] = []
    book = _Book()
    yield from beside_others(_shared(package, main, book), ends)
    sheets = _sheets(package, main)
    places: dict[str, str] = {}
    for number, sheet in enumerate(sheets, 1):
        yield from beside_others(_sheet(package, sheet, number, book), ends)
        for each in package.relationships(sheet):
            if each.type in _OF_SHEET:
                places[each.target] = f"{_OF_SHEET[each.type]} of sheet {number}"
    unused = [text for index, text in enumerate(book.strings) if index not in book.used]
    yield Text("\n".join(unused), "strings of no cell")
    for name in package.named(*_PIVOTS):
        yield from beside_others(_pivot(package, name), ends)
    yield from parts(package, places)
    if ends:
        raise ends[0]


def _sheets(package: Package, main: str) -> list[str]:
    """Sheets as the workbook lists them, then those it does not."""
    targets = {each.id: each.target for each in package.relationships(main) if each.type in _SHEETS}
    listed = [
        targets.pop(value)
        for event in (events(package.read(main), package.budget) if main in package.parts else ())
        if event.kind is START and event.name == "sheet"
        for key, value in event.attributes.items()
        if key.endswith("id") and value in targets
    ]
    others = [name for name in package.named(*_SHEET_TYPES) if name not in listed and name not in targets.values()]
    return [name for name in (*listed, *targets.values(), *others) if name in package.parts]


def _shared(package: Package, main: str, book: _Book) -> Iterator[Piece]:
    """Names of sheets and ranges; strings and formats are kept for the cells."""
    if main in package.parts:
        names, defined, text = [], [], ""
        for event in events(package.read(main), package.budget):
            if event.kind is START:
                text = ""
                if event.name == "sheet":
                    names.append(event.attributes.get("name", ""))
                elif event.name == "definedName":
                    defined.append(" ".join(filter(None, (event.attributes.get(key, "") for key in ("name", "comment")))))
            elif event.kind is TEXT:
                text += event.text
            elif event.name == "definedName":
                defined.append(text)
        yield Text("\n".join(names), "sheet names")
        yield Text("\n".join(defined), "defined names")
    for name in _parts_of(package, main, "sharedStrings", "sharedStrings+xml"):
        book.strings += _strings(package, name)
    for name in _parts_of(package, main, "styles", "spreadsheetml.styles+xml"):
        book.codes += _codes(package, name)


def _parts_of(package: Package, main: str, kind: str, media_type: str) -> list[str]:
    """What the workbook refers to, as programs do; then those that only their type makes out to be such a part."""
    referred = [each.target for each in package.relationships(main) if each.type == kind and each.target in package.parts]
    return list(dict.fromkeys((*referred, *package.named(media_type))))


def _strings(package: Package, name: str) -> Iterator[str]:
    """Each item's text, runs joined; what is said of its pronunciation stands behind it."""
    text, spoken, within, leaf = "", "", False, ""
    for event in events(package.read(name), package.budget):
        if event.kind is not TEXT:
            leaf = event.name if event.kind is START else ""
        if event.kind is START and event.name == "si":
            text = spoken = ""
        elif event.name == "rPh" and event.kind is not TEXT:
            within = event.kind is START
        elif event.kind is TEXT and leaf == "t":
            text, spoken = (text, spoken + event.text) if within else (text + event.text, spoken)
        elif event.kind is END and event.name == "si":
            yield _unescaped(f"{text} ({spoken})" if spoken else text)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def _codes(package: Package, name: str) -> Iterator[str]:
    own: dict[str, str] = {}
    within = False
    for event in events(package.read(name), package.budget):
        if event.name == "cellXfs" and event.kind is not TEXT:
            within = event.kind is START
        elif event.kind is START and event.name == "numFmt":
            own[event.attributes.get("numFmtId", "")] = event.attributes.get("formatCode", "")
        elif event.kind is START and event.name == "xf" and within:
            number = event.attributes.get("numFmtId", "0")
            yield own.get(number) or BUILT_IN.get(int(number) if number.isdecimal() else 0, "")


def _sheet(package: Package, name: str, number: int, book: _Book) -> Iterator[Piece]:
    sheet = _Sheet(book)
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

    book: _Book
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
    spoken: bool = False

    def take(self, event: Event) -> None:
        kind, name, text, attributes = event
        if name == "rPh" and self.in_cell:
            self.spoken = kind is START
        elif kind is TEXT and self.spoken:
            self.words.append(text)
        elif kind is TEXT:
            self.text += text if self.leaf in _CHARACTERS or not self.in_cell else ""
        elif kind is START:
            self._start(name, attributes)
        elif kind is END:
            self._end(name)

    def _start(self, name: str, of: Mapping[str, str]) -> None:
        self.leaf = name
        if name == "c":
            self._at(of.get("r", ""))
            self.kind, self.style, self.value, self.in_cell = of.get("t", "n"), of.get("s", "0"), "", True
            self.formula = ""
        elif name == "row":
            told = of.get("r", "")
            self.row, self.column = int(told) if told.isdecimal() else self.row + 1, 0
        elif not self.in_cell:
            self.words += [value for key, value in of.items() if key in _WORDS and value]
        if name not in _OF_RUNS or not self.in_cell:
            self.text = ""

    def _at(self, reference: str) -> None:
        match = _REFERENCE.fullmatch(reference)
        if match is None:
            self.column += 1
            return
        self.row, self.column = int(match[2]), _column(match[1])

    def _end(self, name: str) -> None:
        self.leaf = ""
        if name in ("v", "is") and self.in_cell:
            self.value, self.text = self.text, ""
        elif name == "f" and self.in_cell:
            self._formula()
        elif name == "c":
            self.cells.put(self.row, self.column, self._calculated(self._shown()))
            self.in_cell = False
        elif not self.in_cell and self.text.strip():
            text = self.text.strip()
            self.words += dict.fromkeys((text, _PRINTED.sub("", text)))
            self.text = ""

    def _formula(self) -> None:
        """As it is written, and its texts joined, which is what most of those that join show."""
        self.formula = self.text
        self.formulas.append(self.text)
        if "&" in self.text or "(" in self.text:
            self.formulas.append("".join(_LITERALS.findall(self.text)))
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
        return shown(self.value, code) if self.kind == "n" else shown_text(_unescaped(self.value), code)


@cache
def _column(letters: str) -> int:
    """The number of a column, of which there are no more than 18,278."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _pivot(package: Package, name: str) -> Iterator[Piece]:
    """What a pivot table keeps of its source: names of fields, and values, a record a line."""
    lines: list[list[str]] = [[]]
    for event in events(package.read(name), package.budget):
        if event.kind is START:
            if event.name in ("r", "cacheField"):
                lines.append([])
            lines[-1] += [value for key in ("name", "v") if (value := event.attributes.get(key))]
    yield Text("\n".join("\t".join(map(shown, line)) for line in lines if line), "pivot caches")
