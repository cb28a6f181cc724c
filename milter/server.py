"""The milter as a server on sockets somebody else has bound: frames in, one answer for each message out.

Takes Unix or TCP sockets, a `Judge` that says what becomes of a message, and MilterOptions; gives a Listener. While the
judge is awaited the MTA is told that the answer is on its way, but not for longer than `patience`; neither its leaving nor a
time-out stops the judge. Whatever goes wrong is answered "try again", never passed; hanging up alone might let mail through.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import socket
import sys
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

from dlp.events import event, failure
from dlp.failpoints import reach
from dlp.receive.data import DataRules
from dlp.receive.service import Peer
from dlp.sockets import BACKLOG
from milter.codec import COMMANDS, Frames, encode
from milter.layouts import Frame
from milter.message import Message
from milter.negotiation import Negotiate, Steps
from milter.replies import Progress, TryAgain
from milter.session import Outcome, Session

_LOG = logging.getLogger("milter.server")
_BLOCK = 1 << 18

Judge = Callable[[Message], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True)
class MilterOptions:
    """How the listener behaves. Times in seconds."""

    rules: DataRules
    trusted: tuple[IPv4Network | IPv6Network, ...]  # a Unix peer is trusted by the mode of the socket's file
    idle: float = 7200.0  # between two frames: an MTA keeps the connection while its client dawdles
    within_frame: float = 60.0
    progress: float = 20.0
    patience: float = 285.0  # for a judge: an MTA that hears of progress would wait for ever, and its client would not
    linger: float = 10.0
    sessions: int = 1000


class Listener:
    """Running servers and their connections."""

    def __init__(self, judge: Judge, options: MilterOptions) -> None:
        self.options = options
        self.stopping = False
        self.connections: dict[asyncio.Task[None], _Connection] = {}
        self._judge = judge
        self._servers: list[asyncio.Server] = []

    async def listen(self, bound: socket.socket) -> None:
        if bound.family != socket.AF_UNIX:
            server = await asyncio.start_server(self._connected, sock=bound, backlog=BACKLOG, limit=_BLOCK)
        elif sys.version_info >= (3, 13):  # it would remove the file the other receivers listen on
            server = await asyncio.start_unix_server(
                self._connected, sock=bound, backlog=BACKLOG, limit=_BLOCK, cleanup_socket=False
            )
        else:
            server = await asyncio.start_unix_server(self._connected, sock=bound, backlog=BACKLOG, limit=_BLOCK)
        self._servers.append(server)

    async def judged(self, session: Session, message: Message) -> tuple[Frame, ...]:
        """The answer to this message, whatever happens: the transaction boundary."""
        try:
            reach("recv.dot")
            outcome = await self._judge(message)
            reach("reply.before")
            return session.settle(outcome)
        except Exception as error:  # noqa: BLE001  the transaction boundary
            self.record(error)
            return session.give_up()

    def record(self, error: Exception) -> None:
        """Log our own fault by class and place. Cannot raise."""
        with contextlib.suppress(Exception):  # a log filter may fail, the answer must not
            failure(_LOG, "error", error, front="milter", error_ref=secrets.token_hex(2).upper())

    async def stop(self, grace: float = 30.0) -> None:
        """Accept no more connections, leave those without a message, and wait for what is being judged."""
        self.stopping = True
        for server in self._servers:
            server.close()
        for connection in self.connections.values():
            connection.dismiss()
        if self.connections:
            await asyncio.wait([*self.connections], timeout=grace)
        late = [*self.connections]
        for task in late:
            task.cancel()
        if late:
            event(_LOG, "stopped_unsettled", level=logging.WARNING, count=len(late))
            await asyncio.wait(late)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        full = len(self.connections) >= self.options.sessions
        connection = _Connection(self, reader, writer, refusing=full or self.stopping)
        self.connections[task] = connection
        try:
            await connection.run()
            writer.close()  # what was said leaves first
            with contextlib.suppress(OSError):  # TimeoutError is one
                async with asyncio.timeout(self.options.linger):
                    await writer.wait_closed()
        finally:
            del self.connections[task]
            writer.transport.abort()


async def start(sockets: Iterable[socket.socket], judge: Judge, options: MilterOptions) -> Listener:
    """Listen on these sockets until `stop`."""
    listener = Listener(judge, options)
    for bound in sockets:
        await listener.listen(bound)
    return listener


class _Connection:
    """One connection of an MTA."""

    def __init__(
        self, listener: Listener, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, refusing: bool
    ) -> None:
        self._listener = listener
        self._options = listener.options
        self._reader = reader
        self._writer = writer
        self._socket: socket.socket = writer.get_extra_info("socket")
        self._local = self._socket.family == socket.AF_UNIX
        self._session = Session(listener.options.rules, refusing=refusing)
        self._frames = Frames(COMMANDS, Steps(0).most_data)
        self._waiting: asyncio.Timeout | None = None

    async def run(self) -> None:
        peer = Peer.of(self._writer.get_extra_info("peername"), local=self._local)
        if not peer.within(self._options.trusted):
            event(_LOG, "connection.refused", level=logging.WARNING, front="milter")
            return
        try:
            await self._converse()
        except TimeoutError:
            if not self._session.between:
                await self._leave()
        except (OSError, EOFError):
            pass
        except asyncio.CancelledError:  # the grace of `stop` is over, and so is this task
            self._say((TryAgain(),))
        except Exception as error:  # noqa: BLE001  the connection loop
            self._listener.record(error)
            await self._leave()
        finally:
            self._session.close()

    def dismiss(self) -> None:
        """Stop waiting for the MTA."""
        if self._waiting is not None:
            with contextlib.suppress(RuntimeError):  # it expired by itself just now
                self._waiting.reschedule(asyncio.get_running_loop().time())

    async def _converse(self) -> None:
        session = self._session
        while block := await self._block():
            for frame in self._frames.feed(block):
                self._say(session.take(frame))
                if isinstance(frame, Negotiate):
                    self._frames.most_data = session.steps.most_data
                if session.message is not None:
                    self._say(await self._judged(session.message))
                    reach("reply.written")
                if session.over:
                    return
            if self._writer.transport.get_write_buffer_size():
                async with asyncio.timeout(self._options.within_frame):
                    await self._writer.drain()

    async def _judged(self, message: Message) -> tuple[Frame, ...]:
        """The answer; until it is there the MTA hears that it will be. An MTA that is gone does not stop the judge."""
        judging = asyncio.create_task(self._listener.judged(self._session, message))
        clock = asyncio.get_running_loop().time
        until = clock() + self._options.patience
        try:
            while not (await asyncio.wait({judging}, timeout=min(self._options.progress, until - clock())))[0]:
                if clock() >= until:
                    return await self._too_late(judging)
                self._say((Progress(),))
        finally:
            judging.cancel()  # only when this connection is: else it has ended
        return self._session.give_up() if judging.cancelled() else judging.result()

    async def _too_late(self, judging: asyncio.Task[tuple[Frame, ...]]) -> tuple[Frame, ...]:
        """Say "try again" and hang up, but stay: the judge has the bytes, and may be writing down what a retry must find."""
        event(_LOG, "message.deferred", level=logging.WARNING, what="deadline", front="milter")
        self._say((TryAgain(),))
        self._writer.close()
        await asyncio.wait({judging})
        self._session.over = True
        return ()

    async def _leave(self) -> None:
        """Say "try again" and read no more than what is under way: hanging up on a writing MTA might lose our answer."""
        self._session.close()
        self._say((TryAgain(),))
        with contextlib.suppress(OSError, EOFError):
            async with asyncio.timeout(self._options.linger):
                self._writer.write_eof()
                while await self._reader.read(_BLOCK):
                    pass

    def _say(self, frames: tuple[Frame, ...]) -> None:
        if frames:
            self._writer.write(b"".join(map(encode, frames)))

    async def _block(self) -> bytes:
        """The next bytes; none when the MTA has left. Raises TimeoutError when they do not come."""
        options = self._options
        now = asyncio.get_running_loop().time()
        patience = options.within_frame if self._frames.begun else options.idle
        try:
            async with asyncio.timeout_at(now if self._listener.stopping else now + patience) as self._waiting:
                block = await self._reader.read(_BLOCK)
        finally:
            self._waiting = None
        if not self._local:
            # An MTA that expects no answer sends on only after ours: without this 40 ms a message (RFC 1122 4.2.3.2).
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        return block
