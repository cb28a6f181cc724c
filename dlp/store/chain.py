"""Rows that can only be added: each one's keyed hash covers the row before, one chain for each node.

Takes a table, the table of its ends and the columns the hash covers; adds rows within the transaction of what they record,
and says which row is not as it was written. The end is keyed as well: a cut tail stays unseen only together with an end kept
from before, and a chain only when all of it is gone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Table, func, insert, select, update

from dlp.keys import Keys
from dlp.store.records import BadAudit
from dlp.store.work import Work

_START = "0" * 64


@dataclass(frozen=True, slots=True)
class Chain:
    """`rows` has columns node, seq, previous and hash beside those covered; `head` has node, seq and a hash of the end.

    Of a column `record` the fingerprint is covered.
    """

    rows: Table
    head: Table
    covered: tuple[str, ...]
    name: str = ""  # part of what is hashed, so that no row passes for one of another chain

    def append(self, work: Work, rows: Sequence[Mapping[str, object]]) -> None:
        """Add rows to this node's chain, in this order."""
        if not rows:
            return
        last = self._take_head(work, len(rows))
        previous, added = self._hash_of(work, last - len(rows)), []
        for seq, row in enumerate(rows, last - len(rows) + 1):
            whole = {**row, "node": work.node, "seq": seq, "previous": previous}
            previous = self._link(work.keys, whole)
            added.append(whole | {"hash": previous})
        work.connection.execute(insert(self.rows), added)
        end = self._end(work.keys, work.node, last, previous)
        work.connection.execute(update(self.head).where(self.head.c.node == work.node).values(hash=end))

    def verify(self, connection: Connection, keys: Keys, node: str | None = None) -> BadAudit | None:
        """The first bad row of one node's chain, or of all; None when all is well."""
        heads = set(connection.scalars(select(self.head.c.node)))
        known = heads | set(connection.scalars(select(self.rows.c.node).distinct()))
        nodes = [node] if node is not None else sorted(known)
        return next((bad for each in nodes if (bad := self._verify(connection, keys, each))), None)

    def count(self, connection: Connection) -> int:
        """Rows of all nodes."""
        return connection.scalar(select(func.count()).select_from(self.rows)) or 0

    def _verify(self, connection: Connection, keys: Keys, node: str) -> BadAudit | None:
        seq, previous = 0, _START
        chain = select(self.rows).where(self.rows.c.node == node).order_by(self.rows.c.seq).execution_options(yield_per=1000)
        with connection.execute(chain) as rows:
            for row in rows:
                seq += 1
                why = self._fault(keys, row, seq, previous)
                if why:
                    return BadAudit(node, seq, why)
                previous = row.hash
        head = connection.execute(select(self.head).where(self.head.c.node == node)).one_or_none()
        if (head.seq, head.hash) != (seq, self._end(keys, node, seq, previous)) if head else seq:
            return BadAudit(node, seq + 1, "tail-cut")
        return None

    def _fault(self, keys: Keys, row: Row[*tuple[Any, ...]], seq: int, previous: str) -> str:
        if row.seq != seq:
            return "missing"
        if "record" in self.rows.c and row.fingerprint != (keys.fingerprint(row.record) if row.record is not None else ""):
            return "edited"
        if row.previous != previous or row.hash != self._link(keys, row._mapping):  # noqa: SLF001  SQLAlchemy's public name for it
            return "edited"
        return ""

    def _link(self, keys: Keys, row: Mapping[Any, object]) -> str:
        values = [*([self.name] if self.name else []), *(row[name] for name in self.covered)]
        return keys.chain(json.dumps(values, separators=(",", ":")))

    def _end(self, keys: Keys, node: str, seq: int, previous: str) -> str:
        """What shows that the chain goes on to this row."""
        return keys.chain(json.dumps(["end", self.rows.name, node, seq, previous], separators=(",", ":")))

    def _hash_of(self, work: Work, seq: int) -> str:
        """Of this node's row with this number; "" where somebody removed it, which `verify` tells."""
        chosen = select(self.rows.c.hash).where(self.rows.c.node == work.node, self.rows.c.seq == seq)
        return (work.connection.scalar(chosen) or "") if seq else _START

    def _take_head(self, work: Work, count: int) -> int:
        # the update locks the row, so that two processes of one node add one after the other
        mine = self.head.c.node == work.node
        taken = update(self.head).where(mine).values(seq=self.head.c.seq + count).returning(self.head.c.seq)
        seq = work.connection.scalar(taken)
        if seq is None:
            work.insert_once(self.head, {"node": work.node, "seq": 0, "hash": self._end(work.keys, work.node, 0, _START)})
            seq = work.connection.execute(taken).scalar_one()
        return int(seq)
