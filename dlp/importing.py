"""A folder of import files, to the records in it: which files are there, in which order they are read, and what was wrong.

Takes a folder; gives its files, and then records as they are read, with a report. Of a folder with a file that this user may
not read nothing is. What is referred to is read first. A file of the import contract stands in for what OneRoster or LDIF say
of the same.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from dlp.campus import ldif_people, oneroster
from dlp.campus.dangling import References
from dlp.campus.formats import BLANK, FILE_OF, FORMATS
from dlp.campus.oneroster_formats import SUPPRESS
from dlp.campus.reading import read
from dlp.campus.records import Approval, Consent, Record
from dlp.campus.report import Report, Unusable
from dlp.campus.separated import folded
from dlp.errors import Refused
from dlp.spelling import alike

_FIRST = ("students", "staff", "subjects")
_LET_IN = "let that user read it: chgrp or chmod the file, and every folder above it"
_BLOCK = 1 << 18
_SPELT = frozenset(folded(column.name) for form in FORMATS.values() for column in form.columns)
Progress = Callable[[int], None]  # is told of so many more bytes


@dataclass(frozen=True, slots=True)
class Folder:
    """The files of one import. Names of ours and of OneRoster are without ".csv", whatever case they are written in."""

    path: Path
    ours: dict[str, Path]
    oneroster: dict[str, Path]
    ldif: tuple[Path, ...]
    others: tuple[str, ...] = ()  # what is in the folder, and is no import file

    @property
    def files(self) -> tuple[Path, ...]:
        return (*self.ours.values(), *self.oneroster.values(), *self.ldif)

    @property
    def size(self) -> int:
        """Bytes that will be read, about."""
        return sum(size for _, _, size in self.state)

    @property
    def state(self) -> tuple[tuple[int, int, int], ...]:
        """What shows that a file was written or replaced. Refused when one is gone."""
        try:
            found = [path.stat() for path in self.files]
        except OSError as error:
            raise Refused(f"a file in {self.path} cannot be read: {(error.strerror or '').lower()}") from None
        return tuple((each.st_ino, each.st_mtime_ns, each.st_size) for each in found)

    @property
    def brings(self) -> frozenset[str]:
        """Which files of the import contract this amounts to."""
        brought = {name for file in self.oneroster for name in oneroster.BRINGS.get(file, ())}
        return frozenset(self.ours) | brought | ({"staff", "lists"} if self.ldif else frozenset())


@dataclass(slots=True)
class Showed:
    """What reading a folder showed, once all of it was read."""

    report: Report = field(default_factory=Report)
    references: References = field(default_factory=References)

    @property
    def unread(self) -> frozenset[str]:
        """What the folder should bring and does not, or not all of it, for nothing can be read of a file, or a row is bad."""
        names = {Path(file).stem.lower() for file in (*(each.file for each in self.report.unusable), *self.report.bad_rows)}
        return frozenset(names.union(*(oneroster.BRINGS.get(name, ()) for name in names)))


def look(path: Path) -> Folder:
    """The import files of a folder. Refused when there are none."""
    try:
        files = sorted(entry for entry in path.iterdir() if entry.is_file())
    except OSError as error:
        remedy = _LET_IN if isinstance(error, PermissionError) else "name the folder of the import files"
        raise Refused(f"{path}: {_unreadable(error)}; {remedy}") from None
    return sorted_out(path, files)


def sorted_out(path: Path, files: Iterable[Path]) -> Folder:
    """What these files are to an import. Refused when none is anything."""
    tables = {entry.stem.lower(): entry for entry in files if entry.suffix.lower() == ".csv"}
    exported = {name.lower(): name for name in oneroster.FILES}
    roster = {exported[name]: entry for name, entry in tables.items() if name in exported} if "users" in tables else {}
    ours = {name: tables[name] for name in FORMATS if name in tables}
    ldif = tuple(entry for entry in files if entry.suffix.lower() == ".ldif")
    known = {*ours.values(), *roster.values(), *ldif}
    if not known:
        names = ", ".join(f"{name}.csv" for name in _FIRST)
        raise Refused(f"there is no import file in {path}; it takes {names} and others (docs/campus.md), OneRoster or LDIF")
    return Folder(path, ours, roster, ldif, tuple(entry.name for entry in files if entry not in known))


def records(folder: Folder, showed: Showed, on: date, progress: Progress = lambda _bytes: None) -> Iterator[Record]:
    """Everything the folder says, bad rows left out; `showed` is filled while records are taken."""
    showed.report.unusable += _closed(folder)
    if not showed.report.unusable:
        yield from _records(folder, showed, on, progress)


def _records(folder: Folder, showed: Showed, on: date, progress: Progress) -> Iterator[Record]:
    report = showed.report

    def blocks(path: Path) -> Iterable[bytes]:
        return _blocks(path, progress)

    def ours(names: Iterable[str]) -> Iterator[Record]:
        for name in names:
            if name in folder.ours:
                yield from read(FORMATS[name], folder.ours[name].name, blocks(folder.ours[name]), report)

    def foreign() -> Iterator[Record]:
        if folder.oneroster:
            taken = frozenset(folder.oneroster)
            yield from oneroster.records(taken, lambda name: blocks(folder.oneroster[name]), report, on)
        yield from ldif_people.records(((path.name, blocks(path)) for path in folder.ldif), report)

    def whole() -> Iterator[Record]:
        yield from ours(_FIRST)
        yield from (record for record in _of_no_row(foreign(), report) if FILE_OF[type(record)] not in folder.ours)
        yield from ours(name for name in FORMATS if name not in _FIRST)

    note, before = showed.references, folder.state
    seen: dict[tuple[type, str], str] = {}
    for record in whole():
        _refuse_the_same(record, report.at, seen)
        note(record, report.at)
        yield record
    if folder.state != before:
        raise Refused(f"the files in {folder.path} changed while they were read; import them when the export is done")
    _conclude(folder, showed)


def _refuse_the_same(record: Record, at: str, seen: dict[tuple[type, str], str]) -> None:
    """Refused for a consent or approval whose ID an earlier row has: which of the two counts nobody could say."""
    if not isinstance(record, Consent | Approval):
        return
    sort, name = ("consent", record.consent_id) if isinstance(record, Consent) else ("approval", record.approval_id)
    first = seen.get((type(record), name))
    if first:
        raise Refused(f"{at}: the same {sort}_id as {first}; give each its own")
    seen[type(record), name] = at


def _of_no_row(records: Iterable[Record], report: Report) -> Iterator[Record]:
    """Records put together from several rows or files."""
    for record in records:
        report.at = ""
        yield record


def _conclude(folder: Folder, showed: Showed) -> None:
    """What only the whole of it shows."""
    report = showed.report
    for name, rows in showed.references.repeated.items():
        first = showed.references.first(name)
        report.notes.append(f"{name}: rows of a person who has one already, of which only one counts: {rows}{first}")
    if "consents" in folder.ours and "strength" not in report.columns.get(folder.ours["consents"].name, ("strength",)):
        report.notes.append("consents: there is no column strength: none counts as written, so none counts outside")
    found = {file: _misspelt(file, report) for file in report.unknown}
    report.misspelt |= {file: columns for file, columns in found.items() if columns}
    column = _silent(folder, report)
    if column:
        report.notes.append(f"there is no column {column}: no student counts as having asked to be withheld")


def _misspelt(file: str, report: Report) -> dict[str, str]:
    """Unknown columns of a file that are nearly called as one it has not. What another file has is spelt as it is meant.

    Of a OneRoster export, whose columns programs write, only the one that a school adds itself.
    """
    form = FORMATS.get(Path(file).stem.lower())
    names = [column.name for column in form.columns if column.name != BLANK] if form else [SUPPRESS]
    missing = {folded(name): name for name in names if name not in report.columns[file]}
    unknown = {folded(name): name for name in report.unknown[file] if folded(name) not in _SPELT}
    near = {name: alike(spelt, missing) for spelt, name in unknown.items()}
    return {name: missing[known] for name, known in near.items() if known}


def _silent(folder: Folder, report: Report) -> str:
    """The column that would say who withheld what, when it was not imported."""
    if "students" in folder.ours:
        return "" if "suppress" in report.columns.get(folder.ours["students"].name, ("suppress",)) else "suppress"
    return SUPPRESS if oneroster.has_no_suppression(report) else ""


def _closed(folder: Folder) -> Iterator[Unusable]:
    """The files that this user may not read: said of all at once, and before anything is read."""
    for path in folder.files:
        try:
            path.open("rb").close()
        except OSError as error:
            remedy = _LET_IN if isinstance(error, PermissionError) else "export it again"
            yield Unusable(path.name, _unreadable(error), remedy)


def _unreadable(error: OSError) -> str:
    """Why something cannot be read; where it is a matter of rights, by whom: root has become the user of the filter."""
    if not isinstance(error, PermissionError):
        return f"cannot be read: {(error.strerror or '').lower()}"
    try:
        name = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:  # a container may run as a user without an entry
        name = str(os.geteuid())
    return f"the user {name} may not read it"


def _blocks(path: Path, progress: Progress) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                progress(len(block))
                yield block
    except OSError as error:
        raise Refused(f"{path}: {_unreadable(error)}") from None
