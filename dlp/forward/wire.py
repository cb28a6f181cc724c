"""One connection to the next hop, in bytes: commands out, answers in, a message dot-stuffed without copying it whole.

Takes command lines and message pieces, gives `Answer`s. Every doubt (lost, late, garbled, bytes nobody asked for) ends
the connection and is raised as Interrupted, so a connection that is still `clean` can be trusted by the pool.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator, Sequence
from typing import cast

from dlp.errors import ProtocolError
from dlp.failpoints import reach
from dlp.forward.answers import Answer, Interrupted, take_answer
from dlp.forward.esmtp import Announcement
from dlp.forward.tls import TlsFailed

BLOCK = 65_536
_BACKLOG = 1_048_576  # unread bytes of pipelined answers; more is a flood
_CRLF = b"\r\n"
_LOOK_AGAIN = 0.01  # seconds

Piece = bytes | memoryview


def stuffed(pieces: Sequence[Piece]) -> Iterator[bytes]:
    """The pieces in blocks, dot-stuffed after CRLF only, end of data included in the last block (RFC 5321 4.5.2)."""
    last = _CRLF  # the two bytes before the next one; data starts at the start of a line
    block = bytearray()
    for piece in pieces:
        view = memoryview(piece)
        for start in range(0, len(view), BLOCK):
            part = last + bytes(view[start : start + BLOCK])
            block += (part.replace(b"\r\n.", b"\r\n..") if b"." in part else part)[2:]
            last = part[-2:]
            if len(block) >= BLOCK:
                yield bytes(block)
                block.clear()
    block += b".\r\n" if last == _CRLF else b"\r\n.\r\n"
    yield bytes(block)


class Wire(asyncio.Protocol):
    """The transport's other end. One user at a time; `announcement` is set once EHLO or LHLO is answered."""

    _transport: asyncio.Transport
    _socket: asyncio.Transport  # below TLS, else the same

    def __init__(self) -> None:
        self.announcement = Announcement()
        self.encrypted = False
        self._inbox = bytearray()
        self._unanswered = 0
        self._closed = False
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    @property
    def clean(self) -> bool:
        """Open, with every command answered and nothing unasked for."""
        return not (self._closed or self._inbox or self._unanswered)

    def expect_greeting(self) -> None:
        """The peer speaks first, once."""
        self._unanswered += 1

    async def start_tls(self, context: ssl.SSLContext, host: str, seconds: float) -> None:
        """STARTTLS and the handshake, `host` being who must answer (RFC 3207). Raises TlsFailed."""
        (answer,) = await self.ask([b"STARTTLS"], seconds)
        if answer.code != 220:
            raise TlsFailed(f"STARTTLS is answered {answer.code}")
        if self._inbox:
            raise TlsFailed("more than the answer to STARTTLS came in clear text")
        loop = asyncio.get_running_loop()
        try:
            encrypted = await loop.start_tls(
                self._transport, self, context, server_hostname=host, ssl_handshake_timeout=seconds
            )
        except OSError as error:
            raise TlsFailed.because(error) from None
        if encrypted is None:
            raise TlsFailed("the hop hung up")
        self._transport = encrypted
        self._transport.set_write_buffer_limits(high=1, low=0)  # asyncio's TLS pauses at `high` already
        self.encrypted = True

    async def ask(self, lines: Sequence[bytes], seconds: float, needed: int = 1) -> list[Answer]:
        """Send commands in one write where the peer pipelines (RFC 2920), and give one answer for each.

        Without pipelining one of the first `needed` that is refused is the last one sent: MAIL before its RCPTs.
        """
        if self.announcement.pipelining:
            self._send(b"\r\n".join([*lines, b""]), len(lines))
            return [await self.answer(seconds) for _ in lines]
        answers: list[Answer] = []
        for line in lines:
            self._send(line + _CRLF, 1)
            answers.append(await self.answer(seconds))
            if len(answers) <= needed and answers[-1].code >= 400:
                break
        return answers

    async def answer(self, seconds: float) -> Answer:
        """The next answer, whole, within `seconds` however slowly it drips."""
        try:
            async with asyncio.timeout(seconds):
                while (answer := take_answer(self._inbox)) is None:
                    if self._closed:
                        raise Interrupted("closed")
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            self.abort()
            raise Interrupted("timeout") from None
        except ProtocolError:
            self.abort()
            raise Interrupted("garbage") from None
        self._unanswered -= 1
        return answer

    async def send_message(self, pieces: Sequence[Piece], answers: int, seconds: float, until: float) -> None:
        """Send a message and its final dot, `seconds` for each block; Interrupted while the dot has not been sent.

        When this returns the kernel has the dot; at `until`, in the loop's time, it had it or never gets it.
        """
        self._unanswered += answers
        blocks = stuffed(pieces)
        block = next(blocks)
        for following in blocks:
            await self._wait_for_room(seconds)
            self._transport.write(block)
            block = following
        await self._wait_for_room(seconds)
        self.pass_point("forward.body")
        if asyncio.get_running_loop().time() >= until:
            self.abort()
            raise Interrupted("late")
        self._transport.write(block)
        await self._written(min(seconds, until - asyncio.get_running_loop().time()), all_of_it=True)

    def pass_point(self, name: str) -> None:
        """A failpoint of the conversation: what it raises is a lost connection."""
        try:
            reach(name)
        except OSError:
            self.abort()
            raise Interrupted("closed") from None

    def quit(self) -> None:
        """Leave politely without waiting; nothing depends on the answer."""
        if not self._closed:
            self._transport.write(b"QUIT\r\n")
            self._transport.close()
            self._closed = True

    def abort(self) -> None:
        """Leave at once: what was not sent is not sent any more."""
        self._closed = True
        self._transport.abort()

    def _send(self, data: bytes, answers: int) -> None:
        if self._closed or (self._inbox and not self._unanswered):
            self.abort()
            raise Interrupted("closed")  # bytes nobody asked for are a 421 and the end, as a rule
        self._unanswered += answers
        self._transport.write(data)

    async def _written(self, seconds: float, *, all_of_it: bool = False) -> None:
        """Until the kernel has what was written, over TLS all but the last records; what it has not got then, it never gets."""
        try:
            async with asyncio.timeout(seconds):
                await self._room.wait()
                while all_of_it and self._socket.get_write_buffer_size():  # noqa: ASYNC110  over TLS nobody tells
                    await asyncio.sleep(_LOOK_AGAIN)
        except TimeoutError:
            self.abort()
            raise Interrupted("timeout") from None

    async def _wait_for_room(self, seconds: float) -> None:
        await self._written(seconds)
        if self._closed or self._inbox:
            self.abort()  # an answer before the dot is no answer to the message
            raise Interrupted("closed")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._socket = self._transport
        self._socket.set_write_buffer_limits(0)  # room is when the kernel has everything

    def data_received(self, data: bytes) -> None:
        self._inbox += data
        if len(self._inbox) > _BACKLOG:
            self.abort()
        self._news.set()

    def connection_lost(self, _error: Exception | None) -> None:
        self._closed = True
        self._news.set()
        self._room.set()

    def eof_received(self) -> None:
        self._closed = True
        self._news.set()

    def pause_writing(self) -> None:
        self._room.clear()

    def resume_writing(self) -> None:
        self._room.set()
