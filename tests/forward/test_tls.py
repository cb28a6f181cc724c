"""TLS towards the next hop: each level against each certificate and each way a hop can spoil the handshake (S040, F63)."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from dlp.errors import ConfigError, Unavailable
from dlp.forward import Forwarder, Interrupted, Timeouts, TlsFailed, parse_hop, tls_of
from dlp.sink import EXTENSIONS, Fault, Sink
from dlp.values import Recipient
from tests.certificates import Authority, server_context

SENDER = "staff@campus.example"
TO = (Recipient("anna@campus.example"),)
BODY = b"Subject: x\r\n\r\nhello\r\n"
OFFERING = (*EXTENSIONS, "STARTTLS")
QUICK = Timeouts(place=5, connect=5, greeting=2, hello=2, tls=0.5)

ENCRYPTED, CLEAR, DEFERRED = "encrypted", "clear text", "deferred"


@dataclass(frozen=True)
class Case:
    """A hop: its certificate (names, days, signed by the CA), what it announces, its script; then the three outcomes."""

    may: str
    verify: str
    names: tuple[str, ...] = ("localhost",)
    days: tuple[float, float] = (-1, 30)
    signed: bool = True
    offered: bool = True
    script: dict | None = None


CASES = {
    "good": Case(ENCRYPTED, ENCRYPTED),
    "expired": Case(ENCRYPTED, DEFERRED, days=(-30, -1)),
    "not-yet-valid": Case(ENCRYPTED, DEFERRED, days=(1, 30)),
    "wrong-name": Case(ENCRYPTED, DEFERRED, names=("elsewhere.example",)),
    "an-address-instead-of-the-name": Case(ENCRYPTED, DEFERRED, names=("127.0.0.1",)),
    "self-signed": Case(ENCRYPTED, DEFERRED, signed=False),
    "not-announced": Case(CLEAR, DEFERRED, offered=False),
    "refused-454": Case(CLEAR, DEFERRED, script={"STARTTLS": "454 4.7.0 not now"}),
    "refused-502": Case(CLEAR, DEFERRED, script={"STARTTLS": "502 5.5.1 what"}),
    "never-answered": Case(CLEAR, DEFERRED, script={"STARTTLS": Fault.SILENT}),
    "dropped-at-starttls": Case(CLEAR, DEFERRED, script={"STARTTLS": Fault.DROP}),
    "garbage-for-an-answer": Case(CLEAR, DEFERRED, script={"STARTTLS": b"\x16\x03\x01\r\n"}),
    "an-injected-answer": Case(CLEAR, DEFERRED, script={"STARTTLS": b"220 go\r\n250-sink.example\r\n250 SIZE 1\r\n"}),
    "half-an-injected-answer": Case(CLEAR, DEFERRED, script={"STARTTLS": b"220 go\r\n250"}),
    "clear-text-in-the-handshake": Case(CLEAR, DEFERRED, script={"HANDSHAKE": "250 2.0.0 ok"}),
    "a-handshake-that-hangs": Case(CLEAR, DEFERRED, script={"HANDSHAKE": Fault.SILENT}),
    "hung-up-in-the-handshake": Case(CLEAR, DEFERRED, script={"HANDSHAKE": Fault.DROP}),
    "hung-up-after-the-handshake": Case(CLEAR, DEFERRED, script={"EHLO": [None, Fault.DROP]}),
    "greeting-refused-after-the-handshake": Case(CLEAR, DEFERRED, script={"EHLO": [None, "502 5.5.1 what"]}),
}


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@asynccontextmanager
async def hop(case: Case, authority: Authority):
    pem = authority.issue(*case.names, days=case.days, signed=case.signed)
    extensions = OFFERING if case.offered else EXTENSIONS
    async with Sink(case.script, extensions=extensions, tls=server_context(pem)) as sink:
        yield sink


def forwarder_to(sink: Sink, level: str, authority: Authority, **options) -> Forwarder:
    where = parse_hop(sink.hop.replace("127.0.0.1", "localhost"))
    tls = tls_of(level, authority.file if level == "verify" else None)
    return Forwarder(where, helo="filter.campus.example", tls=tls, timeouts=QUICK, **options)


async def deliver(forwarder: Forwarder) -> str:
    """What became of one message."""
    session = None
    try:
        session = await forwarder.acquire()
        (reply,) = await session.deliver(SENDER, (), TO, [BODY])
    except Unavailable:
        return DEFERRED
    finally:
        if session:
            await session.release()
    assert reply.code == 250
    return ENCRYPTED if forwarder.newest.encrypted else CLEAR


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("level", ["none", "may", "verify"])
async def test_what_becomes_of_a_message(level, name, authority):
    case = CASES[name]
    async with hop(case, authority) as sink:
        forwarder = forwarder_to(sink, level, authority)
        outcome = await deliver(forwarder)
        forwarder.close()
        assert outcome == (CLEAR if level == "none" else getattr(case, level))
        assert [message.raw for message in sink.messages] == ([] if outcome == DEFERRED else [BODY])
        if outcome == DEFERRED:
            assert not any(line.startswith("MAIL") for line in sink.commands)  # not one address in clear text
        if level == "none":
            assert "STARTTLS" not in sink.commands


WORDS = {
    "expired": "certificate has expired",
    "wrong-name": "hostname mismatch",
    "self-signed": "self-signed certificate",
    "not-announced": "STARTTLS is not announced",
    "refused-454": "STARTTLS is answered 454",
    "never-answered": "the hop breaks off at STARTTLS",
    "an-injected-answer": "more than the answer to STARTTLS came in clear text",
    "a-handshake-that-hangs": "no handshake in time",
    "hung-up-in-the-handshake": "the hop hung up",
}


@pytest.mark.parametrize("name", WORDS)
async def test_what_the_administrator_reads(name, authority, caplog):
    async with hop(CASES[name], authority) as sink:
        with pytest.raises(TlsFailed) as raised:
            await forwarder_to(sink, "verify", authority).connect()
    assert WORDS[name] in raised.value.what
    assert (raised.value.cause, raised.value.why) == ("next_hop", "tls")
    (record,) = [record for record in caplog.records if record.msg == "next_hop.tls-failed"]
    assert (record.levelno, record.values) == (logging.ERROR, {"what": raised.value.what, "result": "mail waits"})


async def test_a_hop_is_taken_by_its_address_when_its_certificate_says_so(authority):
    async with hop(Case("", "", names=("127.0.0.1",)), authority) as sink:
        tls = tls_of("verify", authority.file)
        forwarder = Forwarder(parse_hop(sink.hop), helo="filter.campus.example", tls=tls)
        assert await deliver(forwarder) == ENCRYPTED
        forwarder.close()


async def test_a_strangers_ca_is_not_trusted(authority):
    async with hop(CASES["good"], authority) as sink:
        where = parse_hop(sink.hop.replace("127.0.0.1", "localhost"))
        forwarder = Forwarder(where, helo="filter.campus.example", tls=tls_of("verify", None), timeouts=QUICK)
        assert await deliver(forwarder) == DEFERRED


async def test_only_the_second_announcement_counts(authority):
    first = "250-sink.example\r\n250-STARTTLS\r\n250-SMTPUTF8\r\n250 SIZE 77"
    async with hop(Case("", "", script={"EHLO": [first, "250-sink.example\r\n250 DSN"]}), authority) as sink:
        forwarder = forwarder_to(sink, "verify", authority)
        features = await forwarder.features()
        forwarder.close()
    assert (features.size, features.smtputf8, features.dsn) == (0, False, True)


async def test_a_pooled_connection_keeps_its_tls(authority):
    async with hop(CASES["good"], authority) as sink:
        forwarder = forwarder_to(sink, "verify", authority, limit=1)
        assert [await deliver(forwarder) for _ in range(3)] == [ENCRYPTED] * 3
        forwarder.close()
        assert (sink.connections, sink.commands.count("STARTTLS")) == (1, 1)


async def test_a_hop_that_stops_announcing_it_gets_nothing_more(authority):
    """A downgrade between two messages: the open connection is still good, a new one is not."""
    async with hop(CASES["good"], authority) as sink:
        forwarder = forwarder_to(sink, "verify", authority, limit=1)
        assert await deliver(forwarder) == ENCRYPTED
        sink.extensions = EXTENSIONS
        assert await deliver(forwarder) == ENCRYPTED
        sink.play({"MAIL": ["421 4.3.2 bye"]})
        assert await deliver(forwarder) == DEFERRED
        forwarder.close()
        assert len(sink.messages) == 2


async def test_falling_back_is_told_once_and_not_tried_for_each_message(authority, caplog, monkeypatch):
    async with hop(CASES["a-handshake-that-hangs"], authority) as sink:
        forwarder = forwarder_to(sink, "may", authority, limit=1, idle=0)
        for _ in range(3):
            assert await deliver(forwarder) == CLEAR
            await asyncio.sleep(0.01)  # the idle connection is closed
        assert sink.commands.count("STARTTLS") == 1
        (record,) = [record for record in caplog.records if record.msg == "next_hop.tls-failed"]
        assert (record.levelno, record.values["result"]) == (logging.WARNING, "mail goes there in clear text")
        monkeypatch.setattr(forwarder, "_quiet_until", 0.0)
        sink.play({})
        assert await deliver(forwarder) == ENCRYPTED
        forwarder.close()


async def test_a_large_message_goes_through(authority):
    body = b".some text of a line\r\n" * 400_000
    async with hop(CASES["good"], authority) as sink:
        forwarder = forwarder_to(sink, "verify", authority)
        session = await forwarder.acquire()
        assert [reply.code for reply in await session.deliver(SENDER, (), TO, [body])] == [250]
        await session.release()
        forwarder.close()
        assert sink.messages[0].raw == body


async def test_an_answer_lost_after_the_dot_is_known_as_such(authority):
    async with hop(Case("", "", script={"DOT": Fault.DROP}), authority) as sink:
        session = await forwarder_to(sink, "verify", authority).acquire()
        with pytest.raises(Interrupted) as raised:
            await session.deliver(SENDER, (), TO, [BODY])
        await session.release()
        assert (raised.value.after_dot, len(sink.messages)) == (True, 1)


@pytest.mark.parametrize("level", ["may", "verify"])
async def test_a_unix_socket_is_never_encrypted(level, authority, tmp_path):
    where = f"unix:{tmp_path}/sink"
    context = server_context(authority.issue("localhost"))
    async with Sink(where=where, extensions=OFFERING, tls=context, lmtp=True) as sink:
        forwarder = Forwarder(parse_hop(sink.hop), helo="filter.campus.example", tls=tls_of(level, None))
        assert await deliver(forwarder) == CLEAR
        forwarder.close()
        assert "STARTTLS" not in sink.commands


UNUSABLE = {
    "missing": (None, "no such file"),
    "empty": ("", "holds no certificate"),
    "no-pem": ("hello", "holds no certificate"),
}


@pytest.mark.parametrize(("text", "what"), UNUSABLE.values(), ids=UNUSABLE)
def test_a_file_of_cas_that_cannot_be_used(tmp_path, text, what):
    if text is not None:
        (tmp_path / "cas.pem").write_text(text)
    with pytest.raises(ConfigError, match=what) as raised:
        tls_of("verify", tmp_path / "cas.pem")
    assert raised.value.key == "forward.tls_ca"
