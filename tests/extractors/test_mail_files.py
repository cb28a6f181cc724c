"""Mail in wrappings: attached in any encoding, saved in a folder or a page, within one another; what it held is named."""

from __future__ import annotations

import base64
import quopri

import pytest

from dlp.extractors.content import File, Source
from dlp.extractors.mbox import mbox
from dlp.values import PartStatus
from tests.extractors.read import FILES, found_at, opened, pieces, places, read_message

WORDS = b"student ID 912345678"


def part(media_type: str, body: bytes, *fields: str) -> bytes:
    head = "".join(f"{field}\r\n" for field in (f"Content-Type: {media_type}", *fields))
    return head.encode() + b"\r\n" + body


def multipart(*parts: bytes, kind: str = "mixed", mark: str = "b") -> bytes:
    inside = b"".join(b"--" + mark.encode() + b"\r\n" + one + b"\r\n" for one in parts)
    return (
        f'Subject: x\r\nContent-Type: multipart/{kind}; boundary="{mark}"\r\n\r\n'.encode()
        + inside
        + f"--{mark}--\r\n".encode()
    )


def in_base64(media_type: str, body: bytes, *fields: str) -> bytes:
    return part(media_type, base64.encodebytes(body).replace(b"\n", b"\r\n"), "Content-Transfer-Encoding: base64", *fields)


LETTER = b"From: a.lind@campus.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
FILE = in_base64("text/plain", WORDS, 'Content-Disposition: attachment; filename="a.txt"')
WHOLE = LETTER + multipart(part("text/plain", b"see the file"), FILE, mark="inner").removeprefix(b"Subject: x\r\n")
TEXT = part("text/plain", b"Hello")


@pytest.mark.parametrize("media_type", ["message/rfc822", "message/global", "application/octet-stream", "text/plain"])
def test_a_message_attached_in_base64_is_read_as_mail(media_type):
    where = found_at(multipart(TEXT, in_base64(media_type, WHOLE, 'Content-Disposition: attachment; filename="a.eml"')))
    assert "part 2, part 2" in where


def test_a_message_attached_in_quoted_printable_is_read_as_mail():
    encoded = part("message/rfc822", quopri.encodestring(WHOLE), "Content-Transfer-Encoding: quoted-printable")
    assert "part 2, part 2" in found_at(multipart(TEXT, encoded))


def test_an_encoded_message_is_ambiguous_all_the_same():
    unread = read_message(multipart(TEXT, in_base64("message/rfc822", WHOLE))).unread
    assert [(each.section, each.status) for each in unread] == [("2", PartStatus.AMBIGUOUS)]


@pytest.mark.parametrize("depth", [1, 3, 6])
def test_messages_within_messages_within_files(depth):
    raw = WHOLE
    for level in range(depth):
        encoded = in_base64("application/octet-stream", raw, 'Content-Disposition: attachment; filename="m.eml"')
        raw = LETTER + multipart(TEXT, encoded, mark=f"m{level}").removeprefix(b"Subject: x\r\n")
    assert found_at(raw)
    assert not read_message(raw).unread


def test_a_file_within_attached_mail_is_named_by_its_way():
    raw = multipart(
        TEXT,
        in_base64(
            "application/octet-stream",
            multipart(TEXT, in_base64("application/octet-stream", (FILES / "data" / "grades.sqlite").read_bytes()), mark="i"),
        ),
    )
    labels = {view.label for view in read_message(raw).views}
    assert "part 2, part 2, table 1" in labels


@pytest.mark.parametrize("kind", ["partial", "external-body"])
def test_what_is_not_all_there_is_ambiguous_within_a_file_too(kind):
    inner = LETTER + part(f"message/{kind}; id=x; number=1; total=2", WORDS)
    unread = read_message(multipart(TEXT, in_base64("application/octet-stream", inner))).unread
    assert [each.status for each in unread] == [PartStatus.AMBIGUOUS]


FOLDER = (
    b"From a.lind@campus.example Mon Sep  7 09:00:00 2026\nSubject: one\n\nHello\n>From here on\n\n"
    b"From b.ito@campus.example Mon Sep  7 10:00:00 2026\nSubject: two\n\nstudent ID 912345678\n"
)


def test_each_message_of_a_folder_is_read_and_its_from_lines_are_its_own():
    given, end = pieces(mbox, Source(FOLDER))
    assert [each.data for each in given if isinstance(each, File)] == [
        b"Subject: one\n\nHello\nFrom here on\n\n",
        b"Subject: two\n\nstudent ID 912345678\n",
    ]
    assert end == ""


def test_a_folder_is_known_by_its_content():
    found = opened(FOLDER + b"Content-Transfer-Encoding: base64\n\n")
    assert "2 part 1" in places(found)
    assert found.status is PartStatus.READ


def test_a_message_in_a_folder_is_decoded():
    encoded = FOLDER + b"\nFrom c@campus.example Mon Sep  7 11:00:00 2026\n" + WHOLE.replace(b"\r\n", b"\n")
    assert "3 part 2" in places(opened(encoded, "folder.mbox"))


PAGE = (
    b"From: <Saved by a browser>\r\nSnapshot-Content-Location: https://grades.example/\r\nSubject: Grades\r\n"
    b'Date: Mon, 7 Sep 2026 09:00:00 -0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="p"\r\n\r\n\r\n'
    b"--p\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Location: https://grades.example/\r\n\r\n"
    b"<html><body>student ID 9123=\r\n45678</body></html>\r\n--p--\r\n"
)


@pytest.mark.parametrize("name", ["page.mhtml", ""])
def test_a_saved_page_is_read(name):
    found = opened(PAGE, name)
    assert "part 1" in places(found)
    assert found.status is PartStatus.READ


def test_a_mail_store_is_named_as_what_was_not_read():
    found = opened(b"!BDN\0\0\0\0SM\x17\0" + bytes(600))
    assert (found.status, found.why) == (PartStatus.UNSUPPORTED, "mail-store")


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("outlook", "letter.msg"),
        ("outlook", "winmail.dat"),
        ("outlook", "contact.msg"),
        ("data", "roster.json"),
        ("data", "roster.xml"),
        ("data", "grades.sqlite"),
        ("data", "binary.plist"),
        ("data", "xml.plist"),
        ("cards", "meeting.ics"),
    ],
)
def test_a_file_is_known_by_its_content_alone(folder, name):
    found = opened((FILES / folder / name).read_bytes(), "any.bin")
    assert places(found)


@pytest.mark.parametrize("text", [b"Subject: see below\n\nnot a message", b"Note: a\nTo: b\n", b"From here on: all\nfine"])
def test_a_text_is_no_message_for_a_line_that_looks_like_a_field(text):
    assert [each.place for each in opened(text).shown] == [""]
