"""One process's access to the store: opened once, then a transaction at a time.

Takes the store's address, the data folder and the site's keys; gives an open store whose calls are each one transaction.
A store of another schema or another key is a ConfigError; what the database cannot do later is Unavailable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Self

from sqlalchemy import Engine, inspect, text

from dlp.clock import utc_now
from dlp.errors import Unavailable
from dlp.keys import Keys
from dlp.store import database, site_key
from dlp.store.owners import Owner
from dlp.store.records import HOLD_FOR
from dlp.store.schema import REVISION
from dlp.store.work import Work
from dlp.values import Clock

LEASE = timedelta(minutes=15)  # longer than any one attempt may take (dlp.holds.ATTEMPT)


class Access:
    """Safe to share between the threads of a process."""

    def __init__(self, engine: Engine, keys: Keys, node: str, owner: Owner, clock: Clock, hold_for: timedelta) -> None:
        self.noted: Callable[[bool], None] = lambda _worked: None  # told from any thread how writing went
        self._engine = engine
        self._glance = database.glance(engine)
        self._keys = keys
        self._node = node
        self._owner = owner
        self._clock = clock
        self._hold_for = hold_for

    @classmethod
    def open(
        cls,
        url: str,
        data_dir: Path,
        keys: Keys,
        *,
        node: str = "main",
        clock: Clock = utc_now,
        hold_for: timedelta = HOLD_FOR,
    ) -> Self:
        """Open a migrated store. ConfigError when its schema is not this program's or its key another.

        `hold_for` is how long what is held through it waits for a decision.
        """
        engine = database.connect(url, data_dir)
        with database.reading(engine) as connection:
            migrated = inspect(connection).has_table("alembic_version")
            found = connection.scalar(text("SELECT version_num FROM alembic_version")) if migrated else None
            fits = found == REVISION and site_key.fits(connection, keys)
        if not fits:
            engine.dispose()
            raise site_key.refusal(database.place(url, data_dir), schema=found == REVISION)
        owner = Owner(data_dir / "run", node, shared=url != database.SQLITE)
        return cls(engine, keys, node, owner, clock, hold_for)

    def close(self) -> None:
        self._engine.dispose()
        if self._glance:
            self._glance.close()
        self._owner.close()

    @contextmanager
    def _writing(self) -> Iterator[Work]:
        try:
            with database.writing(self._engine) as connection:
                yield Work(connection, self._keys, self._node, self._owner, self._clock(), self._hold_for)
        except Unavailable as error:
            if error.cause == "store":  # nor a full disk: it answers at once, and with 452
                self.noted(False)
            raise
        self.noted(True)

    @contextmanager
    def _reading(self) -> Iterator[Work]:
        with database.reading(self._engine) as connection:
            yield Work(connection, self._keys, self._node, self._owner, self._clock(), self._hold_for)
