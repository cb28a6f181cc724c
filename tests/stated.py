"""What a case says a message states about whom, where that takes more understanding than there is yet.

Takes the `[[disclosure]]` entries and `class_list` of a case's toml; gives look-ups that put them into the evidence, beside
what was found, before it is judged. Everything after that is what the filter does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dlp.campus.folding import folded_id, folded_word
from dlp.commands.lookups import LookUps
from dlp.pipeline import Survey
from dlp.policy.class_lists import ClassList
from dlp.policy.evidence import Evidence, Person
from dlp.policy.lists import with_class_list
from dlp.values import Disclosure, Judgement
from tests.campus.people import People

KEYS = {"disclosure", "class_list"}


@dataclass(frozen=True, slots=True)
class Stating(LookUps):
    """Look-ups of a case that starts at the disclosures."""

    stated: Mapping[str, Any] = field(default_factory=dict)

    def settled(self, surveyed: Survey) -> tuple[Judgement, Survey]:
        directory = surveyed.around.directory
        assert isinstance(directory, People)
        evidence = with_disclosures(surveyed.evidence, self.stated.get("disclosure", ()), directory)
        if subject := self.stated.get("class_list"):
            evidence = with_class_list(evidence, ClassList(frozenset({(folded_word(subject), "")}), called=True))
        return LookUps.settled(self, replace(surveyed, evidence=evidence))


def with_disclosures(evidence: Evidence, entries: list[Mapping[str, Any]], directory: People) -> Evidence:
    """One for each person, student or employee, with what was found of the same person."""
    told = {item.person: item for item in evidence.disclosures}
    people = dict(evidence.people)
    for entry in entries:
        who = entry["person"]
        record: Person | None = directory.staff_at(who) if "@" in who else directory.student(who)
        person = who if "@" in who else folded_id(who)
        if record is not None:
            people[person] = record
        before = told.get(person, Disclosure(person, frozenset(), ()))
        told[person] = replace(before, kinds=before.kinds | set(entry["kinds"]))
    return replace(evidence, disclosures=tuple(told.values()), people=people)
