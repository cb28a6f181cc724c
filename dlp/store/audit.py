"""The audit chain: who did what to which copy, one keyed chain for each node.

Takes events and closed words, gives rows whose hash covers the row before. A row is added in the transaction of the act
it records, or the act does not happen. `verify` recomputes everything; only a cut tail together with a forged head stays
unseen, which needs a copy of the head kept elsewhere. Rows hold ids, keyed digests and closed vocabularies only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, insert, select, update

from dlp.failpoints import reach
from dlp.store.records import Act, AuditRow, BadAudit, ProbeSeen
from dlp.store.schema import audit, audit_head, moment
from dlp.store.work import Work
from dlp.values import Judgement, Ruling

VERSION = 1
_START = "0" * 64
_COVERED = ("version", "node", "seq", "time", "event", "reference", "actor", "reason", "detail", "previous")


def append(work: Work, event: str, reference: str, detail: Mapping[str, object], act: Act | None = None) -> None:
    """Add one row to this node's chain; `act` is who asked for it, None for the program itself."""
    reach("audit.append")
    seq, previous = _take_head(work)
    row: dict[str, object] = {
        "version": VERSION,
        "node": work.node,
        "seq": seq,
        "time": work.stamp,
        "event": event,
        "reference": reference,
        "actor": work.keys.digest(act.actor) if act and act.actor else "",
        "reason": work.keys.digest(act.reason) if act else "",
        "detail": json.dumps(detail, separators=(",", ":"), sort_keys=True),
        "previous": previous,
    }
    link = _link(work, row)
    work.connection.execute(insert(audit).values(**row, hash=link))
    work.connection.execute(update(audit_head).where(audit_head.c.node == work.node).values(hash=link))


def observe(work: Work, reference: str, judgement: Judgement) -> None:
    """One row for each verdict that observe mode did not act on."""
    for ruling in judgement.would_be:
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


def verify(work: Work, node: str | None = None) -> BadAudit | None:
    """The first bad row of one node's chain, or of all; None when all is well."""
    heads = set(work.connection.scalars(select(audit_head.c.node)))
    nodes = [node] if node is not None else sorted(heads | set(work.connection.scalars(select(audit.c.node).distinct())))
    return next((bad for each in nodes if (bad := _verify_chain(work, each))), None)


def _verify_chain(work: Work, node: str) -> BadAudit | None:
    seq, previous = 0, _START
    chain = select(audit).where(audit.c.node == node).order_by(audit.c.seq).execution_options(yield_per=1000)
    with work.connection.execute(chain) as rows:
        for row in rows:
            seq += 1
            why = _fault(work, row, seq, previous)
            if why:
                return BadAudit(node, seq, why)
            previous = row.hash
    head = work.connection.execute(select(audit_head).where(audit_head.c.node == node)).one_or_none()
    if (head.seq, head.hash) != (seq, previous) if head else seq:
        return BadAudit(node, seq + 1, "tail-cut")
    return None


def _fault(work: Work, row: Row[*tuple[Any, ...]], seq: int, previous: str) -> str:
    if row.seq != seq:
        return "missing"
    if row.previous != previous or row.hash != _link(work, row._mapping):  # noqa: SLF001  SQLAlchemy's public name for it
        return "edited"
    return ""


def _link(work: Work, row: Mapping[Any, object]) -> str:
    return work.keys.chain(json.dumps([row[name] for name in _COVERED], separators=(",", ":")))


def _take_head(work: Work) -> tuple[int, str]:
    # the update locks the row, so that two processes of one node add one after the other
    taken = update(audit_head).where(audit_head.c.node == work.node).values(seq=audit_head.c.seq + 1)
    row = work.connection.execute(taken.returning(audit_head.c.seq, audit_head.c.hash)).one_or_none()
    if row is None:
        work.insert_once(audit_head, {"node": work.node, "seq": 0, "hash": _START})
        row = work.connection.execute(taken.returning(audit_head.c.seq, audit_head.c.hash)).one()
    return row.seq, row.hash


def _ruled(work: Work, ruling: Ruling) -> dict[str, object]:
    return {
        "recipient": work.keys.lookup(ruling.recipient),
        "release": ruling.release.word if ruling.release else "",
        "rows": [reason.row for reason in ruling.reasons],
        "codes": [reason.code for reason in ruling.reasons],
        "requirements": [reason.requirement for reason in ruling.reasons],
    }
