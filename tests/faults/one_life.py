"""One canonical transaction from opening the store to closing it, in a process of its own that a tracer can disturb.

`python -m tests.faults.one_life` reads a line "KIND FOLDER" at a time; for each it forks a child that makes an empty store
in FOLDER, writes its process id to FOLDER/pid, waits for FOLDER/go, lives through the transaction and writes what came of
it to FOLDER/told (JSON). The client tries again and the clerk makes rounds until all is settled, as in life. Everything is
imported once, so a child costs no start. A child in trouble tells of the exception, by its name only.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import dlp.holds
import dlp.settlement
import dlp.transaction
from dlp.clerk import Clerk
from dlp.errors import ConfigError, Unavailable
from dlp.forward import Forwarder, parse_hop
from dlp.notices.compose import NoticeSite
from dlp.sink import Sink
from dlp.store import Store
from dlp.store.records import Filter
from dlp.store.states import State
from tests.promises import RAW, surveyed
from tests.store.samples import KEYS, OFFICER, URL, StandingClock
from tests.upstream import HOSTNAME, PLACES, QUICK, SENDER, Post, fresh_store, shipped_rules, tools_for

HOLD = "hold1@out.example"
KINDS: Mapping[str, tuple[str, ...]] = {
    "pass": ("pass1@campus.example", "pass2@campus.example"),
    "hold": (HOLD, "hold2@out.example"),
    "split": ("pass1@campus.example", HOLD),
    "owed": ("pass1@campus.example", "rewrite1@campus.example", HOLD),
    "release": (HOLD,),
    "notice": (HOLD,),
}
TRIES = 4


@dataclass(slots=True)
class Told:
    """What came of one life. `codes`: each recipient's replies, try by try."""

    opened: bool = False
    codes: list[dict[str, int]] = field(default_factory=list)
    arrived: dict[str, int] = field(default_factory=dict)
    notices: int = 0
    strange: list[str] = field(default_factory=list)  # exceptions that should have had a name of ours


class Life:
    """One process's work on one store."""

    def __init__(self, folder: Path, kind: str, sink: Sink, clock: StandingClock, told: Told) -> None:
        self.kind = kind
        self.clock = clock
        self.told = told
        self.sink = sink
        self.store = Store.open(URL, folder, KEYS, clock=clock)
        self.forwarder = Forwarder(parse_hop(sink.hop), helo=HOSTNAME, limit=PLACES, timeouts=replace(QUICK, dot=2))
        self.post = Post(tools_for(folder, self.store, self.forwarder, clock, shipped_rules), sink, clock, lmtp=False)
        site = NoticeSite("Example", "privacy@campus.example", "guidance@campus.example", clock.now.tzinfo, {})
        self.clerk = Clerk(self.store, self.post.release_sender(), shipped_rules, site, clock.now.time())

    async def accept(self) -> None:
        """The client sends, and sends again what it was told to."""
        pending: Sequence[str] = KINDS[self.kind]
        for _ in range(TRIES):
            codes = dict.fromkeys(pending, 451)
            try:
                codes = await self.post.send(pending, RAW)
            except Exception as error:  # noqa: BLE001  the service answers 451 to these as well
                self.told.strange.append(type(error).__name__)
            self.told.codes.append(codes)
            pending = [address for address, code in codes.items() if code // 100 == 4]
            if not pending:
                return
            self.clock.forward(minutes=20)  # every lease ends

    async def release(self) -> None:
        with contextlib.suppress(Unavailable):  # the officer is told, and asks again
            for copy in self.store.held(Filter(states=frozenset({State.HELD}))):
                await dlp.holds.release(self.store, self.clerk.sender.deliver, copy.reference, OFFICER)

    async def rounds(self) -> None:
        """The clerk, for a day and a bit."""
        for _ in range(TRIES):
            for each in (self.clerk.send_notices, self.clerk.send_owed, self.clerk.repeat_releases):
                with contextlib.suppress(Unavailable):
                    await each()
            self.clock.forward(minutes=20)

    def close(self) -> None:
        self.forwarder.close()
        self.store.close()


async def live(folder: Path, kind: str) -> Told:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))  # one thread meets every operation
    told, clock = Told(), StandingClock()
    fresh_store(folder, clock).close()
    async with Sink() as sink:
        if kind in ("release", "notice"):
            earlier = Life(folder, kind, sink, clock, told)
            await earlier.accept()
            if kind == "release":
                await earlier.rounds()
            earlier.close()
        (folder / "pid.new").write_text(str(os.getpid()))
        (folder / "pid.new").rename(folder / "pid")
        while not (folder / "go").exists():  # noqa: ASYNC110  another process makes it
            await asyncio.sleep(0.001)
        try:
            life = Life(folder, kind, sink, clock, told)
        except (ConfigError, Unavailable):
            return told  # the program refuses to start: nothing was accepted
        told.opened = True
        if kind not in ("release", "notice"):
            await life.accept()
        for _ in range(TRIES if kind == "release" else 0):
            await life.release()
        await life.rounds()
        life.close()
        for message in sink.messages:
            for recipient in message.recipients:
                told.arrived[recipient.address] = told.arrived.get(recipient.address, 0) + 1
        told.notices = told.arrived.pop(SENDER, 0)
    return told


def _child(kind: str, folder: Path) -> None:
    try:
        told = asyncio.run(live(folder, kind))
    except BaseException as error:  # noqa: BLE001  told by name, whatever it is
        told = Told(strange=[type(error).__name__])
    (folder / "told.new").write_text(json.dumps({name: getattr(told, name) for name in Told.__slots__}))
    (folder / "told.new").rename(folder / "told")


def main() -> None:
    dlp.transaction.survey = surveyed  # type: ignore[assignment]
    dlp.settlement._COMMIT_PAUSES = (0.0, 0.01, 0.01)
    dlp.holds._SETTLE_PAUSES = (0.0, 0.01, 0.01)
    shipped_rules()
    for line in sys.stdin:
        kind, folder = line.split()
        pid = os.fork()
        if pid == 0:
            _child(kind, Path(folder))
            os._exit(0)
        until = time.monotonic() + 30
        while os.waitpid(pid, os.WNOHANG) == (0, 0):
            if time.monotonic() > until:
                os.kill(pid, 9)
            time.sleep(0.002)
        sys.stdout.write("ended\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
