"""STARTTLS on our listeners: nothing said in clear survives, a failed handshake ends the session (S015, S016)."""

from __future__ import annotations

import asyncio
import ssl

import pytest

from tests.certificates import Authority, server_context


@pytest.fixture
def certificate(tmp_path):
    return Authority(tmp_path).issue("filter.campus.example", signed=False)


@pytest.fixture
def tls(certificate):
    """As ListenerOptions take it."""
    context = server_context(certificate)
    return lambda: context


async def secured(client, certificate):
    context = ssl.create_default_context(cafile=certificate)
    await client.writer.start_tls(context, server_hostname="filter.campus.example")


INJECTED = {
    "nothing": b"",
    "in the same packet": b"EHLO evil.example\r\nMAIL FROM:<evil@x.example>\r\n",
    "half a command": b"MAIL FROM:<evil@x.exa",
    "a line end": b"\r\n",
}


@pytest.mark.parametrize("injected", INJECTED.values(), ids=INJECTED)
@pytest.mark.parametrize("lmtp", [False, True], ids=["smtp", "lmtp"])
async def test_nothing_sent_in_clear_survives(intake, serve, tls, certificate, injected, lmtp):
    client = await (await serve(tls=tls, lmtp=lmtp)).connect()
    greeting = "LHLO c.example" if lmtp else "EHLO c.example"
    assert "STARTTLS" in await client.command(greeting)
    await client.command("XFORWARD NAME=mallory.example")
    client.send(b"STARTTLS\r\n" + injected)
    assert (await client.reply()).startswith("220 ")
    await secured(client, certificate)
    assert (await client.command("MAIL FROM:<a@x.example>")).startswith("503 ")
    assert "STARTTLS" not in await client.command(greeting)
    assert (await client.command("STARTTLS")).startswith("503 ")
    await client.envelope("b@x.example", greeting=greeting)
    assert await client.data(b"text\r\n.\r\n") == "250 2.0.0 ok"
    (transaction,) = intake.transactions
    assert (intake.messages, transaction.conversation.encrypted) == ([b"text\r\n"], True)
    assert transaction.conversation.client.name == ""
    assert await client.command("QUIT") == "221 2.0.0 bye"


async def test_within_a_transaction_it_ends_it(intake, serve, tls, certificate):
    client = await (await serve(tls=tls)).connect()
    await client.envelope("b@x.example")
    assert (await client.command("STARTTLS")).startswith("220 ")
    await secured(client, certificate)
    await client.command("EHLO c.example")
    assert (await client.command("RCPT TO:<b@x.example>")).startswith("503 ")
    assert intake.transactions[0].closed == 1


async def test_pipelined_commands_before_it_are_answered_first(serve, tls, certificate):
    client = await (await serve(tls=tls)).connect()
    client.send(b"EHLO c.example\r\nNOOP\r\nSTARTTLS\r\n")
    assert [(await client.reply())[:3] for _ in range(3)] == ["250", "250", "220"]
    await secured(client, certificate)
    assert "PIPELINING" in await client.command("EHLO c.example")


FAILED = {
    "clear text": lambda client: client.send(b"MAIL FROM:<a@x.example>\r\n"),
    "end of input": lambda client: client.writer.write_eof(),
    "a reset": lambda client: client.reset(),
    "silence": lambda client: None,
}


@pytest.mark.parametrize("spoil", FAILED.values(), ids=FAILED)
async def test_a_failed_handshake_ends_the_session(intake, serve, tls, spoil):
    serving = await serve(tls=tls, sessions=1, idle=0.5)
    client = await serving.connect()
    await client.envelope("b@x.example")
    await client.command("STARTTLS")
    spoil(client)
    assert b"250" not in await client.rest()
    assert intake.transactions[0].closed == 1
    async with asyncio.timeout(5):
        while (await (other := await serving.connect(greeted=False)).reply()).startswith("421"):  # noqa: ASYNC110  the server's place
            await asyncio.sleep(0.02)
    assert await other.command("NOOP") == "250 2.0.0 ok"


async def test_an_old_protocol_is_refused(serve, tls, certificate):
    client = await (await serve(tls=tls)).connect()
    await client.commands("EHLO c.example", "STARTTLS")
    old = ssl.create_default_context(cafile=certificate)
    with pytest.deprecated_call():
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await client.writer.start_tls(old, server_hostname="filter.campus.example")


async def test_a_new_certificate_serves_new_connections_and_old_ones_go_on(intake, serve, tmp_path):
    authority = Authority(tmp_path)
    one, two = (authority.issue("filter.campus.example", file=f"{name}.pem") for name in ("one", "two"))
    now = server_context(one)
    serving = await serve(tls=lambda: now)
    shown = []
    clients = [await serving.connect() for _ in range(2)]
    for client in clients:
        await client.command("EHLO c.example")
    now = server_context(two)
    clients.append(await serving.connect())
    await clients[2].command("EHLO c.example")
    for client in clients:
        await client.command("STARTTLS")
        await secured(client, authority.file)
        shown.append(client.writer.get_extra_info("ssl_object").getpeercert(binary_form=True))
    assert shown[0] == shown[1] != shown[2]
    for client in clients:
        await client.envelope("b@x.example")
        assert await client.data(b"text\r\n.\r\n") == "250 2.0.0 ok"
    assert len(intake.messages) == 3


async def test_a_large_message_and_a_client_that_leaves(intake, serve, tls, certificate):
    client = await (await serve(tls=tls)).connect()
    await client.commands("EHLO c.example", "STARTTLS")
    await secured(client, certificate)
    await client.envelope("b@x.example")
    body = b"some text of a line\r\n" * 40_000
    assert await client.data(body + b".\r\n") == "250 2.0.0 ok"
    await client.envelope("b@x.example")
    await client.command("DATA")
    client.send(b"x" * 100_000)
    client.reset()
    await asyncio.wait_for(intake.closed.wait(), 5)
    assert intake.messages == [body]
