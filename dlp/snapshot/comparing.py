"""What an import changes: rows added, removed and changed by file, and students suppressed or no longer so.

Takes two snapshots made with one key, the old one None before the first import; gives Differences, in the memory of one
person's rows: both indexes lie in the same order, so they are walked side by side. Two rows are the same where length and
CRC-32 are. Students' rows that changed and cannot be read are Unavailable.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from dlp.campus.records import Student
from dlp.errors import Unavailable
from dlp.snapshot.lookups import LOOK_UPS, LookUp
from dlp.snapshot.reading import Snapshot
from dlp.snapshot.rows import HEAD, TABLES, decode


@dataclass(frozen=True, slots=True)
class Change:
    """Rows of one file. Of those of one person, subject or address that are others now, as many as pair up are changed."""

    added: int = 0
    removed: int = 0
    changed: int = 0


@dataclass(frozen=True, slots=True)
class Differences:
    """`files` are those that were or are there. A student may be in both counts: one field suppressed, another not any more."""

    files: Mapping[str, Change]
    newly_suppressed: int = 0
    no_longer_suppressed: int = 0


_Row = tuple[bytes, int]  # its head, and where it begins
Group = tuple[int, list[_Row]]


def compare(old: Snapshot | None, new: Snapshot) -> Differences:
    """From old to new."""
    files: dict[str, Change] = {}
    suppressed: Counter[str] = Counter()
    for table in TABLES:
        if not new.counts.get(table.name) and not (old and old.counts.get(table.name)):
            continue
        if old is None:
            files[table.name] = Change(added=new.counts[table.name])
            continue
        look_up = LOOK_UPS[table.kind][0][0]
        tally: Counter[str] = Counter()
        for before, after in _side_by_side(_groups(old, look_up), _groups(new, look_up)):
            heads = [head for head, _ in before], [head for head, _ in after]
            if heads[0] == heads[1]:
                continue
            gone, come = _less(*heads), _less(*reversed(heads))
            tally.update(changed=min(gone, come), removed=max(0, gone - come), added=max(0, come - gone))
            if look_up == LookUp.STUDENT and before and after:
                suppressed.update(_suppression(_student(old, before[0]), _student(new, after[0])))
        files[table.name] = Change(**tally)
    return Differences(files, suppressed["newly"], suppressed["no longer"])


def _groups(snapshot: Snapshot, look_up: LookUp) -> Iterator[Group]:
    """Each hash of one look-up with the rows it leads to."""
    rows, size = snapshot.attributes, HEAD.size
    number, group = -1, list[_Row]()
    for each, offset in snapshot.entries(look_up):
        row = bytes(rows[offset : offset + size]), offset
        if each == number:
            group.append(row)
            continue
        if group:
            yield number, group
        number, group = each, [row]
    if group:
        yield number, group


def _side_by_side(old: Iterator[Group], new: Iterator[Group]) -> Iterator[tuple[list[_Row], list[_Row]]]:
    """The rows of each hash, before and after."""
    before, after = next(old, None), next(new, None)
    while before or after:
        if after is None or (before and before[0] < after[0]):
            assert before is not None
            yield before[1], []
            before = next(old, None)
        elif before is None or after[0] < before[0]:
            yield [], after[1]
            after = next(new, None)
        else:
            yield before[1], after[1]
            before, after = next(old, None), next(new, None)


def _less(records: Iterable[bytes], others: Iterable[bytes]) -> int:
    """How many of these are not among the others."""
    return (Counter(records) - Counter(others)).total()


def _student(snapshot: Snapshot, row: _Row) -> Student:
    try:
        student = decode(snapshot.attributes, row[1])
    except ValueError:
        raise Unavailable("directory") from None
    assert isinstance(student, Student)
    return student


def _suppression(was: Student, now: Student) -> Iterator[str]:
    if (now.suppress | now.blank) - (was.suppress | was.blank):
        yield "newly"
    if (was.suppress | was.blank) - (now.suppress | now.blank):
        yield "no longer"
