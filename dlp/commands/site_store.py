"""The site's store as a command opens it, and who acts there.

Takes settings; gives an open store, as the site's user and empty where nothing was ever held. A store this user may not open
is a ConfigError that says who may.
"""

from __future__ import annotations

import getpass
import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dlp import keys
from dlp.commands import shared
from dlp.config import Settings
from dlp.errors import ConfigError
from dlp.store import Store, site
from dlp.store.records import Act, HeldCopy
from dlp.store.sqlite import FILE
from dlp.store.states import NEEDS_NO_CONTENT

# what to do where a chain is broken
KEEP_IT = "keep the store as it is and copy it; docs/operations.md goes on (DlpAuditNotIntact)"


@contextmanager
def open_store(settings: Settings) -> Iterator[Store]:
    """The site's store, as the site's user."""
    remedy = run_as(settings)
    if os.geteuid() == 0:
        shared.become_owner(settings)  # or files of the store would belong to root
        remedy = f"chown -R {settings.site.user} {shlex.quote(str(settings.data_dir))}"
    there, site_keys = is_there(settings, remedy), keys.load(settings.keys_dir)  # without a key no store is made
    if not there:
        site.migrate_store(settings)  # nothing was held yet: an empty one says so
    store = site.open_store(settings, site_keys)
    try:
        yield store
    finally:
        store.close()


def run_as(settings: Settings) -> str:
    """What a user may do who may not open the store."""
    return f"run it as root, or as {settings.site.user or 'the user that runs dlp serve'}"


def is_there(settings: Settings, remedy: str) -> bool:
    """Whether there is a store yet, which this user may open. ConfigError where the user may not, or cannot see whether."""
    if not site.is_sqlite(settings):
        return True
    file = settings.data_dir / FILE
    try:
        kept = file.exists()
        if kept:
            file.open("r+b").close()
    except PermissionError:
        raise ConfigError("this user may not open the store", file=str(file), key="site.data_dir", remedy=remedy) from None
    return kept


def sealed_here(settings: Settings) -> Path | None:
    """What lies in data_dir and opens with one site key alone: the store, or the directory of people. Raises OSError."""
    from dlp.snapshot.in_force import CURRENT  # noqa: PLC0415  slow to load, and most commands do without

    return next((file for file in (settings.data_dir / FILE, settings.snapshots / CURRENT) if file.exists()), None)


def readable_again(copy: HeldCopy) -> bool:
    """Whether its bytes are still kept, and whole."""
    return copy.state not in NEEDS_NO_CONTENT and not copy.damaged


def act(reason: str) -> Act:
    """What the person at the terminal does, for the record."""
    try:
        actor = getpass.getuser()
    except (KeyError, OSError):  # a container may run as a user without an entry
        actor = f"uid {os.getuid()}"
    return Act(actor=actor, reason=reason)
