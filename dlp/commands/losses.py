"""What an import has less of than the one before: people, what is held by, who teaches and advises whom, consents.

Takes counts before and now; gives a sentence for each loss that somebody must say is meant, for the export is rather broken. A
tenth of the people is one, and of what closes; of rosters, which a new term makes shorter, most of it. Nothing here fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dlp.campus.formats import TO_STORE
from dlp.snapshot import Snapshot
from dlp.snapshot.rows import TABLES

PEOPLE = ("students", "staff")
WITHHOLDING = "withholding"  # students who withhold something
_CLOSING = ("contacts", "forwards", "lists")  # with fewer of these less is held
_ROSTERS = tuple(table.name for table in TABLES if table.name not in (*PEOPLE, *_CLOSING))
_FEWER, _MOST = 0.9, 0.5  # of what was there before
_HANDFUL = 10
_STANDING = ("unchanged", "changed", "withdrawn")  # consents of an earlier import that count, by what becomes of them


def of_snapshot(old: Snapshot, new: Snapshot, most: Mapping[str, int], withholding: int) -> Iterator[str]:
    """What is gone since the last import; `most` are the people there were, `withholding` those of now."""
    for name in sorted(old.stamp.files - new.stamp.files - set(TO_STORE)):
        yield f"{name}.csv was there at the last import, and is not now"
    for name in PEOPLE:
        before, now = most[name], new.counts.get(name, 0)
        if name in new.stamp.files and now < before * _FEWER:
            yield f"{name}: {now} instead of {before}, {round(100 * (1 - now / before))} % fewer"
    for names, share in ((_CLOSING, _FEWER), (_ROSTERS, _MOST)):
        for name in names:
            before, now = old.counts.get(name, 0), new.counts.get(name, 0)
            if name in new.stamp.files and _lost(before, now, share):
                yield f"{name}: {now} instead of {before}"
    if "students" in new.stamp.files and _lost(most[WITHHOLDING], withholding, _FEWER):
        yield f"students who withhold something: {withholding} instead of {most[WITHHOLDING]}"


def of_consents(fates: Mapping[str, int], now: int) -> Iterator[str]:
    """The same of the consents in the store that an import brought, by what would become of them."""
    before = sum(fates.get(fate, 0) for fate in _STANDING)
    if _lost(before, now, _MOST):
        yield f"consents: {now} instead of {before}"


def _lost(before: int, now: int, share: float) -> bool:
    """Less than this share of it is left, where a handful is no loss; or nothing."""
    return now < before * share and (before - now >= _HANDFUL or not now)
