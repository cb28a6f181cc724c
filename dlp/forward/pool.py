"""The pool: at most `limit` connections to one next hop, lent out first come first served.

Takes a Hop, our own name and the limits; gives sessions. An idle connection is closed after `idle` seconds, one in
doubt is never lent again. When the next hop cannot be reached, greets us badly or is full: Interrupted, so 451.
"""

from __future__ import annotations

import asyncio

from dlp.failpoints import reach
from dlp.forward.answers import Interrupted
from dlp.forward.esmtp import read_announcement
from dlp.forward.hop import Hop, Timeouts
from dlp.forward.session import NextHopSession
from dlp.forward.wire import Wire
from dlp.intake import Features


class Forwarder:
    """One next hop's connections within one event loop."""

    def __init__(self, hop: Hop, *, helo: str, limit: int = 20, idle: float = 60, timeouts: Timeouts | None = None) -> None:
        self.hop = hop
        self.timeouts = timeouts or Timeouts()
        self._hello = f"{'LHLO' if hop.lmtp else 'EHLO'} {helo}".encode("ascii")
        self._idle_seconds = idle
        self._places = asyncio.Semaphore(limit)  # wakes waiters in order
        self._idle: dict[Wire, asyncio.TimerHandle] = {}
        self._features: Features | None = None
        self._closed = False

    async def features(self) -> Features:
        """What the next hop announced on the newest connection; asks it when there has been none yet."""
        if self._features is None:
            session = await self.acquire()
            await session.release()
        assert self._features is not None
        return self._features

    async def acquire(self) -> NextHopSession:
        """A session on an idle or a new connection; waits up to `timeouts.place` for a free place."""
        try:
            async with asyncio.timeout(self.timeouts.place):
                await self._places.acquire()
        except TimeoutError:
            raise Interrupted("full") from None
        try:
            wire = self._take_idle() or await self.connect()
        except BaseException:  # cancelled as well: the place must not be lost
            self._places.release()
            raise
        return NextHopSession(self, wire)

    async def connect(self) -> Wire:
        """A new connection, greeted; for a session whose own one has gone. Does not count as another place."""
        if self._closed:
            raise Interrupted("closed")
        wire = await self._open()
        try:
            wire.expect_greeting()
            greeting = await wire.answer(self.timeouts.greeting)
            if greeting.code != 220:
                raise Interrupted("refused")
            (hello,) = await wire.ask([self._hello], self.timeouts.hello)
            if hello.code != 250:
                raise Interrupted("refused")
        except BaseException:  # cancelled as well: nobody else would close it
            wire.abort()
            raise
        wire.announcement = read_announcement(hello.lines)
        self._features = wire.announcement.features
        return wire

    def give_back(self, wire: Wire) -> None:
        """Take a session's connection back; only a clean one is kept."""
        if wire.clean and not self._closed:
            expiry = asyncio.get_running_loop().call_later(self._idle_seconds, self._expire, wire)
            self._idle[wire] = expiry
        else:
            wire.abort()
        self._places.release()

    def close(self) -> None:
        """Close what is idle now and what is in use when it comes back; lend no more."""
        self._closed = True
        for wire in list(self._idle):
            self._expire(wire)

    async def _open(self) -> Wire:
        loop = asyncio.get_running_loop()
        try:
            reach("forward.connect")
            async with asyncio.timeout(self.timeouts.connect):
                if self.hop.path:
                    _, wire = await loop.create_unix_connection(Wire, self.hop.path)
                else:  # sets TCP_NODELAY, as the socket is made with IPPROTO_TCP (performance.md, trap 1)
                    _, wire = await loop.create_connection(Wire, self.hop.host, self.hop.port)
        except OSError:  # TimeoutError and a failed name look-up are such
            raise Interrupted("refused") from None
        return wire

    def _take_idle(self) -> Wire | None:
        while self._idle:
            wire, expiry = self._idle.popitem()  # the newest: the least likely to have been closed by the peer
            expiry.cancel()
            if wire.clean:
                return wire
            wire.abort()
        return None

    def _expire(self, wire: Wire) -> None:
        self._idle.pop(wire).cancel()
        wire.quit()
