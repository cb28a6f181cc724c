"""Under load every accepted recipient is accounted for: sent = delivered + held + owed, each once."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.e2e.bench import Bench, bench, eventually, reference
from tests.e2e.client import Peer, connected
from tests.generate.messages import LISTED_WORD, disclosing

pytestmark = pytest.mark.servers

SENDER = "a.mori@campus.example"
CONNECTIONS = 50
MESSAGES = 2_000
TRIES = 5


@dataclass(frozen=True, slots=True)
class Load:
    """One message of the load, and which of its recipients must get it; the others' copies must be held."""

    serial: int
    raw: bytes
    recipients: tuple[str, ...]
    delivered: frozenset[str]


def loads() -> Iterator[Load]:
    """Six in ten pass, the rest is warned, rewritten, held whole or split."""
    source = random.Random(7)
    for serial in range(MESSAGES):
        inside = tuple(f"reader{n}@campus.example" for n in range(source.randint(1, 4)))
        outside = tuple(f"guest{n}@elsewhere.example" for n in range(source.randint(0, 3)))
        ids = source.choices((0, 1, 2, 3), weights=(60, 20, 10, 10))[0]
        subject = f"Your {LISTED_WORD}" if source.random() < 0.2 else "About Thursday"
        passing = inside + outside if ids == 0 else inside if ids < 3 else ()
        yield Load(serial, disclosing(serial, ids, subject=subject), inside + outside, frozenset(passing))


async def send(port: int, share: list[Load], *, lmtp: bool) -> dict[str, Load]:
    """Send a share over one connection as an MTA would; our reference of each message -> the message."""
    async with connected(port, lmtp=lmtp) as peer:
        return {await settle(peer, load): load for load in share}


async def settle(peer: Peer, load: Load) -> str:
    """Send under one upstream id until every recipient is accepted, only the others again; our reference."""
    pending = load.recipients
    references = set()
    for _ in range(TRIES):
        assert (await peer.command(f"XFORWARD IDENT=load{load.serial}")).startswith("250")
        replies = await peer.deliver(SENDER, pending, load.raw)
        assert {reply[0] for reply in replies.values()} <= {"2", "4"}
        references |= {reference(reply) for reply in replies.values() if reply.startswith("250")}
        pending = tuple(recipient for recipient in pending if not replies[recipient].startswith("250"))
        if not pending:
            (ours,) = references
            return ours
    raise AssertionError(f"not accepted in {TRIES} tries")


def serial_of(raw: bytes) -> int:
    return int(raw.partition(b"X-Serial: ")[2].partition(b"\r\n")[0])


def arrivals(servers: Bench) -> Counter[tuple[int, str]]:
    return Counter((serial_of(each.raw), recipient.address) for each in servers.delivered() for recipient in each.recipients)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("front", ["lmtp", "smtp"])
async def test_fifty_connections_and_two_thousand_messages_add_up(front: str) -> None:
    messages = list(loads())
    wanted = Counter((load.serial, recipient) for load in messages for recipient in load.delivered)
    async with bench() as servers:
        port = getattr(servers.relay.ports, front)
        shares = [messages[n::CONNECTIONS] for n in range(CONNECTIONS)]
        async with asyncio.TaskGroup() as connections:
            parts = [connections.create_task(send(port, share, lmtp=front == "lmtp")) for share in shares]
        sent = {ours: load for part in parts for ours, load in part.result().items()}
        assert len(sent) == MESSAGES
        # owed copies follow later: after the last of them the sums must be exact, not merely large enough
        assert await eventually(lambda: arrivals(servers).total() >= wanted.total())
        held = Counter((sent[str(copy["reference"])].serial, str(copy["recipient"])) for copy in await servers.held())
        everybody = Counter((load.serial, recipient) for load in messages for recipient in load.recipients)
        assert arrivals(servers) == wanted
        assert held == everybody - wanted
