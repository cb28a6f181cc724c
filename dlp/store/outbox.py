"""Notices waiting to be sent: one waiting row for each message and addressee.

Takes notices of every chunk of a message and merges them while the first still waits; gives due ones under a lease, at
the pace of `pace`. A sent or given-up row keeps no facts. A row whose facts do not open any more is given up. What a
notice that was given up should have told of goes into the daily digest.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, case, func, select, update

from dlp.errors import Unavailable
from dlp.failpoints import reach
from dlp.store import audit, pace
from dlp.store.records import MERGE_WINDOW, DueNotice, Json, Notice
from dlp.store.schema import copy, moment, outbox, stamp
from dlp.store.sealing import seal, unseal
from dlp.store.states import Damaged, NoticeState, State, Told
from dlp.store.work import Work

_TRIES = 5  # at being the one who inserts the next notice of a message


def queue(work: Work, key: bytes, reference: str, notice: Notice) -> None:
    """Add facts to the notice that waits, or make a new one when there is none or it is on its way.

    One that waits is put off for the newcomer, but not beyond MERGE_WINDOW from its first facts.
    """
    addressee_key = work.keys.lookup(notice.addressee)
    mine = outbox.c.message == key.hex(), outbox.c.addressee_key == addressee_key
    newest = select(outbox).where(*mine).order_by(outbox.c.seq.desc()).limit(1).with_for_update()
    identity = secrets.token_hex(16)
    row = {
        "id": identity,
        "message": key.hex(),
        "reference": reference,
        "addressee_key": addressee_key,
        "state": NoticeState.WAITING,
        "created": work.stamp,
        "not_before": stamp(notice.not_before),
        "attempts": 0,
        "fence": 0,
        "owner": "",
        "lease_until": 0,
        "counted": 0,
        "deferred": False,
        "record": seal(work.keys, [notice.addressee, [notice.facts]], _name(identity)),
    }
    for _ in range(_TRIES):
        last = work.connection.execute(newest).one_or_none()
        if last is not None and last.state == NoticeState.WAITING and _merged(work, last, notice):
            return
        if work.insert_once(outbox, row | {"seq": last.seq + 1 if last is not None else 1}):
            return
    raise Unavailable("busy")  # other nodes were always first


def claim(work: Work, limit: int, lease: timedelta) -> tuple[DueNotice, ...]:
    """Take notices that are due, or that another process took and did not settle before its lease ended.

    What would be too many for its addressee within an hour is put off, and then taken together (`more`).
    """
    claimed: list[DueNotice] = []
    broken: list[Row[*tuple[Any, ...]]] = []
    seen: set[str] = set()
    while len(claimed) < limit and (found := _next(work, seen)):
        seen.add(found.id)
        pace.lock(work, found.addressee_key)
        mine = select(outbox).where(outbox.c.id == found.id, pace.due(work)).with_for_update(skip_locked=True)
        row = work.connection.execute(mine).one_or_none()
        if row is None:
            continue
        room_at = pace.room_at(work, row)
        if room_at > work.stamp:
            pace.put_off(work, row.addressee_key, room_at)
            continue
        rows = pace.together(work, row)
        due, damaged = _opened(work, rows)
        broken += damaged
        if due:
            claimed.append(_take(work, due, lease))
    for row in broken:  # last: this writes audit rows, whose lock comes last in every transaction
        _end(work, row, NoticeState.DEAD)
    return tuple(claimed)


def sent(work: Work, notice: DueNotice) -> bool:
    """It was accepted. False when the lease had ended and another process has it now."""
    rows = _mine(work, notice)
    for row in rows:
        _end(work, row, NoticeState.SENT)
    if rows:
        reach("notice.mark")
    return bool(rows)


def failed(work: Work, notice: DueNotice, retry_at: datetime | None) -> bool:
    """It was not accepted: try again then, or give up (None). False when another process has it now."""
    rows = _mine(work, notice)
    if not rows:
        return False
    if retry_at is None:
        for row in rows:
            _end(work, row, NoticeState.DEAD)
    else:
        waits = {"state": NoticeState.WAITING, "not_before": stamp(retry_at), "owner": "", "lease_until": 0, "counted": 0}
        work.connection.execute(update(outbox).where(outbox.c.id.in_([row.id for row in rows])).values(waits))
    reach("notice.mark")
    return True


def _next(work: Work, seen: Collection[str]) -> Row[*tuple[Any, ...]] | None:
    """The next due row, not locked."""
    chosen = select(outbox.c.id, outbox.c.addressee_key).where(pace.due(work), outbox.c.id.not_in(seen))
    return work.connection.execute(chosen.order_by(outbox.c.not_before, outbox.c.created).limit(1)).one_or_none()


def _opened(work: Work, rows: Iterable[Row[*tuple[Any, ...]]]) -> tuple[list[DueNotice], list[Row[*tuple[Any, ...]]]]:
    """The rows as notices, and those that do not open any more."""
    due, damaged = [], []
    for row in rows:
        try:
            addressee, facts = _open(work, row)
        except Damaged:
            damaged.append(row)
            continue
        deadline = work.connection.scalar(
            select(func.min(copy.c.deadline)).where(copy.c.message == row.message, copy.c.state == State.HELD)
        )
        due.append(
            DueNotice(
                id=row.id,
                reference=row.reference,
                addressee=addressee,
                facts=tuple(facts),
                attempts=row.attempts + 1,
                fence=row.fence + 1,
                deadline=moment(deadline) if deadline is not None else None,
            )
        )
    return due, damaged


def _take(work: Work, due: Sequence[DueNotice], lease: timedelta) -> DueNotice:
    """Claim these together; they take one place in their addressee's hour."""
    first, *others = due
    taken = {
        "state": NoticeState.SENDING,
        "fence": outbox.c.fence + 1,
        "owner": work.owner.text,
        "lease_until": stamp(work.now + lease),
        "attempts": outbox.c.attempts + 1,
        "counted": case((outbox.c.id == first.id, work.stamp), else_=0),
    }
    work.connection.execute(update(outbox).where(outbox.c.id.in_([each.id for each in due])).values(taken))
    reach("notice.claim")
    return replace(first, more=tuple(others))


def _merged(work: Work, waiting: Row[*tuple[Any, ...]], notice: Notice) -> bool:
    try:
        _, facts = _open(work, waiting)
    except Damaged:
        return False
    if notice.facts not in facts:
        latest = waiting.created + MERGE_WINDOW // timedelta(microseconds=1)
        merged = {
            "record": seal(work.keys, [notice.addressee, [*facts, notice.facts]], _name(waiting.id)),
            "not_before": max(waiting.not_before, min(stamp(notice.not_before), latest)),
        }
        work.connection.execute(update(outbox).where(outbox.c.id == waiting.id).values(merged))
    return True


def _mine(work: Work, notice: DueNotice) -> list[Row[*tuple[Any, ...]]]:
    """The rows of this claim that are still its own; of one that lost its lease other processes may have all or some."""
    fences = {each.id: each.fence for each in (notice, *notice.more)}
    mine = outbox.c.id.in_(fences), outbox.c.state == NoticeState.SENDING
    rows = work.connection.execute(select(outbox).where(*mine).order_by(outbox.c.id).with_for_update()).all()
    return [row for row in rows if row.fence == fences[row.id]]


def _end(work: Work, row: Row[*tuple[Any, ...]], state: NoticeState) -> None:
    ended = {"state": state, "record": None, "owner": "", "lease_until": 0}
    work.connection.execute(update(outbox).where(outbox.c.id == row.id).values(ended))
    if state is NoticeState.DEAD:
        untold = copy.c.message == row.message, copy.c.told.in_((Told.SENDER, Told.REPORTED))
        work.connection.execute(update(copy).where(*untold).values(told=Told.DIGEST))
    audit.append(work, f"notice-{state}", row.reference, {"notice": row.id, "attempts": row.attempts})


def _open(work: Work, row: Row[*tuple[Any, ...]]) -> tuple[str, Sequence[Json]]:
    value = unseal(work.keys, row.record, _name(row.id))
    if not isinstance(value, list) or len(value) != 2:  # not what `queue` seals
        raise Damaged
    addressee, facts = value
    return addressee, facts


def _name(identity: str) -> str:
    return f"outbox|{identity}"
