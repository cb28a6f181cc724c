"""Parameters of MIME fields, from the usual to the broken."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlp.mail import parameters
from dlp.mail.parameters import Structured, file_names, parse

_PIECES = (
    *(
        "text/plain",
        ";",
        "; ",
        " ",
        "\t",
        "charset",
        "=",
        "utf-8",
        '"',
        "boundary",
        "=_a",
        "name*0",
        "*",
        "=?utf-8?q?x?=",
        "\\",
    ),
    *("(", ")", "\xa0", "\x85", "é", '; name="a;b=c"', '; charset="utf-8"', "; Name=x.pdf", "; delsp=yes", ";name=y"),
)


@pytest.mark.parametrize(
    ("value", "main", "parameters"),
    [
        ("Text/Plain", "text/plain", ()),
        ('text/plain; charset="utf-8"', "text/plain", (("charset", "utf-8"),)),
        ("text/plain;charset=utf-8;", "text/plain", (("charset", "utf-8"),)),
        ("text/plain charset=utf-8", "text/plain", (("charset", "utf-8"),)),
        ("text/plain (c;d=e) ; (x) charset=a(b)", "text/plain", (("charset", "a"),)),
        (r'a/b; n="x;\"y\" (no comment)"; m=1', "a/b", (("n", 'x;"y" (no comment)'), ("m", "1"))),
        ("a/b; x:y=1; boundary=z", "a/b", (("x:y", "1"), ("boundary", "z"))),
        ('a/b; n="open; m=1', "a/b", (("n", "open; m=1"),)),
        ('a/b; n="x"junk; m=1', "a/b", (("n", "x"), ("m", "1"))),
        ("a/b; name*=utf-8''%C3%A4%20b", "a/b", (("name", "ä b"),)),
        ("a/b; name*1=c; name*0=b", "a/b", (("name", "bc"),)),
        ("a/b; name*0*=iso-8859-1'de'%E4; name*1=%20; name*2*=%21", "a/b", (("name", "ä%20!"),)),
        ("a/b; name*0=b; name*2=d; name*1=c", "a/b", (("name", "bcd"),)),
        ("a/b; name*0=b; name*2=d", "a/b", (("name", "bd"), ("name", "b"))),
        ("a/b; name=plain; name*=utf-8''real", "a/b", (("name", "real"), ("name", "plain"))),
        ("a/b; name==?utf-8?Q?=C3=A4?=", "a/b", (("name", "ä"),)),
        ("a/b; boundary==?utf-8?Q?b?=", "a/b", (("boundary", "=?utf-8?Q?b?="),)),
        ('"; ;=;;x', "", ()),
        ("", "", ()),
    ],
    ids=str,
)
def test_parse(value: str, main: str, parameters: tuple[tuple[str, str], ...]) -> None:
    assert parse(value) == Structured('"' if value.startswith('"') else main, parameters)


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ('a/b; name="x y.txt"; filename=z', [("x y.txt", "x y.txt"), ("z", "z")]),
        ("a/b; name=x (y).txt", [("x (y).txt", "x")]),
        ("a/b; name=x,name=y;z", [("x,name=y", "x")]),
        (r'a/b; name="x\"y".txt', [('x"y.txt', 'x"y.txt')]),
        ("a/b; name==?utf-8?Q?=C3=A4=2Etxt?=", [("ä.txt", "=?utf-8?Q?=C3=A4=2Etxt?=")]),
        ("a/b; surname=x; name*=utf-8''x; name", []),
    ],
    ids=str,
)
def test_file_names_without_comments_or_ends_of_quotes(value: str, names: list[tuple[str, str]]) -> None:
    assert list(file_names(value)) == names


def test_twin_sections_are_doubted() -> None:
    assert parse("a/b; boundary*0=x; boundary*0=y").doubts == ("parameter-section-twice",)


def test_cap() -> None:
    assert parse("a/b; c=1; d=2", cap=1).cut
    assert parse("a/b; c=1; d=2", cap=1).all("d") == ()
    assert not parse("a/b; c=1; d=2", cap=2).cut


@given(
    st.lists(st.sampled_from(_PIECES), max_size=8).map("".join),
    st.sampled_from(["", "a/b; charset=utf-8"]),
    st.sampled_from([64, 1]),
)
def test_what_is_read_at_once_is_read_alike_piece_by_piece(value: str, before: str, cap: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parameters, "_REGULAR", re.compile("(?!)"))
        long = parse(before + value, cap)
    assert parse(before + value, cap) == long
