"""CPU time of work in this thread, several pieces of it in turn, so that other load on the machine meets all of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median


def milliseconds(repeats: int, *works: Callable[[], object]) -> list[float]:
    """Of one call of each, the median of many."""
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(repeats):
        for work, kept in zip(works, taken, strict=True):
            began = time.thread_time()
            work()
            kept.append(time.thread_time() - began)
    return [median(kept) * 1000 for kept in taken]
