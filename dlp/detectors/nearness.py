"""How sure a hit is: words nearby, a heading above, a confirmed hit just before, a list of such numbers, the Subject.

Takes one pattern, one view and its hits in order, gives each a confidence. A word that speaks against (invoice, phone)
and is closer than any word that speaks for it lowers the hit to DISCOUNTED. Linear: words are looked for around a hit
only, and the rows of a table are walked once. Nothing here fails.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from dlp.detectors.surroundings import Span, Surroundings
from dlp.detectors.validators import digits
from dlp.detectors.wording import NearWords
from dlp.ruleset import Pattern
from dlp.values import Channel, Role

DISCOUNTED = 0.2
LIST = 3
CHAIN_LINES = 3
CHAIN_CHARACTERS = 200
_LEAST = {",": 2, ";": 2, "\t": 1, "|": 1}  # how often a delimiter must stand in a line to make it a row
_CUTS = {delimiter: re.compile(f'"[^"]*"|{re.escape(delimiter)}') for delimiter in _LEAST}
_MOST_ROWS = 1_000  # remembered
_LONGEST_ROW = 2_000  # characters; a longer line is no row of a table
_NINE = re.compile(r"(?<![0-9])(?:[0-9]{9}|[0-9]{3}([ .,'-])[0-9]{3}\1[0-9]{3})(?![0-9])")
_LONGEST_HEAD = 60  # characters of a heading that may stand far above
_AT_ONCE = 4_096  # rows of a sheet
_MOST_OTHERS = 2  # of nine digits to one hit in a list: among more it is one of many figures


class Nearness:
    """Weighs the hits of one pattern in one view."""

    def __init__(self, pattern: Pattern, words: NearWords, around: Surroundings) -> None:
        self._pattern = pattern
        self._words = words
        self._around = around
        self._rows: dict[int, _Cells] = {}
        self._tops: dict[int, int] = {}  # of the table a row stands in
        self._looked = 0  # lines of a sheet, for headings
        self._heads: dict[
            int, tuple[array[int], list[bool | None]]
        ] = {}  # by columns: lines of cells that say anything, and what
        self._confirmed: Span | None = None  # the previous hit, when it was confirmed

    def confidences(self, hits: Sequence[Span]) -> list[float]:
        """One for each hit, in the order of the text: between DISCOUNTED and `confidence_near` (see Pattern).

        A number alone is weak, but LIST different ones on lines close together are a list of people: no word need say so.
        """
        gaps = self._words.gaps(self._around.text, hits, self._pattern.near_distance)
        weighed = [self._confidence(hit, *each) for hit, each in zip(hits, gaps, strict=True)]
        if self._pattern.role is not Role.IDENTIFIES:
            return weighed
        for run in self._runs(hits):
            if all(weighed[index] != DISCOUNTED for index in run) and self._is_list([hits[index] for index in run]):
                for index in run:
                    weighed[index] = max(weighed[index], self._pattern.confidence_near)
        return weighed

    def _is_list(self, hits: list[Span]) -> bool:
        """Whether hits close together are a list: on lines of their own, different, and most of the figures of their size.

        A number that goes on in the next cell or line is two figures of a table.
        """
        text = self._around.text
        whole = [hit for hit in hits if "\t" not in text[slice(*hit)] and "\n" not in text[slice(*hit)]]
        lines = {self._around.line(start) for start, _ in whole}
        if min(len(lines), len(set(map(self._value, whole)))) < LIST:
            return False
        start, end = self._around.line_span(min(lines))[0], self._around.line_span(max(lines))[1]
        figures = sum(1 for _ in _NINE.finditer(text, start, end))
        return figures - len(whole) <= _MOST_OTHERS * len(whole)

    def _value(self, hit: Span) -> str:
        value = self._around.text[slice(*hit)]
        return digits(value) or value

    def _runs(self, hits: Sequence[Span]) -> Iterator[list[int]]:
        """Indices of hits whose lines follow each other with at most CHAIN_LINES between."""
        run: list[int] = []
        for index, hit in enumerate(hits):
            if run and self._around.line(hit[0]) - self._around.line(hits[run[-1]][0]) > CHAIN_LINES:
                yield run
                run = []
            run.append(index)
        if run:
            yield run

    def _confidence(self, hit: Span, near: int | None, against: int | None) -> float:
        confirmed = self._is_confirmed(hit, near, against)
        self._confirmed = hit if confirmed else None
        if confirmed is None:
            return DISCOUNTED
        return self._pattern.confidence_near if confirmed else self._pattern.confidence

    def _is_confirmed(self, hit: Span, near: int | None, against: int | None) -> bool | None:
        """True or False, with the nearest word for the hit and against it; None when something speaks against it."""
        if against is not None and (near is None or against < near):
            return None
        if near is not None:
            return True
        if not self._pattern.near:
            return False
        if self._is_chained(hit):
            return True
        heading = self._heading(hit)
        return self._is_announced if heading is False else heading

    @cached_property
    def _is_announced(self) -> bool:
        """Whether the Subject says that a number without any words about it is one of these."""
        around = self._around
        if self._pattern.role is not Role.IDENTIFIES or around.view.channel is Channel.HEADERS:
            return False
        return self._words.announced(around.subject)

    def _is_chained(self, hit: Span) -> bool:
        """Whether the hit before this one was confirmed and belongs to the same column or list."""
        if self._confirmed is None:
            return False
        above, line = self._around.line(self._confirmed[0]), self._around.line(hit[0])
        if line - above > CHAIN_LINES:
            return False
        return hit[0] - self._confirmed[1] <= CHAIN_CHARACTERS or bool(
            self._cells(above).delimiter and self._cells(line).delimiter
        )

    def _heading(self, hit: Span) -> bool | None:
        """What the header cell of the hit's column says; False when it says nothing.

        The header is a row at most CHAIN_LINES above, or the first row of the table; in a sheet also the nearest short cell
        above that says anything, however far.
        """
        line = self._around.line(hit[0])
        row, offset = self._cells(line), hit[0] - self._around.line_span(line)[0]
        if not row.delimiter or offset >= len(row.row):
            return False
        column = row.column(offset)
        above = range(line - 1, max(-1, line - 1 - CHAIN_LINES), -1)
        for header in above:
            if (said := self._header(header, row.delimiter, column)) is not False:
                return said
        if self._lines and (said := self._far_heading(line, column)) is not False:
            return said
        return self._header(self._top(line, row.delimiter), row.delimiter, column)

    def _header(self, line: int, delimiter: str, column: int) -> bool | None:
        header = self._cells(line)
        return self._words.says(header.cell(column) if header.delimiter == delimiter else "")

    @cached_property
    def _lines(self) -> list[str]:
        """Of a sheet, all its rows."""
        return self._around.text.split("\n") if self._around.view.grid else []

    def _far_heading(self, line: int, column: int) -> bool | None:
        """Each row is looked at once for all columns and hits, because they come in order."""
        while self._looked < line:
            self._look_down()
        rows, said = self._heads.get(column, ((), ()))
        at = bisect_left(rows, line)
        return said[at - 1] if at else False

    def _look_down(self) -> None:
        """What may be a heading in the next rows, of which there may be a million."""
        rows = self._lines[self._looked : self._looked + _AT_ONCE]
        text = "\n".join(rows).replace("\0", " ").replace("\1", " ")
        for row, column, said in self._words.cells(text.replace("\t", "\0").replace("\n", "\1"), _LONGEST_HEAD):
            kept_rows, kept = self._heads.setdefault(column, (array("L"), []))
            kept_rows.append(self._looked + row)
            kept.append(said)
        self._looked += len(rows)

    def _top(self, line: int, delimiter: str) -> int:
        """The first of the lines above that are rows of one table with this one."""
        if self._lines:
            return 0
        top = line
        while top and top not in self._tops and self._cells(top - 1).delimiter == delimiter:
            top -= 1
        self._tops[line] = self._tops.get(top, top)
        return self._tops[line]

    def _cells(self, line: int) -> _Cells:
        if line not in self._rows:
            if len(self._rows) > _MOST_ROWS:
                self._rows.clear()
            self._rows[line] = _of_sheet(self._lines[line]) if self._lines else _split(self._row(line))
        return self._rows[line]

    def _row(self, line: int) -> str:
        start, end = self._around.line_span(line)
        return self._around.text[start : min(end, start + _LONGEST_ROW)]


@dataclass(frozen=True, slots=True)
class _Cells:
    """One line cut into cells; `delimiter` is "" for a line of prose."""

    row: str
    delimiter: str
    cuts: Sequence[int]  # where the delimiters stand, those inside quotes left out

    def column(self, at: int) -> int:
        return bisect_right(self.cuts, at)

    def cell(self, column: int) -> str:
        if column > len(self.cuts):
            return ""
        start = self.cuts[column - 1] + 1 if column else 0
        end = self.cuts[column] if column < len(self.cuts) else len(self.row)
        return self.row[start : min(end, start + _LONGEST_ROW)]


def _of_sheet(row: str) -> _Cells:
    return _Cells(row, "\t", array("L", (match.start() for match in re.finditer("\t", row))))


def _split(row: str) -> _Cells:
    delimiter = max(_LEAST, key=row.count)
    if row.count(delimiter) < _LEAST[delimiter]:
        return _Cells(row, "", ())
    cuts = tuple(match.start() for match in _CUTS[delimiter].finditer(row) if match.group() == delimiter)
    return _Cells(row, delimiter, cuts)
