"""The sink itself, spoken to in raw bytes, so that a fault it shares with our client would show."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Coroutine

import pytest

from dlp.sink import Delivered, Fault, Sink
from dlp.values import Recipient
from tests.e2e.loopback import free_ports
from tests.e2e.tap import Tap


async def converse(sink: Sink, *said: bytes) -> bytes:
    """Everything the sink answers to these bytes, each sent after the answer to the one before."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(sink.hop.rpartition(":")[2]))
    heard = await reader.readline()
    for data in said:
        writer.write(data)
        heard += await reader.read(65_536)
    writer.write_eof()
    heard += await reader.read()
    writer.close()
    await writer.wait_closed()
    return heard


async def test_what_is_sent_is_kept_with_dots_undone():
    async with Sink() as sink:
        heard = await converse(
            sink,
            b"EHLO pc.campus.example\r\n",
            b"XFORWARD NAME=a\r\n",
            b"MAIL FROM:<> BODY=8BITMIME\r\nRCPT TO:<a@x.example> NOTIFY=NEVER\r\nDATA\r\n",
            b"..a\r\n.\n.b\r\n...\r\n.\r\nNOOP\r\n",
        )
        (message,) = await sink.wait(1)
    assert message.raw == b".a\r\n\n.b\r\n..\r\n"
    assert (message.sender, message.parameters, message.helo) == ("", ("BODY=8BITMIME",), "pc.campus.example")
    assert message.recipients == (Recipient("a@x.example", ("NOTIFY=NEVER",)),)
    assert message.xforward == ("NAME=a",)
    assert heard.count(b"250 2.0.0 kept") == 1
    assert heard.endswith(b"250 2.0.0 ok\r\n")


async def test_end_of_data_may_be_cut_anywhere():
    async with Sink() as sink:
        start = b"EHLO x\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\n"
        reader, writer = await asyncio.open_connection("127.0.0.1", int(sink.hop.rpartition(":")[2]))
        writer.write(start)
        await reader.readuntil(b"354 go on\r\n")
        for byte in b"x\r\n.\r\n":
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)
        (message,) = await sink.wait(1)
        writer.close()
        await writer.wait_closed()
    assert message.raw == b"x\r\n"


OUT_OF_STEP = {
    "rcpt-first": (b"RCPT TO:<a@x.example>\r\n", b"503"),
    "data-first": (b"DATA\r\n", b"503"),
    "nested-mail": (b"MAIL FROM:<>\r\nMAIL FROM:<>\r\n", b"503"),
    "no-brackets": (b"MAIL FROM:a@x.example\r\n", b"501"),
    "empty-recipient": (b"MAIL FROM:<>\r\nRCPT TO:<>\r\n", b"501"),
    "unannounced": (b"MAIL FROM:<> AUTH=<>\r\n", b"555"),
    "unannounced-for-rcpt": (b"MAIL FROM:<>\r\nRCPT TO:<a@x.example> RRVS=x\r\n", b"555"),
    "unknown": (b"TURN\r\n", b"502"),
    "wrong-hello": (b"LHLO x\r\n", b"502"),
}


@pytest.mark.parametrize(("said", "code"), OUT_OF_STEP.values(), ids=OUT_OF_STEP)
async def test_a_peer_out_of_step_is_told(said, code):
    async with Sink() as sink:
        heard = await converse(sink, said)
    assert heard.splitlines()[-1].startswith(code)


async def test_lmtp_answers_for_each_recipient():
    async with Sink({"DOT b@x.example": "452 4.2.2 full"}, lmtp=True) as sink:
        heard = await converse(
            sink, b"LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\n", b"x\r\n.\r\n"
        )
        (message,) = await sink.wait(1)
    assert heard.splitlines()[-2:] == [b"250 2.0.0 kept", b"452 4.2.2 full"]
    assert message.recipients == (Recipient("a@x.example"),)


async def test_a_script_is_used_up_step_by_step_and_can_be_replaced():
    async with Sink({"NOOP": "250", "MAIL": ("451 4.3.0 first", None, "452 4.3.1 third")}) as sink:
        heard = await converse(sink, b"MAIL FROM:<>\r\nMAIL FROM:<>\r\nRSET\r\nMAIL FROM:<>\r\nMAIL FROM:<>\r\n")
        assert [line[:3] for line in heard.splitlines()[1:]] == [b"451", b"250", b"250", b"452", b"250"]
        sink.play({"MAIL": Fault.DROP})
        assert await converse(sink, b"MAIL FROM:<>\r\n") == b"220 sink.example ESMTP\r\n"


async def test_waiting_for_mail_that_does_not_come_ends():
    async with Sink() as sink:
        with pytest.raises(TimeoutError):
            await sink.wait(1, seconds=0.01)


async def test_arrival_waits_for_one_more() -> None:
    async with Sink() as sink:
        waiting = asyncio.create_task(sink.arrival(0))
        await asyncio.sleep(0)
        assert not waiting.done()
        await sink.keep(Delivered(1, "", "", "", (), (), (), b""))
        await asyncio.wait_for(waiting, 5)


async def _close_sink(turns: int) -> socket.socket:
    async with Sink() as sink:
        return await _connected_for(turns, int(sink.hop.rpartition(":")[2]))


async def _close_tap(turns: int) -> socket.socket:
    (port,) = free_ports(1)
    async with Sink() as sink, Tap(port, int(sink.hop.rpartition(":")[2])):
        return await _connected_for(turns, port)


async def _connected_for(turns: int, port: int) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=10)
    for _ in range(turns):
        await asyncio.sleep(0)
    return client


@pytest.mark.parametrize("closed", [_close_sink, _close_tap])
@pytest.mark.parametrize("turns", range(8))
def test_a_connection_is_closed_however_short_before_the_end_it_came(
    turns: int, closed: Callable[[int], Coroutine[None, None, socket.socket]]
) -> None:
    """The loop takes three turns from the kernel's connection to ours; nothing of it may stay behind open."""
    with asyncio.run(closed(turns)) as client, contextlib.suppress(ConnectionResetError):
        while client.recv(4_096):
            pass


async def test_what_a_peer_does_not_read_is_dropped_at_the_end() -> None:
    async with Sink({"DATA": b"354 " + b"x" * 50_000_000}) as sink:
        reader, client = await asyncio.open_connection("127.0.0.1", int(sink.hop.rpartition(":")[2]), limit=1_024)
        client.write(b"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<b@x.example>\r\nDATA\r\n")
        await reader.readuntil(b"354 x")
        (writer,) = sink._sessions.tasks.values()
    assert writer.get_extra_info("socket").fileno() < 0
    client.transport.abort()
