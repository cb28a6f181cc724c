"""Notices waiting to be sent: one waiting row for each message and addressee.

Takes notices of every chunk of a message and merges them while the first still waits; gives due ones under a lease. A sent
or given-up row keeps no facts. A row whose facts do not open any more is given up. What a notice that was given up should
have told of goes into the daily digest.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, or_, select, update

from dlp.errors import Unavailable
from dlp.failpoints import reach
from dlp.store import audit
from dlp.store.records import MERGE_WINDOW, DueNotice, Json, Notice
from dlp.store.schema import copy, outbox, stamp
from dlp.store.sealing import seal, unseal
from dlp.store.states import Damaged, NoticeState, Told
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
    """Take notices that are due, or that another process took and did not settle before its lease ended."""
    due = or_(
        and_(outbox.c.state == NoticeState.WAITING, outbox.c.not_before <= work.stamp),
        and_(outbox.c.state == NoticeState.SENDING, outbox.c.lease_until <= work.stamp),
    )
    chosen = select(outbox).where(due).order_by(outbox.c.not_before).limit(limit).with_for_update(skip_locked=True)
    claimed = []
    for row in work.connection.execute(chosen).all():
        try:
            addressee, facts = _open(work, row)
        except Damaged:
            _end(work, row, NoticeState.DEAD)
            continue
        taken = {
            "state": NoticeState.SENDING,
            "fence": row.fence + 1,
            "owner": work.owner.text,
            "lease_until": stamp(work.now + lease),
            "attempts": row.attempts + 1,
        }
        work.connection.execute(update(outbox).where(outbox.c.id == row.id).values(taken))
        reach("notice.claim")
        claimed.append(DueNotice(row.id, row.reference, addressee, tuple(facts), row.attempts + 1, row.fence + 1))
    return tuple(claimed)


def sent(work: Work, notice: DueNotice) -> bool:
    """It was accepted. False when the lease had ended and another process has it now."""
    row = _mine(work, notice)
    if row is not None:
        _end(work, row, NoticeState.SENT)
        reach("notice.mark")
    return row is not None


def failed(work: Work, notice: DueNotice, retry_at: datetime | None) -> bool:
    """It was not accepted: try again then, or give up (None). False when another process has it now."""
    row = _mine(work, notice)
    if row is None:
        return False
    if retry_at is None:
        _end(work, row, NoticeState.DEAD)
    else:
        waits = {"state": NoticeState.WAITING, "not_before": stamp(retry_at), "owner": "", "lease_until": 0}
        work.connection.execute(update(outbox).where(outbox.c.id == row.id).values(waits))
    reach("notice.mark")
    return True


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


def _mine(work: Work, notice: DueNotice) -> Row[*tuple[Any, ...]] | None:
    mine = outbox.c.id == notice.id, outbox.c.fence == notice.fence, outbox.c.state == NoticeState.SENDING
    return work.connection.execute(select(outbox).where(*mine).with_for_update()).one_or_none()


def _end(work: Work, row: Row[*tuple[Any, ...]], state: NoticeState) -> None:
    ended = {"state": state, "record": None, "owner": "", "lease_until": 0}
    work.connection.execute(update(outbox).where(outbox.c.id == row.id).values(ended))
    if state is NoticeState.DEAD:
        untold = copy.c.message == row.message, copy.c.told.in_((Told.SENDER, Told.REPORTED))
        work.connection.execute(update(copy).where(*untold).values(told=Told.DIGEST))
    audit.append(work, f"notice-{state}", row.reference, {"notice": row.id, "attempts": row.attempts})


def _open(work: Work, row: Row[*tuple[Any, ...]]) -> tuple[str, Sequence[Json]]:
    value = unseal(work.keys, row.record, _name(row.id))
    assert isinstance(value, list)  # what `queue` sealed
    addressee, facts = value
    return addressee, facts


def _name(identity: str) -> str:
    return f"outbox|{identity}"
