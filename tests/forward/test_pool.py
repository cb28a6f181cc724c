"""The pool: capped, first come first served, idle connections closed, closed for good."""

from __future__ import annotations

import asyncio

import pytest

from dlp.forward import Interrupted, Timeouts
from dlp.sink import Fault
from dlp.values import Recipient

SENDER = "staff@campus.example"


def recipient(number: int) -> Recipient:
    return Recipient(f"person{number}@campus.example")


async def deliver(forwarder, number: int) -> int:
    session = await forwarder.acquire()
    try:
        (reply,) = await session.deliver(SENDER, (), [recipient(number)], [b"message %d\r\n" % number])
    finally:
        await session.release()
    return reply.code


async def test_a_hundred_deliveries_share_five_connections(connect):
    sink, forwarder = await connect(limit=5)
    codes = await asyncio.gather(*(deliver(forwarder, number) for number in range(100)))
    assert codes == [250] * 100
    assert sink.peak == sink.connections == 5
    assert sorted(message.raw for message in sink.messages) == sorted(b"message %d\r\n" % number for number in range(100))
    assert all(message.recipients == (recipient(int(message.raw.split()[1])),) for message in sink.messages)


async def test_the_cap_holds_when_connections_break(connect):
    sink, forwarder = await connect({"DOT": [Fault.DROP, None] * 25, "MAIL": [None, None, "421 4.3.2 bye"] * 20}, limit=5)
    results = await asyncio.gather(*(deliver(forwarder, number) for number in range(100)), return_exceptions=True)
    accepted = [number for number, result in enumerate(results) if result == 250]
    unknown = [number for number, result in enumerate(results) if isinstance(result, Interrupted) and result.after_dot]
    assert len(unknown) == 25
    assert len(accepted) >= 65  # two 421 in a row defer a delivery, the first one alone does not
    assert sorted(int(message.raw.split()[1]) for message in sink.messages) == sorted(accepted + unknown)
    assert sink.peak <= 6  # the sink may see a new connection before the end of the one it replaces
    assert len(forwarder._idle) <= 5


async def test_waiters_are_served_in_order(connect):
    _, forwarder = await connect(limit=1)
    order: list[int] = []

    async def wait(number: int) -> None:
        session = await forwarder.acquire()
        order.append(number)
        await session.release()

    held = await forwarder.acquire()
    tasks = [asyncio.create_task(wait(number)) for number in range(10)]
    await asyncio.sleep(0)
    await held.release()
    await asyncio.gather(*tasks)
    assert order == list(range(10))


async def test_waiting_for_a_place_ends(connect):
    _, forwarder = await connect(limit=1, timeouts=Timeouts(place=0.05))
    held = await forwarder.acquire()
    with pytest.raises(Interrupted) as raised:
        await forwarder.acquire()
    assert (raised.value.cause, raised.value.why) == ("next_hop", "full")
    await held.release()
    assert await deliver(forwarder, 1) == 250


async def test_releasing_twice_frees_one_place(connect):
    _, forwarder = await connect(limit=1, timeouts=Timeouts(place=0.05))
    session = await forwarder.acquire()
    await session.release()
    await session.release()
    await forwarder.acquire()
    with pytest.raises(Interrupted):
        await forwarder.acquire()


async def test_idle_connections_are_closed_politely(connect):
    sink, forwarder = await connect(idle=0.02)
    assert await deliver(forwarder, 1) == 250
    await asyncio.wait(sink._sessions.tasks, timeout=5)
    assert not sink.open
    assert sink.commands[-1] == "QUIT"
    assert not forwarder._idle


async def test_close_ends_idle_connections_now_and_lent_ones_when_they_come_back(connect):
    sink, forwarder = await connect()
    lent, idle = await forwarder.acquire(), await forwarder.acquire()
    await idle.release()
    forwarder.close()
    assert (await lent.deliver(SENDER, (), [recipient(1)], [b"x\r\n"]))[0].accepted
    await lent.release()
    await asyncio.wait(sink._sessions.tasks, timeout=5)
    assert not sink.open
    with pytest.raises(Interrupted):
        await forwarder.acquire()
