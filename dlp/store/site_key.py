"""Is this the key the store was sealed with? Asked once, when a store is opened.

Takes a connection and the keys; says whether the newest records open with them. One record that does not may be damaged;
when none does, the key is another one, and whoever went on would write rows that nobody can read with either.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from dlp.errors import ConfigError
from dlp.keys import Keys
from dlp.store.permit_rows import record_row
from dlp.store.schema import message, permit
from dlp.store.sealing import unseal
from dlp.store.states import Damaged

_TRIED = 5  # records


def fits(connection: Connection, keys: Keys) -> bool:
    """True for a store with nothing in it as well."""
    newest = select(message.c.key, message.c.record).order_by(message.c.created.desc()).limit(_TRIED)
    records = [(row.record, f"message|{row.key}") for row in connection.execute(newest)]
    permits = select(permit.c.sort, permit.c.name_key, permit.c.record).order_by(permit.c.created.desc()).limit(_TRIED)
    records += [(row.record, record_row(row.sort, row.name_key)) for row in connection.execute(permits)]
    return not records or any(_opens(keys, record, row) for record, row in records)


def refusal(place: str, *, schema: bool) -> ConfigError:
    """Why the store at this place is not opened: its `schema` is right and the key is not, or the schema is not."""
    if schema:
        remedy = "put back the key folder that belongs to this store; without it nothing on hold can be read"
        return ConfigError("the site key is not the one this store was sealed with", place, key="keys.dir", remedy=remedy)
    remedy = (
        "dlp serve brings an older one up to date, or a new one into being; for a newer one install the version that wrote it"
    )
    return ConfigError("the store has another schema than this program", place, remedy=remedy)


def _opens(keys: Keys, record: bytes, row: str) -> bool:
    try:
        unseal(keys, record, row)
    except Damaged:
        return False
    return True
