"""Single words that settle what a sentence tells, and what stands beside them that says otherwise."""

from __future__ import annotations

import pytest

from dlp.statements.meant import asks_for_letter, by_words, is_done_to_one, leaves, owes_work, signed_up_for
from dlp.statements.missed import excuses


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("PRO withdrew in XMONTH", True),
        ("PRO dropped out", True),
        ("PRO takes the autumn off", True),
        ("PRO withdrew from XCOURSE", False),
        ("PRO has withdrawn from XNAME i", False),
        ("PRO dropped out of my recitation", False),
    ],
)
def test_who_leaves_a_subject_stays(sentence: str, told: bool) -> None:  # noqa: FBT001  the expectation
    assert leaves(sentence.split()) is told


@pytest.mark.parametrize(
    ("sentence", "work"),
    [
        ("PRO owes me two labs", True),
        ("PRO owes us for the lab", False),
        ("PRO owes PROS lab fees", False),
        ("PRO owes the deposit for the lab", False),
        ("PRO owes XMONEY for the lab", False),
    ],
)
def test_who_owes_for_work_owes_money(sentence: str, work: bool) -> None:  # noqa: FBT001  the expectation
    assert owes_work(sentence.split()) is work


@pytest.mark.parametrize(
    ("sentence", "excused"),
    [
        ("PRO had surgery and missed the midterm", True),
        ("PRO was ill and absent", True),
        ("PRO has a fever and cannot make it on XDAY", True),
        ("PRO is in rehab and everybody is missing PRO", False),
        ("PRO takes antidepressants and cannot make friends", False),
        ("PRO had an abortion and can't come to terms with it", False),
    ],
)
def test_who_misses_something_of_the_studies_is_excused(sentence: str, excused: bool) -> None:  # noqa: FBT001  the expectation
    assert excuses(sentence.split()) is excused


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


@pytest.mark.parametrize(
    ("sentence", "asks"),
    [
        ("STU hopes to come to you next fall and has asked me in writing for this letter", True),
        ("STU has asked me to write", True),
        ("STU failed and has asked me to write a letter", False),
        ("STU got XSCORE and has asked me to write", False),
        ("STU has asked me", False),
    ],
)
def test_who_asks_for_a_letter_tells_nothing_else(sentence: str, asks: bool) -> None:  # noqa: FBT001  the expectation
    assert asks_for_letter(sentence.split()) is asks


@pytest.mark.parametrize(
    ("sentence", "done"),
    [
        ("i had to fail STU", True),
        ("the committee suspended STU for a year", True),
        ("the pump failed STU", False),
        ("i would never fail STU", False),
        ("we failed STU s lamp in the test", False),
        ("i failed the exam , STU did not", False),
    ],
)
def test_what_the_writer_or_a_body_did_to_somebody(sentence: str, done: bool) -> None:  # noqa: FBT001  the expectation
    assert is_done_to_one(sentence.split()) is done
