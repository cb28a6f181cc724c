"""The audit chain: who did what to which copy, one keyed chain for each node.

Takes events and closed words, gives rows whose hash covers the row before (chain.py). A row is added in the transaction of
the act it records, or the act does not happen. `verify` recomputes everything; a cut tail together with a head kept from
before needs a copy of the head kept elsewhere. Rows hold ids, keyed digests and closed vocabularies; beside them, sealed, who
acted and the reason typed, which count only where they fit the digests.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import Row, select

from dlp.failpoints import reach
from dlp.store.chain import Chain
from dlp.store.records import Act, AuditRow, BadAudit, ProbeSeen
from dlp.store.schema import audit, audit_head, moment
from dlp.store.sealing import seal, unseal
from dlp.store.states import Damaged
from dlp.store.work import Work
from dlp.values import Judgement, Ruling

VERSION = 1
_COVERED = ("version", "node", "seq", "time", "event", "reference", "actor", "reason", "detail", "previous")
CHAIN = Chain(audit, audit_head, _COVERED)


def append(work: Work, event: str, reference: str, detail: Mapping[str, object], act: Act | None = None) -> None:
    """Add one row to this node's chain; `act` is who asked for it, None for the program itself."""
    reach("audit.append")
    row: dict[str, object] = {
        "version": VERSION,
        "time": work.stamp,
        "event": event,
        "reference": reference,
        "actor": work.keys.digest(act.actor) if act and act.actor else "",
        "reason": work.keys.digest(act.reason) if act else "",
        "detail": json.dumps(detail, separators=(",", ":"), sort_keys=True),
        "said": None,
    }
    if act and act.actor:
        row["said"] = seal(work.keys, [act.actor, act.reason], _said_row(row["actor"], row["reason"]))
    CHAIN.append(work, [row])


def observe(work: Work, reference: str, judgement: Judgement) -> None:
    """One row for each verdict that observe mode, of everything or of a row, did not act on."""
    for ruling in (*judgement.would_be, *judgement.observed):
        append(work, f"would-{ruling.action.word}", reference, {"revision": judgement.revision} | _ruled(work, ruling))


def record_probe(work: Work, nonce: str, action: str, reference: str) -> None:
    """A test string was seen. The nonce came by mail, so anybody may have written anything into it: only its digest is kept."""
    append(work, "probe", reference, {"action": action}, Act("", nonce))


def probes(work: Work, nonce: str) -> tuple[ProbeSeen, ...]:
    chosen = select(audit).where(audit.c.event == "probe", audit.c.reason == work.keys.digest(nonce)).order_by(audit.c.time)
    return tuple(
        ProbeSeen(moment(row.time), row.reference, str(json.loads(row.detail)["action"]))
        for row in work.connection.execute(chosen)
    )


def since(work: Work, seq: int, limit: int) -> tuple[AuditRow, ...]:
    """Rows of this node's chain after `seq`, oldest first."""
    chosen = select(audit).where(audit.c.node == work.node, audit.c.seq > seq).order_by(audit.c.seq).limit(limit)
    return tuple(
        AuditRow(row.seq, moment(row.time), row.event, row.reference, json.loads(row.detail))
        for row in work.connection.execute(chosen)
    )


def opened(work: Work, row: Row[*tuple[Any, ...]]) -> AuditRow:
    """A row with who acted and why, where that can be told."""
    actor, reason = _said(work, row) if row.actor else ("", "")
    return AuditRow(row.seq, moment(row.time), row.event, row.reference, _detail(row.detail), row.node, actor, reason)


def verify(work: Work, node: str | None = None) -> BadAudit | None:
    """The first bad row of one node's chain, or of all; None when all is well."""
    return CHAIN.verify(work.connection, work.keys, node)


def _detail(text: str) -> Mapping[str, Any]:
    """What the row says; nothing where somebody edited it, which `verify` tells."""
    try:
        value = json.loads(text)
    except (TypeError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _said(work: Work, row: Row[*tuple[Any, ...]]) -> tuple[str | None, str]:
    """The actor and the reason; nobody can tell them where an older version wrote the row, or they are another row's."""
    try:
        actor, reason = cast("list[str]", unseal(work.keys, row.said, _said_row(row.actor, row.reason)))
    except Damaged:
        return None, ""
    return actor, reason


def _said_row(actor: object, reason: object) -> str:
    return f"audit|{actor}|{reason}"


def _ruled(work: Work, ruling: Ruling) -> dict[str, object]:
    return {
        "recipient": work.keys.lookup(ruling.recipient),
        "release": ruling.release.word if ruling.release else "",
        "rows": [reason.row for reason in ruling.reasons],
        "codes": [reason.code for reason in ruling.reasons],
        "requirements": [reason.requirement for reason in ruling.reasons],
    }
