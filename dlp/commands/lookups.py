"""What commands know beside what they are given: the campus directory in force, and the store's consents and approvals.

Takes settings; gives look-ups that change nothing. Before the first `dlp init` or import nobody is known, as in the filter. A
directory in force that cannot be read ends the command, as it puts mail off; a store that cannot be read is said on standard
error, and the verdict is then that of a filter without it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click

from dlp import keys
from dlp.campus.directory import Directory
from dlp.campus.folding import folded_address, folded_id
from dlp.commands import shared
from dlp.config import Settings
from dlp.errors import ConfigError, Refused, Unavailable
from dlp.pipeline import Known, Survey
from dlp.policy.facts import Facts
from dlp.store import site, sqlite
from dlp.values import Judgement

Consult = Callable[[Survey, Judgement], Facts]


@dataclass(frozen=True, slots=True)
class LookUps:
    """`known` before the store is asked; `consult` asks it what could change a judgement."""

    known: Known = Known()  # noqa: RUF009  frozen
    consult: Consult = lambda _surveyed, _judgement: Facts()

    def settled(self, surveyed: Survey) -> tuple[Judgement, Survey]:
        """The judgement as the filter comes to it: a second time where what the store has could change it."""
        judgement = surveyed.judgement()
        if judgement.concerned or surveyed.series:
            surveyed = surveyed.knowing(self.consult(surveyed, judgement))
            judgement = surveyed.judgement()
        return judgement, surveyed


NOTHING_KNOWN = LookUps()
NOBODY = "nobody in the directory has this student ID or staff address: it is mistyped, or newer than the last import"


def look_ups(settings: Settings) -> LookUps:
    """Those of this installation. Leaves the command where people are on file, or may be, and cannot be read."""
    on_record = people_on_record(settings)
    try:
        site_keys = keys.load(settings.keys_dir)
    except ConfigError:
        if on_record:
            raise
        return NOTHING_KNOWN
    try:
        known = Known(directory(settings, site_keys), site_keys.digest)
    except Unavailable as error:
        shared.fail(error)
    return LookUps(known, lambda *asked: _facts(settings, site_keys, *asked))


def warn_if_old(settings: Settings, known: LookUps, now: datetime) -> None:
    """Say that at the time judged the directory is too old to be relied upon, as the filter takes it to be."""
    people = known.known.directory
    if people is not None and (age := now - people.stamp.as_of) > settings.max_snapshot_age:
        what = f"at the time judged the directory is {age.days} days old, more than [policy] max_snapshot_age"
        shared.warn(f"{what}: it is taken to be incomplete", shared.typed("dlp import FOLDER"))


def people_on_record(settings: Settings) -> bool:
    """Whether a directory is in force. Leaves the command where this user may not see that: not knowing is not nobody."""
    from dlp.snapshot.in_force import CURRENT  # noqa: PLC0415  slow to load, and most commands do without

    found = [_seen(settings, file) for file in (settings.snapshots / CURRENT, settings.keys_dir / keys.FILE)]
    return found[0]


def _seen(settings: Settings, file: Path) -> bool:
    try:
        file.open("rb").close()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        owner = settings.site.user or "the user that runs dlp serve"
        what = f"the directory of people cannot be read by this user; run it as root, or as {owner}"
        shared.fail(Refused(what), status=shared.COULD_NOT_ASK)
    return True


def directory(settings: Settings, site_keys: keys.Keys) -> Directory | None:
    """Who is known; None before the first import. Raises Unavailable where people are on file and cannot be read."""
    from dlp.snapshot import DirectoryInForce, name_in_force  # noqa: PLC0415  slow to load, and most commands do without

    found = DirectoryInForce(settings.snapshots, site_keys.finding_people).to_judge()
    if found and found.stamp.name != name_in_force(settings.snapshots):
        shared.warn(f"the last import is damaged; people are known as of {found.stamp.name}", shared.typed("dlp import FOLDER"))
    return found


def has(people: Directory, person: str) -> bool:
    """Whether the directory has somebody with this student ID or staff address."""
    return (people.staff_at(person) if "@" in person else people.student(person)) is not None


def meant(people: Directory | None, typed: str) -> str:
    """What was typed, or the ID of the student whose campus address it is. Refused where that is not one student."""
    if not folded_id(typed):
        raise Refused("nobody is named: give a student ID, or a staff address")
    students = people.students_at(typed) if people and "@" in typed and not people.staff_at(typed) else ()
    own = [each.id for each in students if folded_address(each.email) == folded_address(typed)]
    if students and len(own) != 1:
        raise Refused("this address is a student's, but not the campus address of one alone: give the student ID")
    return own[0] if own else typed


def person_meant(settings: Settings, typed: str) -> str:
    """The same by the directory in force, which is not asked about an ID. Unavailable as above."""
    return meant(directory(settings, keys.load(settings.keys_dir)) if "@" in typed else None, typed)


def say_if_nobody(settings: Settings, person: str) -> bool:
    """Warn that nothing is said of this person because nobody is called so; whether that is so: it is no clean record."""
    people = directory(settings, keys.load(settings.keys_dir))
    mistyped = people is not None and not has(people, person)
    if mistyped:
        shared.warn(NOBODY, shared.typed("dlp import --status"))
    return mistyped


def _facts(settings: Settings, site_keys: keys.Keys, surveyed: Survey, judgement: Judgement) -> Facts:
    if site.is_sqlite(settings) and not Path(settings.data_dir, sqlite.FILE).exists():
        return Facts()  # nothing was ever kept
    shared.become_owner(settings)
    try:
        store = site.open_store(settings, site_keys)
    except (ConfigError, Unavailable) as error:
        click.echo(f"dlp: judged without consents and approvals, for the store cannot be read: {error}", err=True)
        return Facts()
    try:
        readers = tuple(ruling.recipient for ruling in judgement.rulings)
        return store.facts(judgement.concerned, readers, series=surveyed.series)
    finally:
        store.close()
