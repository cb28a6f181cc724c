"""Students of one name, of whom a message says no more than that name: their consents count too, and tell who is meant.

Takes the evidence, the directory, and what the store has; gives who else may be meant, and the evidence with the namesake who
let one of these readers know something in place of the one first taken for it. Only where a few people are told about: nobody
agrees to a list. Pure; fails only as the directory does (Unavailable).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from dlp.campus.directory import Directory
from dlp.campus.folding import folded_address
from dlp.campus.people import namesakes
from dlp.campus.records import Student
from dlp.policy.evidence import Evidence
from dlp.policy.facts import Facts, person_name, reader_names
from dlp.values import Disclosure, Role

_FEW = 3  # people


def others(evidence: Evidence, directory: Directory) -> Iterator[tuple[Disclosure, tuple[Student, ...]]]:
    """For each who is shown by name alone, the other students of that name."""
    for item in evidence.disclosures if len(evidence.disclosures) <= _FEW else ():
        person = evidence.people.get(item.person)
        if isinstance(person, Student) and _by_name_alone(evidence, item) and (alike := namesakes(person, directory)):
            yield item, alike


def settled(evidence: Evidence, facts: Facts, directory: Directory, recipients: Sequence[str]) -> Evidence:
    """The evidence with the only one of some namesakes who has let one of these readers know something."""
    readers = {name for address in recipients for name in reader_names(address)}
    agreed = {
        person_name(each.consent.person)
        for each in facts.consents
        if each.ended is None and folded_address(each.consent.recipient) in readers
    }
    people = dict(evidence.people)
    for item, alike in others(evidence, directory) if agreed else ():
        meant = [each for each in (people[item.person], *alike) if isinstance(each, Student) and person_name(each.id) in agreed]
        if len(meant) == 1:
            people[item.person] = meant[0]
    return replace(evidence, people=people) if people != evidence.people else evidence


def _by_name_alone(evidence: Evidence, item: Disclosure) -> bool:
    shown = (evidence.findings[index] for index in item.findings)
    return all(each.detector == "name" for each in shown if each.role is Role.IDENTIFIES)
