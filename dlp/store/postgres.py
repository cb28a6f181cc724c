"""PostgreSQL as the store's database: one for several nodes.

Takes a postgresql:// URL, gives an engine and transactions on it. READ COMMITTED: what depends on each other takes the
same row lock first, see docs/decisions/0010. A server that may forget what it committed is a ConfigError when the store
is opened and Unavailable later; so is everything else the server or the way to it does, within PATIENCE.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, func, select, text
from sqlalchemy import event as hooks
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from dlp.errors import ConfigError
from dlp.store.troubles import named_troubles, unavailable

PATIENCE = 10.0  # seconds for a whole writing transaction, and for each exchange of a reading one
_CONNECTIONS = 4  # of one process; as many again when all are busy
_TURN = 3.0  # seconds a thread waits for a connection
_MIGRATION = 600.0  # seconds
_MIGRATING = 0x646C70  # the advisory lock of who migrates
# For every session; the server gives up before we do, so that no statement runs on for nobody.
_SESSION = {
    "synchronous_commit": "on",
    "lock_timeout": "5s",
    "statement_timeout": "8s",
    "idle_in_transaction_session_timeout": "30s",
    "timezone": "UTC",
}
# What the URL may say otherwise.
_NETWORK: Mapping[str, Any] = {
    "application_name": "campus-dlp",
    "connect_timeout": 3,
    "target_session_attrs": "read-write",
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


def connect(url: str) -> Engine:
    """An engine for the URL. ConfigError when it is wrong or the server keeps no promise, Unavailable when it is down."""
    try:
        from dlp.store.patient import PatientConnection, parameters  # noqa: PLC0415  psycopg is an extra
    except ImportError:
        remedy = "pip install 'campus-dlp[postgres]'"
        raise ConfigError("PostgreSQL needs psycopg, which is not installed", key="store.url", remedy=remedy) from None
    given = parameters(url)
    session = " ".join(f"-c {name}={value}" for name, value in _SESSION.items())
    ours: dict[str, Any] = {"client_encoding": "UTF8", "options": f"{session} {given.get('options', '')}".strip()}
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: PatientConnection.connect(**{**_NETWORK, **given, **ours}),
        isolation_level="READ COMMITTED",
        hide_parameters=True,
        pool_size=_CONNECTIONS,
        max_overflow=_CONNECTIONS,
        pool_timeout=_TURN,
        pool_pre_ping=True,
    )
    hooks.listen(engine, "connect", _require_durability)
    try:
        with named_troubles(), engine.connect():
            return engine
    except BaseException:
        engine.dispose()
        raise


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that may write: all of it or nothing. Unavailable when the database cannot."""
    with named_troubles(), _connected(engine, PATIENCE, time.monotonic() + PATIENCE) as connection, connection.begin():
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view; waits for no writer. Unavailable when the database cannot."""
    with named_troubles("read"), _connected(engine, PATIENCE, math.inf) as connection:
        view = connection.execution_options(isolation_level="REPEATABLE READ")
        with view.begin():
            # not SQLAlchemy's option: afterwards it would begin with READ WRITE, whatever the server's default is by then
            view.execute(text("SET TRANSACTION READ ONLY"))
            yield view


@contextmanager
def migrating(engine: Engine) -> Iterator[Connection]:
    """As `writing`, for one process at a time, of whatever node; statements may take long."""
    with named_troubles(), _connected(engine, _MIGRATION, math.inf) as connection, connection.begin():
        connection.execute(text(f"SET LOCAL lock_timeout = '{_MIGRATION:.0f}s'"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(select(func.pg_advisory_xact_lock(_MIGRATING)))
        yield connection


@contextmanager
def _connected(engine: Engine, each: float, until: float) -> Iterator[Connection]:
    """A connection that waits so long for one answer, and until then for all."""
    try:
        connection = engine.connect()
    except ConfigError:  # a server that was good when the store was opened
        raise unavailable("not-durable") from None
    with connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.bound(each, until)
        try:
            yield connection
        finally:
            driver.bound()


def _require_durability(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """What a commit must mean here. Looked at on every new connection: behind one address the server may change."""
    cursor = connection.cursor()
    cursor.execute("SELECT pg_is_in_recovery(), current_setting('fsync'), current_setting('synchronous_commit')")
    in_recovery, fsync, synchronous_commit = cursor.fetchone() or (True, "", "")
    cursor.close()
    connection.rollback()
    weaknesses = (
        (in_recovery, "this server is a standby", "name the primary, or all of them: postgresql://dlp@db1,db2/dlp"),
        (fsync != "on", "this server does not wait for its disk", "set fsync = on in postgresql.conf and restart it"),
        (
            synchronous_commit not in ("on", "remote_apply"),
            "a commit here is not synchronous",
            "leave synchronous_commit out of the URL; it is set to on for our sessions",
        ),
    )
    for weak, what, remedy in weaknesses:
        if weak:
            connection.close()
            raise ConfigError(what, key="store.url", remedy=remedy)
