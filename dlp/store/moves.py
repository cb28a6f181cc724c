"""Moving a visible copy from state to state: claimed for sending, settled by the answer, denied.

Takes copy ids and claims; every move is a compare-and-set on (state, fence) with its audit row in the same transaction,
so of any number that try at once one wins. The losers get None or False, nothing is raised.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select, update

from dlp.failpoints import reach
from dlp.store import audit, contents, listing, outbox
from dlp.store.records import Act, Claim, Notice
from dlp.store.schema import copy, message, stamp
from dlp.store.sealing import seal
from dlp.store.states import MOVES, NEEDS_NO_CONTENT, WAITING_FOR, Damaged, Purpose, State, Told, sources
from dlp.store.work import Work

_CLAIMED: Mapping[Purpose, str] = {Purpose.HELD: "release.claim", Purpose.OWED: "owed.claim"}
_MARKED: Mapping[Purpose, str] = {Purpose.HELD: "release.mark", Purpose.OWED: "owed.mark"}
_RELEASABLE = sources(State.RELEASING) - {State.RELEASING}  # what is being released goes on by `claim_due`


def claim_release(work: Work, identity: str, act: Act, lease: timedelta) -> Claim | None:
    """Take a held or refused copy for release on somebody's word, which is recorded. None when it cannot be taken."""
    if not _take(work, identity, _RELEASABLE, State.RELEASING, lease):
        return None
    # a new word starts a new row of attempts, and a copy that was owed is released like any other
    anew = {"attempts": 1, "purpose": Purpose.HELD}
    work.connection.execute(update(copy).where(copy.c.id == identity).values(anew))
    _record_act(work, identity, "release", act)
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
    if state is State.REFUSED:
        ended["told"] = Told.SENDER if notice else Told.DIGEST
    if work.connection.execute(update(copy).where(*mine).values(ended)).rowcount != 1:
        return False
    _after(work, claim.copy.content, state)
    if notice:
        outbox.queue(work, claim.copy.key, claim.copy.reference, notice)
    audit.append(work, state, claim.copy.reference, {"copy": claim.copy.id, "attempt": claim.attempts, "why": why})
    reach(_MARKED[claim.copy.purpose])
    return True


def deny(work: Work, identity: str, act: Act) -> bool:
    """Give a held or refused copy up for good; its bytes are erased. False when it is not in a state to be denied."""
    mine = copy.c.id == identity, copy.c.state.in_(sources(State.DENIED))
    denied = {"state": State.DENIED, "fence": copy.c.fence + 1, "updated": work.stamp}
    if work.connection.execute(update(copy).where(*mine).values(denied)).rowcount != 1:
        return False
    reach("deny.erase")
    _after(work, work.connection.scalar(select(copy.c.content).where(copy.c.id == identity)), State.DENIED)
    _record_act(work, identity, "denied", act)
    return True


def mark_digested(work: Work, identities: Collection[str]) -> None:
    """The daily digest has told of these."""
    for identity in identities:
        mine = copy.c.id == identity, copy.c.told == Told.DIGEST
        work.connection.execute(update(copy).where(*mine).values(told=Told.DIGESTED))


def _take(work: Work, identity: str, states: Collection[State], busy: State, lease: timedelta) -> bool:
    taken = {
        "state": busy,
        "fence": copy.c.fence + 1,
        "attempts": copy.c.attempts + 1,
        "owner": work.owner.text,
        "lease_until": stamp(work.now + lease),
        "updated": work.stamp,
    }
    mine = copy.c.id == identity, copy.c.state.in_(states)
    return work.connection.execute(update(copy).where(*mine).values(taken)).rowcount == 1


def _claim(work: Work, identity: str) -> Claim:
    fence = work.connection.execute(select(copy.c.fence).where(copy.c.id == identity)).scalar_one()
    (taken,) = listing.select_copies(work, copy.c.id == identity)
    return Claim(taken, fence, taken.attempts)


def _record_act(work: Work, identity: str, event: str, act: Act) -> None:
    chosen = select(copy.c.id, copy.c.acts, message.c.reference).join(message).where(copy.c.id == identity)
    row = work.connection.execute(chosen).one()
    try:
        earlier = listing.past_acts(work, row)
    except Damaged:
        earlier = []
    acts = [*earlier, [work.now.isoformat(), event, act.actor, act.reason]]
    sealed = seal(work.keys, acts, listing.acts_row(identity))
    work.connection.execute(update(copy).where(copy.c.id == identity).values(acts=sealed))
    audit.append(work, event, row.reference, {"copy": identity}, act)


def _after(work: Work, content: str | None, state: State) -> None:
    if state in NEEDS_NO_CONTENT:
        contents.erase_unused(work, content or None)
