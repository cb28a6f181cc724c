"""Calendars and cards: every line a person reads, and the files they carry."""

from __future__ import annotations

import pytest

from dlp.limits import Limits
from dlp.mail import cards
from dlp.mail.reading import read_small
from tests.extractors.read import FILES, opened, places, read_message

FOLDER = FILES / "cards"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("meeting.ics", "to all who come: student ID 912345678"),
        ("meeting.ics", "about grades, and then\nstudent ID 912345678; more"),
        ("meeting.ics", "comment: student ID 912345678"),
        ("meeting.ics", "attendee student ID 912345678"),
        ("meeting.ics", "student ID 912345678 in HTML"),
        ("card.vcf", "Tess Moran, student ID 912345678"),
        ("card.vcf", "to a file: student ID 912345678\nand more"),
        ("telephone.vcf", "étudiante, student ID 912345678 of a telephone"),
    ],
)
@pytest.mark.parametrize("attached", [False, True], ids=["part", "file"])
def test_every_line_is_read(name, said, attached):
    data = (FOLDER / name).read_bytes()
    if attached:
        texts = [each.text for each in opened(data, name).shown]
    else:
        media_type = "text/calendar" if name.endswith("ics") else "text/vcard"
        texts = [each.text for each in read_message(f"Content-Type: {media_type}; charset=utf-8\r\n\r\n".encode() + data).views]
    assert any(said in text for text in texts)


@pytest.mark.parametrize("name", ["meeting.ics", "card.vcf"])
def test_a_file_within_is_opened(name):
    found = opened((FOLDER / name).read_bytes(), "any.txt")
    assert "1" in places(found)


def test_a_small_picture_of_a_face_is_one_shown_in_the_text():
    found = opened((FOLDER / "card.vcf").read_bytes(), "card.vcf")
    assert [(each.path, each.why) for each in found.shut] == [("2", "inline-image")]


@pytest.mark.parametrize(("name", "fast"), [("telephone.vcf", True), ("card.vcf", False), ("meeting.ics", False)])
def test_only_one_with_a_file_leaves_the_fast_lane(name, fast):
    raw = b"Content-Type: text/vcard\r\n\r\n" + (FOLDER / name).read_bytes()
    assert (read_small(raw, Limits()) is not None) == fast


def test_a_file_in_a_part_is_opened_in_the_slow_lane():
    texts = read_message(b"Content-Type: text/calendar\r\n\r\n" + (FOLDER / "meeting.ics").read_bytes())
    assert "part 1, file 1" in [view.label for view in texts.views if view.text == "student ID 912345678 in a file"]
    assert not texts.unread


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("NOTE;TYPE=B:Tess", "NOTE;TYPE=B:Tess"),
        ("NOTE;ENCODING=B:***", "NOTE;ENCODING=B:***"),
        ("PHOTO:data:image/png;base64,AAAA", "PHOTO:"),
        ("ATTENDEE;CN=a^'b^^c:x", 'ATTENDEE;CN=a"b^c:x'),
        ("NOTE;QUOTED-PRINTABLE:=41=\n", "NOTE;QUOTED-PRINTABLE:A"),
        ("no line", "no line"),
        ("SUMMARY:student ID 9123\\45678", "SUMMARY:student ID 912345678"),
        ("SUMMARY:student ID 9123\r 45678", "SUMMARY:student ID 912345678"),
        ("DESCRIPTION:9123<b>45678</b>", "DESCRIPTION:9123<b>45678</b>\n912345678"),
    ],
)
def test_lines(line, shown):
    assert cards.text(line) == shown


def test_a_text_that_is_neither_has_no_files():
    assert cards.files("ATTACH;ENCODING=BASE64:AAAA") == ()
