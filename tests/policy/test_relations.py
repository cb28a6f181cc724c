"""Who needs to know: where the files spell one ID in two ways, and where an employee is a student."""

from __future__ import annotations

import pytest

from dlp.campus.records import Advising, Contact, Staff, Student
from dlp.policy.readers import person
from dlp.policy.relations import COVERED, UNCOVERED, UNRECORDED, Matter, need, own
from dlp.ruleset import Campus
from tests.campus.people import people

KIM = Student("912345678", "Hana", "Kim")
ADVISOR = "k.brandt@campus.example"


HOME = "family@freemail.example"
ANN = Student("912345670", email="ann@campus.example", alternate_emails=(HOME,))


@pytest.mark.parametrize(
    ("address", "others", "expected"),
    [
        ("ann@campus.example", (), "campus"),
        (HOME, (), "alternate"),
        (HOME, (Student("9123-45670", email="a2@campus.example", alternate_emails=(HOME,)),), "alternate"),
        (HOME, (Contact("@freemail.example", "vendor"),), "alternate"),
        (HOME, (Student("912345671", alternate_emails=(HOME,)),), ""),
        ("ann@campus.example", (Student("912345671", email="Ann@campus.example"),), ""),
        (HOME, (Contact("Family@freemail.example", "parent", "912345670"),), ""),
    ],
)
def test_an_address_somebody_else_reads_is_not_the_own_one(
    address: str, others: tuple[Student | Contact, ...], expected: str
) -> None:
    reader = person(address, Campus(("campus.example",)), people(ANN, *others))
    assert own(reader, ANN) == expected


@pytest.mark.parametrize(("advised", "expected"), [("912-345-678", COVERED), ("912345678", COVERED), ("912345679", UNCOVERED)])
def test_an_advisee_is_known_however_the_id_is_spelt(advised: str, expected: str) -> None:
    directory = people(KIM, Staff(ADVISOR), Advising(ADVISOR, advised, "advisor"))
    reader = person(ADVISOR, Campus(("campus.example",)), directory)
    assert need(reader, KIM, "standing", Matter(), directory) == expected


@pytest.mark.parametrize(
    ("also", "purview", "expected"), [(True, "", UNCOVERED), (False, "", UNRECORDED), (True, "standing", COVERED)]
)
def test_a_student_employee_is_staff_only_in_what_is_recorded(*, also: bool, purview: str, expected: str) -> None:
    student = (Student("912345681", "Dario", "Ferro", email=ADVISOR),) if also else ()
    directory = people(KIM, Staff(ADVISOR, purview=frozenset(filter(None, [purview]))), *student)
    reader = person(ADVISOR, Campus(("campus.example",)), directory)
    assert need(reader, KIM, "standing", Matter(), directory) == expected
