"""The files of the import contract, as a table: which columns each may have, and what a cell of them may hold.

Takes nothing, does nothing. Columns stand in the order of the record's fields, of which a test makes sure. `reading` turns an
entry into a reader for one file's own header line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dlp.campus import cells, records
from dlp.campus.cells import address, day, first_day, last_day, word


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `read` None: the cell as it is, without blanks around it."""

    name: str
    read: Callable[[str], Any] | None = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class FileFormat:
    """One kind of file: `name` without ".csv", and the record each row makes of its cells, in the order of `columns`.

    `either` are groups of columns, one of which must be filled; `also` names a second column whose cell stands in for a blank
    one. `blanks`, where there are any: what is withheld when all of these columns that were imported are empty.
    """

    name: str
    make: Callable[..., Any]
    columns: tuple[Column, ...]
    either: tuple[tuple[str, ...], ...] = ()
    also: Mapping[str, str] | None = None
    blanks: Mapping[str, tuple[str, ...]] | None = None


BLANK = "\0blank"  # a column nobody can import: the reader fills it in
NAME_FORMS = (("full_name",), ("given_name", "family_name"))


def _required(name: str, read: Callable[[str], Any] | None = None) -> Column:
    return Column(name, read, required=True)


def _plain(names: str) -> tuple[Column, ...]:
    return tuple(Column(name) for name in names.split())


STUDENTS = FileFormat(
    "students",
    records.Student,
    (
        _required("id"),
        *_plain("given_name family_name full_name"),
        Column("preferred_names", cells.listed),
        Column("email", address),
        Column("alternate_emails", cells.addresses),
        Column("level", word("UG", "G")),
        Column("status", word("current", "former")),
        *_plain("department year course phone term_address permanent_address degrees"),
        Column("attended_from", first_day),
        Column("attended_to", last_day),
        Column("suppress", cells.suppress),
        Column(BLANK),
        Column("international", cells.yes_no_or_unknown),
    ),
    either=NAME_FORMS,
    blanks={
        "email": ("email",),
        "phone": ("phone",),
        "term_address": ("term_address",),
        "permanent_address": ("permanent_address",),
        "course": ("course",),
        "year": ("year",),
        "degrees": ("degrees",),
        "attendance_dates": ("attended_from", "attended_to"),
    },
)

FORMATS: Mapping[str, FileFormat] = {
    each.name: each
    for each in (
        STUDENTS,
        FileFormat(
            "staff",
            records.Staff,
            (
                _required("email", address),
                *_plain("language given_name family_name full_name role title department"),
                Column("purview", cells.purview),
                Column("status"),
                Column("started", day),
                Column("ended", day),
                *_plain("extension office"),
                Column("office_exempt", cells.yes_or_no),
                Column("senior_officer_for", cells.listed),
            ),
        ),
        FileFormat(
            "subjects",
            records.Offering,
            (
                _required("subject"),
                _required("term"),
                *_plain("title department"),
                Column("starts", day),
                Column("ends", day),
            ),
        ),
        FileFormat(
            "assignments",
            records.Assignment,
            (
                _required("subject"),
                _required("email", address),
                _required("role", word("instructor_in_charge", "instructor", "ta", "administrator")),
                Column("term"),
            ),
        ),
        FileFormat("enrolments", records.Enrolment, (_required("subject"), _required("student_id"), Column("term"))),
        FileFormat(
            "advising",
            records.Advising,
            (
                _required("email", address),
                _required("student_id"),
                Column("role", word("advisor", "registration_officer", "coach", "supervisor")),
            ),
        ),
        FileFormat(
            "waivers",
            records.Waiver,
            (_required("student_id"), _required("given_on", day), *_plain("author recipient")),
        ),
        FileFormat(
            "contacts",
            records.Contact,
            (_required("address", cells.address_or_domain), _required("type", cells.contact_type), Column("student_id")),
        ),
        FileFormat("forwards", records.Forward, (_required("address", address), _required("target", address))),
        FileFormat(
            "departments",
            records.Department,
            (_required("department"), *_plain("domain steward"), Column("reviewers", cells.listed)),
        ),
        FileFormat(
            "lists",
            records.MailList,
            (
                _required("address", address),
                _required("kind", word("subject_staff", "staff", "enrolled_students", "students", "public", "unknown")),
                Column("subject"),
                Column("members", cells.addresses),
                Column("forwards_outside", cells.yes_or_no),
            ),
        ),
        FileFormat(
            "consents",
            records.Consent,
            (
                _required("consent_id"),
                _required("person"),
                _required("kinds", cells.kinds),
                _required("recipient", cells.reader_of_consent),
                _required("given_on", day),
                Column("purpose"),
                Column("strength", cells.word_or("explicit", "explicit", "written")),  # blank: nobody says it is in writing
                Column("mail_risk", cells.yes_or_no),
                Column("expires_on", day),
                Column("uses", cells.uses),
                *_plain("case evidence"),
            ),
            also={"person": "student_id"},
        ),
        FileFormat(
            "approvals",
            records.Approval,
            (
                _required("approval_id"),
                _required("officer"),
                _required("given_on", day),
                *_plain("designee_of area purpose"),
                Column("recipient", cells.reader_of_consent),
                Column("kinds", cells.kinds),
                *_plain("student_id"),
                Column("expires_on", day),
                *_plain("counsel_ref case"),
                Column("five_points", cells.yes_or_no),
                Column("sealed", cells.yes_or_no),
                Column("sealed_by"),
                Column("notify_by", day),
            ),
        ),
    )
}
TO_STORE = ("consents", "approvals")  # what changes at once for all; everything else is of the snapshot

FILE_OF = {each.make: name for name, each in FORMATS.items()}  # the file a record is of
