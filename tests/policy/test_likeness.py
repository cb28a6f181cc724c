"""What letters of one series have in common: everything but names, figures, money and addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlp.limits import Limits
from dlp.mail.reading import read
from dlp.policy.likeness import likeness

LETTER = "Dear {name},\n\nyour tuition balance for {term} is {sum}, see https://pay.example/{key} or ask {mail}.\n\nBursar\n"
ONE = {"name": "Hana", "term": "fall", "sum": "$1,200.50", "key": "a1", "mail": "bursar@campus.example"}


def like(text: str, kind: str = "plain") -> str:
    return likeness(read(f"Subject: account\nContent-Type: text/{kind}; charset=utf-8\n\n{text}".encode(), Limits()))


@pytest.mark.parametrize(
    "other",
    [
        {"name": "Ben Okoro"},
        {"name": "Ms. Cara Lindqvist-O\u2019Neil"},
        {"name": "Alex van der Berg"},
        {"name": "\u0141ukasz"},
        {"sum": "\u20ac 7"},
        {"sum": "12,345.00 USD"},
        {"sum": "912345678"},
        {"key": "zzzz?id=qwerty"},
        {"mail": "b.okoro@campus.example"},
    ],
)
def test_letters_that_differ_in_whom_they_name_are_alike(other: dict[str, str]) -> None:
    assert like(LETTER.format(**ONE)) == like(LETTER.format(**ONE | other))


@pytest.mark.parametrize("other", [LETTER.replace("tuition", "library"), LETTER.replace("see", "please see"), "Dear {name},\n"])
def test_letters_of_other_words_are_not(other: str) -> None:
    assert like(LETTER.format(**ONE)) != like(other.format(**ONE))


def test_html_and_plain_text_are_each_looked_at_and_attachments_are_not() -> None:
    page = "<html><body><p>Dear {name},</p><p>your balance is {sum}</p></body></html>"
    assert like(page.format(**ONE), "html") == like(page.format(**ONE | {"name": "Ben", "sum": "1"}), "html") != ""


NAMES = st.text(st.characters(categories=["Lu"]), min_size=1, max_size=12)


@given(NAMES, NAMES, st.integers(), st.integers())
def test_no_name_in_capitals_and_no_number_tells_two_letters_apart(one: str, other: str, some: int, more: int) -> None:
    said = [like(LETTER.format(**ONE | {"name": name, "sum": f"${sum_}"})) for name, sum_ in ((one, some), (other, more))]
    assert said[0] == said[1]
