"""Sheets that are one text file: Excel 2003 XML (SpreadsheetML) and SYLK.

Takes a Source; gives their cells as grids, beside what other readings of the same file give: those do not know which heading
stands above a value. A file that breaks off ends without a word, because those readings see the whole of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from dlp.extractors.content import Budget, Grid, Piece, Source, Stop
from dlp.extractors.sheets import Cells
from dlp.extractors.xml_events import END, START, TEXT, Event, events
from dlp.mail import charset
from dlp.values import PartStatus

_FIELD = re.compile(r";([A-Z])((?:[^;]|;;)*)")


def spreadsheet_xml(source: Source, budget: Budget) -> Iterator[Piece]:
    """The sheets of one workbook of Excel 2003."""
    book = _Book()
    try:
        for event in events(source.data, budget):
            book.take(event)
    except Stop as stop:
        if stop.status is not PartStatus.BROKEN:
            raise
    for number, cells in enumerate(book.sheets, 1):
        yield from _grids(cells, f"sheet {number}", budget)


def sylk(source: Source, budget: Budget) -> Iterator[Piece]:
    """The cells of one SYLK file: C records, their values behind K."""
    cells, row, column = Cells(), 1, 1
    for line in charset.decode(source.data, source.charset).splitlines():
        if not line.startswith(("C;", "F;")):
            continue
        fields = dict(_FIELD.findall(line))
        row, column = _number(fields.get("Y", ""), row), _number(fields.get("X", ""), column)
        if "K" in fields:
            cells.put(row, column, fields["K"].replace(";;", ";").strip('"'))
    yield from _grids(cells, "sheet 1", budget)


def _grids(cells: Cells, place: str, budget: Budget) -> Iterator[Piece]:
    yield from (Grid(rows, place, row, column) for row, column, rows in cells.blocks(budget))


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdecimal() and 0 < len(text) < 8 else otherwise


@dataclass(slots=True)
class _Book:
    """A workbook while it is read: Index says where a row or cell stands that does not follow the one before."""

    sheets: list[Cells] = field(default_factory=list)
    row: int = 0
    column: int = 0
    text: str = ""

    def take(self, event: Event) -> None:
        if event.kind is TEXT:
            self.text += event.text
        elif event.kind is START:
            self._start(event)
        elif event.kind is END and event.name == "Data" and self.sheets:
            self.sheets[-1].put(max(self.row, 1), max(self.column, 1), self.text)

    def _start(self, event: Event) -> None:
        index = event.attributes.get("Index", "")
        if event.name == "Worksheet":
            self.sheets.append(Cells())
            self.row = self.column = 0
        elif event.name == "Row":
            self.row, self.column = _number(index, self.row + 1), 0
        elif event.name == "Cell":
            self.column = _number(index, self.column + 1)
        elif event.name == "Data":
            self.text = ""
