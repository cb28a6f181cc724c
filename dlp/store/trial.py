"""The store brought up to date and opened once at a start, in a process of its own: the supervisor never opens the database.

Takes settings and keys. What is wrong is one line on standard error and then a ConfigError; a line for what nobody foresaw,
too, such as a Python this user may not read: its kind, and which file, but no value of anything.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from dlp.config import Settings
from dlp.errors import ConfigError, Unavailable
from dlp.keys import Keys
from dlp.store import site


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
        status = 1
        try:
            work()
            status = 0
        except ConfigError as error:
            sys.stderr.write(f"dlp: {error}\n")
        except Unavailable:
            sys.stderr.write(f"dlp: the store does not answer, is locked, damaged, or its disk is full: {store}\n")
        finally:
            if unforeseen := sys.exc_info()[1]:
                sys.stderr.write(f"dlp: {_said(unforeseen)}\n")
            sys.stderr.flush()
            os._exit(status)
    if os.waitpid(pid, 0)[1] != 0:
        raise ConfigError("the store could not be opened", key="store.url", remedy="see the line above, or ask dlp doctor")


def _said(error: BaseException) -> str:
    kind = f"the store could not be opened: {type(error).__name__}"
    if isinstance(error, ImportError):
        return f"{kind}, {error.name or 'a module'} cannot be imported; may this user read all of {sys.prefix}?"
    if isinstance(error, OSError):
        return f"{kind}, {(error.strerror or 'failed').lower()}: {error.filename or '-'}; may this user read it?"
    return kind
