"""SQLite as the store's database: one file in the data folder.

Takes the data folder, gives an engine and transactions on it. The file is in WAL mode with synchronous=FULL: what is
committed survives a power cut. Writers take turns, in the order they came. A folder that cannot be written is a
ConfigError, everything raised later Unavailable (troubles.py).
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy import event as hooks
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.pool import ConnectionPoolEntry

from dlp.errors import ConfigError
from dlp.store.glance import identity
from dlp.store.troubles import named_troubles, no_file, unavailable

FILE = "store.sqlite"
PATIENCE = 10.0  # seconds a writer waits for its turn
_LOOK_AGAIN = 0.001  # seconds; one thread of a process at a time looks
_READING = "reading"
_THREADS = "turn"  # the engine's option that holds the lock among this process's threads
_OPENED = "opened"  # the engine's option that tells which file it was made for
_TURN, _NEXT = ".turn", ".next"  # empty files beside the database: who writes, and who writes after that
_PASSING = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_CONSTRAINT")  # troubles that leave a connection as it was
_PRAGMAS = (
    "busy_timeout=5000",  # first: the others may meet a lock
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",
    "temp_store=MEMORY",
)


def connect(data_dir: Path) -> Engine:
    """An engine for the file in `data_dir`, which is made 0600 when missing. ConfigError if that cannot be."""
    path = data_dir / FILE
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        # the write-ahead log and the index file take their mode from this one
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        found = identity(path)
    except OSError as error:
        what = f"the store cannot be opened: {error.strerror}"
        raise ConfigError(
            what, file=str(path), key="site.data_dir", remedy="make the folder writable for the user that runs dlp"
        ) from None
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        hide_parameters=True,
        pool_size=8,
        max_overflow=8,
        execution_options={_THREADS: threading.Lock(), _OPENED: found},
    )
    hooks.listen(engine, "connect", _prepare)
    hooks.listen(engine, "begin", _begin)
    hooks.listen(engine, "handle_error", _doubt)
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that may write: all of it or nothing. Unavailable when the database cannot."""
    with _turn(engine), named_troubles(), engine.connect() as connection, connection.begin():
        _check_place(engine)
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view; waits for no writer. Unavailable when the database cannot."""
    with named_troubles("read"), engine.connect() as connection:
        quiet = connection.execution_options(**{_READING: True})
        with quiet.begin():
            yield quiet


migrating = writing


def opened(engine: Engine) -> tuple[Path, tuple[int, int]]:
    """The engine's file, and which one it was (device, inode) when the engine was made."""
    return Path(str(engine.url.database)), engine.get_execution_options()[_OPENED]


def _check_place(engine: Engine) -> None:
    """A file removed or replaced under an open database would take what we commit with it: Unavailable till a restart."""
    path, was = opened(engine)
    try:
        found = identity(path)
    except OSError as error:
        raise no_file(error) from None
    if found != was:
        raise unavailable("replaced")


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    """Wait for this thread's, then this process's turn to write. Unavailable when it does not come within PATIENCE.

    SQLite's own waiting is polling: a process that writes back to back leaves a gap too short to be found, and starves
    the others past any time-out. Here a turnstile comes first: only who has passed it waits for the turn, so the next
    writer is chosen during a turn, not in the gap behind it. File locks end with their holder.
    """
    until = time.monotonic() + PATIENCE
    threads: threading.Lock = engine.get_execution_options()[_THREADS]
    if not threads.acquire(timeout=PATIENCE):
        raise unavailable("no-turn")
    try:
        with _locked(engine, _NEXT, until) as turnstile, _locked(engine, _TURN, until):
            fcntl.flock(turnstile, fcntl.LOCK_UN)
            yield
    finally:
        threads.release()


@contextmanager
def _locked(engine: Engine, name: str, until: float) -> Iterator[int]:
    """An exclusive lock on the file of this name, and its descriptor."""
    try:
        descriptor = os.open(f"{engine.url.database}{name}", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise no_file(error) from None
    try:
        _wait(descriptor, until)
        yield descriptor
    finally:
        os.close(descriptor)


def _wait(descriptor: int, until: float) -> None:
    """Lock the file as soon as it is free. A wait that the kernel does cannot be given up in a thread."""
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise unavailable("no-turn") from None
        except OSError as error:
            raise no_file(error) from None
        time.sleep(_LOOK_AGAIN)


def _prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # transactions are begun by _begin alone
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _doubt(trouble: ExceptionContext) -> None:
    """A connection that has met trouble with its file is not used again.

    One example: when the file cannot be opened for writing at that moment SQLite opens it for reading, and says so to
    nobody. In the pool such a connection would refuse every hold until the program is started again.
    """
    name = getattr(trouble.original_exception, "sqlite_errorname", "")
    if trouble.connection is not None and name.startswith("SQLITE_") and not name.startswith(_PASSING):
        # softly, so that it is rolled back first: closed with a statement half done it would keep the write lock
        trouble.connection.connection.invalidate(soft=True)


def _begin(connection: Connection) -> None:
    # IMMEDIATE: wait for the write lock at the start, where waiting works, not at the first write, where it fails at once
    quiet = connection.get_execution_options().get(_READING, False)
    connection.exec_driver_sql("BEGIN" if quiet else "BEGIN IMMEDIATE")
