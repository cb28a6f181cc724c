"""STARTTLS between real programs: Postfix to us, us to Postfix, and a certificate replaced while we run."""

from __future__ import annotations

import asyncio
import os
import signal
import smtplib
import ssl
from pathlib import Path

import pytest

from tests.certificates import Authority
from tests.e2e.bench import bench, eventually
from tests.e2e.client import hand_over
from tests.e2e.loopback import open_folder
from tests.e2e.postfix import PostfixTls
from tests.generate.messages import disclosing

pytestmark = pytest.mark.servers

SENDER = "a.mori@campus.example"
INSIDE = "b.okafor@campus.example"
OUTSIDE = "c.lindt@elsewhere.example"
RELAY = "relay.campus.example"


def listening(pem: Path) -> tuple[str, ...]:
    return (f"receive.tls_cert={pem}", f"receive.tls_key={pem}")


def verifying(authority: Authority) -> tuple[str, ...]:
    return ("forward.tls=verify", f"forward.tls_ca={authority.file}")


@pytest.mark.usefixtures("needs_postfix")
async def test_postfix_to_us_and_us_to_postfix_all_encrypted_and_verified() -> None:
    """A message passes, a split holds its half and a notice goes out, each hop checking the other's certificate."""
    with open_folder("tls") as folder:
        authority = Authority(folder)
        settings = (*listening(authority.issue(RELAY)), *verifying(authority))
        tls = PostfixTls(authority.file, RELAY, authority.issue("localhost"))
        async with bench(front=True, behind=True, overrides=settings, tls=tls) as servers:
            for serial, ids in ((1, 0), (2, 1)):
                replies = await hand_over(servers.postfix.ports.submission, SENDER, [INSIDE, OUTSIDE], disclosing(serial, ids))
                assert {reply[:3] for reply in replies.values()} == {"250"}
            assert await asyncio.to_thread(servers.postfix.drained), servers.postfix.log()
            assert await eventually(lambda: len(servers.sink.messages) == 3), servers.relay.log()  # the notice too
            assert servers.reached() == [INSIDE, INSIDE, OUTSIDE]
            assert await servers.held_for() == [OUTSIDE]
            for delivery in servers.delivered():
                trace = [line for line in delivery.raw.split(b"\r\n") if b" with " in line and b"\tby " in line]
                assert [word for line in trace for word in line.split() if word.endswith(b"MTPS")] == [b"ESMTPS", b"LMTPS"]
            assert "Verified TLS connection established to 127.0.0.1" in servers.postfix.log()
            assert "next_hop.tls-failed" not in servers.relay.log()


@pytest.mark.usefixtures("needs_postfix")
async def test_a_next_hop_that_shows_a_strangers_certificate_gets_nothing() -> None:
    """Mail waits in the Postfix in front; when the right certificate is back it goes out once."""
    with open_folder("tls") as folder:
        authority = Authority(folder)
        pem = authority.issue("localhost")
        good = pem.read_bytes()
        authority.issue("elsewhere.example", file=pem.name)
        async with bench(front=True, behind=True, overrides=verifying(authority), tls=PostfixTls(own=pem)) as servers:
            await hand_over(servers.postfix.ports.submission, SENDER, [INSIDE], disclosing(3, 0))
            assert await eventually(servers.postfix.deferred)
            assert servers.sink.messages == []
            assert "hostname mismatch" in servers.relay.log()
            pem.write_bytes(good)
            await asyncio.to_thread(servers.postfix.reload)
            assert await asyncio.to_thread(servers.postfix.flushed), servers.relay.log()
            assert servers.reached() == [INSIDE]


class Client:
    """A client that shares no code with ours: smtplib, encrypted."""

    def __init__(self, port: int, authority: Authority) -> None:
        context = ssl.create_default_context(cafile=str(authority.file))
        context.check_hostname = False  # it connects to 127.0.0.1
        self.smtp = smtplib.SMTP("127.0.0.1", port, timeout=20)
        self.smtp.starttls(context=context)
        assert isinstance(self.smtp.sock, ssl.SSLSocket)
        self.shown = self.smtp.sock.getpeercert(binary_form=True)

    def send(self) -> None:
        assert self.smtp.sendmail(SENDER, [INSIDE], disclosing(4, 0)) == {}


async def test_a_certificate_is_replaced_on_hangup_and_a_bad_one_is_not_taken() -> None:
    with open_folder("tls") as folder:
        authority = Authority(folder)
        pem = authority.issue(RELAY, file="relay.pem")
        async with bench(overrides=listening(pem), receivers=2) as servers:

            async def connect() -> Client:
                return await asyncio.to_thread(Client, servers.relay.ports.smtp, authority)

            async def replaced(event: str) -> None:
                os.kill(servers.relay.pid, signal.SIGHUP)
                assert await eventually(lambda: servers.relay.log().count(f'"event": "{event}"') == 2), servers.relay.log()

            first = await connect()
            authority.issue(RELAY, file=pem.name)
            await replaced("tls.loaded")
            second = await connect()
            pem.write_text("no certificate")
            await replaced("tls.refused")
            third = await connect()
            assert first.shown != second.shown == third.shown
            for client in (first, second, third):
                await asyncio.to_thread(client.send)
                await asyncio.to_thread(client.smtp.quit)
            assert servers.reached() == [INSIDE] * 3
