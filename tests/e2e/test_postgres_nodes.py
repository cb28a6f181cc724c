"""Two nodes of the real program on one PostgreSQL: what one holds, the other lists, merges with and releases."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from dlp import keys
from dlp.sink import Sink
from tests.e2e import postgres
from tests.e2e.bench import body, eventually
from tests.e2e.client import connected
from tests.e2e.loopback import free_ports, open_folder
from tests.e2e.postgres import PrivatePostgres
from tests.e2e.relay import Relay, RelayPorts, serving_user
from tests.generate.messages import disclosing

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]

SENDER, INSIDE, OUTSIDE = "a.mori@campus.example", "b.okafor@campus.example", "c.lindt@elsewhere.example"


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with Sink() as running:
        yield running


@pytest.fixture
def server() -> Iterator[PrivatePostgres]:
    reason = postgres.missing()
    if reason:
        pytest.skip(reason)
    with open_folder("postgres") as folder, PrivatePostgres(folder) as running:
        running.execute("CREATE DATABASE filter")
        yield running


@pytest.fixture
def nodes(server: PrivatePostgres, sink: Sink) -> Iterator[tuple[Relay, Relay]]:
    """Set up as docs/install.md says: one site key, the URL in a file of its own. The second is not started yet."""
    with ExitStack() as stack:
        north, south = (stack.enter_context(open_folder(name)) for name in ("north", "south"))
        relays = _relay(north, sink.hop), _relay(south, sink.hop)
        for folder, relay in zip((north, south), relays, strict=True):
            relay.initialise()
            (folder / "store.url").write_text(server.url("filter") + "\n")
            (folder / "store.url").chmod(0o600)
            shutil.chown(folder / "store.url", serving_user())
            stack.callback(relay.stop)
        (key,) = north.rglob(keys.FILE)
        shutil.copyfile(key, south / key.relative_to(north))
        relays[0].start()
        yield relays


def _relay(folder: Path, hop: str) -> Relay:
    overrides = ("store.url_file=store.url", f"receive.hostname={folder.name}.campus.example")
    return Relay(RelayPorts(*free_ports(2)), folder, next_hop=hop, receivers=1, overrides=overrides)


async def send(relay: Relay, upstream_id: str, raw: bytes) -> str:
    """The reply to both recipients together."""
    async with connected(relay.ports.smtp) as peer:
        await peer.command(f"XFORWARD IDENT={upstream_id}")
        replies = await peer.deliver(SENDER, [INSIDE, OUTSIDE], raw)
        return replies[OUTSIDE]


def arrived(sink: Sink, address: str) -> list[bytes]:
    return [body(each.raw) for each in sink.messages if each.sender and each.recipients[0].address == address]


async def test_one_holds_the_other_merges_a_retry_and_releases(nodes: tuple[Relay, Relay], sink: Sink) -> None:
    north, south = nodes
    raw = disclosing(1, 1)
    assert (await send(north, "4Once", raw)).startswith("250")
    assert arrived(sink, INSIDE) == [body(raw)]
    await asyncio.to_thread(south.start)
    assert (await send(south, "4Once", raw)).startswith("250")
    assert arrived(sink, INSIDE) == [body(raw)]
    assert arrived(sink, OUTSIDE) == []
    (copy,) = await asyncio.to_thread(south.held)
    assert copy["recipient"] == OUTSIDE
    await asyncio.to_thread(
        south.command, "held", "release", str(copy["reference"]), "--word-of", "senior", "--reason", "permission on file"
    )
    assert arrived(sink, OUTSIDE) == [body(raw)]
    assert await asyncio.to_thread(north.held) == []


async def test_the_same_message_at_both_nodes_at_once_arrives_once(nodes: tuple[Relay, Relay], sink: Sink) -> None:
    north, south = nodes
    await asyncio.to_thread(south.start)
    messages = {f"4Twice{n}": disclosing(n, 1) for n in range(20)}

    async def insist(relay: Relay, upstream_id: str) -> None:
        while not (reply := await send(relay, upstream_id, messages[upstream_id])).startswith("250"):
            assert reply[0] == "4"

    async with asyncio.TaskGroup() as clients:
        for upstream_id in messages:
            for relay in nodes:
                clients.create_task(insist(relay, upstream_id))
    bodies = sorted(map(body, messages.values()))
    assert await eventually(lambda: len(arrived(sink, INSIDE)) >= len(bodies))
    assert sorted(arrived(sink, INSIDE)) == bodies
    assert [copy["recipient"] for copy in await asyncio.to_thread(north.held)] == [OUTSIDE] * len(bodies)
    assert '"event": "store.trouble"' not in north.log() + south.log()
