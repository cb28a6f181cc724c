"""Which sentences tell something of somebody: findings beside those of the patterns.

Takes what was read, the people in it with what is known so far, and the weights; gives the same with a finding per sentence,
person and kind, and whom each is about. Only sentences that name a student or an employee, or go on about one, are looked at;
lines of tables, signatures and disclaimers are not. Bounded by SENTENCES for a message; never fails.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dlp.campus.labelled import Labelled
from dlp.campus.mentions import Form
from dlp.campus.people import Identified, People, Place, Strength
from dlp.campus.places import Places
from dlp.campus.records import Staff
from dlp.mail.zones import Zone, zones
from dlp.policy.kinds import EMPLOYEE as EMPLOYEE_KINDS
from dlp.ruleset import Weighing
from dlp.statements.sentences import EMPLOYEE, STUDENT, Sign, features, sentences, tokens
from dlp.values import Channel, Finding, Role, Texts, View

DETECTOR = "statement"
SENTENCES = 2_000  # of one message that are weighed
REACH = 4  # sentences after one that names somebody which may still be about the same person
_SILENT = frozenset({Zone.SIGNATURE, Zone.DISCLAIMER})
_LEAST = 0.05  # a probability below is no finding
_SHORTEST = 2  # tokens
_MEANT = 0.5  # a probability from which a name of everyday words is somebody's
_FULL_NAMES = frozenset({Form.FULL.value, Form.LISTED.value})


@dataclass(frozen=True, slots=True)
class Candidate:
    """One sentence that may tell something of these people, and its features."""

    view: int
    start: int
    end: int
    people: tuple[str, ...]
    found: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Named:
    """A sign in a view, whose it is, and whether it stands in a greeting."""

    sign: Sign
    person: str
    greeting: bool


def with_statements(texts: Texts, told: Labelled, weights: Weighing | None) -> Labelled:
    """What sentences tell beside what `told` has."""
    if weights is None or not told.people.identified:
        return told
    findings, about = list(told.people.findings), dict(told.about)
    staff = {one.person for one in told.people.staff}
    meant: set[str] = set()
    places: dict[int, Places] = {}
    for each in candidates(texts, told.people):
        probability = weights.probability(each.found)
        if probability < _LEAST:
            continue
        kinds = weights.kinds_of(each.found)
        meant.update(each.people if probability >= _MEANT else ())
        where = places.setdefault(each.view, Places(texts.views[each.view])).where(each.start)
        for person in each.people:
            for kind in kinds:
                if (person in staff) == (kind in EMPLOYEE_KINDS):
                    about[len(findings)] = person
                    findings.append(_finding(each, kind, person, probability, where))
    identified = tuple(_surer(one, told.people) if one.person in meant else one for one in told.people.identified)
    return replace(told, people=replace(told.people, findings=tuple(findings), identified=identified), about=about)


def _surer(one: Identified, people: People) -> Identified:
    """Somebody whose full name is made of everyday words is meant where a sentence tells something of a record."""
    full = any(people.findings[at].pattern in _FULL_NAMES for at in one.findings)
    return replace(one, strength=Strength.STRONG) if full and one.strength is Strength.WEAK else one


def candidates(texts: Texts, people: People) -> Iterator[Candidate]:
    """Every sentence that names somebody, or goes on about one who was."""
    left = SENTENCES
    for index, named in _named(people).items():
        view = texts.views[index]
        if view.grid is None and view.channel is not Channel.HEADERS:
            for each in _of_view(index, view, named):
                yield each
                left -= 1
                if not left:
                    return


def _named(people: People) -> Mapping[int, list[_Named]]:
    """Signs of people by view, in their order."""
    found: dict[int, list[_Named]] = {}
    for one in people.identified:
        token = EMPLOYEE if isinstance(one.record, Staff) else STUDENT
        if one.strength is Strength.WEAK and token == EMPLOYEE:
            continue
        for at in one.findings:
            finding, place = people.findings[at], people.places.get(at, Place.TEXT)
            if place in (Place.TEXT, Place.HEADER, Place.GREETING):
                sign = Sign(finding.start, finding.end, token)
                found.setdefault(finding.view, []).append(_Named(sign, one.person, place is Place.GREETING))
    for signs in found.values():
        signs.sort(key=lambda each: each.sign.start)
    return found


def _of_view(index: int, view: View, named: Sequence[_Named]) -> Iterator[Candidate]:
    text = view.text
    silent = [each for each in zones(text, view.marked) if each.zone in _SILENT]
    ends = [each.end for each in silent]
    greeted = tuple(dict.fromkeys(each.person for each in named if each.greeting))
    starts = [each.sign.start for each in named]
    last: tuple[str, ...] = ()
    distance = 0
    for start, end in sentences(text):
        here = [each for each in named[bisect_right(starts, start - 1) : bisect_right(starts, end - 1)] if not each.greeting]
        nearest = bisect_right(ends, start)
        if (nearest < len(silent) and silent[nearest].start < end) or text.count("\t", start, end) > 1:
            continue
        people = tuple(dict.fromkeys(each.person for each in here))
        distance = 0 if people else distance + 1
        last = people or last
        words = tokens(text, start, end, [each.sign for each in here])
        if len(words) < _SHORTEST:
            continue
        addressed = not people and bool(greeted) and not _YOU.isdisjoint(words)
        about = people or (greeted if addressed else last if distance <= REACH else ())
        if about:
            yield Candidate(
                index, start, end, about, frozenset(features(words, context(words, len(here), distance, addressed)))
            )


_YOU = frozenset({"you", "your", "you're", "you've", "yours"})


def context(words: Sequence[str], named: int, distance: int, addressed: bool) -> Iterator[str]:  # noqa: FBT001  a plain fact
    """Features of where a sentence stands."""
    yield f"named {min(named, 3)}"
    yield f"distance {min(distance, 3)}"
    yield f"length {min(len(words) // 6, 4)}"
    if addressed:
        yield "addressed"
    if "?" in words:
        yield "asks"


def _finding(each: Candidate, kind: str, person: str, probability: float, where: str) -> Finding:
    return Finding(
        kind=kind,
        detector=DETECTOR,
        pattern="statement",
        role=Role.STATES,
        where=where,
        view=each.view,
        start=each.start,
        end=each.end,
        confidence=probability,
        masked="a sentence",
        digest=person,
    )
