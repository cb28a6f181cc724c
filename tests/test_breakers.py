"""Breakers: closed, open after failures in a row, half-open for one at a time; and never a message lost to them."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from types import SimpleNamespace

import pytest

from dlp.admission import Admission, Room
from dlp.breakers import MOVES, Breaker, State
from dlp.errors import Unavailable
from dlp.forward import Forwarder, Interrupted, parse_hop
from dlp.lanes import Lanes
from dlp.limits import Limits


def breaker(**changed: float) -> Breaker:
    return Breaker("scan", **({"failures": 3, "within": 60.0, "pause": 5.0} | changed))


def failed(tested: Breaker, *times: float) -> Breaker:
    for at in times:
        tested.note(at, worked=False)
    return tested


class TestStates:
    @pytest.mark.parametrize(
        ("times", "state"),
        [
            ((0, 1), State.CLOSED),
            ((0, 1, 2), State.OPEN),
            ((0, 30, 59), State.OPEN),
            ((0, 30, 61), State.CLOSED),
            ((0, 50, 70, 80), State.OPEN),
        ],
    )
    def test_three_failures_within_a_minute_open_it(self, times, state):
        assert failed(breaker(), *times).state is state

    def test_what_works_in_between_starts_the_count_anew(self):
        tested = failed(breaker(), 0, 1)
        tested.note(2, worked=True)
        assert failed(tested, 3, 4).state is State.CLOSED

    def test_closed_lets_everybody_go_ahead_open_nobody(self):
        tested = failed(breaker(), 0, 1)
        assert all(tested.allows(2) for _ in range(5))
        failed(tested, 2)
        assert not any(tested.allows(at) for at in (2, 4, 6.9))

    def test_after_the_pause_one_tries_for_all(self):
        tested = failed(breaker(), 0, 1, 2)
        assert [tested.allows(7) for _ in range(3)] == [True, False, False]
        assert tested.state is State.HALF_OPEN

    def test_the_try_that_works_closes_it(self):
        tested = failed(breaker(), 0, 1, 2)
        assert tested.allows(7)
        tested.note(8, worked=True)
        assert (tested.state, tested.allows(8)) == (State.CLOSED, True)
        assert failed(tested, 9, 10).state is State.CLOSED

    def test_the_try_that_fails_opens_it_for_another_pause(self):
        tested = failed(breaker(), 0, 1, 2)
        assert tested.allows(7)
        failed(tested, 8)
        assert [tested.allows(at) for at in (8, 12.9, 13)] == [False, False, True]

    def test_a_try_nobody_hears_of_blocks_no_other(self):
        tested = failed(breaker(), 0, 1, 2)
        assert [tested.allows(at) for at in (7, 8, 12)] == [True, False, True]

    def test_opening_and_closing_are_told_once(self, caplog):
        caplog.set_level(logging.INFO, "dlp.breakers")
        tested = failed(breaker(), 0, 1, 2, 3)
        tested.allows(9)
        failed(tested, 10)
        tested.allows(16)
        tested.note(17, worked=True)
        tested.note(18, worked=True)
        told = [(record.getMessage(), vars(record)["values"]) for record in caplog.records]
        assert told == [("breaker.opened", {"what": "scan"}), ("breaker.closed", {"what": "scan"})]

    def test_every_state_can_be_left(self):
        assert {state for state, _ in MOVES} == set(State)


async def fine() -> None:
    return


async def ill() -> None:
    raise Unavailable("scan")


class TestAdmission:
    @pytest.mark.parametrize(("free", "taken"), [(99, False), (100, True)])
    async def test_below_the_reserve_mail_is_put_off_and_taken_again_when_there_is_room(
        self, tmp_path, monkeypatch, free, taken
    ):
        admission = Admission(Room(tmp_path, 1000))
        monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_bavail=free, f_frsize=10))
        if taken:
            await admission.ask()
            return
        with pytest.raises(Unavailable) as refused:
            await admission.ask()
        assert (refused.value.cause, refused.value.storage) == ("disk", True)

    async def test_an_open_breaker_puts_mail_off(self, tmp_path):
        tested = failed(breaker(pause=1000), *([asyncio.get_running_loop().time()] * 3))
        with pytest.raises(Unavailable, match="scan"):
            await Admission(Room(tmp_path, 0), ((tested, fine),)).ask()

    @pytest.mark.parametrize("probe", [fine, ill])
    async def test_after_the_pause_a_probe_goes_first(self, tmp_path, probe):
        tested = failed(breaker(pause=0), *([asyncio.get_running_loop().time()] * 3))
        admission = Admission(Room(tmp_path, 0), ((tested, probe),))
        if probe is fine:
            await admission.ask()
        else:
            with pytest.raises(Unavailable):
                await admission.ask()


class TestWhatIsWatched:
    async def test_children_that_cannot_be_asked_open_it_and_one_that_answers_closes_it(self, tmp_path):
        lanes = Lanes(Limits(fast_message=0), str(tmp_path / "reader"))
        for _ in range(3):
            with pytest.raises(Unavailable):
                await lanes.read(b"a")
        assert lanes.breaker.state is State.OPEN

    async def test_a_reading_is_given_up_at_its_deadline_and_blames_no_child(self, tmp_path):
        with socket.socket(socket.AF_UNIX) as nobody_accepts:
            nobody_accepts.bind(str(tmp_path / "reader"))
            nobody_accepts.listen()
            lanes = Lanes(Limits(fast_message=0), str(tmp_path / "reader"))
            with pytest.raises(Unavailable, match="reader"):
                await lanes.read(b"a", until=asyncio.get_running_loop().time() + 0.05)
            assert not lanes.breaker.failed_at

    async def test_a_next_hop_nobody_answers_at_is_left_alone(self, tmp_path):
        tested = Breaker("next_hop", failures=2, pause=1000)
        forwarder = Forwarder(parse_hop(f"unix:{tmp_path}/nobody"), helo="filter.campus.example", breaker=tested)
        for _ in range(3):
            with pytest.raises(Interrupted):
                await forwarder.acquire()
        assert (tested.state, len(tested.failed_at)) == (State.OPEN, 2)
