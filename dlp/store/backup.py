"""A copy of the SQLite store while it is in use.

Takes the data folder and an empty file; gives its size once it has been opened and checked. The copy is one consistent
moment; writers do not wait for it. It holds what the store holds, sealed under the site key, and never the key. A copy
that cannot be made or is not whole is Unavailable, and the file is emptied.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from dlp.errors import Unavailable
from dlp.store.schema import REVISION
from dlp.store.sqlite import FILE, PATIENCE


def copy_store(data_dir: Path, file: Path) -> int:
    """Copy the store into `file`, which is there and empty; its size in bytes."""
    try:
        with closing(sqlite3.connect(data_dir / FILE, timeout=PATIENCE)) as source, closing(sqlite3.connect(file)) as target:
            target.execute("PRAGMA journal_mode=OFF")  # the folder may be one that this user may only enter
            source.backup(target)  # all pages in one step: what is written meanwhile does not start it anew
        _check(file)
        with file.open("rb") as written:
            os.fsync(written.fileno())
    except (sqlite3.Error, OSError) as error:
        os.truncate(file, 0)
        full = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        raise Unavailable("disk" if full else "store", storage=full) from None
    return file.stat().st_size


def _check(file: Path) -> None:
    """Open the copy as nobody will ever write to it, and read all of it."""
    place = f"file:{quote(str(file))}?mode=ro&immutable=1"
    with closing(sqlite3.connect(place, uri=True)) as opened:
        (verdict,) = opened.execute("PRAGMA integrity_check(1)").fetchone()
        (revision,) = opened.execute("SELECT version_num FROM alembic_version").fetchone()
    if (verdict, revision) != ("ok", REVISION):
        raise sqlite3.DatabaseError
