"""What is odd about consents: those that count nowhere, and those without a purpose, which hold for every purpose.

Takes consents as an import brings them or the store has them, the directory and the campus domains; gives sentences with a
number, a tally of the store for `dlp import --status`, and the check of `dlp doctor`. A store that cannot be read is told
elsewhere, and nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from dlp import keys
from dlp.campus.directory import Directory
from dlp.campus.records import Consent
from dlp.clock import utc_now
from dlp.commands.checkup import Check, State
from dlp.commands.lookups import directory
from dlp.commands.site_store import open_store
from dlp.config import Settings
from dlp.errors import ConfigError, Unavailable
from dlp.policy.facts import KnownConsent
from dlp.policy.idle import idle, idle_kinds
from dlp.ruleset import Campus
from dlp.store import database, permits, site, sqlite
from dlp.store.permits import Wanted

EVERY = 1 << 40  # more than there can be
_NO_PURPOSE = "consents without a purpose, so for every purpose"
_NOWHERE = "consents that count nowhere"


@dataclass(frozen=True, slots=True)
class Tally:
    """Consents in the store that are neither ended nor over."""

    standing: int
    without_purpose: int
    counting_nowhere: int

    def told(self) -> Iterator[str]:
        if self.without_purpose:
            yield f"{_NO_PURPOSE}: {self.without_purpose}"
        if self.counting_nowhere:
            yield f"{_NOWHERE}: {self.counting_nowhere} (dlp consent list says why)"


def remarks(rows: Iterable[Consent], at: Mapping[str, str], people: Directory | None, campus: Campus) -> Iterator[str]:
    """What is odd about the rows of an import, and where the first such stands; `at` is where each does, by its ID."""
    found: dict[str, list[str]] = {}
    for row in rows:
        why, kinds = idle(row, people, campus), idle_kinds(row, people)
        odd = (
            [f"{_NOWHERE} ({why})"] if why else [f"consents of which a kind counts nowhere ({each})" for each in kinds.values()]
        )
        if not row.purpose.strip():
            odd.append(_NO_PURPOSE)
        for each in dict.fromkeys(odd):
            found.setdefault(each, []).append(at[row.consent_id])
    for what, places in found.items():
        yield f"{what}: {len(places)} (the first: {places[0]})"


def in_store(settings: Settings, people: Directory | None) -> Tally | None:
    """The tally; None where nothing was ever kept, or the store cannot be read."""
    if site.is_sqlite(settings) and not (settings.data_dir / sqlite.FILE).exists():
        return None
    try:
        with open_store(settings) as store:
            known = store.consents(Wanted(standing=True, limit=EVERY)).consents
    except (ConfigError, Unavailable):
        return None
    return _tally(settings, known, people)


def check(settings: Settings) -> Iterator[Check]:
    """The same for `dlp doctor`, which becomes nobody else."""
    if site.is_sqlite(settings) and not (settings.data_dir / sqlite.FILE).exists():
        return
    try:
        site_keys = keys.load(settings.keys_dir)
        engine = database.connect(site.address(settings), settings.data_dir)
        try:
            with database.reading(engine) as connection:
                known = tuple(permits.standing_consents(connection, site_keys))
        finally:
            engine.dispose()
        tally = _tally(settings, known, directory(settings, site_keys))
    except (ConfigError, Unavailable):
        return
    if tally.standing:
        what = "; ".join((f"{tally.standing} on record", *tally.told()))
        remedy = "end them, and record what is meant (docs/consent.md)" if tally.counting_nowhere else ""
        yield Check(State.WARN if tally.counting_nowhere else State.OK, "consents", what, remedy)


def _tally(settings: Settings, known: Iterable[KnownConsent], people: Directory | None) -> Tally:
    today = utc_now().astimezone(ZoneInfo(settings.site.timezone)).date()
    standing = [each.consent for each in known if each.uses_left != 0 and not _is_over(each.consent, today)]
    campus = settings.campus()
    return Tally(
        len(standing),
        sum(not each.purpose.strip() for each in standing),
        sum(bool(idle(each, people, campus)) for each in standing),
    )


def _is_over(consent: Consent, today: date) -> bool:
    return consent.expires_on is not None and consent.given_on <= consent.expires_on < today
