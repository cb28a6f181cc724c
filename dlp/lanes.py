"""Two ways to read a message: at once in this process, or in a child of the reader server.

Takes the raw message, gives its Texts and the name of the lane. Small mail without attachments takes the fast lane;
everything else is read by a child (reader.py). A child that dies, is late or answers nonsense raises Unavailable:
the client tries again, and nothing unread ever counts as clean. No message holds up the conversations of others.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from dlp.errors import ProtocolError, Unavailable
from dlp.mail.reading import read_small
from dlp.mail.wire import decode_texts, largest_answer
from dlp.reader import HEADER
from dlp.values import Limits, Texts

_AT_ONCE = 16_384  # bytes read between two turns of the event loop; a longer message is worth a thread
_BLOCK = 1 << 18


@dataclass(frozen=True, slots=True)
class Lanes:
    """Reads messages. `socket_path` is the reader server's; `patience` seconds cover waiting for a child and reading."""

    limits: Limits
    socket_path: str
    patience: float = 50.0

    async def read(self, raw: bytes | memoryview) -> tuple[Texts, str]:
        """The message's Texts and "fast" or "slow". Raises Unavailable("scan") or Unavailable("deadline")."""
        texts = await self._read_here(raw)
        if texts is not None:
            return texts, "fast"
        try:
            async with asyncio.timeout(self.patience):
                answer = await self._ask(raw)
                return await asyncio.to_thread(decode_texts, answer, size=len(raw)), "slow"
        except TimeoutError:
            raise Unavailable("deadline") from None
        except (OSError, EOFError, ProtocolError):
            raise Unavailable("scan") from None

    async def _read_here(self, raw: bytes | memoryview) -> Texts | None:
        if len(raw) > self.limits.fast_message:
            return None
        if len(raw) <= _AT_ONCE:
            return read_small(raw, self.limits)
        return await asyncio.to_thread(read_small, raw, self.limits)

    async def _ask(self, raw: bytes | memoryview) -> bytearray:
        reader, writer = await asyncio.open_unix_connection(self.socket_path)
        try:
            writer.write(HEADER.pack(len(raw)))
            for at in range(0, len(raw), _BLOCK):
                writer.write(raw[at : at + _BLOCK])
                await writer.drain()
            (size,) = HEADER.unpack(await reader.readexactly(HEADER.size))
            if size > largest_answer(self.limits):
                raise ProtocolError("a reading child's answer is too large")
            answer = bytearray()
            while len(answer) < size:
                answer += await reader.readexactly(min(_BLOCK, size - len(answer)))
            return answer
        finally:
            writer.transport.abort()  # closing would go on sending a message whose sender was told 451 long ago
