"""What is told of the people of a snapshot as a whole: a few students, shared addresses, departments.

Takes an open snapshot; gives rows, counts and names. The index alone is walked where nothing else is said, which is a second
for millions. A row that cannot be read is Unavailable.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, islice
from operator import itemgetter

from dlp.campus.folding import folded_id
from dlp.campus.records import Staff, Student
from dlp.errors import Unavailable
from dlp.snapshot.lookups import LookUp
from dlp.snapshot.reading import Snapshot
from dlp.snapshot.rows import decode


def some_students(snapshot: Snapshot, at_most: int) -> Iterator[Student]:
    """All of them where they are not more; else every second, third ... by the hash of the ID, which chance spreads."""
    every = -(-snapshot.counts.get("students", 0) // at_most) or 1
    for _, offset in islice(snapshot.entries(LookUp.STUDENT), 0, None, every):
        yield _student(snapshot, offset)


def shared_addresses(snapshot: Snapshot) -> int:
    """Addresses by which more than one student is found."""
    shared = 0
    for _, entries in groupby(snapshot.entries(LookUp.STUDENTS_AT), key=itemgetter(0)):
        offsets = [offset for _, offset in entries]
        # two rows may be of one student
        shared += len(offsets) > 1 and len({folded_id(_student(snapshot, offset).id) for offset in offsets}) > 1
    return shared


def departments(snapshot: Snapshot) -> Iterator[str]:
    """Those of the staff, then those of students, as they are written; every row is read."""
    for look_up in (LookUp.STAFF_AT, LookUp.STUDENT):
        for _, offset in snapshot.entries(look_up):
            yield _person(snapshot, offset).department


def _student(snapshot: Snapshot, offset: int) -> Student:
    student = _person(snapshot, offset)
    assert isinstance(student, Student)
    return student


def _person(snapshot: Snapshot, offset: int) -> Student | Staff:
    try:
        row = decode(snapshot.attributes, offset)
    except ValueError:
        raise Unavailable("directory") from None
    assert isinstance(row, Student | Staff)
    return row
