"""Deliveries against the sink: exact recipients, exact bytes, mirrored answers, over TCP, Unix sockets, SMTP and LMTP."""

from __future__ import annotations

import asyncio
import random
import socket
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlp.forward import Forwarder, RecipientsChanged, Timeouts, parse_hop
from dlp.intake import Features
from dlp.sink import EXTENSIONS, Sink
from dlp.values import Client, Recipient

SENDER = "staff@campus.example"
ANNA, BEN, CARA = (Recipient(f"{name}@campus.example") for name in ("anna", "ben", "cara"))
BODY = b"Subject: x\r\n\r\nhello\r\n"

BODIES = {
    "eight-bit": bytes(range(128, 256)) * 10 + b"\r\n",
    "dots": b".\r\n..\r\n.a\r\n\r\n.\r\nend.\r\n",
    "long-lines": b"x" * 50_000 + b"\r\n." + b"y" * 50_000 + b"\r\n",
    "nul": b"a\0b\r\n\0.\r\n",
    "bare-newlines": b"a\n.\nb\r.\rc\r\n",
    "empty": b"",
    "newlines": b"\r\n" * 1000,
    "megabytes": random.Random(1).randbytes(3_000_000).replace(b"\r\n", b"") + b"\r\n",
}

ROUTES = {"smtp": {}, "lmtp": {"lmtp": True}, "no-pipelining": {"extensions": EXTENSIONS[1:]}}


@pytest.mark.parametrize("options", ROUTES.values(), ids=ROUTES)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
async def test_bodies_arrive_byte_for_byte(connect, options, body):
    sink, forwarder = await connect(**options)
    session = await forwarder.acquire()
    replies = await session.deliver(SENDER, (), [ANNA], [b"Received: us\r\n", memoryview(body)])
    await session.release()
    assert [reply.code for reply in replies] == [250]
    assert sink.messages[0].raw == b"Received: us\r\n" + body


async def test_a_missing_final_newline_is_added(connect):
    sink, forwarder = await connect()
    session = await forwarder.acquire()
    await session.deliver(SENDER, (), [ANNA], [b"no newline"])
    assert sink.messages[0].raw == b"no newline\r\n"
    await session.release()


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.binary(max_size=30).filter(lambda line: b"\r\n" not in line and not line.endswith(b"\r")), max_size=30))
def test_random_crlf_bodies_arrive_identical(lines):
    body = b"".join(line + b"\r\n" for line in lines)

    async def send() -> bytes:
        async with Sink() as sink:
            forwarder = Forwarder(parse_hop(sink.hop), helo="filter.campus.example")
            session = await forwarder.acquire()
            await session.deliver(SENDER, (), [ANNA], [body])
            await session.release()
            forwarder.close()
            return sink.messages[0].raw

    assert asyncio.run(send()) == body


@pytest.mark.parametrize("lmtp", [False, True], ids=["smtp", "lmtp"])
async def test_a_unix_socket_is_a_next_hop_too(connect, lmtp):
    with tempfile.TemporaryDirectory() as folder:
        sink, forwarder = await connect(where=f"unix:{Path(folder) / 'hop'}", lmtp=lmtp)
        session = await forwarder.acquire()
        assert (await session.deliver(SENDER, (), [ANNA], [BODY]))[0].accepted
        assert sink.messages[0].raw == BODY
        await session.release()


async def test_nagle_is_off(connect):
    _, forwarder = await connect()
    session = await forwarder.acquire()
    option = session._wire._transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    await session.release()
    assert option


async def live(session, *recipients):
    assert (await session.mail(SENDER, ("BODY=8BITMIME",))).accepted
    return [await session.rcpt(recipient) for recipient in recipients]


async def test_the_live_transaction_is_used_when_everybody_gets_the_message(connect):
    sink, forwarder = await connect()
    session = await forwarder.acquire()
    await live(session, ANNA, BEN)
    await session.deliver(SENDER, ("BODY=8BITMIME",), (ANNA, BEN), [BODY])
    await session.release()
    assert [line.split()[0] for line in sink.commands] == ["EHLO", "MAIL", "RCPT", "RCPT", "DATA"]
    assert sink.messages[0].recipients == (ANNA, BEN)
    assert sink.messages[0].parameters == ("BODY=8BITMIME",)


CHANGED = {
    "fewer": ((BEN,), SENDER),
    "other-parameters": ((ANNA, Recipient(BEN.address, ("NOTIFY=NEVER",))), SENDER),
    "other-sender": ((ANNA, BEN), ""),
}


@pytest.mark.parametrize(("recipients", "sender"), CHANGED.values(), ids=CHANGED)
@pytest.mark.parametrize("options", ROUTES.values(), ids=ROUTES)
async def test_only_this_groups_recipients_get_the_message(connect, options, recipients, sender):
    sink, forwarder = await connect(**options)
    session = await forwarder.acquire()
    await live(session, ANNA, BEN)
    await session.deliver(sender, ("BODY=8BITMIME",), recipients, [BODY])
    await session.release()
    assert "RSET" in sink.commands
    assert [(message.sender, message.recipients) for message in sink.messages] == [(sender, recipients)]


def recorded(session, monkeypatch):
    """What is sent from now on, write by write."""
    writes = []
    send = session._wire._send
    monkeypatch.setattr(session._wire, "_send", lambda data, answers: (writes.append(data), send(data, answers)))
    return writes


async def test_recipients_named_with_mail_are_offered_in_one_write(connect, monkeypatch):
    sink, forwarder = await connect()
    session = await forwarder.acquire()
    session.xforward(Client(address="192.0.2.9", name="pc.campus.example"), "4XyZ")
    sent = recorded(session, monkeypatch)
    assert (await session.mail(SENDER, (), (ANNA, BEN))).accepted
    assert [line.split()[0] for line in sent[0].decode().splitlines()] == ["XFORWARD", "MAIL", "RCPT", "RCPT"]
    assert [(await session.rcpt(each)).code for each in (ANNA, BEN)] == [250, 250]
    assert len(sent) == 1
    await session.deliver(SENDER, (), (ANNA, BEN), [BODY])
    await session.release()
    assert [message.recipients for message in sink.messages] == [(ANNA, BEN)]
    assert "RSET" not in sink.commands


@pytest.mark.parametrize("extensions", [EXTENSIONS, EXTENSIONS[1:]], ids=["pipelining", "no-pipelining"])
async def test_each_recipient_named_with_mail_has_its_own_answer(connect, extensions):
    sink, forwarder = await connect({"RCPT": ["250 2.1.5 ok", "550 5.1.1 nobody", "250 2.1.5 ok"]}, extensions=extensions)
    session = await forwarder.acquire()
    await session.mail(SENDER, (), (ANNA, BEN, CARA))
    assert [(await session.rcpt(each)).code for each in (ANNA, BEN, CARA)] == [250, 550, 250]
    await session.deliver(SENDER, (), (ANNA, CARA), [BODY])
    await session.release()
    assert [message.recipients for message in sink.messages] == [(ANNA, CARA)]


@pytest.mark.parametrize("extensions", [EXTENSIONS, EXTENSIONS[1:]], ids=["pipelining", "no-pipelining"])
async def test_a_refused_mail_keeps_no_answer_for_the_recipients_named_with_it(connect, extensions):
    sink, forwarder = await connect({"MAIL": "550 5.7.1 no"}, extensions=extensions)
    session = await forwarder.acquire()
    session.xforward(Client(address="192.0.2.9"), "4XyZ")
    assert (await session.mail(SENDER, (), (ANNA,))).code == 550
    with pytest.raises(ValueError, match="RCPT without"):
        await session.rcpt(ANNA)
    await session.release()
    assert "RCPT" not in "".join(sink.commands) or extensions is EXTENSIONS


async def test_recipients_named_with_mail_and_then_not_wanted_get_nothing(connect):
    sink, forwarder = await connect()
    session = await forwarder.acquire()
    await session.mail(SENDER, (), (ANNA, BEN))
    assert (await session.rcpt(CARA)).accepted
    await session.deliver(SENDER, (), (CARA,), [BODY])
    await session.release()
    assert [message.recipients for message in sink.messages] == [(CARA,)]


async def test_two_groups_of_one_message_go_one_after_the_other(connect):
    sink, forwarder = await connect()
    session = await forwarder.acquire()
    await live(session, ANNA, BEN, CARA)
    await session.deliver(SENDER, (), (ANNA, CARA), [b"one\r\n"])
    await session.deliver(SENDER, (), (BEN,), [b"two\r\n"])
    await session.release()
    assert [(m.recipients, m.raw) for m in sink.messages] == [((ANNA, CARA), b"one\r\n"), ((BEN,), b"two\r\n")]
    assert sink.connections == 1


async def test_live_answers_are_mirrored_and_refused_recipients_are_not_in_the_transaction(connect):
    sink, forwarder = await connect(
        {f"RCPT {BEN.address}": "550 5.1.1 <ben@campus.example> unknown", f"RCPT {CARA.address}": "450 4.2.0 x"}
    )
    session = await forwarder.acquire()
    replies = await live(session, ANNA, BEN, CARA)
    assert [(reply.code, reply.enhanced) for reply in replies] == [(250, "2.1.5"), (550, "5.1.1"), (450, "4.2.0")]
    assert not any("ben" in reply.text for reply in replies)
    await session.deliver(SENDER, ("BODY=8BITMIME",), (ANNA,), [BODY])
    await session.release()
    assert "RSET" not in sink.commands
    assert sink.messages[0].recipients == (ANNA,)


async def test_a_recipient_refused_the_second_time_stops_the_smtp_delivery_without_a_dot(connect):
    sink, forwarder = await connect({f"RCPT {BEN.address}": (None, "550 5.1.1 gone")})
    session = await forwarder.acquire()
    await live(session, ANNA, BEN, CARA)
    with pytest.raises(RecipientsChanged) as raised:
        await session.deliver(SENDER, (), (ANNA, BEN), [BODY])
    await session.release()
    assert raised.value.cause == "next_hop"
    assert [reply.code for reply in raised.value.replies] == [250, 550]
    assert not sink.messages
    assert "DATA" not in sink.commands
    assert not forwarder._idle


async def test_a_sender_refused_the_second_time_is_told_for_each_recipient(connect):
    _, forwarder = await connect({"MAIL": (None, "452 4.3.1 full")})
    session = await forwarder.acquire()
    await live(session, ANNA, BEN, CARA)
    with pytest.raises(RecipientsChanged) as raised:
        await session.deliver(SENDER, (), (ANNA, BEN), [BODY])
    await session.release()
    assert [reply.code for reply in raised.value.replies] == [452, 452]


async def test_over_lmtp_each_recipient_has_its_own_answer(connect):
    script = {f"RCPT {BEN.address}": "550 5.1.1 gone", f"DOT {CARA.address}": "452 4.2.2 full"}
    sink, forwarder = await connect(script, lmtp=True)
    session = await forwarder.acquire()
    replies = await session.deliver(SENDER, (), (ANNA, BEN, CARA, ANNA), [BODY])
    await session.release()
    assert [(reply.code, reply.enhanced) for reply in replies] == [
        (250, "2.0.0"),
        (550, "5.1.1"),
        (452, "4.2.2"),
        (250, "2.0.0"),
    ]
    assert sink.messages[0].recipients == (ANNA, ANNA)


async def test_over_lmtp_nobody_accepted_means_no_data(connect):
    sink, forwarder = await connect({"RCPT": "450 4.2.0 later"}, lmtp=True)
    session = await forwarder.acquire()
    replies = await session.deliver(SENDER, (), (ANNA, BEN), [BODY])
    await session.release()
    assert [reply.code for reply in replies] == [450, 450]
    assert "DATA" not in sink.commands
    assert sink.commands[-1] == "RSET"
    assert len(forwarder._idle) == 1


async def test_parameters_pass_only_where_announced(connect):
    recipient = Recipient(ANNA.address, ("NOTIFY=NEVER", "ORCPT=rfc822;Anna@campus.example"))
    parameters = ("SIZE=5", "RET=HDRS", "ENVID=Ab+2B", "AUTH=<>", "BODY=8BITMIME", "SMTPUTF8")
    sink, forwarder = await connect(extensions=(*EXTENSIONS, "AUTH PLAIN"))
    session = await forwarder.acquire()
    await session.deliver(SENDER, parameters, [recipient], [b"12345", b"678\r\n"])
    await session.release()
    assert sink.messages[0].parameters == ("SIZE=10", *parameters[1:])
    assert sink.messages[0].recipients == (recipient,)


async def test_the_live_size_leaves_room_for_our_field(connect):
    sink, forwarder = await connect()
    session = await forwarder.acquire()
    await session.mail(SENDER, ("size=1000",))
    await session.release()
    assert f"MAIL FROM:<{SENDER}> SIZE=2024" in sink.commands


@pytest.mark.parametrize(
    ("parameter", "code", "enhanced"),
    [("SMTPUTF8", 451, "4.6.7"), ("BODY=8BITMIME", 451, "4.6.3"), ("RET=FULL", 451, "4.5.4"), ("AUTH=<>", 451, "4.5.4")],
)
async def test_what_is_not_announced_is_refused_without_asking(connect, parameter, code, enhanced):
    sink, forwarder = await connect(extensions=("PIPELINING",))
    session = await forwarder.acquire()
    reply = await session.mail(SENDER, (parameter,))
    await session.release()
    assert (reply.code, reply.enhanced) == (code, enhanced)
    assert [line.split()[0] for line in sink.commands] == ["EHLO"]


async def test_a_recipient_parameter_not_announced_is_refused_without_asking(connect):
    sink, forwarder = await connect(extensions=("PIPELINING",))
    session = await forwarder.acquire()
    await session.mail(SENDER, ())
    assert (await session.rcpt(Recipient(ANNA.address, ("NOTIFY=NEVER",)))).code == 451
    with pytest.raises(RecipientsChanged):
        await session.deliver(SENDER, (), [BEN, Recipient(ANNA.address, ("NOTIFY=NEVER",))], [BODY])
    await session.release()
    assert not sink.messages


async def test_xforward_goes_before_each_mail_and_is_not_left_to_the_next_user(connect):
    sink, forwarder = await connect()
    session = await forwarder.acquire()
    session.xforward(Client(address="192.0.2.9", name="pc.campus.example"), "4XyZ")
    await live(session, ANNA, BEN)
    await session.deliver(SENDER, (), (ANNA,), [BODY])
    await session.release()
    other = await forwarder.acquire()
    await other.deliver(SENDER, (), (BEN,), [BODY])
    await other.release()
    first, second = sink.messages
    assert {"NAME=pc.campus.example", "ADDR=192.0.2.9", "IDENT=4XyZ", "HELO=[UNAVAILABLE]"} <= set(first.xforward)
    assert second.xforward == ()
    assert sink.connections == 1
    assert [line.split()[0] for line in sink.commands].count("XFORWARD") == 2


async def test_xforward_is_not_sent_where_it_is_not_announced(connect):
    sink, forwarder = await connect(extensions=EXTENSIONS[:-1])
    session = await forwarder.acquire()
    session.xforward(Client(address="192.0.2.9"), "4XyZ")
    assert (await session.deliver(SENDER, (), (ANNA,), [BODY]))[0].accepted
    await session.release()
    assert not any(line.startswith("XFORWARD") for line in sink.commands)


async def test_features_are_cached_and_follow_a_new_connection(connect):
    sink, forwarder = await connect()
    assert await forwarder.features() == Features(
        size=52428800,
        eight_bit=True,
        smtputf8=True,
        dsn=True,
        xforward=("NAME", "ADDR", "PORT", "PROTO", "HELO", "IDENT", "SOURCE"),
    )
    await forwarder.features()
    assert sink.connections == 1
    sink.extensions = ("SIZE 10",)
    (await forwarder.connect()).quit()
    assert await forwarder.features() == Features(size=10, eight_bit=False, smtputf8=False, dsn=False)


async def test_a_delivery_to_nobody_and_rcpt_before_mail_are_programming_errors(connect):
    _, forwarder = await connect()
    session = await forwarder.acquire()
    with pytest.raises(ValueError, match="recipient"):
        await session.deliver(SENDER, (), [], [BODY])
    with pytest.raises(ValueError, match="MAIL"):
        await session.rcpt(ANNA)
    await session.release()


def test_default_timeouts_are_those_of_the_standard():
    defaults = Timeouts()
    assert (defaults.greeting, defaults.mail, defaults.rcpt, defaults.data, defaults.block, defaults.dot) == (
        300,
        300,
        300,
        120,
        180,
        600,
    )
