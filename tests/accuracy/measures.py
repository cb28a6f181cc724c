"""Outcomes to figures: every rate as k of n with its Wilson 95 % interval, beside the goal it has.

`MEASURES` is the table of what is measured; those with a `column` are told of each group of copies as well. `twins` scores
pairs that differ in one fact, `reliability` compares how sure a hold was with how often such holds are right. Pure; an empty
group gives no rate.
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


@dataclass(frozen=True, slots=True)
class Goal:
    """At least this share, or at most."""

    share: float
    at_most: bool = False

    def reached(self, share: float) -> bool | None:
        """None where nothing was counted."""
        if math.isnan(share):
            return None
        return share <= self.share if self.at_most else share >= self.share

    def __str__(self) -> str:
        return f"{'at most ' if self.at_most else ''}{self.share * 100:g} %"


_Of = Callable[[Outcome], bool]


@dataclass(frozen=True, slots=True)
class Measure:
    """`counted` says which copies, `event` which of them count as k. `column` heads it in tables of groups."""

    name: str
    counted: _Of
    event: _Of
    goal: Goal | None = None
    column: str = ""

    def rate(self, outcomes: Iterable[Outcome]) -> Rate:
        chosen = [each for each in outcomes if self.counted(each)]
        return Rate(sum(map(self.event, chosen)), len(chosen))


def _held(outcome: Outcome) -> bool:
    return outcome.action == "hold"


def _should_hold(outcome: Outcome) -> bool:
    return outcome.expected == "hold"


def _must_hold(outcome: Outcome) -> bool:
    """Nothing else would be as right."""
    return _should_hold(outcome) and not outcome.also


def _is_one(outcome: Outcome) -> bool:
    intent = intents()[outcome.intent]
    return intent.tells and intent.about == "student" and intent.students == 1


def _harmless(outcome: Outcome) -> bool:
    return outcome.expected == "pass" and (not intents()[outcome.intent].tells or outcome.situation == "nobody-named")


def _right(outcome: Outcome) -> bool:
    return outcome.right


def _not_to_hold(outcome: Outcome) -> bool:
    return not _should_hold(outcome)


MEASURES = (
    Measure("right action, per recipient", lambda _: True, _right, Goal(0.98), "right"),
    Measure("holds found", _should_hold, _held, Goal(0.98), "holds found"),
    Measure(
        "one student told about to outside: held",
        lambda each: each.outside and _should_hold(each) and _is_one(each),
        _held,
        Goal(0.97),
    ),
    Measure("grade list, roster, ID list: held", lambda each: each.intent in LISTS and _must_hold(each), _held, Goal(0.995)),
    Measure("grade list, roster, ID list: precision", lambda each: each.intent in LISTS and _held(each), _right, Goal(0.99)),
    Measure("other lists: held", lambda each: each.situation == "other-people", _held, Goal(0.01, at_most=True)),
    Measure("ID of the directory: held", lambda each: each.intent == "number" and _should_hold(each), _held, Goal(0.999)),
    Measure("ID of the directory: precision", lambda each: each.intent == "number" and _held(each), _should_hold, Goal(0.995)),
    Measure("listed header word: rewritten", lambda each: each.intent == "subject-word", _right, Goal(1.0)),
    Measure(
        "listed header word: precision", lambda each: each.action == "rewrite" and each.expected != "hold", _right, Goal(0.98)
    ),
    Measure("harmless: held", _harmless, _held, Goal(0.005, at_most=True)),
    Measure("harmless: warned", _harmless, lambda each: each.action == "warn"),
    Measure(
        "permitted (basis on record): passed, warned or rewritten as it should be",
        lambda each: not _should_hold(each) and not _harmless(each),
        _right,
    ),
    Measure("not to be held: held", _not_to_hold, lambda each: _held(each) and not each.right, column="held wrongly"),
    Measure(
        "not to be held: warned wrongly",
        _not_to_hold,
        lambda each: each.action == "warn" and not each.right,
        column="warned wrongly",
    ),
    Measure(
        "right reason, given the right action",
        lambda each: each.right and each.action != "pass",
        lambda each: bool(set(each.given) & set(each.codes)),
        Goal(0.95),
        "right reason",
    ),
)
COLUMNS = tuple(measure for measure in MEASURES if measure.column)
HOLDS = COLUMNS[1]
HARMLESS_HELD = next(measure for measure in MEASURES if measure.name == "harmless: held")
TWINS = Goal(0.95)
GAP = Goal(0.01, at_most=True)
CALIBRATION = Goal(0.03, at_most=True)
_RARE = 500  # messages to one disclosure
_BINS = 10


def twins(outcomes: Sequence[Outcome]) -> Rate:
    """Pairs of one letter that differ in one fact: both right or nothing."""
    of = {(each.frame, each.situation): each for each in reversed(outcomes)}
    pairs = [(each, of[each.frame, each.twin_of]) for each in of.values() if (each.frame, each.twin_of) in of]
    return Rate(sum(one.right and other.right for one, other in pairs), len(pairs))


def by(outcomes: Iterable[Outcome], key: Callable[[Outcome], Iterable[str]]) -> Mapping[str, list[Outcome]]:
    """Copies by the groups they are in; one may be in several, or in none."""
    found: dict[str, list[Outcome]] = defaultdict(list)
    for each in outcomes:
        for group in key(each):
            found[group].append(each)
    return dict(sorted(found.items()))


def gap(outcomes: Iterable[Outcome]) -> float:
    """How far the recall of holds is apart between name cultures."""
    rates = (HOLDS.rate(found) for found in by(outcomes, lambda each: filter(None, (each.culture,))).values())
    shares = [rate.share for rate in rates if rate.n]
    return max(shares) - min(shares) if shares else math.nan


def queue_precision(outcomes: Sequence[Outcome]) -> float:
    """How many holds would be right, were one message in five hundred a disclosure and all others harmless."""
    found, wrong = HOLDS.rate(outcomes).share / _RARE, HARMLESS_HELD.rate(outcomes).share * (1 - 1 / _RARE)
    return found / (found + wrong) if found + wrong else math.nan


def reliability(outcomes: Iterable[Outcome]) -> Sequence[tuple[float, Rate]]:
    """Holds by how sure their surest finding was: the mean of each tenth, and how many holds in it are right."""
    bins: dict[int, list[Outcome]] = defaultdict(list)
    for each in outcomes:
        if _held(each) and each.confidence:
            bins[min(int(each.confidence * _BINS), _BINS - 1)].append(each)
    return [
        (sum(each.confidence for each in found) / len(found), Rate(sum(map(_should_hold, found)), len(found)))
        for _, found in sorted(bins.items())
    ]


def calibration_error(points: Sequence[tuple[float, Rate]]) -> float:
    """Expected calibration error: how far confidence and share of right holds are apart, weighted by holds."""
    every = sum(rate.n for _, rate in points)
    return sum(rate.n * abs(rate.share - sure) for sure, rate in points) / every if every else math.nan
