"""Every 250 for what is held or owed comes after the store's fdatasync: the checker, and a trace of the real program."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from dlp.sink import Sink
from tests.e2e.bench import reference
from tests.e2e.client import Peer, connected
from tests.e2e.loopback import free_ports, open_folder
from tests.e2e.relay import Relay, RelayPorts
from tests.faults.order import calls, faults
from tests.faults.tracing import attached, missing
from tests.generate.messages import LISTED_WORD, disclosing

STORE, REF, OTHER = "/var/store.sqlite", "H7K2-9QMD", "0123-4567"
PEER = "9<TCP:[127.0.0.1:25->127.0.0.1:50001]>"
WAL = f'7 pwrite64(5<{STORE}-wal>, "\\x37"..., 4120, 32) = 4120'
DATABASE = f'7 pwrite64(4<{STORE}>, "x"..., 4096, 0) = 4096'
SYNC, SYNC_DATABASE = f"7 fdatasync(5<{STORE}-wal>) = 0", f"7 fdatasync(4<{STORE}>) = 0"
BEGUN, ENDED = f"7 fdatasync(5<{STORE}-wal> <unfinished ...>", "7 <... fdatasync resumed>) = 0"
REPLY = f'6 sendto({PEER}, "250 2.0.0 held {REF}\\r\\n", 28, 0, NULL, 0) = 28'
REPLY_TO_OTHER = REPLY.replace(REF, OTHER)

TRACES = {
    "written, synced, answered": ([WAL, WAL, SYNC, REPLY], ""),
    "checkpointed as well": ([WAL, SYNC, DATABASE, SYNC_DATABASE, REPLY], ""),
    "nothing written": ([REPLY], "without anything written"),
    "never synced": ([WAL, REPLY], "before store.sqlite-wal was synced"),
    "synced after the reply": ([WAL, REPLY, SYNC], "before store.sqlite-wal was synced"),
    "written again after the sync": ([WAL, SYNC, WAL, REPLY], "before store.sqlite-wal was synced"),
    "the database left unsynced": ([WAL, SYNC, DATABASE, REPLY], "before store.sqlite was synced"),
    "the sync failed": ([WAL, SYNC.replace("= 0", "= -1 EIO (Input/output error)"), REPLY], "was synced"),
    "another file was synced": ([WAL, "7 fdatasync(8</var/other>) = 0", REPLY], "was synced"),
    "synced for the message before": ([WAL, SYNC, REPLY_TO_OTHER, REPLY], "without anything written"),
    "the reply is missing": ([WAL, SYNC], "not in the trace"),
    "the sync ends after the reply": (
        [WAL, BEGUN, REPLY, ENDED],
        "before store.sqlite-wal was synced",
    ),
    "the sync is interrupted by another thread": (
        [
            WAL,
            f"7 fdatasync(5<{STORE}-wal> <unfinished ...>",
            "8 fsync(3</var/other>) = 0",
            "7 <... fdatasync resumed>) = 0",
            REPLY,
        ],
        "",
    ),
    "a write ends after the sync began": (
        [WAL.replace(") = 4120", " <unfinished ...>"), SYNC, "7 <... pwrite64 resumed>) = 4120", REPLY],
        "was synced",
    ),
}


@pytest.mark.parametrize(("lines", "said"), TRACES.values(), ids=TRACES)
def test_the_checker_sees(lines: list[str], said: str) -> None:
    found = list(faults(calls(lines), STORE, {REF}))
    assert bool(found) == bool(said)
    assert said in "".join(found)


ROUNDS = 15  # of six messages over SMTP and five over LMTP
SENDER, INSIDE, LATER, OUTSIDE = (
    "ann@campus.example",
    "t.ames@campus.example",
    "later@campus.example",
    "p.lane@freemail.example",
)
TELLING = f"Your {LISTED_WORD}"
# recipients, IDs in the text, subject, whether it must be durable; nothing is owed over LMTP
KINDS = {
    "pass": ([INSIDE], 0, "About Thursday", False),
    "hold": ([OUTSIDE], 1, "About Thursday", True),
    "split": ([INSIDE, OUTSIDE], 1, "About Thursday", True),
    "split, changed": ([INSIDE, OUTSIDE], 1, TELLING, True),
    "hold all": ([OUTSIDE, INSIDE], 4, "About Thursday", True),
    "owed": ([INSIDE, LATER], 0, "About Thursday", True),
}
UNSYNCED = """#!{python}
from dlp.store import sqlite
sqlite._PRAGMAS = (*(pragma for pragma in sqlite._PRAGMAS if "synchronous" not in pragma), "synchronous=OFF")
from dlp.cli import main
main()
"""


async def send_all(peer: Peer, front: str, serials: Iterator[int]) -> set[str]:
    """The references that must be durable."""
    durable = set()
    for _ in range(ROUNDS):
        for name, (recipients, ids, subject, lasting) in KINDS.items():
            if front == "lmtp" and name == "owed":
                continue
            serial = next(serials)
            await peer.command(f"XFORWARD IDENT=trace{serial}")
            replies = await peer.deliver(SENDER, recipients, disclosing(serial, ids, subject=subject))
            assert {reply[:3] for reply in replies.values()} == {"250"}, (name, replies)
            if lasting:
                durable |= {reference(reply) for reply in replies.values()}
    return durable


def last_child(relay: Relay) -> int:
    """The receiver: it is started last."""
    assert relay._process is not None
    tree = relay._process.pid
    return int(Path(f"/proc/{tree}/task/{tree}/children").read_text().split()[-1])


@pytest.mark.servers
@pytest.mark.timeout(300)
@pytest.mark.skipif(bool(missing()), reason=missing() or "strace is there")
@pytest.mark.parametrize("synced", [True, False], ids=["as it is", "control: synchronous=OFF"])
async def test_every_250_comes_after_the_sync(cell, monkeypatch, *, synced: bool) -> None:
    """One receiver, one message at a time; the clerk writes from another process and is not traced."""
    with open_folder("order") as folder:
        if not synced:
            program = folder / "unsynced"
            program.write_text(UNSYNCED.format(python=sys.executable))
            program.chmod(0o755)
            monkeypatch.setattr("tests.e2e.relay.PROGRAM", str(program))
        async with Sink({f"DOT {LATER}": "451 4.2.0 not now"}, lmtp=True) as sink:
            relay = Relay(RelayPorts(*free_ports(2)), folder, next_hop=sink.hop, receivers=1)
            relay.initialise()
            await asyncio.to_thread(relay.start)
            with ExitStack() as later:
                later.callback(relay.stop)
                log, seen = folder / "trace", "trace=write,pwrite64,writev,pwritev,fsync,fdatasync,sendto,sendmsg"
                serials, durable = iter(range(10_000)), set()
                with attached(last_child(relay), log, "-yy", "-s", "400", "-e", seen):
                    for front in ("smtp", "lmtp"):
                        async with connected(getattr(relay.ports, front), lmtp=front == "lmtp") as peer:
                            durable |= await send_all(peer, front, serials)
        lines = await asyncio.to_thread(log.read_text)
        found = list(faults(calls(lines.splitlines()), f"{folder}/var/store.sqlite", durable))
    row = "synchronous=FULL" if synced else "control: synchronous=OFF"
    early = {text.split(":")[0] for text in found}
    cell("250 before fdatasync", row, f"of {len(durable)}", str(len(early)))
    assert len(durable) == ROUNDS * 9
    assert early == (set() if synced else durable)
