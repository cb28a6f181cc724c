"""What the institution's files say of people, offerings and addresses: one frozen value for each kind of row.

Takes nothing, does nothing. Field names are the columns of the import contract, but for the subjects of a university, which
are offerings here. Texts are as given, "" for a blank cell; addresses keep their case, look-ups fold it. Dates are days,
valid through their end. A `blank` set names the suppressible fields whose column was imported and whose cell was empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

SUPPRESSIBLE = frozenset(
    {
        "name",
        "email",
        "phone",
        "term_address",
        "permanent_address",
        "office_address",
        "course",
        "year",
        "registration",
        "degrees",
        "attendance_dates",
        "honours",
        "birth_date",
    }
)
ALL = "all"  # as a suppress word: every field, and that the person is here at all


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Student:
    """A current or former student."""

    id: str
    given_name: str = ""
    family_name: str = ""
    full_name: str = ""
    preferred_names: tuple[str, ...] = ()
    email: str = ""
    alternate_emails: tuple[str, ...] = ()
    level: str = ""  # "UG", "G" or ""
    status: str = ""  # "current", "former" or ""
    department: str = ""
    year: str = ""
    course: str = ""  # the programme: a major
    phone: str = ""
    term_address: str = ""
    permanent_address: str = ""
    degrees: str = ""
    attended_from: date | None = None
    attended_to: date | None = None
    suppress: frozenset[str] = frozenset()  # of SUPPRESSIBLE, or ALL
    blank: frozenset[str] = frozenset()
    international: bool | None = None


@dataclass(frozen=True, slots=True)
class Staff:
    """An employed person, or an office's mailbox."""

    email: str
    language: str = ""
    given_name: str = ""
    family_name: str = ""
    full_name: str = ""
    role: str = ""
    title: str = ""
    department: str = ""
    purview: frozenset[str] = frozenset()  # empty = nothing recorded
    status: str = ""
    started: date | None = None
    ended: date | None = None
    extension: str = ""
    office: str = ""
    office_exempt: bool = False
    senior_officer_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Offering:
    """A subject as it is given in one term. Without `starts` and `ends` it is in term."""

    subject: str
    term: str
    title: str = ""
    department: str = ""
    starts: date | None = None
    ends: date | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """Somebody teaches or administers a subject; a blank term means every term."""

    subject: str
    email: str
    role: str  # "instructor_in_charge", "instructor", "ta" or "administrator"
    term: str = ""


@dataclass(frozen=True, slots=True)
class Enrolment:
    subject: str
    student_id: str
    term: str = ""


@dataclass(frozen=True, slots=True)
class Advising:
    email: str
    student_id: str
    role: str = ""  # "advisor", "registration_officer", "coach", "supervisor" or ""


@dataclass(frozen=True, slots=True)
class Waiver:
    """The student gave up the right to see this confidential letter."""

    student_id: str
    given_on: date
    author: str = ""
    recipient: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """An outside address, or "@domain", and what it is to us."""

    address: str
    type: str
    student_id: str = ""  # whose parent


@dataclass(frozen=True, slots=True)
class Forward:
    """A personal auto-forward."""

    address: str
    target: str


@dataclass(frozen=True, slots=True)
class Department:
    department: str
    domain: str = ""
    steward: str = ""
    reviewers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MailList:
    address: str
    kind: str  # "subject_staff", "staff", "enrolled_students", "students", "public" or "unknown"
    subject: str = ""
    members: tuple[str, ...] = ()
    forwards_outside: bool = False


@dataclass(frozen=True, slots=True)
class Consent:
    """A person's leave to tell somebody something (requirement R33). Lives in the store; an import only brings it there."""

    consent_id: str
    person: str  # a student ID, or a staff address for employee data
    kinds: frozenset[str]  # of the closed list; "grades:18.06" is narrowed to one subject
    recipient: str  # an address, "@domain" or "class:<contact type>"
    given_on: date
    purpose: str = ""
    strength: str = "explicit"  # or "written"; outside only what is written counts
    mail_risk: bool = False
    expires_on: date | None = None
    uses: int | None = None  # None = standing
    case: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Approval:
    """A senior officer's recorded leave for a legitimate need (R32, R48, R50, R53). Lives in the store, as consents do."""

    approval_id: str
    officer: str
    given_on: date
    designee_of: str = ""
    area: str = ""
    purpose: str = ""
    recipient: str = ""
    kinds: frozenset[str] = frozenset()
    student_id: str = ""
    expires_on: date | None = None
    counsel_ref: str = ""
    case: str = ""
    five_points: bool = False
    sealed: bool = False
    sealed_by: str = ""
    notify_by: date | None = None


Record = (
    Student
    | Staff
    | Offering
    | Assignment
    | Enrolment
    | Advising
    | Waiver
    | Contact
    | Forward
    | Department
    | MailList
    | Consent
    | Approval
)
