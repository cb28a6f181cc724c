"""Dropping root: serve, and every command that opens the store, go on as the site's own user.

Takes a user name, changes this process for good. Does nothing when not started as root or when the name is empty.
A user that does not exist is a ConfigError with the line that creates it.
"""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from dlp.errors import ConfigError


def own(folder: Path, user: str) -> None:
    """Make the folder if it is missing, private to the user."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.geteuid() == 0 and user:
        entry = _lookup(user)
        os.chown(folder, entry.pw_uid, entry.pw_gid)


def become(user: str) -> None:
    """Drop to `user`, with its groups, when running as root."""
    if os.geteuid() != 0 or not user:
        return
    entry = _lookup(user)
    os.initgroups(user, entry.pw_gid)
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


def _lookup(user: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(user)
    except KeyError:
        remedy = f"create it with: useradd --system --no-create-home {user}"
        raise ConfigError(f"there is no user {user!r} on this machine", key="site.user", remedy=remedy) from None
