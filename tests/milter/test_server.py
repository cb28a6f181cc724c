"""The milter on a socket: one answer for each message, words of progress, and "try again" for all that goes wrong."""

from __future__ import annotations

import asyncio
import logging
import socket
import stat
from contextlib import asynccontextmanager
from ipaddress import ip_network

import pytest

from dlp.endpoints import Endpoint
from dlp.errors import Unavailable
from dlp.receive.data import Budget, DataRules
from dlp.sockets import listen
from dlp.values import Reply
from milter import commands, replies
from milter.codec import encode
from milter.server import MilterOptions, start
from milter.session import Accepted, Discarded
from tests.milter.peer import GREETING, OFFER, RAW, Mta, message

ALL_OF_IT = object()


class Judge:
    """Says what it is told to, once it may; remembers the messages."""

    def __init__(self, outcome=ALL_OF_IT):
        self.outcome, self.messages = outcome, []
        self.asked, self.may, self.done = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.may.set()

    async def __call__(self, given):
        self.messages.append(given)
        self.asked.set()
        await self.may.wait()
        self.done.set()
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        return Accepted(given.raw) if self.outcome is ALL_OF_IT else self.outcome


class Serving:
    """One running listener and the MTAs that talk to it."""

    def __init__(self, listener, address, budget):
        self.listener, self.address, self.budget, self.mtas = listener, address, budget, []

    async def connect(self, *, greeted=True):
        if isinstance(self.address, str):
            streams = await asyncio.open_unix_connection(self.address)
        else:
            streams = await asyncio.open_connection(*self.address[:2])
        self.mtas.append(Mta(*streams))
        if greeted:
            await self.mtas[-1].negotiate()
            self.mtas[-1].send(*GREETING)
        return self.mtas[-1]


@asynccontextmanager
async def serving(judge, address="", **options):
    """A listener on a Unix socket, or on loopback; the address where it is."""
    bound = listen(Endpoint(path=str(address)) if address else Endpoint(host="127.0.0.1", port=0), "milter.listen", mode=0o640)
    budget = Budget(1 << 24)
    trusted = options.pop("trusted", (ip_network("127.0.0.0/8"),))
    rules = DataRules(1 << 20, budget, normalise=False, nul=False)
    listener = await start([bound], judge, MilterOptions(rules, trusted, **options))
    found = Serving(listener, bound.getsockname(), budget)
    try:
        yield found
    finally:
        for mta in found.mtas:
            mta.close()
        await listener.stop(grace=2)
        bound.close()


@pytest.fixture(params=["unix", "tcp"])
def address(request, tmp_path):
    return tmp_path / "milter" if request.param == "unix" else ""


async def test_each_message_of_a_connection_gets_its_own_answer(address):
    judge = Judge()
    async with serving(judge, address) as server:
        mta = await server.connect()
        for text in (b"one", b"two" * 70_000, b"three"):
            last, kept = await mta.deliver(RAW + text + b"\r\n", b"<b@campus.example>")
            assert last == replies.Accept()
            assert kept.content() == judge.messages[-1].raw == RAW + text + b"\r\n"
        judge.outcome = Discarded()
        assert (await mta.deliver(RAW))[0] == replies.Discard()
        judge.outcome = Reply(451, "4.3.0", "later")
        assert (await mta.deliver(RAW))[0] == replies.Answer(b"451 4.3.0 later")
        mta.send(commands.QuitClient(), *GREETING)
        judge.outcome = Accepted(RAW.replace(b"one", b"two"), left_out=(1,))
        _, kept = await mta.deliver(RAW, b"<b@campus.example>", b"<c@elsewhere.example>")
        assert kept.recipients == [b"<b@campus.example>"]
        assert kept.content() == RAW.replace(b"one", b"two")
        assert server.budget.used == 0
        mta.send(commands.Quit())
        with pytest.raises(EOFError):
            await mta.reply()


async def test_the_socket_file_is_made_with_its_mode(tmp_path):
    async with serving(Judge(), tmp_path / "milter"):
        assert stat.S_IMODE((tmp_path / "milter").stat().st_mode) == 0o640


async def test_the_mta_hears_of_progress_while_the_answer_is_awaited(address):
    judge = Judge()
    judge.may.clear()
    async with serving(judge, address, progress=0.02) as server:
        mta = await server.connect()
        mta.send(*message(RAW))
        assert [await mta.reply() for _ in range(3)] == [replies.Progress()] * 3
        judge.may.set()
        assert await mta.settled() == [replies.Accept()]
        assert (await mta.deliver(RAW))[0] == replies.Accept()


async def test_a_judge_is_not_waited_for_longer_than_the_mta_would(address, caplog):
    """Word of progress keeps an MTA waiting for ever; its client leaves, and sends again what was settled meanwhile."""
    judge = Judge()
    judge.may.clear()
    async with serving(judge, address, progress=0.02, patience=0.1) as server:
        mta = await server.connect()
        mta.send(*message(RAW), *message(RAW))
        *progress, last = await mta.rest()
        assert {*progress} == {replies.Progress()}
        assert last == replies.TryAgain()
        assert server.budget.used == len(RAW)  # the judge still has it, and a stop would wait for it
        assert len(server.listener.connections) == 1
        judge.may.set()
        await nobody_left(server)
        assert len(judge.messages) == 1
        assert server.budget.used == 0
    assert [record.getMessage() for record in caplog.records] == ["message.deferred"]


@pytest.mark.parametrize(
    "error",
    [
        Unavailable("store"),
        ValueError("912345678"),
        OSError(28, "912345678"),
        TimeoutError(),
        asyncio.CancelledError(),
    ],
    ids=repr,
)
async def test_whatever_the_judge_raises_means_try_again(address, error, caplog):
    judge = Judge(error)
    with caplog.at_level(logging.INFO):
        async with serving(judge, address) as server:
            mta = await server.connect()
            assert (await mta.deliver(RAW))[0] == replies.TryAgain()
            judge.outcome = ALL_OF_IT
            assert (await mta.deliver(RAW))[0] == replies.Accept()
            assert server.budget.used == 0
    assert "912345678" not in caplog.text


@pytest.mark.parametrize("outcome", [None, Accepted(RAW, left_out=(7,)), Reply(250, "2.0.0", "ok")], ids=repr)
async def test_an_outcome_that_cannot_be_means_try_again(address, outcome):
    judge = Judge(outcome)
    async with serving(judge, address) as server:
        mta = await server.connect()
        assert (await mta.deliver(RAW))[0] == replies.TryAgain()
        judge.outcome = ALL_OF_IT
        assert (await mta.deliver(RAW))[0] == replies.Accept()


HELLO = b"".join(map(encode, (OFFER, *GREETING)))
TOLD = b"".join(map(encode, message(RAW)[:-1]))
GARBAGE = {
    "no frame at all": b"EHLO client.example\r\n" * 3,
    "empty frame": HELLO + b"\0\0\0\0",
    "frame of four gigabytes": HELLO + b"\xff\xff\xff\xff",
    "frame over the limit": HELLO + TOLD + (65_537).to_bytes(4, "big") + b"B" + bytes(80_000),
    "unknown letter": HELLO + TOLD + b"\0\0\0\1z",
    "a reply": HELLO + TOLD + b"\0\0\0\1a",
    "string without an end": HELLO + b"\0\0\0\4M<a>",
    "message before the agreement": encode(GREETING[1]) + TOLD,
    "agreement twice": HELLO + TOLD + encode(OFFER),
    "header after the body": HELLO + TOLD + encode(commands.Header(b"A", b"b")),
}


@pytest.mark.parametrize("sent", GARBAGE.values(), ids=GARBAGE)
async def test_what_is_no_protocol_is_answered_before_we_hang_up(address, sent):
    judge = Judge()
    async with serving(judge, address) as server:
        mta = await server.connect(greeted=False)
        mta.writer.write(sent)
        heard = await mta.rest()
        assert heard[-1] == replies.TryAgain()
        assert len(heard) <= 2  # the agreement, where there was one
        assert not judge.messages
        mta.send(*message(RAW))  # an MTA that writes on is not reset
        assert (await (await server.connect()).deliver(RAW))[0] == replies.Accept()
    assert server.budget.used == 0


async def test_an_mta_that_stops_within_a_frame_is_told_and_left(address):
    async with serving(Judge(), address, within_frame=0.05) as server:
        mta = await server.connect()
        mta.writer.write(TOLD + b"\0\0\1")
        assert await mta.reply() == replies.TryAgain()
        with pytest.raises(EOFError):
            await mta.reply()


async def test_an_mta_that_says_nothing_more_is_left(address):
    async with serving(Judge(), address, idle=0.05) as server:
        silent, within = await server.connect(), await server.connect()
        within.writer.write(TOLD)
        assert await within.reply() == replies.TryAgain()
        with pytest.raises(EOFError):
            await silent.reply()


async def test_an_mta_that_leaves_does_not_stop_the_judge(address):
    judge = Judge()
    judge.may.clear()
    async with serving(judge, address, progress=0.02) as server:
        mta = await server.connect()
        mta.send(*message(RAW))
        await asyncio.wait_for(judge.asked.wait(), 20)
        mta.writer.transport.abort()
        assert server.budget.used == len(RAW)
        await asyncio.sleep(0.1)  # a few words of progress nobody hears
        judge.may.set()
        await asyncio.wait_for(judge.done.wait(), 20)
        await nobody_left(server)
        assert server.budget.used == 0


async def nobody_left(server):
    async with asyncio.timeout(20):
        while server.listener.connections:  # noqa: ASYNC110  another task's table
            await asyncio.sleep(0.01)


async def test_an_mta_that_leaves_within_a_message_leaves_nothing(address):
    async with serving(Judge(), address) as server:
        for sent in (b"", b"\0", HELLO, HELLO + TOLD, HELLO + TOLD + b"\0\0\0\5Bxx"):
            mta = await server.connect(greeted=False)
            mta.writer.write(sent)
            mta.close()
        await nobody_left(server)
        assert server.budget.used == 0


async def test_where_there_is_no_room_an_mta_hears_try_again(address):
    async with serving(Judge(), address, sessions=1) as server:
        first, second = await server.connect(), await server.connect()
        assert [await second.reply() for _ in range(2)] == [replies.TryAgain()] * 2  # to its client, and its greeting
        assert (await first.deliver(RAW))[0] == replies.Accept()
        first.send(commands.Quit())
        second.close()
        await nobody_left(server)
        assert (await (await server.connect()).deliver(RAW))[0] == replies.Accept()


async def test_over_tcp_only_those_we_trust_are_heard():
    async with serving(Judge(), trusted=(ip_network("192.0.2.0/24"),)) as server:
        mta = await server.connect(greeted=False)
        mta.send(OFFER)
        with pytest.raises((EOFError, ConnectionError)):
            await mta.reply()


@pytest.mark.parametrize("after", [HELLO, HELLO + TOLD], ids=["between messages", "within one"])
async def test_told_to_stop_it_leaves_who_waits(address, after):
    async with serving(Judge(), address, linger=0.1) as server:
        mta = await server.connect(greeted=False)
        mta.writer.write(after)
        await mta.reply()
        await asyncio.sleep(0.05)
        await server.listener.stop(grace=5)
        assert await mta.rest() == ([] if after is HELLO else [replies.TryAgain()])


async def test_told_to_stop_it_lets_the_judge_end_and_answers(address):
    judge = Judge()
    judge.may.clear()
    async with serving(judge, address) as server:
        mta = await server.connect()
        mta.send(*message(RAW))
        await asyncio.wait_for(judge.asked.wait(), 20)
        stopping = asyncio.create_task(server.listener.stop(grace=20))
        await asyncio.sleep(0.05)
        assert not stopping.done()
        judge.may.set()
        assert await mta.settled() == [replies.Accept()]
        await stopping


async def test_a_judge_that_never_ends_is_left_in_the_end(address):
    judge = Judge()
    judge.may.clear()
    async with serving(judge, address, linger=0.1) as server:
        mta = await server.connect()
        mta.send(*message(RAW))
        await asyncio.wait_for(judge.asked.wait(), 20)
        await server.listener.stop(grace=0.05)
        assert await mta.rest() == [replies.TryAgain()]
        assert not server.listener.connections
        assert server.budget.used == 0


async def test_over_tcp_no_answer_waits_for_an_acknowledgement():
    """The kernel is told after each read (TCP_QUICKACK does not last)."""
    told = []

    async with serving(Judge()) as server:
        mta = await server.connect()
        await mta.deliver(RAW)
        (connection,) = server.listener.connections.values()
        real = connection._socket

        class Watched:
            family = real.family

            def setsockopt(self, *option):
                told.append(option)
                return real.setsockopt(*option)

        connection._socket = Watched()
        await mta.deliver(RAW)
        assert (socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1) in told
