"""Errors that say whose fault they are.

Four families, nothing else crosses a room: ConfigError (the administrator; at start and reload only),
ProtocolError (the peer broke the protocol), Unavailable (us or what we depend on: answered 4xx, never 5xx), Refused
(a command cannot be done as asked). Broken mail is not an error: it becomes a part that was not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(eq=False)  # not frozen: Python writes __traceback__ into a raised exception
class ConfigError(Exception):
    """Something the administrator wrote is wrong: what, where (file, line, key) and the remedy.

    Raised by loaders only, never while mail is judged. `str()` is one line fit for a terminal.
    """

    what: str
    file: str = ""
    line: int = 0
    key: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        parts = [f"{place}:" if place else "", f"{self.key}:" if self.key else "", self.what]
        remedy = f" ({self.remedy})" if self.remedy else ""
        return " ".join(filter(None, parts)) + remedy


class ConfigErrors(ConfigError):  # noqa: N818  there are several
    """All that is wrong in one reading; the fields are those of the first, `str()` has one line for each."""

    def __init__(self, errors: Sequence[ConfigError]) -> None:
        first = errors[0]
        super().__init__(first.what, first.file, first.line, first.key, first.remedy)
        self.errors = tuple(errors)

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.errors)


def all_of(error: ConfigError) -> tuple[ConfigError, ...]:
    """Each mistake, with its own place."""
    return error.errors if isinstance(error, ConfigErrors) else (error,)


class ProtocolError(Exception):
    """The peer did not keep to the protocol. The text is fixed and holds nothing the peer sent."""


class Unavailable(Exception):  # noqa: N818  the word an operator knows; it becomes 451
    """We, or something we depend on, cannot do it now: the answer is 451 (or 452 with `storage`), never 5xx."""

    def __init__(self, cause: str, *, storage: bool = False) -> None:
        super().__init__(cause)
        # closed vocabulary of dlp_deferrals_total: scan, deadline, store, busy (another try), disk, keys, directory, next_hop,
        # split (an MTA that is not known to drop recipients)
        self.cause = cause
        self.storage = storage


class Refused(Exception):  # noqa: N818  says what happened to the command, not what broke
    """A command cannot be done as asked; the text says why and what to do instead."""
