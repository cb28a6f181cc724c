"""Workbooks: each place a person can write in is read and named, cells by their letters and numbers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

import pytest

from dlp.detectors.surroundings import Surroundings
from dlp.extractors.constants import constant
from dlp.extractors.content import Budget
from dlp.extractors.number_formats import shown, shown_text
from dlp.extractors.sheets import Cells
from dlp.limits import Limits
from dlp.values import Channel, PartStatus, View
from tests.extractors.read import FILES, ID, opened

FOLDER = FILES / "sheets"
SAID = re.compile(rf"([\w -]*\w) student ID {ID}")
COMMON = {
    "cell": "sheet 1",
    "comment": "comments of sheet 1",
    "joined": "formulas of sheet 1",
    "header": "settings of sheet 1",
    "footer": "settings of sheet 1",
    "choice": "settings of sheet 1",
    "prompt": "settings of sheet 1",
    "link": "links",
    "far": "sheet 1",
    "hidden sheet": "sheet 2",
    "very hidden sheet": "sheet 3",
    "hidden row": "sheet 4",
    "hidden column": "sheet 4",
    "merged": "sheet 4",
    "defined name": "defined names",
    "title": "properties",
    "author": "properties",
    "keyword": "properties",
    "description": "properties",
}
BOOKS = {
    "openpyxl.xlsx": COMMON,
    "calc.xlsx": COMMON,
    "xlsxwriter.xlsx": {
        "rich": "sheet 1",
        "note": "comments of sheet 1",
        "text box": "drawings of sheet 1",
        "cached": "sheet 1",
        "tooltip": "settings of sheet 1",
        "chart title": "charts",
        "series": "charts",
        "alternative text": "drawings of sheet 1, descriptions",
        "custom": "properties",
    },
}


@pytest.mark.parametrize("name", BOOKS)
def test_every_place_is_read_and_named(name: str) -> None:
    found = opened((FOLDER / name).read_bytes())
    places = defaultdict(set)
    for each in found.shown:
        for match in SAID.finditer(each.text):
            places[match[1].strip().removeprefix("C")].add(each.place)  # &C centres a header
    assert {word: place for word, place in BOOKS[name].items() if place not in places[word]} == {}
    assert (found.status, found.shut) == (PartStatus.READ, ())


@pytest.mark.parametrize("name", ["openpyxl.xlsx", "calc.xlsx"])
def test_cells_are_named_as_the_program_names_them(name: str) -> None:
    found = opened((FOLDER / name).read_bytes())
    views = [View(Channel.ATTACHMENTS, "1", f"part 1, {each.place}", each.text, grid=each.grid) for each in found.shown]
    at = {}
    for view in views:
        for wanted in (f"Kim\t{ID}", "923456780", "934567891", "012345678", "912-34-5678", "cell student", "far student"):
            if view.grid and wanted in view.text:
                at[wanted] = Surroundings(view).where(view.text.index(wanted) + len(wanted) - 1)
    assert at == {
        f"Kim\t{ID}": "part 1, sheet 1, B2",
        "923456780": "part 1, sheet 1, B3",
        "934567891": "part 1, sheet 1, B4",
        "012345678": "part 1, sheet 1, B9",
        "912-34-5678": "part 1, sheet 1, B10",
        "cell student": "part 1, sheet 1, C12",
        "far student": "part 1, sheet 1, ZZ900",
    }


@pytest.mark.parametrize(
    ("number", "code", "text"),
    [
        ("912345678", "", "912345678"),
        ("912345678.0", "General", "912345678"),
        ("9.12345678E8", "", "912345678"),
        ("12345678", "000000000", "012345678"),
        ("912345678", "000\\-00\\-0000", "912-34-5678"),
        ("912345678", '"ID "000 000 000', "ID 912 345 678"),
        ("912345678", "#,##0", "912345678"),
        ("912345678", "0", "912345678"),
        ("46300", "yyyy\\-mm\\-dd", "2026-10-05"),
        ("46300.5", "d/m/yy h:mm", "2026-10-05 12:00"),
        ("912345678", "yyyy", "912345678"),
        ("0.25", "0%", "0.25"),
        ("-5", "000", "-5"),
        ("3.50", "0.00", "3.5"),
        ("1", '"912345678"', "912345678"),
        ("45678", '"9123"General', "912345678"),
        ("9123", 'General"45678"', "912345678"),
        ("-45678", '0;"9123"0', "912345678"),
        ("0", '0;0;"912345678"', "912345678"),
        ("2", '[=1]0;[=2]"912345678";0', "912345678"),
        ("912345678000", "0,", "912345678 (912345678000)"),
        ("912345678.4", "0", "912345678 (912345678.4)"),
        ("912345677.9", "#,##0", "912345678 (912345677.9)"),
        ("10559.556458333333333", "[s]", "912345678"),
        ("0.5", "[h]:mm", "12:00"),
        ("12345678", "*90", "912345678"),
        ("912345678", '000"x"000"x"000', "912x345x678 (912345678)"),
        ("912345678", "[$$-409]#,##0.00", "912345678"),
        ("912345678.5", "# ?/?", "912345678 (912345678.5)"),
        ("9.5", '"EUR "0.00', "EUR 9.50"),
        ("5", ";;;", "5"),
        ("1E+400", "", "1E+400"),
        ("none", "000", "none"),
        ("", "000", ""),
        ("NaN", "000", "NaN"),
    ],
)
def test_numbers_as_a_sheet_shows_them(number: str, code: str, text: str) -> None:
    assert shown(number, code) == text


@pytest.mark.parametrize(
    ("text", "code", "seen"),
    [
        ("45678", '"9123"@', "912345678"),
        ("note", '0;0;0;"912345678"', "912345678 (note)"),
        ("note", "0.00", "note"),
        ("note", ";;;", "note"),
        ("note", "", "note"),
    ],
)
def test_text_as_a_sheet_shows_it(text: str, code: str, seen: str) -> None:
    assert shown_text(text, code) == seen


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("912345600+78", "912345678"),
        ('"9123"&"45678"', "912345678"),
        ('9123&"45678"', "912345678"),
        ('CONCATENATE("9123",45678)', "912345678"),
        ('CONCATENATE("9123";"45678")', "912345678"),
        ('"Ann"&CHAR(32)&"L"&_xlfn.UNICHAR(101)&"e"', "Ann Lee"),
        ('"CHAR(32)"&CHAR(34)', 'CHAR(32)"'),
        ('_xlfn.TEXTJOIN(" ",TRUE,{"Ann","Lee"})', "Ann Lee"),
        ('TEXTJOIN("";1;"9123";45678)', "912345678"),
        ('TEXTJOIN(" ",TRUE,A1,"Lee")', ""),
        ('"a";"b"', ""),
        ("3*4-2", "10"),
        ("5--3", "8"),
        ("A1+3", ""),
        ("SUM(1,2)", ""),
        ("1/3", ""),
        ("1/0", ""),
        ("9e99*9e99", ""),
    ],
)
def test_formulas_of_constants_are_calculated(formula: str, value: str) -> None:
    assert constant(formula) == value


def blocks(*cells: tuple[int, int, str]) -> list[tuple[int, int, Sequence[Sequence[str]]]]:
    sheet = Cells()
    for row, column, text in cells:
        sheet.put(row, column, text)
    return list(sheet.blocks(Budget.of(Limits(), 0)))


def test_blank_land_between_tables_costs_nothing() -> None:
    assert blocks((1, 1, "a"), (1, 3, "b"), (2, 2, "c"), (1_048_576, 16_384, "z")) == [
        (1, 1, [["a", "", "b"], ["", "c"]]),
        (1_048_576, 16_384, [["z"]]),
    ]


def test_words_before_blank_land_are_said_again_behind_it() -> None:
    assert blocks((1, 2, "Student ID"), (2, 2, "5"), (60, 2, "7"), (60, 40, "8"))[1:] == [
        (59, 2, [["Student ID"], ["7"]]),
        (60, 40, [["8"]]),
    ]
    assert blocks((1, 1, "a"), (1, 40, "8"), (2, 40, "9"))[1:] == [(1, 39, [["a", "8"], ["", "9"]])]
    many = [(row, 1, f"word {row}") for row in range(1, 20)]
    above = [[f"word {row}"] for row in (1, 2, 3, 4, 5, 15, 16, 17, 18, 19)]
    assert blocks(*many, (99, 1, "7"))[1:] == [(89, 1, [*above, ["7"]])]


def test_cells_in_one_place_and_outside_the_sheet_are_all_shown() -> None:
    cells = Cells()
    for row, column, text in ((1, 1, "a"), (0, 1, "b"), (1, -3, "c"), (1, 2, "d"), (1, 1, "a")):
        cells.put(row, column, text)
    assert list(cells.blocks(Budget.of(Limits(), 100))) == [(1, 1, [["a b c", "d"]])]
