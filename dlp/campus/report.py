"""What reading the files of an import showed: rows, bad rows, columns nobody knows, references to nobody.

Filled while rows are taken; holds counts of everything and a bounded number of bad cells, masked. Nothing here fails.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

KEPT = 200  # bad cells told one by one; the rest is counted


@dataclass(frozen=True, slots=True)
class BadCell:
    """One thing wrong with a row. `masked` is the shape of the cell; `column` is "" where the row as a whole is wrong."""

    file: str
    line: int
    column: str
    masked: str
    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Unusable:
    """A file of which nothing can be read."""

    file: str
    what: str
    remedy: str


@dataclass(slots=True)
class Report:
    """Counts by file name, as in the folder."""

    rows: Counter[str] = field(default_factory=Counter)
    bad_rows: Counter[str] = field(default_factory=Counter)
    bad: list[BadCell] = field(default_factory=list)
    unusable: list[Unusable] = field(default_factory=list)
    columns: dict[str, frozenset[str]] = field(default_factory=dict)  # those that were imported
    unknown: dict[str, tuple[str, ...]] = field(default_factory=dict)
    misspelt: dict[str, dict[str, str]] = field(
        default_factory=dict
    )  # those of them that are nearly a column that is not there
    notes: list[str] = field(default_factory=list)
    at: str = ""  # "students.csv:7", where the record given last begins; "" where it is of more than one row

    def refuse(self, cells: list[BadCell]) -> None:
        """Count one bad row."""
        self.bad_rows[cells[0].file] += 1
        if len(self.bad) < KEPT:
            self.bad.extend(cells)

    @property
    def all_bad_rows(self) -> int:
        return self.bad_rows.total()
