"""The monitor's three pages: what waits in the store as numbers, whether mail could be taken now, and that it lives."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from unittest.mock import AsyncMock

import pytest
from prometheus_client import CollectorRegistry

from dlp import standings
from dlp.campus.directory import Stamp
from dlp.campus.records import Consent, Student
from dlp.clock import utc_now
from dlp.fronts import hello_to
from dlp.metrics.directory import DirectoryFigures
from dlp.metrics.figures import StoreFigures
from dlp.metrics.names import NAMES
from dlp.metrics.splits import SplitFigures
from dlp.monitor import Monitor, Readiness
from dlp.probing import Finding, Standing
from dlp.receive.data import Budget, DataRules
from dlp.snapshot import DirectoryInForce, build, put_in_force
from dlp.values import Action
from milter.server import MilterOptions
from milter.server import start as start_milter
from tests.store.samples import OFFICER, START, held, mail, notice, owed
from tests.upstream import Post, posted

HELD = ("p.lane@freemail.example", "q.ward@freemail.example")


@dataclass(slots=True)
class Reader:
    """Stands for the reader server."""

    good: bool = True

    async def answers(self) -> bool:
        return self.good


@dataclass(slots=True)
class Watch:
    """A monitor over a filter's store and sink."""

    post: Post
    monitor: Monitor
    port: int
    reader: Reader

    async def get(self, path: str, verb: str = "GET") -> tuple[int, str]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(f"{verb} {path} HTTP/1.1\r\nHost: monitor\r\n\r\n".encode())
        head, _, body = (await reader.read()).decode().partition("\r\n\r\n")
        writer.close()
        return int(head.split()[1]), body

    async def numbers(self) -> dict[str, float]:
        self.monitor.figures._read_at = float("-inf")
        _, page = await self.get("/metrics")
        lines = [line.rpartition(" ") for line in page.splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in lines}

    async def failing(self) -> list[str]:
        self.monitor.ready._told_at = self.monitor.ready._hop_at = float("-inf")
        status, body = await self.get("/ready")
        words = json.loads(body)
        assert set(words.values()) <= {"ok", "failed"}
        failed = [name for name, word in words.items() if word != "ok"]
        assert status == (503 if failed else 200)
        return failed


def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A receiver's first words."""
    writer.write(b"220 here\r\n")
    writer.close()


@asynccontextmanager
async def watched(folder: Path, *, reserve: int = 0, faults: dict[str, str] | None = None) -> AsyncIterator[Watch]:
    counts = folder / "metrics"
    counts.mkdir()
    async with posted(folder / "site", faults=faults) as post:
        bound, listening = socket.create_server(("127.0.0.1", 0)), socket.create_server(("127.0.0.1", 0))
        greeting = await asyncio.start_server(greet, sock=listening)
        reader = Reader()
        ready = Readiness(post.tools.store, reader, post.tools.forwarder, ((listening, b""),), folder, reserve)
        figures = StoreFigures(post.tools.store, folder, "enforce")
        stopping = asyncio.Event()
        people = DirectoryFigures(DirectoryInForce(folder / "snapshots", b"key"), timedelta(days=7))
        monitor = Monitor(ready, figures, counts, (people, SplitFigures(folder)))
        running = asyncio.create_task(monitor.run(bound, stopping))
        try:
            yield Watch(post, monitor, bound.getsockname()[1], reader)
        finally:
            stopping.set()
            await running
            greeting.close()


async def test_all_is_well(tmp_path):
    async with watched(tmp_path) as at:
        assert await at.failing() == []
        assert (await at.get("/live"))[0] == 200


async def test_a_reader_that_does_not_answer(tmp_path):
    async with watched(tmp_path) as at:
        at.reader.good = False
        assert await at.failing() == ["reader"]


async def test_a_next_hop_that_is_gone(tmp_path):
    async with watched(tmp_path) as at:
        await at.post.sink.close()
        assert await at.failing() == ["next_hop"]


async def test_a_store_that_takes_no_writes(tmp_path):
    async with watched(tmp_path, faults={"check": "before"}) as at:
        assert await at.failing() == ["store"]
        assert await at.failing() == []


async def test_a_disk_below_the_reserve(tmp_path):
    async with watched(tmp_path, reserve=1 << 62) as at:
        assert await at.failing() == ["disk"]


async def test_receivers_that_do_not_greet(tmp_path):
    async with watched(tmp_path) as at:
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            at.monitor.ready.listening = ((nobody, b""),)
            assert await at.failing() == ["receivers"]


@pytest.mark.parametrize(("key", "failing"), [("milter.listen", []), ("receive.smtp", ["receivers"])])
async def test_a_milter_greets_nobody_and_answers_who_speaks_first(tmp_path, monkeypatch, key, failing):
    monkeypatch.setattr("dlp.monitor.PATIENCE", 1.0)
    bound = socket.create_server(("127.0.0.1", 0))
    rules = DataRules(1 << 20, Budget(1 << 20), normalise=True, nul=False)
    listener = await start_milter([bound], AsyncMock(), MilterOptions(rules, (ip_network("127.0.0.0/8"),)))
    async with watched(tmp_path) as at:
        at.monitor.ready.listening = ((bound, hello_to(key)),)
        assert await at.failing() == failing
    await listener.stop(1.0)


async def test_what_waits_in_the_store_is_counted(tmp_path):
    async with watched(tmp_path) as at:
        store = at.post.tools.store
        store.hold(mail("1"), [held(*HELD)], notice())
        store.hold(mail("2"), [owed("t.ames@campus.example")])
        (first, _) = store.by_reference(mail("1").envelope.reference)
        store.deny(first.id, OFFICER)
        store.record_probe("<1@campus.example>", Action.WARN, mail("1").envelope.reference)
        await asyncio.to_thread(at.monitor.figures.verify)
        found = await at.numbers()
        wanted = {
            'dlp_holds{owner="officer",state="held"}': 1,
            'dlp_holds{owner="officer",state="owed"}': 1,
            'dlp_holds{owner="senior",state="held"}': 0,
            'dlp_hold_oldest_timestamp_seconds{owner="officer"}': at.post.clock().timestamp(),
            'dlp_hold_oldest_timestamp_seconds{owner="senior"}': 0,
            'dlp_holds_opened_total{code="FAQ:outside-consent"}': 2,
            'dlp_holds_closed_total{outcome="denied"}': 1,
            'dlp_holds_closed_total{outcome="released"}': 0,
            'dlp_hold_duration_seconds_count{outcome="denied"}': 1,
            'dlp_hold_duration_seconds_bucket{le="+Inf",outcome="denied"}': 1,
            'dlp_hold_duration_seconds_count{outcome="returned"}': 0,
            'dlp_consents{status="revoked"}': 0,
            "dlp_notices_waiting": 1,
            "dlp_notice_oldest_timestamp_seconds": at.post.clock().timestamp(),
            "dlp_audit_records_total": 5,
            "dlp_audit_intact": 1,
            "dlp_probe_success_timestamp_seconds": at.post.clock().timestamp(),
            'dlp_enforcement_info{mode="enforce"}': 1,
            'dlp_enforcement_info{mode="observe"}': 0,
            'dlp_jail_info{mode="full"}': 1,
            'dlp_jail_info{mode="weak"}': 0,
        }
        assert {name: found.get(name) for name in wanted} == wanted
        assert found["dlp_store_free_bytes"] > 0


async def test_how_long_a_hold_waited_falls_into_its_bucket(tmp_path):
    async with watched(tmp_path) as at:
        store = at.post.tools.store
        store.hold(mail("1"), [held(*HELD)], None)
        at.post.clock.forward(minutes=30)
        store.deny(store.by_reference(mail("1").envelope.reference)[0].id, OFFICER)
        found = await at.numbers()
        buckets = [found[f'dlp_hold_duration_seconds_bucket{{le="{bound}",outcome="denied"}}'] for bound in (600.0, 3600.0)]
        assert (buckets, found['dlp_hold_duration_seconds_sum{outcome="denied"}']) == ([0, 1], 1800)


async def test_consents_are_counted_by_where_they_stand(tmp_path):
    async with watched(tmp_path) as at:
        store = at.post.tools.store
        for number in range(3):
            store.add_consent(Consent(f"C{number}", "912345678", frozenset({"grades"}), "@firm.example", START.date()), OFFICER)
        store.revoke_consent("C0", OFFICER)
        found = await at.numbers()
        assert [found[f'dlp_consents{{status="{status}"}}'] for status in ("standing", "revoked", "used_up")] == [2, 1, 0]


async def test_counts_of_the_chain_go_on_where_they_stopped(tmp_path):
    async with watched(tmp_path) as at:
        at.post.tools.store.hold(mail("1"), [held(HELD[0])])
        await at.numbers()
        at.post.tools.store.hold(mail("2"), [held(HELD[1])])
        assert (await at.numbers())['dlp_holds_opened_total{code="FAQ:outside-consent"}'] == 2
        assert (await at.numbers())["dlp_audit_records_total"] == 2


async def test_a_store_that_does_not_answer_leaves_its_numbers_out(tmp_path):
    async with watched(tmp_path, faults={"figures": "before"}) as at:
        found = await at.numbers()
        assert "dlp_notices_waiting" not in found
        assert "dlp_store_free_bytes" in found
        assert "dlp_notices_waiting" in await at.numbers()


async def test_every_metric_of_the_table_that_the_store_knows_is_on_the_page(tmp_path):
    async with watched(tmp_path) as at:
        at.post.tools.store.hold(mail(), [held(*HELD)])
        await asyncio.to_thread(at.monitor.figures.verify)
        found = {name.partition("{")[0] for name in await at.numbers()}
        assert {name.removesuffix("_bucket") for name in found} >= {name.name for name in NAMES if name.from_store}


@pytest.mark.parametrize(
    ("finding", "age", "counted"),
    [
        (None, 0, "unproven"),
        (Finding.PROVEN, 0, "proven"),
        (Finding.PROVEN, 3600, "unproven"),
        (Finding.DISPROVEN, 3600, "disproven"),
    ],
)
def test_it_says_of_how_many_listeners_of_the_mta_it_is_known_that_they_drop_recipients(tmp_path, finding, age, counted):
    address = "127.0.0.1:25"
    standing = Standing(address, finding, "", "mx:25", time.monotonic() - age) if finding else Standing(address)
    (tmp_path / "run").mkdir()
    standings.write(standings.path_in(tmp_path), [standing])
    registry = CollectorRegistry()
    registry.register(SplitFigures(tmp_path))
    found = {each: registry.get_sample_value("dlp_split_listeners", {"finding": each}) for each in Finding}
    assert found == {each: float(each == counted) for each in Finding}


async def test_the_directory_in_force_is_on_the_page_with_its_age(tmp_path):
    async with watched(tmp_path) as at:
        found = await at.numbers()
        assert found["dlp_snapshot_created_timestamp_seconds"] == found['dlp_snapshot_rows{table="students"}'] == 0
        assert found["dlp_snapshot_stale"] == 0
    for days, stale in ((6, 0), (8, 1)):
        as_of = utc_now() - timedelta(days=days)
        snapshots = tmp_path / f"{days} days"
        build(snapshots, [Student("900000001"), Student("900000002")], Stamp("one", as_of), b"key")
        put_in_force(snapshots, "one")
        registry = CollectorRegistry()
        registry.register(DirectoryFigures(DirectoryInForce(snapshots, b"key"), timedelta(days=7)))
        assert registry.get_sample_value("dlp_snapshot_created_timestamp_seconds") == as_of.timestamp()
        assert registry.get_sample_value("dlp_snapshot_rows", {"table": "students"}) == 2
        assert registry.get_sample_value("dlp_snapshot_stale") == stale


@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/metrics/../x", 404),
        ("POST", "/metrics", 405),
        ("HEAD", "/live", 200),
        ("GET", "/live?x=1", 200),
    ],
)
async def test_other_requests(tmp_path, verb, path, status):
    async with watched(tmp_path) as at:
        found, body = await at.get(path, verb)
        assert found == status
        assert verb != "HEAD" or not body


@pytest.mark.parametrize("request_", [b"", b"\r\n\r\n", b"GET\r\n\r\n", b"x" * 100_000, b"\xff\xfe\r\n\r\n"])
async def test_nonsense_is_hung_up_on_and_the_next_one_is_served(tmp_path, request_):
    async with watched(tmp_path) as at:
        reader, writer = await asyncio.open_connection("127.0.0.1", at.port)
        writer.write(request_)
        writer.write_eof()
        async with asyncio.timeout(10):
            answer = await reader.read()
        writer.close()
        assert answer == b"" or answer.startswith(b"HTTP/1.1 405 ")
        assert (await at.get("/live"))[0] == 200
