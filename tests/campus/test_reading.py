"""Import files to records: files/ holds small files, each beside what must be read of it and what must be refused.

`rows` name the fields that matter, `bad` every cell that is told, in order. Then what no file shows well.
"""

from __future__ import annotations

import dataclasses
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlp.campus.cells import WrongCell, masked, suppress
from dlp.campus.decoding import Foreign, decoded
from dlp.campus.formats import BLANK, FILE_OF, FORMATS
from dlp.campus.reading import read
from dlp.campus.records import Enrolment, MailList, Record
from dlp.campus.report import KEPT, Report

CASES = sorted((Path(__file__).parent / "files").glob("*.toml"))


def taken(raw: bytes, name: str, block: int = 1 << 16) -> tuple[list[Record], Report]:
    report = Report()
    blocks = (raw[at : at + block] for at in range(0, len(raw), block))
    return list(read(FORMATS[name], f"{name}.csv", blocks, report)), report


def plain(value: Any) -> Any:
    """A field as TOML can write it: lists, in order where the field has none; None stands for itself."""
    if isinstance(value, frozenset):
        return sorted(value)
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("block", [1, 7, 1 << 16], ids="blocks of {}".format)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_file_is_read_as_it_says_beside_it(case, block):
    expected = tomllib.loads(case.read_text(encoding="utf-8"))
    records, report = taken(case.with_suffix(".csv").read_bytes(), expected["file"], block)
    rows = expected.get("rows", [])
    assert len(records) == len(rows) == report.rows[f"{expected['file']}.csv"]
    for record, row in zip(records, rows, strict=True):
        assert {name: plain(getattr(record, name)) for name in row} == row
    told = [{"line": bad.line, "column": bad.column, "masked": bad.masked} for bad in report.bad]
    assert told == expected.get("bad", [])
    assert all(bad.what and bad.remedy for bad in report.bad)
    assert report.all_bad_rows == len({bad["line"] for bad in told})
    assert list(report.unknown.get(f"{expected['file']}.csv", ())) == expected.get("unknown", [])
    assert [each.what for each in report.unusable] == [text for text in (expected.get("unusable"),) if text]


def test_every_file_of_the_contract_has_a_case():
    assert {tomllib.loads(case.read_text(encoding="utf-8"))["file"] for case in CASES} == set(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_columns_stand_in_the_order_of_the_record(name):
    form = FORMATS[name]
    fields = [field.name for field in dataclasses.fields(form.make)]
    assert [column.name.replace(BLANK, "blank") for column in form.columns] == fields
    assert FILE_OF[form.make] == name


@pytest.mark.parametrize("name", FORMATS)
def test_a_column_that_was_not_imported_leaves_what_the_record_has_by_default(name):
    form = FORMATS[name]
    for field, column in zip(dataclasses.fields(form.make), form.columns, strict=True):
        if not column.required and column.name != BLANK and field.default is not dataclasses.MISSING:
            assert (column.read("") if column.read else "") == field.default


ENROLMENTS = "subject,student_id\n18.06,912345671\n"


@pytest.mark.parametrize(
    "raw",
    [
        ENROLMENTS.encode(),
        b"\xef\xbb\xbf" + ENROLMENTS.encode(),
        ENROLMENTS.encode("utf-16"),
        ENROLMENTS.encode("utf-16-le"),
        ENROLMENTS.encode("utf-16-be"),
        b"\xfe\xff" + ENROLMENTS.encode("utf-16-be"),
        ENROLMENTS.encode("utf-32"),
        ENROLMENTS.encode("utf-32-le"),
        ENROLMENTS.encode("utf-32-be"),
        b"\0\0\xfe\xff" + ENROLMENTS.encode("utf-32-be"),
        ENROLMENTS.replace("\n", "\r\n").encode(),
        ENROLMENTS.replace("\n", "\r").encode(),
        ENROLMENTS.replace(",", ";").encode(),
        ENROLMENTS.replace(",", "\t").encode(),
        ENROLMENTS.removesuffix("\n").encode(),
        ENROLMENTS.replace("subject,student_id", '  Subject, "Student ID"').encode(),
        b"\n\n".join(ENROLMENTS.encode().splitlines()),
        b"subject,student_id\r18.06,912345671\n",
        b"\r\n \n" + ENROLMENTS.replace(",", ";").encode(),
    ],
)
@pytest.mark.parametrize("block", [1, 3, 1 << 16])
def test_however_a_program_wrote_it(raw, block):
    records, report = taken(raw, "enrolments", block)
    assert records == [Enrolment("18.06", "912345671")]
    assert not report.bad


FOREIGN = {
    "EBCDIC": (ENROLMENTS.encode("cp037"), "text in EBCDIC"),
    "EBCDIC of another country": (ENROLMENTS.replace(",", ";").upper().encode("cp500"), "text in EBCDIC"),
    "a workbook that was renamed": (b"PK\x03\x04\x14\x00\x06\x00[Content_Types].xml", "a workbook or an archive"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a workbook"),
    "a compressed file": (b"\x1f\x8b\x08\x00" + ENROLMENTS.encode(), "compressed"),
}


@pytest.mark.parametrize(
    ("encoding", "header"),
    [
        ("utf-8", "姓名|学号|课程|成绩\r姓名|学号\r"),
        ("utf-8", "\u59d3\u540d\rÅ" * 20),
        ("utf-8", "Επώνυμο|Όνομα\r"),
        ("cp1251", "Имя|Почта\r"),
        ("cp1251", "ФАМИЛИЯ|ИМЯ\r"),
        ("cp1253", "Φοιτητής|Επώνυμο\r"),
        ("gb18030", "姓名\uff0c学号\uff0c课程"),
        ("big5", "姓名|學號|成績\r"),
        ("cp1252", "ÄÖÜÁÂäöü"),
        ("cp1252", "ÁÂÃÄÅÆÇÈÉ"),
        ("cp1252", "ÁÂÃÄÅÆÇÈÉ,ÁÂÃÄÅÆÇÈÉ\r"),
        ("ascii", "NO|OK\r"),
    ],
)
def test_a_header_in_letters_of_any_country_is_text_whatever_stands_between_its_names(encoding, header):
    assert list(decoded([header.encode(encoding)]))


@pytest.mark.parametrize(
    "header",
    [
        "id\tfull_name\n",
        "ID|NAME\n",
        "ID          NAME        SUBJECT\x85912345678   ANN MORI",
        "STUDENT ID          NAME                          TERM        ",
        "id;name\r\n",
        "ID#,NAME(LAST),NAME(FIRST),%DONE,CODE/X,A&B,$",
    ],
)
@pytest.mark.parametrize("encoding", ["cp037", "cp1140"])
def test_a_header_in_ebcdic_is_none(encoding, header):
    with pytest.raises(Foreign, match="EBCDIC"):
        list(decoded([header.encode(encoding)]))


@pytest.mark.parametrize("case", FOREIGN)
def test_a_file_of_another_sort_is_named_for_what_it_is(case):
    raw, said = FOREIGN[case]
    records, report = taken(raw, "enrolments")
    assert (records, report.bad) == ([], [])
    assert [(each.file, each.what) for each in report.unusable] == [("enrolments.csv", f"it is no CSV but {said}")]


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("koi8-r", "Женя Орлова"), ("cp1251", "Женя Орлова"), ("cp1253", "Ελένη"), ("big5", "中山"), ("utf-8", "中山")],
)
def test_a_file_whose_rows_are_in_letters_of_any_country_is_text(encoding, name):
    raw = ("id,full_name\n" + "".join(f"91234567{row},{name}\n" for row in range(9))).encode(encoding)
    assert taken(raw, "students")[1].unusable == []
    (headless,) = taken(f"{name},{name}\n".encode(encoding), "students")[1].unusable
    assert headless.what == "the column id is missing"


PIECES = [b"912345671", b"Bo", b"", b'"', b"\xe9", b"\x00", b",", b";", b"all", b"yes", b"\xff\xfe"]
ROW = st.lists(st.sampled_from(PIECES), max_size=30)


@given(name=st.sampled_from(sorted(FORMATS)), rows=st.lists(ROW.map(b",".join), max_size=10), block=st.integers(1, 64))
def test_any_bytes_are_rows_or_bad_rows_and_no_error(name, rows, block):
    columns = [column.name.encode() for column in FORMATS[name].columns if column.name != BLANK]
    records, report = taken(b"\n".join([b",".join(columns), *rows]), name, block)
    assert len(records) + report.all_bad_rows <= len(rows)
    assert all(isinstance(record, FORMATS[name].make) for record in records)


def test_bad_rows_are_all_counted_and_some_told():
    raw = b"subject,student_id\n" + b"18.06,\n" * (KEPT + 50)
    records, report = taken(raw, "enrolments")
    assert not records
    assert (report.all_bad_rows, len(report.bad)) == (KEPT + 50, KEPT)


HOSTILE = {
    "a NUL": (b"18.06,91234\x005671", 1),
    "a cell without end": (b"18.06," + b"9" * 10_000_000, 1),
    "a quoted cell without end": (b'18.06,"' + b"9" * 10_000_000, 1),
    "a long cell": (b"18.06," + b"9" * 100_000, 1),
    "a quote that is never closed": (b'18.06,"912345671', 1),
    "a row of a hundred thousand cells": (b"18.06,912345671" + b",x" * 100_000, 1),
    "a quote reopened on each line": (b"\n".join([b'a","b'] * 2_000), 2_000),
    "octets of no encoding": (b"18.06,91234\x8f5671", 1),
    "text after a quote": (b'18.06,"912345671"x', 1),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_row_is_bad_and_the_next_is_read(case):
    row, bad = HOSTILE[case]
    records, report = taken(b"subject,student_id\n18.05,912345670\n" + row + b"\r\n18.07,912345672\n", "enrolments")
    assert records == [Enrolment("18.05", "912345670"), Enrolment("18.07", "912345672")]
    assert report.all_bad_rows == bad
    assert all("9123" not in str(told) for told in report.bad)


def test_a_list_may_have_very_many_members():
    members = ";".join(f"member{number}@campus.example" for number in range(20_000))
    records, report = taken(f'address,kind,members\nall@campus.example,staff,"{members}"\n'.encode(), "lists")
    assert isinstance(records[0], MailList)
    assert len(records[0].members) == 20_000
    assert not report.bad


def test_utf_8_with_damage_is_not_taken_for_another_encoding():
    raw = "subject,student_id\nÖkologie,912345671\n".encode() + b"\xc3,912345672\n"
    records, report = taken(raw, "enrolments")
    assert records == [Enrolment("Ökologie", "912345671")]
    assert [bad.line for bad in report.bad] == [3]


@pytest.mark.parametrize(("end", "rows"), [(b"", 1), (b"\n", 2), (b"\r", 2), (b",,all", 2)])
@pytest.mark.parametrize("block", [1, 1 << 16])
def test_a_file_that_ends_within_a_row_has_a_bad_one(end, rows, block):
    """What would have stood in the cells that are missing may be that somebody withholds everything."""
    raw = b"id,full_name,email,phone,suppress\n912345671,Bo Lindqvist,,,\n912345672,Cy Ames,c@campus.example" + end
    records, report = taken(raw, "students", block)
    assert (len(records), report.all_bad_rows) == (rows, 2 - rows)


def test_rows_that_a_quote_swallowed_into_the_header_line_are_not_shown():
    raw = b'id,full_name,"phone\n912345671,Bo Lindqvist,"\n' + b"x" * 80 + b",a,Student ID\n"
    _, report = taken(raw, "students")
    assert report.unknown["students.csv"] == ("(no name of a column)",)


@pytest.mark.parametrize("cell", ["\u0663\u0664", "\uff19\uff11", "अमिता की", "Zoë", "金 花"])
def test_no_sign_of_a_cell_is_shown_as_it_is(cell):
    assert not set(masked(cell)) & set(cell) - {" "}


@pytest.mark.parametrize("sign", ["\u200b", "\ufeff", "\xad", "\x1b"])
def test_an_address_with_a_sign_nobody_sees_is_bad(sign):
    records, report = taken(f"address,target\na@campus.example,b{sign}@x.example\n".encode(), "forwards")
    assert (records, report.all_bad_rows) == ([], 1)


def test_a_word_a_column_does_not_take_is_told_with_those_it_takes():
    with pytest.raises(WrongCell) as wrong:
        suppress("xxxxx")
    assert wrong.value.remedy.endswith("term_address or year")
