"""A misbehaving next hop: each fault ends in its outcome class, and no connection in doubt is used again (F47-F65)."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace

import pytest

from dlp.errors import Unavailable
from dlp.forward import Deadline, Forwarder, Interrupted, RecipientsChanged, Timeouts, parse_hop
from dlp.sink import Fault
from dlp.values import Client, Recipient

SENDER = "staff@campus.example"
ANNA, BEN, CARA = (Recipient(f"{name}@campus.example") for name in ("anna", "ben", "cara"))
SMALL = b"Subject: x\r\n\r\nhello\r\n"
LARGE = b"some text of a line\r\n" * 1_000_000  # more than the socket buffers hold

BEFORE, AFTER, CHANGED = "interrupted before the dot", "interrupted after the dot", "recipients changed"

# script, body, outcome: a word above or the code answered; whether the connection is kept
MATRIX = {
    "greeting-5xx": ({"GREETING": "554 5.7.1 no service"}, SMALL, BEFORE, False),
    "greeting-4xx": ({"GREETING": "421 4.3.2 busy"}, SMALL, BEFORE, False),
    "greeting-never": ({"GREETING": Fault.SILENT}, SMALL, BEFORE, False),
    "greeting-dropped": ({"GREETING": Fault.DROP}, SMALL, BEFORE, False),
    "greeting-garbage": ({"GREETING": b"SSH-2.0-x\r\n"}, SMALL, BEFORE, False),
    "ehlo-refused": ({"EHLO": "502 5.5.1 what"}, SMALL, BEFORE, False),
    "ehlo-never": ({"EHLO": Fault.SILENT}, SMALL, BEFORE, False),
    "xforward-refused": ({"XFORWARD": "501 5.5.4 no"}, SMALL, BEFORE, False),
    "mail-4xx": ({"MAIL": "452 4.3.1 full"}, SMALL, CHANGED, False),
    "mail-5xx": ({"MAIL": "550 5.7.1 no"}, SMALL, CHANGED, False),
    "mail-never": ({"MAIL": Fault.SILENT}, SMALL, BEFORE, False),
    "mail-always-dropped": ({"MAIL": Fault.DROP}, SMALL, BEFORE, False),
    "mail-out-of-step": ({"MAIL": "503 5.5.1 nested"}, SMALL, BEFORE, False),
    "rcpt-4xx": ({"RCPT": "450 4.2.0 later"}, SMALL, CHANGED, False),
    "rcpt-one-5xx": ({f"RCPT {BEN.address}": "550 5.1.1 no"}, SMALL, CHANGED, False),
    "rcpt-always-closing": ({"RCPT": "421 4.3.2 bye"}, SMALL, BEFORE, False),
    "rcpt-answered-354": ({"RCPT": "354 what"}, SMALL, BEFORE, False),
    "data-4xx": ({"DATA": "451 4.3.0 later"}, SMALL, 451, True),
    "data-5xx": ({"DATA": "554 5.5.1 no valid recipients"}, SMALL, 554, True),
    "data-answered-250": ({"DATA": "250 2.0.0 ok"}, SMALL, BEFORE, False),
    "data-dropped": ({"DATA": Fault.DROP}, SMALL, BEFORE, False),
    "data-never": ({"DATA": Fault.SILENT}, SMALL, BEFORE, False),
    "body-dropped": ({"BODY": Fault.DROP}, LARGE, BEFORE, False),
    "body-answered-early": ({"BODY": "552 5.3.4 too much\r\n250 2.0.0 ok"}, LARGE, BEFORE, False),
    "dot-4xx": ({"DOT": "451 4.7.1 greylisted"}, SMALL, 451, True),
    "dot-5xx": ({"DOT": "554 5.6.0 content"}, SMALL, 554, True),
    "dot-closing": ({"DOT": "421 4.3.2 bye"}, SMALL, 451, True),
    "dot-dropped": ({"DOT": Fault.DROP}, SMALL, AFTER, False),
    "dot-never": ({"DOT": Fault.SILENT}, SMALL, AFTER, False),
    "dot-garbage": ({"DOT": b"\x16\x03\x01\x02\x00\n"}, SMALL, AFTER, False),
    "dot-endless": ({"DOT": b"250-" + b"a" * 70_000}, SMALL, AFTER, False),
    "dot-cut-short": ({"DOT": b"250-2.0.0 half\r\n"}, SMALL, AFTER, False),
    "dot-answered-354": ({"DOT": "354 go on"}, SMALL, AFTER, False),
    "dot-drips": ({"DOT": Fault.DRIP}, SMALL, 250, True),
    "dot-accepted-then-closed": ({"DOT": Fault.HANG_UP}, SMALL, 250, None),
    "dot-answered-twice": ({"DOT": b"250 2.0.0 ok\r\n250 2.0.0 ok\r\n"}, SMALL, 250, False),
}


async def outcome_of(forwarder: Forwarder, body: bytes, recipients=(ANNA, BEN)) -> str | int:
    session = None
    try:
        session = await forwarder.acquire()
        session.xforward(Client(address="192.0.2.1"), "4XyZ")
        (reply,) = await session.deliver(SENDER, (), recipients, [body])
    except Interrupted as interruption:
        return AFTER if interruption.after_dot else BEFORE
    except RecipientsChanged:
        return CHANGED
    finally:
        if session:
            await session.release()
    return reply.code


@pytest.mark.parametrize(("script", "body", "outcome", "kept"), MATRIX.values(), ids=MATRIX)
async def test_each_fault_has_its_outcome_and_the_next_delivery_works(connect, fast, script, body, outcome, kept):
    sink, forwarder = await connect(script, timeouts=fast, limit=1)
    assert await outcome_of(forwarder, body) == outcome
    if kept is not None:
        assert bool(forwarder._idle) == kept
    if outcome != AFTER:  # then nobody but the peer can know
        assert len(sink.messages) == (outcome == 250)
    sink.play({})
    sink.messages.clear()
    assert await outcome_of(forwarder, SMALL) == 250
    assert [message.raw for message in sink.messages] == [SMALL]


@pytest.mark.parametrize("name", [name for name, row in MATRIX.items() if row[2] in (BEFORE, AFTER)])
async def test_a_broken_conversation_is_deferred_as_the_next_hops_fault(connect, fast, name):
    script, body, _, _ = MATRIX[name]
    _, forwarder = await connect(script, timeouts=fast)

    async def attempt() -> None:
        session = await forwarder.acquire()
        session.xforward(Client(address="192.0.2.1"), "4XyZ")
        await session.deliver(SENDER, (), (ANNA, BEN), [body])

    with pytest.raises(Unavailable) as raised:
        await attempt()
    assert (raised.value.cause, raised.value.storage) == ("next_hop", False)


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("where", ["127.0.0.1:{port}", "unix:/nowhere/at/all"])
async def test_nobody_listening_is_deferred(where):
    forwarder = Forwarder(parse_hop(where.format(port=unused_port())), helo="filter.campus.example", limit=1)
    for _ in range(2):  # the place is given back
        with pytest.raises(Interrupted) as raised:
            await forwarder.acquire()
        assert (raised.value.why, raised.value.after_dot) == ("refused", False)
    with pytest.raises(Interrupted):
        await forwarder.features()


async def test_a_peer_that_does_not_read_the_body_times_out_before_the_dot(connect, fast):
    sink, forwarder = await connect({"BODY": Fault.DEAF}, timeouts=fast)
    session = await forwarder.acquire()
    with pytest.raises(Interrupted) as raised:
        await session.deliver(SENDER, (), (ANNA,), [LARGE])
    await session.release()
    assert (raised.value.why, raised.value.after_dot) == ("timeout", False)
    assert not sink.messages


DEADLINES = {
    "the hop does not read": ({"BODY": Fault.DEAF}, LARGE, 0.2),
    "the hop does not go ahead": ({"DATA": Fault.SILENT}, SMALL, 0.2),
    "it is too late already": ({}, SMALL, 0.0),
}


@pytest.mark.parametrize(("script", "body", "seconds"), DEADLINES.values(), ids=DEADLINES)
async def test_past_the_deadline_the_dot_is_never_sent(connect, script, body, seconds):
    sink, forwarder = await connect(script)
    session = await forwarder.acquire()
    deadline = Deadline(asyncio.get_running_loop().time() + seconds)
    with pytest.raises(Interrupted) as raised:
        await session.deliver(SENDER, (), (ANNA,), [body], deadline)
    await session.release()
    assert (raised.value.why in ("late", "timeout"), raised.value.after_dot) == (True, False)
    sink.play({})
    assert await outcome_of(forwarder, SMALL) == 250
    assert len(sink.messages) == 1


async def test_a_deadline_that_passes_between_data_and_dot_is_kept(connect):
    """Looked at once more right before the last block: all that came before was in time."""
    sink, forwarder = await connect()
    session = await forwarder.acquire()
    await session.mail(SENDER, ())
    await session.rcpt(ANNA)
    (answer,) = await session._wire.ask([b"DATA"], 5)
    assert answer.code == 354
    with pytest.raises(Interrupted) as raised:
        await session._wire.send_message([SMALL], 1, 5, asyncio.get_running_loop().time())
    await session.release()
    assert raised.value.why == "late"
    assert not sink.messages


async def test_an_answer_after_the_deadline_is_not_waited_for(connect):
    _, forwarder = await connect({"DOT": Fault.SILENT})
    session = await forwarder.acquire()
    now = asyncio.get_running_loop().time()
    with pytest.raises(Interrupted) as raised:
        await session.deliver(SENDER, (), (ANNA,), [SMALL], Deadline(now + 30, now + 0.2))
    await session.release()
    assert raised.value.after_dot


async def test_an_answer_that_never_completes_is_a_timeout(connect, fast):
    _, forwarder = await connect({"MAIL": b"250-drip\r\n"}, timeouts=replace(fast, mail=0.05))
    session = await forwarder.acquire()
    with pytest.raises(Interrupted) as raised:
        await session.mail(SENDER, ())
    await session.release()
    assert raised.value.why == "timeout"


STALE = {
    "closed": Fault.DROP,
    "closing": "421 4.4.2 idle too long",
}


@pytest.mark.parametrize("step", STALE.values(), ids=STALE)
@pytest.mark.parametrize("place", ["MAIL", "XFORWARD"])
async def test_a_connection_the_peer_gave_up_is_replaced_once(connect, step, place):
    sink, forwarder = await connect({place: (None, step)})
    assert await outcome_of(forwarder, SMALL) == 250
    assert await outcome_of(forwarder, SMALL) == 250
    assert sink.connections == 2
    assert len(sink.messages) == 2


async def test_a_pooled_connection_closed_while_idle_is_not_lent(connect):
    sink, forwarder = await connect({"DOT": Fault.HANG_UP})
    assert await outcome_of(forwarder, SMALL) == 250
    for _ in range(20):  # turns of the loop, until the end of the connection has been noticed
        await asyncio.sleep(0)
    session = await forwarder.acquire()
    assert sink.connections == 2
    await session.release()


async def test_an_answer_too_many_is_not_taken_for_the_next_one(connect):
    _, forwarder = await connect({"MAIL": b"250 2.1.0 ok\r\n250 2.1.5 ok\r\n", "RCPT": "550 5.1.1 no"})
    session = await forwarder.acquire()
    await session.mail(SENDER, ())
    with pytest.raises(Interrupted) as raised:
        await session.rcpt(ANNA)
    await session.release()
    assert raised.value.why == "closed"


async def test_without_pipelining_no_recipient_follows_a_refused_sender(connect):
    sink, forwarder = await connect({"MAIL": "550 5.7.1 no"}, extensions=("SIZE",))
    assert await outcome_of(forwarder, SMALL) == CHANGED
    assert [line.split()[0] for line in sink.commands] == ["EHLO", "MAIL"]


@pytest.mark.parametrize("script", [{"GREETING": "554 5.7.1 no"}, {"EHLO": "502 5.5.1 no"}], ids=["greeting", "ehlo"])
async def test_a_connection_that_is_no_use_is_not_left_open(connect, script):
    sink, forwarder = await connect(script)
    with pytest.raises(Interrupted) as raised:
        await forwarder.acquire()
    await asyncio.wait(sink._sessions.tasks, timeout=5)
    assert (raised.value.why, sink.open) == ("refused", 0)


async def test_a_connection_is_replaced_once_only(connect):
    sink, forwarder = await connect({"MAIL": (None, Fault.DROP, Fault.DROP, Fault.DROP)})
    assert await outcome_of(forwarder, SMALL) == 250
    assert await outcome_of(forwarder, SMALL) == BEFORE
    assert sink.connections == 2


async def test_a_live_transaction_lost_while_judging_is_opened_anew(connect):
    sink, forwarder = await connect({"RSET": Fault.DROP})
    session = await forwarder.acquire()
    await session.mail(SENDER, ())
    await session.rcpt(ANNA)
    await session.rcpt(BEN)
    assert (await session.deliver(SENDER, (), (BEN,), [SMALL]))[0].accepted
    await session.release()
    assert [message.recipients for message in sink.messages] == [(BEN,)]


async def test_a_refused_rset_ends_the_connection(connect):
    sink, forwarder = await connect({"RSET": "500 5.5.1 what"})
    session = await forwarder.acquire()
    await session.mail(SENDER, ())
    await session.release()
    assert not forwarder._idle
    assert await outcome_of(forwarder, SMALL) == 250
    assert sink.connections == 2


async def test_over_lmtp_answers_lost_after_others_came_are_deferrals_of_their_own(connect):
    sink, forwarder = await connect({f"DOT {BEN.address}": Fault.DROP}, lmtp=True)
    session = await forwarder.acquire()
    replies = await session.deliver(SENDER, (), (ANNA, BEN, CARA), [SMALL])
    await session.release()
    assert [(reply.code, reply.enhanced) for reply in replies] == [(250, "2.0.0"), (451, "4.4.2"), (451, "4.4.2")]
    assert not forwarder._idle
    assert len(sink.messages) == 1


LMTP = {
    "mail-refused": ({"MAIL": "550 5.7.1 no"}, [550, 550]),
    "data-refused": ({"DATA": "451 4.3.0 later"}, [451, 451]),
    "one-refused": ({f"RCPT {ANNA.address}": "550 5.1.1 no"}, [550, 250]),
    "dot-refused": ({"DOT": "554 5.6.0 no"}, [554, 554]),
}


@pytest.mark.parametrize(("script", "codes"), LMTP.values(), ids=LMTP)
async def test_over_lmtp_refusals_are_answers(connect, script, codes):
    _, forwarder = await connect(script, lmtp=True)
    session = await forwarder.acquire()
    replies = await session.deliver(SENDER, (), (ANNA, BEN), [SMALL])
    await session.release()
    assert [reply.code for reply in replies] == codes


async def test_a_delivery_cancelled_on_its_way_spoils_its_connection_only(connect):
    sink, forwarder = await connect({"DOT": (Fault.SILENT,)}, limit=1, timeouts=Timeouts(place=1))
    task = asyncio.create_task(outcome_of(forwarder, SMALL))
    await sink.wait(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not forwarder._idle
    assert await outcome_of(forwarder, SMALL) == 250
