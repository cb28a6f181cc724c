"""The figures as text: each measure with its goal, then by intent, situation, culture, shape and author, then what was missed.

Takes outcomes; gives lines. No line holds a word of a message.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from tests.accuracy.judging import Outcome
from tests.accuracy.measures import MEASURES, Rate, by, gap, twins
from tests.accuracy.opponents import OPPONENTS

_GROUPS: Mapping[str, Callable[[Outcome], str]] = {
    "intent": lambda each: each.intent,
    "situation": lambda each: each.situation,
    "shape": lambda each: each.shape,
    "layout of lists": lambda each: each.layout,
    "author": lambda each: each.author,
}
_WORST = 20


def lines(outcomes: Sequence[Outcome], title: str) -> Iterator[str]:
    yield f"# {title}: {len({each.message for each in outcomes}):,} messages, {len(outcomes):,} copies"
    yield ""
    yield "| measure | k/n, 95 % interval | goal | reached |"
    yield "| --- | --- | ---: | --- |"
    for measure in MEASURES:
        rate = measure.rate(outcomes)
        goal = "" if measure.goal is None else f"{'at most ' if measure.at_most else ''}{measure.goal:.1%}"
        yield _row(measure.name, str(rate), goal, {True: "yes", False: "no", None: ""}[measure.reached(rate)])
    yield _row("twins, both right", str(twins(outcomes)), "95.0%", "yes" if twins(outcomes).share >= 0.95 else "no")
    points, rates = gap(outcomes)
    yield _row("gap between name cultures, points", f"{points * 100:.1f}", "at most 1.0", "yes" if points <= 0.01 else "no")
    yield ""
    yield from _opponents(outcomes)
    for name, key in _GROUPS.items():
        yield from _table(name, by(outcomes, key))
    yield from ("| name culture | holds found |", "| --- | --- |")
    yield from (_row(culture, str(rate)) for culture, rate in rates.items())
    yield ""
    yield from _misses(outcomes)


def _opponents(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """The filter and the dumb detectors on copies to outside, where nothing is on record."""
    chosen = [each for each in outcomes if each.outside and each.situation in {"outside", "nobody-named", "other-people"}]
    tell = [each for each in chosen if each.expected == "hold"]
    harmless = [each for each in chosen if each.expected == "pass"]
    yield "| to outside, nothing on record | disclosures stopped | harmless stopped |"
    yield "| --- | --- | --- |"
    yield _row("this filter", *(str(Rate(sum(each.action == "hold" for each in some), len(some))) for some in (tell, harmless)))
    for name in OPPONENTS:
        yield _row(name, *(str(Rate(sum(name in each.stopped_by for each in some), len(some))) for some in (tell, harmless)))
    yield ""


def _table(name: str, groups: Mapping[str, Sequence[Outcome]]) -> Iterator[str]:
    yield f"| {name} | right | holds found | held wrongly | warned wrongly |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for value, found in groups.items():
        if not value:
            continue
        to_hold = [each for each in found if each.expected == "hold"]
        others = [each for each in found if each.expected != "hold"]
        held = sum(each.action == "hold" and not each.right for each in others)
        warned = sum(each.action == "warn" and not each.right for each in others)
        yield _row(
            value,
            f"{sum(each.right for each in found)}/{len(found)}",
            f"{sum(each.action == 'hold' for each in to_hold)}/{len(to_hold)}",
            f"{held}/{len(others)}",
            f"{warned}/{len(others)}",
        )
    yield ""


def _misses(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Letters most often judged wrongly, by their names alone."""
    wrong = Counter(each.frame for each in outcomes if not each.right)
    yield f"| the {_WORST} letters missed most | copies wrong |"
    yield "| --- | ---: |"
    for frame, count in wrong.most_common(_WORST):
        yield _row(frame, str(count))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
