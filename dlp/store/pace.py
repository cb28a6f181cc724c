"""At most so many notices to one addressee in any hour; what comes too soon waits and goes out as one summary.

Takes a due row of the outbox, gives the time from which it may be taken, and puts off what must wait. The count is in the
rows themselves: each remembers when its last attempt took its place, and an attempt that failed gives the place back. Who
asks holds the addressee's lock, so that two clerks do not both find the last place free.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, or_, select, update

from dlp.store.schema import outbox
from dlp.store.states import NoticeState
from dlp.store.work import Work

LIMIT = 10
HOUR = timedelta(hours=1) // timedelta(microseconds=1)
MOST = 1000  # notices in one summary


def due(work: Work) -> ColumnElement[bool]:
    """The condition for rows that may be taken: their time has come, or the lease of whoever took them has ended."""
    return or_(
        and_(outbox.c.state == NoticeState.WAITING, outbox.c.not_before <= work.stamp),
        and_(outbox.c.state == NoticeState.SENDING, outbox.c.lease_until <= work.stamp),
    )


def lock(work: Work, addressee_key: str) -> None:
    """Wait for whoever else is taking notices to this addressee. The lock is on their first row, which stays for ever."""
    mine = select(outbox.c.id).where(outbox.c.addressee_key == addressee_key)
    work.connection.execute(mine.order_by(outbox.c.created, outbox.c.id).limit(1).with_for_update())


def room_at(work: Work, row: Row[*tuple[Any, ...]]) -> int:
    """From when on one more may go to this row's addressee, as stored; not later than now: at once."""
    # a place in the future was taken before the clock was put back
    lately = outbox.c.counted > work.stamp - HOUR, outbox.c.counted <= work.stamp
    others = select(outbox.c.counted).where(outbox.c.addressee_key == row.addressee_key, outbox.c.id != row.id, *lately)
    newest = work.connection.scalars(others.order_by(outbox.c.counted.desc()).limit(LIMIT)).all()
    return newest[-1] + HOUR if len(newest) == LIMIT else work.stamp


def put_off(work: Work, addressee_key: str, until: int) -> None:
    """All that is due to this addressee waits until then, to go out together."""
    waits = {"state": NoticeState.WAITING, "not_before": until, "deferred": True, "owner": "", "lease_until": 0}
    work.connection.execute(update(outbox).where(outbox.c.addressee_key == addressee_key, due(work)).values(waits))


def together(work: Work, row: Row[*tuple[Any, ...]]) -> Sequence[Row[*tuple[Any, ...]]]:
    """This row, and all others of one summary when it was put off; the oldest first."""
    if not row.deferred:
        return [row]
    same = outbox.c.addressee_key == row.addressee_key, outbox.c.deferred, due(work)
    chosen = select(outbox).where(*same).order_by(outbox.c.created, outbox.c.id).limit(MOST)
    return work.connection.execute(chosen.with_for_update(skip_locked=True)).all()
