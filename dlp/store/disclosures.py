"""Disclosures on their way: intended before our dot, concluded by the answer, with the use of the consent they rest on.

Takes what is allowed of a message, gives an Intent to be concluded; each is one transaction with its ledger rows. A use of a
consent is one message: reserved with the intent, returned when the next hop refused, else spent, also when nobody knows how
it ended. Unavailable when a permit ended or was used up meanwhile: the next try is judged anew.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, or_, select, update

from dlp.errors import Unavailable
from dlp.failpoints import reach
from dlp.store import ledger
from dlp.store.permits import Standing, is_sealed, lock, return_use, take_use
from dlp.store.records import Claim, Message
from dlp.store.schema import disclosure, stamp
from dlp.store.states import DisclosureState, State
from dlp.store.work import Work
from dlp.values import Allowed

_NO_LEASE = {"owner": "", "lease_until": 0}
_OPEN = frozenset({DisclosureState.INTENDED, DisclosureState.OWED, DisclosureState.UNKNOWN})
# what becomes of the disclosures in a copy that was sent later; what counted as refused may be sent all the same
_FOLLOWS: Mapping[State, tuple[DisclosureState, frozenset[DisclosureState]]] = {
    State.SENT: (DisclosureState.SENT, _OPEN | {DisclosureState.REFUSED}),
    State.REFUSED: (DisclosureState.REFUSED, _OPEN),
    State.RELEASED: (DisclosureState.SENT, _OPEN | {DisclosureState.REFUSED}),
}

_Place = tuple[str, str, str, str]  # recipient key, person key, basis, permit


@dataclass(frozen=True, slots=True)
class Intent:
    """What is about to go out, by disclosure and recipient address."""

    rows: tuple[tuple[str, str], ...]


def intend(work: Work, mail: Message, allowed: Sequence[Allowed], lease: timedelta) -> Intent:
    """Write down what is about to go out and reserve the uses it takes, all or nothing."""
    permits = lock(work, {each.permit for each in allowed} - {""})
    known = [
        replace(each, sealed=each.sealed or is_sealed(work, permits[each.permit])) if each.permit else each for each in allowed
    ]
    wanted = _merged(work, known)
    key = mail.key.hex()
    mine = select(disclosure).where(disclosure.c.message == key).order_by(disclosure.c.id).with_for_update()
    existing = {_place(row): row for row in work.connection.execute(mine).all()}
    uses = {row.permit for row in existing.values() if row.counted}
    rows, entries = [], []
    for place, each in wanted.items():
        if each.permit and not _stands_as_judged(permits[each.permit], mail):
            raise Unavailable("busy")
        if each.permit and each.permit not in uses:
            take_use(work, each.permit)
            uses.add(each.permit)
        lease_until = stamp(work.now + lease)
        row = _again(work, existing[place], lease_until) if place in existing else _first(work, mail, place, lease_until)
        if (
            place in existing and existing[place].state == DisclosureState.INTENDED
        ):  # whoever did has died, or was too long at it
            entries.append(ledger.outcome(work, row, DisclosureState.UNKNOWN))
        rows.append((str(row["id"]), each.recipient))
        entries.append(ledger.intent(work, row, each))
    ledger.append(work, entries)
    reach("ledger.intent")
    return Intent(tuple(rows))


def conclude(work: Work, intent: Intent, outcomes: Mapping[str, DisclosureState]) -> None:
    """Write how each ended, by recipient address; one that has no outcome is unknown. What recovery has closed stays closed."""
    ended = {identity: outcomes.get(address, DisclosureState.UNKNOWN) for identity, address in intent.rows}
    mine = disclosure.c.owner == work.owner.text, disclosure.c.state == DisclosureState.INTENDED
    rows = work.connection.execute(select(disclosure).where(disclosure.c.id.in_(ended), *mine).order_by(disclosure.c.id)).all()
    _end(work, [(row, ended[row.id]) for row in rows])
    reach("ledger.close")


def follow(work: Work, claim: Claim, state: State) -> None:
    """A kept copy was sent or refused: so were the disclosures in it."""
    if state not in _FOLLOWS:
        return
    outcome, sources = _FOLLOWS[state]
    of_copy = (
        disclosure.c.message == claim.copy.key.hex(),
        disclosure.c.recipient_key == work.keys.lookup(claim.copy.recipient.address),
        disclosure.c.state.in_(sources),
    )
    rows = work.connection.execute(select(disclosure).where(*of_copy).order_by(disclosure.c.id)).all()
    _end(work, [(row, outcome) for row in rows])
    if state is State.RELEASED:
        _released(work, claim)


def has_late(work: Work) -> bool:
    """Whether an intent has outlived its lease, whoever made it."""
    late = disclosure.c.state == DisclosureState.INTENDED, disclosure.c.lease_until <= work.stamp
    return work.connection.scalar(select(disclosure.c.id).where(*late).limit(1)) is not None


def recover(work: Work, owners: Collection[str], limit: int) -> int:
    """What these owners intended, and what nobody concluded in time, may have gone out or not; gives how many."""
    left = (
        disclosure.c.state == DisclosureState.INTENDED,
        or_(disclosure.c.lease_until <= work.stamp, disclosure.c.owner.in_(owners)),
    )
    chosen = select(disclosure).where(*left).order_by(disclosure.c.id).limit(limit).with_for_update(skip_locked=True)
    rows = work.connection.execute(chosen).all()
    _end(work, [(row, DisclosureState.UNKNOWN) for row in rows])
    return len(rows)


def uses_of(work: Work, message: bytes) -> frozenset[str]:
    """Permits of which this message has a use already."""
    mine = disclosure.c.message == message.hex(), disclosure.c.counted
    return frozenset(work.connection.scalars(select(disclosure.c.permit).where(*mine)))


def _merged(work: Work, allowed: Iterable[Allowed]) -> dict[_Place, Allowed]:
    """One for each recipient, person, basis and permit, in one order for everybody."""
    merged: dict[_Place, Allowed] = {}
    for each in allowed:
        person = ledger.person_key(work, each.person, sealed=each.sealed)
        place = (work.keys.lookup(each.recipient), person, each.basis, each.permit)
        kinds = merged[place].kinds if place in merged else frozenset()
        merged[place] = replace(each, kinds=each.kinds | kinds)
    return dict(sorted(merged.items()))


def _released(work: Work, claim: Claim) -> None:
    """What was on hold went out on somebody's word: that is in the acts of its copy."""
    entries = []
    for place, each in _merged(work, claim.copy.disclosures).items():
        row = _row(work, (claim.copy.key.hex(), claim.copy.reference), place) | {"state": DisclosureState.SENT, **_NO_LEASE}
        if work.insert_once(disclosure, row):
            entries += [ledger.intent(work, row, each), ledger.outcome(work, row, DisclosureState.SENT)]
    ledger.append(work, entries)


def _place(row: Row[*tuple[Any, ...]]) -> _Place:
    return row.recipient_key, row.person_key, row.basis, row.permit


def _first(work: Work, mail: Message, place: _Place, lease_until: int) -> Mapping[str, object]:
    row = _row(work, (mail.key.hex(), mail.envelope.reference), place) | {"lease_until": lease_until}
    if not work.insert_once(disclosure, row):
        raise Unavailable("busy")  # another try of the same message, at this moment
    return row


def _row(work: Work, message: tuple[str, str], place: _Place) -> dict[str, object]:
    key, reference = message
    recipient_key, person_key, basis, permit = place
    return {
        "id": secrets.token_hex(16),
        "message": key,
        "reference": reference,
        "recipient_key": recipient_key,
        "person_key": person_key,
        "basis": basis,
        "permit": permit,
        "state": DisclosureState.INTENDED,
        "earlier": "",
        "counted": bool(permit),
        "updated": work.stamp,
        "owner": work.owner.text,
        "lease_until": 0,
    }


def _stands_as_judged(permit: Row[*tuple[Any, ...]], mail: Message) -> bool:
    """Whether it stands, and nobody has changed it since the message was here: what was judged may say something else now."""
    return bool(permit.state == Standing.STANDING and permit.updated <= stamp(mail.envelope.received_at))


def _again(work: Work, row: Row[*tuple[Any, ...]], lease_until: int) -> Mapping[str, object]:
    """A further try of what was tried before: how that ended stays true, whatever becomes of this one."""
    state = DisclosureState(row.state)
    if state is DisclosureState.INTENDED and row.lease_until > work.stamp and work.owner.lives(row.owner):
        raise Unavailable("busy")
    if state is DisclosureState.INTENDED:
        state = DisclosureState.UNKNOWN
    earlier = row.earlier if state is DisclosureState.REFUSED else state
    now = {
        "state": DisclosureState.INTENDED,
        "earlier": earlier,
        "counted": bool(row.permit),
        "updated": work.stamp,
        "owner": work.owner.text,
        "lease_until": lease_until,
    }
    work.connection.execute(update(disclosure).where(disclosure.c.id == row.id).values(now))
    return row._mapping  # type: ignore[return-value]  # noqa: SLF001  SQLAlchemy's public name for it


def _end(work: Work, ended: Sequence[tuple[Row[*tuple[Any, ...]], DisclosureState]]) -> None:
    """Move each to its end, return the uses that are not needed after all, and add the ledger's rows."""
    lock(work, {row.permit for row, state in ended if state is DisclosureState.REFUSED and row.counted})
    entries, returned = [], set()
    for row, state in ended:
        final = DisclosureState(row.earlier) if state is DisclosureState.REFUSED and row.earlier else state
        as_read = disclosure.c.id == row.id, disclosure.c.state == row.state, disclosure.c.owner == row.owner
        counted = row.counted and final is not DisclosureState.REFUSED
        now = {"state": final, "counted": counted, "updated": work.stamp} | _NO_LEASE
        if work.connection.execute(update(disclosure).where(*as_read).values(now)).rowcount != 1:
            continue
        if row.counted and not counted:
            returned.add((row.permit, row.message))
        entries.append(ledger.outcome(work, row._mapping, state))  # type: ignore[arg-type]  # noqa: SLF001  as above
    for permit, message in sorted(returned):
        still = disclosure.c.permit == permit, disclosure.c.message == message, disclosure.c.counted
        if work.connection.scalar(select(disclosure.c.id).where(*still).limit(1)) is None:
            return_use(work, permit)
    ledger.append(work, entries)
