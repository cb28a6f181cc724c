"""A campus in memory: the whole `Directory`, over the rows it is given, for tests of whatever asks about people.

`People(rows)` or `people(row, row, ...)`. It searches the rows one by one, people by a table of their keys: plain enough to
be right, and what the snapshot is compared with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TypeVar

from dlp.campus.directory import ENROLLED_AT_MOST, NAMED_AT_MOST, Stamp
from dlp.campus.folding import domains_above, folded_address, folded_id, folded_word
from dlp.campus.names import keys_of
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

Row = TypeVar("Row")
TODAY = Stamp("20260901T060000Z", datetime(2026, 9, 1, 6, tzinfo=UTC))


@dataclass(frozen=True)
class People:
    """A Directory. Of several rows where one is asked for, the first counts."""

    rows: tuple[Record, ...] = ()
    stamp: Stamp = field(default=TODAY)

    def student(self, student_id: str) -> Student | None:
        return next(self._rows(Student, lambda row: [row.id], folded_id, student_id), None)

    def students_at(self, address: str) -> tuple[Student, ...]:
        return tuple(self._rows(Student, lambda row: [row.email, *row.alternate_emails], folded_address, address))

    def staff_at(self, address: str) -> Staff | None:
        return next(self._rows(Staff, lambda row: [row.email], folded_address, address), None)

    def named(self, key: str, at_most: int = NAMED_AT_MOST) -> tuple[Student | Staff, ...]:
        return tuple(self._by_key.get(key, ())[:at_most])

    @cached_property
    def _by_key(self) -> Mapping[str, Sequence[Student | Staff]]:
        found: dict[str, list[Student | Staff]] = {}
        for row in self.rows:
            for key in dict.fromkeys(keys_of(row)) if isinstance(row, Student | Staff) else ():
                found.setdefault(key, []).append(row)
        return found

    def offerings(self, subject: str) -> tuple[Offering, ...]:
        return tuple(self._rows(Offering, lambda row: [row.subject], folded_word, subject))

    def assigned_to(self, subject: str) -> tuple[Assignment, ...]:
        return tuple(self._rows(Assignment, lambda row: [row.subject], folded_word, subject))

    def assignments_of(self, address: str) -> tuple[Assignment, ...]:
        return tuple(self._rows(Assignment, lambda row: [row.email], folded_address, address))

    def enrolments_of(self, student_id: str) -> tuple[Enrolment, ...]:
        return tuple(self._rows(Enrolment, lambda row: [row.student_id], folded_id, student_id))

    def enrolled_in(self, subject: str) -> tuple[Enrolment, ...]:
        return tuple(self._rows(Enrolment, lambda row: [row.subject], folded_word, subject))[:ENROLLED_AT_MOST]

    def called_near(self, address: str) -> Near:
        return called_near(self, address)

    def advising_by(self, address: str) -> tuple[Advising, ...]:
        return tuple(self._rows(Advising, lambda row: [row.email], folded_address, address))

    def advising_of(self, student_id: str) -> tuple[Advising, ...]:
        return tuple(self._rows(Advising, lambda row: [row.student_id], folded_id, student_id))

    def contacts_at(self, address: str) -> tuple[Contact, ...]:
        for place in (address, *domains_above(address)):
            if found := tuple(self._rows(Contact, lambda row: [row.address], folded_address, place)):
                return found
        return ()

    def forwards_of(self, address: str) -> tuple[Forward, ...]:
        return tuple(self._rows(Forward, lambda row: [row.address], folded_address, address))

    def department(self, name: str) -> Department | None:
        return next(self._rows(Department, lambda row: [row.department], folded_word, name), None)

    def list_at(self, address: str) -> MailList | None:
        return next(self._rows(MailList, lambda row: [row.address], folded_address, address), None)

    def waivers_of(self, student_id: str) -> tuple[Waiver, ...]:
        return tuple(self._rows(Waiver, lambda row: [row.student_id], folded_id, student_id))

    def _rows(
        self, kind: type[Row], keys: Callable[[Row], Iterable[str]], fold: Callable[[str], str], wanted: str
    ) -> Iterator[Row]:
        """The rows of one kind of which one key is spelled like `wanted`, in their order; a blank is nobody's."""
        spelled = fold(wanted)
        return (row for row in self.rows if isinstance(row, kind) and spelled and spelled in map(fold, keys(row)))


def people(*rows: Record, stamp: Stamp = TODAY) -> People:
    return People(rows, stamp)
