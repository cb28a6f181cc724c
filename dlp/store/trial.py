"""The store brought up to date and opened once at a start, in a process of its own: the supervisor never opens the database.

Takes settings and keys. What is wrong is one line on standard error and then a ConfigError; a line for what nobody foresaw,
too, such as a Python this user may not read: its kind, and which file, but no value of anything. Where a folder on the way to
it shuts this user out, that is named.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from dlp.config import Settings
from dlp.errors import ConfigError, Unavailable
from dlp.keys import Keys
from dlp.privileges import barred, program
from dlp.store import site

_FAILED, _NO_PROGRAM = 1, 2  # how the process of its own ends


def try_store(settings: Settings, site_keys: Keys) -> None:
    """Bring it up to date, and see that it opens with this key. Raises ConfigError."""

    def work() -> None:
        site.migrate_store(settings)
        site.open_store(settings, site_keys).close()

    in_child(work, site.place(settings))


def in_child(work: Callable[[], None], store: str) -> None:
    """Do this in a process of its own. Raises ConfigError where it does not come to its end."""
    pid = os.fork()
    if pid == 0:
        status = _FAILED
        try:
            work()
            status = 0
        except ConfigError as error:
            sys.stderr.write(f"dlp: {error}\n")
        except Unavailable:
            sys.stderr.write(f"dlp: the store does not answer, is locked, damaged, or its disk is full: {store}\n")
        finally:
            if unforeseen := sys.exc_info()[1]:
                status = _NO_PROGRAM if isinstance(unforeseen, ImportError) else _FAILED
                sys.stderr.write(f"dlp: {_said(unforeseen)}\n")
            sys.stderr.flush()
            os._exit(status)
    ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if ended == _NO_PROGRAM:
        raise ConfigError(
            "this user cannot load all of the program", key="site.user", remedy="see the line above, or ask dlp doctor"
        )
    if ended != 0:
        raise ConfigError("the store could not be opened", key="store.url", remedy="see the line above, or ask dlp doctor")


def _said(error: BaseException) -> str:
    kind = f"the store could not be opened: {type(error).__name__}"
    if isinstance(error, ImportError):
        at_a_loss = f"may this user read all of {sys.prefix}?"
        return f"{kind}, {error.name or 'a module'} cannot be imported; {_shut_out(program()) or at_a_loss}"
    if isinstance(error, OSError):
        shut_out = _shut_out([Path(os.fsdecode(error.filename))]) if isinstance(error.filename, str | bytes) else ""
        return (
            f"{kind}, {(error.strerror or 'failed').lower()}: {error.filename or '-'}; {shut_out or 'may this user read it?'}"
        )
    return kind


def _shut_out(places: Iterable[Path]) -> str:
    folder = barred(places)
    return f"this user may not enter {folder}" if folder else ""
