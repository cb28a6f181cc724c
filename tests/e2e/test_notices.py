"""A thousand canaries through the real filter, and none of them in anything a sender gets; how soon that comes."""

from __future__ import annotations

import asyncio
import email
import json
import random
import time
from collections import Counter
from dataclasses import dataclass
from email.message import Message

import pytest

from dlp.sink import Delivered
from tests.e2e.bench import Bench, bench, eventually, reference
from tests.e2e.client import connected
from tests.generate.messages import LISTED_WORD

pytestmark = pytest.mark.servers

SENDERS, EACH = 25, 8  # below ten an hour for each
DENIED = 12
INSIDE, OUTSIDE = "reader@campus.example", "guest@elsewhere.example"
KINDS = ("warn", "rewrite", "hold", "split", "list", "file")


@dataclass(frozen=True, slots=True)
class Planted:
    """A message and what of it may be in no letter."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    canaries: tuple[str, ...]


def planted(dice: random.Random, serial: int) -> Planted:
    kind = KINDS[serial % len(KINDS)]
    word, name, text = (f"zq{dice.randrange(16**8):08x}{what}" for what in ("subject", "name", "text"))
    file = f"zq{dice.randrange(16**8):08x}file"
    number = f"9{dice.randrange(10**8):08d}"
    ids = [number] + [f"9{dice.randrange(10**8):08d}" for _ in range(4 if kind == "list" else 0)]
    subject = f"{LISTED_WORD} {word}" if kind == "rewrite" else word
    lines = [f"Hello {name},", "", *(f"student ID {each} has a grade of C." for each in ids), f"{text}", ""]
    head = [
        f"From: {name} <sender{serial % SENDERS}@campus.example>",
        f"Subject: {subject}",
        "MIME-Version: 1.0",
        "Content-Type: multipart/mixed; boundary=b",
        f"Message-ID: <note{serial}@campus.example>",
        "",
        "--b",
        "Content-Type: text/plain",
        "",
    ]
    attached = ["--b", f"Content-Type: text/plain; name={file}.txt", "", f"{text} {number}"] if kind == "file" else []
    raw = "\r\n".join([*head, *lines, *attached, "--b--", ""]).encode()
    recipients = {"warn": (INSIDE,), "rewrite": (INSIDE,), "split": (INSIDE, OUTSIDE)}.get(kind, (OUTSIDE,))
    return Planted(f"sender{serial % SENDERS}@campus.example", recipients, raw, (word, name, text, file, *ids))


@pytest.mark.timeout(400)
async def test_a_thousand_canaries_and_none_in_what_senders_get() -> None:
    dice = random.Random(12)
    messages = [planted(dice, serial) for serial in range(SENDERS * EACH)]
    canaries = {canary for each in messages for canary in each.canaries}
    assert len(canaries) >= 1000
    async with bench() as servers:
        decided: dict[str, float] = {}  # our reference -> when the 250 came
        seen: dict[str, float] = {}  # -> when the notice was at the sink
        watching = asyncio.create_task(watch(servers, seen))
        async with connected(servers.relay.ports.smtp, lmtp=False) as peer:
            for each in messages:
                reply = next(iter((await peer.deliver(each.sender, each.recipients, each.raw)).values()))
                assert reply.startswith("250")
                decided[reference(reply)] = time.monotonic()
        assert await eventually(lambda: seen.keys() >= decided.keys(), within=120)
        waits = sorted(seen[ours] - at for ours, at in decided.items())
        assert waits[len(waits) * 95 // 100] <= 60
        held = {str(copy["sender"]): str(copy["reference"]) for copy in await servers.held()}  # one of each sender
        denied = list(held.values())[:DENIED]
        for ours in denied:
            said = await asyncio.to_thread(servers.relay.command, "held", "deny", ours, "--reason", "no", "--json")
            assert all(json.loads(line)["told"] for line in said.splitlines())
        assert await eventually(lambda: len(reports(servers)) == DENIED, within=60)
        watching.cancel()
        whole = b"\n".join(each.raw + b"\n".join(decoded(each.raw)) for each in letters(servers)).decode().lower()
        assert [canary for canary in canaries if canary in whole] == []
        told = Counter(reference(str(email.message_from_bytes(each.raw)["Subject"])) for each in letters(servers))
        assert told == Counter(decided.keys()) + Counter(denied)
        assert {len(each.recipients) for each in letters(servers)} == {1}
    print(f"p95 from the reply to the notice at the hop: {waits[len(waits) * 95 // 100]:.2f} s")


async def watch(servers: Bench, seen: dict[str, float]) -> None:
    """Note when each notice came."""
    looked_at = 0
    while True:
        fresh = servers.sink.messages[looked_at:]
        looked_at += len(fresh)
        for each in fresh:
            if not each.sender:
                seen.setdefault(reference(str(email.message_from_bytes(each.raw)["Subject"])), time.monotonic())
        await asyncio.sleep(0.05)


def letters(servers: Bench) -> list[Delivered]:
    return [each for each in servers.sink.messages if not each.sender]


def reports(servers: Bench) -> list[Delivered]:
    return [each for each in letters(servers) if email.message_from_bytes(each.raw).get_content_type() == "multipart/report"]


def decoded(raw: bytes) -> list[bytes]:
    """The text of every part, with its transfer encoding undone."""
    parts: list[Message] = list(email.message_from_bytes(raw).walk())
    return [part.get_payload(decode=True) or b"" for part in parts if not part.is_multipart()]
