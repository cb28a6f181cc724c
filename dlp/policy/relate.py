"""Findings to disclosures: which people a message identifies and which kinds it says of each.

Takes findings and the confidence from which one counts, and the people the directory knows behind them; gives one Disclosure
per person, in order of first sight. Without a directory a person is the keyed digest of an ID number. Nothing here fails.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from dlp.campus.greeting import UNKNOWN
from dlp.campus.people import Identified, People, Place, Strength
from dlp.campus.records import Staff, Student
from dlp.policy.kinds import EMPLOYEE, is_record
from dlp.values import Disclosure, Finding, Role

NOBODY: Mapping[int, str] = MappingProxyType({})
_IN_THE_TEXT = frozenset({Place.TEXT, Place.HEADER})
_RECOMMENDED = "recommendation"


def relate(findings: tuple[Finding, ...], act_at: float) -> tuple[Disclosure, ...]:
    """One Disclosure for each person. What is stated goes to the only person there is, else to those on its line."""
    people: dict[str, list[int]] = {}
    for index, finding in enumerate(findings):
        if finding.role is Role.IDENTIFIES and counts(finding, act_at):
            people.setdefault(finding.digest, []).append(index)
    return tuple(_disclosures(people, findings, act_at, frozenset(), {}))


@dataclass(frozen=True, slots=True)
class Related:
    """Who is told about, who of them is meant by a hint only, and who is only greeted."""

    disclosures: tuple[Disclosure, ...]
    weak: frozenset[str] = frozenset()
    greeted: frozenset[str] = frozenset()


def relate_people(
    people: People, act_at: float, sender: Collection[Student] = (), about: Mapping[int, str] = NOBODY
) -> Related:
    """The same for people the directory knows; `about` says of some findings whom they are about, wherever they stand.

    Who is named in the text or a header line is told about; who is only greeted, when nobody else is. Where others are told
    about, the sender's name is that of who writes, unless the own ID stands there. Somebody employed here is told about where
    something is said that only an employee's record has; a letter that names nobody else may be one for him or her.
    """
    named = {one.person: seen for one in people.identified if (seen := _seen(one, people, _IN_THE_TEXT))}
    writers = {one.person for one in people.students if one.record in sender}
    greeted: dict[str, list[int]] = {}
    if not any(one.person in named and one.person not in writers for one in people.students):
        greeted = {one.person: seen for one in people.students if (seen := _seen(one, people, {Place.GREETING}))}
        named = greeted | named
    others = any(one.person in named and one.person not in writers for one in people.students)
    for person in writers & named.keys() if others else ():
        if not any(people.findings[index].kind == "id" for index in named[person]):
            del named[person]
    staff = {one.person for one in people.staff}
    weak = {one.person for one in people.identified if one.strength is Strength.WEAK}
    told = _disclosures(named, people.findings, act_at, staff, about)
    certain = [item for item in told if item.person not in weak or any(map(is_record, item.kinds))]
    places = [(found.view, found.start) for found in people.findings]
    certain.sort(key=lambda item: min(map(places.__getitem__, item.findings)))
    return Related(tuple(certain), frozenset(weak), frozenset(greeted))


def records(people: People) -> dict[str, Student | Staff]:
    """Who the persons are that have a record."""
    return {one.person: one.record for one in people.identified if one.record is not None}


def _seen(one: Identified, people: People, places: Collection[Place]) -> list[int]:
    return [index for index in one.findings if people.places.get(index, Place.TEXT) in places]


def _disclosures(
    people: dict[str, list[int]],
    findings: tuple[Finding, ...],
    act_at: float,
    staff: Collection[str],
    about: Mapping[int, str],
) -> Iterable[Disclosure]:
    stated: dict[str, list[int]] = {}  # by place, or by the person it is about
    for index, finding in enumerate(findings):
        if finding.role is Role.STATES and counts(finding, act_at):
            stated.setdefault(about.get(index, finding.where), []).append(index)
    others = people.keys() - set(staff)
    alone = len(others) == 1
    letter = [] if others else [index for here in stated.values() for index in here if findings[index].kind == _RECOMMENDED]
    for person, seen in people.items():
        places = (
            [place for place in stated if place != UNKNOWN]
            if alone and person not in staff
            else dict.fromkeys((*(findings[index].where for index in seen), person))
        )
        said = [index for place in places for index in stated.get(place, ())]
        if person in staff:
            said = [index for index in said if findings[index].kind in EMPLOYEE]
            if not said:
                continue
            said += letter
        shown = sorted({*seen, *said})
        yield Disclosure(person, frozenset(findings[index].kind for index in shown), tuple(shown))


def counts(finding: Finding, act_at: float) -> bool:
    """Whether a finding may change a verdict: its pattern is enforced and it is sure enough."""
    return finding.enforced and finding.confidence >= act_at
