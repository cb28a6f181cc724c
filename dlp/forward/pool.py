"""The pool: at most `limit` connections to one next hop, lent out first come first served.

Takes a Hop, our own name and the limits; gives sessions. An idle connection is closed after `idle` seconds, one in
doubt is never lent again. When the next hop cannot be reached, greets us badly or is full: Interrupted, so 451. So is
TLS that fails where it is required; where it is not, mail goes in clear text for a while, and the log says so once.
With a breaker, a hop that keeps failing is left alone for a while.
"""

from __future__ import annotations

import asyncio
import logging
import ssl

from dlp.breakers import Breaker
from dlp.events import event
from dlp.failpoints import reach
from dlp.forward.answers import Interrupted
from dlp.forward.esmtp import Announcement, read_announcement
from dlp.forward.hop import Hop, Timeouts
from dlp.forward.session import NextHopSession
from dlp.forward.tls import Tls, TlsFailed
from dlp.forward.wire import Wire
from dlp.intake import Features

_LOG = logging.getLogger("dlp.forward")
_QUIET = 60.0  # seconds after a failed handshake: the next is told then, and clear text is used without trying


class Forwarder:
    """One next hop's connections within one event loop."""

    def __init__(
        self,
        hop: Hop,
        *,
        helo: str,
        tls: Tls | None = None,
        limit: int = 20,
        idle: float = 60,
        timeouts: Timeouts | None = None,
        breaker: Breaker | None = None,
    ) -> None:
        self.hop = hop
        self._tls = tls if tls and not hop.path else Tls()  # nobody listens in on a Unix socket
        self._quiet_until = 0.0
        self.tls_failure = ""  # why the last handshake failed
        self.timeouts = timeouts or Timeouts()
        self._hello = f"{'LHLO' if hop.lmtp else 'EHLO'} {helo}".encode("ascii")
        self._idle_seconds = idle
        self._places = asyncio.Semaphore(limit)  # wakes waiters in order
        self._idle: dict[Wire, asyncio.TimerHandle] = {}
        self.newest: Wire | None = None  # the last connection that was greeted
        self._closed = False
        self._breaker = breaker

    async def features(self) -> Features:
        """What the next hop announced on the newest connection; asks it when there has been none yet."""
        if self.newest is None:
            session = await self.acquire()
            await session.release()
        assert self.newest is not None
        return self.newest.announcement.features

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
        if self._breaker is None:
            return await self._connected()
        clock = asyncio.get_running_loop().time
        if not self._breaker.allows(clock()):
            raise Interrupted("refused")
        try:
            wire = await self._connected()
        except Interrupted:
            self._breaker.note(clock(), worked=False)
            raise
        self._breaker.note(clock(), worked=True)
        return wire

    async def _connected(self) -> Wire:
        try:
            self.newest = await self._greeted(Tls() if self._quiet and not self._tls.required else self._tls)
        except TlsFailed as failed:
            self._tell(failed)
            if self._tls.required:
                raise
            self.newest = await self._greeted(Tls())
        return self.newest

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

    async def _greeted(self, tls: Tls) -> Wire:
        wire = await self._open()
        try:
            wire.expect_greeting()
            greeting = await wire.answer(self.timeouts.greeting)
            if greeting.code != 220:
                raise Interrupted("refused")
            announcement = await self._announced(wire)
            if tls.context is not None and announcement.starttls:
                announcement = await self._encrypted(wire, tls.context)
            elif tls.required:
                raise TlsFailed("STARTTLS is not announced")
        except BaseException:  # cancelled as well: nobody else would close it
            wire.abort()
            raise
        wire.announcement = announcement
        return wire

    async def _announced(self, wire: Wire) -> Announcement:
        (hello,) = await wire.ask([self._hello], self.timeouts.hello)
        if hello.code != 250:
            raise Interrupted("refused")
        return read_announcement(hello.lines)

    async def _encrypted(self, wire: Wire, context: ssl.SSLContext) -> Announcement:
        """What the hop announces after the handshake, which alone counts (RFC 3207 4.2). Raises TlsFailed."""
        try:
            await wire.start_tls(context, self.hop.host, self.timeouts.tls)
            return await self._announced(wire)  # with TLS 1.3 a server that refuses our handshake says so only now
        except TlsFailed:
            raise
        except Interrupted:
            raise TlsFailed("the hop breaks off at STARTTLS") from None

    @property
    def _quiet(self) -> bool:
        return asyncio.get_running_loop().time() < self._quiet_until

    def _tell(self, failed: TlsFailed) -> None:
        if self._quiet:
            return
        self._quiet_until = asyncio.get_running_loop().time() + _QUIET
        self.tls_failure = failed.what
        level = logging.ERROR if self._tls.required else logging.WARNING
        outcome = "mail waits" if self._tls.required else "mail goes there in clear text"
        event(_LOG, "next_hop.tls-failed", level=level, what=failed.what, result=outcome)

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
