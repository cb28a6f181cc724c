"""How many of a sender's near-identical messages went to somebody else than the one they name: the slip of a mail merge.

Takes the keyed hash such messages share (facts.Series); gives a score. It goes up by one for each message that goes astray and
down by one for each that does not, never below none, and not beyond MOST: so a run in which few names are misread never
scores, and one that was put right is soon trusted again. A row is a hash and a number; there is none where nothing goes astray,
and it is forgotten after an hour without another message.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import case, delete, select, update

from dlp.store.schema import astray, stamp
from dlp.store.work import Work

MOST = 6
_KEPT = timedelta(hours=1)


def score(work: Work, fingerprint: str) -> int:
    mine = astray.c.fingerprint == fingerprint, astray.c.updated >= stamp(work.now - _KEPT)
    return work.connection.scalar(select(astray.c.score).where(*mine)) or 0


def add(work: Work, fingerprint: str) -> None:
    """One more that went astray."""
    mine = astray.c.fingerprint == fingerprint
    so_far = case((astray.c.updated < stamp(work.now - _KEPT), 0), else_=astray.c.score)
    more = case((so_far < MOST, so_far + 1), else_=MOST)
    adding = update(astray).where(mine).values(score=more, updated=work.stamp)
    first = {"fingerprint": fingerprint, "score": 1, "updated": work.stamp}
    if not work.connection.execute(adding).rowcount and not work.insert_once(astray, first):
        work.connection.execute(adding)  # another node was just inserting it


def take_off(work: Work, fingerprint: str) -> None:
    """One that went to the very one it names."""
    mine = astray.c.fingerprint == fingerprint, astray.c.score > 0
    work.connection.execute(update(astray).where(*mine).values(score=astray.c.score - 1, updated=work.stamp))


def has_old(work: Work) -> bool:
    old = select(astray.c.fingerprint).where(astray.c.updated < stamp(work.now - _KEPT)).limit(1)
    return work.connection.scalar(old) is not None


def sweep(work: Work) -> None:
    """Forget those that have seen no message for an hour."""
    work.connection.execute(delete(astray).where(astray.c.updated < stamp(work.now - _KEPT)))
