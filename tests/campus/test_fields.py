"""A phone number or an address that the directory has of somebody is seen beside the name, and another's is not."""

from __future__ import annotations

import pytest

from dlp.campus.fields import with_fields
from dlp.campus.identity import identify_people
from dlp.campus.people import Context, Place
from dlp.campus.records import Student
from dlp.values import Channel, Finding, Role, Texts, View
from tests.campus.people import people

FELIX = Student(
    "912345683", "Felix", "Oduya", email="f.oduya@campus.example", phone="+1 617-555-0106", term_address="4 Bay Street, Apt. 2"
)
HANA = Student("912345678", "Hana", "Kim", phone="555-0101", permanent_address="Old Mill House, Elmham")
SHORT = Student("912345679", "Ben", "Okoro", phone="0107")
CAMPUS = people(FELIX, HANA, SHORT)
PHONE, TERM, HOME, EMAIL = "directory:phone", "directory:term_address", "directory:permanent_address", "directory:email"

TOLD = {
    "a phone number": ("Call Felix Oduya, 555-0106.", {(FELIX.id, PHONE)}),
    "written otherwise": ("Felix Oduya (617) 555 0106", {(FELIX.id, PHONE)}),
    "an address": ("Felix Oduya, 4 Bay St, is ill.", {(FELIX.id, TERM)}),
    "an address below the name": ("Felix Oduya\n4 Bay Street\n", {(FELIX.id, TERM)}),
    "the name of a house": ("Hana Kim, Old Mill House", {(HANA.id, HOME)}),
    "each its own": ("Hana Kim, 555-0101\nFelix Oduya, 555-0106\n", {(HANA.id, PHONE), (FELIX.id, PHONE)}),
    "far off, and nobody else is named": ("Felix Oduya is ill.\n\n\nHis number:\n\n555-0106\n", {(FELIX.id, PHONE)}),
    "far off, and somebody else is named": ("Felix Oduya is ill.\n\n\nHana Kim asked. Call\n\n555-0106\n", set()),
    "an e-mail address": ("Write to f.oduya@campus.example.", {(FELIX.id, EMAIL)}),
    "words that only look like an address of somebody who has none": ("Hana Kim knows of any company.", set()),
    "an e-mail address of the thread": ("From: f.oduya@campus.example", set()),
    "another's": ("Hana Kim, 555-0106\n", set()),
    "no number anybody has": ("Felix Oduya, 555-0199\n", set()),
    "another house": ("Felix Oduya, 14 Bay Street\n", set()),
    "an extension": ("Ben Okoro, extension 0107\n", set()),
    "nobody named": ("Call 555-0106.", set()),
}


@pytest.mark.parametrize("case", TOLD)
def test_fields_are_told_of_whom_the_directory_has_them(case: str) -> None:
    body, wanted = TOLD[case]
    texts = Texts((), (), (View(Channel.TEXT, "1", "part 1", body),))
    found = with_fields(texts, identify_people(texts, (), CAMPUS, str, Context()))
    told = {
        (one.person, found.findings[index].kind)
        for one in found.identified
        for index in one.findings
        if ":" in found.findings[index].kind
    }
    assert told == wanted


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("Felix Oduya came. The home address is 4 Bay Street.", TERM),
        ("Felix Oduya lives at 4 Bay Street. The home address of his parents is 7 Oak Road.", "home_address"),
        ("The home address of Felix Oduya is 7 Oak Road. He told me 4 Bay Street.", "home_address"),
        ("Felix Oduya came. The home address is 7 Oak Road.", "home_address"),
    ],
)
def test_where_a_student_lives_is_directory_information_as_the_directory_has_it(body: str, kind: str) -> None:
    texts = Texts((), (), (View(Channel.TEXT, "1", "part 1", body),))
    at = body.index("home address")
    told = Finding("home_address", "pattern", "x", Role.STATES, "part 1, line 1", 0, at, at + 12, 0.75, "words", "")
    found = with_fields(texts, identify_people(texts, (told,), CAMPUS, str, Context()))
    assert found.findings[0].kind == kind


def test_a_finding_shows_no_value() -> None:
    texts = Texts((), (), (View(Channel.TEXT, "1", "part 1", "Hello,\nFelix Oduya, 555-0106"),))
    found = with_fields(texts, identify_people(texts, (), CAMPUS, str, Context())).findings[-1]
    assert (found.kind, found.where, found.masked) == (PHONE, "part 1, line 2", "a phone number")


def test_beside_a_greeting_it_is_told_of_who_is_greeted() -> None:
    texts = Texts((), (), (View(Channel.TEXT, "1", "part 1", "Dear Felix Oduya,\n\nis 555-0106 still right?\n"),))
    found = with_fields(texts, identify_people(texts, (), CAMPUS, str, Context()))
    assert found.places[len(found.findings) - 1] is Place.GREETING
