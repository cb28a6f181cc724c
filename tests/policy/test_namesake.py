"""Of two students of one name the one is meant who named the reader in a consent, where nothing but the name is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from dlp.campus.records import Consent, Student
from dlp.policy.evidence import Evidence
from dlp.policy.facts import Facts, KnownConsent, Source
from dlp.policy.namesake import meant_by_consent, of_that_name
from dlp.values import Disclosure, Finding, Role
from tests.campus.people import people

ONE, OTHER = Student("912345678", "Hana", "Kim"), Student("912345679", "Hana", "Kim")
IVO = Student("912345685", "Ivo", "Marek")
CAMPUS = people(ONE, OTHER, IVO)
READERS = ("hr@acme.example", "x@else.example")
GIVEN = {
    "by the other": ([(OTHER, "hr@acme.example")], OTHER),
    "by the other, to the reader's domain": ([(OTHER, "@acme.example")], OTHER),
    "by the other, to somebody else": ([(OTHER, "hr@there.example")], ONE),
    "by both": ([(OTHER, "hr@acme.example"), (ONE, "@acme.example")], ONE),
    "by the first": ([(ONE, "hr@acme.example")], ONE),
    "by nobody of that name": ([(IVO, "hr@acme.example")], ONE),
}


@pytest.mark.parametrize(("given", "meant"), GIVEN.values(), ids=GIVEN)
def test_whom_a_consent_means(finding: Callable[..., Finding], given: list[tuple[Student, str]], meant: Student) -> None:
    evidence = told(finding)
    assert of_that_name(evidence, CAMPUS) == (OTHER.id,)
    assert meant_by_consent(evidence, facts(given), READERS, CAMPUS).people == {ONE.id: meant}


def test_two_others_of_that_name_leave_it_open(finding: Callable[..., Finding]) -> None:
    third = Student("912345680", "Hana", "Kim")
    given = facts([(OTHER, "hr@acme.example"), (third, "hr@acme.example")])
    assert meant_by_consent(told(finding), given, READERS, people(ONE, OTHER, third)).people == {ONE.id: ONE}


def test_a_consent_that_has_ended_means_nobody(finding: Callable[..., Finding]) -> None:
    ended = replace(facts([(OTHER, "hr@acme.example")]).consents[0], ended=datetime(2026, 11, 1, tzinfo=UTC))
    assert meant_by_consent(told(finding), Facts((ended,)), READERS, CAMPUS).people == {ONE.id: ONE}


@pytest.mark.parametrize("sign", [{"kind": "id"}, {"detector": "address"}], ids=["ID", "address"])
def test_who_is_shown_by_more_than_a_name_is_no_other(finding: Callable[..., Finding], sign: dict[str, str]) -> None:
    evidence = told(finding, **sign)
    assert of_that_name(evidence, CAMPUS) == ()
    assert meant_by_consent(evidence, facts([(OTHER, "hr@acme.example")]), READERS, CAMPUS).people == {ONE.id: ONE}


def test_without_a_directory_nobody_has_that_name(finding: Callable[..., Finding]) -> None:
    assert of_that_name(told(finding), None) == ()


def told(finding: Callable[..., Finding], **sign: str) -> Evidence:
    shown = replace(finding(Role.IDENTIFIES, kind="directory"), digest=ONE.id, **sign)
    return Evidence((shown,), (Disclosure(ONE.id, frozenset({"grades"}), (0,)),), (), people={ONE.id: ONE})


def facts(given: list[tuple[Student, str]]) -> Facts:
    consents = (Consent("C1", who.id, frozenset({"grades"}), reader, date(2026, 9, 1)) for who, reader in given)
    return Facts(tuple(KnownConsent("p1", each, Source.IMPORT) for each in consents))
