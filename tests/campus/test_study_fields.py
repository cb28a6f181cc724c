"""Fields of study of which something is told, those that stand beside it, and whether a subject may be of them."""

from __future__ import annotations

import time

import pytest

from dlp.campus.records import Offering
from dlp.campus.study_fields import fields_named, may_be_of
from dlp.values import Channel, Finding, Role, Texts, View
from tests.campus.people import People

CAMPUS = People((
    Offering("8.01", "2026FA", "Classical Mechanics", "Physics"),
    Offering("6.006", "2026FA", "Introduction to Algorithms", "EECS"),
    Offering("14.01", "2026FA", "Microeconomics", "Department 14"),
    Offering("5.07", "2026FA", "Biological Chemistry", "Chemistry"),
    Offering("1.000", "2026FA"),
))  # fmt: skip


def said(text: str, told: str = "") -> tuple[set[str], set[str]]:
    """The fields, where what is told stands at these words, at the first ones if none."""
    start = text.index(told)
    finding = Finding("grades", "weighed", "", Role.STATES, "part 1", 0, start, start + 4, 1.0, "", "")
    found = fields_named(Texts((), (), (View(Channel.TEXT, "1", "part 1", text),)), (finding,))
    return set(found.told), set(found.beside)


@pytest.mark.parametrize(
    ("text", "told", "beside"),
    [
        ("He failed my chemistry lab.", {"chem"}, {"chem"}),
        ("He passed the physics exam but failed his history paper.", {"phys", "hist"}, {"phys", "hist"}),
        ("He got a D in his poetry seminar.", {"poet"}, {"poet"}),
        ("He copied in the history paper.", {"hist"}, {"hist"}),
        ("His history paper was plagiarized.", {"hist"}, {"hist"}),
        ("He missed the chemistry lab.", {"chem"}, {"chem"}),
        ("He failed French with a D.", {"fren"}, {"fren"}),
        ("He failed the calculus final.", {"calc"}, {"calc"}),
        ("He got 12 of 20 points on the programming assignment.", set(), {"prog"}),
        ("He is weak in math.", set(), set()),
        ("In 8.01 he failed the chemistry quiz.", set(), {"chem"}),
        ("He got 12 in 8.01 and failed the chemistry quiz.", {"chem"}, {"chem"}),
        ("He was absent because of his history exam.", set(), {"hist"}),
        ("He missed our class for a history exam.", set(), {"hist"}),
        ("He of the engineering section got 12 of 20.", set(), {"engi"}),
        ("He failed it in the chemistry lecture hall.", set(), set()),
        ("His history professor caught him cheating.", {"hist"}, {"hist"}),
        ("On the chemistry final he got 12 of 100.", {"chem"}, {"chem"}),
        ("He took the history exam and failed.", {"hist"}, {"hist"}),
        ("He has an F. His history teacher gave it.", {"hist"}, set()),
        ("He failed. It was in history class.", {"hist"}, set()),
        ("Like last year in 8.01, he plagiarized his history paper.", {"hist"}, {"hist"}),
        ("He failed the chemistry quiz of 8.01.", set(), {"chem"}),
        ("He failed quiz 2 after the chemistry final.", set(), {"chem"}),
        ("He failed the quiz because he had a history exam.", set(), {"hist"}),
        ("He was absent on 11/23, says his history professor.", set(), {"hist"}),
    ],
)
def test_what_is_told_of_a_field_is_apart_from_what_stands_beside(text: str, told: set[str], beside: set[str]) -> None:
    assert said(text) == (told, beside)


def test_only_the_sentence_that_tells_something_counts() -> None:
    text = "My chemistry lab is at 9. He got 12 of 20.\n\nHistory lab, Building 4"
    assert said(text, "He got") == (set(), set())


@pytest.mark.parametrize(
    ("subject", "field", "may"),
    [
        ("8.01", "mech", True),
        ("8.01", "phys", True),
        ("8.01", "hist", False),
        ("8.01", "chem", False),
        ("6.006", "prog", True),
        ("14.01", "econ", True),
        ("14.01", "art", False),
        ("5.07", "bioc", True),
        ("1.000", "hist", True),
    ],
)
def test_a_subject_may_be_of_a_field(subject: str, field: str, may: bool) -> None:  # noqa: FBT001  the expectation
    assert (may_be_of(subject, {field}, CAMPUS) == {field}) is may


@pytest.mark.parametrize("piece", ["failed my ", "chemistry lab ", "got a D in the ", "1/1 on ", "history "])
def test_a_long_text_is_read_at_once(piece: str) -> None:
    start = time.process_time()
    said(piece * 10_000)
    assert time.process_time() - start < 1
