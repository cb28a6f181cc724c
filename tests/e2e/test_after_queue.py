"""Postfix hands accepted mail to the relay over LMTP and gets it back, or the sink gets it: nothing lost, nothing doubled."""

from __future__ import annotations

import asyncio

import pytest

from tests.e2e.bench import Bench, below_trace, bench, body, eventually, reference
from tests.e2e.client import hand_over
from tests.generate.messages import LISTED_WORD, disclosing

pytestmark = [pytest.mark.servers, pytest.mark.usefixtures("needs_postfix")]

SENDER = "a.mori@campus.example"
INSIDE = "b.okafor@campus.example"
OUTSIDE = "c.lindt@elsewhere.example"


async def submit(servers: Bench, recipients: list[str], raw: bytes, *parameters: str) -> None:
    """Hand a message to Postfix's submission listener, which must take it."""
    replies = await hand_over(servers.postfix.ports.submission, SENDER, recipients, raw, *parameters)
    assert {reply[:3] for reply in replies.values()} == {"250"}


async def settled(servers: Bench) -> None:
    """Wait until Postfix has nothing left to do."""
    assert await asyncio.to_thread(servers.postfix.drained), servers.postfix.log()


async def test_pass_comes_out_once_with_its_body_unchanged() -> None:
    raw = disclosing(1, 0)
    async with bench(front=True, behind=True) as servers:
        await submit(servers, [INSIDE, OUTSIDE], raw)
        await settled(servers)
        assert servers.reached() == [INSIDE, OUTSIDE]
        assert {body(delivery.raw) for delivery in servers.delivered()} == {body(raw)}
        assert await servers.held() == []


async def test_warned_mail_is_delivered_unchanged() -> None:
    raw = disclosing(2, 1)
    async with bench(front=True, behind=True) as servers:
        await submit(servers, [INSIDE], raw)
        await settled(servers)
        assert servers.reached() == [INSIDE]
        assert body(servers.delivered()[0].raw) == body(raw)


@pytest.mark.parametrize(
    ("recipient", "ids", "release"),
    [
        pytest.param(INSIDE, 3, "sender", id="inside-batch"),
        pytest.param(OUTSIDE, 1, "officer", id="outside-one"),
        pytest.param(OUTSIDE, 3, "senior", id="outside-listing"),
    ],
)
async def test_held_mail_leaves_the_queue_and_reaches_nobody(recipient: str, ids: int, release: str) -> None:
    async with bench(front=True, behind=True) as servers:
        await submit(servers, [recipient], disclosing(3, ids))
        await settled(servers)
        (copy,) = await servers.held()
        assert (copy["recipient"], copy["release"]) == (recipient, release)
        assert servers.delivered() == []


async def test_rewrite_changes_the_subject_and_nothing_else() -> None:
    raw = disclosing(4, 1, subject=f"Your {LISTED_WORD} for Thursday")
    async with bench(front=True) as servers:
        await submit(servers, [INSIDE], raw)
        await settled(servers)
        (delivery,) = servers.delivered()
        _, received = below_trace(delivery.raw)
        before, after = (text.splitlines() for text in (raw, received[received.index(b"From: ") :]))
        changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
        assert [old for old, _ in changed] == [f"Subject: Your {LISTED_WORD} for Thursday".encode()]
        assert LISTED_WORD.encode() not in changed[0][1]
        assert changed[0][1].startswith(b"Subject: Your ")


async def test_split_delivers_inside_and_holds_outside() -> None:
    async with bench(front=True, behind=True) as servers:
        await submit(servers, [INSIDE, OUTSIDE], disclosing(5, 1))
        await settled(servers)
        assert servers.reached() == [INSIDE]
        assert await servers.held_for() == [OUTSIDE]


async def test_120_recipients_travel_in_three_chunks_under_one_reference() -> None:
    """Postfix splits at 50; every chunk is judged and every recipient is delivered or held exactly once."""
    inside = [f"reader{n:03d}@campus.example" for n in range(110)]
    outside = [f"guest{n:03d}@elsewhere.example" for n in range(10)]  # fewer than the smallest chunk, so each delivers
    async with bench(front=True) as servers:
        await submit(servers, inside[:60] + outside + inside[60:], disclosing(6, 1))
        await settled(servers)
        assert servers.reached() == inside
        assert await servers.held_for() == outside
        assert len(servers.delivered()) == 3
        assert all(len(delivery.recipients) <= 50 for delivery in servers.delivered())
        upstream_ids = {each for delivery in servers.delivered() for each in delivery.xforward if each.startswith("IDENT=")}
        assert len(upstream_ids) == 1
        references = {reference(below_trace(delivery.raw)[0].decode()) for delivery in servers.delivered()}
        references |= {str(copy["reference"]) for copy in await servers.held()}
        assert len(references) == 1
        assert "" not in references


@pytest.mark.parametrize(("hop", "step"), [("smtp", "RCPT"), ("lmtp", "RCPT"), ("lmtp", "DOT")])
async def test_one_of_three_put_off_is_retried_alone(hop: str, step: str) -> None:
    """The next hop puts off one recipient, at RCPT or after the data: the other two get the message once."""
    readers = [f"reader{n}@campus.example" for n in range(3)]
    late = readers[1]
    async with bench(front=True, hop=hop) as servers:
        servers.sink.play({f"{step} {late}": "451 4.2.0 mailbox busy"})
        await submit(servers, readers, disclosing(7, 1))
        assert await eventually(lambda: servers.reached() == [readers[0], readers[2]] and servers.postfix.deferred())
        servers.sink.play({})
        servers.postfix.flush()
        await settled(servers)
        assert servers.reached() == readers


async def test_next_hop_down_and_back_delivers_later_and_once() -> None:
    """While the next hop is away Postfix keeps the message; after its return the split is done once."""
    async with bench(front=True) as servers:
        await servers.sink.close()
        await submit(servers, [INSIDE, OUTSIDE], disclosing(8, 1))
        assert await eventually(servers.postfix.deferred)
        await servers.sink.start()
        servers.postfix.flush()
        await settled(servers)
        assert servers.reached() == [INSIDE]
        assert await servers.held_for() == [OUTSIDE]


async def test_next_hop_down_puts_off_mail_that_needs_an_extension() -> None:
    """Postfix returns SMTPUTF8 mail for good to a server that answers LHLO without it: while we do not know, we must not."""
    raw = disclosing(10, 0, subject="Über Größe")
    async with bench(front=True) as servers:
        await servers.sink.close()
        await submit(servers, [INSIDE], raw, "SMTPUTF8", "BODY=8BITMIME")
        assert await eventually(servers.postfix.deferred)
        await servers.sink.start()
        servers.postfix.flush()
        await settled(servers)
        assert servers.reached() == [INSIDE]
        assert "Über Größe".encode() in servers.delivered()[0].raw


async def test_relay_down_and_back_delivers_later_and_once() -> None:
    async with bench(front=True, behind=True) as servers:
        await asyncio.to_thread(servers.relay.stop)
        await submit(servers, [INSIDE, OUTSIDE], disclosing(9, 1))
        assert await eventually(servers.postfix.deferred)
        assert servers.delivered() == []
        await asyncio.to_thread(servers.relay.start)
        servers.postfix.flush()
        await settled(servers)
        assert servers.reached() == [INSIDE]
        assert await servers.held_for() == [OUTSIDE]
