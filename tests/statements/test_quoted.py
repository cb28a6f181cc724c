"""Whose words a quotation is, and what is said of its writer."""

from __future__ import annotations

import pytest

from dlp.campus.identity import identify_people
from dlp.campus.people import Context
from dlp.campus.records import Student
from dlp.statements.candidates import candidates
from dlp.statements.quoted import writer
from dlp.values import Channel, Texts, View
from tests.campus.people import people

CAMPUS = people(
    Student("912345678", "Hana", "Kim", email="h.kim@campus.example"),
    Student("912345685", "Ivo", "Marek", email="i.marek@c.example"),
)
WROTE = "On Tue, Nov 24, 2026 at 9:14 AM {} wrote:\n> {}\n"
HANA, IVO, PAL = "Hana Kim <h.kim@campus.example>", "Ivo Marek <i.marek@c.example>", "Pal <pal@elsewhere.example>"
ABOUT = {
    "a student": (WROTE.format(HANA, "I failed the exam."), [("912345678", "PRO failed the exam")]),
    "somebody in no file": (WROTE.format(PAL, "I failed the exam."), []),
    "two, each in an own quotation": (
        WROTE.format(HANA, "I failed the exam.") + "\n" + WROTE.format(IVO, "I passed the exam."),
        [("912345678", "PRO failed the exam"), ("912345685", "PRO passed the exam")],
    ),
    "who answers a student": ("I failed the exam.\n\n" + WROTE.format(HANA, "Well."), []),
}


@pytest.mark.parametrize("case", ABOUT)
def test_who_says_something_in_a_quotation_says_it_of_himself(case):
    text, expected = ABOUT[case]
    texts = Texts((), (), (View(Channel.TEXT, "1", "part 1", text),))
    found = candidates(texts, identify_people(texts, (), CAMPUS, str, Context()))
    assert [(*each.people, " ".join(each.words)) for each in found if each.quoted] == expected


def test_an_attribution_that_names_two_is_nobodys():
    known = [("Hana Kim", "1"), ("Ivo Marek", "2")]
    assert [writer(by, known) for by in ("Hana Kim wrote:", "Hana Kim and Ivo Marek wrote:", "")] == ["1", "", ""]
