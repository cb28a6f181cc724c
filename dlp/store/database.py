"""The database behind the store: how it is opened and how its troubles are named.

Takes `[store] url` and the data folder, gives an SQLAlchemy engine and transactions on it. SQLite runs in WAL mode with
synchronous=FULL: what is committed survives a power cut. Wrong set-up is a ConfigError, everything the database raises
later Unavailable("store"), a full disk Unavailable("disk", storage=True); a driver's text never leaves, it may quote values.
Make the engine after the last fork: a SQLite connection must not cross one.
"""

from __future__ import annotations

import fcntl
import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from dlp.errors import ConfigError, Unavailable

FILE = "store.sqlite"
_READING = "reading"
_TURN = ".turn"  # an empty file beside the database
_PRAGMAS = (
    "busy_timeout=5000",  # first: the others may meet a lock
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",
    "temp_store=MEMORY",
)
_log = logging.getLogger("dlp.store")


def connect(url: str, data_dir: Path) -> Engine:
    """An engine for `url` ("sqlite": a file in `data_dir`, made 0600 when missing). ConfigError if that cannot be."""
    if url != "sqlite":
        raise ConfigError("this version keeps its store in SQLite only", key="store.url", remedy='write: url = "sqlite"')
    path = data_dir / FILE
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        # the write-ahead log and the index file take their mode from this one
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        what = f"the store cannot be opened: {error.strerror}"
        raise ConfigError(
            what, file=str(path), key="site.data_dir", remedy="make the folder writable for the user that runs dlp"
        ) from None
    engine = create_engine(URL.create("sqlite", database=str(path)), hide_parameters=True, pool_size=8, max_overflow=8)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that may write: all of it or nothing. Unavailable when the database cannot."""
    with _turn(engine), _named_troubles(), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view; waits for no writer. Unavailable when the database cannot."""
    with _named_troubles(), engine.connect() as connection:
        quiet = connection.execution_options(**{_READING: True})
        with quiet.begin():
            yield quiet


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    """Wait for this process's, then this thread's turn to write.

    SQLite's own waiting is polling with growing pauses: under load one process can starve another past any time-out.
    The kernel wakes those who wait for a file lock as soon as it is free. The lock ends with its holder.
    """
    turn = os.open(f"{engine.url.database}{_TURN}", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield
    finally:
        os.close(turn)


@contextmanager
def _named_troubles() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise _unavailable(error) from None


def _unavailable(error: SQLAlchemyError) -> Unavailable:
    origin = error.orig if isinstance(error, DBAPIError) else None
    name = getattr(origin, "sqlite_errorname", type(origin or error).__name__)
    _log.warning("store error=%s", name)
    if getattr(origin, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
        return Unavailable("disk", storage=True)
    return Unavailable("store")


def _prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # transactions are begun by _begin alone
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    # IMMEDIATE: wait for the write lock at the start, where waiting works, not at the first write, where it fails at once
    quiet = connection.get_execution_options().get(_READING, False)
    connection.exec_driver_sql("BEGIN" if quiet else "BEGIN IMMEDIATE")
