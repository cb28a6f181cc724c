"""What each row can be looked up by, and how a key becomes a number of the index.

Takes a row, gives its keys for each look-up, folded as `Directory` compares them; a look-up's own number stands in the top
four bits of an entry, a keyed hash of the key in the other sixty. Blank keys are left out: nobody is found by a blank.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import IntEnum
from hashlib import blake2b
from typing import Any

from dlp.campus.folding import folded_address, folded_id, folded_word
from dlp.campus.names import keys_of
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

HASH_BITS = 60


class LookUp(IntEnum):
    """At most sixteen; the numbers are part of the format."""

    STUDENT = 0
    STUDENTS_AT = 1
    STAFF_AT = 2
    NAMED = 3
    OFFERINGS = 4
    ASSIGNED_TO = 5
    ASSIGNMENTS_OF = 6
    ENROLMENTS_OF = 7
    ADVISING_BY = 8
    ADVISING_OF = 9
    CONTACTS_AT = 10
    FORWARDS_OF = 11
    DEPARTMENT = 12
    LIST_AT = 13
    WAIVERS_OF = 14
    ENROLLED_IN = 15


Keys = Callable[[Any], Iterable[str]]


def _addresses(student: Student) -> set[str]:
    return {folded_address(address) for address in (student.email, *student.alternate_emails)}


# The first of each is the one by which compare.py tells a row that changed from one that is new.
LOOK_UPS: Mapping[object, tuple[tuple[LookUp, Keys], ...]] = {
    Student: (
        (LookUp.STUDENT, lambda row: (folded_id(row.id),)),
        (LookUp.STUDENTS_AT, _addresses),
        (LookUp.NAMED, keys_of),
    ),
    Staff: ((LookUp.STAFF_AT, lambda row: (folded_address(row.email),)), (LookUp.NAMED, keys_of)),
    Offering: ((LookUp.OFFERINGS, lambda row: (folded_word(row.subject),)),),
    Assignment: (
        (LookUp.ASSIGNED_TO, lambda row: (folded_word(row.subject),)),
        (LookUp.ASSIGNMENTS_OF, lambda row: (folded_address(row.email),)),
    ),
    Enrolment: (
        (LookUp.ENROLMENTS_OF, lambda row: (folded_id(row.student_id),)),
        (LookUp.ENROLLED_IN, lambda row: (folded_word(row.subject),)),
    ),
    Advising: (
        (LookUp.ADVISING_BY, lambda row: (folded_address(row.email),)),
        (LookUp.ADVISING_OF, lambda row: (folded_id(row.student_id),)),
    ),
    Waiver: ((LookUp.WAIVERS_OF, lambda row: (folded_id(row.student_id),)),),
    Contact: ((LookUp.CONTACTS_AT, lambda row: (folded_address(row.address),)),),
    Forward: ((LookUp.FORWARDS_OF, lambda row: (folded_address(row.address),)),),
    Department: ((LookUp.DEPARTMENT, lambda row: (folded_word(row.department),)),),
    MailList: ((LookUp.LIST_AT, lambda row: (folded_address(row.address),)),),
}

_KEYS = {(kind, look_up): keys for kind, look_ups in LOOK_UPS.items() for look_up, keys in look_ups}


def numbered(key: bytes) -> Callable[[LookUp, str], int]:
    """Gives the 64 bits an index entry begins with, under this key."""

    keyed = blake2b(key=key, digest_size=8)

    def number(look_up: LookUp, text: str) -> int:
        state = keyed.copy()
        state.update(text.encode("utf-8", "surrogatepass"))
        return look_up << HASH_BITS | int.from_bytes(state.digest(), "big") >> 64 - HASH_BITS

    return number


def keys_under(row: object, look_up: LookUp) -> Iterable[str]:
    """What this row can be found by in one look-up."""
    keys = _KEYS.get((type(row), look_up))
    return keys(row) if keys else ()
