"""Smuggling, end to end: whatever looks like an end of data to somebody, one transaction goes in and at most one comes out.

Each way through real processes (S001-S013) is a table: variant -> what became of the message. The wire to the next hop is
tapped below any SMTP, so it is shown to hold no bare CR or LF even for a next hop that takes one for a line end.
"""

from __future__ import annotations

import asyncio

import pytest

from dlp.sink import Delivered
from tests.e2e.bench import Bench, bench, eventually
from tests.e2e.client import Peer, connected
from tests.generate.messages import invented_id

pytestmark = pytest.mark.servers

SENDER = "a.mori@campus.example"
READER = "b.okafor@campus.example"
OUTSIDE = "c.lindt@elsewhere.example"
VICTIM = "victim@campus.example"
SMUGGLED = (
    b"MAIL FROM:<evil@campus.example>\r\nRCPT TO:<victim@campus.example>\r\nDATA\r\nSubject: smuggled\r\n\r\nsmuggled text"
)

# What stands between the text and the smuggled commands.
BARE = {
    "lf-dot-lf": b"\n.\n",
    "lf-dot-crlf": b"\n.\r\n",
    "lf-dot-cr": b"\n.\r",
    "cr-dot-cr": b"\r.\r",
    "cr-dot-lf": b"\r.\n",
    "cr-dot-crlf": b"\r.\r\n",
    "crlf-dot-lf": b"\r\n.\n",
    "crlf-dot-cr": b"\r\n.\r",
    "crlf-dot-crcrlf": b"\r\n.\r\r\n",
    "crlf-lf-dot-crlf": b"\r\n\n.\r\n",
    "crlf-dot-lfcrlf": b"\r\n.\n\r\n",
    "lfcr-dot-lfcr": b"\n\r.\n\r",
}
NULS = {"nul-before-dot": b"\r\n\0.\r\n", "nul-after-dot": b"\r\n.\0\r\n"}
HARMLESS = {
    "stuffed-dot": b"\r\n..\r\n",
    "dot-space": b"\r\n. \r\n",
    "space-dot": b"\r\n .\r\n",
    "vertical-tab": b"\r\n.\x0b\r\n",
    "next-line": b"\xc2\x85.\xc2\x85",
    "line-separator": b"\xe2\x80\xa8.\xe2\x80\xa8",
    "quoted-printable": b"=0D=0A.=0D=0A",
}
VARIANTS = BARE | NULS | HARMLESS

BARE_CR = {name: variant for name, variant in BARE.items() if b"\r" in variant.replace(b"\r\n", b"")}

ONE, REFUSED = "one message", "refused"
STRICT = dict.fromkeys(BARE | NULS, REFUSED) | dict.fromkeys(HARMLESS, ONE)
LENIENT = dict.fromkeys(VARIANTS, ONE)
RELEASED = ("lf-dot-lf", "lf-dot-crlf", "cr-dot-cr", "crlf-dot-lf", "nul-before-dot", "stuffed-dot", "line-separator")
NORMALISING = ("receive.bare_newlines=normalise", "receive.nul=pass")


def message(name: str, text: bytes = b"text") -> bytes:
    """One message with the variant in it, as it goes over the wire, its true end included."""
    head = f"From: {SENDER}\r\nSubject: {name}\r\nMessage-ID: <{name}@campus.example>\r\nX-Variant: {name}\r\n\r\n".encode()
    return head + text + VARIANTS[name] + SMUGGLED + b"\r\n.\r\n"


async def send(peer: Peer, name: str, recipient: str = READER, text: bytes = b"text") -> str:
    """One transaction, and a sign that the two sides are still in step; its last reply."""
    for line in (f"MAIL FROM:<{SENDER}> BODY=8BITMIME", f"RCPT TO:<{recipient}>"):
        assert (await peer.command(line)).startswith("250"), (name, line)
    assert (await peer.command("DATA")).startswith("354")
    peer.send(message(name, text))
    reply = await peer.reply()
    assert (await peer.command("NOOP")).startswith("250"), (name, "out of step")
    return reply


async def send_all(port: int, *, lmtp: bool = False) -> dict[str, str]:
    async with connected(port, lmtp=lmtp) as peer:
        return {name: await send(peer, name) for name in VARIANTS}


def outcomes(servers: Bench) -> dict[str, str]:
    """What became of each variant; a second message out of one, or mail for the victim, is said as such."""
    arrived: dict[str, str] = dict.fromkeys(VARIANTS, REFUSED)
    for delivery in servers.delivered():
        name = _variant(delivery)
        reached = [recipient.address for recipient in delivery.recipients]
        if arrived[name] != REFUSED or VICTIM in reached or delivery.sender != SENDER or SMUGGLED not in delivery.raw:
            arrived[name] = "smuggled"
        else:
            arrived[name] = ONE
    return arrived


def _variant(delivery: Delivered) -> str:
    found = [line for line in delivery.raw.split(b"\r\n") if line.startswith(b"X-Variant: ")]
    return found[0].split()[1].decode() if found else "no variant of ours"


DIRECT = {
    "lmtp-to-smtp": ("lmtp", "smtp", (), STRICT),
    "smtp-to-smtp": ("smtp", "smtp", (), STRICT),
    "lmtp-to-lmtp": ("lmtp", "lmtp", (), STRICT),
    "normalised-lmtp-to-smtp": ("lmtp", "smtp", NORMALISING, LENIENT),
    "normalised-smtp-to-lmtp": ("smtp", "lmtp", NORMALISING, LENIENT),
}


@pytest.mark.parametrize(("front", "hop", "overrides", "expected"), DIRECT.values(), ids=DIRECT)
async def test_through_the_relay(front: str, hop: str, overrides: tuple[str, ...], expected: dict[str, str]) -> None:
    async with bench(hop=hop, tapped=True, overrides=overrides, receivers=1) as servers:
        replies = await send_all(getattr(servers.relay.ports, front), lmtp=front == "lmtp")
        refused = {name: reply[:10].strip() for name, reply in replies.items() if not reply.startswith("250")}
        assert refused == {name: _refusal(name) for name, outcome in expected.items() if outcome == REFUSED}
        assert outcomes(servers) == expected
        assert servers.tap.bare_newlines() == 0


def _refusal(name: str) -> str:
    return "550 5.6.0" if name in NULS else "550 5.6.11"


@pytest.mark.usefixtures("needs_postfix")
@pytest.mark.parametrize("overrides", [(), NORMALISING], ids=["refused", "normalised"])
async def test_through_the_relay_into_postfix(overrides: tuple[str, ...]) -> None:
    """The Postfix behind us takes LF.CRLF for an end of data, as this version does unless told not to."""
    async with bench(behind=True, tapped=True, overrides=overrides, receivers=1) as servers:
        await send_all(servers.relay.ports.lmtp, lmtp=True)
        assert await asyncio.to_thread(servers.postfix.drained)
        assert outcomes(servers) == (LENIENT if overrides else STRICT)
        assert servers.tap.bare_newlines() == 0


BETWEEN = {
    "after-queue": ("submission", (), LENIENT | dict.fromkeys(NULS, REFUSED)),  # its cleanup replaces a bare CR, too
    "after-queue-normalised": ("submission", NORMALISING, LENIENT),
    "before-queue": ("proxied", (), LENIENT | dict.fromkeys(BARE_CR | NULS, REFUSED)),
    "before-queue-normalised": ("proxied", NORMALISING, LENIENT),
}


@pytest.mark.usefixtures("needs_postfix")
@pytest.mark.parametrize(("front", "overrides", "expected"), BETWEEN.values(), ids=BETWEEN)
async def test_from_postfix_to_postfix(front: str, overrides: tuple[str, ...], expected: dict[str, str]) -> None:
    """A Postfix in front that was told to end data at CRLF.CRLF only (docs/install.md) makes line ends whole itself."""
    async with bench(front=True, behind=True, tapped=True, overrides=overrides, receivers=1) as servers:
        await send_all(getattr(servers.postfix.ports, front))
        assert await asyncio.to_thread(servers.postfix.drained)
        assert outcomes(servers) == expected
        assert servers.tap.bare_newlines() == 0


async def test_a_release_smuggles_nothing() -> None:
    """Held, stored, released: the way out of the store is the same wire. A few variants: each release starts a program."""
    listing = "".join(f"student ID {invented_id(77, n)}\r\n" for n in range(3)).encode()
    async with bench(tapped=True, overrides=NORMALISING, receivers=1) as servers:
        async with connected(servers.relay.ports.lmtp, lmtp=True) as peer:
            for name in RELEASED:
                assert (await send(peer, name, OUTSIDE, listing)).startswith("250")
        assert servers.delivered() == []
        for reference in {str(copy["reference"]) for copy in await servers.held()}:
            await asyncio.to_thread(
                servers.relay.command, "held", "release", reference, "--word-of", "senior", "--reason", "test"
            )
        assert await eventually(lambda: len(servers.delivered()) == len(RELEASED))
        assert {name for name, outcome in outcomes(servers).items() if outcome == ONE} == set(RELEASED)
        assert servers.tap.bare_newlines() == 0


SUBJECTS = {
    "quoted-crlf-dot": "=?utf-8?Q?a=0D=0A.=0D=0AMAIL_FROM:<evil@campus.example>?=",
    "quoted-lf-dot": "=?utf-8?Q?a=0A.=0ARCPT_TO:<victim@campus.example>?=",
    "base64-crlf": "=?utf-8?B?YQ0KLg0KTUFJTCBGUk9NOjxldmlsQGNhbXB1cy5leGFtcGxlPg==?=",
    "line-separator": "=?utf-8?Q?a=E2=80=A8.=E2=80=A8DATA?=",
    "next-line": "=?utf-8?Q?a=C2=85.=C2=85DATA?=",
    "folded-dot": "a\r\n .\r\n .",
}


async def test_a_notice_smuggles_nothing() -> None:
    """A notice repeats nothing of the message, whatever its Subject hides (S024)."""
    async with bench(tapped=True, receivers=1) as servers:
        async with connected(servers.relay.ports.lmtp, lmtp=True) as peer:
            for n, subject in enumerate(SUBJECTS.values()):
                raw = f"From: {SENDER}\r\nSubject: {subject}\r\n\r\nstudent ID {invented_id(78, n)}\r\n".encode()
                assert (await peer.deliver(SENDER, [OUTSIDE], raw))[OUTSIDE].startswith("250")
        assert await eventually(lambda: sum(not delivery.sender for delivery in servers.sink.messages) == len(SUBJECTS))
        notices = [delivery for delivery in servers.sink.messages if not delivery.sender]
        assert {recipient.address for notice in notices for recipient in notice.recipients} == {SENDER}
        assert not any(word in notice.raw for notice in notices for word in (b"MAIL", b"RCPT", b"evil", b"victim"))
        assert servers.tap.bare_newlines() == 0
        assert len(servers.sink.messages) == len(SUBJECTS)
