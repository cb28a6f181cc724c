"""How often a message could not be read or judged, over all its tries.

Takes a message's retry key, gives the number so far. A row is a keyed hash and a number; it is forgotten after a day
without a further try.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select, update

from dlp.store.schema import failure, stamp
from dlp.store.work import Work

_KEPT = timedelta(days=1)


def count(work: Work, key: bytes) -> int:
    """Count one more; gives the number with it."""
    mine = failure.c.key == key.hex()
    one_more = {"count": failure.c.count + 1, "updated": work.stamp}
    counting = update(failure).where(mine).values(one_more)
    first = {"key": key.hex(), "count": 1, "updated": work.stamp}
    if not work.connection.execute(counting).rowcount and not work.insert_once(failure, first):
        work.connection.execute(counting)  # another node was just inserting it
    return int(work.connection.execute(select(failure.c.count).where(mine)).scalar_one())


def has_old(work: Work) -> bool:
    return work.connection.scalar(select(failure.c.key).where(failure.c.updated < stamp(work.now - _KEPT)).limit(1)) is not None


def sweep(work: Work) -> None:
    """Forget those that have not failed for a day."""
    work.connection.execute(delete(failure).where(failure.c.updated < stamp(work.now - _KEPT)))
