"""Excel's binary workbooks: cells under their names, what stands beside them, locks, and what contradicts itself."""

from __future__ import annotations

import struct

import pytest

from dlp.extractors.content import Grid, Source, Text
from dlp.extractors.kinds import kinds
from dlp.extractors.ole_writing import compound
from dlp.extractors.xls import xls
from dlp.values import PartStatus
from tests.extractors.read import FILES, ID, opened, pieces

FOLDER = FILES / "sheets"
PLACES = {
    "cell": "sheet 1",
    "joined": "sheet 1",
    "comment": "comments of sheet 1",
    "header": "settings of sheet 1",
    "footer": "settings of sheet 1",
    "link": "settings of sheet 1",
    "hidden sheet": "sheet 2",
    "very hidden sheet": "sheet 3",
    "hidden row": "sheet 4",
    "hidden column": "sheet 4",
    "merged": "sheet 4",
    "choice": "characters",
    "prompt": "characters",
    "defined name": "characters",
    "title": "properties",
    "author": "properties",
    "description": "properties",
}


def record(kind: int, *parts: bytes) -> bytes:
    return b"".join(
        struct.pack("<HH", each, len(part)) + part for each, part in zip((kind, *[0x3C] * len(parts)), parts, strict=False)
    )


def book(*records: bytes) -> Source:
    bof = record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))
    return Source(compound({("Workbook",): bof + b"".join(records) + record(0x0A, b"")}))


def cells(source: Source) -> list[tuple[int, int, list[list[str]]]]:
    given, why = pieces(xls, source)
    assert why == ""
    return [(each.row, each.column, [list(row) for row in each.rows]) for each in given if isinstance(each, Grid)]


def test_every_place_is_read_and_named() -> None:
    found = opened((FOLDER / "calc.xls").read_bytes())
    said = {word: {each.place for each in found.shown if f"{word} student ID {ID}" in each.text} for word in PLACES}
    assert {word: place for word, place in PLACES.items() if place not in said[word]} == {}
    assert (found.status, found.shut) == (PartStatus.READ, ())


def test_numbers_stand_as_they_are_shown() -> None:
    (first, *_) = cells(Source((FOLDER / "calc.xls").read_bytes()))
    assert first[:2] == (1, 1)
    assert [row[1] for row in first[2][:10] if len(row) > 1] == [
        "Student ID",
        ID,
        "923456780",
        "934567891",
        "012345678",
        "912-34-5678",
    ]


@pytest.mark.parametrize(("passwords", "why"), [(("tulip",), ""), (("rose",), "password"), ((), "password")])
def test_a_password_that_fits_opens_a_book(passwords: tuple[str, ...], why: str) -> None:
    given, ended = pieces(xls, Source((FOLDER / "rc4.xls").read_bytes()), passwords=passwords)
    assert ended == why
    assert any(isinstance(each, Grid) and ID in each.rows[1] for each in given) is not bool(why)


def test_obfuscation_is_locked() -> None:
    _, why = pieces(xls, book(record(0x2F, struct.pack("<3H", 0, 1, 2))))
    assert why == "password"


def test_a_password_against_writing_is_no_lock() -> None:
    protected = record(0x12, b"\1\0"), record(0x13, b"\x12\x34"), record(0x5B, bytes(8))
    assert cells(book(*protected, record(0x203, struct.pack("<3Hd", 1, 2, 0, 912345678)))) == [(2, 3, [[ID]])]


def test_a_string_goes_on_in_the_next_record_in_another_width() -> None:
    shared = record(0xFC, struct.pack("<IIHB", 1, 1, 9, 0) + b"9123", b"\1" + "45678".encode("utf-16-le"))
    assert cells(book(shared, record(0xFD, struct.pack("<3HI", 0, 0, 0, 0)))) == [(1, 1, [[ID]])]


def test_small_numbers_in_their_four_ways() -> None:
    whole, cents = 912345678 & 0x1FFFFFFF, 91234567
    values = [
        whole << 2 | 2,
        cents << 2 | 3,
        struct.unpack("<Q", struct.pack("<d", 1.5))[0] >> 32,
        struct.unpack("<Q", struct.pack("<d", 150.0))[0] >> 32 | 1,
    ]
    many = struct.pack("<HH", 0, 0) + b"".join(struct.pack("<HI", 0, value) for value in values) + struct.pack("<H", 3)
    assert cells(book(record(0xBD, many))) == [(1, 1, [[str(whole), "912345.67", "1.5", "1.5"]])]


def test_cells_far_apart_cost_nothing() -> None:
    near, far = (record(0x203, struct.pack("<3Hd", row, column, 0, 912345678)) for row, column in ((0, 0), (65_535, 255)))
    assert cells(book(near, far)) == [(1, 1, [[ID]]), (65_536, 256, [[ID]])]


def test_strings_of_no_cell_are_given() -> None:
    shared = record(0xFC, struct.pack("<IIHB", 1, 1, 9, 0) + ID.encode())
    given, _ = pieces(xls, book(shared))
    assert [each.place for each in given if isinstance(each, Text) and ID in each.text] == ["strings of no cell"]


def test_a_book_that_breaks_off_is_broken_behind_what_came_before() -> None:
    number = record(0x203, struct.pack("<3Hd", 0, 0, 0, 912345678))
    given, why = pieces(xls, book(number, struct.pack("<HH", 0x203, 60_000)))
    assert why == "broken"
    assert any(isinstance(each, Grid) and ID in each.rows[0] for each in given)


def test_names_of_streams_are_compared_without_case() -> None:
    source = Source(compound({("BOOK",): record(0x809, struct.pack("<4H", 0x500, 5, 0, 0)) + record(0x0A, b"")}))
    assert kinds(source, lambda _: "") == ("xls",)


def test_sheets_of_excel_5_may_say_that_they_are_newer() -> None:
    begin, sheet = (record(0x809, struct.pack("<4H", version, kind, 0, 0)) for version, kind in ((0x500, 5), (0x600, 0x10)))
    label = record(0x204, struct.pack("<4H", 0, 0, 0, 9) + ID.encode())
    end = record(0x0A, b"")
    assert cells(Source(compound({("Book",): begin + end + sheet + label + end}))) == [(1, 1, [[ID]])]


def test_a_chart_in_a_sheet_does_not_write_over_its_cells() -> None:
    chart = record(0x809, struct.pack("<HHHHII", 0x600, 0x20, 0, 0, 0, 0))
    there, here = (record(0x203, struct.pack("<3Hd", 0, 0, 0, value)) for value in (912345678, 1))
    assert cells(book(there, chart, here, record(0x0A, b""))) == [(1, 1, [["1"]]), (1, 1, [[ID]])]
