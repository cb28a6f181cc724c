"""Listeners: limits on sessions, stopping, Unix sockets."""

import asyncio
from ipaddress import ip_network

import pytest

from dlp.receive.service import Peer

LIMITED = {
    "all sessions": {"sessions": 2},
    "all sessions of a Unix socket": {"sessions": 2, "unix": True},
    "those of one peer": {"sessions_per_peer": 2, "trusted": ()},
}


@pytest.mark.parametrize("options", LIMITED.values(), ids=LIMITED.keys())
async def test_sessions_are_limited(serve, options):
    serving = await serve(**options)
    first = await serving.connect()
    await serving.connect()
    third = await serving.connect(greeted=False)
    assert await third.rest() == b"421 4.7.0 too many connections, try again later\r\n"
    await first.command("QUIT")
    await first.rest()
    assert await (await serving.connect()).command("NOOP") == "250 2.0.0 ok"


async def test_the_mta_may_open_as_many_sessions_as_there_are(serve):
    serving = await serve(sessions_per_peer=2)
    clients = [await serving.connect() for _ in range(4)]
    assert [await client.command("NOOP") for client in clients] == ["250 2.0.0 ok"] * 4


PEERS = {
    "listed": (("192.0.2.7", 25), "192.0.2.7", True),
    "not listed": (("198.51.100.7", 25), "198.51.100.7", False),
    "mapped": (("::ffff:192.0.2.7", 25, 0, 0), "192.0.2.7", True),
    "ipv6": (("2001:db8::7", 25, 0, 0), "2001:db8::7", True),
    "scoped": (("fe80::7%eth0", 25, 0, 2), "fe80::7%eth0", False),
    "gone before it was asked": (None, "", False),
}


@pytest.mark.parametrize(("name", "address", "trusted"), PEERS.values(), ids=PEERS.keys())
def test_who_is_trusted(name, address, trusted):
    peer = Peer.of(name, local=False)
    assert (peer.address, peer.within((ip_network("192.0.2.0/24"), ip_network("2001:db8::/32")))) == (address, trusted)


async def test_stopping_waits_for_what_is_settled_and_dismisses_the_rest(intake, serve):
    serving = await serve()
    busy, idle, in_body = [await serving.connect() for _ in range(3)]
    intake.may_accept.clear()
    for client in (busy, in_body):
        await client.envelope("b@x.example")
        await client.command("DATA")
    busy.send(b"text\r\n.\r\n")
    in_body.send(b"half")
    await intake.accepting.wait()
    stopping = asyncio.create_task(serving.listener.stop())
    for client in (idle, in_body):
        assert await client.rest() == b"421 4.3.2 shutting down, try again later\r\n"
    assert not stopping.done()
    intake.may_accept.set()
    assert (await busy.rest()).splitlines() == [b"250 2.0.0 ok", b"421 4.3.2 shutting down, try again later"]
    await stopping
    assert intake.messages == [b"text\r\n"]
    with pytest.raises(ConnectionError):
        await serving.connect()


async def test_stopping_ends_after_the_grace(intake, serve):
    serving = await serve()
    client = await serving.connect()
    intake.may_accept.clear()
    await client.envelope("b@x.example")
    await client.command("DATA")
    client.send(b"text\r\n.\r\n")
    await intake.accepting.wait()
    await serving.listener.stop(grace=0.1)
    assert (intake.messages, intake.transactions[0].closed, serving.budget.used) == ([], 1, 0)
    assert await client.rest() == b""


async def test_stopping_closes_a_transaction_the_next_hop_does_not_answer(intake, serve):
    serving = await serve()
    client = await serving.connect()
    intake.may_rcpt.clear()
    await client.envelope()
    client.send(b"RCPT TO:<b@x.example>\r\n")
    await intake.asking.wait()
    await serving.listener.stop(grace=0.1)
    assert await client.rest() == b""
    assert intake.transactions[0].closed == 1


BROKEN = RuntimeError("zebra")


@pytest.mark.parametrize("step", ["features", "mail", "rcpt", "accept"])
async def test_no_5xx_has_an_internal_cause(intake, serve, step):
    intake.replies[step] = BROKEN
    client = await (await serve()).connect()
    client.send(b"EHLO c\r\nMAIL FROM:<a@x.example>\r\n")
    answers = [await client.reply(), await client.reply()]
    if step in {"rcpt", "accept"}:
        answers.append(await client.command("RCPT TO:<b@x.example>"))
    if step == "accept":
        answers.append(await client.data(b".\r\n"))
    assert all(answer[0] in "24" for answer in answers), answers
