"""The audit chains of all nodes as one list: who did what, in order of time.

Takes what is asked for; gives the newest rows that fit, oldest first, how many fit in all, what people call the consents
in them, and whose the copies in them are. Of an approval neither its ID nor a reason is given: it may be sealed. Memory is
bounded by the limit asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sqlalchemy import ColumnElement, func, or_, select

from dlp.errors import Refused
from dlp.keys import parse_reference
from dlp.store import permits
from dlp.store.audit import opened
from dlp.store.listing import select_copies
from dlp.store.permit_rows import Sort, name_digest
from dlp.store.records import Asked, AuditRow, Recorded
from dlp.store.schema import audit, copy, permit, stamp
from dlp.store.states import State
from dlp.store.work import Work

# how what somebody decided ended, which the program writes
_ENDS = (State.RELEASED, State.RELEASE_FAILED, State.RETURNED)
_AT_ONCE = 500  # copies asked for in one go
_OF_APPROVALS = frozenset({f"{Sort.APPROVAL}-added", f"{Sort.APPROVAL}-revoked"})


def find(work: Work, asked: Asked) -> Recorded:
    wanted = list(_conditions(work, asked))
    newest = select(audit).where(*wanted).order_by(audit.c.time.desc(), audit.c.node.desc(), audit.c.seq.desc())
    chosen = work.connection.execute(newest.limit(asked.limit)).all()
    rows = tuple(_shown(opened(work, row)) for row in reversed(chosen))
    total = work.connection.scalar(select(func.count()).select_from(audit).where(*wanted)) or 0
    consents = permits.names(work, {row.detail["permit"] for row in rows if "permit" in row.detail})
    return Recorded(rows, total, consents, _recipients(work, rows))


def _recipients(work: Work, rows: Iterable[AuditRow]) -> dict[str, str]:
    ids = sorted({row.detail["copy"] for row in rows if "copy" in row.detail})
    several = (select_copies(work, copy.c.id.in_(ids[at : at + _AT_ONCE])) for at in range(0, len(ids), _AT_ONCE))
    return {each.id: each.recipient.address for copies in several for each in copies if each.recipient.address}


def _conditions(work: Work, asked: Asked) -> Iterator[ColumnElement[bool]]:
    if not asked.everything:
        yield or_(audit.c.actor != "", audit.c.event.in_(_ENDS))
    if asked.since is not None:
        yield audit.c.time >= stamp(asked.since)
    if asked.actor is not None:
        yield audit.c.actor == work.keys.digest(asked.actor)
    if asked.about is not None:
        yield _about(work, asked.about)


def _about(work: Work, about: str) -> ColumnElement[bool]:
    named = permit.c.sort == Sort.CONSENT, permit.c.name_key == name_digest(work.keys, Sort.CONSENT, about)
    consent = work.connection.scalar(select(permit.c.id).where(*named))
    of_consent = [audit.c.detail.contains(f'"permit":"{consent}"')] if consent else []
    try:
        return or_(audit.c.reference == parse_reference(about), *of_consent)
    except Refused:
        if of_consent:
            return of_consent[0]
        raise Refused("this is neither a reference, such as H7K2-9QMD, nor the ID of a consent on record") from None


def _shown(row: AuditRow) -> AuditRow:
    if row.event not in _OF_APPROVALS:
        return row
    return replace(row, reason="", detail={name: value for name, value in row.detail.items() if name != "permit"})
