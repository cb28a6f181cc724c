"""What a process that died left behind, found by the others: prepared copies, claims, bytes that nobody needs.

Takes one transaction's surroundings and a bound; gives how much was put right. Only rows of owners that are gone are
touched: their lease has ended, or they were a process of this node that does not live any more. What was prepared was
never answered 250, so forgetting it loses nothing; what was claimed becomes due at once, and its fence stops a late write.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Table, delete, exists, func, or_, select, update

from dlp.failpoints import reach
from dlp.store import copies, disclosures
from dlp.store.schema import audit, audit_head, content, content_chunk, copy, disclosure, message, moment, node, outbox
from dlp.store.states import BUSY, NEEDS_NO_CONTENT, DisclosureState, NoticeState, State
from dlp.store.work import Work


@dataclass(frozen=True, slots=True)
class Recovered:
    """How many copies were given up, attempts made due again, and contents erased that no copy refers to.

    Doubtful are the disclosures of which nobody knows whether they went out.
    """

    aborted: int
    due: int
    swept: int
    doubtful: int = 0

    def __bool__(self) -> bool:
        return bool(self.aborted or self.due or self.swept or self.doubtful)


def gone(work: Work) -> frozenset[str]:
    """Every owner of an unfinished row that does not live any more."""
    unfinished: Mapping[Table, Collection[str]] = {
        copy: {State.PREPARED, *BUSY},
        outbox: {NoticeState.SENDING},
        disclosure: {DisclosureState.INTENDED},
    }
    owners: set[str] = set()
    for table, states in unfinished.items():
        owners.update(work.connection.scalars(select(table.c.owner).where(table.c.state.in_(states)).distinct()))
    return frozenset(owner for owner in owners if not work.owner.lives(owner))


def has_late(work: Work) -> bool:
    """Whether a prepared copy or an intent has outlived its lease, whoever made it."""
    late = copy.c.state == State.PREPARED, copy.c.lease_until <= work.stamp
    return work.connection.scalar(select(copy.c.id).where(*late).limit(1)) is not None or disclosures.has_late(work)


def recover(work: Work, owners: Collection[str], limit: int) -> tuple[int, int, int]:
    """Give up what these owners prepared (and what nobody finished in time), make due what they claimed.

    What they were about to disclose may have gone out or not.
    """
    left = copy.c.state == State.PREPARED, or_(copy.c.lease_until <= work.stamp, copy.c.owner.in_(owners))
    rows = select(copy.c.id, copy.c.fence).where(*left).limit(limit).with_for_update(skip_locked=True)
    aborted = sum(copies.forget(work, row.id, row.fence) for row in work.connection.execute(rows).all())
    due = _make_due(work, copy, BUSY, owners) + _make_due(work, outbox, {NoticeState.SENDING}, owners)
    doubtful = disclosures.recover(work, owners, limit)
    reach("recover.mark")
    return aborted, due, doubtful


def orphans(work: Work, limit: int) -> tuple[str, ...]:
    """Contents that no copy refers to."""
    unused = ~exists().where(copy.c.content == content.c.id)
    return tuple(work.connection.scalars(select(content.c.id).where(unused).limit(limit)))


def sweep(work: Work, identities: Collection[str]) -> int:
    """Remove these contents, unless a copy refers to one by now."""
    unused = content.c.id.in_(identities), ~exists().where(copy.c.content == content.c.id)
    found = tuple(work.connection.scalars(select(content.c.id).where(*unused)))
    work.connection.execute(delete(content_chunk).where(content_chunk.c.content.in_(found)))
    work.connection.execute(delete(content).where(content.c.id.in_(found)))
    return len(found)


def without_bytes(work: Work, limit: int) -> tuple[tuple[str, str], ...]:
    """(id, reference) of copies that still need their bytes and whose bytes are not there."""
    first = exists().where(content_chunk.c.content == content.c.id, content_chunk.c.n == 0)
    chosen = (
        select(copy.c.id, message.c.reference)
        .join(message, message.c.key == copy.c.message)
        .join(content, content.c.id == copy.c.content)
        .where(copy.c.state.not_in(NEEDS_NO_CONTENT), or_(content.c.wrapped_key.is_(None), ~first))
        .limit(limit)
    )
    return tuple((row.id, row.reference) for row in work.connection.execute(chosen))


def check_in(work: Work) -> timedelta:
    """Write one row, to see that it can be done; gives how far this clock is behind the newest row of the audit chains."""
    seen = {"seen": work.stamp}
    if not work.connection.execute(update(node).where(node.c.name == work.node).values(seen)).rowcount:
        work.insert_once(node, {"name": work.node, **seen})
    newest = select(func.max(audit.c.time)).join(
        audit_head, (audit_head.c.node == audit.c.node) & (audit_head.c.seq == audit.c.seq)
    )
    last = work.connection.scalar(newest)
    return moment(last) - work.now if last is not None else timedelta()


def _make_due(work: Work, table: Table, states: Collection[str], owners: Collection[str]) -> int:
    claimed = table.c.state.in_(states), table.c.owner.in_(owners), table.c.lease_until > work.stamp
    return work.connection.execute(update(table).where(*claimed).values(lease_until=work.stamp)).rowcount
