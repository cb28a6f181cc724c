"""Data files: every value is read beside its name, tables under their headings, and nothing in them runs."""

from __future__ import annotations

import json
import plistlib
import sqlite3
import struct
from contextlib import closing

import pytest

from dlp.extractors.cbor import cbor, parsed
from dlp.extractors.content import File, Grid, Source, Text
from dlp.extractors.json_values import json_values
from dlp.extractors.kinds import kinds
from dlp.extractors.property_list import property_list
from dlp.extractors.sqlite import sqlite
from dlp.extractors.xml_values import xml_values
from tests.extractors.read import FILES, ID, opened, pieces, places

FOLDER = FILES / "data"


def lines(extractor, data: bytes, **limits):
    given, end = pieces(extractor, Source(data), **limits)
    texts = {line.strip() for each in given if isinstance(each, Text) for line in each.text.splitlines()}
    return texts, [each for each in given if isinstance(each, Grid)], end


@pytest.mark.parametrize(
    "said",
    ["students student Id: 912345678", "note: student ID 912345678", "nested student student id: 912345678", "student id: 1"],
)
def test_a_json_value_stands_beside_its_names(said):
    texts, _, end = lines(json_values, (FOLDER / "roster.json").read_bytes())
    assert said in texts
    assert end == ""


ROW = b"\xa2\x69studentId\x69912345678\x65grade\x61B"  # an object of two names
WHOLE = b"\x82" + ROW + ROW
CBOR = {
    "a list of two": (WHOLE, "student Id: 912345678"),
    "with its mark": (b"\xd9\xd9\xf7" + ROW, "student Id: 912345678"),
    "a number": (b"\xa1\x69studentId\x1a" + (912345678).to_bytes(4, "big"), "student Id: 912345678"),
    "as many as there are": (b"\xbf\x62id\x7f\x649123\x6545678\xff\xff", "id: 912345678"),
    "a double": (b"\xa1\x69studentId\xfb" + struct.pack(">d", 912345678.0), "student Id: 912345678"),
    "a double with a fraction": (b"\xa1\x61a\xfb" + struct.pack(">d", 912345.678), "a: 912345.678"),
    "a float": (b"\xa1\x63gpa\xfa" + struct.pack(">f", 2.1), "gpa: 2.1"),
    "a large number": (b"\xa1\x69studentId\xc2\x44" + (912345678).to_bytes(4, "big"), "student Id: 912345678"),
    "a large negative number": (b"\xa1\x61a\xc3\x49\1" + bytes(8), f"a: {-1 - (1 << 64)}"),
    "words as a large number": (b"\x81\xc2\x57student ID is 912345678", str(int.from_bytes(b"student ID is 912345678", "big"))),
    "a list as a name": (b"\xa1\x82\x62ID\x69912345678\x61B", "ID 912345678: B"),
    "a list as a name of nothing": (b"\xa1\x81\x69912345678\xf6", "912345678"),
    "a map as a name": (b"\xa1" + ROW + b"\xf6", "student Id: 912345678"),
    "other values": (b"\x85\xf5\xf6\x20\xf9\x3c\x00\x69912345678", "912345678"),
}


@pytest.mark.parametrize("name", CBOR)
def test_a_value_of_cbor_stands_beside_its_name(name):
    data, said = CBOR[name]
    assert "cbor" in kinds(Source(data), lambda _: "application/octet-stream")
    texts, _, end = lines(cbor, data)
    assert (said in texts, end) == (True, "")


def test_a_string_of_bytes_in_cbor_is_a_file():
    found = opened(b"\xa1\x64file\x58\x1e" + bytes(range(1, 31)))
    assert [each.why for each in found.shut] == ["unsupported"]
    assert places(opened(b"\x81\xc2\x57student ID is 912345678")) == ["1"]  # said to be a number


@pytest.mark.parametrize(
    "data",
    [
        WHOLE[:-1],
        WHOLE + b"\0",
        b"\xa1\x61a",
        b"\x9f\x01",
        b"\x81" * 99 + b"\1",
        b"\x9b" + b"\xff" * 8,
        b"\x01",
        b"\x9f" + b"\1" * (1 << 21) + b"\xff",
    ],
)
def test_what_is_not_whole_or_too_large_is_no_cbor(data):
    assert parsed(data) is None


def test_lists_of_objects_and_of_lists_are_tables():
    _, grids, _ = lines(json_values, (FOLDER / "roster.json").read_bytes())
    assert [(grid.place, list(grid.rows[0]), list(grid.rows[1])) for grid in grids] == [
        ("table 1", ["student Id", "name", "grade"], [ID, "Tess Moran", "A"]),
        ("table 2", ["Student ID", "Grade"], [ID, "B"]),
    ]


def test_of_a_name_that_comes_twice_both_values_are_read():
    texts, _, _ = lines(json_values, b'{"student_id": 912345678, "student_id": 1}')
    assert texts == {"student id: 912345678", "student id: 1"}


def test_a_value_a_line_is_a_table():
    texts, grids, _ = lines(json_values, (FOLDER / "roster.ndjson").read_bytes())
    assert "student id: 912345678" in texts
    assert grids[0].rows[0] == ["student id", "grade"]


def test_json_in_utf_16_is_read():
    texts, _, _ = lines(json_values, '{"student ID": 912345678}'.encode("utf-16"))
    assert texts == {"student ID: 912345678"}


@pytest.mark.parametrize("data", [b"[see the list]", b"{", b"{'student': 1}", b""])
def test_what_is_no_json_gives_nothing(data):
    texts, grids, end = lines(json_values, data)
    assert (texts - {""}, grids, end) == (set(), [], "")


def test_objects_that_have_nothing_in_common_are_no_table():
    texts, grids, _ = lines(json_values, json.dumps([{f"name{n}": "x"} for n in range(50)]).encode())
    assert len(texts) == 50
    assert grids == []


@pytest.mark.parametrize(
    "said",
    [
        "note: student ID 912345678",
        "student id: 912345678",
        "remark: student ID 912345678 in pieces",
        "entity: student ID 912345678 declared",
        "cdata: student ID 912345678 <as is>",
        "student ID 912345678 in a comment",
        "student ID 912345678 for a program",
    ],
)
def test_every_place_of_xml_is_read(said):
    texts, _, end = lines(xml_values, (FOLDER / "roster.xml").read_bytes())
    assert said in texts
    assert end == ""


def test_xml_elements_that_repeat_are_a_table():
    _, grids, _ = lines(xml_values, (FOLDER / "roster.xml").read_bytes())
    assert [list(grid.rows[1]) for grid in grids] == [[ID, "Tess Moran", "A"]]


@pytest.mark.parametrize("data", [b"<a>", b"<a><b></a>", b"plain", b""])
def test_what_is_no_xml_gives_nothing(data):
    assert lines(xml_values, data) == (set(), [], "")


def test_a_text_with_texts_in_it_is_given_once():
    texts, _, _ = lines(xml_values, b"<a>" + b"<b>student " * 100 + b"ID 912345678" + b"</b>." * 100 + b"</a>")
    assert sum("ID 912345678" in text for text in texts) == 2  # the whole, and the innermost


LAUGHS = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 12))


@pytest.mark.parametrize(
    "entities",
    [b'<!ENTITY e0 "ha">' + LAUGHS, b'<!ENTITY e11 SYSTEM "file:///etc/hostname">', b'<!ENTITY e11 "&e11;">'],
    ids=["laughs", "a-file", "itself"],
)
def test_entities_that_cannot_be_put_in_are_broken(entities):
    texts, _, end = lines(xml_values, b"<!DOCTYPE a [" + entities + b"]><a>&e11;</a>")
    assert (texts, end) == (set(), "broken")


@pytest.mark.parametrize("name", ["binary.plist", "xml.plist"])
def test_a_property_list_is_read(name):
    given, end = pieces(property_list, Source((FOLDER / name).read_bytes()))
    assert any("Student ID: 912345678" in each.text for each in given if isinstance(each, Text))
    assert [list(each.rows[1]) for each in given if isinstance(each, Grid)] == [[ID, "A"]]
    assert [each.data[:20] for each in given if isinstance(each, File)] == [b"student ID 912345678"]
    assert end == ""


def test_a_small_property_list_in_another_is_a_file():
    inner = plistlib.dumps({"student ID": 912345678}, fmt=plistlib.FMT_BINARY)
    assert places(opened(plistlib.dumps({"a": inner}, fmt=plistlib.FMT_BINARY))) == ["1"]


def test_a_property_list_that_refers_to_itself_again_and_again_reaches_a_limit():
    levels = 40  # each an array of two references to the next
    offsets, body = [], b""
    for level in range(levels):
        offsets.append(8 + len(body))
        body += bytes((0xA2, level + 1, level + 1))
    offsets.append(8 + len(body))
    body += b"\x51x"
    table = bytes(offsets)
    tail = bytes(6) + bytes((1, 1)) + (levels + 1).to_bytes(8, "big") + bytes(8) + (8 + len(body)).to_bytes(8, "big")
    _, _, end = lines(property_list, b"bplist00" + body + table + tail, cells=10_000)
    assert end == "cells"


@pytest.mark.parametrize("name", ["grades.sqlite", "wal.sqlite"])
def test_every_place_of_a_database_is_read(name):
    given, end = pieces(sqlite, Source((FOLDER / name).read_bytes()))
    where = {each.place for each in given if isinstance(each, Text) and ID in each.text}
    assert where >= {"names", "schema", "characters"}
    grids = {each.place: each.rows for each in given if isinstance(each, Grid)}
    assert list(grids["table 1"][0]) == ["Student ID", "name", "grade", "file"]
    assert list(grids["table 1"][1])[:3] == [ID, "Tess Moran", "4.5"]
    assert [list(row) for row in grids["table 2"]] == [["note"], ["student ID 912345678 in a note"]]
    assert [each.data[:20] for each in given if isinstance(each, File)] == [b"student ID 912345678"]
    assert end == ""


def test_the_characters_of_a_deleted_row_are_seen():
    given, _ = pieces(sqlite, Source((FOLDER / "grades.sqlite").read_bytes()))
    assert "912345678 deleted" in next(each.text for each in given if isinstance(each, Text) and each.place == "characters")


@pytest.mark.parametrize("cut", [100, 600, 1400])
def test_a_cut_database_is_broken(cut):
    assert pieces(sqlite, Source((FOLDER / "grades.sqlite").read_bytes()[:cut]))[1] == "broken"


def test_a_database_that_spoils_its_own_schema_is_broken():
    data = (FOLDER / "grades.sqlite").read_bytes().replace(b"CREATE TABLE notes", b"CREATE NOTHING XX")
    assert pieces(sqlite, Source(data))[1] == "broken"


def database(*statements: str) -> bytes:
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        return connection.serialize()


ENDLESS = "with recursive n(x) as (select 1 union all select x + 1 from n) select x from n"


def test_views_and_computed_columns_are_not_run():
    data = database(
        f"create view endless as {ENDLESS}",
        "create table t(a, b generated always as (hex(zeroblob(100000000))))",
        "insert into t(a) values ('student ID 912345678')",
    )
    given, end = pieces(sqlite, Source(data))
    assert [list(map(list, each.rows)) for each in given if isinstance(each, Grid)] == [[["a"], ["student ID 912345678"]]]
    assert end == ""


@pytest.mark.parametrize(("bound", "end"), [({"cells": 20}, "cells"), ({"expanded": 300}, "expanded")])
def test_a_table_over_a_limit_is_cut_and_what_fits_is_kept(bound, end):
    data = database("create table t(a)", *(f"insert into t values ('student ID 912345678 {n}')" for n in range(100)))
    given, found = pieces(sqlite, Source(data), **bound)
    assert found == end
    assert bound.get("cells", 0) in (0, sum(len(row) for each in given if isinstance(each, Grid) for row in each.rows) + 1)
