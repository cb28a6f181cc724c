"""A look into the store's file that waits for nobody: the copies of one message, asked for in the event loop.

Takes a message key; gives recipient keys and states, or None when it cannot be had at once: the file is locked, replaced
or in trouble. Then the store is asked in a thread, which waits its time and names the trouble. Almost every message has
no copy yet; handing this question to a thread costs more than twice as much as answering it.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

_COPIES = "SELECT recipient_key, state FROM copy WHERE message = ?"


class Glance:
    """One connection that only reads. Use it in one thread."""

    def __init__(self, path: Path, opened: tuple[int, int]) -> None:
        """`opened` is the identity of the file that the store writes to."""
        self._path = path.absolute()
        self._opened = opened
        self._connection: sqlite3.Connection | None = None

    def states(self, message: str) -> list[tuple[str, str]] | None:
        try:
            if identity(self._path) != self._opened:
                return None
            if self._connection is None:
                # autocommit: each look sees what is committed by then
                self._connection = sqlite3.connect(f"{self._path.as_uri()}?mode=ro", uri=True, timeout=0, isolation_level=None)
            return self._connection.execute(_COPIES, (message,)).fetchall()
        except (OSError, sqlite3.Error):
            self.close()  # a connection that has met trouble is not used again
            return None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def identity(path: Path) -> tuple[int, int]:
    """Which file this is now (device, inode). Raises OSError."""
    entry = path.stat()
    return entry.st_dev, entry.st_ino
