"""A reading child is killed, stalled or at its limits behind a running relay: its own message is held, no other is touched.

One tree takes every end in turn. A child is stopped while it reads, so what others send meanwhile is sent meanwhile on any
machine; then it is killed, or left alone until the reader server has waited long enough.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pytest

from tests.e2e.bench import Bench, bench, eventually
from tests.e2e.client import hand_over
from tests.evasion.groups.files import attached, zipped
from tests.evasion.planted import alone
from tests.rigs import tree

pytestmark = pytest.mark.servers

SENDER, OUTSIDE = "a.mori@campus.example", "c.lindt@elsewhere.example"
PLAIN = b"Subject: lunch\r\n\r\nShall we?\r\n"
LIMITS = {
    "child_memory": 128 << 20,
    "child_seconds": 5,
    "files_cpu": 2,
    "expanded": 1 << 30,
    "unfolds": 1_000_000,
    "cells": 1_000_000_000,
    "text": 1 << 30,
}
NEIGHBOURS = 5
GROWN = 20 << 20


@dataclass(frozen=True, slots=True)
class End:
    """What is attached; what is sent to the child that reads it; why the message is held then."""

    file: bytes
    signals: tuple[signal.Signals, ...]
    status: str
    why: str


SLOW = zipped(*((f"{number}.xml", b"<?xml version='1.0'?><a>" + b"<b/>" * 50_000 + b"</a>") for number in range(400)))
STOP, KILL, FORBIDDEN, GO_ON = signal.SIGSTOP, signal.SIGKILL, signal.SIGSYS, signal.SIGCONT
ENDS: Mapping[str, End] = MappingProxyType(
    {
        "killed, as where memory is short": End(SLOW, (STOP, KILL), "truncated", "memory"),
        "ended by the jail": End(SLOW, (STOP, FORBIDDEN, GO_ON), "broken", "crashed"),
        "stalled": End(SLOW, (STOP,), "truncated", "time"),
        "takes too long": End(SLOW, (), "truncated", "time"),
        "takes too much": End(zipped(("zeros", bytes(256 << 20))), (), "truncated", "memory"),
    }
)
GOOD = alone(attached(zipped(("menu.txt", b"Soup, then fish.")), "menu.zip"))


def sizes(servers: Bench) -> dict[int, int]:
    """Memory of each process of the tree but the children that read."""
    sized = {pid: tree.size(pid) for pid in (servers.relay.pid, *tree.children(servers.relay.pid))}
    return {pid: size.rss for pid, size in sized.items() if size}


async def is_delivered(servers: Bench, raw: bytes, times: int = 1) -> None:
    """At once: it is at the next hop when its sender is answered."""
    before = servers.reached().count(OUTSIDE)
    port = servers.relay.ports.smtp
    replies = await asyncio.gather(*(hand_over(port, SENDER, [OUTSIDE], raw) for _ in range(times)))
    assert {reply[OUTSIDE][:3] for reply in replies} == {"250"}
    assert servers.reached().count(OUTSIDE) == before + times


async def reading_child(servers: Bench) -> int:
    """The one that has computed for a tenth of a second: it has its message by then, and reads."""
    roles = tree.roles(servers.relay.pid, (servers.relay.ports.smtp,))
    (reader,) = (pid for pid, role in roles.items() if role == "reader")
    found: list[int] = []

    def one_has_begun() -> bool:
        found[:] = filter(has_begun, tree.children(reader))
        return bool(found)

    assert await eventually(one_has_begun)
    return found[0]


def has_begun(child: int) -> bool:
    try:
        fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # another one, that has ended
        return False
    return sum(map(int, fields[11:13])) >= os.sysconf("SC_CLK_TCK") // 10  # utime, stime


def readers(number: int) -> list[str]:
    """Whom the message is for that ends its child."""
    return [f"rossi.{number}@elsewhere.example", f"silva.{number}@freemail.example"]


async def test_a_reading_that_ends_early_holds_its_own_message_and_no_other_is_touched() -> None:
    overrides = [f"limits.{key}={value}" for key, value in LIMITS.items()]
    async with bench(receivers=1, overrides=["workers.extractors=2", *overrides]) as servers:
        await is_delivered(servers, PLAIN)
        await is_delivered(servers, GOOD)
        before = sizes(servers)
        expected = {}
        for number, (name, end) in enumerate(ENDS.items()):
            raw = alone(attached(end.file, "file.zip"))
            sending = asyncio.create_task(hand_over(servers.relay.ports.lmtp, SENDER, readers(number), raw, lmtp=True))
            child = await reading_child(servers) if end.signals else 0
            for first in end.signals[:1]:
                os.kill(child, first)
            await is_delivered(servers, PLAIN, NEIGHBOURS)
            assert not end.signals or not sending.done(), name
            for then in end.signals[1:]:
                os.kill(child, then)
            assert {reply[:3] for reply in (await sending).values()} == {"250"}, name
            expected |= dict.fromkeys(readers(number), ([f"unscannable:{end.status}"], {end.why}))
            await is_delivered(servers, GOOD)
        after = sizes(servers)
        assert after.keys() == before.keys()  # nobody died but the children
        assert all(after[pid] <= before[pid] + GROWN for pid in before)
        held = await servers.held()
        assert {copy["recipient"]: (copy["codes"], {part["why"] for part in copy["unread"]}) for copy in held} == expected
        assert set(servers.reached()) == {OUTSIDE}
