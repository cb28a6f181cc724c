"""The fault matrices as tables, and which of their cells run.

A test says what came of its cell by the fixture `cell`; with `--every-cell` (make faults) one table for each matrix is
printed at the end, and the long cells (marked so) run as well. A wrong cell is a failed test and shows as `!`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest

OPTION = "--every-cell"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(OPTION, action="store_true", default=False, help="run the long cells too, and print the tables")


def _every(config: pytest.Config) -> bool:
    return bool(config.getoption(OPTION, default=False))  # not registered when pytest is started on another folder


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if _every(config):
        return
    long = [item for item in items if item.get_closest_marker("long_cells")]
    if long:
        items[:] = [item for item in items if item not in long]
        config.hook.pytest_deselected(items=long)


@pytest.fixture
def cell(record_property: Callable[[str, object], None]) -> Callable[[str, str, str, str], None]:
    """`cell(matrix, row, column, letters)`: what came of it, told before it is judged."""

    def told(matrix: str, row: str, column: str, letters: str) -> None:
        record_property("cell", [matrix, row, column, letters])

    return told


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if not _every(config):
        return
    matrices: dict[str, dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    wrong: dict[str, int] = defaultdict(int)
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, ()):
            for name, value in report.user_properties:
                if name == "cell":
                    matrix, row, column, letters = value
                    bad = "!" if outcome == "failed" else ""
                    matrices[matrix][row][column] = letters + bad
                    wrong[matrix] += bool(bad)
    for matrix, rows in sorted(matrices.items()):
        _print(terminalreporter, matrix, rows, wrong[matrix])


def _print(reporter: Any, matrix: str, rows: dict[str, dict[str, str]], wrong: int) -> None:
    columns = sorted({column for row in rows.values() for column in row})
    first = max(len(row) for row in rows)
    widths = {column: max([len(column), *(len(row.get(column, "-")) for row in rows.values())]) for column in columns}
    reporter.section(matrix)
    reporter.write_line("  ".join([" " * first, *(column.ljust(widths[column]) for column in columns)]).rstrip())
    for name, row in sorted(rows.items()):
        shown = [row.get(column, "-").ljust(widths[column]) for column in columns]
        reporter.write_line("  ".join([name.ljust(first), *shown]).rstrip())
    total = sum(map(len, rows.values()))
    reporter.write_line(f"{matrix}: {total} cells, {total - wrong} right, {wrong} wrong")
