"""Delimited text: tables are told from prose, and their cells are named."""

from __future__ import annotations

import pytest

from dlp.extractors.delimited import rows
from dlp.mail.opened import Opened
from tests.extractors.read import ID, opened

TABLE = [["Name", "Student ID", "Grade"], ["Kim", ID, "B"], ["Roe, Ann", "923456780", "A\nand more"], ["Lee", "934567891", "C"]]
SIGNS = {"tab": "\t", "semicolon": ";", "bar": "|", "comma": ","}
CODECS = ["utf-8", "utf-8-sig", "utf-16", "cp1252", "utf-16-be"]


def written(sign: str) -> str:
    return "\r\n".join(sign.join(f'"{cell}"' if set(cell) & {sign, "\n", ","} else cell for cell in row) for row in TABLE)


@pytest.mark.parametrize("sign", SIGNS.values(), ids=SIGNS.keys())
def test_a_table_gives_its_cells(sign: str) -> None:
    assert rows(written(sign), told=True) == TABLE


PROSE = {
    "commas": "Dear Kim, hello,\nI was there, too,\nand left, early,\n",
    "few rows": "a;b\nc;d\n",
    "uneven": "a;b\nc\nd;e;f\ng\nh\n",
    "one tab": "a\tb\nc\nd\ne\nf\n",
    "nothing": "",
}


@pytest.mark.parametrize("text", PROSE.values(), ids=PROSE.keys())
def test_prose_is_no_table(text: str) -> None:
    assert rows(text, told=False) == []


@pytest.mark.parametrize("codec", CODECS)
def test_a_file_of_rows_is_a_grid_in_any_encoding(codec: str) -> None:
    found: Opened = opened(written(";").encode(codec), "list.dat")
    grid = next(each for each in found.shown if each.grid)
    assert grid.text.split("\n")[1] == f"Kim\t{ID}\tB"


def test_a_cell_without_an_end_is_left_to_the_text() -> None:
    text = "a;b\n" * 5 + '"' + "x" * 200_000 + ";y\n"
    found = opened(text.encode(), "list.csv", "text/csv")
    assert "".join(each.text for each in found.shown).count("x") >= 200_000
