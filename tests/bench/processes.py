"""What a process tree has cost: CPU seconds of a process, its living children and those it has waited for.

Takes process ids, gives seconds. Read from /proc in clock ticks (10 ms as a rule), so a run should cost many of them.
A process that ends between two looks is counted with its parent.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(roots: Iterable[int]) -> float:
    """User and system time of these trees so far."""
    known = _stat()
    children: dict[int, list[int]] = {}
    for pid, (parent, _) in known.items():
        children.setdefault(parent, []).append(pid)
    ticks, waiting = 0, list(roots)
    while waiting:
        pid = waiting.pop()
        if pid in known:
            ticks += known[pid][1]
            waiting += children.get(pid, [])
    return ticks / _TICK


def _stat() -> dict[int, tuple[int, int]]:
    """Process id -> (its parent, ticks)."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        found[int(entry.name)] = int(fields[1]), sum(map(int, fields[11:15]))
    return found
