"""A consent or an approval as one row: what is looked up is a keyed digest, everything else is sealed.

Takes rows of the import contract and the site's keys; gives what goes into the columns, and the row again from a record. What
does not open is Damaged; two rows with one ID are Refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar, cast

from dlp.campus.folding import folded_address
from dlp.campus.records import Approval, Consent
from dlp.errors import Refused
from dlp.keys import Keys
from dlp.policy.facts import person_name
from dlp.store.sealing import seal, unseal

Permit = TypeVar("Permit", Consent, Approval)
_CLASS = "class:"
_DATES = frozenset({"given_on", "expires_on", "notify_by"})


class Sort(StrEnum):
    CONSENT = "consent"
    APPROVAL = "approval"


@dataclass(frozen=True, slots=True)
class New:
    """A row of an import, ready to be compared with what is here. `record` is sealed when it is not here as it is."""

    name_key: str
    person_key: str
    recipient_key: str
    uses: int | None
    fingerprint: str
    document: dict[str, object]
    record: bytes = b""


def ready(keys: Keys, rows: Iterable[Consent | Approval]) -> dict[str, New]:
    """The rows by digest of their IDs. Refused when two have the same."""
    found: dict[str, New] = {}
    for row in rows:
        new = new_row(keys, row)
        if new.name_key in found:
            raise Refused(f"two rows have the same {sort_of(row)}_id; give each its own")
        found[new.name_key] = new
    return found


def sealed(keys: Keys, new: New, sort: Sort) -> New:
    """The row with its record, made before the transaction where that is possible: it is most of the work."""
    return replace(new, record=seal(keys, new.document, record_row(sort, new.name_key)))


def opened(keys: Keys, kind: type[Permit], record: bytes, name_key: str) -> Permit:
    """The row again. Damaged, or LookupError, TypeError or ValueError when another version sealed it."""
    sort = Sort.CONSENT if kind is Consent else Sort.APPROVAL
    return _opened(kind, cast("dict[str, Any]", unseal(keys, record, record_row(sort, name_key))))


def new_row(keys: Keys, row: Consent | Approval) -> New:
    sort, document = sort_of(row), _document(row)
    recipient = row.recipient
    if isinstance(row, Consent):
        name, person, uses = row.consent_id, row.person, row.uses
    else:
        name, person, uses = row.approval_id, row.student_id, None
        if recipient.casefold().startswith(_CLASS):  # found for every reader: what a reader is to us the store does not know
            recipient = _CLASS
    return New(
        name_key=name_digest(keys, sort, name),
        person_key=person_digest(keys, person),
        recipient_key=recipient_digest(keys, recipient),
        uses=uses,
        fingerprint=keys.fingerprint(repr(sorted(document.items())).encode("utf-8", "surrogatepass")),
        document=document,
    )


def sort_of(row: Consent | Approval) -> Sort:
    return Sort.CONSENT if isinstance(row, Consent) else Sort.APPROVAL


def name_digest(keys: Keys, sort: Sort, name: str) -> str:
    return keys.digest(f"{sort}|{name.strip()}")


def person_digest(keys: Keys, person: str) -> str:
    name = person_name(person)
    return keys.digest(f"person|{name}") if name else ""


def recipient_digest(keys: Keys, recipient: str) -> str:
    folded = folded_address(recipient)
    return keys.digest(f"reader|{folded}") if folded else ""


def _document(row: Consent | Approval) -> dict[str, object]:
    """A row as JSON has it."""
    return {field.name: _plain(getattr(row, field.name)) for field in fields(row)}


def _plain(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    return value.isoformat() if isinstance(value, date) else value


def _opened(kind: type[Permit], document: Mapping[str, Any]) -> Permit:
    """The row again, from what `_document` made."""
    values = {field.name: document[field.name] for field in fields(kind) if field.name in document}
    dates = {name: date.fromisoformat(value) for name, value in values.items() if name in _DATES and value is not None}
    return kind(**values | dates | {"kinds": frozenset(values["kinds"])})


def record_row(sort: str, name_key: str) -> str:
    return f"permit|{sort}|{name_key}"
