"""What the store holds after a rig has run, as rows for the ledger.

Takes the installation's configuration file; gives `records.Kept`, read as the site's user with the site's key. The bytes of
every copy are opened and hashed: a row whose bytes do not open counts as not kept. A store that has not come to rest in
time shows as ORPHAN: prepared copies, or attempts, that nobody finishes.
"""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

from sqlalchemy import and_, exists, or_, select

from dlp import keys, privileges
from dlp.commands import shared
from dlp.store import Store, site
from dlp.store.records import Filter, HeldCopy
from dlp.store.schema import content, content_chunk, copy, message, outbox
from dlp.store.states import NEEDS_NO_CONTENT, Damaged, NoticeState, State, Told
from tests.rigs.records import Kept, Row

UNFINISHED = (State.PREPARED, State.RELEASING, State.SENDING)
_MARK = b"X-Serial: "


def at_rest(config: Path, wait: float) -> Kept:
    """The store's copies, once nothing in it is being worked on or `wait` seconds are over."""
    settings = shared.open_settings(config, ())
    if os.geteuid() == 0:
        privileges.become(settings.site.user)
    store = site.open_store(settings, keys.load(settings.keys_dir))
    try:
        deadline = time.monotonic() + wait
        while _busy(store) and time.monotonic() < deadline:
            time.sleep(0.25)
        return _kept(store)
    finally:
        store.close()


def serial(raw: bytes) -> str:
    """Which message of the load this is; "" for another."""
    return raw.partition(_MARK)[2].partition(b"\r\n")[0].decode("ascii", "replace") if _MARK in raw else ""


def _busy(store: Store) -> bool:
    with store._reading() as work:
        due = and_(copy.c.state == State.OWED, copy.c.not_before <= work.stamp)
        copies = select(copy.c.id).where(or_(copy.c.state.in_(UNFINISHED), due))
        notices = select(outbox.c.id).where(outbox.c.state == NoticeState.SENDING)
        return any(work.connection.scalar(query.limit(1)) is not None for query in (copies, notices))


def _kept(store: Store) -> Kept:
    every = store.held(Filter(states=frozenset(State) - {State.PREPARED, State.ABORTED}, limit=1_000_000))
    bad = store.verify_audit()
    return Kept(
        rows=tuple(_row(store, each) for each in every),
        orphans=_orphans(store),
        told=frozenset(each.reference for each in every if _told(each)) | _in_outbox(store),
        chain=f"{bad.node} {bad.seq} {bad.why}" if bad else "",
    )


def _row(store: Store, kept: HeldCopy) -> Row:
    released = any(act.event == "release" for act in kept.acts)
    known = kept.recipient.address, str(kept.state), kept.reference
    if kept.state in NEEDS_NO_CONTENT or kept.state is State.RETURNED:
        return Row("", *known, released=released)
    try:
        raw = store.content(kept)
    except Damaged:
        return Row("", kept.recipient.address, "damaged", kept.reference, released=released)
    return Row(serial(raw), *known, hash=hashlib.sha256(raw).hexdigest(), released=released)


def _told(kept: HeldCopy) -> bool:
    """Somebody is told that it waits, or somebody has decided, and it does not wait any more."""
    return kept.told is not Told.NONE or kept.state in (State.RELEASED, State.DENIED)


def _in_outbox(store: Store) -> frozenset[str]:
    with store._reading() as work:
        return frozenset(work.connection.scalars(select(outbox.c.reference)))


def _orphans(store: Store) -> tuple[str, ...]:
    """Bytes no copy needs or refers to, copies without their bytes, and copies left unfinished."""
    needed = exists().where(copy.c.content == content.c.id, copy.c.state.not_in(NEEDS_NO_CONTENT))
    unneeded = select(content.c.id).where(content.c.wrapped_key.is_not(None), ~needed)
    unreferred = select(content.c.id).where(~exists().where(copy.c.content == content.c.id))
    first = exists().where(content_chunk.c.content == copy.c.content, content_chunk.c.n == 0)
    without = (
        select(message.c.reference)
        .join(copy, copy.c.message == message.c.key)
        .outerjoin(content, content.c.id == copy.c.content)
        .where(copy.c.state.not_in(NEEDS_NO_CONTENT), or_(content.c.wrapped_key.is_(None), ~first))
    )
    unfinished = select(message.c.reference).join(copy).where(copy.c.state.in_(UNFINISHED))
    with store._reading() as work:
        found = {
            kind: work.connection.scalars(query).all()
            for kind, query in (
                ("bytes unneeded", unneeded),
                ("bytes without a copy", unreferred),
                ("copy without bytes", without),
                ("copy unfinished", unfinished),
            )
        }
    return tuple(f"{kind}: {identity}" for kind, identities in found.items() for identity in identities)
