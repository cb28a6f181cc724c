"""Looking at copies: rows opened into `HeldCopy` values, and figures.

Takes filters, gives visible copies only. A row whose sealed part does not open is listed as damaged, so that one broken
row does not hide the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, NotRequired, TypedDict, cast

from sqlalchemy import ColumnElement, Row, and_, case, func, select

from dlp.store.copies import copy_row
from dlp.store.records import Counts, Evidence, Figures, Filter, HeldCopy, PastAct, Unread
from dlp.store.schema import copy, message, moment, outbox, permit, stamp
from dlp.store.sealing import unseal
from dlp.store.states import INVISIBLE, MOVES, ON_HOLD, Damaged, NoticeState, Purpose, State, Told, sources
from dlp.store.work import Work
from dlp.values import Allowed, Origin, Reason, Recipient, Release

RIGHTS: Mapping[str, Release | None] = {right.word: right for right in Release} | {"": None}
_UNFINISHED = frozenset(state for state in State if MOVES[state]) - INVISIBLE
_UNDIGESTED = copy.c.told == Told.DIGEST, copy.c.state.in_(ON_HOLD | {State.RETURNED, State.DENIED})


class _Told(TypedDict):
    sender: str
    parameters: list[str]
    received_at: str
    origin: str
    login: str
    upstream_id: str


class _Kept(TypedDict):
    recipient: str
    parameters: list[str]
    reasons: list[dict[str, Any]]
    evidence: list[tuple[str, str, str, str]]
    disclosures: NotRequired[list[tuple[str, list[str], str, str, bool]]]  # not in those of an earlier version
    unread: NotRequired[list[tuple[str, str, str]]]  # as above
    about: NotRequired[list[str]]  # as above


class _Opened(TypedDict):
    sender: str
    parameters: tuple[str, ...]
    recipient: Recipient
    received_at: datetime
    origin: Origin
    login: str
    upstream_id: str
    reasons: tuple[Reason, ...]
    evidence: tuple[Evidence, ...]
    unread: tuple[Unread, ...]
    acts: tuple[PastAct, ...]
    disclosures: tuple[Allowed, ...]
    about: tuple[str, ...]


def find(work: Work, wanted: Filter) -> tuple[HeldCopy, ...]:
    """Copies that fit the filter, newest first."""
    conditions: list[ColumnElement[bool]] = [copy.c.state.in_(wanted.states)]
    if wanted.sender is not None:
        conditions.append(message.c.sender_key == work.keys.lookup(wanted.sender))
    if wanted.recipient is not None:
        conditions.append(copy.c.recipient_key == work.keys.lookup(wanted.recipient))
    if wanted.since is not None:
        conditions.append(copy.c.created >= stamp(wanted.since))
    return select_copies(work, *conditions, limit=wanted.limit)


def by_reference(work: Work, reference: str) -> tuple[HeldCopy, ...]:
    """Every held or owed copy of a message; forwarded recipients are not copies."""
    return select_copies(work, message.c.reference == reference)


def undigested(work: Work) -> tuple[HeldCopy, ...]:
    """Copies on hold, or given up, that nobody was told of."""
    return select_copies(work, *_UNDIGESTED)


def overdue(work: Work, before: datetime, limit: int) -> tuple[HeldCopy, ...]:
    """Copies whose deadline has passed, the longest overdue first."""
    due = copy.c.state.in_(sources(State.RETURNED)), copy.c.deadline <= min(stamp(before), work.stamp)
    return select_copies(work, *due, limit=limit, oldest_deadline=True)


def counts(work: Work) -> Counts:
    copies = select(copy.c.state, func.count()).where(copy.c.state.not_in(INVISIBLE)).group_by(copy.c.state)
    notices = select(outbox.c.state, func.count()).group_by(outbox.c.state)
    waiting = select(func.count()).select_from(copy).where(*_UNDIGESTED)
    return Counts(
        copies={State(state): number for state, number in work.connection.execute(copies)},
        notices={NoticeState(state): number for state, number in work.connection.execute(notices)},
        undigested=work.connection.scalar(waiting) or 0,
    )


def figures(work: Work) -> Figures:
    """What waits, by state and right; copies whose story is over are not counted, so the indexes answer."""
    waiting = copy.c.state.in_(_UNFINISHED)
    by_state = select(copy.c.state, copy.c.release_right, func.count(), func.min(copy.c.created)).where(waiting)
    holds: dict[tuple[State, str], int] = {}
    oldest: dict[str, datetime] = {}
    for state, right, number, first in work.connection.execute(by_state.group_by(copy.c.state, copy.c.release_right)):
        holds[State(state), right] = number
        if state in ON_HOLD:
            oldest[right] = min(moment(first), oldest.get(right, moment(first)))
    unsent = outbox.c.state.in_((NoticeState.WAITING, NoticeState.SENDING))
    notices, first = work.connection.execute(select(func.count(), func.min(outbox.c.created)).where(unsent)).one()
    late = copy.c.state.in_(sources(State.RETURNED)), copy.c.deadline <= work.stamp
    by_right = select(copy.c.release_right, func.count()).where(*late).group_by(copy.c.release_right)
    overdue = {right: number for right, number in work.connection.execute(by_right)}  # noqa: C416  a Row is no pair
    no_use_left = and_(permit.c.state == "standing", permit.c.taken >= permit.c.uses)  # NULL uses: never
    state = case((no_use_left, "used_up"), else_=permit.c.state)
    by_standing = select(state, func.count()).where(permit.c.sort == "consent").group_by(state)
    consents = {standing: number for standing, number in work.connection.execute(by_standing)}  # noqa: C416  as above
    return Figures(holds, oldest, overdue, notices, moment(first) if first is not None else None, consents)


def select_copies(
    work: Work, *conditions: ColumnElement[bool], limit: int | None = None, oldest_deadline: bool = False
) -> tuple[HeldCopy, ...]:
    chosen = (
        select(copy, message.c.reference, message.c.record.label("told_record"))
        .join(message)
        .where(copy.c.state.not_in(INVISIBLE), copy.c.purpose != Purpose.FORWARDED, *conditions)
        .order_by(copy.c.deadline if oldest_deadline else copy.c.created.desc(), copy.c.id)
        .limit(limit)
    )
    return tuple(_copy(work, row) for row in work.connection.execute(chosen).all())


def past_acts(work: Work, row: Row[*tuple[Any, ...]]) -> list[list[str]]:
    """The sealed list of acts on a copy, as JSON has it: time, event, actor, reason."""
    if row.acts is None:
        return []
    return cast("list[list[str]]", unseal(work.keys, row.acts, acts_row(row.id)))


def acts_row(identity: str) -> str:
    return f"acts|{identity}"


def _copy(work: Work, row: Row[*tuple[Any, ...]]) -> HeldCopy:
    shown = HeldCopy(
        id=row.id,
        key=bytes.fromhex(row.message),
        reference=row.reference,
        state=State(row.state),
        purpose=Purpose(row.purpose),
        release=RIGHTS[row.release_right],
        codes=tuple(row.codes.split()),
        kinds=tuple(row.kinds.split()),
        created=moment(row.created),
        updated=moment(row.updated),
        not_before=moment(row.not_before),
        attempts=row.attempts,
        told=Told(row.told),
        content=row.content or "",
        deadline=moment(row.deadline) if row.deadline is not None else None,
        damaged=True,
    )
    try:
        opened = _open(work, row)
    except (Damaged, LookupError, TypeError, ValueError):  # what opens and is not what another version sealed neither
        return shown
    return replace(shown, damaged=False, **opened)


def _open(work: Work, row: Row[*tuple[Any, ...]]) -> _Opened:
    told = cast("_Told", unseal(work.keys, row.told_record, f"message|{row.message}"))
    kept = cast("_Kept", unseal(work.keys, row.record, copy_row(row.id, row.message, row.recipient_key, row.content)))
    return {
        "sender": told["sender"],
        "parameters": tuple(told["parameters"]),
        "recipient": Recipient(kept["recipient"], tuple(kept["parameters"])),
        "received_at": datetime.fromisoformat(told["received_at"]),
        "origin": Origin(told["origin"]),
        "login": told["login"],
        "upstream_id": told["upstream_id"],
        "reasons": tuple(Reason(**reason | {"findings": tuple(reason["findings"])}) for reason in kept["reasons"]),
        "evidence": tuple(Evidence(*found) for found in kept["evidence"]),
        "unread": tuple(Unread(*part) for part in kept.get("unread", [])),
        "disclosures": tuple(
            Allowed(kept["recipient"], person, frozenset(kinds), basis, code, sealed=sealed)
            for person, kinds, basis, code, sealed in kept.get("disclosures", [])
        ),
        "about": tuple(kept.get("about", ())),
        "acts": tuple(PastAct(datetime.fromisoformat(at), *rest) for at, *rest in past_acts(work, row)),
    }
