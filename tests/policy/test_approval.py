"""What a senior officer's recorded approval covers: whose mail, to whom, about whom, and in which area."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from dlp.campus.records import Approval
from dlp.policy.approval import Asked, approves
from dlp.policy.consent import Ask
from dlp.policy.facts import KnownApproval, Source

AT = datetime(2026, 10, 5, 14, tzinfo=UTC)
HANA, CLERK, OFFICER = "912345678", "a.lind@campus.example", "vp@campus.example"
GIVEN = Approval("A1", OFFICER, date(2026, 9, 1), recipient="hr@acme.example", kinds=frozenset({"grades"}))
ASK = Ask(person=HANA, kinds=frozenset({"grades"}), reader="hr@acme.example", at=AT, zone=UTC)


def covers(*, sender: str = CLERK, stated: str = "", ended: datetime | None = None, ask: Ask = ASK, **changed: Any) -> bool:
    known = KnownApproval("1", replace(GIVEN, **changed), Source.HAND, ended)
    return approves([known], Asked(ask, sender, case=stated)) is known


def test_one_that_names_reader_and_kinds_covers() -> None:
    assert covers()
    assert covers(student_id="9123-45678", expires_on=date(2026, 10, 5), recipient="@acme.example")


@pytest.mark.parametrize(
    "changed",
    [
        {"recipient": "hr@other.example"},
        {"recipient": ""},
        {"kinds": frozenset({"gpa"})},
        {"student_id": "912345679"},
        {"given_on": date(2026, 10, 6)},
        {"expires_on": date(2026, 10, 4)},
        {"ended": AT - timedelta(hours=1)},
        {"sender": OFFICER},
        {"sender": ""},
    ],
    ids=[
        "other-reader",
        "no-reader",
        "other-kind",
        "other-person",
        "given-later",
        "expired",
        "ended",
        "own-mail",
        "mail-of-nobody-known",
    ],
)
def test_one_that_differs_in_one_part_does_not(changed: dict[str, Any]) -> None:
    assert not covers(**changed)


@pytest.mark.parametrize(
    ("given", "stated", "expected"),
    [("26-CV-7", "26-cv-7 ", True), ("26-CV-7", "26-CV-8", False), ("26-CV-7", "", True), ("", "26-CV-8", True)],
)
def test_one_for_a_case_is_for_no_other_case(given: str, stated: str, *, expected: bool) -> None:
    assert covers(case=given, stated=stated) is expected


@pytest.mark.parametrize("area", ["archive", " Archive "])
def test_an_archivist_s_grant_never_unlocks_a_student_s_record(area: str) -> None:
    about_staff = replace(ASK, person="left@campus.example", kinds=frozenset({"salary"}))
    assert not covers(area=area)
    assert not covers(area=area, student_id=HANA)
    assert covers(area=area, kinds=frozenset({"salary"}), ask=about_staff)
    assert covers(area="research")
