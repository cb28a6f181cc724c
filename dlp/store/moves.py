"""Moving a visible copy from state to state: claimed for sending, settled by the answer, denied, returned.

Takes copy ids and claims; every move is a compare-and-set on (state, fence) with its audit row in the same transaction,
so of any number that try at once one wins. The losers get None or False, nothing is raised.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, or_, select, update

from dlp.failpoints import reach
from dlp.store import audit, contents, disclosures, listing, outbox
from dlp.store.records import GATHER, Act, Claim, Notice
from dlp.store.schema import copy, message, stamp
from dlp.store.sealing import seal
from dlp.store.states import MOVES, NEEDS_NO_CONTENT, WAITING_FOR, Damaged, Purpose, State, Told, sources
from dlp.store.work import Work

_CLAIMED: Mapping[Purpose, str] = {Purpose.HELD: "release.claim", Purpose.OWED: "owed.claim"}
_MARKED: Mapping[Purpose, str] = {Purpose.HELD: "release.mark", Purpose.OWED: "owed.mark"}
_WAITS_ANEW = frozenset({State.RELEASE_FAILED, State.REFUSED})  # for somebody's decision
_RELEASABLE = sources(State.RELEASING) - {State.RELEASING}  # what is being released goes on by `claim_due`


def claim_release(work: Work, identity: str, act: Act, lease: timedelta, right: str | None) -> Claim | None:
    """Take a held or refused copy for release on somebody's word, which is recorded. None when it cannot be taken.

    Nor where `right` is given and it is another by now.
    """
    agreed = () if right is None else (copy.c.release_right == right,)
    if not _take(work, identity, _RELEASABLE, State.RELEASING, lease, *agreed):
        return None
    # a new word starts a new row of attempts, and a copy that was owed is released like any other
    anew = {"attempts": 1, "purpose": Purpose.HELD}
    work.connection.execute(update(copy).where(copy.c.id == identity).values(anew))
    record_act(work, identity, "release", act)
    reach(_CLAIMED[Purpose.HELD])
    return _claim(work, identity)


def claim_due(work: Work, purpose: Purpose, limit: int, lease: timedelta) -> tuple[Claim, ...]:
    """Take copies whose next attempt is due, or whose attempt was left unsettled when its lease ended."""
    waiting, busy = WAITING_FOR[purpose]
    due = or_(
        and_(copy.c.state == waiting, copy.c.not_before <= work.stamp),
        and_(copy.c.state == busy, copy.c.lease_until <= work.stamp),
    )
    chosen = select(copy.c.id).where(due).order_by(copy.c.not_before).limit(limit).with_for_update(skip_locked=True)
    claims = []
    for identity in work.connection.scalars(chosen).all():
        _take(work, identity, {waiting, busy}, busy, lease)
        reach(_CLAIMED[purpose])
        claims.append(_claim(work, identity))
    return tuple(claims)


def settle(work: Work, claim: Claim, state: State, *, not_before: datetime | None, why: str, notice: Notice | None) -> bool:
    """Write how an attempt ended. False when the lease ended and another process has the copy: then nothing changes.

    ValueError for a state the table of moves does not allow. `why` is a closed word or a reply code, never a text.
    """
    busy = WAITING_FOR[claim.copy.purpose][1]
    if state not in MOVES[busy] - {busy}:
        msg = f"{busy} does not lead to {state}"
        raise ValueError(msg)
    mine = copy.c.id == claim.copy.id, copy.c.fence == claim.fence, copy.c.state == busy
    ended = {
        "state": state,
        "updated": work.stamp,
        "not_before": stamp(not_before or work.now),
        "owner": "",
        "lease_until": 0,
    }
    if state in _WAITS_ANEW:
        ended["deadline"] = work.deadline
    if notice:
        ended["told"] = Told.REPORTED
    elif state is State.REFUSED:
        ended["told"] = Told.DIGEST
    if work.connection.execute(update(copy).where(*mine).values(ended)).rowcount != 1:
        return False
    _after(work, claim.copy.content, state)
    _queue(work, claim.copy.key, claim.copy.reference, notice)
    disclosures.follow(work, claim, state)
    audit.append(work, state, claim.copy.reference, {"copy": claim.copy.id, "attempt": claim.attempts, "why": why})
    reach(_MARKED[claim.copy.purpose])
    return True


def deny(work: Work, identity: str, act: Act, notice: Notice | None) -> bool:
    """Give a held or refused copy up for good; its bytes are erased. False when it is not in a state to be denied."""
    if not _give_up(work, identity, State.DENIED, Told.REPORTED if notice else Told.NONE):
        return False
    reach("deny.erase")
    _end(work, identity, State.DENIED, notice)
    record_act(work, identity, "denied", act)
    return True


def give_back(work: Work, identity: str, notice: Notice | None) -> bool:
    """End a copy whose deadline has passed; its bytes are erased. False when it is not overdue or no longer on hold."""
    told = Told.REPORTED if notice else Told.DIGEST
    if not _give_up(work, identity, State.RETURNED, told, copy.c.deadline <= work.stamp):
        return False
    reach("expire.erase")
    _end(work, identity, State.RETURNED, notice)
    audit.append(work, State.RETURNED, _named(work, identity).reference, {"copy": identity})
    return True


def note(work: Work, identity: str, act: Act, *, disputed: bool) -> None:
    """Write beside a copy what somebody says of it; its state stays."""
    work.connection.execute(select(copy.c.id).where(copy.c.id == identity).with_for_update())  # one note after the other
    record_act(work, identity, "disputed" if disputed else "note", act)


def viewed(work: Work, identity: str, act: Act) -> None:
    """Somebody has the stored message read again and is shown what is found; nothing else changes."""
    work.connection.execute(select(copy.c.id).where(copy.c.id == identity).with_for_update())
    record_act(work, identity, "viewed", act)


def mark_digested(work: Work, identities: Collection[str]) -> None:
    """The daily digest has told of these."""
    for identity in identities:
        mine = copy.c.id == identity, copy.c.told == Told.DIGEST
        work.connection.execute(update(copy).where(*mine).values(told=Told.DIGESTED))


def _give_up(work: Work, identity: str, state: State, told: Told, *conditions: ColumnElement[bool]) -> bool:
    """Whether this copy could be ended; a sender who was told that it failed is not told again."""
    mine = copy.c.id == identity, copy.c.state.in_(sources(state)), *conditions
    ended = {
        "state": state,
        "fence": copy.c.fence + 1,
        "updated": work.stamp,
        "told": case((copy.c.told == Told.REPORTED, Told.REPORTED), else_=told),
    }
    return work.connection.execute(update(copy).where(*mine).values(ended)).rowcount == 1


def _end(work: Work, identity: str, state: State, notice: Notice | None) -> None:
    row = _named(work, identity)
    _after(work, row.content, state)
    _queue(work, bytes.fromhex(row.message), row.reference, notice)


def _queue(work: Work, key: bytes, reference: str, notice: Notice | None) -> None:
    if notice:
        gathered = replace(notice, not_before=max(notice.not_before, work.now + GATHER))
        outbox.queue(work, key, reference, gathered)


def _named(work: Work, identity: str) -> Row[*tuple[Any, ...]]:
    chosen = select(copy.c.id, copy.c.message, copy.c.content, copy.c.acts, copy.c.recipient_key, message.c.reference)
    return work.connection.execute(chosen.join(message).where(copy.c.id == identity)).one()


def _take(
    work: Work,
    identity: str,
    states: Collection[State],
    busy: State,
    lease: timedelta,
    *conditions: ColumnElement[bool],
) -> bool:
    taken = {
        "state": busy,
        "fence": copy.c.fence + 1,
        "attempts": copy.c.attempts + 1,
        "owner": work.owner.text,
        "lease_until": stamp(work.now + lease),
        "updated": work.stamp,
    }
    mine = copy.c.id == identity, copy.c.state.in_(states), *conditions
    return work.connection.execute(update(copy).where(*mine).values(taken)).rowcount == 1


def _claim(work: Work, identity: str) -> Claim:
    fence = work.connection.execute(select(copy.c.fence).where(copy.c.id == identity)).scalar_one()
    (taken,) = listing.select_copies(work, copy.c.id == identity)
    return Claim(taken, fence, taken.attempts)


def record_act(work: Work, identity: str, event: str, act: Act) -> None:
    """Write beside a copy, and into the audit chain, what somebody did."""
    row = _named(work, identity)
    try:
        earlier = listing.past_acts(work, row)
    except Damaged:
        earlier = []
    acts = [*earlier, [work.now.isoformat(), event, act.actor, act.reason]]
    sealed = seal(work.keys, acts, listing.acts_row(identity))
    work.connection.execute(update(copy).where(copy.c.id == identity).values(acts=sealed))
    audit.append(work, event, row.reference, {"copy": identity, "recipient": row.recipient_key}, act)


def _after(work: Work, content: str | None, state: State) -> None:
    if state in NEEDS_NO_CONTENT:
        contents.erase_unused(work, content or None)
