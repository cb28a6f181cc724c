"""One name in a sentence that tells something: whom it means, given who writes to whom."""

from __future__ import annotations

import pytest

from dlp.campus.identity import identify_people
from dlp.campus.people import Context, Strength
from dlp.campus.records import Advising, Staff, Student
from dlp.statements.called import MOST, with_called
from dlp.statements.stating import Candidate
from dlp.values import Channel, Texts, View
from tests.campus.people import people

KONSTANTIN = Student("912345678", "Konstantin", "Okobola", email="k.okobola@campus.example")
OTHER = Student("912345679", "Konstantin", "Brandt", email="k.brandt@campus.example")
TWO = (Student("912345680", "Ana", "Rivera"), Student("912345681", "Ben", "Rivera"))
THEO = Staff("t.ames@campus.example", given_name="Theo", family_name="Ames")
TEACHES = Context("t.ames@campus.example", ("hr@acme.example",))
CAMPUS = people(KONSTANTIN, OTHER, *TWO, THEO, Advising("t.ames@campus.example", "912345679", "advisor"))
MEANT = {
    "an advisee by the first name": ("Konstantin failed.", TEACHES, {"912345679": Strength.STRONG}),
    "the only one of a family name, perhaps": ("Okobola failed.", TEACHES, {"912345678": Strength.WEAK}),
    "one of two of a family name": ("Rivera failed.", TEACHES, {}),
    "a first name nobody near bears": ("Ana failed.", TEACHES, {}),
    "where nothing is told": ("Konstantin sang.", TEACHES, {}),
    "in no file": ("Xanthippe failed.", TEACHES, {}),
    "an employee": ("Theo failed.", TEACHES, {}),
    "to somebody else the same name is nobody's": ("Konstantin failed.", Context("x@campus.example"), {}),
    "behind another's initial": ("Q. Okobola failed.", Context("x@campus.example"), {}),
}


def telling(each: Candidate) -> bool:
    return "failed" in each.words


@pytest.mark.parametrize("case", MEANT)
def test_one_name_means(case):
    text, envelope, expected = MEANT[case]
    texts = Texts((), (), (View(Channel.TEXT, "1", "part 1", text),))
    known = identify_people(texts, (), CAMPUS, str, Context())
    found = with_called(texts, known, telling, CAMPUS, str, envelope)
    assert {one.record.id: one.strength for one in found.identified if isinstance(one.record, Student)} == expected


def test_so_many_names_are_looked_up_and_no_more():
    asked: list[str] = []

    class Counting:
        def __getattr__(self, name: str) -> object:
            return getattr(CAMPUS, name)

        def named(self, key: str) -> object:
            asked.append(key)
            return ()

    names = ("X" + chr(97 + one) + chr(97 + two) for one in range(8) for two in range(8))
    texts = Texts((), (), (View(Channel.TEXT, "1", "part 1", " ".join(f"{name} failed." for name in names)),))
    with_called(texts, identify_people(texts, (), CAMPUS, str, Context()), telling, Counting(), str, TEACHES)
    assert len(asked) == MOST * 2 * 26
