"""The cells of OpenDocument spreadsheets (ODF 1.3 part 3, 9): what stands in each sheet's grid.

Takes the events of one content.xml; gives a sheet's grids when its table ends, its formulas, and what tracked changes say was
there before. Cells and rows repeated are written out a few times only, whatever number a file gives. Nothing here fails but
the budget.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dlp.extractors.constants import constant, texts_of
from dlp.extractors.content import Budget, Grid, Piece, Text
from dlp.extractors.number_formats import shown
from dlp.extractors.odf_styles import Styles
from dlp.extractors.office_words import count
from dlp.extractors.sheets import Cells
from dlp.extractors.xml_events import END, START, TEXT, Event

_CELLS = frozenset({"table-cell", "covered-table-cell", "change-track-table-cell"})
_STORIES = frozenset({"annotation", "text-box"})
_MESSAGES = frozenset({"help-message", "error-message"})
_ROWS = 1_048_576
_COPIES = 16  # of a cell or row that is repeated
_SHORT = 5  # digits of numbers that may be rounded as they are shown
GIVEN = frozenset({"string-value", "value", "formula"})  # attributes of cells that are seen to here
_VALUES = ("string-value", "date-value", "time-value", "boolean-value", "value")


@dataclass(slots=True)
class Sheets:
    """The sheets of one file while it is read."""

    budget: Budget
    styles: Styles
    _columns: list[tuple[int, str]] = field(default_factory=list)  # where some of one kind end, the style of their cells
    _style: str = ""  # of the row's cells
    _number: int = 0
    _cells: Cells = field(default_factory=Cells)
    _row: int = 0
    _column: int = 0
    _of_row: list[tuple[int, int, str]] = field(default_factory=list)  # column, how often, text
    _times: int = 1  # the row is there
    _cell: Mapping[str, str] | None = None
    _text: list[str] = field(default_factory=list)
    _stories: int = 0  # open around what is read: they are told elsewhere
    _tracked: int = 0
    _paragraphs: int = 0
    _formulas: list[str] = field(default_factory=list)
    _before: list[str] = field(default_factory=list)
    _outside: list[str] = field(default_factory=list)

    def take(self, event: Event) -> Iterator[Piece]:
        """The next event; gives what is whole by it."""
        if event.kind is TEXT:
            if self._paragraphs and not self._stories:
                (self._outside if self._cell is None else self._text).append(event.text)
        elif event.kind is START:
            self._start(event.name, event.attributes)
        elif event.kind is END:
            self._end(event.name)
            if event.name == "table":
                yield from self.ended()

    def ended(self) -> Iterator[Piece]:
        """The sheet is whole, or as far as it could be read."""
        self._end_row()
        place = f"sheet {self._number}"
        cells, self._cells = self._cells, Cells()
        yield from (Grid(rows, place, row, column) for row, column, rows in cells.blocks(self.budget))
        yield Text("\n".join(self._formulas), f"formulas of {place}")
        yield Text("\n".join(self._before), "before changes")
        yield Text("".join(self._outside), "beside the cells")
        self._formulas, self._before, self._outside = [], [], []

    def _start(self, name: str, of: Mapping[str, str]) -> None:
        if name in ("table", "table-column"):
            self._start_table(name, of)
        elif name == "table-row":
            self._row, self._column, self._times = self._row + 1, 0, _count(of, "number-rows-repeated")
            self._style = of.get("default-cell-style-name", "")
        elif name in _CELLS:
            self._cell, self._text = of, []
            self._formula(of.get("formula", ""))
        elif name == "p":
            self._paragraphs += 1
            if self._text and self._cell is not None and not self._stories:
                self._text.append("\n")
        elif name in _STORIES:
            self._stories += 1
        elif name in _MESSAGES:
            self._outside.append(f"{of.get('title', '')}\n")
        elif name == "tracked-changes":
            self._tracked += 1
        elif name in ("s", "tab", "line-break") and self._cell is not None and not self._stories:
            self._text.append(" ")

    def _start_table(self, name: str, of: Mapping[str, str]) -> None:
        if name == "table":
            self._number += 1
            self._row, self._columns = 0, []
        else:
            end = (self._columns[-1][0] if self._columns else 0) + _count(of, "number-columns-repeated")
            self._columns.append((end, of.get("default-cell-style-name", "")))

    def _end(self, name: str) -> None:
        if name in _CELLS and self._cell is not None:
            self._end_cell(self._cell)
            self._cell = None
        elif name == "table-row":
            self._end_row()
        elif name == "p":
            self._paragraphs -= 1
            if self._outside and self._cell is None:
                self._outside.append("\n")
        elif name in _STORIES:
            self._stories -= 1
        elif name == "tracked-changes":
            self._tracked -= 1

    def _end_cell(self, of: Mapping[str, str]) -> None:
        text = " ".join(filter(None, (_shown("".join(self._text), of), *self._also(of, "".join(self._text)))))
        times = _count(of, "number-columns-repeated")
        if self._tracked:
            self._before.append(text)
        elif text.strip():
            self._of_row.append((self._column + 1, times, text))
        self._column += times

    def _also(self, of: Mapping[str, str], text: str) -> Iterator[str]:
        """What a program shows that calculates, or that formats by styles with digits of their own."""
        if formula := of.get("formula", ""):
            value = constant(formula.partition(":")[2])
            yield value if value not in text else ""
        if self.styles.telling:
            style = of.get("style-name") or self._style or self._of_column()
            yield from self.styles.also(style, next((said for name in _VALUES if (said := of.get(name))), text))

    def _of_column(self) -> str:
        at = bisect_right(self._columns, self._column, key=lambda each: each[0])
        return self._columns[at][1] if at < len(self._columns) else ""

    def _end_row(self) -> None:
        for row in range(self._row, self._row + min(self._times, _COPIES)):
            for column, times, text in self._of_row:
                for further in range(min(times, _COPIES)):
                    self._cells.put(row, column + further, text)
        self._of_row = []
        self._row, self._times = min(self._row + self._times - 1, _ROWS), 1

    def _formula(self, formula: str) -> None:
        """As it is written, and its texts joined."""
        if formula:
            self._formulas += [formula, texts_of(formula)]


def _shown(text: str, of: Mapping[str, str]) -> str:
    """What a cell shows; the number itself where that leaves digits out."""
    if of.get("value-type") in ("float", "currency"):
        number = shown(of.get("value", ""))
        if number.isdecimal() and len(number) > _SHORT and number not in re.sub(r"\D", "", text):
            return number
    if text and (said := of.get("string-value", "")) not in text:
        return f"{text} {said}"
    return text or next((value for name in _VALUES if (value := of.get(name))), "")


def _count(of: Mapping[str, str], name: str) -> int:
    return max(min(count(of.get(name, ""), 1), _ROWS), 1)
