"""Address lists as people and attackers write them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlp.mail import addresses as module
from dlp.mail.addresses import addresses

_PIECES = (
    *(
        "Ann",
        "Mori",
        " ",
        "  ",
        "<a@b.example>",
        "<",
        ">",
        "@",
        "a@b",
        '"',
        ",",
        ";",
        ":",
        "=",
        "=?utf-8?q?x?=",
        "(",
        ")",
        "\\",
    ),
    *("\t", "\xa0", ".", "é"),
)


@pytest.mark.parametrize(
    ("value", "pairs"),
    [
        ("ann@a.example", (("", "ann@a.example"),)),
        ("Ann Lee <ann@a.example>", (("Ann Lee", "ann@a.example"),)),
        ('"Lee, Ann" <ann@a.example>, bob@b.example', (("Lee, Ann", "ann@a.example"), ("", "bob@b.example"))),
        ("ann@a.example (Ann (the) Lee)", (("Ann (the) Lee", "ann@a.example"),)),
        (r'"An \"A\" Lee" <ann@a.example>', (('An "A" Lee', "ann@a.example"),)),
        (
            "Team: a@a.example, B <b@b.example>;, c@c.example",
            (("Team", ""), ("", "a@a.example"), ("B", "b@b.example"), ("", "c@c.example")),
        ),
        ("undisclosed-recipients:;", (("undisclosed-recipients", ""),)),
        ("<@relay.example:ann@a.example>", (("", "ann@a.example"),)),
        ('"a b"@a.example', (("", '"a b"@a.example'),)),
        ("=?utf-8?Q?J=C3=B6,_x?= <j@j.example>", (("Jö, x", "j@j.example"),)),
        ("Ann Lee flunked", (("Ann Lee flunked", ""),)),
        ("Ann <ann@a.example", (("Ann", "ann@a.example"),)),
        ('"open <ann@a.example>', (("open <ann@a.example>", ""),)),
        ("(open", (("open", ""),)),
        (",,;<>", ()),
        ("", ()),
    ],
    ids=str,
)
def test_pairs(value: str, pairs: tuple[tuple[str, str], ...]) -> None:
    assert addresses(value).pairs == pairs


def test_cap() -> None:
    assert addresses("a@a.example, b@b.example", cap=1).pairs == (("", "a@a.example"),)
    assert addresses("a@a.example, b@b.example", cap=1).cut
    assert not addresses("a@a.example, b@b.example", cap=2).cut


@given(
    st.lists(st.sampled_from(_PIECES), max_size=8).map("".join), st.sampled_from(["", " <a@b>", " <@a:b>", " <a b>", " <a>>"])
)
def test_a_name_and_an_address_are_read_alike_sign_by_sign(name: str, angle: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_NAME_AND_ADDRESS", re.compile("(?!)"))
        long = addresses(name + angle)
    assert addresses(name + angle) == long
