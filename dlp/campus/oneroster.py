"""A OneRoster 1.1 or 1.2 bulk export (1EdTech) to records: who studies, who teaches what, whose parents they are.

Takes the folder's files as blocks of bytes, by name, and the day it is; gives records, holding one entry for each user and
class. Rows that are to be deleted, or whose enrolment has ended, are left out. What cannot be read goes into the report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from dlp.campus import oneroster_formats as formats
from dlp.campus.formats import FileFormat
from dlp.campus.oneroster_formats import SUPPRESS, Class, Course, Enrollment, Session, User
from dlp.campus.reading import read
from dlp.campus.records import Assignment, Contact, Enrolment, Offering, Record, Staff, Student
from dlp.campus.report import Report, Unusable

Blocks = Callable[[str], Iterable[bytes]]

FILES = frozenset(
    {
        "manifest",
        "academicSessions",
        "orgs",
        "courses",
        "classes",
        "roles",
        "users",
        "enrollments",
        "demographics",
        "categories",
        "classResources",
        "courseResources",
        "lineItems",
        "resources",
        "results",
        "userProfiles",
        "userResources",
        "scoreScales",
        "lineItemLearningObjectiveIds",
        "lineItemScoreScales",
        "resultLearningObjectiveIds",
        "resultScoreScales",
    }
)  # fmt: skip  what may lie in such a folder; most of it is about grades, and is not opened
BRINGS = {"users": ("students", "staff", "contacts"), "classes": ("subjects",), "enrollments": ("enrolments", "assignments")}
_READ = (
    formats.ORGS, formats.SESSIONS, formats.COURSES, formats.CLASSES, formats.ROLES, formats.USERS, formats.ENROLLMENTS
)  # fmt: skip
_VERSIONS = ("1.1", "1.2")
_FAMILY = frozenset({"parent", "guardian", "relative"})
_STAFF = frozenset({
    "teacher", "administrator", "aide", "proctor", "counselor", "principal", "districtadministrator", "siteadministrator",
    "systemadministrator",
})  # fmt: skip
_ASSIGNED = {"teacher": "instructor", "aide": "ta", "administrator": "administrator"}
_GONE = frozenset({"tobedeleted", "inactive"})


@dataclass(slots=True)
class _Known:
    """What later files refer to, by sourcedId."""

    departments: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    courses: dict[str, Course] = field(default_factory=dict)
    classes: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)  # subject and terms
    roles: dict[str, set[str]] = field(default_factory=dict)
    people: dict[str, tuple[str, str]] = field(default_factory=dict)  # student ID and address
    relatives: set[tuple[str, str]] = field(default_factory=set)  # the parent, the student
    left_out: int = 0


def records(names: frozenset[str], blocks: Blocks, report: Report, on: date) -> Iterator[Record]:
    """Everything the export says, what is referred to first. `names` are its files, without ".csv"."""
    there = _to_read(names, blocks, report)

    def rows(form: FileFormat) -> Iterator[Any]:
        if form.name in there:
            taken = read(form, f"{form.name}.csv", blocks(form.name), report)
            yield from (row for row in taken if row.status.lower() not in _GONE)

    known = _Known()
    known.departments = {org.id: org.name for org in rows(formats.ORGS) if org.type.lower() == "department"}
    known.sessions = {session.id: session for session in rows(formats.SESSIONS)}
    known.courses = {course.id: course for course in rows(formats.COURSES)}
    yield from _offerings(rows(formats.CLASSES), known)
    for role in rows(formats.ROLES):
        if not (role.ends and role.ends < on):
            known.roles.setdefault(role.user, set()).add(role.role.lower())
    yield from _people(rows(formats.USERS), known, report)
    yield from _parents(known)
    for enrollment in rows(formats.ENROLLMENTS):
        if not (enrollment.ends and enrollment.ends < on):
            yield from _member(enrollment, known)
    if known.left_out:
        report.notes.append(
            f"left out of the OneRoster export: {known.left_out} references to nobody, or people without address"
        )


def _to_read(names: frozenset[str], blocks: Blocks, report: Report) -> frozenset[str]:
    """The files to read, which the manifest may limit. A delta, or a version we do not know, cannot be read at all."""
    wanted = names & {form.name for form in _READ}
    if "manifest" not in names:
        report.notes.append("users.csv is taken for a OneRoster export; it has no manifest.csv")
        return wanted
    said = {each.name: each.value.lower() for each in read(formats.MANIFEST, "manifest.csv", blocks("manifest"), report)}
    version = said.get("oneroster.version", "")
    if version not in _VERSIONS:
        report.unusable.append(Unusable("manifest.csv", "not of a OneRoster version we read", "export version 1.1 or 1.2"))
        return frozenset()
    for form in _READ:
        how = said.get(f"file.{form.name}", "absent")
        if how == "delta":
            remedy = "export in bulk: a delta says nothing of who is left"
            report.unusable.append(Unusable(f"{form.name}.csv", "holds changes only", remedy))
        elif how == "bulk" and form.name not in names:
            report.unusable.append(Unusable(f"{form.name}.csv", "announced by manifest.csv, and not here", "export it again"))
    return frozenset(name for name in wanted if said.get(f"file.{name}") == "bulk")


def _offerings(classes: Iterable[Class], known: _Known) -> Iterator[Offering]:
    """A section has its course's number; sections of one course in one term are one offering."""
    given: set[tuple[str, str]] = set()
    for each in classes:
        course = known.courses.get(each.course) or Course("", "", "", "", "")
        subject = course.code or each.code or course.title or each.title
        terms = each.terms or ("",)
        known.classes[each.id] = (subject, terms)
        for term in terms:
            if (subject, term) in given:
                continue
            given.add((subject, term))
            session = known.sessions.get(term) or Session("", "", None, None)
            title, department = course.title or each.title, known.departments.get(course.org, "")
            yield Offering(subject, term, title, department, session.starts, session.ends)


def _people(users: Iterable[User], known: _Known, report: Report) -> Iterator[Student | Staff]:
    # the generator has read the header line when it gives the first user
    for user in users:
        columns = report.columns.get("users.csv", frozenset())
        roles = known.roles.get(user.id, set()) | ({user.role.lower()} if user.role else set())
        department = next((known.departments[org] for org in (user.org, *user.orgs) if org in known.departments), "")
        if "student" in roles:
            known.people[user.id] = (user.identifier or user.id, user.email)
            known.relatives.update((agent, user.id) for agent in user.agents)
            yield _student(user, department, columns)
        else:
            known.people[user.id] = ("", user.email)
        if roles & _FAMILY:
            known.relatives.update((user.id, agent) for agent in user.agents)
        working = sorted(roles & _STAFF)
        if working and user.email:
            yield Staff(
                email=user.email,
                given_name=user.given_name,
                family_name=user.family_name,
                role=working[0],
                department=department,
            )
        elif working:
            known.left_out += 1


def _student(user: User, department: str, columns: frozenset[str]) -> Student:
    phone = user.phone or user.sms
    blank = {"email": "email" in columns and not user.email, "phone": bool(columns & {"phone", "sms"}) and not phone}
    preferred = " ".join(filter(None, (user.preferred_given_name, user.preferred_family_name or user.family_name)))
    return Student(
        id=user.identifier or user.id,
        given_name=user.given_name,
        family_name=user.family_name,
        preferred_names=(preferred,) if user.preferred_given_name or user.preferred_family_name else (),
        email=user.email,
        status="current",
        department=department,
        phone=phone,
        suppress=user.suppress,
        blank=frozenset(word for word, empty in blank.items() if empty),
    )


def _parents(known: _Known) -> Iterator[Contact]:
    """Either side may name the other; only one that has an address and no student ID is somebody's parent."""
    for parent, child in sorted(known.relatives):
        own_id, address = known.people.get(parent, ("", ""))
        student_id, _ = known.people.get(child, ("", ""))
        if address and student_id and not own_id:
            yield Contact(address, "parent", student_id)
        else:
            known.left_out += 1


def _member(enrollment: Enrollment, known: _Known) -> Iterator[Enrolment | Assignment]:
    """A student of the class, or one of its staff; the first teacher is the instructor in charge."""
    subject, terms = known.classes.get(enrollment.class_, ("", ()))
    student_id, address = known.people.get(enrollment.user, ("", ""))
    role = enrollment.role.lower()
    if not subject or not (student_id if role == "student" else address):
        known.left_out += 1
        return
    for term in terms:
        if role == "student":
            yield Enrolment(subject, student_id, term)
        elif role in _ASSIGNED:
            in_charge = role == "teacher" and enrollment.primary.lower() == "true"
            yield Assignment(subject, address, "instructor_in_charge" if in_charge else _ASSIGNED[role], term)


def has_no_suppression(report: Report) -> bool:
    """Whether the export did not say who withheld what."""
    return SUPPRESS not in report.columns.get("users.csv", frozenset({SUPPRESS}))
