"""The files of a OneRoster export that are read, as tables like those of the import contract, and what a row of each is.

Takes nothing, does nothing. Only columns that a record of ours is made of stand here; version 1.1 and 1.2 differ in where a
user's roles are. `metadata.suppress` is the extension column by which a school may say what a student withheld.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dlp.campus import cells
from dlp.campus.formats import Column, FileFormat

SUPPRESS = "metadata.suppress"


@dataclass(frozen=True, slots=True)
class Property:
    name: str
    value: str
    status: str = ""


@dataclass(frozen=True, slots=True)
class Org:
    id: str
    status: str
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Session:
    id: str
    status: str
    starts: date | None
    ends: date | None


@dataclass(frozen=True, slots=True)
class Course:
    id: str
    status: str
    title: str
    code: str
    org: str


@dataclass(frozen=True, slots=True)
class Class:
    id: str
    status: str
    title: str
    code: str
    course: str
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Role:
    user: str
    status: str
    role: str
    ends: date | None


@dataclass(frozen=True, slots=True)
class User:
    id: str
    status: str
    identifier: str
    given_name: str
    family_name: str
    preferred_given_name: str
    preferred_family_name: str
    email: str
    phone: str
    sms: str
    role: str  # of version 1.1
    orgs: tuple[str, ...]  # of version 1.1
    org: str  # of version 1.2
    agents: tuple[str, ...]
    suppress: frozenset[str]


@dataclass(frozen=True, slots=True)
class Enrollment:
    class_: str
    user: str
    status: str
    role: str
    primary: str
    ends: date | None


def listed(cell: str) -> tuple[str, ...]:
    """Several sourcedIds in one cell: between commas."""
    return tuple(filter(None, map(str.strip, cell.split(","))))


def _needed(name: str) -> Column:
    return Column(name, required=True)


MANIFEST = FileFormat("manifest", Property, (_needed("propertyName"), _needed("value"), Column("status")))
ORGS = FileFormat("orgs", Org, (_needed("sourcedId"), Column("status"), _needed("name"), _needed("type")))
SESSIONS = FileFormat(
    "academicSessions",
    Session,
    (_needed("sourcedId"), Column("status"), Column("startDate", cells.day), Column("endDate", cells.day)),
)
COURSES = FileFormat(
    "courses",
    Course,
    (_needed("sourcedId"), Column("status"), _needed("title"), Column("courseCode"), Column("orgSourcedId")),
)
CLASSES = FileFormat(
    "classes",
    Class,
    (
        _needed("sourcedId"),
        Column("status"),
        _needed("title"),
        Column("classCode"),
        Column("courseSourcedId"),
        Column("termSourcedIds", listed),
    ),
)
ROLES = FileFormat("roles", Role, (_needed("userSourcedId"), Column("status"), _needed("role"), Column("endDate", cells.day)))
USERS = FileFormat(
    "users",
    User,
    (
        _needed("sourcedId"),
        Column("status"),
        Column("identifier"),
        _needed("givenName"),
        _needed("familyName"),
        Column("preferredGivenName"),
        Column("preferredFamilyName"),
        Column("email", cells.address),
        Column("phone"),
        Column("sms"),
        Column("role"),
        Column("orgSourcedIds", listed),
        Column("primaryOrgSourcedId"),
        Column("agentSourcedIds", listed),
        Column(SUPPRESS, cells.suppress),
    ),
)
ENROLLMENTS = FileFormat(
    "enrollments",
    Enrollment,
    (
        _needed("classSourcedId"),
        _needed("userSourcedId"),
        Column("status"),
        _needed("role"),
        Column("primary"),
        Column("endDate", cells.day),
    ),
)
