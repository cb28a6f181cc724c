"""The ledger: what was disclosed about whom, to whom and on what basis, one keyed chain for each node.

Takes events of disclosures, gives them back for one person. Person and recipient are keyed digests in the chain and sealed
beside it. What rests on a sealed approval stands under another digest of the person, so that no look-up meets it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, cast

from sqlalchemy import Row, select

from dlp.policy.facts import person_name
from dlp.store.chain import Chain
from dlp.store.permit_rows import person_digest
from dlp.store.permits import names
from dlp.store.records import BadAudit
from dlp.store.schema import ledger, ledger_head, moment
from dlp.store.sealing import seal, unseal
from dlp.store.states import Damaged, DisclosureState
from dlp.store.work import Work
from dlp.values import Allowed

VERSION = 1
INTENT = "intent"
NOTIFIED = "notified"  # the person was told of it
_COVERED = (
    *("version", "node", "seq", "time", "event", "disclosure", "reference", "person_key", "recipient_key"),
    *("basis", "code", "kinds", "permit", "fingerprint", "previous"),
)
CHAIN = Chain(ledger, ledger_head, _COVERED, "ledger")
_LASTING = (DisclosureState.SENT, DisclosureState.UNKNOWN)  # of several tries at one disclosure: no later one undoes these


@dataclass(frozen=True, slots=True)
class Entry:
    """One person's information that went, or may have gone, to one recipient of one message. `permit` is the consent's ID."""

    at: datetime
    outcome: DisclosureState
    reference: str
    recipient: str  # "" when the record does not open
    kinds: tuple[str, ...]
    basis: str
    code: str
    permit: str


def person_key(work: Work, person: str, *, sealed: bool) -> str:
    """Under what the ledger keeps this person."""
    return work.keys.digest(f"sealed|{person_name(person)}") if sealed else person_digest(work.keys, person)


def intent(work: Work, of: Mapping[str, object], allowed: Allowed) -> dict[str, object]:
    """The row that says what is about to go out; `of` is the disclosure's row."""
    told = {"person": allowed.person, "recipient": allowed.recipient, "kinds": sorted(allowed.kinds)}
    record = seal(work.keys, told, _record_row(of["id"]))
    kinds = " ".join(sorted({kind.partition(":")[0] for kind in allowed.kinds}))
    return _row(work, INTENT, of) | {
        "code": allowed.code,
        "kinds": kinds,
        "fingerprint": work.keys.fingerprint(record),
        "record": record,
    }


def outcome(work: Work, of: Mapping[str, object], state: DisclosureState) -> dict[str, object]:
    """The row that says how it ended."""
    return _row(work, state, of) | {"code": "", "kinds": "", "fingerprint": "", "record": None}


def notified(work: Work, of: Mapping[str, object]) -> dict[str, object]:
    """The row that says that the person was told."""
    return _row(work, NOTIFIED, of) | {"code": "", "kinds": "", "fingerprint": "", "record": None}


def times_notified(work: Work) -> Mapping[str, int]:
    """When a person was last told of a disclosure, as stored, by disclosure."""
    rows = work.connection.execute(select(ledger.c.disclosure, ledger.c.time).where(ledger.c.event == NOTIFIED)).all()
    return {row.disclosure: row.time for row in sorted(rows, key=lambda row: row.time)}


def told(work: Work, row: Row[*tuple[Any, ...]]) -> tuple[str, str, tuple[str, ...]]:
    """About whom, to whom and what, of a row that says what was about to go out; "" where the record does not open."""
    try:
        record = cast("dict[str, Any]", unseal(work.keys, row.record, _record_row(row.disclosure)))
        return str(record["person"]), str(record["recipient"]), tuple(record["kinds"])
    except (Damaged, LookupError, TypeError):
        return "", "", tuple(row.kinds.split())


def append(work: Work, rows: Sequence[Mapping[str, object]]) -> None:
    CHAIN.append(work, rows)


def verify(work: Work, node: str | None = None) -> BadAudit | None:
    """The first bad row of one node's ledger, or of all."""
    return CHAIN.verify(work.connection, work.keys, node)


def entries(work: Work, person: str) -> tuple[Entry, ...]:
    """What went out about a person, oldest first. Nothing that rests on a sealed approval, and nothing that was refused."""
    mine = ledger.c.person_key == person_key(work, person, sealed=False)
    rows = work.connection.execute(select(ledger).where(mine).order_by(ledger.c.disclosure, ledger.c.time, ledger.c.seq)).all()
    found = [list(group) for _, group in groupby(rows, lambda row: row.disclosure)]
    permits = names(work, {row.permit for row in rows} - {""})
    told = (_entry(work, group, permits) for group in found)
    return tuple(
        sorted((each for each in told if each is not None), key=lambda each: (each.at, each.reference, each.recipient))
    )


def _entry(work: Work, rows: Sequence[Row[*tuple[Any, ...]]], permits: Mapping[str, str]) -> Entry | None:
    events = [row.event for row in rows if row.event != NOTIFIED]
    last = DisclosureState.INTENDED if events[-1] == INTENT else DisclosureState(events[-1])
    ended = next((state for state in _LASTING if state in events), last)
    intents = [row for row in rows if row.event == INTENT]
    if ended is DisclosureState.REFUSED or not intents:
        return None
    first, recipient, kinds = intents[0], "", set[str]()
    for row in intents:
        _, to, said = told(work, row)
        recipient, kinds = to or recipient, kinds | set(said)
    return Entry(
        moment(first.time),
        ended,
        first.reference,
        recipient,
        tuple(sorted(kinds)),
        first.basis,
        first.code,
        permits.get(first.permit, ""),
    )


def _row(work: Work, event: str, of: Mapping[str, object]) -> dict[str, object]:
    kept = ("reference", "person_key", "recipient_key", "basis", "permit")
    return {"version": VERSION, "time": work.stamp, "event": event, "disclosure": of["id"]} | {name: of[name] for name in kept}


def _record_row(disclosure: object) -> str:
    return f"ledger|{disclosure}"
