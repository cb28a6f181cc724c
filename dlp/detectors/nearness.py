"""How sure a hit is: words nearby, a heading above, a confirmed hit just before, a list of such numbers.

Takes one pattern, one view and its hits in order, gives each a confidence. A word that speaks against (invoice, phone)
and is closer than any word that speaks for it lowers the hit to DISCOUNTED. Linear: the words of a view are found
once and looked up by bisection. Raises Unavailable("scan") as Surroundings does.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dlp.detectors.surroundings import Span, Surroundings
from dlp.ruleset import Pattern
from dlp.values import Role

DISCOUNTED = 0.2
LIST = 3
CHAIN_LINES = 3
CHAIN_CHARACTERS = 200
_LEAST = {",": 2, ";": 2, "\t": 1, "|": 1}  # how often a delimiter must stand in a line to make it a row
_CUTS = {delimiter: re.compile(f'"[^"]*"|{re.escape(delimiter)}') for delimiter in _LEAST}
_LONGEST_ROW = 2_000  # characters; a longer line is no row of a table


@dataclass(frozen=True, slots=True)
class NearWords:
    """The compiled word lists of one pattern; None where it has none."""

    near: Any
    not_near: Any


class Nearness:
    """Weighs the hits of one pattern in one view."""

    def __init__(self, pattern: Pattern, words: NearWords, around: Surroundings) -> None:
        self._pattern = pattern
        self._words = words
        self._around = around
        self._not_near = _Places(around, words.not_near)
        self._near = _Places(around, words.near, outside=self._not_near)
        self._rows: dict[int, _Cells] = {}
        self._confirmed: Span | None = None  # the previous hit, when it was confirmed

    def confidences(self, hits: Sequence[Span]) -> list[float]:
        """One for each hit, in the order of the text: between DISCOUNTED and `confidence_near` (see Pattern).

        A number alone is weak, but LIST of them on lines close together are a list of people: no word need say so.
        """
        weighed = [self._confidence(hit) for hit in hits]
        if self._pattern.role is not Role.IDENTIFIES:
            return weighed
        for run in self._runs(hits):
            lines = {self._around.line(hits[index][0]) for index in run}
            if len(lines) >= LIST and all(weighed[index] != DISCOUNTED for index in run):
                for index in run:
                    weighed[index] = max(weighed[index], self._pattern.confidence_near)
        return weighed

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

    def _confidence(self, hit: Span) -> float:
        confirmed = self._is_confirmed(hit)
        self._confirmed = hit if confirmed else None
        if confirmed is None:
            return DISCOUNTED
        return self._pattern.confidence_near if confirmed else self._pattern.confidence

    def _is_confirmed(self, hit: Span) -> bool | None:
        """True or False; None when something speaks against the hit."""
        reach = self._pattern.near_distance
        near, against = self._near.distance(hit, reach), self._not_near.distance(hit, reach)
        if against is not None and (near is None or against < near):
            return None
        if near is not None:
            return True
        if not self._pattern.near:
            return False
        if self._is_chained(hit):
            return True
        return self._heading(hit)

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
        """What the header cell of the hit's column says, in a row at most CHAIN_LINES above; False when it says nothing."""
        line = self._around.line(hit[0])
        row, offset = self._cells(line), hit[0] - self._around.line_span(line)[0]
        if not row.delimiter or offset >= len(row.row):
            return False
        column = row.column(offset)
        for above in range(line - 1, max(-1, line - 1 - CHAIN_LINES), -1):
            header = self._cells(above)
            cell = header.cell(column) if header.delimiter == row.delimiter else b""
            if self._words.not_near is not None and self._words.not_near.search(cell):
                return None
            if self._words.near is not None and self._words.near.search(cell):
                return True
        return False

    def _cells(self, line: int) -> _Cells:
        if line not in self._rows:
            self._rows[line] = _split(self._row(line))
        return self._rows[line]

    def _row(self, line: int) -> str:
        start, end = self._around.line_span(line)
        return self._around.text[start : min(end, start + _LONGEST_ROW)]


@dataclass(frozen=True, slots=True)
class _Cells:
    """One line cut into cells; `delimiter` is "" for a line of prose."""

    row: str
    delimiter: str
    cuts: tuple[int, ...]  # where the delimiters stand, those inside quotes left out

    def column(self, at: int) -> int:
        return bisect_right(self.cuts, at)

    def cell(self, column: int) -> bytes:
        if column > len(self.cuts):
            return b""
        start = self.cuts[column - 1] + 1 if column else 0
        end = self.cuts[column] if column < len(self.cuts) else len(self.row)
        return self.row[start:end].encode("utf-8", "replace")


def _split(row: str) -> _Cells:
    delimiter = max(_LEAST, key=row.count)
    if row.count(delimiter) < _LEAST[delimiter]:
        return _Cells(row, "", ())
    cuts = tuple(match.start() for match in _CUTS[delimiter].finditer(row) if match.group() == delimiter)
    return _Cells(row, delimiter, cuts)


class _Places:
    """Where the words of one list stand in one view, found when first asked for.

    A word inside a phrase of `outside` is no word of this list: "meeting id" is not "id".
    """

    def __init__(self, around: Surroundings, words: Any, outside: _Places | None = None) -> None:
        self._around = around
        self._words = words
        self._outside = outside

    @cached_property
    def _spans(self) -> tuple[list[int], list[int]]:
        found = [] if self._words is None else list(self._around.spans(self._words))
        if self._outside is not None:
            found = [span for span in found if not self._outside.covers(span)]
        return [start for start, _ in found], [end for _, end in found]

    def covers(self, span: Span) -> bool:
        starts, ends = self._spans
        last = bisect_right(starts, span[0]) - 1
        return last >= 0 and ends[last] >= span[1]

    def distance(self, hit: Span, reach: int) -> int | None:
        """Characters between the hit and the nearest word, None when there is none within reach."""
        starts, ends = self._spans
        before, after = bisect_right(ends, hit[0]) - 1, bisect_left(starts, hit[1])
        gaps = [hit[0] - ends[before]] if before >= 0 else []
        gaps += [starts[after] - hit[1]] if after < len(starts) else []
        return min((gap for gap in gaps if gap <= reach), default=None)
