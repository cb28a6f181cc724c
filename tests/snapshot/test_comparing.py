"""What an import would change, counted from both snapshots."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlp.campus.records import Enrolment, Offering, Record, Staff, Student
from dlp.snapshot import Change, Differences, Snapshot, build, compare, open_snapshot
from dlp.snapshot.lookups import LOOK_UPS
from tests.campus.people import TODAY
from tests.snapshot import rows as any_rows

KEY = b"k" * 32
AMES = Student("900000001", "Tess", "Ames", year="2")
LANE = Staff("p.lane@campus.example")
TAKES = Enrolment("18.06", "900000001", "2026FA")

# Before, after, what changed by file; suppressed and no longer suppressed.
CASES: dict[str, tuple[list[Record], list[Record], dict[str, Change], tuple[int, int]]] = {
    "nothing": ([AMES, TAKES], [TAKES, AMES], {"students": Change(), "enrolments": Change()}, (0, 0)),
    "a new file": ([AMES], [AMES, LANE], {"students": Change(), "staff": Change(added=1)}, (0, 0)),
    "a file gone": ([AMES, LANE], [AMES], {"students": Change(), "staff": Change(removed=1)}, (0, 0)),
    "a person changed": ([AMES], [replace(AMES, year="3")], {"students": Change(changed=1)}, (0, 0)),
    "an ID spelled otherwise": ([AMES], [replace(AMES, id="900-000-001")], {"students": Change(changed=1)}, (0, 0)),
    "another person": ([AMES], [replace(AMES, id="900000002")], {"students": Change(added=1, removed=1)}, (0, 0)),
    "one more term": (
        [Offering("18.06", "2026FA")],
        [Offering("18.06", "2026FA"), Offering("18.06", "2027SP")],
        {"subjects": Change(added=1)},
        (0, 0),
    ),
    "a row twice": ([TAKES], [TAKES, TAKES], {"enrolments": Change(added=1)}, (0, 0)),
    "another subject": ([TAKES], [replace(TAKES, subject="8.01")], {"enrolments": Change(changed=1)}, (0, 0)),
    "suppressed": ([AMES], [replace(AMES, suppress=frozenset({"phone"}))], {"students": Change(changed=1)}, (1, 0)),
    "a cell emptied": ([AMES], [replace(AMES, blank=frozenset({"year"}))], {"students": Change(changed=1)}, (1, 0)),
    "not suppressed any more": (
        [replace(AMES, suppress=frozenset({"all", "phone"}))],
        [replace(AMES, suppress=frozenset({"phone"}))],
        {"students": Change(changed=1)},
        (0, 1),
    ),
    "one for another": (
        [replace(AMES, suppress=frozenset({"name"}))],
        [replace(AMES, suppress=frozenset({"phone"}))],
        {"students": Change(changed=1)},
        (1, 1),
    ),
    "new and suppressed": ([], [replace(AMES, suppress=frozenset({"all"}))], {"students": Change(added=1)}, (0, 0)),
}


def snapshot(folder: Path, name: str, rows: list[Record]) -> Snapshot:
    return open_snapshot(build(folder, rows, replace(TODAY, name=name), KEY), KEY)


@pytest.mark.parametrize("case", CASES)
def test_what_changed_is_counted(tmp_path, case):
    before, after, files, suppressed = CASES[case]
    found = compare(snapshot(tmp_path, "old", before), snapshot(tmp_path, "new", after))
    assert found == Differences(files, *suppressed)


def test_before_the_first_import_all_is_new(tmp_path):
    assert compare(None, snapshot(tmp_path, "new", [AMES, LANE])).files == {
        "students": Change(added=1),
        "staff": Change(added=1),
    }


def findable(row: Record) -> bool:
    """Whether it has the key by which rows are compared; a row without one is a bad row, which no import keeps."""
    ((_, keys), *_) = LOOK_UPS[type(row)]
    return all(keys(row))


found = st.lists(any_rows.rows.filter(findable), max_size=8)


@settings(max_examples=40)
@given(found, found)
def test_what_came_less_what_went_is_the_difference_in_rows(before, after):
    with TemporaryDirectory() as folder:
        old, new = snapshot(Path(folder), "old", before), snapshot(Path(folder), "new", after)
        there, back, same = compare(old, new), compare(new, old), compare(new, new)
    for name, change in there.files.items():
        assert change.added - change.removed == new.counts.get(name, 0) - old.counts.get(name, 0)
        assert back.files[name] == Change(change.removed, change.added, change.changed)
    assert (back.newly_suppressed, back.no_longer_suppressed) == (there.no_longer_suppressed, there.newly_suppressed)
    assert same == Differences(dict.fromkeys(new.counts, Change()))
