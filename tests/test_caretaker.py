"""The caretaker: looks at start and every minute, tells what it put right, and tells trouble once."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dlp.admission import Room
from dlp.caretaker import Caretaker
from dlp.errors import Unavailable
from dlp.store import Store
from dlp.store.states import State
from tests.store.samples import KEYS, URL, StandingClock, held, mail, new_store


class Kept:
    """A caretaker, its store, and what it told."""

    def __init__(self, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO, "dlp.caretaker")
        self.clock = StandingClock()
        self.store = new_store(folder, self.clock)
        self.caretaker = Caretaker(self.store, Room(folder, 0))
        self.caplog = caplog

    def told(self) -> list[tuple[str, dict[str, object]]]:
        records = [record for record in self.caplog.records if record.name == "dlp.caretaker"]
        self.caplog.clear()
        return [(record.getMessage(), vars(record)["values"]) for record in records]


@pytest.fixture
def kept(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    kept = Kept(tmp_path / "var", caplog)
    yield kept
    kept.store.close()


async def test_it_looks_at_start_and_again_and_again(kept: Kept, tmp_path: Path, monkeypatch):
    monkeypatch.setattr("dlp.caretaker._EVERY", 0.01)
    stopping = asyncio.Event()
    running = asyncio.create_task(kept.caretaker.run(stopping))
    told = []
    async with asyncio.timeout(20):
        while not told:
            told = kept.told()
            await asyncio.sleep(0.01)
        assert told == [("store.checked", {})]
        other = Store.open(URL, tmp_path / "var", KEYS, clock=kept.clock)
        other.prepare(mail(), [held("bob@outside.example")])
        other.close()
        while told == [("store.checked", {})]:
            told = kept.told() or told
            await asyncio.sleep(0.01)
        assert told == [("store.recovered", {"aborted": 1, "due": 0, "swept": 0, "doubtful": 0})]
        stopping.set()
        await running


async def test_more_than_a_batch_is_put_right_at_once(kept: Kept, tmp_path: Path, monkeypatch):
    monkeypatch.setattr("dlp.caretaker._BATCH", 2)
    other = Store.open(URL, tmp_path / "var", KEYS, clock=kept.clock)
    other.prepare(mail(), [held(*(f"p{n}@outside.example" for n in range(5)))])
    other.close()
    await kept.caretaker.look()
    assert [values["aborted"] for name, values in kept.told() if name == "store.recovered"] == [2, 2, 1]


async def test_missing_bytes_are_told_once(kept: Kept):
    kept.store.hold(mail(), [held("bob@outside.example")])
    with kept.store._engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM content_chunk")
    for _ in range(2):
        await kept.caretaker.look()
    assert [name for name, _ in kept.told()] == ["store.damaged", "store.checked"]
    assert [copy.state for copy in kept.store.held()] == [State.HELD]


async def test_a_clock_that_is_behind_is_told_until_it_is_right(kept: Kept):
    kept.store.hold(mail(), [held("bob@outside.example")])
    kept.clock.now -= timedelta(hours=2)
    await kept.caretaker.look()
    kept.clock.now += timedelta(minutes=3)
    await kept.caretaker.look()
    kept.clock.now += timedelta(hours=2)
    await kept.caretaker.look()
    assert kept.told() == [("store.trouble", {"what": "clock"}), ("store.checked", {})]


async def test_trouble_is_told_once_and_the_next_look_comes(kept: Kept, monkeypatch):
    def broken(*_: Any) -> None:
        raise Unavailable("disk", storage=True)

    with monkeypatch.context() as at:
        at.setattr(kept.store, "check", broken)
        for _ in range(2):
            await kept.caretaker.look()
    await kept.caretaker.look()
    assert kept.told() == [("store.trouble", {"what": "disk"}), ("store.checked", {})]
