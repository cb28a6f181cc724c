"""Ten ways to end, or nearly end, the data: one transaction each, and nothing of the body becomes a command."""

import pytest

VARIANTS = {
    "lf-dot-lf": b"\n.\n",
    "lf-dot-crlf": b"\n.\r\n",
    "cr-dot-cr": b"\r.\r",
    "cr-dot-crlf": b"\r.\r\n",
    "crlf-dot-lf": b"\r\n.\n",
    "crlf-dot-cr": b"\r\n.\r",
    "lf-dot-cr": b"\n.\r",
    "nul-before-dot": b"\r\n\0.\r\n",
    "nul-after-dot": b"\r\n.\0\r\n",
}
SMUGGLED = b"MAIL FROM:<evil@x.example>\r\nRCPT TO:<victim@x.example>\r\nDATA\r\nsmuggled"


@pytest.mark.parametrize(("name", "variant"), VARIANTS.items(), ids=VARIANTS.keys())
async def test_refused_as_one_message(intake, client, name, variant):
    await client.envelope("b@x.example")
    reply = await client.data(b"text" + variant + SMUGGLED + b"\r\n.\r\n")
    assert reply.startswith("550 5.6.0 " if name.startswith("nul") else "550 5.6.11 ")
    assert await client.command("NOOP") == "250 2.0.0 ok"
    assert len(intake.transactions) == 1
    assert (intake.messages, intake.transactions[0].closed) == ([], 1)


@pytest.mark.parametrize(("name", "variant"), VARIANTS.items(), ids=VARIANTS.keys())
async def test_taken_as_one_message_by_setting(intake, serve, name, variant):
    client = await (await serve(bare_newlines="normalise", nul="pass")).connect()
    await client.envelope("b@x.example")
    assert await client.data(b"text" + variant + SMUGGLED + b"\r\n.\r\n") == "250 2.0.0 ok"
    assert await client.command("NOOP") == "250 2.0.0 ok"
    (message,) = intake.messages
    assert message.endswith(SMUGGLED + b"\r\n")
    assert message.count(b"\r\n") == message.count(b"\r") == message.count(b"\n")


async def test_the_true_end_may_come_in_pieces(intake, client):
    await client.envelope("b@x.example")
    await client.command("DATA")
    for piece in (b"text", b"\r", b"\n", b".", b"\r", b"\n"):
        client.send(piece)
        await client.writer.drain()
    assert await client.reply() == "250 2.0.0 ok"
    assert intake.messages == [b"text\r\n"]


async def test_what_follows_the_dot_is_the_next_command_after_the_reply(intake, client):
    intake.may_accept.clear()
    await client.envelope("b@x.example")
    assert (await client.command("DATA")).startswith("354")
    client.send(b"text\r\n.\r\nMAIL FROM:<c@x.example>\r\nQUIT\r\n")
    await intake.accepting.wait()
    assert len(intake.transactions) == 1
    intake.may_accept.set()
    assert await client.rest() == b"250 2.0.0 ok\r\n250 2.0.0 ok\r\n221 2.0.0 bye\r\n"
    assert (intake.messages, len(intake.transactions)) == ([b"text\r\n"], 2)
    assert [one.closed for one in intake.transactions] == [1, 1]


async def test_a_pipelined_transaction(intake, client):
    client.send(b"EHLO c.example\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\n")
    assert [(await client.reply())[:3] for _ in range(4)] == ["250", "250", "250", "354"]
    client.send(b"text\r\n.\r\nNOOP\r\n")
    assert [(await client.reply())[:3] for _ in range(2)] == ["250", "250"]


AHEAD = {
    "both": (b"RCPT TO:<b@x.example>\r\nrcpt to:<c@x.example> NOTIFY=NEVER\r\nDATA\r\n", ["b@x.example", "c@x.example"]),
    "up to one we refuse ourselves": (b"RCPT TO:<b@x.example>\r\nRCPT TO:c\r\nRCPT TO:<d@x.example>\r\n", ["b@x.example"]),
    "up to another command": (b"NOOP\r\nRCPT TO:<b@x.example>\r\n", []),
    "no half line": (b"RCPT TO:<b@x.example>\r\nRCPT TO:<c@x.exa", ["b@x.example"]),
    "none": (b"", []),
}


@pytest.mark.parametrize(("more", "ahead"), AHEAD.values(), ids=AHEAD)
async def test_recipients_pipelined_with_mail_are_told_with_it(intake, client, more, ahead):
    client.send(b"EHLO c.example\r\nMAIL FROM:<a@x.example>\r\n" + more)
    assert [(await client.reply())[:3] for _ in range(2)] == ["250", "250"]
    (transaction,) = intake.transactions
    assert [recipient.address for recipient in transaction.ahead] == ahead


async def test_no_more_recipients_are_told_ahead_than_are_taken(intake, serve):
    client = await (await serve(recipients=2)).connect()
    client.send(b"EHLO c.example\r\nMAIL FROM:<a@x.example>\r\n" + b"RCPT TO:<b@x.example>\r\n" * 3)
    assert [(await client.reply())[:3] for _ in range(5)] == ["250", "250", "250", "250", "452"]
    assert len(intake.transactions[0].ahead) == 2


async def test_an_early_talker_is_answered_in_order(serve):
    client = await (await serve()).connect(greeted=False)
    client.send(b"EHLO c.example\r\nNOOP\r\nQUIT\r\n")
    assert [(await client.reply())[:3] for _ in range(4)] == ["220", "250", "250", "221"]
