"""Single words that settle what a sentence tells, and what stands beside them that says otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from dlp.statements.meant import asks_for_letter, by_words, is_done_to_one, leaves, owes_work, signed_up_for
from dlp.statements.missed import excuses

SAYS = [
    (leaves, "PRO withdrew in XMONTH", True),
    (leaves, "PRO dropped out", True),
    (leaves, "PRO takes the autumn off", True),
    (leaves, "PRO withdrew from XCOURSE", False),
    (leaves, "PRO has withdrawn from XNAME i", False),
    (leaves, "PRO dropped out of my recitation", False),
    (owes_work, "PRO owes me two labs", True),
    (owes_work, "PRO owes us for the lab", False),
    (owes_work, "PRO owes PROS lab fees", False),
    (owes_work, "PRO owes the deposit for the lab", False),
    (owes_work, "PRO owes XMONEY for the lab", False),
    (excuses, "PRO had surgery and missed the midterm", True),
    (excuses, "PRO was ill and absent", True),
    (excuses, "PRO has a fever and cannot make it on XDAY", True),
    (excuses, "PRO is in rehab and everybody is missing PRO", False),
    (excuses, "PRO takes antidepressants and cannot make friends", False),
    (excuses, "PRO had an abortion and can't come to terms with it", False),
    (asks_for_letter, "STU hopes to come to you next fall and has asked me in writing for this letter", True),
    (asks_for_letter, "STU has asked me to write", True),
    (asks_for_letter, "STU failed and has asked me to write a letter", False),
    (asks_for_letter, "STU got XSCORE and has asked me to write", False),
    (asks_for_letter, "STU has asked me", False),
    (is_done_to_one, "i had to fail STU", True),
    (is_done_to_one, "the committee suspended STU for a year", True),
    (is_done_to_one, "the pump failed STU", False),
    (is_done_to_one, "i would never fail STU", False),
    (is_done_to_one, "we failed STU s lamp in the test", False),
    (is_done_to_one, "i failed the exam , STU did not", False),
]


@pytest.mark.parametrize(("asked", "sentence", "told"), SAYS)
def test_what_the_words_of_a_sentence_say(asked: Callable[[Sequence[str]], bool], sentence: str, told: bool) -> None:  # noqa: FBT001
    assert asked(sentence.split()) is told


@pytest.mark.parametrize(
    ("sentence", "kinds", "told"),
    [
        ("STU should get to make up labs XNUMBER and XNUMBER", {"standing"}, {"attendance"}),
        ("STU will make up PROS mind", {"standing"}, {"standing"}),
        ("STU owes me two labs", {"financial"}, {"grades"}),
        ("STU signed up for therapy", {"enrolment"}, {"health"}),
    ],
)
def test_the_words_of_a_sentence_say_more_than_its_likeliest_kind(sentence: str, kinds: set[str], told: set[str]) -> None:
    assert by_words(kinds, sentence.split()) == told


@pytest.mark.parametrize(
    ("sentence", "kinds"),
    [
        ("STU signed up for therapy", {"health"}),
        ("STU is registered as disabled", {"accommodation"}),
        ("STU is enrolled in our drinking programme", {"conduct"}),
        ("STU signed up for the seminar on health", set()),
        ("STU takes XCOURSE for PROS health", set()),
    ],
)
def test_what_somebody_is_enrolled_in_may_be_no_subject(sentence: str, kinds: set[str]) -> None:
    assert signed_up_for(sentence.split()) == kinds
