"""Splitting into rows, against the standard library's writer: the same cells for every encoding, separator and block size."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from dlp.campus.decoding import Foreign, decoded
from dlp.campus.separated import DELIMITERS, Lines, delimiter_of, folded, rows

CHARACTERS = st.characters(exclude_categories=("Cs",), exclude_characters="\0\r\ufeff\ufffd")
CELL = st.text(CHARACTERS, max_size=8) | st.sampled_from(['"', ",", ";", "\t", "a\nb", " ", '""', "é", "ΩΩ"])
TABLES = st.lists(st.lists(CELL, min_size=2, max_size=5), min_size=1, max_size=6)
ACCENTED = [chr(number) for number in (*range(ord("A"), ord("z")), *range(0xC0, 0x100))]  # in no order UTF-8


def written(table: list[list[str]], delimiter: str, ending: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(table)
    return out.getvalue().replace("\n", ending)


def split(raw: bytes, block: int, delimiter: str) -> list[list[str]]:
    lines = Lines(decoded(raw[at : at + block] for at in range(0, len(raw), block)))
    return [cells for _, cells in rows(lines, delimiter) if cells is not None]


@given(
    table=TABLES,
    delimiter=st.sampled_from(DELIMITERS),
    ending=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8-sig", "utf-16"]),
    block=st.integers(1, 200),
)
def test_every_table_comes_back(table, delimiter, ending, encoding, block):
    def read(cell: str) -> str:
        """Blanks before a cell are none of it, unless it is in quotes."""
        return cell if any(sign in cell for sign in f'"\n{delimiter}') else cell.lstrip(" ")

    came_back = split(written(table, delimiter, ending).encode(encoding), block, delimiter)
    assert came_back == [[read(cell) for cell in row] for row in table]


@given(text=st.text(CHARACTERS), block=st.integers(1, 50))
def test_utf_8_without_a_mark_is_itself(text, block):
    raw = b"header line\n" + text.encode()
    assert "".join(decoded(raw[at : at + block] for at in range(0, len(raw), block))) == "header line\n" + text


@given(text=st.text(st.sampled_from(ACCENTED)), block=st.integers(1, 50))
def test_what_is_not_utf_8_is_windows_1252(text, block):
    raw = ("header line\n" + text + "\xe9 ").encode("cp1252")  # an accent before a blank is nothing in UTF-8
    found = "".join(decoded(raw[at : at + block] for at in range(0, len(raw), block)))
    assert found == "header line\n" + text + "\xe9 "


@given(raw=st.binary(max_size=400), block=st.integers(1, 100))
def test_any_bytes_give_some_rows_or_are_no_text_and_no_other_error(raw, block):
    lines = Lines(decoded(raw[at : at + block] for at in range(0, len(raw), block)))
    try:
        numbers = [line for line, _ in rows(lines, ",")]
    except Foreign:
        return
    assert numbers == sorted(numbers)


def test_lines_are_counted_as_an_editor_counts_them():
    lines = Lines(['a,b\r\n"1\r', '\n2",x\rq,"open\n', "\n\nlast,row"])
    assert list(rows(lines, ",")) == [(1, ["a", "b"]), (2, ["1\n2", "x"]), (4, None), (7, ["last", "row"])]


def test_the_separator_is_the_one_that_gives_known_names():
    names = {folded(name) for name in ("email", "full_name", "role")}
    for head, sign in (
        ("Email,Full Name", ","),
        ("email;full name, as on the card;role", ";"),
        ("email\trole", "\t"),
        ("email", ","),
    ):
        assert delimiter_of(Lines([head + "\n"]), names) == sign
