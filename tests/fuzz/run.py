"""Fuzzes the readers: `make fuzz TARGET=rtf MINUTES=10`, or `python -m tests.fuzz.run TARGET [TARGET ...] --minutes 10`.

The input of a run depends on target, seed and the run's number alone, and a failure names these. Children do the runs: an
exception nobody expects, more than a second of CPU time, 512 MiB more than at the start, or a death is a failure; its input
is left in the folder, and the next run goes on. How far each target has come stands there too, so another start goes on.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import gc
import json
import mmap
import os
import random
import resource
import select
import signal
import struct
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from types import FrameType

from tests.fuzz.mutating import Members, mutate
from tests.fuzz.targets import TARGETS, Target

SLOWEST = 1.0  # seconds of CPU time
MEMORY = 512 << 20
ENOUGH = 1_000_000
_AT_ONCE = 50_000  # runs of one child
_STUCK = 60.0  # seconds without an answer, also for code that hears no signal
_MOST_FAILURES = 20
_PROGRESS = struct.Struct("<QQdQ")  # run under way, runs done, the slowest's seconds and number


class TooLong(BaseException):
    """A run took more than its second; no handler of an extractor may catch it."""


@dataclass
class Tally:
    """What one target has behind it. `failures`: number of the run to a word about it."""

    seed: int
    runs: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    slowest_run: int = 0
    peak: int = 0  # MiB
    failures: dict[str, str] = field(default_factory=dict)

    def row(self, name: str) -> str:
        rate = self.runs / self.seconds if self.seconds else 0
        return f"| {name} | {self.runs:,} | {rate:,.0f} | {self.slowest * 1000:.0f} | {self.peak} | {len(self.failures)} |"


def made(target: Target, seed: int, run: int) -> bytes:
    """The input of one run."""
    return target.pack(mutate(random.Random(seed << 40 | run), _seeds(target), target.words))


@cache
def _seeds(target: Target) -> tuple[Members, ...]:
    return target.seeds()


def fuzz(target: Target, seconds: float, seed: int, folder: Path, *, most: int = ENOUGH) -> Tally:
    """Go on with one target for a while; what failed before is tried again first."""
    kept = folder / f"{target.name}.json"
    tally = Tally(**json.loads(kept.read_text())) if kept.exists() else Tally(seed)
    if tally.seed != seed:
        tally = Tally(seed)
    again = sorted(map(int, tally.failures))
    tally.failures = {}
    start = time.monotonic()
    while again or (tally.runs < most and time.monotonic() - start < seconds and len(tally.failures) < _MOST_FAILURES):
        runs = range(tally.runs, min(tally.runs + _AT_ONCE, most))
        last = _watched(target, tally, again or runs, start + seconds, folder)
        if again:
            again = [run for run in again if run > last]
        else:
            tally.runs = last + 1
        kept.write_text(json.dumps(asdict(tally)))
    return tally


def _watched(target: Target, tally: Tally, runs: Iterable[int], end: float, folder: Path) -> int:
    """One child from its fork to its end; gives the last run it has tried."""
    shared = mmap.mmap(-1, mmap.PAGESIZE)
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        status = 1
        try:
            os.close(reading)
            _child(target, tally.seed, runs, end, shared, writing)
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    _listen(reading, child, shared, tally)
    _, status, used = os.wait4(child, 0)
    run, _, slowest, slowest_run = _PROGRESS.unpack_from(shared)
    if status:
        died = signal.Signals(status & 0x7F).name if status & 0x7F else "exit"
        tally.failures.setdefault(str(run), "stuck" if died == "SIGKILL" else f"died of {died}")
    tally.seconds += used.ru_utime + used.ru_stime
    tally.peak = max(tally.peak, used.ru_maxrss >> 10)
    if slowest > tally.slowest:
        tally.slowest, tally.slowest_run = slowest, slowest_run
    for failed in tally.failures:
        with contextlib.suppress(Exception):  # packing may be what fails
            (folder / f"{target.name}-{tally.seed}-{failed}").write_bytes(made(target, tally.seed, int(failed)))
    return run


def _listen(reading: int, child: int, shared: mmap.mmap, tally: Tally) -> None:
    """Until the child has ended; one that makes no progress is killed."""
    said, seen, since = b"", b"", time.monotonic()
    while True:
        ready, _, _ = select.select([reading], [], [], 1)
        if ready:
            part = os.read(reading, 65_536)
            if not part:
                break
            said += part
        now = shared[: _PROGRESS.size]
        if now != seen:
            seen, since = now, time.monotonic()
        elif time.monotonic() - since > _STUCK:
            os.kill(child, signal.SIGKILL)
    os.close(reading)
    for line in said.decode().splitlines():
        run, _, word = line.partition(" ")
        tally.failures[run] = word


def _child(target: Target, seed: int, runs: Iterable[int], end: float, shared: mmap.mmap, writing: int) -> None:
    size = int(Path("/proc/self/statm").read_text().split()[0]) * mmap.PAGESIZE
    resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, size + MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    faulthandler.disable()  # the word of a crash is enough
    gc.freeze()
    slowest, slowest_run = 0.0, 0
    words: set[str] = set()
    for count, run in enumerate(runs, 1):
        _PROGRESS.pack_into(shared, 0, run, count, slowest, slowest_run)
        data = made(target, seed, run)
        word, taken = attempt(target, data)
        if taken > slowest:
            slowest, slowest_run = taken, run
            _PROGRESS.pack_into(shared, 0, run, count, slowest, slowest_run)
        if word and word not in words:
            words.add(word)
            os.write(writing, f"{run} {word}\n".encode())
        if len(words) >= _MOST_FAILURES or time.monotonic() > end:
            break


def attempt(target: Target, data: bytes) -> tuple[str, float]:
    """One run: a word about its failure or "", and its CPU time."""
    word = ""
    start = time.process_time()
    signal.signal(signal.SIGPROF, _too_long)
    signal.setitimer(signal.ITIMER_PROF, SLOWEST)
    try:
        target.read(data)
    except target.broken:
        pass
    except TooLong as error:
        word = f"took too long in {_place(error)}"
    except Exception as error:  # noqa: BLE001  any other is a finding
        word = f"{type(error).__name__} in {_place(error)}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    taken = time.process_time() - start
    return word or ("took too long" if taken > SLOWEST else ""), taken


def _too_long(_signal: int, _frame: FrameType | None) -> None:
    raise TooLong


def _place(error: BaseException) -> str:
    """The innermost line of dlp, or of the target: nothing of the input is in it."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    ours = [frame for frame in frames if "/dlp/" in frame.filename] or frames
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno}"


def in_turn(
    names: Sequence[str], seconds: float, seed: int, folder: Path, most: int, said: Callable[[str], None] = print
) -> list[str]:
    """Each target for its share of the time that is left; gives the failures."""
    folder.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + seconds
    tallies: dict[str, Tally] = {}
    for count, name in enumerate(names):
        share = (end - time.monotonic()) / (len(names) - count)
        tallies[name] = fuzz(TARGETS[name], share, seed, folder, most=most)
    said(
        "| target | runs | per second | slowest, ms | most memory, MiB | failures |\n| --- | ---: | ---: | ---: | ---: | ---: |"
    )
    for name, tally in tallies.items():
        said(tally.row(name))
    failures = [
        f"{name}, seed {seed}, run {run}: {word}" for name, tally in tallies.items() for run, word in tally.failures.items()
    ]
    for failure in failures:
        said(failure)
    return failures


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.run", description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("targets", nargs="+", choices=("all", *TARGETS), metavar="TARGET", help="all, " + ", ".join(TARGETS))
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most", type=int, default=ENOUGH, help="runs of each target")
    parser.add_argument("--folder", type=Path, default=Path("var/fuzz"))
    parser.add_argument("--run", type=int, help="do this one run only, and raise what it raises")
    chosen = parser.parse_args()
    names = list(TARGETS) if "all" in chosen.targets else chosen.targets
    if chosen.run is not None:
        target = TARGETS[names[0]]
        data = made(target, chosen.seed, chosen.run)
        print(f"{len(data)} bytes: {data[:200]!r}", flush=True)
        target.read(data)
        return
    sys.exit(1 if in_turn(names, chosen.minutes * 60, chosen.seed, chosen.folder, chosen.most) else 0)


if __name__ == "__main__":
    main()
