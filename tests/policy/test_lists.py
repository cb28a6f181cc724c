"""Lists in whole messages: what they say of everybody on them, and what becomes of it for one reader."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dlp.campus.directory import Stamp
from dlp.campus.records import Assignment, Enrolment, Offering, Record, Staff, Student
from dlp.limits import Limits
from dlp.mail.reading import read
from dlp.pipeline import Known, Survey, survey
from dlp.values import Client, Envelope, Origin, Recipient
from tests.campus.people import TODAY, people
from tests.upstream import shipped_rules

CHARGE, TA, OTHER = "a.lind@campus.example", "k.brandt@campus.example", "m.osei@campus.example"
STUDENTS = (
    Student("912345678", "Hana", "Kim", email="h.kim@campus.example"),
    Student("912345679", "Ben", "Okoro", email="b.okoro@campus.example"),
    Student("912345685", "Ivo", "Marek", email="i.marek@campus.example"),
    Student("912345686", "Jana", "Petrova", email="j.petrova@campus.example"),
    Student("912345680", "Cara", "Lindqvist", email="c.lindqvist@campus.example"),
)
ROWS: tuple[Record, ...] = (
    *STUDENTS,
    Staff(OTHER, purview=frozenset({"housing"})),
    Offering("8.01", "2026FA", "Classical Mechanics"),
    Assignment("8.01", CHARGE, "instructor_in_charge", "2026FA"),
    Assignment("8.01", TA, "ta", "2026FA"),
)
NAMES = "Hana Kim\r\nBen Okoro\r\nIvo Marek\r\nJana Petrova\r\n"
CALLED = "Here is the class list of 8.01:\r\n\r\n"


def surveyed(body: str, *, sender: str = CHARGE, to: str = TA, reader: str = "", rows: tuple[Record, ...] = ROWS) -> Survey:
    head = f"From: {sender}\r\nTo: {to}\r\nSubject: Thursday\r\n\r\n"
    raw = (head + body).encode()
    recipients = (Recipient(reader or to),)
    envelope = Envelope("", "", sender, (), recipients, Client(), datetime(2026, 9, 2, tzinfo=UTC), Origin.SUBMISSION)
    files = frozenset({"enrolments"} if any(isinstance(row, Enrolment) for row in rows) else ())
    stamp = Stamp(TODAY.name, TODAY.as_of, files=files)
    return survey(envelope, read(raw, Limits()), shipped_rules(), raw, Known(people(*rows, stamp=stamp), str))


def decided(asked: Survey) -> set[str]:
    (ruling,) = asked.judgement().rulings
    return {reason.row for reason in ruling.reasons}


@pytest.mark.parametrize(("reader", "rows"), [(TA, {"I1", "I4"}), (OTHER, {"I5", "I11-chosen"})])
def test_without_enrolments_the_subject_that_is_named_decides(reader: str, rows: set[str]) -> None:
    assert decided(surveyed(CALLED + NAMES, to=reader)) == rows


def test_everybody_on_a_class_list_is_said_to_be_enrolled() -> None:
    evidence = surveyed(CALLED + NAMES).evidence
    assert [sorted(item.kinds) for item in evidence.disclosures] == [["directory", "enrolment"]] * 4


def test_who_is_written_to_counts_for_no_list() -> None:
    to = ", ".join(one.email for one in STUDENTS[:4])
    prose = "In 8.01 we meet: " + NAMES.replace("\r\n", ", ")
    assert surveyed(prose, to=to, reader=TA).evidence.class_list is None


def test_one_more_who_is_no_member_makes_four_no_class() -> None:
    enrolled = tuple(Enrolment("8.01", one.id, "2026FA") for one in STUDENTS[:4])
    four = "For 8.01: Hana Kim, Ben Okoro, Ivo Marek, Jana Petrova"
    assert surveyed(four, rows=(*ROWS, *enrolled)).evidence.class_list is not None
    assert surveyed(f"{four}, Cara Lindqvist", rows=(*ROWS, *enrolled)).evidence.class_list is None


def test_without_a_directory_nobody_is_on_a_list() -> None:
    raw = b"From: a@campus.example\r\nSubject: x\r\n\r\non probation:\r\n912345678\r\n912345679\r\n"
    envelope = Envelope("", "", CHARGE, (), (Recipient(TA),), Client(), datetime(2026, 9, 2, tzinfo=UTC), Origin.SUBMISSION)
    evidence = survey(envelope, read(raw, Limits()), shipped_rules(), raw).evidence
    assert evidence.chosen == frozenset()


def test_the_ledger_is_told_that_its_staff_need_to_know_a_class_list() -> None:
    enrolled = tuple(Enrolment("8.01", one.id, "2026FA") for one in STUDENTS[:4])
    asked = surveyed(CALLED + NAMES + "Cara Lindqvist\r\n", rows=(*ROWS, *enrolled))
    assert {(each.person, each.basis) for each in asked.judgement().allowed} == {(one.id, "need-to-know") for one in STUDENTS}
