"""A directory with more rows on top: what would be known if these had been imported as well.

Takes the Directory in force and rows; gives a Directory that nothing keeps. A student, employee, list or department that is
there already is replaced, every other row is added behind those there are. Nothing here fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from dlp.campus.directory import ENROLLED_AT_MOST, NAMED_AT_MOST, Directory, Stamp
from dlp.campus.folding import domains_above, folded_address, folded_id, folded_word
from dlp.campus.formats import FILE_OF
from dlp.campus.near import Near
from dlp.campus.people import called_near
from dlp.campus.records import (
    Advising,
    Assignment,
    Contact,
    Department,
    Enrolment,
    Forward,
    MailList,
    Offering,
    Record,
    Staff,
    Student,
    Waiver,
)
from dlp.snapshot.lookups import LOOK_UPS, LookUp

Row = TypeVar("Row")


class Supposed:
    """A Directory."""

    def __init__(self, base: Directory, rows: Iterable[Record]) -> None:
        self._base = base
        self._added: dict[tuple[LookUp, str], list[Record]] = {}
        files = set(base.stamp.files)
        for row in rows:
            files.add(FILE_OF[type(row)])
            for look_up, keys in LOOK_UPS.get(type(row), ()):
                for key in filter(None, keys(row)):
                    self._added.setdefault((look_up, key), []).append(row)
        self._stamp = replace(base.stamp, files=frozenset(files))

    @property
    def stamp(self) -> Stamp:
        return self._stamp

    def student(self, student_id: str) -> Student | None:
        return next(self._rows(Student, LookUp.STUDENT, folded_id(student_id)), self._base.student(student_id))

    def students_at(self, address: str) -> tuple[Student, ...]:
        added = self._rows(Student, LookUp.STUDENTS_AT, folded_address(address))
        return (*self._kept(self._base.students_at(address)), *added)

    def staff_at(self, address: str) -> Staff | None:
        return next(self._rows(Staff, LookUp.STAFF_AT, folded_address(address)), self._base.staff_at(address))

    def named(self, key: str, at_most: int = NAMED_AT_MOST) -> tuple[Student | Staff, ...]:
        added = (row for row in self._added.get((LookUp.NAMED, key), ()) if isinstance(row, Student | Staff))
        return (*self._kept(self._base.named(key, at_most)), *added)[:at_most]

    def offerings(self, subject: str) -> tuple[Offering, ...]:
        return (*self._base.offerings(subject), *self._rows(Offering, LookUp.OFFERINGS, folded_word(subject)))

    def assigned_to(self, subject: str) -> tuple[Assignment, ...]:
        return (*self._base.assigned_to(subject), *self._rows(Assignment, LookUp.ASSIGNED_TO, folded_word(subject)))

    def assignments_of(self, address: str) -> tuple[Assignment, ...]:
        return (*self._base.assignments_of(address), *self._rows(Assignment, LookUp.ASSIGNMENTS_OF, folded_address(address)))

    def enrolments_of(self, student_id: str) -> tuple[Enrolment, ...]:
        return (*self._base.enrolments_of(student_id), *self._rows(Enrolment, LookUp.ENROLMENTS_OF, folded_id(student_id)))

    def enrolled_in(self, subject: str) -> tuple[Enrolment, ...]:
        added = self._rows(Enrolment, LookUp.ENROLLED_IN, folded_word(subject))
        return (*self._base.enrolled_in(subject), *added)[:ENROLLED_AT_MOST]

    def called_near(self, address: str) -> Near:
        return called_near(self, address)

    def advising_by(self, address: str) -> tuple[Advising, ...]:
        return (*self._base.advising_by(address), *self._rows(Advising, LookUp.ADVISING_BY, folded_address(address)))

    def advising_of(self, student_id: str) -> tuple[Advising, ...]:
        return (*self._base.advising_of(student_id), *self._rows(Advising, LookUp.ADVISING_OF, folded_id(student_id)))

    def contacts_at(self, address: str) -> tuple[Contact, ...]:
        there = self._base.contacts_at(address)
        for place in (folded_address(address), *domains_above(address)):
            same = [row for row in there if folded_address(row.address) == place]
            if found := (*same, *self._rows(Contact, LookUp.CONTACTS_AT, place)):
                return found
        return ()

    def forwards_of(self, address: str) -> tuple[Forward, ...]:
        return (*self._base.forwards_of(address), *self._rows(Forward, LookUp.FORWARDS_OF, folded_address(address)))

    def department(self, name: str) -> Department | None:
        return next(self._rows(Department, LookUp.DEPARTMENT, folded_word(name)), self._base.department(name))

    def list_at(self, address: str) -> MailList | None:
        return next(self._rows(MailList, LookUp.LIST_AT, folded_address(address)), self._base.list_at(address))

    def waivers_of(self, student_id: str) -> tuple[Waiver, ...]:
        return (*self._base.waivers_of(student_id), *self._rows(Waiver, LookUp.WAIVERS_OF, folded_id(student_id)))

    def _rows(self, kind: type[Row], look_up: LookUp, key: str) -> Iterator[Row]:
        return (row for row in self._added.get((look_up, key), ()) if isinstance(row, kind))

    def _kept(self, people: Iterable[Row]) -> Iterator[Row]:
        """Those nobody here replaces."""
        for person in people:
            look_up, keys = LOOK_UPS[type(person)][0]
            if not any((look_up, key) in self._added for key in keys(person)):
                yield person
