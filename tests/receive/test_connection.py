"""What a connection survives, and what it lets nobody see: time-outs, resets, floods, our own exceptions."""

import asyncio
import logging
import re
import socket
import tracemalloc

import pytest
from aiosmtpd.smtp import SMTP

from dlp.errors import Unavailable
from dlp.intake import Conversation
from dlp.receive.data import Budget, DataRules, MessageData
from dlp.receive.replies import later
from dlp.receive.service import Service
from dlp.values import Client

SECRET = "a student's number 918273645"


async def within(seconds, event):
    await asyncio.wait_for(event.wait(), seconds)


# The transaction is not the connection's


async def test_a_half_closed_client_gets_its_answer(intake, client):
    intake.may_accept.clear()
    await client.envelope("b@x.example")
    await client.command("DATA")
    client.send(b"text\r\n.\r\n")
    client.writer.write_eof()
    await within(5, intake.accepting)
    intake.may_accept.set()
    assert await client.rest() == b"250 2.0.0 ok\r\n"
    assert (intake.messages, intake.transactions[0].closed) == ([b"text\r\n"], 1)


async def test_a_reset_after_the_dot_cancels_nothing(intake, serve):
    serving = await serve()
    client = await serving.connect()
    intake.may_accept.clear()
    await client.envelope("b@x.example")
    await client.command("DATA")
    client.send(b"text\r\n.\r\n")
    await within(5, intake.accepting)
    client.reset()
    other = await serving.connect()
    assert await other.command("NOOP") == "250 2.0.0 ok"
    intake.may_accept.set()
    await within(5, intake.closed)
    assert (intake.messages, intake.transactions[0].closed, serving.budget.used) == ([b"text\r\n"], 1, 0)


async def test_a_client_that_leaves_in_the_body_leaves_nothing(intake, serve, caplog):
    serving = await serve()
    client = await serving.connect()
    await client.envelope("b@x.example")
    await client.command("DATA")
    client.send(b"x" * 100_000)
    await client.writer.drain()
    client.reset()
    await within(5, intake.closed)
    assert (intake.messages, serving.budget.used) == ([], 0)
    assert caplog.records == []  # it is not our fault


async def test_a_cancelled_session_does_not_cancel_what_is_settled(intake):
    intake.may_accept.clear()
    budget = Budget(100)
    data = MessageData(DataRules(100, budget, normalise=False, nul=False))
    data.feed(b"text\r\n.\r\n")
    transaction = intake.open(Conversation(Client(), "", lmtp=False, helo="c.example"))
    session = asyncio.create_task(Service(intake, None).settle(transaction, data, 1))
    await within(5, intake.accepting)
    session.cancel()
    with pytest.raises(asyncio.CancelledError):
        await session
    intake.may_accept.set()
    await within(5, intake.closed)
    assert (intake.messages, budget.used) == ([b"text\r\n"], 0)


@pytest.mark.parametrize("limit", ["idle", "session"])
async def test_no_time_out_while_the_message_is_judged(intake, serve, limit):
    client = await (await serve(**{limit: 0.3})).connect()
    intake.may_accept.clear()
    await client.envelope("b@x.example")
    await client.command("DATA")
    client.send(b"text\r\n.\r\n")
    await within(5, intake.accepting)
    await asyncio.sleep(0.5)  # longer than the limit: that is the point
    intake.may_accept.set()
    assert (await client.rest()).splitlines() == [b"250 2.0.0 ok", b"421 4.4.2 timed out"]


async def test_the_timer_of_the_base_class_never_runs(serve, monkeypatch):
    """It counts our own work as the client's silence, and cancels it."""
    started = []
    monkeypatch.setattr(SMTP, "_reset_timeout", lambda *arguments: started.append(arguments))
    client = await (await serve()).connect()
    await client.envelope("b@x.example")
    assert await client.data(b".\r\n") == "250 2.0.0 ok"
    assert started == []


# A client that keeps us waiting


@pytest.mark.parametrize("limit", ["idle", "session"])
@pytest.mark.parametrize("sent", [b"", b"EHLO c", b"EHLO c.example\r\n"])
async def test_a_silent_client_is_told_and_left(serve, limit, sent):
    client = await (await serve(**{limit: 0.2})).connect()
    client.send(sent)
    assert (await client.rest()).endswith(b"421 4.4.2 timed out\r\n")


async def test_a_trickling_body_ends_with_the_session(intake, serve):
    serving = await serve(idle=5, session=0.4)
    client = await serving.connect()
    await client.envelope("b@x.example")
    await client.command("DATA")

    async def trickle():
        while True:
            client.send(b"x")
            await asyncio.sleep(0.02)

    trickling = asyncio.create_task(trickle())
    assert await client.rest() in {b"421 4.4.2 timed out\r\n", b""}  # what it still sends may reset the connection
    trickling.cancel()
    assert (intake.messages, intake.transactions[0].closed, serving.budget.used) == ([], 1, 0)


async def test_a_client_that_never_reads_is_cut_off(intake, serve, monkeypatch):
    monkeypatch.setattr("dlp.receive.connection._LINGER", 0.2)
    serving = await serve(idle=0.3)
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.setblocking(False)
        await loop.sock_connect(deaf, serving.address)
        await loop.sock_sendall(deaf, b"EHLO c\r\nMAIL FROM:<a@x.example>\r\n")
        with pytest.raises(OSError, match=r"(?i)reset|pipe"):
            await asyncio.wait_for(loop.sock_sendall(deaf, b"NOOP\r\n" * 5_000_000), 60)
    assert intake.transactions[0].closed == 1


# Commands


MALFORMED = {
    "bare lf": (b"NOOP\nRSET\r\n", [b"500 5.5.2", b"250 2.0.0"]),
    "bare cr": (b"NOOP\rx\r\n", [b"500 5.5.2"]),
    "crcrlf": (b"NOOP\r\r\n", [b"500 5.5.2"]),
    "nul": (b"NOOP \0\r\n", [b"500 5.5.2"]),
    "not utf-8": (b"MAIL FROM:<\xff@x.example>\r\n", [b"500 5.5.2"]),
    "too long": (b"NOOP " + b"x" * 4090 + b"\r\n", [b"500 5.5.2"]),
    "longest": (b"NOOP " + b"x" * 4089 + b"\r\n", [b"250 2.0.0"]),
}


@pytest.mark.parametrize(("sent", "answers"), MALFORMED.values(), ids=MALFORMED.keys())
async def test_command_lines(client, sent, answers):
    client.send(sent + b"QUIT\r\n")
    lines = (await client.rest()).splitlines()
    assert [line[:9] for line in lines] == [*answers, b"221 2.0.0"]


async def test_a_line_without_end_is_not_kept(client):
    client.send(b"x" * 200_000)
    assert (await client.rest()).startswith(b"500 5.5.2 ")


async def test_too_many_errors(serve):
    client = await (await serve(errors=3)).connect()
    client.send(b"NOOP\r\nFOO\r\nVRFY x\r\nMAIL\r\nNOOP\r\n")
    assert [line[:9] for line in (await client.rest()).splitlines()] == [
        b"250 2.0.0", b"500 5.5.1", b"252 2.0.0", b"503 5.5.1", b"421 4.7.0",
    ]  # fmt: skip


async def test_greetings_raise_no_limit_for_others(serve, monkeypatch):
    """The stock table of command sizes is shared: 200 EHLOs raised it for all, a new connection lowered it for all."""
    monkeypatch.setitem(SMTP.command_size_limits, "MAIL", 517)
    serving = await serve()
    one, two = await serving.connect(), await serving.connect()
    for _ in range(200):
        await one.command("EHLO c.example")
    await serving.connect()
    assert SMTP.command_size_limits == {"MAIL": 517}
    long = f"MAIL FROM:<{'a' * 600}@x.example>"
    assert (await one.command(long)).startswith("250 ")
    await two.command("EHLO c.example")
    assert (await two.command("MAIL FROM:<" + "a" * 4096 + "@x.example>")).startswith("500 ")
    assert (await two.command(long)).startswith("250 ")


# Size and memory


async def test_a_message_too_big_is_read_to_its_end(intake, serve):
    serving = await serve(size=1000)
    client = await serving.connect()
    await client.envelope("b@x.example")
    assert (await client.data(b"x" * 1500 + b"\r\n.\r\n")).startswith("552 5.3.4 ")
    assert await client.command("NOOP") == "250 2.0.0 ok"
    assert (intake.messages, intake.transactions[0].closed, serving.budget.used) == ([], 1, 0)


async def test_but_not_for_ever(intake, serve):
    client = await (await serve(size=1000)).connect()
    await client.envelope("b@x.example")
    await client.command("DATA")
    client.send(b"x" * 3000)
    assert (await client.rest()).startswith(b"552 5.3.4 ")
    assert intake.transactions[0].closed == 1


async def test_in_flight_bytes_are_counted_over_all_sessions(intake, serve):
    serving = await serve(in_flight=1000)
    one, two = await serving.connect(), await serving.connect()
    intake.may_accept.clear()
    for client in (one, two):
        await client.envelope("b@x.example")
    await one.command("DATA")
    one.send(b"x" * 598 + b"\r\n.\r\n")
    await within(5, intake.accepting)
    assert serving.budget.used == 600
    assert (await two.data(b"x" * 598 + b"\r\n.\r\n")).startswith("452 4.3.1 ")
    intake.may_accept.set()
    assert await one.reply() == "250 2.0.0 ok"
    assert serving.budget.used == 0
    await two.envelope("b@x.example")
    assert await two.data(b"x" * 598 + b"\r\n.\r\n") == "250 2.0.0 ok"


async def test_twenty_megabytes_of_empty_lines(intake, serve):
    client = await (await serve(size=50_000_000)).connect()
    intake.announced = type(intake.announced)(0, eight_bit=True, smtputf8=False, dsn=False)
    await client.envelope("b@x.example")
    await client.command("DATA")
    block = b"\r\n" * 32768
    tracemalloc.start()
    try:
        for _ in range(305):
            client.send(block)
            await client.writer.drain()
        client.send(b".\r\n")
        intake.may_accept.clear()
        await within(60, intake.accepting)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1.5 * 305 * len(block)
    intake.may_accept.set()
    assert await client.reply() == "250 2.0.0 ok"
    assert len(intake.messages[0]) == 305 * len(block)


# Our own trouble


REFERENCE = re.compile(r"451 4\.3\.0 not judged, try again, ref [0-9A-F]{4}")
BUGS = [RuntimeError(SECRET), ConnectionResetError(SECRET), TimeoutError(SECRET), EOFError(SECRET), UnicodeError(SECRET)]


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: type(bug).__name__)
@pytest.mark.parametrize("step", ["features", "mail", "rcpt", "accept"])
async def test_an_exception_is_a_451_without_its_text(intake, client, caplog, step, bug):
    caplog.set_level(logging.DEBUG)
    intake.replies[step] = bug
    replies = await client.commands("EHLO c.example", "MAIL FROM:<a@x.example>", "RCPT TO:<b@x.example>")
    if step == "accept":
        replies.append(await client.data(b"text\r\n.\r\n"))
    first_failure = next(reply for reply in replies if not reply.startswith("250"))
    assert REFERENCE.fullmatch(first_failure)
    (record,) = [record for record in caplog.records if record.name == "dlp.receive"][:1]
    assert record.values["error"] == type(bug).__name__
    assert first_failure.endswith(record.values["error_ref"])
    assert SECRET not in caplog.text + str([vars(record) for record in caplog.records])
    del intake.replies[step]
    await client.command("RSET")
    await client.envelope("b@x.example")
    assert await client.data(b".\r\n") == "250 2.0.0 ok"


DEFERRED = {
    "next hop": (Unavailable("next_hop"), "451 4.3.0 not passed on, try again, ref "),
    "reader": (Unavailable("reader"), "451 4.3.0 not judged, try again, ref "),
    "disk": (Unavailable("disk", storage=True), "452 4.3.1 "),
}
LATER = {
    "judged": ("deadline", "settling", "not passed on"),
    "a hop that is down": ("next_hop", "envelope", "not passed on"),
    "being read": ("deadline", "reading", "not judged"),
    "greeted": ("directory", "greeting", "not judged"),
}


@pytest.mark.parametrize(("cause", "stage", "said"), LATER.values(), ids=LATER)
def test_only_what_was_not_judged_is_said_not_to_be(cause, stage, said):
    assert str(later(Unavailable(cause), stage, "8E8D")) == f"451 4.3.0 {said}, try again, ref 8E8D"


@pytest.mark.parametrize(("error", "answer"), DEFERRED.values(), ids=DEFERRED.keys())
@pytest.mark.parametrize("step", ["mail", "rcpt", "accept"])
async def test_unavailable_is_deferred(intake, client, step, error, answer):
    intake.replies[step] = error
    replies = await client.commands("EHLO c.example", "MAIL FROM:<a@x.example>", "RCPT TO:<b@x.example>")
    if step == "accept":
        replies.append(await client.data(b"text\r\n.\r\n"))
    assert next(reply for reply in replies if not reply.startswith("250")).startswith(answer)


async def test_a_transaction_that_cannot_close_harms_nobody(intake, client):
    intake.replies["close"] = RuntimeError(SECRET)
    await client.envelope("b@x.example")
    assert await client.command("RSET") == "250 2.0.0 ok"
    await client.envelope("b@x.example")
    assert await client.data(b".\r\n") == "250 2.0.0 ok"


async def test_the_answer_does_not_depend_on_the_log(intake, client):
    def broken(_record):
        raise RuntimeError(SECRET)

    logger = logging.getLogger("dlp.receive")
    logger.addFilter(broken)
    try:
        intake.replies["mail"] = RuntimeError(SECRET)
        await client.command("EHLO c.example")
        assert REFERENCE.fullmatch(await client.command("MAIL FROM:<a@x.example>"))
    finally:
        logger.removeFilter(broken)


def test_recording_an_error_without_a_traceback():
    assert re.fullmatch("[0-9A-F]{4}", Service(None, None).record(ValueError(SECRET)))


@pytest.mark.parametrize("level", [None, logging.DEBUG], ids=["as it is", "turned on by somebody"])
async def test_nothing_of_a_conversation_is_logged(serve, caplog, level):
    """aiosmtpd logs peers, commands, addresses and lines of data as mail.log."""
    caplog.set_level(logging.DEBUG)
    serving = await serve()
    if level is not None:
        caplog.set_level(level, "mail.log")
    client = await serving.connect()
    await client.envelope("zebra@x.example")
    await client.data(b"Subject: zebra\r\n\r\nzebra\r\n.\r\n")
    await client.commands("VRFY zebra", "zebra", "MAIL FROM:<zebra>")
    await client.command("QUIT")
    assert [record.name for record in caplog.records if record.name != "asyncio"] == []
    assert "zebra" not in caplog.text


async def test_a_greeting_that_fails_leaves_all_as_it_was(intake, client):
    """RFC 5321 4.1.4: the transaction is still open, and no half of a greeting counts."""
    await client.envelope("b@x.example", greeting="HELO c.example")
    intake.replies["features"] = RuntimeError(SECRET)
    assert (await client.command("EHLO c.example")).startswith("451 ")
    assert (await client.command("MAIL FROM:<a@x.example>")).startswith("503 ")
    assert await client.data(b"text\r\n.\r\n") == "250 2.0.0 ok"
    assert (intake.messages, len(intake.transactions)) == ([b"text\r\n"], 1)
