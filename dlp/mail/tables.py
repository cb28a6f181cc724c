"""The tables of a page as grids: who stands under what, where cells span rows and columns.

Takes the table tags of a page one by one, each with how much of the page's text stands before it; gives the tables that hold
data. One that only lays out a page (one row or column, a table or a letter in a cell, told to be so) is none. What spans is
repeated (HTML 4.9.12), within bounds. Linear; never fails.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_SPAN = re.compile(r"(?<![^\s\"'/])(col|row)span\s*+=\s*+[\"']?+\s*+([0-9]{1,5})", re.IGNORECASE)
_LAYOUT = re.compile(r"(?<![^\s\"'/])role\s*+=\s*+[\"']?+\s*+(?:presentation|none)\b", re.IGNORECASE)
_LONGEST = 1_000  # characters of a cell of data
_MOST_PIECES = 40  # of text between tags, and what parts them
_WIDEST = 1_000  # columns a cell may span
_FREE = 10_000  # characters that any table may repeat


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, that of the headings first; `row` is its number on the page, where a title stands above."""

    rows: Sequence[Sequence[str]]
    row: int = 1

    @property
    def text(self) -> str:
        """As in the view of a grid: a cell ends by a tab, a row by a line end."""
        return "\n".join("\t".join(row) for row in self.rows)


@dataclass(slots=True)
class _Cell:
    """Which pieces of the page's text are its own, and how far it spans."""

    start: int
    end: int | None = None
    columns: int = 1
    rows: int = 1

    @property
    def is_letter(self) -> bool:
        return self.end is None or self.end - self.start > _MOST_PIECES


@dataclass(slots=True)
class _Open:
    """A table that has not ended."""

    rows: list[list[_Cell]] = field(default_factory=list)
    layout: bool = False

    def begin_cell(self, attributes: str, at: int) -> None:
        cell = _Cell(at)
        if attributes and "span" in attributes.lower():
            spans = {which.lower(): max(int(number), 1) for which, number in _SPAN.findall(attributes)}
            cell.columns, cell.rows = min(spans.get("col", 1), _WIDEST), spans.get("row", 1)
        if not self.rows:
            self.rows.append([])
        self.rows[-1].append(cell)

    def end_cell(self, at: int) -> None:
        if self.rows and self.rows[-1] and self.rows[-1][-1].end is None:
            self.rows[-1][-1].end = at


@dataclass(slots=True)
class Tables:
    """The tables met so far, outermost first."""

    found: list[_Open] = field(default_factory=list)
    _open: list[_Open] = field(default_factory=list)

    def tag(self, name: str, attributes: str, at: int, *, closing: bool) -> None:
        """One tag of a table, a row, a group of rows or a cell; `at` pieces of text stand before it."""
        if name == "table" and not closing:
            if self._open:
                self._open[-1].layout = True
            self._open.append(_Open(layout=bool(attributes and _LAYOUT.search(attributes))))
            self.found.append(self._open[-1])
        elif self._open:
            here = self._open[-1]
            here.end_cell(at)
            if name == "table":
                self._open.pop()
            elif name == "tr" and not closing:
                here.rows.append([])
            elif name in ("td", "th") and not closing:
                here.begin_cell(attributes, at)

    def of(self, pieces: Sequence[str]) -> Iterator[Table]:
        """The grids of a page whose text is these pieces."""
        for table in self._open:
            table.end_cell(len(pieces))
        for table in self.found:
            rows = [row for row in table.rows if row]
            if table.layout or sum(len(row) > 1 for row in rows) < 2 or any(cell.is_letter for row in rows for cell in row):
                continue
            texts = [[_text(pieces[cell.start : cell.end]) for cell in row] for row in rows]
            filled = sum(sum(map(bool, row)) > 1 for row in texts)
            if filled > 1 and all(len(text) <= _LONGEST for row in texts for text in row):
                yield _grid(rows, texts)


def _text(pieces: Sequence[str]) -> str:
    return " ".join("".join(pieces).split())


def _grid(rows: list[list[_Cell]], texts: list[list[str]]) -> Table:
    """Spanning cells repeated; columns in which no cell begins are none, nor is a title above the headings a row."""
    spans = any(cell.columns > 1 or cell.rows > 1 for row in rows for cell in row)
    lines = _spread(rows, texts) if spans else texts
    title = 0
    while not any(texts[title]) or len(texts[title]) == 1:
        title += 1
    return Table(tuple(map(tuple, lines[title:])), title + 1)


def _spread(rows: list[list[_Cell]], texts: list[list[str]]) -> list[list[str]]:
    left = _FREE + sum(len(text) + 1 for row in texts for text in row)
    hanging: dict[int, tuple[int, str]] = {}  # column -> rows to come, and what stands there
    begun: set[int] = set()
    lines: list[dict[int, str]] = []
    for row, said in zip(rows, texts, strict=True):
        line = {column: text for column, (_, text) in hanging.items()}
        left -= sum(map(len, line.values())) + len(line)
        if left < 0:  # whoever writes such a table has its text read as it stands
            return texts
        hanging = {column: (more - 1, text) for column, (more, text) in hanging.items() if more > 1}
        column = 0
        for cell, text in zip(row, said, strict=True):
            while column in line:
                column += 1
            begun.add(column)
            for place in range(column, column + cell.columns):
                line[place] = text
                left -= len(text) + 1
                if left < 0:
                    return texts
                if cell.rows > 1:
                    hanging[place] = (cell.rows - 1, text)
            column += cell.columns
        lines.append(line)
    order = sorted(begun)
    ends = (bisect_right(order, max(line, default=-1)) for line in lines)
    return [[line.get(column, "") for column in order[:end]] for line, end in zip(lines, ends, strict=True)]
