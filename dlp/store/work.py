"""One transaction's surroundings, handed to every operation.

Takes and does nothing by itself: the connection, the keys, the one time at which everything in the transaction happens,
and the one statement that the two databases spell alike and SQLAlchemy does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from dlp.keys import Keys
from dlp.store.owners import Owner
from dlp.store.schema import deadline, stamp

_INSERTS: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True)
class Work:
    connection: Connection
    keys: Keys
    node: str
    owner: Owner  # this process, in leases
    now: datetime
    hold_for: timedelta

    @property
    def stamp(self) -> int:
        return stamp(self.now)

    @property
    def deadline(self) -> int:
        """Until when a hold waits whose waiting begins now."""
        return deadline(self.now, self.hold_for)

    def insert_once(self, table: Table, values: Mapping[str, object]) -> bool:
        """Insert a row, or give False when its key is taken: also by another node at this moment, whose end is waited for."""
        statement = _INSERTS[self.connection.dialect.name](table).values(values).on_conflict_do_nothing()
        kept = {"preserve_rowcount": True}  # of an INSERT the number is forgotten with psycopg's cursor otherwise
        return bool(self.connection.execute(statement, execution_options=kept).rowcount == 1)
