"""Cells of a sheet put together to grids: what stands close together is one table, blank land between costs nothing.

Takes cells one by one, in any order; gives blocks of rows with the place of their first cell. However far apart cells stand,
no more blanks are written than a few for each cell. Nothing here fails but the budget.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from dlp.extractors.content import Budget

_GAP = 20  # blank rows or columns that part two tables


@dataclass(slots=True)
class Cells:
    """The cells of one sheet that hold anything."""

    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    further: dict[tuple[int, int], list[str]] = field(default_factory=dict)  # of a place that is taken

    def put(self, row: int, column: int, text: str) -> None:
        """At its place, counted from 1; before the sheet's edge is on it."""
        if text.strip():
            at = max(row, 1), max(column, 1)
            if self.rows.setdefault(at[0], {}).setdefault(at[1], text) != text:
                self.further.setdefault(at, []).append(text)

    def blocks(self, budget: Budget) -> Iterator[tuple[int, int, Sequence[Sequence[str]]]]:
        """Row and column of each block's first cell, and its rows. Raises Stop at the limit of cells."""
        for (row, column), texts in self.further.items():
            self.rows[row][column] = " ".join((self.rows[row][column], *texts))
        self.further.clear()
        for rows in _runs(sorted(self.rows)):
            columns = sorted({column for row in rows for column in self.rows[row]})
            for run in _runs(columns):
                inside = [self.rows[row] for row in rows]
                if len(run) < len(columns):
                    inside = [{c: text for c, text in cells.items() if run[0] <= c <= run[-1]} for cells in inside]
                filled = [index for index, cells in enumerate(inside) if cells]
                yield from self._block((rows, run), inside, filled, budget)

    def _block(
        self, at: tuple[list[int], list[int]], inside: list[dict[int, str]], filled: list[int], budget: Budget
    ) -> Iterator[tuple[int, int, Sequence[Sequence[str]]]]:
        rows, run = at
        first, last = rows[filled[0]], rows[filled[-1]]
        needed = sum(max(cells) - run[0] + 1 for cells in inside if cells) + last - first
        if needed > budget.cells:  # told before they are written; who shows them takes them
            budget.take("cells", needed)
        by_row = {rows[index]: inside[index] for index in filled}
        lines = [_line(by_row.get(row, {}), run[0]) for row in range(first, last + 1)]
        yield first, run[0], lines


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
