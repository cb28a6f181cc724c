"""Every row of the shipped table says its situation in words, and rests on a passage of the institution's documents."""

from __future__ import annotations

import pytest

from dlp.policy.passages import passages
from dlp.ruleset import Row
from tests.upstream import shipped_rules

ROWS = shipped_rules().table
LINES = [f"R{number}" for number in range(1, 83)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_row_has_a_title_and_a_passage(row: Row) -> None:
    assert 0 < len(row.title) <= 100
    assert passages(row.requirement) or row.requirement == "probe"


@pytest.mark.parametrize("line", LINES)
def test_every_line_comes_from_somewhere(line: str) -> None:
    assert passages(line)


def test_no_two_rows_are_told_alike() -> None:
    told = [row.title for row in ROWS]
    assert sorted(told) == sorted(set(told))
