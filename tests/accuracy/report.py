"""What was measured as sections of one table each: the figures beside their goals, by group, opponents, calibration, misses.

Takes outcomes; gives Sections, and `as_text` those as Markdown (`page.py` as a page). Cells are words, rates and goals, so that
each form can show them in its way. No cell holds a word of a message.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.accuracy.frames import split
from tests.accuracy.judging import Outcome
from tests.accuracy.measures import (
    CALIBRATION,
    COLUMNS,
    GAP,
    MEASURES,
    TWINS,
    Goal,
    Rate,
    by,
    calibration_error,
    gap,
    queue_precision,
    reliability,
    twins,
)
from tests.accuracy.opponents import OPPONENTS
from tests.accuracy.situations import situations

Cell = str | Rate | Goal


@dataclass(frozen=True, slots=True)
class Section:
    """One table. `plot` names a picture of its rows that a page shows beside it; `folded` asks for a click first."""

    title: str
    heading: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    plot: str = ""
    folded: bool = False


_AUDIENCES: Mapping[str, str] = {
    "stranger": "outside: a stranger",
    "parent": "outside: a parent",
    "press": "outside: the press",
    "self-alternate": "outside: the student's own second address",
    "self": "inside: the student",
    "covered": "inside: staff who may know",
    "undetermined": "inside: staff, nothing recorded",
    "uncovered": "inside: staff who may not know",
    "other-student": "inside: another student",
    "greeted-wrongly": "inside: another student than is greeted",
}
_Groups = Callable[[Outcome], Iterable[str]]
_WORST = 20
_ELSEWHERE = (
    ("real public mail: held, warned, with 12,000 students", "python -m tests.accuracy.ham FOLDER"),
    ("cost by size of message, large sheets, a million students", "make bench, make scale"),
    ("personal data in evidence, logs, metrics, notices", "the tests named for secrecy and canaries (make check)"),
)


def sections(outcomes: Sequence[Outcome]) -> Iterator[Section]:
    """All that outcomes tell."""
    yield _figures(outcomes)
    yield _opponents(outcomes)
    yield _calibration(outcomes)
    for name, (key, folded) in _GROUPS.items():
        rows = tuple(
            (group, *(measure.rate(found) for measure in COLUMNS), str(len(found)))
            for group, found in by(outcomes, key).items()
        )
        heading = (name, *(f"{each.column}, goal {each.goal}" if each.goal else each.column for each in COLUMNS), "copies")
        yield Section(f"By {name}", heading, rows, folded=folded)
    yield _cost(outcomes)
    yield from _misses(outcomes)
    yield Section("Measured elsewhere", ("what", "by"), _ELSEWHERE)


def as_text(title: str, parts: Iterable[Section]) -> Iterator[str]:
    """Markdown."""
    yield f"# {title}"
    for part in parts:
        yield from ("", f"## {part.title}", "")
        if part.note:
            yield from (part.note, "")
        yield _line(part.heading)
        yield _line("---" for _ in part.heading)
        yield from (_line(map(str, row)) for row in part.rows)


def judged(rate: Rate, goal: Goal | None) -> tuple[Cell, Cell]:
    """The cells for a goal and whether it is reached."""
    if goal is None:
        return "", ""
    return goal, {True: "yes", False: "no", None: ""}[goal.reached(rate.share)]


def _figures(outcomes: Sequence[Outcome]) -> Section:
    paired, apart, error = twins(outcomes), gap(outcomes), calibration_error(reliability(outcomes))
    rows: list[tuple[Cell, ...]] = [
        (measure.name, rate, *judged(rate, measure.goal)) for measure in MEASURES for rate in (measure.rate(outcomes),)
    ]
    rows.append(("twins, both right", paired, *judged(paired, TWINS)))
    for name, share, goal in (
        ("recall of holds, gap between name cultures", apart, GAP),
        ("calibration error of holds", error, CALIBRATION),
    ):
        rows.append((name, f"{share:.1%}", goal, "yes" if goal.reached(share) else "no"))
    rows.append(("holds that would be right, one message in 500 a disclosure", f"{queue_precision(outcomes):.1%}", "", ""))
    return Section("Measures and goals", ("measure", "k/n, 95 % interval", "goal", "reached"), tuple(rows))


def _opponents(outcomes: Sequence[Outcome]) -> Section:
    """The filter and the dumb detectors on copies to outside, where nothing is on record."""
    chosen = [each for each in outcomes if each.outside and each.situation in {"outside", "nobody-named", "other-people"}]
    tell, harmless = ([each for each in chosen if each.expected == action] for action in ("hold", "pass"))

    def stopped(name: str, some: Sequence[Outcome]) -> Rate:
        return Rate(sum(name in each.stopped_by if name else each.action == "hold" for each in some), len(some))

    rows = tuple((name or "this filter", stopped(name, tell), stopped(name, harmless)) for name in ("", *OPPONENTS))
    return Section(
        "Beside three dumb detectors",
        ("detector", "disclosures stopped", "harmless stopped"),
        rows,
        "Copies to outside for which nothing is on record.",
        plot="opponents",
    )


def _calibration(outcomes: Sequence[Outcome]) -> Section:
    rows = tuple((f"{sure:.2f}", rate) for sure, rate in reliability(outcomes))
    return Section(
        "Reliability of holds",
        ("confidence, mean of the tenth", "held rightly"),
        rows,
        "Held copies by the confidence of the surest finding their ruling rests on. Lists and numbers act by rule.",
        plot="reliability",
    )


def _cost(outcomes: Sequence[Outcome]) -> Section:
    taken = sorted(each.milliseconds for each in outcomes) or [0.0]
    rows = tuple((name, f"{taken[min(len(taken) * per // 1000, len(taken) - 1)]:.1f} ms") for name, per in _PERMILLE.items())
    return Section("CPU time of a message", ("of all", "at most"), rows)


def _misses(outcomes: Iterable[Outcome]) -> Iterator[Section]:
    """The worst first: disclosures let go, then those only warned of, then what was stopped wrongly."""
    heading = ("letter", "intent", "author", "shape", "audience", "expected", "got", "copies")
    for kind, found in by(filter(lambda each: not each.right, outcomes), _kinds).items():
        alike = Counter(
            (each.frame, each.intent, each.author, each.shape, _audience(each), each.expected, each.action) for each in found
        )
        worst = sorted(alike.items(), key=lambda item: (_severity(*item[0][-2:]), item[1]), reverse=True)[:_WORST]
        rows = tuple((*which, str(count)) for which, count in worst)
        yield Section(f"Worst misses: {kind}", heading, rows, f"{len(found):,} copies in all.", folded=True)


def _severity(expected: str, got: str) -> tuple[bool, bool, bool]:
    return expected == "hold" and got == "pass", expected == "hold", got == "hold"


def _kinds(outcome: Outcome) -> Iterable[str]:
    return outcome.kinds or ("nothing told",)


def _audience(outcome: Outcome) -> str:
    return _AUDIENCES[next(each.reader for each in situations()[outcome.intent] if each.id == outcome.situation)]


def _author(outcome: Outcome) -> Iterable[str]:
    return (f"{outcome.author} ({name})" for name, authors in split().items() if outcome.author in authors)


_GROUPS: Mapping[str, tuple[_Groups, bool]] = {
    "kind": (_kinds, False),
    "audience": (lambda each: (_audience(each),), False),
    "name culture": (lambda each: filter(None, (each.culture,)), False),
    "shape": (lambda each: (each.shape,), False),
    "layout of lists": (lambda each: filter(None, (each.layout,)), False),
    "form of lists": (lambda each: filter(None, (each.form,)), False),
    "author and split": (_author, False),
    "situation": (lambda each: (each.situation,), True),
    "intent": (lambda each: (each.intent,), True),
}
_PERMILLE = {"half": 500, "90 %": 900, "99 %": 990, "99.9 %": 999, "every one": 1000}


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
