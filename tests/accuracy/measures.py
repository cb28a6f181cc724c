"""Outcomes to figures: every rate as k of n with its Wilson 95 % interval, beside the goal it has.

`MEASURES` is the table of what is measured; `twins` scores pairs that differ in one fact. Pure; an empty group gives no rate.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.accuracy.frames import LISTS, intents
from tests.accuracy.judging import Outcome

_Z = 1.96


@dataclass(frozen=True, slots=True)
class Rate:
    """k of n."""

    k: int
    n: int

    @property
    def share(self) -> float:
        return self.k / self.n if self.n else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson, 95 %."""
        if not self.n:
            return math.nan, math.nan
        share, z2 = self.share, _Z * _Z
        middle = (share + z2 / (2 * self.n)) / (1 + z2 / self.n)
        half = _Z * math.sqrt(share * (1 - share) / self.n + z2 / (4 * self.n * self.n)) / (1 + z2 / self.n)
        return max(0.0, middle - half), min(1.0, middle + half)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.k}/{self.n} = {self.share:.1%} ({low:.1%} to {high:.1%})" if self.n else "none"


_Of = Callable[[Outcome], bool]


@dataclass(frozen=True, slots=True)
class Measure:
    """`counted` says which copies, `event` which of them count as k. A `goal` is at least that share, or at most."""

    name: str
    counted: _Of
    event: _Of
    goal: float | None = None
    at_most: bool = False

    def rate(self, outcomes: Iterable[Outcome]) -> Rate:
        chosen = [each for each in outcomes if self.counted(each)]
        return Rate(sum(map(self.event, chosen)), len(chosen))

    def reached(self, rate: Rate) -> bool | None:
        if self.goal is None or not rate.n:
            return None
        return rate.share <= self.goal if self.at_most else rate.share >= self.goal


def _held(outcome: Outcome) -> bool:
    return outcome.action == "hold"


def _should_hold(outcome: Outcome) -> bool:
    return outcome.expected == "hold"


def _is_one(outcome: Outcome) -> bool:
    intent = intents()[outcome.intent]
    return intent.tells and intent.about == "student" and intent.students == 1


def _harmless(outcome: Outcome) -> bool:
    return outcome.expected == "pass" and (not intents()[outcome.intent].tells or outcome.situation == "nobody-named")


def _right(outcome: Outcome) -> bool:
    return outcome.right


MEASURES = (
    Measure("right action, per recipient", lambda _: True, _right, 0.98),
    Measure("holds found", _should_hold, _held, 0.98),
    Measure(
        "one student told about to outside: held",
        lambda each: each.outside and _should_hold(each) and _is_one(each),
        _held,
        0.97,
    ),
    Measure("grade list, roster, ID list: held", lambda each: each.intent in LISTS and _should_hold(each), _held, 0.995),
    Measure("other lists: held", lambda each: each.situation == "other-people", _held, 0.01, at_most=True),
    Measure("harmless: held", _harmless, _held, 0.005, at_most=True),
    Measure("harmless: warned", _harmless, lambda each: each.action == "warn"),
    Measure(
        "permitted (basis on record): passed, warned or rewritten as it should be",
        lambda each: each.expected != "hold" and not _harmless(each),
        _right,
    ),
    Measure("listed header word: rewritten", lambda each: each.intent == "subject-word", _right, 1.0),
    Measure(
        "right reason, given the right action",
        lambda each: each.right and each.action != "pass",
        lambda each: bool(set(each.given) & set(each.codes)),
        0.95,
    ),
)


def twins(outcomes: Sequence[Outcome]) -> Rate:
    """Pairs of one letter that differ in one fact: both right or nothing."""
    of = {(each.frame, each.situation): each for each in reversed(outcomes)}
    pairs = [(each, of[each.frame, each.twin_of]) for each in of.values() if (each.frame, each.twin_of) in of]
    return Rate(sum(one.right and other.right for one, other in pairs), len(pairs))


def by(outcomes: Iterable[Outcome], key: Callable[[Outcome], str]) -> Mapping[str, list[Outcome]]:
    found: dict[str, list[Outcome]] = defaultdict(list)
    for each in outcomes:
        found[key(each)].append(each)
    return dict(sorted(found.items()))


def gap(outcomes: Iterable[Outcome]) -> tuple[float, Mapping[str, Rate]]:
    """How far the recall of holds is apart between name cultures, in points, and the recall of each."""
    measure = MEASURES[1]
    rates = {culture: measure.rate(found) for culture, found in by(outcomes, lambda each: each.culture).items() if culture}
    shares = [rate.share for rate in rates.values() if rate.n]
    return (max(shares) - min(shares) if shares else math.nan), rates
