"""`dlp doctor` on the campus directory: whether there is one, whole, of this key, not too old, and seen in mail.

Takes settings; gives a Check, one for each department that the decision table names and nobody has, and one each for students
whose ID no pattern finds and whose address is not the campus'. Reads every byte of the snapshot in force, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from dlp import keys, snapshot
from dlp.campus.folding import folded_word
from dlp.clock import utc_now
from dlp.commands.checkup import Check, State, mistake
from dlp.commands.findable import ELSEWHERE, findable, remedy_for_ids
from dlp.commands.import_report import NONE_YET, kept, misspelt, spoken
from dlp.commands.listing import counted
from dlp.config import Settings
from dlp.errors import ConfigError
from dlp.snapshot.sampling import departments


def directory(settings: Settings) -> Iterator[Check]:
    """The snapshot in force."""
    name = snapshot.name_in_force(settings.snapshots)
    if not name:
        yield Check(State.WARN, "directory", NONE_YET, "dlp import FOLDER --dry-run shows what it would bring (docs/campus.md)")
        return
    try:
        key = keys.load(settings.keys_dir).finding_people
        current = snapshot.verify(settings.snapshots / name, key)
        known = snapshot.open_snapshot(settings.snapshots / name, key)
    except ConfigError as error:
        yield from mistake(State.FAIL, "directory", error)
        return
    if not current.counts.get("students", 0):
        remedy = "is students.csv in the folder, and named so? dlp import FOLDER --dry-run shows what is read"
        yield Check(State.WARN, "directory", "it has no students, so no student is known", remedy)
    age = utc_now() - current.stamp.as_of
    people = (
        f"{counted(current.counts.get('students', 0), 'student')} and {current.counts.get('staff', 0)} staff, {spoken(age)} old"
    )
    if age > settings.max_snapshot_age:
        old = f"{people}, older than [policy] max_snapshot_age"
        yield Check(State.WARN, "directory", old, "import the files of today: dlp import FOLDER")
    elif current.stamp.bad_rows:
        left = f"{counted(current.stamp.bad_rows, 'bad row')} left out"
        yield Check(State.WARN, "directory", f"{people}, {left}", "mend them and import again: dlp import --status")
    else:
        yield Check(State.OK, "directory", people)
    for told in misspelt(kept(settings.snapshots / name).get("misspelt", {})):
        yield Check(State.WARN, "directory", told, "name the column so in the export, or leave it out, and import again")
    yield from _unknown_departments(settings, known)
    yield from _seen_in_mail(settings, known)


def _seen_in_mail(settings: Settings, known: snapshot.Snapshot) -> Iterator[Check]:
    """Whether IDs and addresses of students are such that mail shows whose they are."""
    found = findable(settings, known)
    if found is None:
        return
    if told := found.ids():
        yield Check(State.WARN, "student IDs", told, remedy_for_ids(found, settings))
    if told := found.addresses():
        yield Check(State.WARN, "student addresses", told, ELSEWHERE)


def _unknown_departments(settings: Settings, known: snapshot.Snapshot) -> Iterator[Check]:
    """Departments for which rows are observed and that the directory has not; a table that does not load is told elsewhere."""
    try:
        from dlp.rules import load_rows  # noqa: PLC0415  without the pattern engine the other checks must still run

        rows = load_rows(settings.policy_table)
    except (ConfigError, ImportError):
        return
    observed = [(row.id, row.observed.departments | row.observed.enforce_departments) for row in rows if row.observed]
    missing = {each for _, named in observed for each in named}
    source = "departments.csv" if "departments" in known.stamp.files else "staff.csv and students.csv"
    if "departments" in known.stamp.files:
        missing = {each for each in missing if known.department(each) is None}
    elif missing:  # a sender's department is that of the row, and no file of departments is needed for it
        for department in departments(known):
            missing.discard(folded_word(department))
            if not missing:
                return
    for row_id, named in observed:
        for department in sorted(named & missing):
            remedy = f"write it in {settings.policy_table} as in {source}"
            yield Check(State.FAIL, "observed rows", f"there is no department {department!r}, named for row {row_id}", remedy)
