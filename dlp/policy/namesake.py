"""Which of several students of one full name is meant: who has consented that every reader outside be told.

Takes the evidence, in which the one of them who withheld most stands for all, and what is known beside the message; gives
whose consents to ask for as well, and the evidence with the one student who named the readers where the other did not. Nobody
is taken for another of whom more than a name is there, or who alone of them is near writer or reader. Pure; fails only as the
directory does (Unavailable).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from dlp.campus.directory import Directory
from dlp.campus.folding import folded_address, folded_id, folded_word
from dlp.campus.mentions import Form
from dlp.campus.own_fields import OF_ID, own_fields, told_apart
from dlp.campus.people import company, identity, namesakes, narrow
from dlp.campus.records import Student
from dlp.policy.consent import in_force
from dlp.policy.evidence import Evidence, Surroundings
from dlp.policy.facts import KnownConsent, person_name, reader_names
from dlp.policy.kinds import is_record
from dlp.values import Role, Texts

_MOST = 3  # students told about: more are a list, which no consent is for
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
    if around.directory is None or not given:
        return evidence
    message = _Message.of(evidence, texts, around, around.directory)
    meant = {}
    for person, known, others in _doubtful(evidence, texts, around):
        named = [each for each in others if _has_named(each, readers, given)]
        if any(_has_named(known, (each,), given) for each in readers):
            named = [known]
        if len(named) == 1:
            own = message.said_of(named[0])
            rest = (each for each in (known, *others) if each != named[0])
            meant[person] = next((each for each in rest if message.said_of(each) - own), named[0])
    return replace(evidence, people={**evidence.people, **meant}) if meant else evidence


class _Message(NamedTuple):
    """What a message says, to be asked what of it is so of somebody."""

    texts: Sequence[str]
    words: Sequence[str]  # of each, a blank before and behind
    subjects: frozenset[str]
    advised: Collection[str]  # by who writes or reads
    directory: Directory

    @staticmethod
    def of(evidence: Evidence, texts: Texts, around: Surroundings, directory: Directory) -> _Message:
        said = [view.text[:_LOOKED_AT] for view in texts.views]
        words = [f" {_words(text)} " for text in said]
        return _Message(said, words, evidence.subjects, company(directory, around.context).advised, directory)

    def said_of(self, student: Student) -> frozenset[str]:
        """What anywhere in it is so of a student: department, fields, address, end of the ID, class, and that he is an advisee.

        A consent of one is no leave for another, of whom it says more.
        """
        signs = {each for each in _signs(student) if any(f" {each} " in words for words in self.words)}
        fields = {each.field for text in self.texts for each in own_fields(text, 0, len(text), student)}
        classes = self.subjects.intersection(folded_word(row.subject) for row in self.directory.enrolments_of(student.id))
        advisee = identity(student) in self.advised and any(map(_ADVISEE.search, self.texts))
        return classes.union(signs, fields, ("advisee",) if advisee else ())


def _words(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))


def _signs(student: Student) -> frozenset[str]:
    """Department, major, addresses and the last digits of the ID, as words."""
    local = [each.partition("@")[0] for each in (student.email, *student.alternate_emails)]
    given = [each for each in (student.department, student.course, *local) if not each.isdigit()]
    return frozenset((*map(_words, given), folded_id(student.id)[-OF_ID:])) - {""}


def _has_named(student: Student, readers: Iterable[str], given: Iterable[KnownConsent]) -> bool:
    """Whether a student's consents name every one of the readers."""
    own = (each.consent for each in given if person_name(each.consent.person) == person_name(student.id))
    recipients = {folded_address(each.recipient) for each in own}
    return all(not recipients.isdisjoint(reader_names(each)) for each in readers)


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
