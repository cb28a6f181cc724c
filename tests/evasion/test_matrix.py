"""The evasion matrix: every trick is caught or held, alone and inside an ordinary letter; the controls pass."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.evasion.matrix import CASES
from tests.evasion.oracle import fate
from tests.evasion.planted import LIMIT, OUTSIDE, PASSES, Case
from tests.evasion.run import SEED, forms
from tests.evasion.stacks import stack

ROOT = Path(__file__).parent.parent.parent
ELSEWHERE: dict[str, str] = tomllib.loads((Path(__file__).parent / "elsewhere.toml").read_text(encoding="utf-8"))
# stacks that went through once: XML and JSON in base64 that is not declared, under a name that says what it is
ONCE_PASSED = (20261353, 20261566, 20261944, 20262131, 20262132, 20262486, 20262549, 20262675, 20263738, 20265817)
KNOWN: dict[str, dict[str, str]] = tomllib.loads((Path(__file__).parent / "known.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_it_is_caught_or_held(case: Case) -> None:
    for form, raw in forms(case):
        found = fate(raw, case.reader)
        assert found.meets(case.expects) is (form not in KNOWN.get(case.id, {})), f"{form}: {found}"


def test_what_is_known_to_fail_is_a_case():
    assert KNOWN.keys() <= {case.id for case in CASES}
    assert len({case.id for case in CASES}) == len(CASES)


def test_every_number_has_a_case_or_a_test_elsewhere():
    for place in ELSEWHERE.values():
        file, _, name = place.partition("::")
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8") if name else (ROOT / file).exists()
    numbers = {case.number for case in CASES} | {int(number[1:]) for number in ELSEWHERE}
    assert numbers == set(range(1, 113)) - {74}


def test_most_are_caught_with_the_place_named():
    tricks = [case for case in CASES if case.expects not in (LIMIT, PASSES)]
    fates = [fate(raw, case.reader) for case in tricks for _, raw in forms(case)]
    assert sum(bool(found.caught) for found in fates) >= 0.7 * len(fates)


def test_stacks_of_tricks_are_caught_or_held():
    passed = [
        stack(seed)[0] for seed in (*range(SEED, SEED + 200), *ONCE_PASSED) if str(fate(stack(seed)[1], OUTSIDE)) == "PASSED"
    ]
    assert len(passed) <= 1, passed
