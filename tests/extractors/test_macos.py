"""What macOS adds to archives is read and nothing is said of it; what hides in it is found."""

from __future__ import annotations

import struct

import pytest

from dlp.values import PartStatus
from tests.extractors.read import ID, opened, places
from tests.extractors.test_zips import by_zipfile

SAID = f"student ID {ID}".encode()


def apple_double(*entries: tuple[int, bytes]) -> bytes:
    """Entry descriptors, then the entries."""
    begin = 26 + 12 * len(entries)
    table = b""
    for number, data in entries:
        table += struct.pack(">3L", number, begin, len(data))
        begin += len(data)
    return (
        bytes.fromhex("0005160700020000")
        + b"Mac OS X        "
        + struct.pack(">H", len(entries))
        + table
        + b"".join(data for _, data in entries)
    )


BLANK = bytes(286)
DS_STORE = b"\0\0\0\1Bud1" + bytes(20)


@pytest.mark.parametrize(
    ("data", "status", "where"),
    [
        (apple_double((9, bytes(50)), (2, BLANK)), PartStatus.READ, []),
        (apple_double((9, bytes(34) + SAID)), PartStatus.READ, ["1 characters"]),
        (apple_double((9, bytes(34)), (1, SAID)), PartStatus.READ, ["1 characters", "1/1"]),
        (apple_double((9, bytes(34)), (2, bytes(range(256)) * 2)), PartStatus.UNSUPPORTED, []),
        (apple_double((9, bytes(34)))[:-1], PartStatus.BROKEN, []),
        (apple_double((9, bytes(34)))[:30], PartStatus.BROKEN, []),
        (DS_STORE + f"student ID {ID}.txt".encode("utf-16-be"), PartStatus.READ, ["1 characters"]),
    ],
)
def test_what_macos_adds_to_an_archive_is_read(data, status, where):
    found = opened(by_zipfile({"__MACOSX/._a.txt": data}))
    assert places(found) == where
    assert {each.status for each in found.shut} == ({status} - {PartStatus.READ})
