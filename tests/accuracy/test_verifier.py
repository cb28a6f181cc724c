"""The admission test of the second look at sentences lets in only what takes three tenths of the errors away."""

from __future__ import annotations

import math

import pytest

from dlp.statements.candidate import Candidate
from dlp.verifier import document, looked_at
from tests.accuracy.measures import Rate
from tests.accuracy.training import Weighed
from tests.accuracy.verifier import Admission, Counts, Judged, Looked, counts, settled, trained

BEFORE = Counts(Rate(900, 1000), Rate(50, 1000))
CASES = {
    "three tenths of the wrong stops gone, none lost": (900, 35, True),
    "three tenths gone, two of a thousand lost": (898, 35, True),
    "three tenths gone, three lost": (897, 35, False),
    "less gone": (900, 36, False),
    "three tenths of the misses found": (930, 50, True),
    "three tenths found, three more stopped": (930, 53, False),
    "nothing changed": (900, 50, False),
}


@pytest.mark.parametrize("case", CASES)
def test_the_admission_test(case: str) -> None:
    found, stopped, passed = CASES[case]
    assert Admission(BEFORE, Counts(Rate(found, 1000), Rate(stopped, 1000))).passed is passed


def test_one_sentence_that_is_sure_enough_counts_for_a_letter() -> None:
    sure, unsure = Looked(True, 0.99, 0.0), Looked(False, 0.6, 5.0)
    chosen = [
        Judged("a", True, (sure, unsure)),
        Judged("a", True, ()),
        Judged("a", False, (unsure,)),
        Judged("a", None, (sure,)),
    ]
    assert counts(chosen, None) == Counts(Rate(1, 2), Rate(0, 1))
    assert counts(chosen, (1.0, 1.0, 0.0)) == Counts(Rate(1, 2), Rate(1, 1))


def test_a_look_that_says_nothing_is_not_believed_and_one_that_knows_is() -> None:
    blind = [Looked(nth % 2 == 0, 0.6, float(nth % 3)) for nth in range(600)]
    own, other, _ = settled([Judged("a", True, tuple(blind))])
    assert abs(other) < 0.1
    knows = [Looked(nth % 2 == 0, 0.6, 2.0 if nth % 2 == 0 else -2.0) for nth in range(600)]
    _, other, _ = settled([Judged("a", True, tuple(knows))])
    assert other > 1
    assert math.isfinite(own)


def test_a_pipeline_learns_what_tells() -> None:
    tells, not_so = ("STU", "failed", "PROS", "exam"), ("STU", "moderates", "the", "talk")
    chosen = [Weighed(Candidate(0, 0, 9, ("x",), words, ()), words is tells, "") for words in (tells, not_so) * 30]
    language = trained(chosen, rounds=8)
    one, other = looked_at(language, [document(language.vocab, words, ()) for words in (tells, not_so)])
    assert one > 0 > other
