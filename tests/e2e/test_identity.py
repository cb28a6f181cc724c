"""What passes is bit-identical from our listening socket to the next hop's, below our one Received field."""

from __future__ import annotations

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.e2e.bench import Bench, below_trace, bench
from tests.e2e.client import connected
from tests.generate.messages import SHAPES, every_shape

pytestmark = pytest.mark.servers

SENDER = "a.mori@campus.example"
INSIDE = "b.okafor@campus.example"
SIGNED_FIELDS = [b"from", b"to", b"subject", b"date", b"message-id"]
UNSIGNABLE = {"odd-header"}  # the signer refuses a space before the colon
CANONICAL = [(b"simple", b"simple"), (b"relaxed", b"simple"), (b"relaxed", b"relaxed"), (b"simple", b"relaxed")]


def as_sent(raw: bytes) -> bytes:
    """A message ends with CRLF on the wire (RFC 5321 4.1.1.4)."""
    return raw if raw.endswith(b"\r\n") else raw + b"\r\n"


async def send_all(servers: Bench, port: int, messages: list[bytes], *, lmtp: bool) -> None:
    """One after another over one connection; each must be accepted."""
    async with connected(port, lmtp=lmtp) as peer:
        for raw in messages:
            replies = await peer.deliver(SENDER, [INSIDE], raw, *(() if raw.isascii() else ("BODY=8BITMIME",)))
            assert replies[INSIDE].startswith("250")


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("front", "hop"), [("lmtp", "smtp"), ("smtp", "smtp"), ("lmtp", "lmtp")])
async def test_a_thousand_messages_arrive_as_they_were_sent(front: str, hop: str) -> None:
    samples = list(every_shape(1_000))
    async with bench(hop=hop) as servers:
        await send_all(servers, getattr(servers.relay.ports, front), [sample.raw for sample in samples], lmtp=front == "lmtp")
        delivered = servers.delivered()
        assert len(delivered) == len(samples)
        differing = [
            sample.shape
            for sample, delivery in zip(samples, delivered, strict=True)
            if below_trace(delivery.raw)[1] != as_sent(sample.raw)
        ]
        assert differing == []
        assert await servers.held() == []


@pytest.mark.timeout(300)
async def test_signatures_made_before_still_verify() -> None:
    """Each shape once in each canonical form, signed by another domain; a message changed by one byte must fail."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    record = b"v=DKIM1; k=rsa; p=" + b"".join(public.splitlines()[1:-1])

    def look_up(name: bytes, timeout: int = 5) -> bytes:
        return record

    signed = [
        dkim.sign(as_sent(sample.raw), b"s1", b"list.example", pem, canonicalize=canonical, include_headers=SIGNED_FIELDS)
        + as_sent(sample.raw)
        for canonical in CANONICAL
        for sample in every_shape(len(SHAPES))
        if sample.shape not in UNSIGNABLE
    ]
    async with bench() as servers:
        await send_all(servers, servers.relay.ports.lmtp, signed, lmtp=True)
        delivered = [delivery.raw for delivery in servers.delivered()]
    assert len(delivered) == len(signed)
    assert all(dkim.verify(raw, dnsfunc=look_up) for raw in delivered)
    assert not dkim.verify(delivered[0].replace(b"Subject: ", b"Subject: x"), dnsfunc=look_up)
