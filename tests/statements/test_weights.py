"""Weights files: what they say of features, and which are refused."""

from __future__ import annotations

import json

import pytest

from dlp.statements.weights import FEATURES, load

WHOLE = {
    "features": FEATURES,
    "bias": -1.0,
    "names": ["grades", "health"],
    "steps": [[-5.0, 0.02], [0.0, 0.4], [1.0, 0.9]],
    "tells": {"w failed": 3.0, "w ill": 2.0},
    "kinds": {"w failed": [2.0, 0.0], "w ill": [0.0, 2.0]},
}
REFUSED = {
    "no JSON": ("{", "damaged"),
    "a list": ("[]", "damaged"),
    "a key is missing": (json.dumps({key: value for key, value in WHOLE.items() if key != "steps"}), "damaged"),
    "another version of the features": (json.dumps(WHOLE | {"features": FEATURES + 1}), "version"),
    "a weight that is no number": (json.dumps(WHOLE | {"tells": {"w x": None}}), "damaged"),
}


def test_known_features_move_the_probability_along_the_steps():
    weights = load(json.dumps(WHOLE))
    assert weights.probability({"w failed", "w nobody knows"}) == 0.9
    assert weights.probability({"w nobody knows"}) == 0.02
    assert weights.probability({"w ill"}) == 0.9


def test_the_likeliest_kind_comes_first_and_another_only_when_it_is_nearly_as_likely():
    weights = load(json.dumps(WHOLE))
    assert weights.kinds_of({"w failed"}) == ("grades",)
    assert weights.kinds_of({"w ill"}) == ("health",)
    assert set(weights.kinds_of({"w failed", "w ill"})) == {"grades", "health"}


def test_another_file_has_another_digest():
    assert load(json.dumps(WHOLE)).digest != load(json.dumps(WHOLE | {"bias": -2.0})).digest


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_does_not_fit_is_refused_with_its_reason(case):
    text, why = REFUSED[case]
    with pytest.raises(ValueError, match=why):
        load(text)
