"""What a reader is to a student: it is the student, needs to know this kind, does not, or nothing is recorded.

Takes a Reader, a Student, a kind and the Matter (whose mail it is, which subjects it names); gives closed words for the
decision table. Pure; look-ups go to the directory that is passed in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dlp.campus.directory import Directory
from dlp.campus.folding import folded_address, folded_id, folded_word
from dlp.campus.records import ALL, Assignment, Staff, Student
from dlp.campus.study_fields import NO_FIELDS, Fields, may_be_of
from dlp.policy.kinds import OF_TEACHING, advising_covers, covers
from dlp.policy.readers import Reader

_DEANS = {"UG": "dean_undergraduate", "G": "dean_graduate"}
COVERED, UNCOVERED, UNRECORDED = "covered", "uncovered", "unrecorded"
# what those who advise or look after a student write to teachers, and an illness may be the reason of
ARRANGED = frozenset({"attendance", "accommodation", "excuse"})


@dataclass(frozen=True, slots=True)
class Matter:
    """What the whole message is about, as far as relations ask. `sender` is None while nobody knows who it is."""

    sender: Reader | None = None
    subjects: frozenset[str] = frozenset()  # named by number or title, folded
    fields: Fields = NO_FIELDS  # of study, in whose classes something is said to be


def own(reader: Reader, student: Student) -> str:
    """ "campus", "alternate", or "" when it is not the student's address, or is somebody else's as well."""
    if {folded_id(each.id) for each in reader.students} != {folded_id(student.id)}:
        return ""
    if any(folded_address(each.address) == folded_address(reader.address) for each in reader.contacts):
        return ""  # a parent's, for one
    return "campus" if reader.inside and folded_address(reader.address) == folded_address(student.email) else "alternate"


def need(reader: Reader, student: Student | None, kind: str, matter: Matter, directory: Directory | None) -> str:
    """Whether this reader needs to know this kind about this student (R8, R12)."""
    if directory is None:
        return UNRECORDED
    if reader.listed and not reader.known:
        return UNCOVERED  # a list of whom nobody knows who reads it
    if student is not None and _covered(reader, student, kind, matter, directory):
        return COVERED
    return UNRECORDED if reader.staff is not None and not reader.recorded else UNCOVERED


def _covered(reader: Reader, student: Student, kind: str, matter: Matter, directory: Directory) -> bool:
    words = reader.staff.purview if reader.staff else frozenset()
    if any(covers(word, kind) and _for_student(word, reader, student) for word in words):
        return True
    if any(
        folded_id(each.student_id) == folded_id(student.id) and advising_covers(each.role, kind) for each in reader.advising
    ):
        return True
    return kind in OF_TEACHING and any(_teaches(each, student, kind, matter, directory) for each in reader.assignments)


def _for_student(word: str, reader: Reader, student: Student) -> bool:
    """A department office is for its own students; departments are compared only when both are filled."""
    if word != "department_office":
        return True
    ours = reader.staff.department if reader.staff else ""
    return not ours or not student.department or ours.casefold() == student.department.casefold()


def _is_about(matter: Matter, subject: str, directory: Directory, *, known: bool) -> bool:
    """Whether a message may be about a subject: it names no other, and tells nothing of a field that is none of it.

    A field that only stands beside what is told, such as an exam elsewhere, matters where nobody `known` for it says that it is
    about this subject.
    """
    if matter.subjects and subject not in matter.subjects:
        return False
    told, beside = matter.fields
    if may_be_of(subject, told, directory) != told:
        return False
    return known or subject in matter.subjects or not beside or bool(may_be_of(subject, beside, directory))


def _teaches(assignment: Assignment, student: Student, kind: str, matter: Matter, directory: Directory) -> bool:
    """Whether the student is of the subject of this assignment, and the subject is what the message is about."""
    subject = folded_word(assignment.subject)
    sender = matter.sender
    staffs = sender is not None and subject in _subjects(sender.assignments)
    arranges = sender is not None and kind in ARRANGED and _looks_after(sender, student, kind)
    if not _is_about(matter, subject, directory, known=staffs or arranges):
        return False
    if "enrolments" in directory.stamp.files:
        return any(
            folded_word(each.subject) == subject and same_term(each.term, assignment.term)
            for each in directory.enrolments_of(student.id)
        )
    return subject in matter.subjects or staffs or arranges


def _looks_after(sender: Reader, student: Student, kind: str) -> bool:
    """Whether it is who advises the student, or an office that such matters are of."""
    return any(folded_id(each.student_id) == folded_id(student.id) for each in sender.advising) or any(
        covers(word, kind) for word in (sender.staff.purview if sender.staff else ())
    )


def same_term(one: str, other: str) -> bool:
    return not one or not other or one.casefold() == other.casefold()


def _subjects(assignments: Iterable[Assignment]) -> frozenset[str]:
    return frozenset(folded_word(each.subject) for each in assignments)


def office(refer_to: str, person: Student | Staff | None) -> str:
    """Whom to ask about somebody: the dean's office is that of the student's level, both while it is not known (O8a)."""
    if refer_to != "dean":
        return refer_to
    level = person.level if isinstance(person, Student) else ""
    return _DEANS.get(level, ",".join(_DEANS.values()))


def withheld(student: Student | None, fields: frozenset[str], *, absent_means_suppressed: bool) -> bool:
    """Whether the student has withheld one of these directory fields, or everything; nobody's record withholds all (R19)."""
    if student is None:
        return absent_means_suppressed
    if ALL in student.suppress or fields & student.suppress:
        return True
    return absent_means_suppressed and bool(fields & student.blank)


def nationality(student: Student | None) -> str:
    """Blank counts as may be (O12a)."""
    if student is None:
        return ""
    return "maybe" if student.international is None else "yes" if student.international else "no"
