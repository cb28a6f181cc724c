"""The other reading says no whenever more, less or something else was changed than the edits say."""

import pytest

from dlp.rewrite.second_reading import agrees
from dlp.values import ChangeHeader, ChangePartHeader, Span

MESSAGE = (
    b"From: Grades Office <grades@x.example>\r\nSubject: Grades\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\npre\r\n"
    b"--b\r\nContent-Type: text/plain\r\n\r\ntext\r\n"
    b"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: Probation\r\n\r\nin\r\n"
    b"--b\r\nContent-Disposition: attachment;\r\n filename*=utf-8''Grades%20x\r\n\r\nfile\r\n--b--\r\n"
)
SUBJECT = ChangeHeader("Subject", 1, "Details", "subject", "Details", ("Grades",))
NAME = ChangeHeader("From", 1, "", "display-name", "", ("Grades",))
NESTED = ChangePartHeader("2", "Subject", Span(0, 0), "", "nested-subject", "", ("Probation",))
FILE = ChangePartHeader("3", "Content-Disposition", Span(0, 0), "", "file-name", "", ("Grades",))

MADE = [
    ("subject", [(b"Subject: Grades", b"Subject: Details")], [SUBJECT]),
    ("display-name", [(b"From: Grades Office", b"From: Details Office")], [NAME]),
    ("nested", [(b"Probation", b"Advising")], [NESTED]),
    ("file", [(b"Grades%20x", b"Details%20x")], [FILE]),
    ("two", [(b"Subject: Grades", b"Subject: Details"), (b"Probation", b"Advising")], [SUBJECT, NESTED]),
    ("part-of-a-longer-word", [(b"Subject: Grades", b"Subject: UpGrades")], [SUBJECT]),
]
NOT_AS_SAID = [
    ("nothing-changed", [], [SUBJECT]),
    ("word-left", [(b"Subject: Grades", b"Subject: The Grades")], [SUBJECT]),
    ("word-left-encoded", [(b"Subject: Grades", b"Subject: =?utf-8?Q?Gr=61des?=")], [SUBJECT]),
    ("word-left-in-a-name", [(b"Grades Office", b"The Grades")], [NAME]),
    ("word-left-in-a-file-name", [(b"Grades%20x", b"Gr%61des%20y")], [FILE]),
    ("another-field-too", [(b"Subject: Grades", b"Subject: Details"), (b"Office", b"Desk")], [SUBJECT]),
    ("a-field-more", [(b"Subject: Grades", b"Subject: Details\r\nBcc: a@x.example")], [SUBJECT]),
    ("another-name", [(b"Subject: Grades", b"Topic: Details")], [SUBJECT]),
    ("body", [(b"Subject: Grades", b"Subject: Details"), (b"text\r\n", b"test\r\n")], [SUBJECT]),
    ("preamble", [(b"Subject: Grades", b"Subject: Details"), (b"pre\r\n", b"pro\r\n")], [SUBJECT]),
    ("a-part-less", [(b"Subject: Grades", b"Subject: Details"), (b"--b\r\nContent-D", b"--c\r\nContent-D")], [SUBJECT]),
    ("header-cut", [(b"Subject: Grades", b"Subject: Details\r\n")], [SUBJECT]),
    ("boundary", [(b"boundary=b", b"boundary=c")], [SUBJECT]),
    ("left-in-another-field-of-that-name", [(b"Subject: Grades", b"Subject: Details\rSubject: The Grades")], [SUBJECT]),
]


def changed(pairs: list[tuple[bytes, bytes]]) -> bytes:
    raw = MESSAGE
    for old, new in pairs:
        assert raw.count(old) == 1
        raw = raw.replace(old, new)
    return raw


@pytest.mark.parametrize(("pairs", "edits"), [pytest.param(*each, id=name) for name, *each in MADE])
def test_what_the_edits_say_was_done(pairs, edits) -> None:
    assert agrees(MESSAGE, memoryview(changed(pairs)), edits)


@pytest.mark.parametrize(("pairs", "edits"), [pytest.param(*each, id=name) for name, *each in NOT_AS_SAID])
def test_anything_else_is_not_agreed_to(pairs, edits) -> None:
    assert not agrees(MESSAGE, changed(pairs), edits)


@pytest.mark.parametrize("same", [True, False])
def test_a_large_file_is_compared_too(*, same: bool) -> None:
    file = MESSAGE.replace(b"text\r\n", (b"QUJD" * 19 + b"\r\n") * 1_000)
    after = file.replace(b"Subject: Grades", b"Subject: Details")
    assert agrees(file, after if same else after.replace(b"QUJD", b"QUJE", 1), [SUBJECT]) is same


def test_a_field_it_sees_and_we_do_not_is_no_agreement() -> None:
    """A bare CR ends a line for some: what looks like the end of one field is another Subject to them."""
    raw = b"X-Odd: 1\rSubject: Grades\r\n" + MESSAGE
    assert not agrees(raw, raw.replace(b"\nSubject: Grades", b"\nSubject: Details"), [SUBJECT])


def test_what_is_nested_beyond_reason_is_not_agreed_to() -> None:
    raw = b"Subject: Grades\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 5_000 + b"x"
    assert not agrees(raw, raw.replace(b"Grades", b"Details"), [SUBJECT])
