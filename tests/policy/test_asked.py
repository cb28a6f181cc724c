"""What a person's own message speaks of: recipients and kinds it has words for."""

from __future__ import annotations

import pytest

from dlp.campus.vocabulary import KINDS
from dlp.policy.asked import KIND_WORDS, names_recipient, speaks_of
from tests.growth import assert_linear

TEXT = "Please send my grades in 18.06 to Ms Lane (hr@firm.example) at Firm; she may ask about my attendance. Thanks!"


@pytest.mark.parametrize(
    ("recipient", "named"),
    [
        ("hr@firm.example", True),
        ("HR@Firm.example", True),
        ("@firm.example", False),
        ("@example", False),
        ("r@firm.example", False),
        ("hr@firm.example.org", False),
        ("hr@firm.exam", False),
        ("@irm.example", False),
        ("class:employer", True),
        ("class:school", False),
        ("class:researcher", False),
    ],
)
def test_a_recipient_is_named_whole(recipient: str, *, named: bool) -> None:
    assert names_recipient(TEXT, recipient) is named


@pytest.mark.parametrize("text", ["anybody at firm.example", "to @firm.example.", "all of <@Firm.example>"])
def test_a_domain_is_named_for_itself(text: str) -> None:
    assert names_recipient(text, "@firm.example")


@pytest.mark.parametrize(
    "text", ["to firm@college.example", "see https://university.example/company", "www.school.example", "a@b.school"]
)
def test_the_words_of_an_address_name_no_class_and_no_kind(text: str) -> None:
    assert not any(names_recipient(text, each) for each in ("class:employer", "class:school"))
    assert not speaks_of("to grades@transcript.example", "grades")


def test_a_domain_is_not_named_by_one_above_or_below_it() -> None:
    assert not names_recipient("write to hr@jobs.firm.example", "@firm.example.")
    assert names_recipient("write to hr@firm.example.", "hr@firm.example")


@pytest.mark.parametrize(
    ("kind", "spoken_of"),
    [
        ("grades", True),
        ("grades:18.06", True),
        ("grades:18.07", False),
        ("attendance", True),
        ("conduct", False),
        ("health", False),
        ("gpa", False),
        ("all", False),
        ("no such kind", False),
    ],
)
def test_a_kind_is_spoken_of_by_a_word_for_it(kind: str, *, spoken_of: bool) -> None:
    assert speaks_of(TEXT, kind) is spoken_of


def test_every_kind_has_words() -> None:
    assert KIND_WORDS.keys() == {*KINDS, "all"}


@pytest.mark.parametrize("unit", ["x", "@", "a@", "www.", "://", "x "])
def test_a_text_without_blanks_takes_time_as_it_is_long(unit: str) -> None:
    assert_linear(lambda length: speaks_of(unit * (length // len(unit)), "grades"))
