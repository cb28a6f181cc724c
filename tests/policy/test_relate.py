"""Findings to people: who is identified, and what is said of each."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dlp.policy.relate import counts, relate
from dlp.values import Finding, Role

ACT_AT = 0.7


@pytest.mark.parametrize(
    ("confidence", "enforced", "expected"),
    [(0.69, True, False), (0.7, True, True), (0.9, True, True), (0.9, False, False)],
    ids=["just-below", "just-enough", "sure", "observing"],
)
def test_what_counts(finding: Callable[..., Finding], confidence: float, *, enforced: bool, expected: bool) -> None:
    assert counts(finding(confidence=confidence, enforced=enforced), ACT_AT) is expected


def test_one_number_in_two_places_is_one_person(finding: Callable[..., Finding]) -> None:
    (only,) = relate((finding(), finding(where="part 2, line 4")), ACT_AT)
    assert (only.person, only.kinds, only.findings) == ("one", frozenset({"id"}), (0, 1))


def test_people_come_in_order_of_first_sight(finding: Callable[..., Finding]) -> None:
    found = (finding(digest="b"), finding(digest="a"), finding(digest="b"))
    assert [item.person for item in relate(found, ACT_AT)] == ["b", "a"]


def test_what_is_stated_anywhere_goes_to_the_only_person(finding: Callable[..., Finding]) -> None:
    (only,) = relate((finding(), finding(Role.STATES, "x", kind="grades", where="part 2, line 9")), ACT_AT)
    assert only.kinds == {"id", "grades"}
    assert only.findings == (0, 1)


def test_of_several_people_what_is_stated_goes_to_those_on_its_line(finding: Callable[..., Finding]) -> None:
    found = (
        finding(digest="a", where="part 1, line 1"),
        finding(digest="b", where="part 1, line 2"),
        finding(Role.STATES, "x", kind="grades", where="part 1, line 2"),
        finding(Role.STATES, "y", kind="health", where="part 1, line 3"),
    )
    assert [item.kinds for item in relate(found, ACT_AT)] == [{"id"}, {"id", "grades"}]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.IDENTIFIES])
def test_nothing_but_an_identifying_finding_makes_a_person(finding: Callable[..., Finding], role: Role) -> None:
    assert relate((finding(role),), ACT_AT) == ()


def test_an_unsure_or_observing_finding_makes_no_person(finding: Callable[..., Finding]) -> None:
    assert relate((finding(confidence=0.5), finding(enforced=False)), ACT_AT) == ()
