"""LMTP: LHLO, and after the data one reply for each accepted recipient."""

import pytest

from dlp.errors import Unavailable
from dlp.values import Reply


@pytest.fixture
async def client(serve):
    return await (await serve(lmtp=True, unix=True, trusted=())).connect()


GREETING = "LHLO mta.example"


async def replies_after(client, body, count):
    first = await client.data(body)
    return [first, *[await client.reply() for _ in range(count - 1)]]


async def test_one_reply_for_each_recipient_duplicates_included(intake, client):
    await client.envelope("b@x.example", "c@x.example", greeting=GREETING)
    intake.replies["rcpt:bad@x.example"] = Reply(550, "5.1.1", "no such user")
    assert (await client.command("RCPT TO:<bad@x.example>")).startswith("550 ")
    await client.command("RCPT TO:<b@x.example>")
    intake.replies["accept"] = (Reply(250, "2.0.0", "one"), Reply(451, "4.3.0", "two"), Reply(550, "5.7.1", "three"))
    answers = await replies_after(client, b"text\r\n.\r\n", 3)
    assert answers == ["250 2.0.0 one", "451 4.3.0 two", "550 5.7.1 three"]
    assert await client.command("NOOP") == "250 2.0.0 ok"
    assert [one.address for one in intake.transactions[0].recipients] == ["b@x.example", "c@x.example", "b@x.example"]
    assert intake.transactions[0].conversation.lmtp


FAILURES = {
    "bare newline": (b"a\nb\r\n.\r\n", None, "550 5.6.11 "),
    "too big": (b"x" * 1_000_001 + b"\r\n.\r\n", None, "552 5.3.4 "),
    "unavailable": (b".\r\n", Unavailable("store"), "451 4.3.0 "),
    "disk": (b".\r\n", Unavailable("disk", storage=True), "452 4.3.1 "),
    "our fault": (b".\r\n", RuntimeError("secret"), "451 4.3.0 not judged, try again, ref "),
    "one reply too few": (b".\r\n", (Reply(250, "2.0.0", "ok"),), "451 4.3.0 "),
}


@pytest.mark.parametrize(("body", "outcome", "answer"), FAILURES.values(), ids=FAILURES.keys())
async def test_a_failure_is_told_for_each_recipient(intake, client, body, outcome, answer):
    if outcome is not None:
        intake.replies["accept"] = outcome
    await client.envelope("b@x.example", "b@x.example", greeting=GREETING)
    answers = await replies_after(client, body, 2)
    assert [one.startswith(answer) for one in answers] == [True, True]
    assert await client.command("NOOP") == "250 2.0.0 ok"


@pytest.mark.parametrize("greeting", ["HELO mta.example", "EHLO mta.example"])
async def test_smtp_greetings_are_refused(client, greeting):
    assert (await client.command(greeting)).startswith("500 ")


async def test_a_unix_peer_is_trusted(intake, client):
    assert "XFORWARD" in await client.command(GREETING)
    await client.command("MAIL FROM:<>")
    told = intake.transactions[0].conversation.client
    assert (told.address, told.port, told.protocol) == ("", "", "LMTP")
