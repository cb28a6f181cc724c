"""Reads bombs as the filter does, each in a child, in a process of its own: started by test_bombs.py.

Takes lines "name size" on standard input; answers each with a line of JSON: what stayed unread, seconds, MiB of the child
above what it began with, MiB the parent grew. Ends at the end of its input.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from pathlib import Path

from dlp import reader
from dlp.errors import Unavailable
from dlp.limits import Limits
from dlp.mail.reading import read_small
from dlp.reader import ChildLimits, read_apart
from tests.faults.bombs import BOMBS

SMALL = Limits(expanded=4 << 20, members=500, cells=20_000, pages=500, pixels=100_000, text=1 << 20, elements=50_000)
ORDINARY = b"Subject: hello\r\nContent-Type: application/octet-stream\r\n\r\ntext\r\n"


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    peaks: list[int] = []

    def waitpid(pid: int, options: int) -> tuple[int, int]:
        ended, status, used = os.wait4(pid, options)
        peaks.append(used.ru_maxrss << 10)
        return ended, status

    reader.os = type("os", (), {**vars(os), "waitpid": staticmethod(waitpid)})  # the only way to what a child used
    for line in sys.stdin:
        name, size = line.rstrip("\n").rsplit(" ", 1)
        print(json.dumps(_one(name, int(size), peaks)), flush=True)


def _one(name: str, size: int, peaks: list[int]) -> dict[str, object]:
    limits = SMALL if size == 1 else Limits()
    raw = BOMBS[name](size)
    gc.collect()
    before, began = resident(), time.monotonic()
    peaks.clear()
    try:
        texts = read_small(raw, limits) or read_apart(raw, limits, ChildLimits())
        unread = sorted({f"{part.status.value}:{part.why}" for part in texts.unread})
    except Unavailable as error:
        unread = [f"no answer:{error.cause}"]
    seconds, after = time.monotonic() - began, resident()
    texts = None
    gc.collect()
    ordinary = read_apart(ORDINARY, limits, ChildLimits())
    return {
        "name": name,
        "bytes": len(raw),
        "unread": unread,
        "seconds": round(seconds, 2),
        "child": (max(peaks, default=before) - before) >> 20,
        "grown": (min(after, resident()) - before) >> 20,
        "next": [view.text for view in ordinary.views][-1:],
    }


if __name__ == "__main__":
    main()
