"""What a long run is at, told on standard error every so many seconds: also into a pipe or a file, where nothing else shows it.

Takes words, and items as they are done; gives the items. A timer of this process tells it, so that one long step is told of,
too; no child has it. Nothing here fails.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

_T = TypeVar("_T")
_doing = ["beginning"]  # of this process


def at(what: str) -> None:
    """From now on the run is at this."""
    _doing[0] = what


def counted(items: Iterable[_T], total: int, what: str) -> Iterator[_T]:
    """The items, and how many of them there were."""
    for number, item in enumerate(items, start=1):
        at(f"{number:,} of {total:,} {what}")
        yield item


@contextmanager
def told(seconds: float = 10.0) -> Iterator[None]:
    """Tell it while this lasts."""
    began = time.monotonic()

    def tell(*_signal: object) -> None:
        print(f"{time.monotonic() - began:.0f} s: {_doing[0]}", file=sys.stderr, flush=True)

    before = signal.signal(signal.SIGALRM, tell)
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
