"""Many slow clients at once: a good one is served all the same, and each slow one is left at its limit (S033, S4)."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import Counter

import pytest

ENVELOPE = b"EHLO c.example\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\n"
SLOW = {
    "says nothing": (b"", b""),
    "drips a greeting": (b"", b"EHLO client.example\r\n" * 50),
    "drips commands": (b"EHLO c.example\r\n", b"NOOP\r\n" * 200),
    "leaves the transaction open": (ENVELOPE, b""),
    "drips a body": (ENVELOPE + b"DATA\r\n", b"some text of a line\r\n" * 50),
    "stops in the body": (ENVELOPE + b"DATA\r\n" + b"x" * 10_000, b""),
    "stops before the last line feed": (ENVELOPE + b"DATA\r\ntext\r\n.\r", b""),
}
EACH = 15
GOOD = 30


async def dawdle(serving, at_once: bytes, dripped: bytes) -> bytes:
    """What a slow client hears in the end."""
    client = await serving.connect()
    client.send(at_once)
    dripping = asyncio.create_task(drip(client, dripped))
    try:
        return await client.rest()
    finally:
        dripping.cancel()


async def drip(client, dripped: bytes) -> None:
    with contextlib.suppress(ConnectionError):
        for byte in dripped:
            client.send(bytes([byte]))
            await client.writer.drain()
            await asyncio.sleep(0.02)


async def good_mail(serving) -> int:
    """A client that is not slow: how many of its messages are taken."""
    taken = 0
    for _ in range(GOOD):
        client = await serving.connect()
        await client.envelope("b@x.example")
        taken += await client.data(b"good\r\n.\r\n") == "250 2.0.0 ok"
        await client.command("QUIT")
    return taken


@pytest.mark.parametrize("limits", [{"idle": 30, "session": 1.5}, {"idle": 1.5, "session": 6}], ids=["session", "idle"])
async def test_slow_clients_do_not_stop_a_good_one_and_are_left(intake, serve, limits):
    """A drip of bytes never is idle, so the session's own limit ends it."""
    serving = await serve(sessions_per_peer=1000, **limits)
    slow = {name: [asyncio.create_task(dawdle(serving, *sent)) for _ in range(EACH)] for name, sent in SLOW.items()}
    assert await good_mail(serving) == GOOD
    assert intake.messages == [b"good\r\n"] * GOOD  # of the slow ones none was taken
    for name, tasks in slow.items():
        heard = await asyncio.wait_for(asyncio.gather(*tasks), 30)
        told = Counter(words[-23:] == b"\r\n421 4.4.2 timed out\r\n" or words == b"421 4.4.2 timed out\r\n" for words in heard)
        reset = sum(words == b"" for words in heard)  # by what was dripped after the end
        assert told[True] + reset == EACH, (name, heard)
        assert reset == 0 or "drips" in name, name
    assert all(transaction.closed for transaction in intake.transactions)
    assert serving.budget.used == 0
    await nobody_left(serving)


async def nobody_left(serving) -> None:
    """The places are free again."""
    async with asyncio.timeout(30):
        while serving.listener._service._sessions:  # noqa: ASYNC110  another task's list
            await asyncio.sleep(0.02)


async def test_clients_that_never_read_do_not_stop_a_good_one(intake, serve, monkeypatch):
    """Each asks for more than the socket's buffers hold; our own side stops reading it, and keeps little for it."""
    monkeypatch.setattr("dlp.receive.connection._LINGER", 0.2)
    serving = await serve(sessions_per_peer=1000, idle=3.0)
    deaf = [await never_reading(serving) for _ in range(4)]
    assert await good_mail(serving) == GOOD
    await nobody_left(serving)
    assert intake.messages == [b"good\r\n"] * GOOD
    for writer in deaf:
        writer.transport.abort()


async def never_reading(serving) -> asyncio.StreamWriter:
    """A client with a small buffer that goes on asking."""
    deaf = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.setblocking(False)
    await asyncio.get_running_loop().sock_connect(deaf, serving.address)
    _, writer = await asyncio.open_connection(sock=deaf)
    writer.transport.pause_reading()
    writer.write(b"EHLO client.example\r\n" * 60_000)
    return writer


async def test_slow_clients_hold_no_more_of_the_budget_than_they_sent(intake, serve):
    """A message that drips in reserves what has come; the rest is there for others."""
    serving = await serve(sessions_per_peer=1000, idle=2, in_flight=200_000)
    slow = [asyncio.create_task(dawdle(serving, ENVELOPE + b"DATA\r\n" + b"x" * 1_000, b"")) for _ in range(50)]
    client = await serving.connect()
    await client.envelope("b@x.example")
    assert await client.data(b"y" * 100_000 + b"\r\n.\r\n") == "250 2.0.0 ok"
    await asyncio.gather(*slow)
    assert serving.budget.used == 0
