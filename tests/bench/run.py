"""`make bench`: the filter against the bare path, all targets in turn in one run, the ratios, and what deciding costs.

Takes `--rounds N` and `--seconds S` (how long one measurement is to last, about), prints progress and the tables, and puts
them with the date into docs/performance.md between its marks. Other load on the machine shows in every row alike: ratios
and CPU time are the figures to trust. Exit status 1 when a server fails.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles

from tests.bench.deciding import costs
from tests.bench.latency import RECIPIENT, SENDER, latencies
from tests.bench.mails import mails, written
from tests.bench.processes import cpu_seconds
from tests.bench.rspamd import missing
from tests.bench.stage import AFTER_QUEUE, BARE, BEFORE_QUEUE, MILTER, RSPAMD, SINK, STRAIGHT, TO_ITSELF, Target, stage
from tests.e2e.loopback import HOST

DOCUMENT = Path(__file__).parents[2] / "docs/performance.md"
BEGIN, END = "<!-- bench: begin -->\n", "<!-- bench: end -->\n"
CLIENTS = 10
# messages a second to expect, to choose how many to send; only how long a run takes depends on them
_WAYS = (SINK, STRAIGHT, BARE, TO_ITSELF, AFTER_QUEUE, BEFORE_QUEUE, MILTER, RSPAMD)
_ABOUT: Mapping[str, Mapping[str, float]] = {
    "2 KB": dict(zip(_WAYS, (4000, 1000, 700, 400, 350, 350, 500, 500), strict=True)),
    "20 KB": dict(zip(_WAYS, (3500, 500, 600, 350, 250, 250, 350, 200), strict=True)),
    "1 MB": dict(zip(_WAYS, (300, 60, 80, 40, 25, 25, 40, 60), strict=True)),
}
_AIMS = {"2 KB": 0.5, "20 KB": 1.2, "1 MB": 4.0}  # CPU milliseconds of the whole pass path
# one way, another, the ratio of their throughput to reach, by size of the mail
_RATIO_AIMS: Sequence[tuple[str, str, Mapping[str, float]]] = (
    (AFTER_QUEUE, TO_ITSELF, dict.fromkeys(_AIMS, 0.85)),
    (BEFORE_QUEUE, BARE, dict.fromkeys(_AIMS, 0.6)),
    (MILTER, BARE, {"2 KB": 0.8, "20 KB": 0.6, "1 MB": 0.65}),
    (RSPAMD, BARE, {}),
    (MILTER, RSPAMD, dict.fromkeys(_AIMS, 1.0)),
)


@dataclass(slots=True)
class Figures:
    """All measurements of one target with one mail: messages a second, CPU milliseconds a message, seconds of latency."""

    rate: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)  # latency with one client
    crowded: list[float] = field(default_factory=list)  # latency with CLIENTS clients


Results = defaultdict[tuple[str, str], Figures]


def measure(rounds: int, seconds: float) -> Results:
    results: Results = defaultdict(Figures)
    with tempfile.TemporaryDirectory() as folder, stage() as targets:
        files = written(Path(folder))
        for number in range(1, rounds + 1):
            for size, raw in mails().items():
                for target in targets:
                    _measure_one(results[size, target.name], target, files[size], raw, _ABOUT[size][target.name] * seconds)
                    figures = results[size, target.name]
                    sys.stderr.write(f"round {number}/{rounds}  {size:>5}  {target.name:<32} {figures.rate[-1]:7.0f}/s\n")
    return results


def _measure_one(figures: Figures, target: Target, file: Path, raw: bytes, count: float) -> None:
    number = max(int(count), 2 * CLIENTS)
    before, started = cpu_seconds(target.pids), time.perf_counter()
    command = ["smtp-source", "-s", str(CLIENTS), "-m", str(number), "-F", str(file), "-f", SENDER, "-t", RECIPIENT]
    subprocess.run([*command, f"{HOST}:{target.port}"], check=True, timeout=120, stdout=subprocess.DEVNULL)
    _drain(target)
    figures.rate.append(number / (time.perf_counter() - started))
    figures.cpu.append((cpu_seconds(target.pids) - before) / number * 1000)
    for connections, kept in ((1, figures.alone), (CLIENTS, figures.crowded)):
        count = max(number // 8, 2 * connections)
        kept.extend(asyncio.run(latencies(target.port, raw, count=count, connections=connections)))
        _drain(target)


def _drain(target: Target, within: float = 60.0) -> None:
    """Wait until everything accepted has left."""
    deadline = time.monotonic() + within
    while target.queue and any(_files(target.queue / name) for name in ("maildrop", "incoming", "active", "deferred")):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{target.name} does not empty its queue")
        time.sleep(0.01)


def _files(folder: Path) -> bool:
    return any(files for _, _, files in os.walk(folder))


def report(results: Results) -> str:
    """The tables, in Markdown."""
    names = list(dict.fromkeys(name for _, name in results))
    sizes = list(dict.fromkeys(size for size, _ in results))
    lines = ["| mail | way | messages/s | CPU ms a message | p50 / p99 ms, 1 client | p50 / p99 ms, 10 clients |"]
    lines += ["|---|---|---:|---:|---:|---:|"]
    for size in sizes:
        for name in names:
            one = results[size, name]
            spread = f"{median(one.rate):.0f} ({min(one.rate):.0f}-{max(one.rate):.0f})"
            lines.append(
                f"| {size} | {name} | {spread} | {median(one.cpu):.2f} | {_spread(one.alone)} | {_spread(one.crowded)} |"
            )
    lines += ["", "| mail | what | measured | aim |", "|---|---|---:|---:|"]
    for size in sizes:
        cpu = median(results[size, STRAIGHT].cpu)
        lines.append(f"| {size} | CPU of the whole pass path, ms | {cpu:.2f} | {_AIMS[size]} |")
        for one, other, aims in _RATIO_AIMS:
            if {one, other} <= {*names}:
                pairs = zip(results[size, one].rate, results[size, other].rate, strict=True)
                ratio = median(rate / beside for rate, beside in pairs)
                lines.append(f"| {size} | throughput of {one} / {other} | {ratio:.2f} | {aims.get(size, '')} |")
    lines += [] if RSPAMD in names else ["", f"Without rows for rspamd: {missing()}."]
    return "\n".join(lines) + "\n"


def _spread(seconds: Sequence[float]) -> str:
    cuts = quantiles(seconds, n=100, method="inclusive")
    return f"{cuts[49] * 1000:.1f} / {cuts[98] * 1000:.1f}"


def keep(tables: str) -> None:
    """Put the tables between the marks of the document."""
    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    load = " / ".join(f"{figure:.1f}" for figure in os.getloadavg())
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, load average at the end {load}"
    dated = f"{datetime.now(UTC):%Y-%m-%d}, {machine}\n\n"
    DOCUMENT.write_text(f"{before}{BEGIN}{dated}{tables}{END}{after}", encoding="utf-8")


def main() -> None:
    arguments = argparse.ArgumentParser(description="Measure the filter against the bare path.")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--seconds", type=float, default=3.0, help="how long one measurement lasts, about")
    arguments.add_argument("--raw", type=Path, help="keep every figure in this file, as JSON")
    given = arguments.parse_args()
    results = measure(given.rounds, given.seconds)
    if given.raw:
        every = [
            {"mail": size, "way": name, "rate": one.rate, "cpu": one.cpu, "alone": one.alone, "crowded": one.crowded}
            for (size, name), one in results.items()
        ]
        given.raw.write_text(json.dumps(every, indent=1), encoding="utf-8")
    tables = f"{report(results)}\n{costs()}"
    sys.stdout.write(tables)
    keep(tables)


if __name__ == "__main__":
    main()
