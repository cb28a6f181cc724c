"""Where parts begin and end, and what they are called."""

from __future__ import annotations

import pytest

from dlp.limits import Limits
from dlp.mail.split import split
from dlp.values import Span

NESTED = b"""Subject: s
Content-Type: multipart/mixed; boundary=a

before
--a

one
--a
Content-Type: multipart/alternative; boundary=b

--b

two one
--b
X: y

two two
--b--

--a
Content-Type: message/rfc822

Content-Type: multipart/mixed; boundary=c

--c

three one
--c
Content-Type: message/rfc822

Subject: deep

three two one
--c--
--a--
after
"""


def cut(raw: bytes, span: Span) -> bytes:
    return raw[span.start : span.end]


@pytest.mark.parametrize("eol", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_sections_and_bodies(eol: bytes) -> None:
    raw = NESTED.replace(b"\n", eol)
    found = [(one.section, cut(raw, one.body), one.nested) for one in split(raw, Limits()).entities if not one.container]
    assert found == [
        ("1", b"one", False),
        ("2.1", b"two one", False),
        ("2.2", b"two two", False),
        ("3.1", b"three one", True),
        ("3.2.1", b"three two one", True),
    ]


def test_containers_hold_their_parts() -> None:
    containers = [(one.section, one.declared.media_type) for one in split(NESTED, Limits()).entities if one.container]
    assert containers == [
        ("0", "multipart/mixed"),
        ("2", "multipart/alternative"),
        ("3", "message/rfc822"),
        ("3", "multipart/mixed"),
        ("3.2", "message/rfc822"),
    ]


def test_headers_are_spans() -> None:
    structure = split(NESTED, Limits())
    part = next(one for one in structure.entities if one.section == "2.2")
    assert cut(NESTED, part.header) == b"X: y\n"
    assert [cut(NESTED, one.span) for one in structure.fields] == [
        b"Subject: s\n",
        b"Content-Type: multipart/mixed; boundary=a\n",
    ]


def test_text_outside_of_parts_is_kept_and_blank_lines_are_not() -> None:
    assert [(section, cut(NESTED, span).strip()) for section, span in split(NESTED, Limits()).loose] == [
        ("0", b"before"),
        ("0", b"after"),
    ]


@pytest.mark.parametrize(
    ("raw", "sections"),
    [
        (b"Subject: s\n\nx", ["1"]),
        (b"", ["1"]),
        (b"Content-Type: message/rfc822\n\nSubject: s\n\nx", ["1", "1.1"]),
        (b"Content-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx", ["1", "1", "1.1"]),
    ],
    ids=["single part", "nothing", "message in a message", "multipart in a message"],
)
def test_sections_without_a_multipart_on_top(raw: bytes, sections: list[str]) -> None:
    assert [one.section for one in split(raw, Limits()).entities] == sections
