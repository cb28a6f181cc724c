"""Who would read a recipient's copy: one person for a plain address, the members for a list, the target of a forward.

Takes an address, the campus domains and the directory in force (None: nothing but domains is known); gives Readers. A list
counts as its members; one without members, as the least trusted reading of its kind. An address that forwards outside is
outside. Pure; a list within a list is opened once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from dlp.campus.directory import Directory
from dlp.campus.folding import folded_address
from dlp.campus.records import Advising, Assignment, Contact, MailList, Staff, Student
from dlp.policy.kinds import office
from dlp.ruleset import Campus

_MEMBERS = 5000  # of one list; a longer one is read as its kind


@dataclass(frozen=True, slots=True)
class Reader:
    """One person, or one address of which nothing is known."""

    address: str
    inside: bool
    listed: str = ""  # the kind of the list it stands for, or was reached by
    through: str = ""  # the address of that list, where it was opened
    staff: Staff | None = None  # employed now
    students: tuple[Student, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    advising: tuple[Advising, ...] = ()
    contacts: tuple[Contact, ...] = ()

    @property
    def offices(self) -> frozenset[str]:
        """The offices it speaks for."""
        return frozenset(filter(None, map(office, self.staff.purview))) if self.staff else frozenset()

    @property
    def known(self) -> bool:
        return bool(self.staff or self.students or self.assignments or self.advising)

    @property
    def recorded(self) -> bool:
        """Whether anything is recorded about what it needs to know."""
        return bool((self.staff and self.staff.purview) or self.assignments or self.advising)


def readers(address: str, campus: Campus, directory: Directory | None) -> tuple[Reader, ...]:
    """Everybody who would read what is sent there; at least one."""
    if directory is None:
        return (Reader(address, campus.is_inside(address)),)
    return tuple(_opened(address, campus, directory, seen=frozenset()))


def _opened(address: str, campus: Campus, directory: Directory, seen: frozenset[str]) -> Iterable[Reader]:
    found = directory.list_at(address)
    if found is not None and folded_address(address) not in seen:
        yield from _of_list(found, address, campus, directory, seen | {folded_address(address)})
        return
    forwards = directory.forwards_of(address) if campus.is_inside(address) else ()
    outside = [forward.target for forward in forwards if not campus.is_inside(forward.target)]
    if outside:
        yield from (replace(person(target, campus, directory), inside=False) for target in outside)
        return
    yield person(address, campus, directory)


def _of_list(found: MailList, address: str, campus: Campus, directory: Directory, seen: frozenset[str]) -> Iterable[Reader]:
    if found.kind == "public" or found.forwards_outside:
        yield Reader(address, inside=False, listed="public")
        return
    members = found.members or _staff_of(found, directory)
    if not members or len(members) > _MEMBERS:
        yield Reader(address, inside=True, listed=found.kind)
        return
    for member in members:
        for reader in _opened(member, campus, directory, seen):
            yield replace(reader, listed=reader.listed or found.kind, through=address)


def _staff_of(found: MailList, directory: Directory) -> tuple[str, ...]:
    if found.kind != "subject_staff" or not found.subject:
        return ()
    return tuple(dict.fromkeys(each.email for each in directory.assigned_to(found.subject)))


def person(address: str, campus: Campus, directory: Directory) -> Reader:
    """Whose address this is.

    Somebody who is a student and in the staff file is staff only in what is recorded there: a student employee is not
    staff by default.
    """
    students = directory.students_at(address)
    staff = directory.staff_at(address)
    if staff is not None and (staff.status == "former" or (students and not staff.purview)):
        staff = None
    return Reader(
        address,
        campus.is_inside(address),
        staff=staff,
        students=students,
        assignments=directory.assignments_of(address),
        advising=directory.advising_by(address),
        contacts=directory.contacts_at(address),
    )


def is_student(reader: Reader) -> bool:
    """A student without any role in teaching."""
    return bool(reader.students) and reader.staff is None and not reader.assignments


def kind_of(reader: Reader) -> str:
    """What a reader is, for the decision table."""
    if not reader.inside:
        return "student" if reader.students else "outsider"
    if reader.listed and not reader.known:
        return "list"
    if reader.staff or (reader.assignments and not reader.students):
        return "staff"
    return "student" if reader.students else "unknown"
