"""What a message says of people by listing them: the property they were chosen by, and that they are a class (R22, R65).

Takes the evidence of a message, its texts and what is known beside it; gives the evidence with both, and each listed person's
disclosure with the kinds that follow. Pure; nothing here fails.
"""

from __future__ import annotations

from dataclasses import replace

from dlp.campus.records import Staff, Student
from dlp.policy.class_lists import ClassList, Listed, class_list
from dlp.policy.evidence import Evidence, Surroundings
from dlp.policy.groups import LISTING, groups, selected
from dlp.policy.purposes import other_use
from dlp.policy.relate import counts
from dlp.values import Disclosure, Role, Texts

_ENROLMENT = "enrolment"


def with_lists(evidence: Evidence, texts: Texts, around: Surroundings, act_at: float) -> Evidence:
    """The evidence with what its lists say, if people are known at all. One person is no list."""
    if around.directory is None or len(evidence.disclosures) < 2:
        return evidence
    found = groups(texts, evidence.findings, evidence.disclosures)
    chosen = selected(texts, evidence.findings, evidence.disclosures, found, act_at)
    evidence = replace(evidence, disclosures=chosen.disclosures, chosen=chosen.chosen)
    third = [item.person for item in evidence.disclosures if _is_listed(item, evidence, around)]
    students = [person for each in third if isinstance(person := evidence.people.get(each), Student)]
    export = any(each.role is Role.LISTING and counts(each, act_at) for each in evidence.findings)
    listed = Listed(tuple(students), len(third) - len(students), found, LISTING[export, True])
    of = class_list(listed, texts, evidence.subjects, around.sender, around.directory)
    if of is None:
        return evidence
    words = " ".join(view.text for view in texts.views)
    return with_class_list(evidence, replace(of, other_use=other_use(words)))


def with_class_list(evidence: Evidence, found: ClassList) -> Evidence:
    """The evidence of a class list: it says of everybody on it that he or she is enrolled."""
    disclosures = tuple(
        replace(item, kinds=item.kinds | {_ENROLMENT}) if _is_student(item, evidence) else item for item in evidence.disclosures
    )
    return replace(evidence, disclosures=disclosures, class_list=found, chosen=evidence.chosen | {_ENROLMENT})


def _is_listed(item: Disclosure, evidence: Evidence, around: Surroundings) -> bool:
    """Whether somebody counts for a listing: neither the sender nor named by the addresses."""
    person = evidence.people.get(item.person)
    sender = around.sender.students if around.sender else ()
    return _is_student(item, evidence) and item.person not in evidence.addressed and person not in sender


def _is_student(item: Disclosure, evidence: Evidence) -> bool:
    """Whether it is told of a student, or of somebody in no file."""
    unsure = item.person in evidence.weak or item.person in evidence.greeted
    return not unsure and not isinstance(evidence.people.get(item.person), Staff)
