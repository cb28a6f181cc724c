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
    Offering("6.045", "2026FA", "Theory of Computation", "EECS"),
    Offering("9.01", "2026FA", "Artificial Intelligence", "State and Brain"),
    Offering("4.01", "2026FA", "Historical Arts"),
))  # fmt: skip


def said(text: str, told: str = "") -> tuple[set[str], set[str]]:
    """The fields, where what is told stands at these words, at the first ones if none."""
    start = text.index(told)
    finding = Finding("grades", "weighed", "", Role.STATES, "part 1", 0, start, start + 4, 1.0, "", "")
    found = fields_named(Texts((), (), (View(Channel.TEXT, "1", "part 1", text),)), (finding,), {"8.01"})
    return set(found.told), set(found.beside)


@pytest.mark.parametrize(
    ("text", "told", "beside"),
    [
        ("He failed my chemistry lab.", {"chemistry"}, {"chemistry"}),
        ("He passed the physics exam but failed his history paper.", {"physics", "history"}, {"physics", "history"}),
        ("He got a D in his poetry seminar.", {"poetry"}, {"poetry"}),
        ("He copied in the history paper.", {"history"}, {"history"}),
        ("His history paper was plagiarized.", {"history"}, {"history"}),
        ("He missed the chemistry lab.", {"chemistry"}, {"chemistry"}),
        ("He failed French with a D.", {"french"}, {"french"}),
        ("He failed the calculus final.", {"calculus"}, {"calculus"}),
        ("He got 12 of 20 points on the programming assignment.", set(), {"programming"}),
        ("He is weak in math.", set(), set()),
        ("In 8.01 he failed the chemistry quiz.", set(), {"chemistry"}),
        ("He got 12 in 8.01 and failed the chemistry quiz.", {"chemistry"}, {"chemistry"}),
        ("He was absent because of his history exam.", set(), {"history"}),
        ("He missed our class for a history exam.", set(), {"history"}),
        ("He of the engineering section got 12 of 20.", set(), {"engineering"}),
        ("He failed it in the chemistry lecture hall.", set(), set()),
        ("His history professor caught him cheating.", {"history"}, {"history"}),
        ("On the chemistry final he got 12 of 100.", {"chemistry"}, {"chemistry"}),
        ("He took the history exam and failed.", {"history"}, {"history"}),
        ("He has an F. His history teacher gave it.", {"history"}, set()),
        ("He failed. It was in history class.", {"history"}, set()),
        ("Like last year in 8.01, he plagiarized his history paper.", {"history"}, {"history"}),
        ("He failed the chemistry quiz of 8.01.", set(), {"chemistry"}),
        ("He failed quiz 2 after the chemistry final.", set(), {"chemistry"}),
        ("He failed the quiz because he had a history exam.", set(), {"history"}),
        ("He was absent on 11/23, says his history professor.", set(), {"history"}),
        ("In 8.01, he failed the chemistry quiz.", set(), {"chemistry"}),
        ("On 24.11 he failed the chemistry quiz.", {"chemistry"}, {"chemistry"}),
        ("In 8.01 he is as weak as in his history class.", {"history"}, {"history"}),
        ("His history exam (8.01 was easier) got a D.", {"history"}, {"history"}),
        ("He failed the quiz and the history exam.", {"history"}, {"history"}),
        ("He failed 8.01, the midterm, and history.", {"history"}, set()),
        ("He failed the quiz and his history class starts at 3.", set(), {"history"}),
        ("In his history class, he failed the midterm.", {"history"}, {"history"}),
        ("After the history exam he failed our quiz.", set(), {"history"}),
        ("He wrote a history paper, which was plagiarized.", {"history"}, {"history"}),
        ("He had a history exam before the quiz and failed.", set(), {"history"}),
        ("He has a history class at 3, but did well.", set(), {"history"}),
        ("He would do well in a history class.", set(), {"history"}),
        ("He scored 45 on Professor Lane's history midterm.", {"history"}, {"history"}),
        ("His history exam is 12/4.", set(), {"history"}),
        ("His history midterm: 45/100.", {"history"}, {"history"}),
        ("His history paper is late.", {"history"}, {"history"}),
        ("He never submitted his history paper.", {"history"}, {"history"}),
        ("He failed the quiz, because he studied for a history exam.", set(), {"history"}),
        ("He was accused, because he had bought a history paper.", {"history"}, {"history"}),
        ("He failed the quiz. It was the day of a history exam.", set(), set()),
        ("He cheated. So his history teacher told me.", {"history"}, set()),
        ("According to his history teacher, he failed the quiz.", {"history"}, {"history"}),
        ("A friend in the chemistry class says he failed the quiz.", set(), {"chemistry"}),
        ("I recommend him for the history project with excellent marks.", set(), {"history"}),
        ("He has a D in 8.01; history: F.", {"history"}, set()),
        ("He failed the history exam before our quiz.", {"history"}, {"history"}),
        ("His history exam was worse than our quiz.", {"history"}, {"history"}),
        ("He cheated in our quiz, since he wrote a history paper at night.", set(), {"history"}),
        ("He failed our quiz before the history exam and the chemistry lab.", set(), {"history", "chemistry"}),
        ("He failed the 8.01 chemistry lab.", set(), {"chemistry"}),
        ("He (who failed his history exam) asks for another quiz.", {"history"}, {"history"}),
        ("He got a worse mark in the quiz than he had in his history class.", {"history"}, {"history"}),
        ("He got a D after he wrote a history paper.", set(), {"history"}),
        ("He got a D as his history exam was the same day.", set(), {"history"}),
        ("He failed the quiz in Lane's history class.", {"history"}, {"history"}),
        ("He has an F in History 101.", {"history"}, set()),
        ("He got a D in artificial intelligence, and has a history exam.", set(), {"history"}),
        ("He got a low mark in history.", {"history"}, set()),
        ("He failed the quiz. His history professor has agreed to another day.", set(), set()),
    ],
)
def test_what_is_told_of_a_field_is_apart_from_what_stands_beside(text: str, told: set[str], beside: set[str]) -> None:
    assert said(text) == (told, beside)


def test_a_row_of_a_table_is_read_with_its_headings_and_no_other_row() -> None:
    text = "Student\tNote\tPoetry class\nHana Kim\tfailed the quiz\nIvo Marek\t\tC\nJana Petrova\tfailed her history paper"
    view = View(Channel.TEXT, "1", "part 1", text, grid=(1, 1))

    def told(words: str) -> set[str]:
        start = text.index(words)
        finding = Finding("grades", "weighed", "", Role.STATES, "part 1", 0, start, start + 4, 1.0, "", "")
        return set(fields_named(Texts((), (), (view,)), (finding,)).told)

    assert told("failed the quiz") == set()
    assert told("failed her history") == {"history"}
    assert told("Ivo Marek") == {"poetry"}


def test_many_rows_without_a_field_hide_none_with_one() -> None:
    rows = [f"Hana Kim\tfailed quiz {nth}" for nth in range(400)] + ["Ivo Marek\tfailed his history paper"]
    text = "\n".join(rows)
    starts = [text.index(row) for row in rows]
    findings = [Finding("grades", "weighed", "", Role.STATES, "part 1", 0, at, at + 4, 1.0, "", "") for at in starts]
    views = (View(Channel.TEXT, "1", "part 1", text, grid=(1, 1)),)
    assert fields_named(Texts((), (), views), findings).told == {"history"}


def test_only_the_sentence_that_tells_something_counts() -> None:
    text = "My chemistry lab is at 9. He got 12 of 20.\n\nHistory lab, Building 4"
    assert said(text, "He got") == (set(), set())


@pytest.mark.parametrize(
    ("subject", "field", "may"),
    [
        ("8.01", "mechanics", True),
        ("8.01", "physics", True),
        ("8.01", "history", False),
        ("8.01", "chemistry", False),
        ("6.006", "programming", True),
        ("14.01", "economics", True),
        ("14.01", "art", False),
        ("5.07", "biochemistry", True),
        ("1.000", "history", True),
        ("6.045", "theology", False),
        ("6.045", "programming", True),
        ("9.01", "art", False),
        ("9.01", "statistics", False),
        ("4.01", "art", True),
        ("4.01", "history", True),
    ],
)
def test_a_subject_may_be_of_a_field(subject: str, field: str, may: bool) -> None:  # noqa: FBT001  the expectation
    assert (may_be_of(subject, {field}, CAMPUS) == {field}) is may


@pytest.mark.parametrize("piece", ["failed my ", "chemistry lab ", "got a D in the ", "1/1 on ", "history "])
def test_a_long_text_is_read_at_once(piece: str) -> None:
    start = time.process_time()
    said(piece * 10_000)
    assert time.process_time() - start < 1
