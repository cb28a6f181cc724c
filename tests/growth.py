"""Whether something takes time as its input is long, or time squared: two lengths, compared, so that no machine is too slow."""

from __future__ import annotations

import time
from collections.abc import Callable

_SHORT, _TIMES = 10_000, 4
_TRIES = 3  # of which the quickest counts: a busy machine holds single ones up
_NOTHING = 0.02  # seconds, within which clocks and caches decide


def assert_linear(run: Callable[[int], object], short: int = _SHORT) -> None:
    """Four times the length may take eight times the time; what is squared takes sixteen times."""
    brief, long = (min(_seconds(run, length) for _ in range(_TRIES)) for length in (short, short * _TIMES))
    assert long < 2 * _TIMES * brief + _NOTHING, (brief, long)


def _seconds(run: Callable[[int], object], length: int) -> float:
    before = time.process_time()
    run(length)
    return time.process_time() - before
