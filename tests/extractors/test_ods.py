"""OpenDocument spreadsheets: cells under their names, what stands beside them, and numbers of repeats nobody believes."""

from __future__ import annotations

import pytest

from dlp.extractors.content import Budget, Grid, Source, Text
from dlp.extractors.odf import ods
from dlp.extractors.odf_text import book
from dlp.limits import Limits
from dlp.values import PartStatus
from tests.extractors.read import FILES, ID, opened, pieces

FOLDER = FILES / "sheets"
PLACES = {
    "cell": "sheet 1",
    "joined": "sheet 1",
    "far": "sheet 1",
    "comment": "comments",
    "choice": "markup",
    "prompt": "beside the cells",
    "link": "links",
    "hidden sheet": "sheet 2",
    "very hidden sheet": "sheet 3",
    "hidden row": "sheet 4",
    "hidden column": "sheet 4",
    "merged": "sheet 4",
    "header": "headers",
    "footer": "footers",
    "defined name": "markup",
    "title": "properties",
    "author": "properties",
    "description": "properties",
}
SPACES = "".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0" '
    for short, name in (("office", "office"), ("table", "table"), ("text", "text"))
)


def read(body: str) -> list[Grid | Text]:
    content = f"<office:document-content {SPACES}><office:body><office:spreadsheet>{body}</office:spreadsheet></office:body>"
    given = book(f"{content}</office:document-content>".encode(), Budget.of(Limits(), 0))
    return [each for each in given if isinstance(each, Grid) or (isinstance(each, Text) and each.text.strip())]


def cell(text: str, attributes: str = "") -> str:
    return f"<table:table-cell {attributes}><text:p>{text}</text:p></table:table-cell>"


def sheet(*rows: str) -> str:
    return f"<table:table>{''.join(rows)}</table:table>"


def row(*cells: str, attributes: str = "") -> str:
    return f"<table:table-row {attributes}>{''.join(cells)}</table:table-row>"


def test_every_place_is_read_and_named() -> None:
    found = opened((FOLDER / "calc.ods").read_bytes())
    said = {word: {each.place for each in found.shown if f"{word} student ID {ID}" in each.text} for word in PLACES}
    assert {word: (place, said[word]) for word, place in PLACES.items() if place not in said[word]} == {}
    assert found.status is PartStatus.READ
    assert {each.why for each in found.shut} == {"inline-image"}  # how its first page looked


@pytest.mark.parametrize(("passwords", "why"), [(("tulip",), ""), ((), "password")])
def test_a_password_that_fits_opens_a_book(passwords: tuple[str, ...], why: str) -> None:
    given, ended = pieces(ods, Source((FOLDER / "locked.ods").read_bytes()), passwords=passwords)
    assert ended == why
    assert any(isinstance(each, Grid) and ID in each.rows[1] for each in given) is not bool(why)


def test_repeats_move_what_comes_behind_them() -> None:
    gap = '<table:table-cell table:number-columns-repeated="3"/>'
    rows = row('<table:table-cell table:number-columns-repeated="9"/>', attributes='table:number-rows-repeated="41"')
    assert read(sheet(row(cell("a"), gap, cell("b")), rows, row(gap, cell(ID)))) == [
        Grid([["a", "", "", "", "b"]], "sheet 1"),
        Grid([[ID]], "sheet 1", 43, 4),
    ]


def test_repeats_nobody_could_write_cost_nothing() -> None:
    many = cell(ID, 'table:number-columns-repeated="99999999"')
    (grid, last) = read(sheet(row(many, attributes='table:number-rows-repeated="99999999"'), row(cell("end"))))
    assert isinstance(grid, Grid)
    assert isinstance(last, Grid)
    assert sum(map(len, grid.rows)) == 256
    assert list(last.rows) == [["end"]]


@pytest.mark.parametrize(
    ("said", "value", "text"),
    [
        ("9.12E+08", ID, ID),
        ("###", ID, ID),
        ("912-34-5678", ID, "912-34-5678"),
        ("012345678", "12345678", "012345678"),
        ("3.14", "3.14159", "3.14"),
        ("", ID, ID),
    ],
)
def test_a_number_is_shown_with_all_its_digits(said: str, value: str, text: str) -> None:
    assert read(sheet(row(cell(said, f'office:value-type="float" office:value="{value}"')))) == [Grid([[text]], "sheet 1")]


def test_runs_join_and_paragraphs_do_not() -> None:
    runs = "<text:span>9123</text:span><text:span>45678</text:span></text:p><text:p>next"
    assert read(sheet(row(cell(runs)))) == [Grid([[f"{ID}\nnext"]], "sheet 1")]


def test_what_was_there_before_a_change_is_given() -> None:
    change = f"<table:cell-content-change><table:previous><table:change-track-table-cell><text:p>{ID}</text:p>"
    end = "</table:change-track-table-cell></table:previous></table:cell-content-change>"
    found = read(f"<table:tracked-changes>{change}{end}</table:tracked-changes>{sheet(row(cell('now')))}")
    assert found == [Grid([["now"]], "sheet 1"), Text(ID, "before changes")]


def test_text_outside_of_cells_is_given() -> None:
    assert read(f"<text:p>{ID}</text:p>") == [Text(f"{ID}\n", "beside the cells")]
