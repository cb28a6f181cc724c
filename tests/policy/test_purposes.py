"""Purposes: free words come to the closed list."""

from __future__ import annotations

import pytest

from dlp.policy.purposes import OTHER_USES, PURPOSE_WORDS, PURPOSES, other_use, purposes_of


@pytest.mark.parametrize(
    ("text", "purposes"),
    [
        ("", ""),
        ("  --  ", ""),
        ("employment", "employment"),
        ("My job application", "employment"),
        ("jobs & internships", "employment"),
        ("graduate school", "admission"),
        ("school", "other"),
        ("Fellowship application", "scholarship"),
        ("permission granted", "other"),
        ("a grant", "scholarship"),
        ("nomination for a prize", "award"),
        ("background-check", "investigation"),
        ("a check of my background", "other"),
        ("employment; admission", "employment admission"),
        ("Correspondence with my tutor", "correspondence"),
        ("insurance", "payments"),
        ("because I say so", "other"),
        ("OTHER", "other"),
    ],
)
def test_words_come_to_purposes(text: str, purposes: str) -> None:
    assert purposes_of(text) == frozenset(purposes.split())


def test_each_closed_word_names_itself_alone() -> None:
    assert all(purposes_of(word) == {word} for word in PURPOSES)
    assert PURPOSE_WORDS.keys() == set(PURPOSES) - {"other"}


def test_a_site_may_have_its_own_words() -> None:
    assert purposes_of("apprenticeship", {"employment": ("apprentice*",)}) == {"employment"}
    assert purposes_of("job", {"employment": ("apprentice*",)}) == {"other"}


@pytest.mark.parametrize(
    "text",
    [
        "for the alumni dinner",
        "we invite them to our house",
        "to recruit participants",
        "I need volunteers for a study",
        "a guest list",
        "for our newsletter",
        "donors of the department",
    ],
)
def test_a_class_list_is_not_for_that(text: str) -> None:
    assert other_use(text)


@pytest.mark.parametrize(
    "text",
    ["", "for the recitations", "third parties", "in the event of rain", "the 8.01 mailing list", "invited talk", "to grade"],
)
def test_a_class_list_may_be_for_that(text: str) -> None:
    assert not other_use(text)


def test_each_word_of_another_use_is_seen() -> None:
    phrases = [phrase for listed in OTHER_USES.values() for phrase in listed]
    assert [phrase for phrase in phrases if not other_use(f"It is {phrase.rstrip('*')} here")] == []
