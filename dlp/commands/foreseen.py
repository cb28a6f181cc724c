"""What a consents file would do to the store, for an import that changes nothing.

Takes settings and the rows; gives counts by what would become of them. An import withdraws what an earlier one brought and this
one has not, and leaves alone what was added or revoked by hand: `ended` are those of an earlier import that do not count now,
which come back unless somebody revoked them. None where the store cannot be read: a dry run goes on without.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from dlp.campus.records import Consent
from dlp.commands.consents_seen import EVERY
from dlp.commands.site_store import open_store
from dlp.config import Settings
from dlp.errors import ConfigError, Unavailable
from dlp.policy.facts import KnownConsent, Source
from dlp.store import site, sqlite
from dlp.store.permits import Wanted


def foreseen(settings: Settings, rows: Iterable[Consent]) -> Mapping[str, int] | None:
    """The counts that are not zero."""
    known: dict[str, KnownConsent] = {}
    if not site.is_sqlite(settings) or (settings.data_dir / sqlite.FILE).exists():  # else nothing was ever kept
        try:
            with open_store(settings) as store:
                known = {each.consent.consent_id: each for each in store.consents(Wanted(limit=EVERY)).consents}
        except (ConfigError, Unavailable):
            return None
    brought = {row.consent_id: row for row in rows}
    fates = Counter(_fate(row, known.get(name)) for name, row in brought.items())
    fates["withdrawn"] = sum(
        each.source is Source.IMPORT and each.ended is None and name not in brought for name, each in known.items()
    )
    return {fate: count for fate, count in fates.items() if count}


def _fate(row: Consent, known: KnownConsent | None) -> str:
    if known is None:
        return "added"
    if known.source is not Source.IMPORT:
        return "left"
    if known.ended:
        return "ended"
    return "unchanged" if known.consent == row else "changed"
