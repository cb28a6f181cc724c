"""Which of several students of one full name is meant: who has consented that every reader outside be told.

Takes the evidence, in which the one of them who withheld most stands for all, and what is known beside the message; gives
whose consents to ask for as well, and the evidence with the one student who named the readers where the other did not. Nobody
is taken for another of whom more than a name is there, or who alone of them is near writer or reader. Pure; fails only as the
directory does (Unavailable).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from dlp.campus.folding import folded_address, folded_id, folded_word
from dlp.campus.mentions import Form
from dlp.campus.own_fields import own_fields, told_apart
from dlp.campus.people import company, identity, namesakes, narrow
from dlp.campus.records import Student
from dlp.policy.consent import in_force
from dlp.policy.evidence import Evidence, Surroundings
from dlp.policy.facts import KnownConsent, person_name, reader_names
from dlp.policy.kinds import is_record
from dlp.values import Role, Texts

_MOST = 3  # students told about: more are a list, which no consent is for
_OF_ID = 4  # digits
_LOOKED_AT = 20_000  # characters of a text
_WORD = re.compile(r"\w+")
_ADVISEE = re.compile(r"\badvis(?:e|ee|ing|or|er)\b", re.IGNORECASE)
_NO_NAMES = frozenset(form.value for form in (Form.ADDRESS, Form.KIN, Form.LAST_DIGITS, Form.LOCAL_PART))


def of_that_name(evidence: Evidence, texts: Texts, around: Surroundings) -> tuple[str, ...]:
    """The IDs of the others of that name."""
    return tuple(other.id for _, _, others in _doubtful(evidence, texts, around) for other in others)


def meant_by_consent(
    evidence: Evidence, texts: Texts, around: Surroundings, readers: Collection[str], at: datetime
) -> Evidence:
    """The same evidence, each of them the one who on this day has consented to all of the readers, or another of whom the
    message says something that is not so of that one.
    """
    given = [each for each in around.facts.consents if in_force(each, at, around.zone)]
    meant = {}
    for person, known, others in _doubtful(evidence, texts, around) if given else ():
        named = [each for each in others if _has_named(each, readers, given)]
        if any(_has_named(known, (each,), given) for each in readers):
            named = [known]
        if len(named) == 1:
            rest = (each for each in (known, *others) if each != named[0])
            meant[person] = next((each for each in rest if _is_spoken_of(each, named[0], evidence, texts, around)), named[0])
    return replace(evidence, people={**evidence.people, **meant}) if meant else evidence


def _has_named(student: Student, readers: Iterable[str], given: Iterable[KnownConsent]) -> bool:
    """Whether a student's consents name every one of the readers."""
    own = (each.consent for each in given if person_name(each.consent.person) == person_name(student.id))
    recipients = {folded_address(each.recipient) for each in own}
    return all(not recipients.isdisjoint(reader_names(each)) for each in readers)


def _is_spoken_of(student: Student, instead: Student, evidence: Evidence, texts: Texts, around: Surroundings) -> bool:
    """Whether anything in a message is so of this student and not of the other: department, year, address, class, advisor.

    Wherever it stands: a consent of one is no leave for the other.
    """
    signs = _signs(student) - _signs(instead)
    said = [view.text[:_LOOKED_AT] for view in texts.views]
    if any(f" {sign} " in f" {' '.join(_WORD.findall(text.casefold()))} " for text in said for sign in signs):
        return True
    if any(_given(text, student) - _given(text, instead) for text in said):
        return True
    directory = around.directory
    assert directory is not None
    classes = [
        evidence.subjects.intersection(folded_word(row.subject) for row in directory.enrolments_of(each.id))
        for each in (student, instead)
    ]
    if not classes[0] <= classes[1]:
        return True
    advised = company(directory, around.context).advised
    return identity(student) in advised and identity(instead) not in advised and any(map(_ADVISEE.search, said))


def _signs(student: Student) -> frozenset[str]:
    """Department, major, addresses and the last digits of the ID, as words."""
    local = [each.partition("@")[0] for each in (student.email, *student.alternate_emails)]
    given = [each for each in (student.department, student.course, *local) if not each.isdigit()]
    words = (" ".join(_WORD.findall(each.casefold())) for each in given)
    return frozenset((*words, folded_id(student.id)[-_OF_ID:])) - {""}


def _given(text: str, student: Student) -> set[str]:
    return {each.field for each in own_fields(text, 0, len(text), student)}


def _doubtful(evidence: Evidence, texts: Texts, around: Surroundings) -> Iterator[tuple[str, Student, tuple[Student, ...]]]:
    """Students of whose record something is told below a name alone, and others who bear it."""
    directory = around.directory
    if directory is None or len(evidence.disclosures) > _MOST:
        return
    for item in evidence.disclosures:
        known = evidence.people.get(item.person)
        found = [evidence.findings[at] for at in item.findings]
        more = any(each.kind == "id" or each.pattern in _NO_NAMES for each in found)
        if more or not isinstance(known, Student) or not any(map(is_record, item.kinds)):
            continue
        others = namesakes(known, directory)
        names = (one for one in found if one.digest == item.person and one.role is Role.IDENTIFIES)
        apart = (told_apart(texts.views[one.view].text, one.end, (known, *others)) for one in names if others)
        if (
            others
            and not any(len(one) == 1 for one in apart)
            and len(narrow((known, *others), company(directory, around.context), directory)) > 1
        ):
            yield item.person, known, others
