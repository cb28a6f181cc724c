"""OLE containers: what is embedded comes out as the file it is, macros as their source, and no stream goes unseen."""

from __future__ import annotations

import struct

import olefile
import pytest

from dlp.extractors import vba
from dlp.extractors.blips import blips
from dlp.extractors.content import Budget, File, Source, Text
from dlp.extractors.doc import doc
from dlp.extractors.msg import msg
from dlp.extractors.ole import ole
from dlp.extractors.ole_objects import linked_or_embedded, native, packaged
from dlp.extractors.ole_writing import compound
from dlp.extractors.property_sets import text_of
from dlp.limits import Limits
from tests.extractors.read import FILES, ID, opened, pieces, places

SAID = b"student ID 912345678"
PACKAGE = b"\2\0a.txt\0C:\\a.txt\0\0\0\3\0\4\0\0\0C:\\\0" + struct.pack("<I", len(SAID)) + SAID


def read(streams: dict[tuple[str, ...], bytes]) -> tuple[list[Text | File], str]:
    return pieces(ole, Source(compound(streams)))


@pytest.mark.parametrize(
    "path",
    [("\1Ole10Native",), ("ObjectPool", "_1", "\1Ole10Native")],
)
def test_a_packaged_file_is_unpacked_with_its_name(path):
    given, end = read({path: struct.pack("<I", len(PACKAGE)) + PACKAGE})
    assert given == [File(SAID, "a.txt")]
    assert end == ""


@pytest.mark.parametrize("name", ["Package", "CONTENTS", "Nobody knows"])
def test_streams_that_hold_a_file_or_are_not_known_are_opened(name):
    given, _ = read({(name,): SAID})
    assert [each.data.rstrip(b"\0") for each in given if isinstance(each, File)] == [SAID]


def test_a_storage_that_is_a_document_is_opened_as_one():
    letter = (FILES / "documents" / "letter.doc").read_bytes()
    outer = compound({("ObjectPool", "_1", *path): data for path, data in _streams(letter).items()})
    assert "1" in places(opened(outer))
    assert not opened(outer).shut


def _streams(data: bytes) -> dict[tuple[str, ...], bytes]:
    with olefile.OleFileIO(data) as container:
        return {tuple(path): container.openstream(path).read() for path in container.listdir()}


def compressed(text: bytes) -> bytes:
    """A compressed container of literals (MS-OVBA 2.4.1.3)."""
    tokens = b"".join(b"\0" + text[at : at + 8] for at in range(0, len(text), 8))
    return b"\1" + struct.pack("<H", 0xB000 | len(tokens) - 1) + tokens


@pytest.mark.parametrize("folder", [("VBA",), ("Macros", "VBA")])
def test_the_source_of_macros_is_read(folder):
    source = b'Attribute VB_Name = "M"\r\n\' student ID 912345678\r\n'
    given, end = read(
        {(*folder, "M"): b"\x16\3 what the interpreter made" + compressed(source), (*folder, "dir"): compressed(SAID)}
    )
    assert [each.place for each in given if isinstance(each, Text) and ID in each.text] == ["macros", "macros"]
    assert end == ""


def test_copies_in_compressed_macros_are_unfolded():
    # MS-OVBA 3.2.3
    data = bytes.fromhex("0103b00261450029")[:2] + bytes.fromhex("b00261450028")  # "a", then a copy of it
    assert set(vba.decompressed(data, 0, Budget.of(Limits(), 0))) <= set(b"aE")
    example = bytes.fromhex("012fb000232f233a2f2f232f233a2f2f")
    assert vba.decompressed(example, 0, Budget.of(Limits(), 0)).startswith(b"#/#:")


@pytest.mark.parametrize("cut", range(7, len(PACKAGE), 7))
def test_objects_that_break_off_are_given_as_they_are(cut):
    data = PACKAGE[:cut]
    for unwrapped in (packaged(data), native(struct.pack("<I", len(data)) + data), linked_or_embedded(data)):
        assert unwrapped.data in data or SAID in unwrapped.data


def test_pictures_are_found_by_their_records():
    png = b"\x89PNG\r\n\x1a\n"
    record = b"\x00\x6e\x1e\xf0" + struct.pack("<I", 17 + len(png)) + b"u" * 16 + b"\xff" + png
    assert [each.data for each in blips(b"junk" + record * 2 + record[:20], Budget.of(Limits(), 0))] == [png, png]


def test_a_container_that_breaks_off_is_broken_and_its_characters_are_seen():
    data = compound({("a",): SAID * 1000, ("b",): SAID * 1000})
    given, end = pieces(ole, Source(data[:9000]))
    assert end == "broken"
    assert ID in given[-1].text


def test_circles_of_sectors_and_of_entries_come_to_an_end():
    data = bytearray(compound({("a",): SAID * 1000, ("b",): SAID * 1000}))
    table = 512 * (struct.unpack_from("<I", data, 76)[0] + 1)
    struct.pack_into("<I", data, table + 4 * 3, 0)  # a sector leads back to the first
    assert sum(len(each.data) for each in pieces(ole, Source(bytes(data)))[0] if isinstance(each, File)) <= len(data)
    directory = 512 * (struct.unpack_from("<I", data, 48)[0] + 1)
    struct.pack_into("<I", data, directory + 128 + 72, 1)  # an entry is its own neighbour
    assert pieces(ole, Source(bytes(data)))[1] == "broken"


def changed(name: str, stream: str, at: int, data: bytes) -> bytes:
    """A file of the corpus with some bytes of one stream replaced."""
    content = (FILES / "documents" / name).read_bytes()
    streams = _streams(content)
    whole = streams[stream,]
    return compound({**streams, (stream,): whole[:at] + data + whole[at + len(data) :]})


@pytest.mark.parametrize(
    ("at", "data", "why", "seen"),
    [
        (10, b"\xff\xff", "password", False),
        (2, b"\x65\0", "unsupported", True),  # Word 6
        (0x1A6, b"\0\0\0\0", "broken", True),  # no piece table
        (0x4C, b"\xff\xff\xff\x7f", "", True),  # more text than there is
    ],
    ids=["encrypted", "old", "no-pieces", "count"],
)
def test_a_word_document_that_cannot_be_read_says_why(at, data, why, seen):
    given, end = pieces(doc, Source(changed("letter.doc", "WordDocument", at, data)))
    assert end == why
    assert seen == any(ID in each.text for each in given if isinstance(each, Text))


def test_properties_that_point_to_one_long_string_cost_no_more_than_it():
    count = 4096
    places = b"".join(struct.pack("<II", number + 2, 8 + 8 * count) for number in range(count))
    long = struct.pack("<II", 0x1E, 300_000) + SAID + b" " * 300_000
    head = struct.pack("<HHI16sI16sI", 0xFFFE, 0, 0, b"", 1, b"", 48)
    assert text_of(head + struct.pack("<II", 8 + 8 * count + len(long), count) + places + long).count(ID) == 1


@pytest.mark.parametrize("extractor", [ole, msg])
def test_a_short_file_is_not_taken_for_a_name(extractor, tmp_path, monkeypatch):
    (tmp_path / "other").write_bytes((FILES / "outlook" / "contact.msg").read_bytes())
    monkeypatch.chdir(tmp_path)
    given, why = pieces(extractor, Source(b"other"))
    assert why == "broken"
    assert not any(ID in each.text for each in given if isinstance(each, Text))
