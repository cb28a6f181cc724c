"""What was held, changed or warned about, by the sender's department, till its steward has been told (R5).

Takes a message's reference, the department and the reason codes of each action; gives what nobody told yet. Rows hold a
reference, closed words and a keyed digest of the department, whose name is sealed; no person. They go when they were told, and
after a month in any case.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, select

from dlp.campus.folding import folded_word
from dlp.store.records import Message
from dlp.store.schema import incident, moment, stamp
from dlp.store.sealing import seal, unseal
from dlp.store.states import Damaged
from dlp.store.work import Work

_KEPT = timedelta(days=31)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Incident:
    """One action on one message of a department's people. `department` is "" when the row does not open."""

    id: str
    department: str
    reference: str
    at: datetime
    action: str
    codes: tuple[str, ...]


def add(work: Work, message: Message, department: str, actions: Mapping[str, Collection[str]]) -> None:
    """Note what was done; a further chunk or try of the same message adds nothing to the same action."""
    key = work.keys.digest(f"department|{folded_word(department)}")
    for action, codes in actions.items():
        row = {
            "id": secrets.token_hex(16),
            "message": message.key.hex(),
            "action": action,
            "department_key": key,
            "reference": message.envelope.reference,
            "created": work.stamp,
            "codes": " ".join(sorted(codes)),
            "record": seal(work.keys, department, f"incident|{key}"),
        }
        work.insert_once(incident, row)


def untold(work: Work, before: datetime) -> tuple[Incident, ...]:
    """Everything older, by department, oldest first."""
    chosen = select(incident).where(incident.c.created < stamp(before)).order_by(incident.c.department_key, incident.c.created)
    return tuple(
        Incident(row.id, _department(work, row), row.reference, moment(row.created), row.action, tuple(row.codes.split()))
        for row in work.connection.execute(chosen)
    )


def forget(work: Work, ids: Collection[str]) -> None:
    every = sorted(ids)
    for start in range(0, len(every), _AT_ONCE):
        work.connection.execute(delete(incident).where(incident.c.id.in_(every[start : start + _AT_ONCE])))


def has_old(work: Work) -> bool:
    return (
        work.connection.scalar(select(incident.c.id).where(incident.c.created < stamp(work.now - _KEPT)).limit(1)) is not None
    )


def sweep(work: Work) -> None:
    """Forget those nobody told for a month: their department has no steward."""
    work.connection.execute(delete(incident).where(incident.c.created < stamp(work.now - _KEPT)))


def _department(work: Work, row: Row[*tuple[Any, ...]]) -> str:
    try:
        return str(unseal(work.keys, row.record, f"incident|{row.department_key}"))
    except Damaged:
        return ""
