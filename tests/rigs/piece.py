"""One piece of the crash rig: a tree, a sink, mail at 20 messages a second, deaths, a clean restart, the verdict.

Takes a Plan and an empty folder that every user may enter; gives the ledger's report with the deaths that were made. All
ledgers stay in the folder. RuntimeError when the tree does not come up.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dlp.failpoints import NAMES, VARIABLE
from tests.e2e.bench import eventually
from tests.e2e.loopback import HOST, free_ports
from tests.e2e.relay import PROGRAM, Relay, RelayPorts
from tests.rigs import tree
from tests.rigs.asking import CONFIGURATION, AskingMta, seen_to_drop, with_references
from tests.rigs.document import ROOT
from tests.rigs.points import arm
from tests.rigs.sink import sink_process
from tests.rigs.traffic import PARTNER, Journal, Mta, table

RATE = 20.0  # messages a second
TARGETS = {"receiver": 55, "clerk": 18, "reader": 12, "tree": 8, "supervisor": 2}
POINT_PATIENCE = 150.0  # seconds until a point counts as missed: a hold is overdue after a minute
_BY_THE_CLERK = ("notice.", "owed.", "recover.", "expire.")
_BY_COMMAND = ("release.", "deny.")
_MORE = """
[policy]
encrypted_partners = ["{partner}"]
table = "{table}"
unsupported = "pass"
images = "pass"
hold_for = "{hold_for}"
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """Either so many random kills, or so many deaths at each of these points."""

    seed: int
    kills: int = 0
    points: Mapping[str, int] = field(default_factory=dict)
    rate: float = RATE
    front: str = "ports"  # or "milter"


def run(plan: Plan, folder: Path) -> dict[str, Any]:
    """Do it, and print a line."""
    began = time.monotonic()
    what = f"{plan.kills} random kills" if plan.kills else f"{sum(plan.points.values())} deaths at {len(plan.points)} points"
    sys.stdout.write(f"seed {plan.seed}: {what} ...\n")
    sys.stdout.flush()
    lmtp, smtp, last, back = free_ports(4)
    hop = "lmtp" if plan.seed % 2 else "smtp"
    points = folder / "points"
    points.mkdir()
    points.chmod(0o777)
    (folder / "table.toml").write_text(table(), encoding="utf-8")
    relay = Relay(
        RelayPorts(lmtp, smtp),
        folder,
        next_hop=f"lmtp:{HOST}:{last}" if hop == "lmtp" else f"{HOST}:{last}",
        more=_MORE.format(partner=PARTNER, table=folder / "table.toml", hold_for="1m" if plan.points else "1h")
        + (CONFIGURATION.format(socket=folder / "milter", back=back) if plan.front == "milter" else ""),
        environment={VARIABLE: str(points)},
    )
    options = ["--refuse", "40", *(["--lmtp"] if hop == "lmtp" else [])]
    with sink_process(last, folder / "sink.jsonl", *options):
        relay.initialise()
        relay.start()
        try:
            piece = _Piece(plan, folder, relay, (lmtp, smtp))
            if plan.front == "milter":
                piece.asks(AskingMta(str(folder / "milter"), last, lmtp=hop == "lmtp"))
            asyncio.run(piece.run())
            if plan.front == "milter":
                with_references(folder / "client.jsonl", relay.log())
            relay.stop()
            relay.start()  # recovery at start
            report = judge(folder, wait=90.0)
        finally:
            relay.stop()
    done = {"random": piece.random, "points": dict(piece.hits), "missed": sorted(piece.missed), "seed": plan.seed}
    result = report | done | {"seconds": round(time.monotonic() - began), "hop": hop}
    shown = ("messages", "tries", "unanswered", "given_up", "delivered", "doubled", "kills", "missed", "seconds", "broken")
    sys.stdout.write("  " + ", ".join(f"{name} {result[name]}" for name in shown) + "\n")
    sys.stdout.flush()
    return result


def judge(folder: Path, wait: float) -> dict[str, Any]:
    """The ledger script's report."""
    line = [sys.executable, "-m", "tests.rigs.ledger", str(folder), "--wait", str(wait)]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=wait + 300, check=False)
    if not done.stdout:
        raise RuntimeError(f"the ledger script failed:\n{done.stderr}")
    report: dict[str, Any] = json.loads(done.stdout)
    return report


class _Piece:
    """The running part."""

    def __init__(self, plan: Plan, folder: Path, relay: Relay, ports: tuple[int, int]) -> None:
        self.random = 0
        self.hits: Counter[str] = Counter()
        self.missed: set[str] = set()
        self._plan = plan
        self._folder = folder
        self._relay = relay
        self._ports = ports
        self._chance = random.Random(plan.seed)
        self._kills = Journal(folder / "kills.jsonl")
        self._sent = Journal(folder / "client.jsonl")
        self._mta = Mta({True: ports[0], False: ports[1]}, self._sent, plan.seed)

    def asks(self, mta: AskingMta) -> None:
        """All mail comes by an MTA that asks."""
        self._mta.asking = mta

    async def run(self) -> None:
        stopping = asyncio.Event()
        believing = asyncio.create_task(seen_to_drop(self._folder / "var")) if self._mta.asking else None
        offering = asyncio.create_task(self._mta.offer(self._plan.rate, stopping))
        deciding = asyncio.create_task(self._decide(stopping))
        if self._plan.kills:
            await self._kill_at_random()
        if self._plan.points:
            await self._kill_at_points()
        stopping.set()
        await asyncio.gather(offering, deciding)
        await self._mta.finish(within=120.0)
        if believing is not None:
            believing.cancel()
        self._sent.close()
        self._kills.close()

    async def _kill_at_random(self) -> None:
        while self.random < self._plan.kills:
            await asyncio.sleep(self._chance.uniform(0.05, 0.7))
            (target,) = self._chance.choices(list(TARGETS), weights=list(TARGETS.values()))
            if target in ("tree", "supervisor"):
                await self._kill_from_the_top(target)
                continue
            pids = [pid for pid, role in tree.roles(self._relay.pid, self._ports).items() if role == target]
            if pids:
                await self._note(target, time.time())
                tree.kill(self._chance.choice(pids))

    async def _kill_from_the_top(self, target: str) -> None:
        supervisor, below = self._relay.pid, tree.descendants(self._relay.pid)
        await self._note(target, time.time())
        if target == "tree":
            tree.kill_all(supervisor)
        else:
            tree.kill(supervisor)
        await asyncio.to_thread(self._relay.gone)
        await eventually(lambda: not any(map(tree.size, below)), within=60)  # they are told, and finish what they accepted
        await asyncio.to_thread(self._relay.start, 60.0)

    async def _note(self, target: str, when: float, point: str = "") -> None:
        self.random += not point
        await self._kills.write([{"time": when, "target": target, "point": point}])

    async def _kill_at_points(self) -> None:
        """Those of receivers, of the clerk and of commands side by side: a process that died often is started late."""
        clerk = [name for name in self._plan.points if name.startswith(_BY_THE_CLERK)]
        command = [name for name in self._plan.points if name.startswith(_BY_COMMAND)]
        receivers = [name for name in self._plan.points if name not in {*clerk, *command}]
        await asyncio.gather(*map(self._visit, (receivers, clerk, command)))
        for name in NAMES:
            (self._folder / "points" / name).unlink(missing_ok=True)

    async def _visit(self, names: Iterable[str]) -> None:
        for name in names:
            for _ in range(self._plan.points[name]):
                if not await self._die_at(name):
                    self.missed.add(name)
                    break

    async def _die_at(self, name: str) -> bool:
        """Arm the point and wait until somebody dies there; False when nobody comes."""
        hit = arm(self._folder / "points", name)
        deadline = time.monotonic() + POINT_PATIENCE
        while not hit.exists():
            if time.monotonic() > deadline:
                with contextlib.suppress(FileNotFoundError):
                    hit.with_name(name).unlink()
                    return False
            await asyncio.sleep(0.02)
        await self._note("point", hit.stat().st_ctime, name)
        hit.unlink()
        self.hits[name] += 1
        return True

    async def _decide(self, stopping: asyncio.Event) -> None:
        """Release two holds in three, deny the third; one after the other."""
        while not stopping.is_set():
            await asyncio.sleep(0.3 if self._plan.points else 1.5)
            if not self._mta.held and self._mta.asking:
                with contextlib.suppress(RuntimeError, subprocess.TimeoutExpired):
                    self._mta.held += {str(each["reference"]) for each in await asyncio.to_thread(self._relay.held)}
            if not self._mta.held:
                continue
            chosen = self._mta.held.pop(self._chance.randrange(len(self._mta.held)))
            verb = self._chance.choice(("release", "release", "deny"))
            word = ("--word-of", "senior") if verb == "release" else ()
            words = ("held", verb, chosen, *word, "--reason", "rig", "--config", str(self._folder / "config.toml"))
            environment = os.environ | {VARIABLE: str(self._folder / "points")}
            quiet = {"stdout": asyncio.subprocess.DEVNULL, "stderr": asyncio.subprocess.DEVNULL}
            command = await asyncio.create_subprocess_exec(PROGRAM, *words, env=environment, **quiet)
            try:
                async with asyncio.timeout(60):
                    await command.wait()
            except TimeoutError:
                command.kill()
                await command.wait()
