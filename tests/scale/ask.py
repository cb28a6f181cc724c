"""One process that asks a snapshot: `python -m tests.scale.ask SNAPSHOTS STUDENTS`.

Opens the snapshot in force and looks up at random; prints one line of JSON with the time opening took and look-ups in a second
of CPU time, then waits for a line and prints what memory it has by then, so that several can be looked at side by side.
"""

from __future__ import annotations

import json
import random
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

from dlp.campus.names import pair_key
from dlp.snapshot import DirectoryInForce, Snapshot
from tests.generate.campus import FAMILY, GIVEN, student_id
from tests.scale.bring import KEY

LOOK_UPS = 100_000
_FEW = 2_000  # of those that each give many people
_MEMORY = re.compile(r"(?m)^(Rss|Pss|Private_Clean|Private_Dirty|Pss_Anon):\s*(\d+) kB")

Asks = Callable[[], object]


def ways(snapshot: Snapshot, students: int, seed: int) -> dict[str, tuple[int, Asks]]:
    """What is measured: how often, and one look-up."""
    draw = random.Random(seed)

    def number() -> int:
        return draw.randrange(students)

    return {
        "by ID": (LOOK_UPS, lambda: snapshot.student(student_id(number()))),
        "by address": (LOOK_UPS, lambda: snapshot.students_at(f"s{number()}@campus.example")),
        "enrolments": (LOOK_UPS, lambda: snapshot.enrolments_of(student_id(number()))),
        "ID not there": (LOOK_UPS, lambda: snapshot.student(f"8{number():08d}")),
        "name not there": (LOOK_UPS, lambda: snapshot.named(f"nobody{number()} here")),
        "name of many": (
            _FEW,
            lambda: snapshot.named(pair_key(draw.choice(GIVEN).lower(), draw.choice(FAMILY).lower())),
        ),
    }


def main() -> None:
    snapshots, students = Path(sys.argv[1]), int(sys.argv[2])
    began = time.perf_counter()
    snapshot = DirectoryInForce(snapshots, KEY)()
    assert snapshot is not None
    opened = time.perf_counter() - began
    rates = {}
    for name, (count, ask) in ways(snapshot, students, seed=1).items():
        began = time.process_time()
        for _ in range(count):
            ask()
        rates[name] = count / (time.process_time() - began)
    sys.stdout.write(json.dumps({"opened": opened, "rates": rates}) + "\n")
    sys.stdout.flush()
    sys.stdin.readline()
    memory = {name: int(kilobytes) * 1024 for name, kilobytes in _MEMORY.findall(Path("/proc/self/smaps_rollup").read_text())}
    sys.stdout.write(json.dumps(memory) + "\n")
    sys.stdout.flush()
    sys.stdin.readline()


if __name__ == "__main__":
    main()
