"""Header values both ways."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dlp.mail.headers import decode, encode

QUICK = settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b" plain \r\n", "plain"),
        (b" folded\r\n\tvalue", "folded\tvalue"),
        (b" =?utf-8?B?w6Q=?= =?utf-8?B?w7Y=?=", "äö"),
        (b" =?utf-8?B?w6TD?=\r\n =?utf-8?B?tg==?=", "äö"),
        (b" =?iso-8859-1?q?a_b=E4?= c", "a bä c"),
        (b" x =?utf-8?Q?a?= y =?utf-8?Q?b?= z", "x a y b z"),
        (b" =?utf-8?Q?a?==?utf-8?Q?b?=", "ab"),
        (b" =?utf-8*en?Q?a?=", "a"),
        (b" =?no-such-set?Q?=C3=A4?=", "ä"),
        (b" =?utf-8?Q?what??=", "what?"),
        (b" =?utf-8?B?w6Q?=", "ä"),
        (b" =?utf-8?X?a?=", "=?utf-8?X?a?="),
        (b" =?utf-8?Q?open", "=?utf-8?Q?open"),
        (b" =?utf-8?Q?a=0D=0ABcc:_x?=", "a Bcc: x"),
        (" ä".encode(), "ä"),
        (b" \xe4hnlich", "ähnlich"),
    ],
    ids=str,
)
def test_decode(raw: bytes, text: str) -> None:
    assert decode(raw).text == text


def test_words_beyond_the_cap_stay_encoded() -> None:
    value = decode(b"=?utf-8?Q?a?= =?utf-8?Q?b?= =?utf-8?Q?c?=", cap=2)
    assert value.cut
    assert value.text == "ab =?utf-8?Q?c?="
    assert not decode(b"=?utf-8?Q?a?= =?utf-8?Q?b?=", cap=2).cut


@pytest.mark.parametrize(
    "text", ["Grades", "", "see =?utf-8?Q?x?=", " blank ends ", "two  blanks", "x" * 200, "ä" * 100, "a ä b"]
)
def test_encode_goes_back(text: str) -> None:
    assert decode(encode(text).encode()).text == text


@pytest.mark.parametrize("text", ["a\r\nBcc: x", "a\n\rBcc: x", "a\x00\x85\u2028Bcc: x"], ids=ascii)
def test_line_breaks_become_a_blank_before_encoding(text: str) -> None:
    """Nor may one stand inside an encoded word: another reader may write it out decoded."""
    assert encode(text) == "a Bcc: x"


def test_ascii_stays_readable() -> None:
    assert encode("Your grade report") == "Your grade report"


@QUICK
@given(st.text())
@example("a\r\nBcc: x@x.example")
@example("a\rb\nc\x00d\u2028e\x85f")
@example("=?utf-8?Q?=0D=0A?=")
@example("\ud800")
@example("😀" * 60)
def test_encoded_text_is_safe_to_write(text: str) -> None:
    """ASCII lines of at most 78 columns, each after the first a continuation; no line break that is not a fold."""
    written = encode(text, column=9)
    lines = written.split("\r\n")
    assert written.isascii()
    assert all(not re.search(r"[\r\n\x00]", line) for line in lines)
    assert all(re.match(r" [^ ]", line) for line in lines[1:])
    assert len(lines[0]) <= 69
    assert all(len(line) <= 78 for line in lines)
    assert all(len(word) <= 75 for word in written.split() if word.startswith("=?"))
    assert all(
        decode(word.encode()).text is not None and "\ufffd" not in decode(word.encode()).text
        for word in written.split()
        if "\ufffd" not in text and text.isprintable()
    )


@QUICK
@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])))
def test_round_trip(text: str) -> None:
    once = decode(encode(text).encode()).text
    assert once == text.removeprefix("\ufeff") or once.strip() == text.removeprefix("\ufeff").strip()
