"""`dlp import`: who is who, from the files of a folder, into a snapshot that counts from then on.

Takes the folder; gives counts, what was wrong, and a new snapshot in force. A bad row, a file that is missing since the last
import, or far fewer people than before change nothing, until the reader says that it is meant. Exit status: 0 done, 1 not
done or not as it should be, 2 usage, 3 the store does not answer.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from dlp import importing, keys, snapshot
from dlp.campus.dangling import References
from dlp.campus.directory import Stamp
from dlp.campus.formats import FILE_OF, FORMATS, TO_STORE
from dlp.campus.records import Consent, Record
from dlp.clock import utc_now
from dlp.commands import consents_seen, import_report, losses, shared
from dlp.commands.findable import findable, remarks
from dlp.commands.foreseen import foreseen
from dlp.commands.import_report import Told
from dlp.commands.listing import counted
from dlp.commands.lookups import people_on_record
from dlp.commands.site_store import act, open_store
from dlp.config import Settings
from dlp.errors import ConfigError, Refused, Unavailable
from dlp.importing import Folder, Showed
from dlp.spelling import nearest

_DRY, _A_DAY = ".dry-run-", 86_400.0
_LONG = 4 << 20  # bytes of files that are worth a bar


class _NotWholeError(Exception):
    """Something of the folder cannot be read, so that no snapshot is made of it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The command line."""

    dry_run: bool
    partial: bool
    yes: bool
    as_of: datetime


@click.command("import", cls=shared.Command, statuses={1: "nothing was changed, or what is in force is too old or missing"})
@click.argument("folder", required=False, type=click.Path(path_type=Path), metavar="FOLDER")
@click.option("--dry-run", is_flag=True, help="Read everything and say what would change; change nothing.")
@click.option("--accept-partial", "partial", is_flag=True, help="Leave bad rows out instead of changing nothing.")
@click.option(
    "--yes",
    is_flag=True,
    help="It is meant that files or many people are missing, or what else it asked about (docs/campus.md).",
)
@click.option("--as-of", "as_of", metavar="DATE", help="The day or time the files are of (ISO 8601); else now.")
@click.option("--status", is_flag=True, help="Show the snapshot in force instead of importing.")
@shared.json_option
@shared.config_option
def import_(
    *,
    folder: Path | None,
    dry_run: bool,
    partial: bool,
    yes: bool,
    as_of: str | None,
    status: bool,
    as_json: bool,
    config: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Read the campus files of FOLDER: students, staff, subjects, consents ... (docs/campus.md), OneRoster or LDIF.

    \b
    Examples:
      dlp import /srv/sis-export --dry-run
      dlp import /srv/sis-export
      dlp import --status
    """
    settings = shared.open_settings(config, overrides)
    shared.become_owner(settings)
    people_on_record(settings)
    if status:
        if folder:
            raise click.UsageError("--status takes no FOLDER")
        import_report.status(settings, as_json=as_json)
        return
    if folder is None:
        raise click.UsageError("which FOLDER? or --status")
    _bring(settings, importing.look(folder), Asked(dry_run, partial, yes, _as_of(as_of, settings)), as_json=as_json)


def _bring(settings: Settings, folder: Folder, asked: Asked, *, as_json: bool) -> None:
    key = keys.load(settings.keys_dir).finding_people
    told = Told(folder, Showed(), asked.as_of, dry_run=asked.dry_run, partial=asked.partial)
    old = _old(settings, key, told)
    if folder.brings <= set(TO_STORE):  # the people are those in force
        told.showed.references = References(old)
    with _place(settings, asked) as snapshots, suppress(_NotWholeError):
        later: dict[str, list[Any]] = {name: [] for name in TO_STORE if name in folder.ours}
        made = _read(settings, snapshots, key, told, later)
        try:
            new = snapshot.open_snapshot(made, key) if made else None
            before = _most(settings, old)
            fates = foreseen(settings, later["consents"]) if "consents" in later else None
            now = dict(new.counts if new else {}) | {losses.WITHHOLDING: told.showed.references.withholding}
            lost = [*losses.of_snapshot(old, new, before, now)] if old and new else []
            lost += losses.of_consents(fates) if fates else ()
            told.refused = () if asked.yes else (*_doubts(settings, old, new, told), *lost)
            told.most = {name: max(now.get(name, 0), 0 if asked.yes else before[name]) for name in before}
            if new:
                _look_at(settings, old, new, told)
            people = old if new is None else new
            told.odd = tuple(consents_seen.remarks(later.get("consents", ()), told.at, people, settings.campus()))
            told.foreseen = fates if asked.dry_run else None
            told.stale = new is not None and utc_now() - told.as_of > settings.max_snapshot_age
            if not asked.dry_run and not told.refused:
                _put_in_force(settings, made, new, told, later)
        finally:
            if made and not told.name:
                shutil.rmtree(made)
    import_report.show(told, as_json=as_json)
    if not told.good:
        click.get_current_context().exit(shared.NOT_AS_IT_SHOULD_BE)


def _look_at(settings: Settings, old: snapshot.Snapshot | None, new: snapshot.Snapshot, told: Told) -> None:
    """What the new snapshot changes, and who in it mail does not show. Rows in force that are damaged stop no import."""
    try:
        told.differences = snapshot.compare(old, new)
    except (Unavailable, ValueError):
        told.showed.report.notes.append("nothing to compare with: rows of the snapshot in force are damaged")
    told.findable = findable(settings, new)
    told.hints = tuple(remarks(told.findable, settings)) if told.findable else ()


def _old(settings: Settings, key: bytes, told: Told) -> snapshot.Snapshot | None:
    """The snapshot in force; one that cannot be opened is what a new import mends."""
    name = snapshot.name_in_force(settings.snapshots)
    try:
        return snapshot.open_snapshot(settings.snapshots / name, key) if name else None
    except ConfigError as error:
        told.showed.report.notes.append(f"nothing to compare with: of the snapshot in force, {error.what}")
        return None


def _read(settings: Settings, snapshots: Path, key: bytes, told: Told, later: dict[str, list[Any]]) -> Path | None:
    """The folder of the new snapshot; None when nothing of the import belongs into one."""
    on = told.as_of.astimezone(ZoneInfo(settings.site.timezone)).date()
    with _progress(told.folder.size * (2 if told.partial else 1)) as progress:
        bad = _bad_rows(told.folder, on, progress) if told.partial else 0
        rows = _rows(told, importing.records(told.folder, told.showed, on, progress), later)
        brings = told.folder.brings - frozenset(TO_STORE)
        if not brings:
            deque(rows, maxlen=0)
            return None
        name = f"{told.as_of:%Y-%m-%d}.{utc_now():%Y%m%dT%H%M%S.%f}"
        made = snapshot.build(snapshots, rows, Stamp(name, told.as_of, bad, brings), key)
    if told.partial and told.showed.report.all_bad_rows != bad:
        shutil.rmtree(made)
        raise Refused(f"the files in {told.folder.path} changed while they were read; import them when the export is done")
    return made


def _rows(told: Told, records: Iterable[Record], later: dict[str, list[Any]]) -> Iterator[Record]:
    """The rows of a snapshot; raises at the end when not everything could be read, so that none comes about."""
    for record in records:
        name = FILE_OF[type(record)]
        if name in later:
            later[name].append(record)
            if isinstance(record, Consent):
                told.at[record.consent_id] = told.showed.report.at
        else:
            yield record
    if not told.whole:
        raise _NotWholeError


def _bad_rows(folder: Folder, on: date, progress: importing.Progress) -> int:
    """How many rows will be left out: read once before, for the snapshot says so from its first byte on."""
    showed = Showed()
    deque(importing.records(folder, showed, on, progress), maxlen=0)
    return showed.report.all_bad_rows


def _put_in_force(
    settings: Settings, made: Path | None, new: snapshot.Snapshot | None, told: Told, later: dict[str, list[Any]]
) -> None:
    """First the store, whose trouble changes nothing else, then the swap, which is on record before it is done."""
    if made:
        import_report.keep(made, told)
    with open_store(settings) as store:
        if "consents" in later:
            told.loaded["consents"] = store.load_consents(later["consents"], told.as_of, act("import"))
        if "approvals" in later:
            told.loaded["approvals"] = store.load_approvals(later["approvals"], told.as_of, act("import"))
        if made and new:
            store.record_import(made.name, sum(new.counts.values()), new.stamp.bad_rows, act("import"))
    if made:
        snapshot.put_in_force(settings.snapshots, made.name)
        told.name = made.name


def _most(settings: Settings, old: snapshot.Snapshot | None) -> dict[str, int]:
    """The most there were since somebody last said --yes: many small losses are a large one."""
    if old is None:
        return dict.fromkeys(losses.COUNTED, 0)
    most = import_report.kept(settings.snapshots / old.stamp.name).get("most", {})
    return {name: max(old.counts.get(name, 0), most.get(name, 0)) for name in losses.COUNTED}


def _doubts(settings: Settings, old: snapshot.Snapshot | None, new: snapshot.Snapshot | None, told: Told) -> Iterator[str]:
    """What should not be without somebody saying so."""
    showed = told.showed.references
    if showed.contradicting:
        some = counted(showed.contradicting, "row repeats a student and withholds", "rows repeat a student and withhold")
        what = f"{some} what the first row, which counts, does not"
        yield f"students: {what}{showed.first('contradicting')}"
    if showed.alike:
        how = "from another's only in what is no digit"
        what = f"{counted(showed.alike, f'ID differs {how}, and counts', f'IDs differ {how}, and count')} as that student's"
        yield f"students: {what}{showed.first('alike')}"
    if old is None and new is not None and not new.counts.get("students", 0):
        yield f"there is no student in it, so no student would be known{_misnamed(told.folder)}"
    yield from _misspelt(settings, old, told.showed)
    if old is None or new is None:
        return
    zone = ZoneInfo(settings.site.timezone)
    given, in_force = (each.astimezone(zone).date() for each in (told.as_of, old.stamp.as_of))
    if given < in_force:
        yield f"the files are of {given}, those in force are later, of {in_force}"


def _misspelt(settings: Settings, old: snapshot.Snapshot | None, showed: Showed) -> Iterator[str]:
    """Columns that are nearly named as one that is not there; of those of the last import somebody has said it already."""
    meant = import_report.kept(settings.snapshots / old.stamp.name).get("misspelt", {}) if old else {}
    for file, columns in showed.report.misspelt.items():
        yield from import_report.misspelt({file: {each: columns[each] for each in columns.keys() - meant.get(file, {}).keys()}})


def _misnamed(folder: Folder) -> str:
    """Files that are nearly named as an import file is."""
    near = {name: nearest(Path(name).stem, FORMATS) for name in folder.others if name.lower().endswith(".csv")}
    return "".join(f'; {name}: did you mean "{word}.csv"?' for name, word in near.items() if word)


@contextmanager
def _place(settings: Settings, asked: Asked) -> Iterator[Path]:
    """Where the new snapshot is made: a folder of its own for a dry run, of which nothing remains."""
    if not asked.dry_run:
        yield settings.snapshots
        return
    try:
        for left in settings.data_dir.glob(f"{_DRY}*"):  # by a dry run that was killed
            if left.stat().st_mtime < utc_now().timestamp() - _A_DAY:
                shutil.rmtree(left)
        with tempfile.TemporaryDirectory(prefix=_DRY, dir=settings.data_dir) as folder:
            yield Path(folder)
    except OSError as error:
        raise Refused(f"nothing can be written in {settings.data_dir}: {(error.strerror or '').lower()}") from None


@contextmanager
def _progress(size: int) -> Iterator[importing.Progress]:
    """A bar on standard error, for a person who would wait long without one; what comes after reading is sorting."""
    if not sys.stderr.isatty() or size < _LONG:
        yield lambda _bytes: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=size)

        def advance(more: int) -> None:
            bar.advance(task, more)
            if bar.finished:
                bar.update(task, description="sorting")

        yield advance


def _as_of(text: str | None, settings: Settings) -> datetime:
    """A day begins at midnight of the site's time zone: the older reading is the safer one."""
    now, zone = utc_now(), ZoneInfo(settings.site.timezone)
    if text is None:
        return now.astimezone(zone)
    try:
        given = datetime.combine(date.fromisoformat(text), time(), zone) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"--as-of {text}: not a day or time; write it as 2026-09-01") from None
    given = given if given.tzinfo else given.replace(tzinfo=zone)
    if given > now:
        raise click.UsageError(f"--as-of {text}: that is still to come")
    return given.astimezone(zone)
