"""References to nobody are counted by file and column, in whatever spelling they are written."""

from __future__ import annotations

from datetime import date

from dlp.campus.dangling import Dangling, References
from dlp.campus.records import (
    Advising,
    Approval,
    Assignment,
    Consent,
    Contact,
    Enrolment,
    MailList,
    Offering,
    Staff,
    Student,
    Waiver,
)

DAY = date(2026, 9, 1)
HERE = (
    Student("912-345-671", email="B.Lind@campus.example", alternate_emails=("b@freemail.example",)),
    Staff("E.Okafor@campus.example"),
    Offering("18.06", "2026FA"),
    Offering("18.06", "2027SP"),
)


def dangling(*records: object) -> list[tuple[str, str, str, int]]:
    note = References()
    for record in (*HERE, *records):
        note(record)  # type: ignore[arg-type]
    return [(each.file, each.column, each.target, each.rows) for each in note.dangling() if isinstance(each, Dangling)]


def test_what_is_there_in_another_spelling_does_not_dangle():
    assert not dangling(
        Assignment("18.06 ", "e.okafor@CAMPUS.example", "ta"),
        Enrolment("18.06", "912345671"),
        Enrolment("18.06", "912345671", "2026fa"),
        Assignment(" 18.06", "e.okafor@campus.example", "ta", "2027SP"),
        Advising("e.okafor@campus.example", "912 345 671"),
        Contact("@press.example", "press"),
        MailList("staff@campus.example", "staff"),
        Consent("C1", "912345671", frozenset({"all"}), "@agency.example", DAY),
        Consent("C2", "e.okafor@campus.example", frozenset({"salary"}), "@agency.example", DAY),
    )


def test_a_student_address_in_place_of_the_id_of_a_consent_is_told_of_elsewhere():
    addresses = ("b.lind@campus.example", "b@freemail.example", "nobody@campus.example")
    consents = [Consent(each, each, frozenset({"gpa"}), "@agency.example", DAY) for each in addresses]
    assert dangling(*consents) == [("consents", "person", "staff", 1)]
    nobody = Student("912345600"), Consent("C1", "-", frozenset({"gpa"}), "@agency.example", DAY)
    assert dangling(*nobody) == [("consents", "person", "students", 1)]
    assert dangling(Advising("b.lind@campus.example", "912345671")) == [("advising", "email", "staff", 1)]


def test_what_is_nowhere_dangles():
    assert dangling(
        Assignment("18.07", "nobody@campus.example", "ta"),
        Enrolment("18.06", "912345679"),
        Enrolment("18.06", "912345678"),
        Advising("e.okafor@campus.example", "912345679"),
        Waiver("912345679", DAY),
        Contact("parent@freemail.example", "parent", "912345679"),
        MailList("list@campus.example", "staff", "18.07", ("uid=gone",)),
        Consent("C1", "912345679", frozenset({"all"}), "@agency.example", DAY),
        Approval("A1", "e.okafor@campus.example", DAY, student_id="912345679"),
    ) == [
        ("assignments", "subject", "subjects", 1),
        ("assignments", "email", "staff", 1),
        ("enrolments", "student_id", "students", 2),
        ("advising", "student_id", "students", 1),
        ("waivers", "student_id", "students", 1),
        ("contacts", "student_id", "students", 1),
        ("lists", "subject", "subjects", 1),
        ("lists", "members", "LDIF", 1),
        ("consents", "person", "students", 1),
        ("approvals", "student_id", "students", 1),
    ]


def test_a_term_that_no_row_of_its_subject_has_dangles_as_a_subject_would():
    assert dangling(
        Enrolment("18.06", "912345671", "2026 Fall"),
        Assignment("18.06", "e.okafor@campus.example", "ta", "2026 Fall"),
        Assignment("18.07", "e.okafor@campus.example", "ta", "2026 Fall"),  # its subject is told of
    ) == [
        ("enrolments", "term", "subjects", 1),
        ("assignments", "term", "subjects", 1),
        ("assignments", "subject", "subjects", 1),
    ]


def test_people_with_two_rows_are_counted_and_offerings_in_two_terms_are_not():
    note = References()
    for record in (*HERE, Student("912345671")):
        note(record)
    assert note.repeated == {"students": 1}
