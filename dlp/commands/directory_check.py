"""`dlp doctor` on the campus directory: whether there is one, whole, of this key, and not too old.

Takes settings; gives a Check, and one for each department that the decision table names and the directory has not. Reads every
byte of the snapshot in force, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from dlp import keys, snapshot
from dlp.clock import utc_now
from dlp.commands.checkup import Check, State, mistake
from dlp.commands.import_report import NONE_YET, spoken
from dlp.config import Settings
from dlp.errors import ConfigError


def directory(settings: Settings) -> Iterator[Check]:
    """The snapshot in force."""
    name = snapshot.name_in_force(settings.snapshots)
    if not name:
        yield Check(State.WARN, "directory", NONE_YET, "dlp import FOLDER --dry-run shows what it would bring (docs/campus.md)")
        return
    try:
        current = snapshot.verify(settings.snapshots / name, keys.load(settings.keys_dir).finding_people)
    except ConfigError as error:
        yield from mistake(State.FAIL, "directory", error)
        return
    if not current.counts.get("students", 0):
        remedy = "is students.csv in the folder, and named so? dlp import FOLDER --dry-run shows what is read"
        yield Check(State.WARN, "directory", "it has no students, so no student is known", remedy)
    age = utc_now() - current.stamp.as_of
    people = f"{current.counts.get('students', 0)} students and {current.counts.get('staff', 0)} staff, {spoken(age)} old"
    if age > settings.max_snapshot_age:
        old = f"{people}, older than [policy] max_snapshot_age"
        yield Check(State.WARN, "directory", old, "import the files of today: dlp import FOLDER")
    elif current.stamp.bad_rows:
        left = f"{current.stamp.bad_rows} bad rows left out"
        yield Check(State.WARN, "directory", f"{people}, {left}", "mend them and import again: dlp import --status")
    else:
        yield Check(State.OK, "directory", people)
    yield from _unknown_departments(settings, name)


def _unknown_departments(settings: Settings, name: str) -> Iterator[Check]:
    """Departments for which rows are observed and that the directory has not; a table that does not load is told elsewhere."""
    try:
        from dlp.rules import load_rows  # noqa: PLC0415  without the pattern engine the other checks must still run

        rows = load_rows(settings.policy_table)
    except (ConfigError, ImportError):
        return
    known = snapshot.open_snapshot(settings.snapshots / name, keys.load(settings.keys_dir).finding_people)
    if "departments" not in known.stamp.files:
        return
    for row in rows:
        named = row.observed.departments | row.observed.enforce_departments if row.observed else ()
        for department in sorted(each for each in named if known.department(each) is None):
            remedy = f"write it in {settings.policy_table} as in departments.csv"
            yield Check(State.FAIL, "observed rows", f"there is no department {department!r}, named for row {row.id}", remedy)
