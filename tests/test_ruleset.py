"""Which addresses are ours: only a plain local part at one of our domains; every trick spelling is outside (E096)."""

import pytest

from dlp.ruleset import Campus

CAMPUS = Campus(("campus.example", "Sub.Other.example"), ("alumni.campus.example",))

INSIDE = ["a@campus.example", "a.b+tag@campus.example", "A@CAMPUS.Example", "a@physics.campus.example", "a@campus.example.",
          "a=b@campus.example", "a@sub.other.example"]  # fmt: skip
OUTSIDE = [
    "a@freemail.example", "a@alumni.campus.example", "a@x.alumni.campus.example", "a@notcampus.example",
    "a@campus.example.freemail.example", "a@other.example", "a@[192.0.2.1]", "campus.example", "@campus.example", "",
    "a%freemail.example@campus.example", "freemail.example!a@campus.example", "a@freemail.example@campus.example",
    '"a@freemail.example"@campus.example', '"a"@campus.example', "@freemail.example:a@campus.example",
    "a b@campus.example", "a,b@campus.example", "|cat@campus.example", "/etc/passwd@campus.example",
    "SRS0=Hh=TT=freemail.example=a@campus.example", "srs1=x==y@campus.example", "a@\u0441ampus.example", "a@campus.example..",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_inside(address: str) -> None:
    assert CAMPUS.is_inside(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_outside(address: str) -> None:
    assert not CAMPUS.is_inside(address)
