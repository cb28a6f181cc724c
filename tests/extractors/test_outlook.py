"""Outlook's wrappings, .msg and winmail.dat: every place that holds text is read, and nothing broken counts as read."""

from __future__ import annotations

import struct

import pytest

from dlp.extractors import compressed_rtf
from dlp.extractors.content import Budget, File, Source, Text
from dlp.extractors.msg import msg
from dlp.extractors.tnef import tnef
from dlp.limits import Limits
from dlp.values import PartStatus
from tests.extractors.read import FILES, ID, opened, pieces

FOLDER = FILES / "outlook"
COMMON = {
    "subject: ",
    "body: ",
    "recipient: ",
    " ID 912345678 in html",
    "title: ",
    "headers: ",
    "Student ID: 912345678 named",
    "Student ID as a number: 912345678",
    "Student ID as a float: 912345678",
    "first of many: ",
    "second of many: ",
    "binary: ",
}


def read(name: str, extractor=None, data: bytes | None = None):
    data = (FOLDER / name).read_bytes() if data is None else data
    extractor = extractor or (msg if name.endswith(".msg") else tnef)
    given, end = pieces(extractor, Source(data))
    texts = "\n".join(each.text for each in given if isinstance(each, Text))
    return given, texts, end


@pytest.mark.parametrize("name", ["letter.msg", "winmail.dat"])
def test_every_place_of_a_message_is_read(name):
    given, texts, end = read(name)
    assert [said for said in COMMON if said not in texts] == []
    files = [each for each in given if isinstance(each, File)]
    assert files[0].media_type == "text/rtf"
    assert b"rtf: student ID" in files[0].data
    assert files[1].data == b"file: student ID 912345678"
    assert end == ""


@pytest.mark.parametrize("name", ["appointment.msg", "appointment.dat", "contact.msg"])
def test_other_classes_of_items_are_read_too(name):
    _, texts, end = read(name)
    assert ID in texts
    assert end == ""


def test_a_message_within_is_read_in_place():
    given, _, _ = read("letter.msg")
    inner = {each.place: each.text for each in given if isinstance(each, Text) and each.text.startswith("inner ")}
    assert {"attachment 2, subject", "attachment 2, text"} <= set(inner)
    assert b"inner file: student ID 912345678" in [each.data for each in given if isinstance(each, File)]


def test_a_message_within_winmail_is_a_winmail_again():
    given, _, _ = read("winmail.dat")
    inner = [each for each in given if isinstance(each, File)][-1]
    again, end = pieces(tnef, Source(inner.data))
    assert any("inner body: " in each.text for each in again if isinstance(each, Text))
    assert end == ""


def test_the_long_name_and_the_type_of_a_file_are_kept():
    given, _, _ = read("winmail.dat")
    file = [each for each in given if isinstance(each, File)][1]
    assert (file.name, file.media_type) == ("a long name.txt", "text/plain")


def test_a_message_too_deep_within_others_is_not_read():
    given, end = pieces(msg, Source((FOLDER / "letter.msg").read_bytes()), nested=0)
    assert any("body: " in each.text for each in given if isinstance(each, Text))
    assert end == "nested"


@pytest.mark.parametrize("cut", [7, 100, 900, 1900])
def test_a_winmail_that_ends_early_is_broken_and_what_came_is_kept(cut):
    data = (FOLDER / "winmail.dat").read_bytes()[:cut]
    _, texts, end = read("", tnef, data)
    assert end == "broken"
    assert (ID in texts) == (cut > 100)


def test_a_winmail_whose_last_checksum_is_missing_or_that_has_a_line_behind_it_is_whole():
    data = (FOLDER / "winmail.dat").read_bytes()
    assert read("", tnef, data[:-2])[2] == ""
    assert read("", tnef, data + b"\r\n")[2] == ""


def test_bytes_behind_a_winmail_are_seen_and_it_is_not_whole():
    _, texts, end = read("", tnef, (FOLDER / "winmail.dat").read_bytes() + b"student ID 912345678 behind")
    assert "912345678 behind" in texts
    assert end == "broken"


PROPERTIES = b"\x01\x03\x90\x06\x00"


def attribute(body: bytes, said: int | None = None) -> bytes:
    length = struct.pack("<I", len(body) if said is None else said)
    return b"\x78\x9f\x3e\x22\x00\x00" + PROPERTIES + length + body + b"\0\0"


def binary(tag: int, data: bytes) -> bytes:
    return struct.pack("<IHHII", 1, 0x102, tag, 1, len(data)) + data + b"\0" * (-len(data) % 4)


@pytest.mark.parametrize(
    "data",
    [
        attribute(b"", 0xFFFFFFFF),
        attribute(struct.pack("<I", 0xFFFFFFFF)),
        attribute(struct.pack("<IHHII", 1, 0x1F, 0x37, 1, 0xFFFFFFF0)),
        attribute(struct.pack("<IHHI", 1, 0x101F, 0x37, 0x7FFFFFFF)),
        attribute(struct.pack("<IHH16sII", 1, 0x1F, 0x8001, b"", 1, 0xFFFFFFFF)),
        attribute(struct.pack("<IHH16sI", 1, 0x1F, 0x8001, b"", 7)),
        attribute(struct.pack("<IHHI", 1, 0x77, 0x37, 0)),
    ],
    ids=["attribute", "count", "value", "values", "name", "kind-of-name", "type"],
)
def test_a_length_beyond_the_end_is_broken_at_once(data):
    assert read("", tnef, data)[2] == "broken"


def test_a_broken_attribute_does_not_hide_the_file_behind_it():
    bad = attribute(struct.pack("<I", 0xFFFFFFFF))
    whole = (FOLDER / "winmail.dat").read_bytes()
    given, texts, end = read("", tnef, bad + whole[6:])
    assert "old subject: student ID" in texts
    assert sum(isinstance(each, File) for each in given) == 3
    assert end == "broken"


def test_a_cut_msg_is_broken_and_its_characters_are_seen():
    _, texts, end = read("", msg, (FOLDER / "letter.msg").read_bytes()[:-600])
    assert ID in texts
    assert end == "broken"


@pytest.mark.parametrize(("at", "value"), [(30, b"\xff\x7f"), (32, b"\xff\xff"), (48, b"\xf0\xff\xff\x7f")])
def test_a_container_of_impossible_numbers_is_broken_and_its_characters_are_seen(at, value):
    data = bytearray((FOLDER / "letter.msg").read_bytes())
    data[at : at + len(value)] = value
    _, texts, end = read("", msg, bytes(data))
    assert (ID in texts, end) == (True, "broken")


def test_a_stream_of_an_unknown_name_is_a_file_to_be_opened():
    data = (
        (FOLDER / "letter.msg")
        .read_bytes()
        .replace("__substg1.0_1000001F".encode("utf-16-le"), "hidden_away_xxxxxxxx".encode("utf-16-le"))
    )
    given, _, _ = read("", msg, data)
    assert any("body: " in each.data.decode("utf-16-le", "replace") for each in given if isinstance(each, File))


def rtf(body: bytes, raw_size: int, kind: bytes = b"LZFu") -> bytes:
    return struct.pack("<II4sI", 12 + len(body), raw_size, kind, 0) + body


@pytest.mark.parametrize(
    ("data", "text"),
    [  # MS-OXRTFCP 4.1.1 and 4.1.2
        (
            "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0",
            rb"{\rtf1\ansi\ansicpg1252\pard hello world}" + b"\r\n",
        ),
        ("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0", rb"{\rtf1 WXYZWXYZWXYZWXYZWXYZ}"),
        (rtf(b"{\\rtf1}", 7, b"MELA").hex(), rb"{\rtf1}"),
    ],
    ids=["simple", "crossing-write", "plain"],
)
def test_rtf_unfolds(data, text):
    assert compressed_rtf.decompress(bytes.fromhex(data), Budget.of(Limits(), len(data))) == text


@pytest.mark.parametrize("data", [b"", rtf(b"\x00abc", 900), rtf(b"\x01\x00", 900), rtf(b"abc", 3, b"NONE")])
def test_rtf_that_does_not_unfold_is_a_shut_file(data):
    given, _, end = read("", tnef, attribute(binary(0x1009, data)))
    assert [(each.status, each.why) for each in given if isinstance(each, File)] == [(PartStatus.BROKEN, "broken")]
    assert end == ""


def test_what_rtf_unfolds_to_is_taken_from_the_budget():
    bomb = rtf(b"\x00" + b"a" * 8 + b"\xff" + bytes.fromhex("0fff") * 8, 1)
    given, end = pieces(tnef, Source(attribute(binary(0x1009, bomb))), expanded=100)
    assert end == "expanded"
    assert not [each for each in given if isinstance(each, File)]


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@pytest.mark.parametrize(("content_id", "why"), [("logo@campus.example", "inline-image"), ("", "image")])
def test_a_small_picture_the_text_shows_is_told_from_one_that_is_attached(content_id, why):
    named = struct.pack("<IHHII", 1, 0x1E, 0x3712, 1, len(content_id) + 1) + content_id.encode() + b"\0"
    parts = [(0x00069002, bytes(14)), (0x0006800F, PNG), (0x00069005, named + b"\0" * (-len(named) % 4))]
    body = b"".join(struct.pack("<BII", 2, tag, len(value)) + value + b"\0\0" for tag, value in parts)
    found = opened(b"\x78\x9f\x3e\x22\x00\x00" + body)
    assert [(each.path, each.why) for each in found.shut] == [("1", why)]
