"""The strict parser is given a mark for each body: every part must come out as from the parser alone."""

from __future__ import annotations

from email.parser import BytesParser
from email.policy import compat32

from hypothesis import given
from hypothesis import strategies as st

from dlp.limits import Limits
from dlp.mail.split import split
from dlp.mail.strict import _leaves, _parsed
from dlp.mail.transfer import decode
from dlp.values import Span

_LINES = st.sampled_from(
    [
        b"Q" * 76, b"Ab+/" * 10, b"A" * 39, b"A" * 77, b"QUJD", b"QQ==", b"", b"--x", b"--x--", b"--y", b"Subject: A", b"\tA",
        b" A", b"From A", b"A" * 40 + b":", b"A" * 40 + b" ", b"M" + b"0" * 60, b"begin 644 a", b"end", b"\1", b"\xe9",
        b"caf=C3=A9=",
        b"Content-Type: text/plain; charset=utf-8", b"Content-Type: multipart/mixed; boundary=x",
        b"Content-Type: multipart/alternative; boundary=y", b'Content-Type: multipart/mixed; boundary="--"',
        b"Content-Type: message/rfc822",
        b"Content-Type: message/delivery-status",
        b"Content-Type: multipart/digest; boundary=y", b"--x ", b"--", b"- -x",
        b"Content-Transfer-Encoding: base64", b"Content-Transfer-Encoding: quoted-printable",
        b"Content-Transfer-Encoding: x-uuencode",
    ]
)  # fmt: skip
_ENDS = st.sampled_from([b"\r\n"] * 12 + [b"\n", b"\r"])
_SOME = st.tuples(_LINES, _ENDS, st.sampled_from([1, 1, 1, 7, 8, 9, 30])).map(lambda each: (each[0] + each[1]) * each[2])


@given(st.lists(_SOME, max_size=25).map(b"".join), st.booleans())
def test_parts_are_those_of_the_parser_alone(body, parts):
    head = b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n" if parts else b""
    raw = head + body
    assert list(_leaves(_parsed(raw), 0)) == list(_leaves(BytesParser(policy=compat32).parsebytes(raw), 0))


@given(st.lists(_SOME, max_size=25).map(b"".join), st.booleans())
def test_without_those_undone_by_our_own_reading(body, parts):
    head = b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n" if parts else b""
    raw = head + b"Content-Transfer-Encoding: base64\r\n\r\n" + body
    undone = {}
    for entity in split(raw, Limits()).entities:
        for encoding in entity.declared.encodings:
            data = decode(raw[entity.body.start : entity.body.end], encoding)
            undone |= {entity.body: data.data} if data.plain else {}
    every = list(_leaves(BytesParser(policy=compat32).parsebytes(raw), 0))
    left = [each for each in every if each[0] not in undone.values()]
    assert [each for each in _leaves(_parsed(raw, undone), 0) if each[0] not in undone.values()] == left


def test_nothing_is_made_of_a_body_that_is_undone():
    raw = b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD\r\n--x--\r\n"
    at = raw.index(b"QUJD")
    assert [data for data, _ in _leaves(_parsed(raw), 0)] == [b"ABC"]
    assert list(_leaves(_parsed(raw, [Span(at, at + 4)]), 0)) == []
    otherwise = raw.replace(b"base64", b"binary")  # as this parser sees it
    assert [data for data, _ in _leaves(_parsed(otherwise, [Span(at, at + 4)]), 0)] == [b"QUJD"]


def test_lines_that_end_where_a_delimiter_begins_are_looked_at_once():
    """With an expression that begins anew at each of them this takes minutes."""
    raw = b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n" + (b"A" * 76 + b"\r\n") * 50_000 + b"--x--\r\n"
    assert [len(data) for data, _ in _leaves(_parsed(raw), 0)] == [78 * 50_000 - 2]
