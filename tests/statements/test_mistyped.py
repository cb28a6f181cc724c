"""Long names with a letter wrong: how near a word must be, and whom it means in which company."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlp.campus.identity import identify_people
from dlp.campus.people import Context, Strength
from dlp.campus.records import Advising, Staff, Student
from dlp.statements.called import with_called
from dlp.statements.mistyped import all_spelt, is_near, spelt
from dlp.values import Channel, Texts, View
from tests.campus.people import people
from tests.statements.test_called import telling

LUISA = Student("912345678", "Luisa", "Jaramillo")
TWO = (Student("912345679", "Ana", "Hartwell"), Student("912345680", "Ana", "Hartwall"))
NAMESAKES = (Student("912345681", "Jamal", "Karimpour"), Student("912345682", "Jamal", "Karimpour", suppress=("all",)))
SHORT = Student("912345683", "Ivo", "Novak")
ADVISED = Student("912345684", "Otto", "Norrqvist")
THEO = Staff("t.ames@campus.example", given_name="Theo", family_name="Amesbury")
CAMPUS = people(LUISA, *TWO, *NAMESAKES, SHORT, ADVISED, THEO, Advising("t.ames@campus.example", ADVISED.id, "advisor"))
NEAR = ("jaramilo", "jaramilllo", "jaramlilo", "jaremillo", "jaramill", "jaramilloo")
FAR = ("jaramillo", "karamillo", "jaramil", "jaremilla", "jramlilo", "")
WRITTEN = (
    "M\u00fcller",
    "Gu\u00e9-Mac",
    "MacAdam's",
    "O\u2019Neill\u2019s",
    "Jo's's",
    "Aaae-Eu",
    "\u00df\u00c6",
    "Anna-Lena's",
    "\u037ab",
)
MEANT = {
    "a letter left out, beside the first name": ("Luisa Jaraillo failed.", {LUISA.id}),
    "two changed about": ("It failed, Luisa Jaramlilo says.", {LUISA.id}),
    "the last name first": ("Jaraillo Luisa failed.", {LUISA.id}),
    "with an s": ("We saw Luisa Jaraillo's work, and it failed.", {LUISA.id}),
    "over two lines": ("That is Luisa\nJaraillo who failed.", {LUISA.id}),
    "beside another's first name": ("Ana Jaraillo failed.", set()),
    "alone, of nobody near": ("Jaraillo failed.", set()),
    "between two students": ("Ana Hartwll failed.", set()),
    "of namesakes the one who withheld most": ("Jamal Karimpuor failed.", {NAMESAKES[1].id}),
    "a short name": ("Ivo Novk failed.", set()),
    "an employee": ("Theo Amesbry failed.", set()),
    "alone, of an advisee": ("Norrqist failed.", {ADVISED.id}),
    "alone, where nothing is told": ("Norrqist sang.", set()),
}


@pytest.mark.parametrize("written", NEAR)
def test_one_letter_is_wrong(written: str):
    assert is_near(written, "jaramillo")


@pytest.mark.parametrize("written", FAR)
def test_none_or_more_are(written: str):
    assert not is_near(written, "jaramillo")


def test_a_short_name_has_no_letter_to_spare():
    assert not is_near("novak", "novac")


@settings(max_examples=200, deadline=None)
@given(st.frozensets(st.sampled_from(WRITTEN) | st.from_regex(r"\A[^\W\d_]{1,9}(['\u2019-][^\W\d_]{1,9}){0,2}\Z")))
def test_words_spelt_at_once_are_each_spelt(words: frozenset[str]) -> None:
    assert all_spelt(words) == {word: spelt(word) for word in words}


@pytest.mark.parametrize("case", MEANT)
def test_a_mistyped_name_is_a_weak_sign_of(case):
    text, expected = MEANT[case]
    texts = Texts((), (), (View(Channel.TEXT, "1", "part 1", text),))
    known = identify_people(texts, (), CAMPUS, str, Context())
    found = with_called(texts, known, telling, CAMPUS, str, Context(THEO.email, ("hr@acme.example",)))
    assert {one.person: one.strength for one in found.students} == dict.fromkeys(expected, Strength.WEAK)


def test_a_name_that_is_right_is_nobody_elses():
    campus = people(TWO[0], Student("912345685", "Ana", "Hartwill"))
    texts = Texts((), (), (View(Channel.TEXT, "1", "part 1", "Ana Hartwell failed."),))
    known = identify_people(texts, (), campus, str, Context())
    assert with_called(texts, known, telling, campus, str, Context()).identified == known.identified != ()


def test_beside_a_name_that_is_right_nobody_is_looked_for(monkeypatch):
    texts = Texts((), (), (View(Channel.TEXT, "1", "part 1", "Luisa Jaramillo failed."),))
    known = identify_people(texts, (), CAMPUS, str, Context())
    monkeypatch.setattr(type(CAMPUS), "named", None)
    assert with_called(texts, known, telling, CAMPUS, str, Context()).identified == known.identified != ()
