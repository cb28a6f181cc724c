"""Who is still to be told that their information went out under legal process (R49), and that somebody told them.

Takes nothing but the store: due is what the ledger says went out, or may have, on an approval that has a counsel reference, a
case or a day to tell by, or under the code of legal process. Where a sealed approval is about the matter nothing is due and
nothing shows (R50). Telling is a row of the ledger; what goes out later is due again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Row, or_, select

from dlp.policy.facts import KnownApproval, person_name
from dlp.store import audit, ledger, permits
from dlp.store.records import Act
from dlp.store.schema import disclosure, moment
from dlp.store.schema import ledger as ledger_table
from dlp.store.states import DisclosureState
from dlp.store.work import Work

LEGAL = "11.2.7"  # the code of the decision table's rows about legal process
_WENT_OUT = (DisclosureState.SENT, DisclosureState.OWED, DisclosureState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Due:
    """One person to be told of one message. `approval` is what people call it, "" for what was released by hand."""

    reference: str
    since: datetime
    person: str
    recipients: tuple[str, ...]
    kinds: tuple[str, ...]
    by: date | None  # None: as soon as can be
    approval: str


def due(work: Work) -> tuple[Due, ...]:
    """Everybody still to be told, the most urgent first."""
    found = sorted(_open(work), key=lambda each: (each[1].reference, each[1].person))
    groups = groupby(found, key=lambda each: (each[1].reference, each[1].person))
    merged = (_merged([each for _, each in group]) for _, group in groups)
    return tuple(sorted(merged, key=lambda each: (each.by or each.since.date(), each.reference, each.person)))


def end(work: Work, reference: str, person: str, act: Act) -> bool:
    """Write down that the person was told of this message. False when nothing of it is due."""
    mine = [row for row, each in _open(work) if (each.reference, person_name(each.person)) == (reference, person_name(person))]
    if not mine:
        return False
    ledger.append(work, [ledger.notified(work, row) for row in mine])
    audit.append(work, "person-notified", reference, {"person": ledger.person_key(work, person, sealed=False)}, act)
    return True


def _open(work: Work) -> Iterator[tuple[Mapping[str, object], Due]]:
    """What went out and nobody told of, by row of `disclosure`."""
    approvals = {known.permit: known for known in permits.approvals(work) if _asks(known)}
    of = or_(ledger_table.c.code == LEGAL, ledger_table.c.permit.in_(sorted(approvals)))
    intents = work.connection.execute(select(ledger_table).where(ledger_table.c.event == ledger.INTENT, of)).all()
    told = ledger.times_notified(work)
    latest: dict[str, Row[*tuple[Any, ...]]] = {}
    for row in intents:
        if row.time > told.get(row.disclosure, 0) and (row.disclosure not in latest or row.time > latest[row.disclosure].time):
            latest[row.disclosure] = row
    states = select(disclosure).where(disclosure.c.id.in_(sorted(latest)), disclosure.c.state.in_(_WENT_OUT))
    for row in work.connection.execute(states).all() if latest else ():
        entry = latest[row.id]
        person, recipient, kinds = ledger.told(work, entry)
        known = approvals.get(entry.permit)
        if not person or _is_sealed(work, entry.person_key, person, recipient):
            continue
        by, name = (known.approval.notify_by, known.approval.approval_id) if known else (None, "")
        yield row._mapping, Due(entry.reference, moment(entry.time), person, (recipient,), kinds, by, name)  # type: ignore[misc]  # noqa: SLF001  SQLAlchemy's public name for it


def _asks(known: KnownApproval) -> bool:
    approval = known.approval
    return bool(approval.counsel_ref or approval.case or approval.notify_by)


def _is_sealed(work: Work, person_key: str, person: str, recipient: str) -> bool:
    """Whether it rests on a sealed approval, or one is there about the same person or reader."""
    if person_key != ledger.person_key(work, person, sealed=False):
        return True
    return any(known.approval.sealed for known in permits.facts(work, [person], [recipient], ()).approvals)


def _merged(parts: Iterable[Due]) -> Due:
    every = list(parts)
    first = min(every, key=lambda each: each.since)
    days = [each.by for each in every if each.by]
    return Due(
        first.reference,
        first.since,
        first.person,
        tuple(dict.fromkeys(recipient for each in every for recipient in each.recipients)),
        tuple(sorted({kind for each in every for kind in each.kinds})),
        min(days, default=None),
        next((each.approval for each in every if each.approval), ""),
    )
