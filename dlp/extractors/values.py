"""Named values as lines and tables: what JSON, XML and property lists come down to.

Takes a tree in which an object is a tuple of pairs, a list a list, and everything else a string. Gives a line for each
value with the last of its names before it ("student id: 912345678"), and lists of like objects as grids under their names.
Every value is taken from the budget as a cell, because a small file can refer to one value many times.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dlp.extractors.content import Budget, Grid, Piece, Text
from dlp.mail.rendering import words_apart

Value = object  # tuple[tuple[str, Value], ...] | list[Value] | str

_NAMES = 3  # the innermost names say what a value is
_SPARSE = 4  # a grid with more empty cells than this to a full one is none


def pieces(tree: Value, budget: Budget) -> Iterator[Piece]:
    """Lines first, then the tables."""
    walk = _Walk(budget)
    walk.value(tree, ())
    yield Text("\n".join(walk.lines))
    for number, rows in enumerate(walk.tables, 1):
        yield Grid(rows, f"table {number}")


class _Walk:
    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.lines: list[str] = []
        self.tables: list[list[list[str]]] = []

    def value(self, value: Value, names: tuple[str, ...]) -> None:
        self.budget.take("cells")
        if isinstance(value, tuple):
            for name, inner in value:
                self.value(inner, (*names, *filter(None, [name]))[-_NAMES:])
        elif isinstance(value, list):
            self.table([each for each in value if isinstance(each, tuple)])
            rows = [[each for each in row if isinstance(each, str)] for row in value if isinstance(row, list)]
            self.tables += [rows] if sum(map(len, rows)) > len(rows) > 1 else []
            for inner in value:
                self.value(inner, names)
        elif value:
            spoken = " ".join(map(spoken_name, names))
            self.lines.append(f"{spoken}: {value}" if spoken else str(value))

    def table(self, objects: Sequence[tuple[tuple[str, Value], ...]]) -> None:
        """Objects in a list as rows, if they are alike."""
        columns = {name: None for each in objects for name, value in each if isinstance(value, str)}
        filled = sum(isinstance(value, str) for each in objects for _, value in each)
        if len(objects) < 2 or len(columns) < 2 or len(columns) * len(objects) > filled * _SPARSE:
            return
        rows = [list(map(spoken_name, columns))]
        for each in objects:
            cells = {name: value for name, value in each if isinstance(value, str)}
            rows.append([cells.get(name, "") for name in columns])
        self.tables.append(rows)


def spoken_name(name: str) -> str:
    """ "studentId" and "student_id" as "student Id" and "student id"."""
    return words_apart(name).replace("_", " ").replace("-", " ").strip()
