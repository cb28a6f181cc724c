"""The database behind the store, whichever it is: one small interface before its two halves, sqlite.py and postgres.py.

Takes `[store] url` and the data folder, gives an SQLAlchemy engine and transactions on it. Wrong set-up is a
ConfigError, everything the database raises later Unavailable (troubles.py). Make the engine after the last fork: a
connection must not cross one.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType

from sqlalchemy import Connection, Engine

from dlp.store import postgres, sqlite
from dlp.store.glance import Glance

SQLITE = "sqlite"  # the url of the store in data_dir
_HALVES: Mapping[str, ModuleType] = {"sqlite": sqlite, "postgresql": postgres}

Transaction = AbstractContextManager[Connection]


def connect(url: str, data_dir: Path) -> Engine:
    """An engine for `url` ("sqlite": a file in `data_dir`). ConfigError if that cannot be, Unavailable if not now."""
    return sqlite.connect(data_dir) if url == SQLITE else postgres.connect(url)


def place(url: str, data_dir: Path) -> str:
    """Where the store is, for a message; never the URL, which may hold a password."""
    return str(data_dir / sqlite.FILE) if url == SQLITE else "PostgreSQL"


def writing(engine: Engine) -> Transaction:
    """One transaction that may write: all of it or nothing. Unavailable when the database cannot."""
    transaction: Transaction = _HALVES[engine.dialect.name].writing(engine)
    return transaction


def reading(engine: Engine) -> Transaction:
    """One consistent view; waits for no writer. Unavailable when the database cannot."""
    transaction: Transaction = _HALVES[engine.dialect.name].reading(engine)
    return transaction


def glance(engine: Engine) -> Glance | None:
    """A look that waits for nobody, where the database is a file; None where it is a server."""
    return Glance(*sqlite.opened(engine)) if engine.dialect.name == "sqlite" else None


def migrating(engine: Engine) -> Transaction:
    """As `writing`, for one process at a time, of whatever node; statements may take long."""
    transaction: Transaction = _HALVES[engine.dialect.name].migrating(engine)
    return transaction
