"""The real program on a file system of a few megabytes that fills up, is full, and has room again (R5).

`python -m tests.faults.small_disk FOLDER` needs a mount namespace of its own (`unshare --mount`, with `--map-root-user` for
a plain user): it mounts a small tmpfs as data folder, starts `dlp serve` between a client and a sink, and prints what it saw
as one line of JSON: see `Seen`. Whoever asks judges. Anything it does not expect ends it with a traceback.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

import tests.e2e.relay
from dlp.sink import Sink
from tests.e2e.client import connected
from tests.e2e.loopback import free_ports
from tests.e2e.relay import Relay, RelayPorts
from tests.generate.messages import disclosing

SIZE = 12  # megabytes
LIMITS = "\n[limits]\nmessage = 500000\ndisk_reserve = 1\n"  # filled to its last byte
SENDER, INSIDE, OUTSIDE = "ann@campus.example", "t.ames@campus.example", "p.lane@freemail.example"
BALLAST = 4_000_000  # bytes of something else, which go away at the end
FILL = 60_000  # bytes of a message that fills
AT_MOST = 400  # messages until it must be full
WHEN_FULL = 40  # messages of each fate on a full disk
PATIENCE = 20.0  # seconds for one reply


@dataclass(slots=True)
class Seen:
    """Replies by class and code, counts, and the words of commands."""

    filling: dict[str, int] = field(default_factory=dict)  # code -> messages
    full: dict[str, dict[str, int]] = field(default_factory=dict)  # fate -> code -> messages
    slowest: float = 0.0  # seconds for one reply on the full disk
    listed: int = 0  # what `dlp held list` shows on the full disk
    release: str = ""  # what `dlp held release` says on the full disk
    released: bool = False
    recovered: float = -1.0  # seconds until a hold is taken again
    lost: int = 0
    leaked: int = 0
    doubled: int = 0
    restarts: int = 0


class Town:
    """A client that remembers what it was answered, and what must come of it."""

    def __init__(self, relay: Relay, sink: Sink, front: str) -> None:
        self.relay = relay
        self.sink = sink
        self.front = front
        self.serial = 0
        self.pending: dict[int, tuple[bytes, list[str]]] = {}  # not yet accepted, by serial
        self.accepted: set[tuple[int, str]] = set()
        self.source = random.Random(5)

    def message(self, fate: str, size: int = 0) -> int:
        self.serial += 1
        recipients = {"pass": [INSIDE], "hold": [OUTSIDE], "split": [INSIDE, OUTSIDE]}[fate]
        raw = disclosing(self.serial, 0 if fate == "pass" else 1)
        raw += b"".join(base64.b64encode(self.source.randbytes(54)) + b"\r\n" for _ in range(size // 74))
        self.pending[self.serial] = raw, recipients
        return self.serial

    async def send(self, serial: int) -> str:
        """The code of the worst reply; whom it was accepted for is remembered."""
        raw, recipients = self.pending[serial]
        lmtp = self.front == "lmtp"
        async with asyncio.timeout(PATIENCE), connected(getattr(self.relay.ports, self.front), lmtp=lmtp) as peer:
            await peer.command(f"XFORWARD IDENT=disk{serial}")
            replies = await peer.deliver(SENDER, recipients, raw)
        taken = {recipient for recipient, reply in replies.items() if reply.startswith("250")}
        self.accepted |= {(serial, recipient) for recipient in taken}
        left = [recipient for recipient in recipients if recipient not in taken]
        if left:
            self.pending[serial] = raw, left
        else:
            del self.pending[serial]
        return max(reply[:3] for reply in replies.values())

    def arrived(self) -> Counter[tuple[int, str]]:
        mail = [each for each in self.sink.messages if each.sender]
        return Counter(
            (int(each.raw.partition(b"X-Serial: ")[2].partition(b"\r\n")[0]), to.address)
            for each in mail
            for to in each.recipients
        )


async def main(folder: Path, front: str) -> Seen:
    seen = Seen()
    data = folder / "var"
    data.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}m,mode=0755", "none", str(data)]
    await asyncio.to_thread(subprocess.run, mount, check=True)
    async with Sink() as sink:
        relay = Relay(RelayPorts(*free_ports(2)), folder, next_hop=sink.hop, receivers=2)
        relay._configuration += LIMITS
        relay.initialise()
        ballast = data / "ballast"
        ballast.write_bytes(bytes(BALLAST))
        await asyncio.to_thread(relay.start)
        try:
            town = Town(relay, sink, front)
            await _fill(town, seen)
            filler = await asyncio.to_thread(_take_the_rest, data)
            await _while_full(town, seen)
            for file in (filler, ballast):
                file.unlink()
            await _recover(town, seen)
            await _account(town, seen)
        finally:
            await asyncio.to_thread(relay.stop)
    seen.restarts = relay.log().count('"event": "process.died"')
    return seen


async def _fill(town: Town, seen: Seen) -> None:
    codes: Counter[str] = Counter()
    fates = ("hold", "split", "split", "pass")
    while codes["452"] + codes["451"] < 5:
        assert codes.total() < AT_MOST, "it never was full"
        codes[await town.send(town.message(fates[codes.total() % len(fates)], FILL))] += 1
    seen.filling = dict(codes)


def _take_the_rest(data: Path) -> Path:
    """What is left, to the last byte."""
    filler = data / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (65_536, 4_096, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return filler


async def _while_full(town: Town, seen: Seen) -> None:
    for fate in ("hold", "split", "pass"):
        codes: Counter[str] = Counter()
        for _ in range(WHEN_FULL):
            started = time.monotonic()
            codes[await town.send(town.message(fate))] += 1
            seen.slowest = max(seen.slowest, round(time.monotonic() - started, 3))
        seen.full[fate] = dict(codes)
    held = await asyncio.to_thread(town.relay.held)
    seen.listed = len(held)
    reference = str(held[-1]["reference"])
    command = [tests.e2e.relay.PROGRAM, "held", "release", reference, "--reason", "test", "--config", str(town.relay._file)]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=60, check=False)
    seen.release = (done.stdout + done.stderr).strip()
    seen.released = done.returncode == 0


async def _recover(town: Town, seen: Seen) -> None:
    started = time.monotonic()
    while time.monotonic() - started < 30:
        serial = town.message("hold")
        if await town.send(serial) == "250":
            seen.recovered = round(time.monotonic() - started, 3)
            return
        await asyncio.sleep(0.1)
    raise RuntimeError("it did not recover")


async def _account(town: Town, seen: Seen) -> None:
    """The client sends again what was not accepted; then every recipient has one copy, delivered or held."""
    for _ in range(20):
        for serial in list(town.pending):
            await town.send(serial)
        if not town.pending:
            break
        await asyncio.sleep(1.0)
    arrived = town.arrived()
    held = Counter(str(copy["recipient"]) for copy in await asyncio.to_thread(town.relay.held))
    accepted_holds = sum(recipient == OUTSIDE for _, recipient in town.accepted)
    released = sum(count for (_, recipient), count in arrived.items() if recipient == OUTSIDE)
    seen.leaked = max(0, released - 1)  # one was released
    seen.lost = sum(arrived[each] == 0 for each in town.accepted if each[1] == INSIDE)
    seen.lost += max(0, accepted_holds - held[OUTSIDE] - released)
    seen.doubled = sum(count - 1 for count in arrived.values() if count > 1)


if __name__ == "__main__":
    if (
        len(Path("/proc/self/uid_map").read_text().splitlines()) == 1
        and Path("/proc/self/uid_map").read_text().split()[2] == "1"
    ):
        tests.e2e.relay.serving_user = lambda: "root"  # the only user of this namespace
    os.umask(0o022)
    print(json.dumps(asdict(asyncio.run(main(Path(sys.argv[1]), sys.argv[2])))))
