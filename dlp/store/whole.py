"""Whether the store's chains are whole, the audit chain and the ledger, and how long they are.

Takes a connection and the site's keys, for whoever only looks; gives the first bad row there is. It writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from dlp.keys import Keys
from dlp.store import audit, ledger
from dlp.store.records import BadAudit

_CHAINS = {"audit": audit.CHAIN, "ledger": ledger.CHAIN}


def broken(connection: Connection, keys: Keys) -> tuple[str, BadAudit] | None:
    """The name of a chain, and its first bad row; None when all is well."""
    found = ((name, chain.verify(connection, keys)) for name, chain in _CHAINS.items())
    return next(((name, bad) for name, bad in found if bad), None)


def rows(connection: Connection) -> Mapping[str, int]:
    """How many rows each chain has, of all nodes."""
    return {name: chain.count(connection) for name, chain in _CHAINS.items()}
