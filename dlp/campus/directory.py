"""What the pure stages may ask about people: look-ups on the campus snapshot in force.

Takes IDs, addresses, subjects and name keys; gives records, none found being an empty answer. A snapshot implements it over
files that never change; a test may do so over a list. Nothing here fails: who is not in it is not known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dlp.campus.near import Near
from dlp.campus.records import (
    Advising,
    Assignment,
    Contact,
    Department,
    Enrolment,
    Forward,
    MailList,
    Offering,
    Staff,
    Student,
    Waiver,
)

ENROLLED_AT_MOST = 300  # rows `enrolled_in` gives
NAMED_AT_MOST = 50  # people `named` gives; so many at once are ambiguous anyhow


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which import answers. `files` are those that were there: without enrolments nobody is known to be in a subject."""

    name: str
    as_of: datetime
    bad_rows: int = 0  # left out by --accept-partial
    files: frozenset[str] = frozenset()  # "students", "staff", ... without the ending


class Directory(Protocol):
    """Addresses are compared without regard to case, IDs by their digits, subjects and departments without regard to case
    and blanks (folding.py). What is asked for with a blank is not there. Several rows come in the order they were imported;
    where one is asked for, the first counts.
    """

    @property
    def stamp(self) -> Stamp: ...
    def student(self, student_id: str) -> Student | None: ...
    def students_at(self, address: str) -> tuple[Student, ...]:
        """Whose campus or alternate address this is."""

    def staff_at(self, address: str) -> Staff | None: ...
    def named(self, key: str, at_most: int = NAMED_AT_MOST) -> tuple[Student | Staff, ...]:
        """People one of whose name keys this is (names.keys_of), the first of them."""

    def offerings(self, subject: str) -> tuple[Offering, ...]: ...
    def assigned_to(self, subject: str) -> tuple[Assignment, ...]: ...
    def assignments_of(self, address: str) -> tuple[Assignment, ...]: ...
    def enrolments_of(self, student_id: str) -> tuple[Enrolment, ...]: ...
    def enrolled_in(self, subject: str) -> tuple[Enrolment, ...]:
        """The first ENROLLED_AT_MOST rows of a subject, whatever the term."""

    def called_near(self, address: str) -> Near:
        """What `people.called_near` gives."""

    def advising_by(self, address: str) -> tuple[Advising, ...]: ...
    def advising_of(self, student_id: str) -> tuple[Advising, ...]: ...
    def contacts_at(self, address: str) -> tuple[Contact, ...]:
        """Rows for the very address, else those for its domain or a domain above it."""

    def forwards_of(self, address: str) -> tuple[Forward, ...]: ...
    def department(self, name: str) -> Department | None: ...
    def list_at(self, address: str) -> MailList | None: ...
    def waivers_of(self, student_id: str) -> tuple[Waiver, ...]: ...
