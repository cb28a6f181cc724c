"""What a person's own message asks for: recipients and kinds it has words for."""

from __future__ import annotations

import pytest

from dlp.campus.vocabulary import KINDS
from dlp.policy.asked import KIND_WORDS, names_recipient, refuses, speaks_of

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


REFUSALS = (
    "Please do not send my grades to hr@firm.example.",
    "Please do\nnot send my grades to hr@firm.example.",
    "Don't tell hr@firm.example my grades.",
    "I don\u2019t want my grades to be sent to hr@firm.example.",
    "Never share my grades with hr@firm.example.",
    "You may no longer give my grades to hr@firm.example.",
    "I no longer agree that hr@firm.example sees my grades.",
    "I revoke what I wrote about my grades and hr@firm.example.",
    "I withdraw my permission for hr@firm.example to see my grades.",
    "My consent of May for hr@firm.example and my grades is hereby withdrawn.",
    "Please stop sending my grades to hr@firm.example.",
    "Under no circumstances may you disclose my grades to hr@firm.example.",
    "My grades may be shown to nobody at firm.example.",
    "I forbid you to forward my grades to hr@firm.example.",
    "I refuse permission for hr@firm.example.",
    "May you send my grades? No, please don't.",
    "Hello. I am well; please refrain from mailing my grades.",
)
REQUESTS = (
    TEXT,
    "Tell my grades to hr@firm.example.",
    "I am not in town this year. Please send my grades to hr@firm.example.",
    "I withdrew from 18.07 in the spring of last year, and as this is still on my transcript as a W, you may tell it.",
    "I know no better firm. Please send my grades to hr@firm.example.",
    "You have my permission to give my grades to hr@firm.example, and not to anybody else at that firm or in that whole town.",
)


@pytest.mark.parametrize("text", REFUSALS)
def test_what_refuses_or_takes_back_is_seen(text: str) -> None:
    assert refuses(text)


@pytest.mark.parametrize("text", REQUESTS)
def test_what_asks_to_be_told_refuses_nothing(text: str) -> None:
    assert not refuses(text)
