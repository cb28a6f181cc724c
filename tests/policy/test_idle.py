"""A consent that is said to count nowhere is covered by no message that may be asked; one that is not, by some."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product
from typing import Any

import pytest

from dlp.campus.records import ALL, Assignment, Consent, Enrolment, MailList, Offering, Staff, Student
from dlp.policy.consent import Ask, match
from dlp.policy.facts import KnownConsent, Source
from dlp.policy.idle import ONLY_WRITTEN, idle, idle_kinds
from dlp.ruleset import Campus
from tests.campus.people import people

ANN, BEN = "912345670", "912345688"
STAFF, FIRM, HOME = "e.okafor@campus.example", "hr@firm.example", "ann@home.example"
CAMPUS = Campus(("campus.example",), ("alumni.campus.example",))
PEOPLE = people(
    Student(ANN, email="ann@campus.example", alternate_emails=(HOME,)),
    Student(BEN, email="ben@campus.example"),
    Staff(STAFF),
    Offering("18.06", "2026FA"),
    Assignment("18.07", STAFF, "instructor"),
    Enrolment("18.08", ANN),
    MailList("partners@firm.example", "unknown", members=(STAFF, FIRM)),
)
CONSENT = Consent("C1", ANN, frozenset({"grades"}), FIRM, date(2026, 9, 1), "employment", "written")
EXPLICIT = {"strength": "explicit"}


def of(*kinds: str) -> dict[str, Any]:
    return {"kinds": frozenset(kinds)}


# what the consent says, and a word of why it counts nowhere; "" = it does somewhere
CASES: dict[str, tuple[dict[str, Any], str]] = {
    "every part is there": ({}, ""),
    "its last day is its first": ({"expires_on": date(2026, 9, 1)}, ""),
    "it ends before it begins": ({"expires_on": date(2026, 8, 31)}, "its last day lies before"),
    "the class of all others": ({"recipient": "class:other"}, "nobody in particular"),
    "a class": ({"recipient": "class:employer"}, ""),
    "a top-level domain": ({"recipient": "@example"}, "nobody in particular"),
    "a domain": ({"recipient": "@firm.example"}, ""),
    "no purpose": ({"purpose": ""}, ""),
    "everything, for a job": (of(ALL), "all is only for"),
    "everything, for an investigation": (of(ALL) | {"purpose": "investigation"}, ""),
    "everything, for one that is not in writing": (of(ALL) | EXPLICIT | {"purpose": "investigation"}, "all is only for"),
    "everything, to the person": (of(ALL) | {"recipient": HOME.upper()}, ""),
    "everything, to the person's domain": (of(ALL) | {"recipient": "@home.example"}, ""),
    "everything, to another student": (of(ALL) | {"recipient": "ben@campus.example"}, "all is only for"),
    "everything, to a class": (of(ALL) | {"recipient": "class:parent"}, "all is only for"),
    "everything of an employee, to the employee": (of(ALL) | {"person": STAFF, "recipient": STAFF}, ""),
    "everything and one kind": (of(ALL, "gpa"), ""),
    "a subject that is offered": (of("grades:18.06"), ""),
    "one that somebody teaches": (of("grades:18.07"), ""),
    "one that somebody is in": (of("grades: 18.08"), ""),
    "one that nobody has": (of("grades:18.09"), "no subject in the directory"),
    "two that nobody has": (of("grades:18.09", "coursework:18.10"), "no subject in the directory"),
    "one that nobody has and one that is offered": (of("grades:18.09", "grades:18.06"), ""),
    "a field": (of("directory:degrees"), ""),
    "no field": (of("directory:degree"), "no such field"),
    "said, to outside": (EXPLICIT, ONLY_WRITTEN),
    "said, to a domain outside": (EXPLICIT | {"recipient": "@firm.example"}, ONLY_WRITTEN),
    "said, to a domain of ours that counts as outside": (EXPLICIT | {"recipient": "@alumni.campus.example"}, ONLY_WRITTEN),
    "said, to inside": (EXPLICIT | {"recipient": STAFF}, ""),
    "said, to our domain": (EXPLICIT | {"recipient": "@campus.example"}, ""),
    "said, to a class": (EXPLICIT | {"recipient": "class:employer"}, ""),
    "said, to a list of some inside": (EXPLICIT | {"recipient": "partners@firm.example"}, ""),
    "of a student's campus address": ({"person": "Ann@campus.example"}, "give the student ID"),
    "of a student's other address": ({"person": HOME}, "give the student ID"),
    "of an employee": ({"person": STAFF}, ""),
    "of nobody that is known": ({"person": "912345677"}, ""),
}
READERS = (FIRM, HOME, STAFF, "ann@campus.example", "ben@campus.example", "x@alumni.campus.example", "x@other.example")


def asks(consent: Consent) -> list[Ask]:
    """Whatever a message may ask a consent for, as it is asked about Ann, Ben and an employee."""
    at = datetime(2026, 9, 1, 15, tzinfo=UTC)
    kinds = ("grades", "gpa", "salary", "grades:18.06", "grades:18.07", "grades:18.08", "directory:degrees")
    found = []
    for person, kind, reader, kind_of in product(
        (ANN, BEN, STAFF, "912345677"), kinds, READERS, ("", "employer", "law_enforcement")
    ):
        inside = CAMPUS.is_inside(reader)
        own = reader == person or (person == ANN and reader in (HOME, "ann@campus.example"))
        through = "partners@firm.example" if reader in (STAFF, FIRM) else ""
        types = frozenset({kind_of} - {""})
        found.append(Ask(person, frozenset({kind}), reader, at, through, inside=inside, own=own, types=types))
    return found


@pytest.mark.parametrize("case", CASES)
def test_why_a_consent_counts_nowhere(case: str) -> None:
    parts, why = CASES[case]
    consent = replace(CONSENT, **parts)
    told = idle(consent, PEOPLE, CAMPUS)
    assert (why in told, bool(told)) == (True, bool(why))
    known = KnownConsent("p1", consent, Source.IMPORT)
    assert any(match(known, ask).covers for ask in asks(consent)) is not bool(why)


def test_without_a_directory_only_what_is_certain_is_said() -> None:
    for parts in (of("grades:18.09"), of(ALL) | {"recipient": HOME}, {"person": HOME}):
        assert idle(replace(CONSENT, **parts), None, CAMPUS) == ""
    assert idle(replace(CONSENT, **EXPLICIT), None, CAMPUS) == ONLY_WRITTEN


def test_above_our_domain_somebody_is_inside() -> None:
    assert idle(replace(CONSENT, recipient="@co.example", **EXPLICIT), None, Campus(("campus.co.example",))) == ""


def test_the_kinds_that_count_nowhere_are_told_beside_one_that_does() -> None:
    found = idle_kinds(replace(CONSENT, **of("grades:18.09", "gpa", ALL)), PEOPLE)
    assert sorted(found) == [ALL, "grades:18.09"]
