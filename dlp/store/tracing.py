"""What the store knows of one message: its copies, its notices and its audit rows, found by reference, address or queue id.

Takes an address (sender, recipient or addressee of a notice), the MTA's queue id, or a reference; gives a Story for each
reference, newest first. Addresses are found by their keyed digests; a queue id is sealed, so the messages since a moment
are opened one after the other (some ten thousand a second). Rows that do not open are passed over.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import cast

from sqlalchemy import select

from dlp.store import audit
from dlp.store.listing import select_copies
from dlp.store.records import NoticeSeen, Story
from dlp.store.schema import audit as audit_rows
from dlp.store.schema import copy, message, moment, outbox, stamp
from dlp.store.sealing import unseal
from dlp.store.states import Damaged, NoticeState, Purpose
from dlp.store.work import Work


def by_address(work: Work, address: str, since: datetime) -> tuple[Story, ...]:
    """Messages from this address, to it, or of which it was told."""
    key, first = work.keys.lookup(address), stamp(since)
    asked = (
        select(message.c.reference).where(message.c.sender_key == key, message.c.created >= first),
        select(message.c.reference).join(copy).where(copy.c.recipient_key == key, copy.c.created >= first),
        select(outbox.c.reference).where(outbox.c.addressee_key == key, outbox.c.created >= first),
    )
    return _stories(work, {reference for each in asked for reference in work.connection.scalars(each)})


def by_queue_id(work: Work, queue_id: str, since: datetime) -> tuple[Story, ...]:
    """Messages the MTA named so."""
    return _stories(work, set(_named(work, queue_id, since)))


def by_reference(work: Work, reference: str) -> tuple[Story, ...]:
    return _stories(work, {reference})


def _named(work: Work, queue_id: str, since: datetime) -> Iterator[str]:
    chosen = select(message).where(message.c.created >= stamp(since)).execution_options(yield_per=1000)
    for row in work.connection.execute(chosen):
        with contextlib.suppress(Damaged):
            told = cast("dict[str, object]", unseal(work.keys, row.record, f"message|{row.key}"))
            if told["upstream_id"] == queue_id:
                yield row.reference


def _stories(work: Work, references: Iterable[str]) -> tuple[Story, ...]:
    stories = [story for reference in references if (story := _story(work, reference)) is not None]
    return tuple(sorted(stories, key=lambda story: story.begun, reverse=True))


def _story(work: Work, reference: str) -> Story | None:
    copies = select_copies(work, message.c.reference == reference)
    live = copy.c.purpose == Purpose.FORWARDED, message.c.reference == reference
    forwarded = tuple(map(moment, work.connection.scalars(select(copy.c.created).join(message).where(*live))))
    notices = tuple(
        NoticeSeen(NoticeState(row.state), moment(row.created), moment(row.not_before), row.attempts)
        for row in work.connection.execute(select(outbox).where(outbox.c.reference == reference).order_by(outbox.c.created))
    )
    acts = tuple(
        audit.opened(work, row)
        for row in work.connection.execute(
            select(audit_rows).where(audit_rows.c.reference == reference).order_by(audit_rows.c.time, audit_rows.c.seq)
        )
    )
    times = [*forwarded, *(each.created for each in copies), *(each.created for each in notices), *(each.time for each in acts)]
    return Story(reference, min(times), copies, forwarded, notices, acts) if times else None
