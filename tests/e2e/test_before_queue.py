"""Postfix asks the relay over SMTP before it accepts: the client's reply is the relay's, in class."""

from __future__ import annotations

import asyncio

import pytest

from tests.e2e.bench import bench, body
from tests.e2e.client import hand_over
from tests.generate.messages import disclosing

pytestmark = [pytest.mark.servers, pytest.mark.usefixtures("needs_postfix")]

SENDER = "a.mori@campus.example"
INSIDE = "b.okafor@campus.example"
OUTSIDE = "c.lindt@elsewhere.example"

CASES = [
    pytest.param(0, [INSIDE, OUTSIDE], [INSIDE, OUTSIDE], [], id="pass"),
    pytest.param(1, [INSIDE], [INSIDE], [], id="warn"),
    pytest.param(1, [OUTSIDE], [], [OUTSIDE], id="hold"),
    pytest.param(1, [INSIDE, OUTSIDE], [INSIDE], [OUTSIDE], id="split"),
    pytest.param(3, [INSIDE, OUTSIDE], [], [INSIDE, OUTSIDE], id="hold-all"),
]


@pytest.mark.parametrize(("ids", "recipients", "delivered", "held"), CASES)
async def test_accepted_mail_is_delivered_or_held(
    ids: int, recipients: list[str], delivered: list[str], held: list[str]
) -> None:
    raw = disclosing(1, ids)
    async with bench(front=True, behind=True) as servers:
        replies = await hand_over(servers.postfix.ports.proxied, SENDER, recipients, raw)
        assert {reply[:3] for reply in replies.values()} == {"250"}
        assert await asyncio.to_thread(servers.postfix.drained)
        assert servers.reached() == delivered
        assert await servers.held_for() == held
        assert {body(delivery.raw) for delivery in servers.delivered()} <= {body(raw)}


async def test_a_relay_that_is_down_means_try_again() -> None:
    """Nothing is accepted that nobody judged: the client hears 451."""
    async with bench(front=True, behind=True) as servers:
        await asyncio.to_thread(servers.relay.stop)
        replies = await hand_over(servers.postfix.ports.proxied, SENDER, [INSIDE], disclosing(2, 0))
        assert replies[INSIDE].startswith("451")
        assert servers.delivered() == []


async def test_a_next_hop_that_is_down_means_try_again() -> None:
    async with bench(front=True) as servers:
        await servers.sink.close()
        replies = await hand_over(servers.postfix.ports.proxied, SENDER, [INSIDE], disclosing(3, 0))
        assert replies[INSIDE].startswith("4")
        await servers.sink.start()
        replies = await hand_over(servers.postfix.ports.proxied, SENDER, [INSIDE], disclosing(3, 0))
        assert replies[INSIDE].startswith("250")
        assert servers.reached() == [INSIDE]
