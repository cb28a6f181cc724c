"""What a database or the file system raises, under our name.

Takes whatever SQLAlchemy, a driver or the operating system raised; gives Unavailable("store"), or Unavailable("disk",
storage=True) when the disk behind the store is full. The trouble's own short name goes into the log; a driver's text
never leaves, it may quote values.
"""

from __future__ import annotations

import errno
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from dlp.errors import Unavailable
from dlp.events import event

_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_SERVER_S_DISK_FULL = "53100"  # PostgreSQL's disk_full
_LOG = logging.getLogger("dlp.store")


@contextmanager
def named_troubles(operation: str = "write") -> Iterator[None]:
    """What the database or the file system raises in here becomes Unavailable."""
    try:
        yield
    except OSError as error:
        raise no_file(error, operation) from None
    except SQLAlchemyError as error:
        origin = error.orig if isinstance(error, DBAPIError) else None
        state = getattr(origin, "sqlstate", None)
        name = getattr(origin, "sqlite_errorname", None) or state or type(origin or error).__name__
        full = getattr(origin, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL or state == _SERVER_S_DISK_FULL
        raise unavailable(name, operation, full=full) from None


def no_file(error: OSError, operation: str = "write") -> Unavailable:
    return unavailable(errno.errorcode.get(error.errno or 0, "OSError"), operation, full=error.errno in _DISK_FULL)


def unavailable(name: str, operation: str = "write", *, full: bool = False) -> Unavailable:
    """Our word for a trouble, and the trouble's own name in the log."""
    cause = "disk" if full else "store"
    event(_LOG, "store.trouble", level=logging.WARNING, error=name, what=cause, operation=operation)
    return Unavailable(cause, storage=full)
