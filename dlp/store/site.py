"""The store as one installation configures it: where it is, and what this node is called in it.

Takes settings; gives the address, the node's name, and the store opened or brought up to date. An address that cannot be
read, or that others may read, is a ConfigError, and so is a name too long for a node.
"""

from __future__ import annotations

import shlex
import stat

from dlp import keys
from dlp.config import Settings
from dlp.errors import ConfigError
from dlp.store import sqlite
from dlp.store.database import SQLITE
from dlp.store.store import Store

ALONE = "main"  # the node's name where there can be no other
_NAME = 64  # characters of a node's name


def address(settings: Settings) -> str:
    """`[store] url`, or the one line of url_file."""
    if not settings.store.url_file:
        return settings.store.url
    path = settings.path(settings.store.url_file)
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        url = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        what, remedy = "cannot be read", f"make it readable for the user {settings.site.user or 'that runs dlp'} alone"
        raise ConfigError(what, file=str(path), key="store.url_file", remedy=remedy) from None
    if mode & 0o077:
        what, remedy = "others may read the address of the store", f"run: chmod go= {shlex.quote(str(path))}"
        raise ConfigError(what, file=str(path), key="store.url_file", remedy=remedy)
    if not url.startswith("postgresql://") or len(url.split()) != 1:
        what, remedy = "not the address of a PostgreSQL database", "write one line: postgresql://user:password@host/database"
        raise ConfigError(what, file=str(path), key="store.url_file", remedy=remedy)
    return url


def node(settings: Settings) -> str:
    """What this node is called in leases and in the audit chain."""
    if is_sqlite(settings):
        return ALONE
    if len(settings.hostname) > _NAME:
        remedy = f"set a shorter one, of at most {_NAME} characters"
        raise ConfigError("too long for the name of a node", key="receive.hostname", remedy=remedy)
    return settings.hostname


def open_store(settings: Settings, site_keys: keys.Keys) -> Store:
    """The store, which must have been migrated."""
    named = node(settings)
    return Store.open(address(settings), settings.data_dir, site_keys, node=named, hold_for=settings.hold_for)


def migrate_store(settings: Settings) -> None:
    """Bring the store up to date, or make it."""
    from dlp.store.migrate import migrate  # noqa: PLC0415  Alembic stays in the process that migrates, 8 MB each otherwise

    node(settings)  # to refuse
    migrate(address(settings), settings.data_dir, settings.hold_for)


def place(settings: Settings) -> str:
    """Where the store is, for a message."""
    return str(settings.data_dir / sqlite.FILE) if is_sqlite(settings) else "PostgreSQL"


def is_sqlite(settings: Settings) -> bool:
    """Whether the store is the file in data_dir."""
    return settings.store.url == SQLITE and not settings.store.url_file
