"""A next hop that can be scripted, and a forwarder connected to it, for the length of one test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from dlp.forward import Forwarder, Timeouts, parse_hop
from dlp.sink import Sink

FAST = Timeouts(place=5, connect=5, greeting=0.3, hello=0.3, mail=0.3, rcpt=0.3, data=0.3, block=0.3, dot=0.3, rset=0.3)

Connect = Callable[..., Awaitable[tuple[Sink, Forwarder]]]


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """`sink, forwarder = await connect(script, lmtp=..., where=..., extensions=..., timeouts=..., limit=...)`."""
    async with AsyncExitStack() as stack:

        async def start(script=None, *, limit=20, idle=60.0, timeouts=None, **sink_options):
            sink = await stack.enter_async_context(Sink(script, **sink_options))
            options = {"limit": limit, "idle": idle, "timeouts": timeouts or Timeouts(place=5)}
            forwarder = Forwarder(parse_hop(sink.hop), helo="filter.campus.example", **options)
            stack.callback(forwarder.close)
            return sink, forwarder

        yield start


@pytest.fixture
def fast() -> Timeouts:
    """Timeouts short enough to wait for."""
    return FAST
