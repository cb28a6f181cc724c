"""Weights files: what they say of features, and which are refused."""

from __future__ import annotations

import json
import math

import pytest

from dlp.statements.weights import FEATURES, load

HEAD = {"features": FEATURES, "bias": -1.0, "praise_bias": -2.0, "names": ["grades", "health"], "scale": 0.5, "shift": 0.25}
ROWS = ("w failed\t3000\t\t200\t0\n", "w ill\t2000\t\t0\t200\n", "w sad\t\t\t0\t200\n", "w glad\t-3000\t4000\n")
WHOLE = (json.dumps(HEAD), *ROWS)
REFUSED = {
    "nothing": ((), "damaged"),
    "no JSON": (("{",), "damaged"),
    "a list": (("[]",), "damaged"),
    "a key is missing": ((json.dumps({key: value for key, value in HEAD.items() if key != "shift"}),), "damaged"),
    "another version of the features": ((json.dumps(HEAD | {"features": FEATURES + 1}),), "version"),
    "a weight that is no number": ((*WHOLE, "w x\tmuch\n"), "damaged: ValueError$"),
    "a weight that is too large": ((*WHOLE, "w x\t1\t\t70000\t0\n"), "damaged"),
    "a weight for no kind": ((*WHOLE, "w x\t1\t\t1\t2\t3\n"), "damaged"),
    "a feature without weights": ((*WHOLE, "w x\n"), "damaged"),
}


def test_scale_and_shift_turn_a_score_into_a_probability():
    weights = load(WHOLE)
    for found in ({"w failed", "w nobody knows"}, {"w nobody knows"}, {"w ill"}, {"w sad"}):
        share = weights.probability(found)
        assert math.log(share / (1 - share)) == pytest.approx(0.5 * weights.score(found) + 0.25)
    assert 0 < weights.probability({f"w {number}" for number in range(500)}) < weights.probability({"w failed"}) < 1


def test_praise_is_weighed_apart():
    weights = load(WHOLE)
    assert weights.praise({"w glad"}) > 0.9
    assert weights.praise({"w failed"}) < 0.2


def test_a_word_no_letter_had_makes_a_sentence_less_sure():
    weights = load(WHOLE)
    assert weights.score({"w failed", "w nobody knows"}) < weights.score({"w failed"})
    assert weights.score({"w failed", "c NOBODY-KNOWS"}) == weights.score({"w failed"})


def test_the_likeliest_kind_comes_first_and_another_only_when_it_is_nearly_as_likely():
    weights = load(WHOLE)
    failed, ill, sad, both = map(weights.leanings, ({"w failed"}, {"w ill"}, {"w sad", "w glad"}, {"w failed", "w ill"}))
    assert weights.kinds_of(failed) == ("grades",)
    assert weights.kinds_of(ill) == weights.kinds_of(sad) == ("health",)
    assert set(weights.kinds_of(both)) == {"grades", "health"}


def test_what_else_is_told_of_somebody_settles_an_open_kind_and_no_clear_one():
    weights = load(WHOLE)
    failed, ill, both = map(weights.leanings, ({"w failed"}, {"w ill"}, {"w failed", "w ill"}))
    assert weights.kinds_of(both, [ill]) == ("health",)
    assert weights.kinds_of(failed, [ill]) == ("grades",)


def test_a_sentence_that_is_open_may_be_of_each_kind_it_leans_to_and_a_clear_one_of_no_other():
    weights = load(WHOLE)
    failed, ill, both = map(weights.leanings, ({"w failed"}, {"w ill"}, {"w failed", "w ill"}))
    assert weights.may_be(both) == {"grades", "health"}
    assert weights.may_be(ill) == weights.may_be(failed) == set()


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_does_not_fit_is_refused_with_its_reason(case):
    lines, why = REFUSED[case]
    with pytest.raises(ValueError, match=why):
        load(lines)


def test_what_else_is_told_gives_a_sentence_no_kind_of_which_it_shows_nothing():
    weights = load(
        (
            json.dumps(HEAD | {"names": ["grades", "health", "conduct"]}),
            "w failed\t1\t\t200\t150\t0\n",
            "w hit\t1\t\t0\t0\t900\n",
        )
    )
    failed, hit = map(weights.leanings, ({"w failed"}, {"w hit"}))
    assert weights.kinds_of(failed, [hit] * 8) == ("grades",)
