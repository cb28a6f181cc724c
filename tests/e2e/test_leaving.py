"""A client that half-closes or resets at any step: what it asked for is done once, what it did not finish is not done.

The table is step x way of leaving x verdict; every cell has a recipient of its own, so what became of it can be seen.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from itertools import product

import pytest

from tests.e2e.bench import bench, eventually
from tests.e2e.client import Peer, hand_over
from tests.e2e.loopback import HOST
from tests.generate.messages import disclosing

pytestmark = pytest.mark.servers

SENDER = "a.mori@campus.example"
STEPS = ("after-mail", "after-rcpt", "after-data", "in-the-body", "before-the-last-lf", "after-the-dot")
LEAVING = ("half-close", "reset")
VERDICTS = {"pass": 0, "hold": 3}
CELLS = {
    f"{step}.{leaving}.{verdict}.{front}": (step, leaving, verdict, front)
    for step, leaving, verdict, front in product(STEPS, LEAVING, VERDICTS, ("smtp", "lmtp"))
}


async def leave(peer: Peer, leaving: str) -> None:
    if leaving == "half-close":
        peer.writer.write_eof()
        return
    peer.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.writer.transport.abort()


async def walk(peer: Peer, step: str, recipient: str, raw: bytes) -> None:
    """Up to this step of a transaction."""
    assert (await peer.command(f"MAIL FROM:<{SENDER}>")).startswith("250")
    if step == "after-mail":
        return
    assert (await peer.command(f"RCPT TO:<{recipient}>")).startswith("250")
    if step == "after-rcpt":
        return
    assert (await peer.command("DATA")).startswith("354")
    wire = raw + b".\r\n"
    peer.send({"after-data": b"", "in-the-body": wire[:100], "before-the-last-lf": wire[:-1]}.get(step, wire))
    await peer.writer.drain()


async def leaver(port: int, name: str, serial: int) -> tuple[str, str]:
    """One cell: its name and the last reply that was heard."""
    step, leaving, verdict, front = CELLS[name]
    recipient = f"{name}@elsewhere.example"
    peer = Peer(*await asyncio.open_connection(HOST, port), lmtp=front == "lmtp")
    try:
        await peer.greet()
        await walk(peer, step, recipient, disclosing(serial, VERDICTS[verdict]))
        if leaving == "reset":
            await asyncio.sleep(0.2)  # else what the other side has not read yet may be thrown away
        await leave(peer, leaving)
        return name, (await peer.reply())[:3]
    except OSError:
        return name, ""
    finally:
        peer.writer.close()


async def test_the_outcome_is_right_however_a_client_leaves() -> None:
    async with bench(receivers=2) as servers:
        ports = servers.relay.ports
        jobs = [leaver(getattr(ports, CELLS[name][3]), name, serial) for serial, name in enumerate(CELLS)]
        heard = dict(await asyncio.gather(*jobs))
        finished = [name for name, (step, *_) in CELLS.items() if step == "after-the-dot"]
        delivered = sorted(f"{name}@elsewhere.example" for name in finished if CELLS[name][2] == "pass")
        held = sorted(f"{name}@elsewhere.example" for name in finished if CELLS[name][2] == "hold")
        assert await eventually(lambda: servers.reached() == delivered), servers.reached()
        assert await servers.held_for() == held
        listening = [name for name, (_, leaving, *_) in CELLS.items() if leaving == "half-close"]
        assert [name for name in listening if heard[name]] == [name for name in listening if name in finished]
        assert {heard[name] for name in finished if name in listening} == {"250"}
        for front in ("smtp", "lmtp"):  # nobody holds a place any more
            replies = await hand_over(
                getattr(ports, front), SENDER, ["b@campus.example"], disclosing(99, 0), lmtp=front == "lmtp"
            )
            assert replies["b@campus.example"].startswith("250")
        assert '"event": "error"' not in servers.relay.log()
