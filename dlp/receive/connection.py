"""One connection: aiosmtpd's SMTP protocol with its reading, answering, time-outs and error handling replaced.

Takes a Service; gives subclasses `_obey(verb, argument)` for each command and hangs up with the right farewell. What is
replaced, and why: commands end at CRLF only; no session timer and no half-close cancels a running command, only waiting
for the client is timed; a ConnectionError of the next hop is not taken for the client's; an exception is 451, never 500
with its text; replies to pipelined commands leave in one write; nothing a client sends is logged.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Mapping
from typing import ClassVar, TypeVar

from aiosmtpd.smtp import SMTP, TLSSetupException

from dlp.errors import Unavailable
from dlp.receive import replies
from dlp.receive.replies import Rejection
from dlp.receive.service import Peer, Service
from dlp.receive.stream import BLOCK, LineTooLongError, Stream
from dlp.values import Reply

_T = TypeVar("_T")
_LINGER = 10.0  # seconds a farewell may take to leave
_DROPPED_BLOCKS = 64
_WHILE_IT_TALKS = (replies.TOO_MANY_ERRORS, replies.NO_NEXT_HOP)  # said to a client that may send on


class SessionOver(Exception):  # noqa: N818  an end, not an error
    """The conversation ends, with these last words or with none."""

    def __init__(self, farewell: Reply | None = None) -> None:
        super().__init__()
        self.farewell = farewell


class _NoHooks:
    """aiosmtpd looks for handle_* and auth_* on its handler; ours has none."""

    def __dir__(self) -> tuple[str, ...]:
        return ()


class Connection(SMTP):
    """The protocol of one client. Subclasses add the commands as smtp_* methods."""

    line_length_limit = BLOCK  # aiosmtpd makes this the limit of its StreamReader, nothing else
    _methods: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls._methods = tuple(name for name in dir(cls) if name.startswith("smtp_"))

    def __init__(self, service: Service) -> None:
        self.command_size_limits = {}  # the base class shares one table among all sessions
        options = service.options
        tls = options.tls() if options.tls else None
        super().__init__(_NoHooks(), hostname=options.hostname, tls_context=tls, loop=asyncio.get_running_loop())
        self._service = service
        self._ends_at = self.loop.time() + options.session
        self._waiting: asyncio.Timeout | None = None
        self._unsent = bytearray()
        self._errors = 0
        self._peer = Peer("", "", local=False)
        self._trusted = False
        self._stream: Stream

    def __dir__(self) -> tuple[str, ...]:
        # The base class walks dir(self) for each connection, which is a quarter of a short session's time.
        return self._methods

    # What asyncio calls

    def connection_lost(self, error: Exception | None) -> None:
        """Unlike the base class cancel nothing: the command that runs ends by itself and finds the client gone."""
        super(SMTP, self).connection_lost(error)
        if self._original_transport is not None:
            self._original_transport.close()
        self.transport = None

    def eof_received(self) -> bool:
        """The client will send no more but may still read: what it asked for is done and answered."""
        return bool(super(SMTP, self).eof_received()) and self._tls_protocol is None

    def dismiss(self) -> None:
        if self._waiting is not None:
            with contextlib.suppress(RuntimeError):  # it expired by itself just now
                self._waiting.reschedule(self.loop.time())

    # What the base class calls

    def _reset_timeout(self, duration: float | None = None) -> None:
        """Nothing: the base class would time our own work with the client's silence. `_within` times what it may."""

    async def push(self, status: Reply | str) -> None:  # type: ignore[override]  # the base class pushes str only, too
        """Answer. Replies wait until the commands already here are done (RFC 2920 3.2)."""
        self._unsent += str(status).encode("ascii", "replace") + b"\r\n"
        if not self._stream.has_line:
            await self._flush()

    async def handle_exception(self, error: Exception) -> str:
        return str(replies.unjudged(self._service.record(error)))

    async def _handle_client(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        transport = self._writer.transport
        transport.max_size = BLOCK  # type: ignore[attr-defined]  # bytes read at once; asyncio's 256 KiB times hundreds of clients
        self._stream = Stream(self._reader)
        local = transport.get_extra_info("socket").family == socket.AF_UNIX
        self._peer = Peer.of(transport.get_extra_info("peername"), local=local)
        self._trusted = self._peer.within(self._service.options.trusted)
        with self._service.place(self, self._peer, task) as admitted:
            try:
                farewell = await self._converse() if admitted else replies.TOO_MANY_SESSIONS
                await self._end_transaction()
                await self._hang_up(farewell)
            finally:
                await self._end_transaction()  # when cancelled
                self._writer.transport.abort()

    # What subclasses give and use

    async def _obey(self, verb: str, argument: str) -> None:
        raise NotImplementedError

    async def _end_transaction(self) -> None:
        raise NotImplementedError

    def _facts(self) -> Mapping[str, object]:
        raise NotImplementedError

    async def _block(self) -> bytes:
        """The next bytes of a message."""
        return await self._within(self._stream.block())

    # The conversation

    async def _converse(self) -> Reply | None:
        try:
            await self.push(f"220 {self.hostname} {'LMTP' if self._service.options.lmtp else 'ESMTP'}")
            while True:
                await self._turn()
        except SessionOver as over:
            return over.farewell

    async def _turn(self) -> None:
        """One command and its answer."""
        try:
            verb, argument = self._parsed(await self._line())
            await self._obey(verb, argument)
        except SessionOver:
            raise
        except TLSSetupException:
            self.connection_lost(None)  # asyncio tells only protocols whose handshake was completed
            raise SessionOver from None
        except Rejection as rejection:
            await self._reject(rejection.reply)
        except Unavailable as error:
            await self.push(self._service.deferred(error, self._facts()))
        except Exception as error:  # noqa: BLE001  the connection loop
            await self.push(await self.handle_exception(error))

    async def _reject(self, reply: Reply) -> None:
        await self.push(reply)
        self._errors += 1
        if self._errors >= self._service.options.errors:
            raise SessionOver(replies.TOO_MANY_ERRORS)

    async def _line(self) -> bytes:
        if self._service.stopping:
            raise SessionOver(replies.STOPPING)
        try:
            return await self._within(self._stream.line())
        except LineTooLongError:
            raise SessionOver(replies.LINE_TOO_LONG) from None

    def _parsed(self, line: bytes) -> tuple[str, str]:
        """The verb in upper case and the argument without spaces around it."""
        if len(line) > self._service.options.command_line:
            raise Rejection(replies.LINE_TOO_LONG)
        if not line.endswith(b"\r\n") or b"\r" in line[:-2] or b"\0" in line:
            raise Rejection(replies.NOT_CRLF)
        try:
            verb, _, argument = line[:-2].decode().partition(" ")
        except UnicodeDecodeError:
            raise Rejection(replies.NOT_TEXT) from None
        return verb.upper(), argument.strip(" ")

    async def _flush(self) -> None:
        self._writer.write(bytes(self._unsent))
        self._unsent.clear()
        await self._within(self._writer.drain())

    async def _within(self, waiting: Awaitable[_T]) -> _T:
        """Wait for the client, as long as it may keep us waiting. Raises SessionOver when it does not come or is gone."""
        now = self.loop.time()
        until = now if self._service.stopping else min(now + self._service.options.idle, self._ends_at)
        try:
            async with asyncio.timeout_at(until) as self._waiting:
                return await waiting
        except TimeoutError:
            raise SessionOver(replies.STOPPING if self._service.stopping else replies.TIMED_OUT) from None
        except (OSError, EOFError):
            raise SessionOver from None
        finally:
            self._waiting = None

    async def _hang_up(self, farewell: Reply | None) -> None:
        """Say the last words and close; a client that does not read them is cut off."""
        if farewell is not None:
            self._unsent += f"{farewell}\r\n".encode("ascii")
        self._writer.write(bytes(self._unsent))
        with contextlib.suppress(OSError):  # TimeoutError is one
            async with asyncio.timeout(_LINGER):
                if farewell is not None and (farewell.permanent or farewell in _WHILE_IT_TALKS or self._stream.has_line):
                    await self._drop_input()
                self._writer.close()
                await self._writer.wait_closed()

    async def _drop_input(self) -> None:
        """To close with input unread is a reset, which may overtake replies: a 5xx becomes a retry, a 250 a second copy."""
        if self._writer.can_write_eof():
            self._writer.write_eof()
        with contextlib.suppress(EOFError):
            for _ in range(_DROPPED_BLOCKS):
                await self._stream.block()
