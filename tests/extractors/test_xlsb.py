"""Binary workbooks in a ZIP: cells under their names, texts of every other record, and records that break off."""

from __future__ import annotations

import struct
import zipfile
from io import BytesIO

import pytest

from dlp.extractors.content import Grid, Source
from dlp.extractors.xlsb import xlsb
from dlp.values import PartStatus
from tests.extractors.read import ID, opened, pieces, places

TYPE = "application/vnd.ms-excel.sheet.binary.macroEnabled.main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def record(kind: int, body: bytes) -> bytes:
    size, digits = len(body), bytearray()
    while size > 0x7F:
        digits.append(size & 0x7F | 0x80)
        size >>= 7
    head = bytes([kind & 0x7F | 0x80, kind >> 7]) if kind > 0x7F else bytes([kind])
    return head + bytes(digits) + bytes([size]) + body


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def cell(kind: int, column: int, body: bytes, style: int = 0) -> bytes:
    return record(kind, struct.pack("<II", column, style) + body)


def row(number: int) -> bytes:
    return record(0, struct.pack("<I", number - 1) + bytes(13))


def relations(*targets: tuple[str, str, str]) -> bytes:
    each = "".join(f'<Relationship Id="{id_}" Type="{RELATIONS}/{kind}" Target="{target}"/>' for id_, kind, target in targets)
    return f'<Relationships xmlns="{PACKAGE}/relationships">{each}</Relationships>'.encode()


def book(first: bytes, second: bytes = b"", **others: bytes) -> bytes:
    types = "".join(
        f'<Override PartName="/xl/{name}" ContentType="{said}"/>'
        for name, said in (
            ("workbook.bin", TYPE),
            ("comments1.bin", "application/vnd.ms-excel.comments"),
            ("sheet9.bin", "application/vnd.ms-excel.worksheet"),
        )
    )
    sheets = [record(156, bytes(8) + wide(f"r{number}") + wide(f"Sheet {number}")) for number in (2, 1)]
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">{types}</Types>'.encode(),
        "_rels/.rels": relations(("r1", "officeDocument", "xl/workbook.bin")),
        "xl/workbook.bin": b"".join(sheets),
        "xl/_rels/workbook.bin.rels": relations(("r2", "worksheet", "first.bin"), ("r1", "worksheet", "second.bin")),
        "xl/first.bin": first,
        "xl/second.bin": second,
        **{f"xl/{name}.bin": data for name, data in others.items()},
    }
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def cells(data: bytes) -> list[tuple[str, int, int, list[list[str]]]]:
    given, why = pieces(xlsb, Source(data))
    assert why == ""
    return [(each.place, each.row, each.column, [list(line) for line in each.rows]) for each in given if isinstance(each, Grid)]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (2, struct.pack("<i", 91234567 << 2 | 2)),
        (5, struct.pack("<d", 91234567)),
        (6, wide("91234567")),
        (7, struct.pack("<I", 1)),
        (8, wide("91234567") + b"\0\0"),
        (9, struct.pack("<d", 91234567) + b"\0\0"),
        (62, b"\0" + wide("91234567")),
    ],
)
def test_each_kind_of_cell_stands_at_its_place(kind: int, body: bytes) -> None:
    strings = record(19, b"\0" + wide("none")) + record(19, b"\0" + wide("91234567"))
    assert cells(book(row(7) + cell(kind, 3, body), sharedStrings=strings)) == [("sheet 1", 7, 4, [["91234567"]])]


def test_numbers_stand_as_they_are_shown() -> None:
    styles = record(44, struct.pack("<H", 164) + wide("000000000"))
    styles += (
        record(617, bytes(4)) + b"".join(record(47, struct.pack("<HH", 0, number)) for number in (0, 164)) + record(618, b"")
    )
    sheet = row(1) + cell(5, 0, struct.pack("<d", 12345678), style=1)
    assert cells(book(sheet, styles=styles)) == [("sheet 1", 1, 1, [["012345678"]])]


def test_sheets_are_numbered_as_their_tabs_and_those_without_come_last() -> None:
    one, two, three = (row(1) + cell(6, 0, wide(text)) for text in ("one", "two", "three"))
    assert [(place, rows) for place, _, _, rows in cells(book(one, two, sheet9=three))] == [
        ("sheet 1", [["one"]]),
        ("sheet 2", [["two"]]),
        ("sheet 3", [["three"]]),
    ]


def test_texts_of_other_records_are_given_by_their_parts() -> None:
    said = wide(f"student ID {ID}")
    found = opened(book(record(551, said), comments1=record(637, b"\0" + said), sharedStrings=record(19, b"\0" + said)))
    assert (found.status, found.shut) == (PartStatus.READ, ())
    assert sorted(places(found)) == ["comments", "settings of sheet 1", "strings of no cell"]


def test_a_sheet_that_breaks_off_does_not_hide_the_next() -> None:
    first = row(1) + cell(6, 0, wide("before")) + b"\x06\x7f"
    given, why = pieces(xlsb, Source(book(first, row(1) + cell(6, 0, wide("next")))))
    assert why == "broken"
    assert [each.rows[0][0] for each in given if isinstance(each, Grid)] == ["before", "next"]
