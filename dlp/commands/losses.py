"""What an import has less of than there was: people, what is held by, who teaches and advises whom, consents.

Takes the most there were since somebody last said that fewer are meant, and what is there now; gives a sentence for each loss
that somebody must say is meant, for the export is rather broken. A tenth of the people is one, and of what closes; of rosters,
which the end of a term makes shorter, most of it. Nothing here fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dlp.campus.formats import TO_STORE
from dlp.commands.listing import counted
from dlp.snapshot import Snapshot
from dlp.snapshot.rows import TABLES

WITHHOLDING = "withholding"  # students who withhold something
_FILE = {WITHHOLDING: "students"}
_SAID = {WITHHOLDING: "students who withhold something"}
_PEOPLE, _CLOSING, _ROSTER = (0.9, 1), (0.9, 10), (0.5, 10)  # a loss: less than this share is left, and so many fewer, or none
_LOSS = {
    **{table.name: _ROSTER for table in TABLES},
    **dict.fromkeys(("students", "staff"), _PEOPLE),
    **dict.fromkeys(("contacts", "forwards", "lists", WITHHOLDING), _CLOSING),  # with fewer of these less is held
}
COUNTED = tuple(_LOSS)
_STANDING = ("unchanged", "changed", "withdrawn")  # consents of an earlier import that count, by what becomes of them


def of_snapshot(old: Snapshot, new: Snapshot, most: Mapping[str, int], now: Mapping[str, int]) -> Iterator[str]:
    """What is gone, by name: files since the last import, rows since `most`."""
    for name in sorted(old.stamp.files - new.stamp.files - set(TO_STORE)):
        yield f"{name}.csv was there at the last import, and is not now"
    for name, loss in _LOSS.items():
        before, left, last = most[name], now.get(name, 0), old.counts.get(name, most[name])
        if _FILE.get(name, name) in new.stamp.files and _lost(before, left, *loss):
            lately = f" ({last} at the last import)" if last != before else ""
            yield f"{_SAID.get(name, name)}: {left} instead of {before}{lately}"


def of_consents(fates: Mapping[str, int]) -> Iterator[str]:
    """The same of the consents in the store that an import brought, by what would become of them: others make up for none."""
    before = sum(fates.get(fate, 0) for fate in _STANDING)
    left = before - fates.get("withdrawn", 0)
    if _lost(before, left, *_ROSTER):
        yield f"consents: of {before} that earlier imports brought {counted(left, 'is', 'are')} left"


def _lost(before: int, now: int, share: float, handful: int) -> bool:
    return now < before * share and (before - now >= handful or not now)
