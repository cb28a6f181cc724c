"""Dropping root: serve, and every command that opens the store, go on as the site's own user.

Takes a user name, changes this process for good. Does nothing when not started as root or when the name is empty.
A user that does not exist is a ConfigError with the line that creates it. `barred` names the folder that keeps such a user from
a file, which may lie behind a link: a Python below /root, say.
"""

from __future__ import annotations

import os
import pwd
import sys
from collections.abc import Callable, Iterable
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


def program() -> tuple[Path, ...]:
    """Where what runs lies: this package, the environment it is installed in, and the Python below that."""
    return Path(__file__), Path(sys.prefix, "lib"), Path(sys.executable), Path(os.__file__)


def may_enter(folder: Path) -> bool:
    """Whether the user this process is may."""
    return os.access(folder, os.X_OK)


def barred(places: Iterable[Path], may: Callable[[Path], bool] = may_enter) -> Path | None:
    """The first folder on the way to one of these, links followed, that somebody may not enter; None where all may be."""
    ways = (way for place in places for way in (place.absolute(), place.resolve()))
    return next((folder for way in ways for folder in reversed(way.parents) if not may(folder)), None)


def _lookup(user: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(user)
    except KeyError:
        remedy = f"create it with: useradd --system --no-create-home {user}"
        raise ConfigError(f"there is no user {user!r} on this machine", key="site.user", remedy=remedy) from None
