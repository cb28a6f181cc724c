"""Which of several students of one full name is meant: who has consented that a reader of this message be told.

Takes the evidence, in which the one of them who withheld most stands for all, the directory, and what the store knows; gives
whose consents to ask for as well, and the evidence with the one student who named a reader where the other did not. Nobody is
taken for another whose ID or address stands in the message. Pure; fails only as the directory does (Unavailable).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from dlp.campus.directory import Directory
from dlp.campus.folding import folded_address
from dlp.campus.people import namesakes
from dlp.campus.records import Student
from dlp.policy.evidence import Evidence
from dlp.policy.facts import Facts, person_name, reader_names

_MOST = 3  # students told about: more are a list, which no consent is for


def of_that_name(evidence: Evidence, directory: Directory | None) -> tuple[str, ...]:
    """The IDs of the others of that name."""
    return tuple(other.id for _, others in _doubtful(evidence, directory) for other in others)


def meant_by_consent(evidence: Evidence, facts: Facts, readers: Collection[str], directory: Directory | None) -> Evidence:
    """The same evidence, each of them the one who named a reader."""
    names = {name for reader in readers for name in reader_names(reader)}
    naming = {
        person_name(each.consent.person)
        for each in facts.consents
        if each.ended is None and folded_address(each.consent.recipient) in names
    }
    meant = {}
    for person, others in _doubtful(evidence, directory) if naming else ():
        known = evidence.people[person]
        named = [each for each in others if person_name(each.id) in naming]
        if len(named) == 1 and isinstance(known, Student) and person_name(known.id) not in naming:
            meant[person] = named[0]
    return replace(evidence, people={**evidence.people, **meant}) if meant else evidence


def _doubtful(evidence: Evidence, directory: Directory | None) -> Iterator[tuple[str, tuple[Student, ...]]]:
    """Students of whom only a name is there, and others who bear it."""
    if directory is None or len(evidence.disclosures) > _MOST:
        return
    for item in evidence.disclosures:
        known = evidence.people.get(item.person)
        shown = [evidence.findings[at] for at in item.findings if evidence.findings[at].digest == item.person]
        named = all(each.kind != "id" and each.detector != "address" for each in shown)
        if isinstance(known, Student) and named and (others := namesakes(known, directory)):
            yield item.person, others
