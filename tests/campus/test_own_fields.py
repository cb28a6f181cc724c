"""A course and a year are known where they are the student's own on file, in whatever words; others are words like any."""

from __future__ import annotations

import pytest

from dlp.campus.identity import identify_people
from dlp.campus.own_fields import own_fields, with_studies
from dlp.campus.people import Context
from dlp.campus.records import Student
from dlp.values import Channel, Texts, View
from tests.campus.people import people

IVO = Student(
    "912345685", "Ivo", "Marek", course="8", year="3", department="Physics", phone="617 555-0108", term_address="6 Haw Street"
)
CARA = Student("912345680", "Cara", "Lindqvist", course="18", year="4", department="Mathematics")
DARIO = Student("912345681", "Dario", "Ferro", course="18", year="G", department="Mathematics")
SATO = Student("912345687", "Mina", "Sato", course="Computer Science", year="Freshman")
LEE = Student("912345688", "Noa", "Lee", course="6-3", year="2")

OWN = [
    (IVO, "Ivo Marek, [course 8], [year 3]"),
    (IVO, "he is [in Course 8] and [a junior]"),
    (IVO, "[in his third year], [a physics major]"),
    (IVO, "[a 3rd-year student] of ours"),
    (IVO, "[a junior] in physics, [majoring in Physics]"),
    (IVO, "[Major: Physics]"),
    (IVO, "[our junior] Ivo, [a junior]"),
    (IVO, "Course: 8.01 and course 8.02"),
    (IVO, "course 18, year 4, a senior"),
    (IVO, "the third year of the project, and a junior lecturer"),
    (IVO, "[the third-year student] who failed"),
    (IVO, "[His term telephone is 555-0108] and he reads mail"),
    (IVO, "(617) 555-0107 is another's"),
    (IVO, "he got 41/100 [617 555-0108]"),
    (IVO, "he got 41/100 [555-0108]"),
    (IVO, "call [(617) 555-0108], or [+1 617 555-0108]"),
    (IVO, "[his address: 6 Haw Street]; 16 Haw Street is another"),
    (IVO, "[in his third year] of [course 8], [enrolled full-time], [a half-time student]"),
    (IVO, "enrolled in a full-time programme, full-time staff"),
    (CARA, "Cara Lindqvist, [a senior], [course 18]"),
    (CARA, "a senior lecturer, the senior member, course 18.06"),
    (DARIO, "[a graduate student], [course 18]"),
    (DARIO, "a first-year student"),
    (SATO, "[a freshman], [majoring in computer science]"),
    (SATO, "[first-year student], [a Computer Science major]" ),
    (SATO, "a computer sciences major, majoring in computer sciences"),
    (LEE, "[course 6-3], [a sophomore]"),
    (LEE, "course 6, course 6-31, course 6-3-1"),
]  # fmt: skip


@pytest.mark.parametrize(("student", "marked"), OWN)
def test_what_is_the_student_s_own_is_known_label_and_all(student: Student, marked: str) -> None:
    text = marked.replace("[", "").replace("]", "")
    found = sorted(own_fields(text, 0, len(text), student), key=lambda each: each.start)
    shown = text
    for each in reversed(found):
        shown = f"{shown[: each.start]}[{shown[each.start : each.end]}]{shown[each.end :]}"
    assert shown == marked


TOLD = {
    "both": ("Ivo Marek, course 8, year 3", {(IVO.id, "course"), (IVO.id, "year")}),
    "two lines below": ("Ivo Marek\n\nHe is a junior.", {(IVO.id, "year")}),
    "far below": ("Ivo Marek came.\n\n\n\nOur guide is a junior.", set()),
    "each his own": ("Ivo Marek, year 3; Cara Lindqvist, year 4", {(IVO.id, "year"), (CARA.id, "year")}),
    "a type of registration": ("Ivo Marek is registered full-time.", {(IVO.id, "registration")}),
    "another's": ("Ivo Marek, year 4, course 18", set()),
    "nobody's": ("Year 3, course 8", set()),
}


@pytest.mark.parametrize("case", TOLD)
def test_it_is_told_of_who_is_named_beside_it(case: str) -> None:
    body, wanted = TOLD[case]
    texts = Texts((), (), (View(Channel.TEXT, "1", "part 1", body),))
    found = with_studies(texts, identify_people(texts, (), people(IVO, CARA), str, Context()))
    told = {(one.person, found.findings[index].pattern) for one in found.identified for index in one.findings}
    assert {(who, what) for who, what in told if what in ("course", "year", "registration")} == wanted
    assert not any("8" in found.findings[index].masked for one in found.identified for index in one.findings)
