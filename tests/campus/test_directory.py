"""What every Directory answers, whoever implements it: spellings, order, blanks, domains that climb."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from dlp.campus.directory import NAMED_AT_MOST, Directory
from dlp.campus.records import (
    Advising,
    Assignment,
    Contact,
    Department,
    Enrolment,
    Forward,
    MailList,
    Offering,
    Record,
    Staff,
    Student,
    Waiver,
)
from dlp.snapshot import build, open_snapshot
from tests.campus.people import TODAY, People

Make = Callable[[Iterable[Record]], Directory]

AMES = Student("900-00-0001", "Tess", "Ames", email="T.Ames@campus.example", alternate_emails=("tess@freemail.example",))
AGAIN = Student("900000001", full_name="Tess Ames", email="ames@campus.example")
TWIN = Student("900000002", "Tess", "Ames", email="tess2@campus.example", alternate_emails=("TESS@freemail.example", ""))
LANE = Staff("p.lane@campus.example", given_name="Pat", family_name="Lane", department="Physics")
AMES_OFFICE = Staff("ames-office@campus.example", full_name="Tess Ames")
FALL, SPRING = Offering("18.06", "2026FA", "Linear Algebra"), Offering("18.06", "2027SP")
LAB = Offering("Media Lab 1", "2026FA")
TEACHES = Assignment("18.06", "P.Lane@campus.example", "instructor")
GRADES = Assignment("18.06 ", "tess2@campus.example", "ta", "2026FA")
TAKES = tuple(Enrolment(subject, "900000001", "2026FA") for subject in ("18.06", "8.01"))
ADVISES = Advising("p.lane@campus.example", "900000002", "advisor")
PRESS, HOSPITAL = Contact("@daily.example", "press"), Contact("@hospital.example", "agency")
PARENT = Contact("ames@hospital.example", "parent", "900000001")
AWAY = Forward("t.ames@campus.example", "tess@freemail.example")
PHYSICS = Department("Physics", "physics.campus.example", "steward@campus.example", ("a@campus.example", "b@campus.example"))
LIST = MailList("Staff-806@campus.example", "subject_staff", "18.06", ("p.lane@campus.example",), forwards_outside=True)
WAIVER = Waiver("900000001", TODAY.as_of.date(), "p.lane@campus.example")
ROWS: tuple[Record, ...] = (
    AMES, AGAIN, TWIN, LANE, AMES_OFFICE, FALL, SPRING, LAB, TEACHES, GRADES, *TAKES, ADVISES, PRESS, HOSPITAL, PARENT, AWAY,
    PHYSICS, LIST, WAIVER, Staff(""), Department(""),
)  # fmt: skip

# Look-up, what is asked, what is answered.
ANSWERS: tuple[tuple[str, str, object], ...] = (
    ("student", "900000001", AMES),
    ("student", "900 000 001", AMES),
    ("student", "90000000", None),
    ("student", "", None),
    ("student", "p.lane@campus.example", None),
    ("students_at", "t.AMES@Campus.example", (AMES,)),
    ("students_at", "tess@freemail.example", (AMES, TWIN)),
    ("students_at", "p.lane@campus.example", ()),
    ("students_at", "", ()),
    ("staff_at", "P.Lane@campus.example", LANE),
    ("staff_at", "t.ames@campus.example", None),
    ("staff_at", "", None),
    ("offerings", "18.06", (FALL, SPRING)),
    ("offerings", " 18.06", (FALL, SPRING)),
    ("offerings", "MEDIALAB1", (LAB,)),
    ("offerings", "18.0", ()),
    ("assigned_to", "18.06", (TEACHES, GRADES)),
    ("assignments_of", "p.lane@CAMPUS.example", (TEACHES,)),
    ("assignments_of", "nobody@campus.example", ()),
    ("enrolments_of", "900-000-001", TAKES),
    ("enrolments_of", "900000002", ()),
    ("advising_by", "p.lane@campus.example", (ADVISES,)),
    ("advising_of", "900000002", (ADVISES,)),
    ("advising_of", "900000001", ()),
    ("contacts_at", "Ames@hospital.example", (PARENT,)),
    ("contacts_at", "ward@hospital.example", (HOSPITAL,)),
    ("contacts_at", "desk@news.daily.example", (PRESS,)),
    ("contacts_at", "desk@Daily.example.", (PRESS,)),
    ("contacts_at", "desk@notdaily.example", ()),
    ("contacts_at", "daily.example", (PRESS,)),
    ("contacts_at", "", ()),
    ("forwards_of", "T.Ames@campus.example", (AWAY,)),
    ("forwards_of", "tess@freemail.example", ()),
    ("department", "physics", PHYSICS),
    ("department", "", None),
    ("list_at", "staff-806@campus.example", LIST),
    ("list_at", "p.lane@campus.example", None),
    ("waivers_of", "900000001", (WAIVER,)),
    ("waivers_of", "900000002", ()),
)


@pytest.fixture(params=["in memory", "snapshot"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    return {
        "in memory": lambda rows: People(tuple(rows)),
        "snapshot": lambda rows: open_snapshot(build(tmp_path, rows, TODAY, b"key"), b"key"),
    }[request.param]


@pytest.mark.parametrize(("asks", "of", "answer"), ANSWERS)
def test_a_look_up_answers(make, asks, of, answer):
    assert getattr(make(ROWS), asks)(of) == answer


def test_a_name_leads_to_students_and_staff_in_their_order(make):
    campus = make(ROWS)
    assert campus.named("ames tess") == (AMES, AGAIN, TWIN, AMES_OFFICE)
    assert campus.named("nobody of that name") == campus.named("") == ()


def test_a_name_that_many_share_leads_to_the_first_of_them(make):
    many = [Student(f"{900_000_000 + n}", full_name="Kim Lee") for n in range(NAMED_AT_MOST + 2)]
    assert make(many).named("kim lee") == tuple(many[:NAMED_AT_MOST])


def test_nobody_is_in_an_empty_directory(make):
    nothing = make(())
    assert [getattr(nothing, asks)(of) for asks, of, _ in ANSWERS if of] == [
        None if asks in ("student", "staff_at", "department", "list_at") else () for asks, of, _ in ANSWERS if of
    ]
