"""Cells of a sheet put together to grids: what stands close together is one table, blank land between costs nothing.

Takes cells one by one, in any order; gives blocks of rows with the place of their first cell. However far apart cells stand,
no more blanks are written than a few for each cell; words far above a block or to its left are said again at its edge, in
the blank land, because they may be its headings. Nothing here fails but the budget.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from dlp.extractors.content import Budget

_GAP = 20  # blank rows or columns that part two tables
_HEADS = 5  # of the words above a gap: as many of the first and of the last ones in a column
_LONGEST_HEAD = 100  # characters


@dataclass(slots=True)
class Cells:
    """The cells of one sheet that hold anything."""

    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    further: dict[tuple[int, int], dict[str, None]] = field(default_factory=dict)  # of a place that is taken

    def put(self, row: int, column: int, text: str) -> None:
        """At its place, counted from 1; before the sheet's edge is on it."""
        if text.strip():
            at = max(row, 1), max(column, 1)
            if self.rows.setdefault(at[0], {}).setdefault(at[1], text) != text:
                self.further.setdefault(at, {})[text] = None

    def blocks(self, budget: Budget) -> Iterator[tuple[int, int, Sequence[Sequence[str]]]]:
        """Row and column of each block's first cell, and its rows. Raises Stop at the limit of cells."""
        for (row, column), texts in self.further.items():
            self.rows[row][column] = " ".join((self.rows[row][column], *texts))
        self.further.clear()
        heads: dict[int, list[str]] = {}
        ordered = sorted(self.rows)
        for rows in _runs(ordered):
            whole = {row: self.rows[row] for row in rows}
            starts = [run[0] for run in _runs(sorted({column for cells in whole.values() for column in cells}))]
            for start, inside in zip(starts, _parted(whole, starts) if len(starts) > 1 else [whole], strict=True):
                yield from self._block(inside, start, heads, budget)
            if rows[-1] < ordered[-1]:
                _add_heads(heads, list(whole.values()))

    def _block(
        self, inside: dict[int, dict[int, str]], column: int, heads: dict[int, list[str]], budget: Budget
    ) -> Iterator[tuple[int, int, Sequence[Sequence[str]]]]:
        column = min(column, *map(min, inside.values()))
        first, last = min(inside), max(inside)
        needed = sum(max(cells) - column + 1 for cells in inside.values()) + last - first
        if needed > budget.cells:  # told before they are written; who shows them takes them
            budget.take("cells", needed)
        lines = [_line(inside.get(row, {}), column) for row in range(first, last + 1)]
        above = _above(heads, sorted({each for cells in inside.values() for each in cells}), column) if heads else []
        yield first - len(above), column, [*above, *lines]


@cache
def column_number(letters: str) -> int:
    """The number of a column, of which there are no more than 18,278."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _parted(rows: dict[int, dict[int, str]], starts: list[int]) -> list[dict[int, dict[int, str]]]:
    """Rows parted at the columns with which a run begins; left of each, in the blank land, the last words before it."""
    parts: list[dict[int, dict[int, str]]] = [{} for _ in starts]
    for row, cells in rows.items():
        head = ""
        for column in sorted(cells):
            at = bisect_right(starts, column) - 1
            if row not in parts[at]:
                parts[at][row] = {starts[at] - 1: head} if head else {}
            parts[at][row][column] = cells[column]
            if _is_head(cells[column]):
                head = cells[column]
    return parts


def _is_head(text: str) -> bool:
    return len(text) <= _LONGEST_HEAD and any(map(str.isalpha, text))


def _add_heads(heads: dict[int, list[str]], rows: list[dict[int, str]]) -> None:
    for cells in rows:
        for column, text in cells.items():
            if _is_head(text) and text not in (kept := heads.setdefault(column, [])):
                kept.append(text)
                del kept[_HEADS:-_HEADS]


def _above(heads: dict[int, list[str]], columns: list[int], first: int) -> list[list[str]]:
    """Rows of the words above, the last one directly over the block."""
    over = {column: heads[column] for column in columns if column in heads}
    height = max(map(len, over.values()), default=0)
    return [_line({c: kept[at] for c, kept in over.items() if -at <= len(kept)}, first) for at in range(-height, 0)]


def _line(cells: dict[int, str], first: int) -> list[str]:
    return [cells.get(column, "") for column in range(first, max(cells, default=first - 1) + 1)]


def _runs(numbers: list[int]) -> Iterator[list[int]]:
    """Sorted numbers, parted where more than a gap lies between two."""
    run: list[int] = []
    for number in numbers:
        if run and number - run[-1] > _GAP:
            yield run
            run = []
        run.append(number)
    if run:
        yield run
