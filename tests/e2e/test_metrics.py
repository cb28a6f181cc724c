"""The metrics of a real tree: counts of killed processes stay, a reload shows, /ready tells when mail could not be taken."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from dlp.metrics.names import NAMES
from dlp.sink import Sink
from tests.e2e.bench import eventually
from tests.e2e.client import hand_over
from tests.e2e.loopback import HOST, free_ports, open_folder
from tests.e2e.relay import Relay, RelayPorts
from tests.generate.campus import Campus, write
from tests.generate.messages import disclosing

pytestmark = pytest.mark.servers

SENDER, INSIDE, OUTSIDE = "a.mori@campus.example", "b.okafor@campus.example", "c.lindt@elsewhere.example"


@asynccontextmanager
async def measured() -> AsyncIterator[tuple[Relay, Sink]]:
    with open_folder("metrics") as folder:
        async with Sink() as sink:
            relay = Relay(RelayPorts(*free_ports(3)), folder, next_hop=sink.hop, receivers=1)
            relay.initialise()
            await asyncio.to_thread(relay.start)
            try:
                yield relay, sink
            finally:
                await asyncio.to_thread(relay.stop)


def ask(relay: Relay, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{relay.ports.metrics}{path}", timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()
    except OSError:
        return 0, ""


async def numbers(relay: Relay) -> dict[str, float]:
    _, page = await asyncio.to_thread(ask, relay, "/metrics")
    lines = [line.rpartition(" ") for line in page.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


async def judged(relay: Relay, count: int) -> None:
    for n in range(count):
        await hand_over(relay.ports.lmtp, SENDER, [INSIDE, OUTSIDE], disclosing(n, 1), lmtp=True)


def process_of(relay: Relay, event: str) -> int:
    """The process that last logged this event."""
    lines = [json.loads(line) for line in relay.log().splitlines() if f'"{event}"' in line]
    return int(lines[-1]["pid"])


def first_child(pid: int) -> int:
    """The reader server: it is started first."""
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


async def test_what_a_killed_receiver_counted_stays_and_its_successor_goes_on():
    series = 'dlp_messages_total{front="lmtp",result="accepted"}'
    async with measured() as (relay, _):
        await judged(relay, 3)
        assert (await numbers(relay))[series] == 3
        os.kill(process_of(relay, "message.judged"), signal.SIGKILL)
        assert await eventually(lambda: ask(relay, "/ready")[0] == 200)
        assert await eventually(lambda: '"process.died"' in relay.log())
        await judged(relay, 2)
        found = await numbers(relay)
        assert found[series] == 5
        assert found['dlp_recipients_total{action="hold",mode="enforce",scope="outside"}'] == 5
        assert found['dlp_child_deaths_total{cause="worker"}'] == 1
        assert [value for name, value in found.items() if name.startswith("dlp_ruleset_info")] == [1]


async def test_the_page_has_every_metric_and_no_other():
    async with measured() as (relay, _):
        await judged(relay, 1)
        _, page = await asyncio.to_thread(ask, relay, "/metrics")
    told = {line.split()[2]: line.split()[3] for line in page.splitlines() if line.startswith("# TYPE")}
    assert told == {name.name: name.kind for name in NAMES}


async def test_ready_follows_the_next_hop_and_the_reader():
    async with measured() as (relay, sink):
        assert (await asyncio.to_thread(ask, relay, "/ready"))[0] == 200
        assert relay._process is not None
        reader = first_child(relay._process.pid)
        os.kill(reader, signal.SIGSTOP)
        try:
            assert await eventually(lambda: '"reader": "failed"' in ask(relay, "/ready")[1])
        finally:
            os.kill(reader, signal.SIGCONT)
        assert await eventually(lambda: ask(relay, "/ready")[0] == 200)
        await sink.close()
        assert await eventually(lambda: '"next_hop": "failed"' in ask(relay, "/ready")[1], within=60)


async def test_a_message_put_off_for_the_next_hop_is_counted_and_named():
    async with measured() as (relay, sink):
        sink.play({"DOT": "451 4.3.0 not now"})
        await judged(relay, 1)
        found = await numbers(relay)
        assert found['dlp_forwards_total{purpose="mail",result="4xx"}'] >= 1
        await sink.close()
        replies = await hand_over(relay.ports.lmtp, SENDER, [INSIDE], disclosing(9, 1), lmtp=True)
        assert replies[INSIDE].startswith("451")
        assert (await numbers(relay))['dlp_deferrals_total{cause="next_hop"}'] >= 1


async def test_an_import_is_noticed_by_a_filter_that_runs():
    async with measured() as (relay, _):
        assert (await numbers(relay))["dlp_snapshot_created_timestamp_seconds"] == 0
        for students in (60, 90):
            write(relay._folder / "export", Campus(students))
            await asyncio.to_thread(relay.command, "import", str(relay._folder / "export"))
            rows = 'dlp_snapshot_rows{table="students"} ' + f"{students}.0"
            assert await eventually(lambda rows=rows: rows in ask(relay, "/metrics")[1])
            assert '"campus.swapped"' in relay.log()
        assert (await numbers(relay))["dlp_snapshot_stale"] == 0
