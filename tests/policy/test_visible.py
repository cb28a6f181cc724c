"""Of which students who see each other in To and Cc something is told: each has it separately, or it is one reader's matter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from dlp.campus.records import Student
from dlp.policy.evidence import Evidence, Surroundings
from dlp.policy.visible import visible
from dlp.ruleset import Campus
from dlp.values import Disclosure, Finding, Role
from tests.campus.people import People

CAMPUS = Campus(("campus.example",))
HANA = Student("912345678", "Hana", "Kim", email="h.kim@campus.example")
IVO = Student("912345685", "Ivo", "Marek", email="i.marek@campus.example")
CARA = Student("912345680", "Cara", "Lindqvist", email="c.lindqvist@campus.example")
EVERYBODY = People((HANA, IVO, CARA))

CASES = {
    "of each of them": ((HANA, IVO), {HANA: "grades", IVO: "grades"}, 2),
    "of two of three": ((HANA, IVO, CARA), {HANA: "grades", IVO: "standing"}, 2),
    "of one of them": ((HANA, IVO), {IVO: "grades"}, 1),
    "of somebody else": ((HANA, IVO), {CARA: "grades"}, 0),
    "directory information": ((HANA, IVO), {HANA: "directory", IVO: "directory"}, 2),
    "of nobody": ((HANA, IVO), {}, 2),
    "one student twice": ((HANA, HANA), {HANA: "grades"}, 1),
}


@pytest.mark.parametrize("case", CASES)
def test_it_counts_of_whom_something_is_told(case: str) -> None:
    readers, told, count = CASES[case]
    assert visible([who.email for who in readers], of(told), Surroundings(EVERYBODY), CAMPUS, 0.7) == count


@pytest.mark.parametrize(("confidence", "count"), [(0.9, 2), (0.1, 1)])
def test_what_is_said_to_whoever_reads_it_is_each_readers(
    finding: Callable[..., Finding], confidence: float, count: int
) -> None:
    evidence = of({HANA: "grades"}, (finding(Role.STATES, kind="grades", confidence=confidence),))
    assert visible([HANA.email, IVO.email], evidence, Surroundings(EVERYBODY), CAMPUS, 0.7) == count


@pytest.mark.parametrize(("named_at", "count"), [(0, 1), (40, 2)], ids=["before it", "behind it"])
def test_what_is_said_before_anybody_is_named_is_each_readers(
    finding: Callable[..., Finding], named_at: int, count: int
) -> None:
    sign = replace(finding(Role.IDENTIFIES, kind="directory"), start=named_at, end=named_at + 8)
    told = replace(finding(Role.STATES, kind="grades", confidence=0.9), start=10, end=20)
    evidence = replace(of({HANA: "grades"}, (sign, told)), disclosures=(Disclosure(HANA.id, frozenset({"grades"}), (0, 1)),))
    assert visible([HANA.email, IVO.email], evidence, Surroundings(EVERYBODY), CAMPUS, 0.7) == count


def of(told: dict[Student, str], findings: tuple[Finding, ...] = ()) -> Evidence:
    disclosures = (Disclosure(who.id, frozenset({"directory", kind}), ()) for who, kind in told.items())
    return Evidence(findings, tuple(disclosures), (), people={who.id: who for who in told})
