"""What an import has to say: counts, what was wrong and how to mend it, what changes; and later, what is in force.

Takes what reading a folder showed; prints it for a person or as one JSON object, and keeps it beside the snapshot it became.
No cell is ever shown but by its shape. Nothing here changes what is in force.
"""

from __future__ import annotations

import json
import os
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from dlp import keys, snapshot
from dlp.clock import utc_now
from dlp.commands import shared
from dlp.commands.consents_seen import in_store
from dlp.commands.findable import Findable, findable, remarks
from dlp.commands.listing import counted, table
from dlp.config import Settings
from dlp.errors import Refused
from dlp.importing import Folder, Showed
from dlp.snapshot import Differences
from dlp.store.permits import Loaded

_KEPT = "import.json"  # in a snapshot's folder
_ALIKE = 5  # bad cells that are told one by one for the same reason
NONE_YET = "no directory yet: nobody is known, and mail is judged by patterns alone"
IMPORT = "dlp import FOLDER --dry-run"


@dataclass(slots=True)
class Told:
    """One import. `name` is the snapshot that came of it, "" when none did; `refused` is what --yes would have allowed."""

    folder: Folder
    showed: Showed
    as_of: datetime
    dry_run: bool
    partial: bool
    name: str = ""
    refused: tuple[str, ...] = ()
    stale: bool = False  # the files are older than a directory may be
    differences: Differences | None = None
    findable: Findable | None = None
    hints: tuple[str, ...] = ()  # what it says, for a person
    loaded: dict[str, Loaded] = field(default_factory=dict)  # into the store
    foreseen: Mapping[str, int] | None = None  # of consents, by a dry run
    at: dict[str, str] = field(default_factory=dict)  # where the row of each consent stands, by its ID
    odd: tuple[str, ...] = ()  # about the consents
    most: dict[str, int] = field(default_factory=dict)  # there were, since fewer were last said to be meant

    @property
    def whole(self) -> bool:
        report = self.showed.report
        return not report.unusable and (self.partial or not report.all_bad_rows)

    @property
    def unread(self) -> frozenset[str]:
        """Of these nothing is said that rows which could not be read may make untrue."""
        return frozenset() if self.whole else self.showed.unread

    @property
    def good(self) -> bool:
        return self.whole and not self.refused


def show(told: Told, *, as_json: bool) -> None:
    """Print it; what is wrong goes to standard error."""
    if as_json:
        shared.emit_json(_document(told))
        return
    summary = _summary(told)
    table(("file", "rows", "bad rows", "unknown columns"), _counted(summary))
    for line in _mistakes(told):
        click.echo(f"dlp: {line}", err=True)
    for line in (*_changes(told), *_remarks(summary), *told.odd, *told.hints, *_ignored(told.folder)):
        click.echo(line)
    _conclude(told)


def keep(folder: Path, told: Told) -> None:
    """Leave the summary in the folder of the new snapshot, for --status and the next import. Refused on a full disk."""
    try:
        with os.fdopen(os.open(folder / _KEPT, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(_summary(told) | {"most": told.most}, file)
    except OSError as error:
        raise Refused(f"the snapshot cannot be written: {(error.strerror or '').lower()}: {folder}") from None


def status(settings: Settings, *, as_json: bool) -> None:
    """Show the snapshot in force; exit status 1 when there is none, or it is too old."""
    name = snapshot.name_in_force(settings.snapshots)
    if not name:
        if as_json:
            shared.emit_json({"snapshot": None})
        else:
            click.echo(NONE_YET)
            shared.next_step(IMPORT)
        click.get_current_context().exit(shared.NOT_AS_IT_SHOULD_BE)
    key = keys.load(settings.keys_dir).finding_people
    current = snapshot.open_snapshot(settings.snapshots / name, key)
    stamp, age = current.stamp, utc_now() - current.stamp.as_of
    stale = age > settings.max_snapshot_age
    summary = kept(settings.snapshots / name)
    found, consents = findable(settings, current), in_store(settings, current)
    if as_json:
        told = {"snapshot": name, "as_of": stamp.as_of.isoformat(), "age_seconds": round(age.total_seconds()), "stale": stale}
        told |= {"counts": dict(current.counts), "bad_rows": stamp.bad_rows, "findable": asdict(found) if found else None}
        told |= {"consents": asdict(consents) if consents else None}
        shared.emit_json(told | {"import": summary})
    else:
        limit, as_of = settings.policy.max_snapshot_age, stamp.as_of.astimezone(ZoneInfo(settings.site.timezone))
        click.echo(f"in force: {name}, as of {as_of:%Y-%m-%d %H:%M %Z}, {spoken(age)} old ([policy] max_snapshot_age {limit})")
        table(("file", "rows"), [(file, str(rows)) for file, rows in current.counts.items()])
        if stamp.bad_rows:
            click.echo(f"{counted(stamp.bad_rows, 'bad row was', 'bad rows were')} left out (--accept-partial)")
        seen = (*(consents.told() if consents else ()), *(remarks(found, settings) if found else ()))
        for line in (*_remarks(summary), *misspelt(summary.get("misspelt", {})), *seen):
            click.echo(line)
        if stale:
            click.echo("too old: import the files of today")
            shared.next_step("dlp import FOLDER")
    if stale:
        click.get_current_context().exit(shared.NOT_AS_IT_SHOULD_BE)


def spoken(age: timedelta) -> str:
    """A length of time in its largest unit: "9 days"."""
    hours = int(age.total_seconds()) // 3600
    return counted(hours // 24, "day") if hours >= 48 else counted(hours, "hour")


def _summary(told: Told) -> dict[str, Any]:
    report, references = told.showed.report, told.showed.references
    dangling = [each for each in references.dangling() if each.target not in told.unread]
    return {
        "rows": {file: rows for file, rows in report.rows.items() if not _is_of_approvals(file)},
        "bad_rows": dict(report.bad_rows),
        "unknown_columns": {file: list(names) for file, names in report.unknown.items()},
        "misspelt": report.misspelt,
        "dangling": [asdict(each) for each in dangling if not _is_of_approvals(each.file)],
        "withholding": references.withholding if "students" in told.folder.brings - told.unread else None,
        "notes": list(report.notes),
    }


def _is_of_approvals(file: str) -> bool:
    """Of these no number is told: it would tell of a sealed one."""
    return Path(file).stem.lower() == "approvals"


def _document(told: Told) -> dict[str, Any]:
    report = told.showed.report
    return {
        "snapshot": told.name or None,
        "as_of": told.as_of.isoformat(),
        "dry_run": told.dry_run,
        "changed": bool(told.name or told.loaded),
        "stale": told.stale,
        **_summary(told),
        "notes": [*report.notes, *told.odd],
        "bad": [asdict(bad) for bad in report.bad],
        "unusable": [asdict(each) for each in report.unusable],
        "refused": list(told.refused),
        "differences": asdict(told.differences) if told.differences else None,
        "findable": asdict(told.findable) if told.findable else None,
        "loaded": {name: {} if _is_of_approvals(name) else asdict(loaded) for name, loaded in told.loaded.items()},
        "foreseen": {"consents": dict(told.foreseen)} if told.foreseen is not None else None,
        "ignored_files": list(told.folder.others),
    }


def kept(folder: Path) -> dict[str, Any]:
    """What `keep` left; nothing when it is not there or not ours."""
    try:
        summary = json.loads((folder / _KEPT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return summary if isinstance(summary, dict) else {}


def _counted(summary: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for file in sorted({*summary["rows"], *summary["bad_rows"]}):
        unknown = ", ".join(summary["unknown_columns"].get(file, ()))
        yield file, str(summary["rows"].get(file, 0)), str(summary["bad_rows"].get(file, 0)), unknown


def _mistakes(told: Told) -> Iterator[str]:
    report = told.showed.report
    for each in report.unusable:
        yield f"{each.file}: {each.what} ({each.remedy})"
    alike = Counter[tuple[str, str, str]]()
    for bad in report.bad:
        alike[bad.file, bad.column, bad.what] += 1
        if alike[bad.file, bad.column, bad.what] > _ALIKE:
            continue
        column = f"{bad.column}: " if bad.column else ""
        shape = f": {bad.masked}" if bad.masked else ""
        yield f"{bad.file}:{bad.line}: {column}{bad.what}{shape} ({bad.remedy})"
    for (file, column, what), cells in alike.items():
        if cells > _ALIKE:
            yield f"{file}: {f'{column}: ' if column else ''}{what}: the same {cells - _ALIKE} times more"
    more = report.all_bad_rows - len({(bad.file, bad.line) for bad in report.bad})
    if more:
        yield f"and {counted(more, 'bad row')} more"


def _remarks(summary: Mapping[str, Any]) -> Iterator[str]:
    if summary.get("rows") and summary.get("withholding") is not None:
        yield f"students who withhold something: {summary['withholding']}"
    for each in summary.get("dangling", ()):
        first = f"; the first: {each['first']}" if each.get("first") else ""
        where = f"{each['target']}{' for their subject' if each['column'] == 'term' else ''}"
        yield f"{each['file']}: {counted(each['rows'], 'row')} whose {each['column']} is in no row of {where} (kept{first})"
    yield from summary.get("notes", ())


def misspelt(columns: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Columns that were not read, and are called nearly as one that is not there, by file."""
    for file, names in columns.items():
        for name, known in sorted(names.items()):
            yield f'{file}: the column {name} is none we know, and is not read: did you mean "{known}"?'


def _ignored(folder: Folder) -> Iterable[str]:
    return [f"not import files, and not read: {', '.join(folder.others)}"] if folder.others else []


def _changes(told: Told) -> Iterator[str]:
    differences = told.differences
    if differences is not None:
        newly, no_longer = differences.newly_suppressed, differences.no_longer_suppressed
        yield f"students newly suppressed: {newly}; no longer: {no_longer} (of those who were and are there)"
        for name, change in differences.files.items():
            yield f"{name}: {change.added} added, {change.removed} removed, {change.changed} changed"
    if told.dry_run and "consents" in told.folder.ours and told.whole:
        yield from _foreseen(told.foreseen)
    for name, loaded in told.loaded.items():
        if _is_of_approvals(name):
            yield f"{name}: loaded"
            continue
        yield f"{name}: {_words(asdict(loaded), 'left')}"
        if loaded.left:
            yield _by_hand(name, loaded.left)


def _foreseen(counts: Mapping[str, int] | None) -> Iterator[str]:
    """What a dry run says of consents."""
    if counts is None:
        yield "consents: not compared, for the store cannot be read (dlp doctor)"
        return
    yield f"consents: {_words(counts, 'left', 'ended')}"
    if counts.get("left"):
        yield _by_hand("consents", counts["left"])
    if counts.get("ended"):
        some = counted(counts["ended"], "does not count now, and comes", "do not count now, and come")
        yield f"consents: {some} back unless revoked"


def _by_hand(name: str, left: int) -> str:
    """What an import leaves alone; a dry run says the same of it."""
    some = counted(
        left, "was added or revoked by hand, and stays as it is", "were added or revoked by hand, and stay as they are"
    )
    return f"{name}: {some}"


def _words(counts: Mapping[str, int], *without: str) -> str:
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count and word not in without) or "none"


def _conclude(told: Told) -> None:
    """What became of it, and what to do next."""
    again = f"dlp import {shlex.quote(str(told.folder.path))}"
    for why in told.refused:
        click.echo(f"dlp: {why}", err=True)
    if told.stale:
        age = spoken(utc_now() - told.as_of)
        what = f"the files are {age} old, more than [policy] max_snapshot_age: the directory is taken to be incomplete"
        click.echo(f"dlp: {what}", err=True)
    if not told.whole:
        click.echo("nothing was changed: mend what is named above", err=True)
        if not told.showed.report.unusable:
            shared.next_step(f"{again} --accept-partial")
    elif told.refused:
        click.echo(f"nothing was changed; if that is meant: {shared.typed(f'{again} --yes')}", err=True)
    elif told.dry_run:
        click.echo("a dry run: nothing was changed")
        shared.next_step(again)
    else:
        what = f"in force: {told.name}, as of {told.as_of:%Y-%m-%d %H:%M %Z}" if told.name else "loaded into the store"
        click.echo(what)
        shared.next_step("dlp import --status")
