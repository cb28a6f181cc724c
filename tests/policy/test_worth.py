"""What a miss is worth, by reader and kind."""

from __future__ import annotations

import pytest

from dlp.policy.worth import WEIGHED, of_kind, raised, told_inside
from dlp.values import Disclosure, Finding, Role

ACT_AT = 0.7


def _finding(kind: str, confidence: float, detector: str = WEIGHED) -> Finding:
    return Finding(kind, detector, "", Role.STATES, "line 1", 0, 0, 9, confidence, "", "")


def _told(*findings: Finding) -> tuple[Disclosure, ...]:
    item = Disclosure("somebody", frozenset(each.kind for each in findings), tuple(range(len(findings))))
    return told_inside((item,), findings, ACT_AT)


def test_a_sentence_that_is_one_in_four_likely_to_tell_stops_a_letter_to_outside_and_none_inside():
    outside = raised(0.26)
    assert outside >= ACT_AT > raised(0.2)
    assert _told(_finding("grades", outside)) == (Disclosure("somebody", frozenset(), ()),)
    surer = _finding("grades", raised(0.4))
    assert _told(surer) == (Disclosure("somebody", frozenset({"grades"}), (0,)),)


def test_a_kind_that_a_pattern_finds_as_well_is_told_inside_too_without_the_sentence():
    found = (_finding("grades", ACT_AT), _finding("grades", ACT_AT, "pattern"), _finding("standing", ACT_AT))
    (told,) = _told(*found)
    assert (told.kinds, told.findings) == ({"grades"}, (1,))


def test_a_kind_that_no_finding_stands_for_stays():
    doubtful = _finding("grades", ACT_AT)
    (told,) = told_inside((Disclosure("somebody", frozenset({"grades", "enrolment"}), (0,)),), (doubtful,), ACT_AT)
    assert told.kinds == {"enrolment"}


@pytest.mark.parametrize(("kind", "surer"), [("health", True), ("grades", None), ("enrolment", False)])
def test_what_cannot_be_mended_is_stopped_earlier_and_what_everybody_sees_later(kind, surer):
    moved = of_kind(0.7, kind)
    assert moved == pytest.approx(0.7) if surer is None else (moved > 0.7) is surer
