"""References that lead nowhere: an assignment of somebody who is not staff, an advisee who is no student, a subject's term.

Takes every record of an import, what is referred to first, and the directory in force where the import brings nobody itself;
gives counts by file, column and what was looked for. Holds the folded IDs of students, addresses of staff, names and terms of
subjects, and students' addresses, which are no person of a consent and are told of as that elsewhere. Such rows are kept: this
only tells of them, and where the first of them begins.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from dlp.campus.directory import Directory
from dlp.campus.folding import folded_address, folded_id, folded_word
from dlp.campus.formats import FILE_OF
from dlp.campus.records import (
    Advising,
    Approval,
    Assignment,
    Consent,
    Contact,
    Enrolment,
    MailList,
    Offering,
    Record,
    Staff,
    Student,
    Waiver,
)

_FOLDS: Mapping[str, Callable[[str], str]] = {"students": folded_id, "staff": folded_address, "subjects": folded_word}
_DEFINED: Mapping[type, tuple[str, str]] = {
    Student: ("students", "id"),
    Staff: ("staff", "email"),
    Offering: ("subjects", "subject"),
}
_REFERENCES: Mapping[type, tuple[tuple[str, str], ...]] = {
    Assignment: (("subject", "subjects"), ("email", "staff")),
    Enrolment: (("subject", "subjects"), ("student_id", "students")),
    Advising: (("email", "staff"), ("student_id", "students")),
    Waiver: (("student_id", "students"),),
    Contact: (("student_id", "students"),),
    MailList: (("subject", "subjects"),),
    Approval: (("student_id", "students"),),
}


@dataclass(frozen=True, slots=True)
class Dangling:
    """So many rows of a file refer, in this column, to somebody or something that `target` has not."""

    file: str
    column: str
    target: str
    rows: int
    first: str = ""  # "advising.csv:3"


class References:
    """What was defined so far, and what was referred to in vain."""

    def __init__(self, in_force: Directory | None = None) -> None:
        self._in_force = in_force  # who is known besides
        self.repeated: Counter[str] = Counter()  # students and staff with more than one row, by file
        self.withholding = 0  # students who withhold something
        self.contradicting = 0  # rows that repeat a student and withhold more than the first, which alone counts
        self.alike = 0  # IDs that are another's but for what is no digit
        self._first: dict[object, str] = {}  # by what is counted
        self._letters: dict[str, str] = {}  # of IDs that have some
        self._withheld: dict[str, frozenset[str]] = {}
        self._known: dict[str, set[str]] = {name: set() for name in _FOLDS}
        self._addresses: set[str] = set()  # of students
        self._terms: set[tuple[str, str]] = set()  # of subjects
        self._missed: Counter[tuple[type, str, str]] = Counter()
        self._references = {
            kind: [
                ((kind, column, target), attrgetter(column), self._known[target], _FOLDS[target]) for column, target in columns
            ]
            for kind, columns in _REFERENCES.items()
        }

    def __call__(self, record: Record, at: str = "") -> None:
        """Note one record, and where its row begins."""
        kind = type(record)
        if kind in _DEFINED:
            self._define(kind, record, at)
            return
        for key, get, known, fold in self._references.get(kind, ()):
            name = get(record)
            # as it is first: most names are written in the one spelling
            if name and name not in known and fold(name) not in known and not self._has(key[2], name):
                self._miss(key, at)
        if isinstance(record, Assignment | Enrolment):
            if record.term and (record.subject, record.term) not in self._terms:
                self._look_for_term(record, at)
        elif isinstance(record, Consent):
            self._look_for_person(record, at)
        elif isinstance(record, MailList):
            self._missed[MailList, "members", "LDIF"] += sum("@" not in member for member in record.members)

    def _has(self, target: str, name: str) -> bool:
        """Whether the directory in force has this student or employee."""
        if self._in_force is None or target == "subjects":
            return False
        return (self._in_force.student(name) if target == "students" else self._in_force.staff_at(name)) is not None

    def _look_for_person(self, record: Consent, at: str) -> None:
        """Whose consent it is. A student's address is no person, and is told of as that (dlp.policy.idle)."""
        target = "staff" if "@" in record.person else "students"
        name = _FOLDS[target](record.person)
        if name in self._known[target] or name in self._addresses or self._has(target, record.person):
            return
        if self._in_force is None or not self._in_force.students_at(record.person):
            self._miss((Consent, "person", target), at)

    def _look_for_term(self, record: Assignment | Enrolment, at: str) -> None:
        """A term that none of the subject's rows has; a subject without a row is told of by itself."""
        subject = folded_word(record.subject)
        if subject in self._known["subjects"] and (subject, record.term.casefold()) not in self._terms:
            self._miss((type(record), "term", "subjects"), at)

    def _miss(self, key: tuple[type, str, str], at: str) -> None:
        self._missed[key] += 1
        self._first.setdefault(key, at)

    def first(self, what: str) -> str:
        """Where the first row of these stands, to go behind what is said of them."""
        at = self._first.get(what, "")
        return f" (the first: {at})" if at else ""

    def dangling(self) -> Iterator[Dangling]:
        for (kind, column, target), rows in self._missed.items():
            if rows:
                yield Dangling(FILE_OF[kind], column, target, rows, self._first.get((kind, column, target), ""))

    def _define(self, kind: type, record: Any, at: str) -> None:
        target, column = _DEFINED[kind]
        folded = _FOLDS[target](getattr(record, column))
        known = self._known[target]
        again = folded in known
        if kind is not Offering and again:
            self.repeated[target] += 1
            self._first.setdefault(target, at)
        if kind is Student:
            self._addresses |= set(map(folded_address, filter(None, (record.email, *record.alternate_emails))))
            self._compare(record, folded, at, again=again)
        known.add(folded)
        if kind is Offering:
            self._terms |= {(record.subject, record.term), (folded, record.term.casefold())}

    def _compare(self, record: Student, folded: str, at: str, *, again: bool) -> None:
        """A student with those whose ID is the same, or nearly."""
        alike = again and bool(self._letters.get(folded))
        if not record.id.isdecimal():
            letters = "".join(filter(str.isalpha, record.id.casefold()))
            alike = self._letters.get(folded, "" if again else letters) != letters
            self._letters.setdefault(folded, letters)
        if alike:
            self.alike += 1
            self._first.setdefault("alike", at)
        if record.suppress:
            self.withholding += not again
            if again and not record.suppress <= self._withheld.get(folded, frozenset()):
                self.contradicting += 1
                self._first.setdefault("contradicting", at)
            self._withheld.setdefault(folded, record.suppress if not again else frozenset())
