"""`make scale`: invented campuses of several sizes imported and asked, within a time, and the table.

Takes `--people` (sizes), `--minutes`, and the folder everything is made in; what was measured stays there, so that running it
again goes on. Prints progress, puts the tables into docs/performance.md between its marks. Exit status 1 when a step fails.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.generate.campus import Campus, write
from tests.rigs.document import ROOT, markdown, put, when_and_where
from tests.rigs.tree import descendants

DOCUMENT = ROOT / "docs" / "performance.md"
SIZES = (12_000, 1_000_000)
ASKING = 2  # processes side by side
_PAGE = os.sysconf("SC_PAGE_SIZE")
_MB = 1_000_000

Result = dict[str, Any]


class OutOfTimeError(Exception):
    """The minutes are over; what was measured is kept."""


@dataclass(frozen=True, slots=True)
class Site:
    """One campus: its folder, and until when something may be begun."""

    people: int
    folder: Path
    until: float

    def measure(self) -> Result:
        """What was measured before, and what was not, now."""
        self.folder.mkdir(parents=True, exist_ok=True)
        result: Result = {"people": self.people} | self._step("imported", self._import)
        result |= self._step("asked", self._ask)
        for name in ("files", "snapshots"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        return result

    def _step(self, name: str, work: Any) -> Result:
        kept = self.folder / f"{name}.json"
        if not kept.exists():
            if time.monotonic() > self.until:
                raise OutOfTimeError
            _say(f"{self.people} people: {name} ...")
            told = json.dumps(work())
            kept.with_suffix(".new").write_text(told, encoding="ascii")
            kept.with_suffix(".new").rename(kept)
            _say(f"{self.people} people: {name} {told}")
        found: Result = json.loads(kept.read_text(encoding="ascii"))
        return found

    def _import(self) -> Result:
        files = self.folder / "files"
        if not (files / "whole").exists():
            _say(f"{self.people} people: writing their files ...")
            write(files, Campus(self.people))
            (files / "whole").touch()
        shutil.rmtree(self.folder / "snapshots", ignore_errors=True)
        with _python("tests.scale.bring", files, self.folder / "snapshots") as process:
            peak = 0
            while process.poll() is None:
                peak = max(peak, sum(map(_resident, (process.pid, *descendants(process.pid)))))
                time.sleep(0.1)
            assert process.stdout is not None
            return _line(process) | {"peak": peak, "load": os.getloadavg()[1]}

    def _ask(self) -> Result:
        with contextlib.ExitStack() as stack:
            asking = [
                stack.enter_context(_python("tests.scale.ask", self.folder / "snapshots", self.people)) for _ in range(ASKING)
            ]
            told = [_line(process) for process in asking]
            memory = [_line(process, "\n") for process in asking]
            return told[0] | {"memory": memory[0], "own": memory[-1]["Private_Clean"] + memory[-1]["Private_Dirty"]}


def tables(results: list[Result]) -> str:
    """Both tables, in Markdown."""
    sizes: list[list[object]] = [["people", *(f"{result['people']:,}" for result in results)]]
    lines = (
        ("rows", lambda one: f"{one['rows']:,}"),
        ("files read and snapshot built, s", lambda one: f"{one['seconds']:.1f}"),
        ("load average of the machine meanwhile", lambda one: f"{one['load']:.1f}"),
        ("CPU of that, all processes, s", lambda one: f"{one['cpu']:.1f}"),
        ("peak memory of that, all processes, MB", lambda one: f"{one['peak'] / _MB:.0f}"),
        ("rows on disk, MB", lambda one: f"{one['files']['attributes'] / _MB:.1f}"),
        ("index on disk, MB", lambda one: f"{(one['files']['index'] + one['files']['blocks']) / _MB:.1f}"),
        ("start: snapshot opened, ms", lambda one: f"{one['opened'] * 1000:.1f}"),
        ("memory of a process after its look-ups, MB", lambda one: f"{one['memory']['Rss'] / _MB:.0f}"),
        ("of that its own, not shared with the process beside it, MB", lambda one: f"{one['own'] / _MB:.0f}"),
    )
    sizes += [[name, *map(shown, results)] for name, shown in lines]
    rates: list[list[object]] = [["look-ups in a second of CPU time", *(f"{result['people']:,}" for result in results)]]
    rates += [[name, *(f"{result['rates'][name]:,.0f}" for result in results)] for name in results[0]["rates"]]
    return f"{markdown(sizes)}\n{markdown(rates)}"


@contextlib.contextmanager
def _python(module: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A process of ours that is ended with the block."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.terminate()


def _line(process: subprocess.Popen[str], asked: str = "") -> Result:
    """The next line a process says, after it was given one."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(asked)
    process.stdin.flush()
    line = process.stdout.readline()
    if not line:
        raise RuntimeError("a step ended without a word")
    told: Result = json.loads(line)
    return told


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):  # it has ended
        return 0


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def main() -> None:
    arguments = argparse.ArgumentParser(description="Import and ask campuses of several sizes.")
    arguments.add_argument("--people", type=int, nargs="*", default=[*SIZES])
    arguments.add_argument("--minutes", type=float, default=50.0, help="begin nothing after that")
    arguments.add_argument("--folder", type=Path, default=ROOT / "var" / "scale")
    arguments.add_argument("--again", action="store_true", help="forget what was measured before")
    given = arguments.parse_args()
    if given.again:
        shutil.rmtree(given.folder, ignore_errors=True)
    until = time.monotonic() + given.minutes * 60
    results: list[Mapping[str, Any]] = []
    try:
        for people in given.people:
            results.append(Site(people, given.folder / str(people), until).measure())  # noqa: PERF401  some may be kept
    except OutOfTimeError:
        _say("the time is over; run it again to go on")
    if results:
        text = tables([dict(result) for result in results])
        sys.stdout.write(text)
        put("scale", f"{when_and_where()}\n\n{text}", DOCUMENT)


if __name__ == "__main__":
    main()
