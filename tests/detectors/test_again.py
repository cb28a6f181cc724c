"""Tables read as text and as grids: each finding once, as sure as the surer look, and with its cell."""

from __future__ import annotations

import pytest

from dlp.detectors.again import placed
from dlp.extractors.opening import opener
from dlp.limits import Limits
from dlp.mail.reading import read
from tests.upstream import shipped_rules

ID, OTHER = "912345678", "912345686"


def found(page: str, media_type: str = "text/html") -> list[tuple[str, float]]:
    """Where numbers were found, and how surely."""
    raw = f"MIME-Version: 1.0\r\nContent-Type: {media_type}\r\n\r\n<html><body>{page}</body></html>".encode()
    limits = Limits()
    texts = read(raw, limits, open_file=opener(limits, len(raw), lambda _data: "text/html"))
    findings = placed(shipped_rules().matcher.find(texts), texts.views)
    return [(each.where, each.confidence) for each in findings if each.kind == "id"]


def table(*rows: str) -> str:
    return "<table>" + "".join(f"<tr><td>{row.replace('|', '<td>')}" for row in rows) + "</table>"


SURE = 0.9
HEADING = "Name|Student ID|Grade"
CASES = {
    "each once": (table(HEADING, f"Ann|{ID}|B", f"Bob|{OTHER}|C"), ["part 1, table 1, B2", "part 1, table 1, B3"]),
    "in the text, too": (f"<p>Student ID {ID}{table(HEADING, f'Ann|{ID}|B')}", ["part 1, line 1", "part 1, table 1, B2"]),
    "twice in the table": (table(HEADING, f"Ann|{ID}|B", f"Ann|{ID}|C"), ["part 1, table 1, B2", "part 1, table 1, B3"]),
    "in the second": (table("a|b", "c|d") + table(HEADING, f"Ann|{ID}|B"), ["part 1, table 2, B2"]),
    "with words": (table(HEADING, f"Ann|No. {ID}|B"), ["part 1, table 1, B2"]),
    "in no grid": ("<table><tr><td>Student ID<tr><td>912345678</table>", ["part 1, line 2"]),
}


@pytest.mark.parametrize(("page", "where"), CASES.values(), ids=CASES)
def test_a_number_in_a_table(page: str, where: list[str]) -> None:
    assert found(page) == [(each, SURE) for each in where]


def test_a_file_has_cells_as_well() -> None:
    assert found(table(HEADING, f"Ann|{ID}|B"), "application/octet-stream") == [("part 1, table 1, B2", SURE)]


def test_a_heading_over_columns_counts_for_each() -> None:
    """In the text, cells that span move the headings away from their columns."""
    spanned = "<table><tr><th rowspan=2>Name<th rowspan=2>Room<th colspan=2>Student<tr><th>year<th>ID"
    [(where, confidence)] = found(f"{spanned}<tr><td>Ann<td>B 12, first floor, beside the hall<td>2<td>{ID}</table>")
    assert (where, confidence) == ("part 1, table 1, D3", SURE)
