"""One transaction's surroundings, handed to every operation.

Takes and does nothing: the connection, the keys, and the one time at which everything in the transaction happens.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from dlp.keys import Keys
from dlp.store.owners import Owner
from dlp.store.schema import stamp


@dataclass(frozen=True, slots=True)
class Work:
    connection: Connection
    keys: Keys
    node: str
    owner: Owner  # this process, in leases
    now: datetime

    @property
    def stamp(self) -> int:
        return stamp(self.now)
