"""Latency of one message after another over several connections, from connecting to the 250 after the dot.

Takes a port, a message and how many over how many connections; gives seconds, one figure for each message. A reply that is
not what it should be is a ConnectionError: a bench that measures refusals measures nothing.
"""

from __future__ import annotations

import asyncio
import time

from tests.e2e.client import connected

SENDER, RECIPIENT = "ann.mori@campus.example", "ben.okoro@campus.example"


async def latencies(port: int, raw: bytes, *, count: int, connections: int) -> list[float]:
    """`count` messages in all, a new connection for each."""
    taken: list[float] = []

    async def one_after_another() -> None:
        while len(taken) + connections - 1 < count or not taken:
            started = time.perf_counter()
            async with connected(port) as peer:
                replies = await peer.deliver(SENDER, [RECIPIENT], raw)
                if not replies[RECIPIENT].startswith("250"):
                    raise ConnectionError("the message was not taken")
                taken.append(time.perf_counter() - started)

    await asyncio.gather(*(one_after_another() for _ in range(connections)))
    return taken
