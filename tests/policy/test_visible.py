"""Who sees in To and Cc of whom else something is said: students, but not those who teach whom it is about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dlp.campus.records import Assignment, Enrolment, Student
from dlp.policy.evidence import Evidence, Surroundings
from dlp.policy.readers import person
from dlp.policy.visible import visible
from dlp.ruleset import Campus
from dlp.values import Disclosure
from tests.campus.people import TODAY, People

CAMPUS = Campus(("campus.example",))
DARIO = Student("912345681", "Dario", "Ferro", email="d.ferro@campus.example")
MINA = Student("912345687", "Mina", "Sato", email="m.sato@campus.example")
HANA = Student("912345678", "Hana", "Kim", email="h.kim@campus.example")
IVO = Student("912345685", "Ivo", "Marek", email="i.marek@campus.example")
CARA = Student("912345680", "Cara", "Lindqvist", email="c.lindqvist@campus.example")
LIND = Assignment("8.01", "a.lind@campus.example", "instructor_in_charge")
TEACHING = (LIND, *(Assignment("8.01", each.email, "ta") for each in (DARIO, MINA)))
ROWS = (DARIO, MINA, HANA, IVO, CARA, *TEACHING, Enrolment("8.01", IVO.id), Enrolment("8.01", HANA.id))
EVERYBODY = People(ROWS, replace(TODAY, files=frozenset({"enrolments"})))

CASES = {
    "two assistants read of a student of theirs": ((DARIO, MINA), {IVO: "grades"}, (), 0),
    "of a student of another subject": ((DARIO, MINA), {CARA: "grades"}, (), 2),
    "of what is no business of theirs": ((DARIO, MINA), {IVO: "financial"}, (), 2),
    "another subject is the matter": ((DARIO, MINA), {IVO: "grades"}, ("18.06",), 2),
    "also of one of them": ((DARIO, MINA), {IVO: "grades", DARIO: "grades"}, (), 2),
    "only of them": ((DARIO, MINA), {DARIO: "standing", MINA: "standing"}, (), 2),
    "of nobody": ((DARIO, MINA), {}, (), 2),
    "students read of one of them": ((HANA, IVO), {IVO: "grades"}, (), 2),
    "one assistant beside a student": ((DARIO, HANA), {IVO: "grades"}, (), 1),
    "one student twice": ((HANA, HANA), {IVO: "grades"}, (), 1),
}


@pytest.mark.parametrize("case", CASES)
def test_who_reads_as_a_teacher_does_not_count(case: str) -> None:
    readers, told, subjects, count = CASES[case]
    evidence = Evidence(
        (),
        tuple(Disclosure(who.id, frozenset({"directory", kind}), ()) for who, kind in told.items()),
        (),
        people={who.id: who for who in told},
        subjects=frozenset(subjects),
    )
    around = Surroundings(EVERYBODY, person("a.lind@campus.example", CAMPUS, EVERYBODY))
    assert visible([who.email for who in readers], evidence, around, CAMPUS) == count
