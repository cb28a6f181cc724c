"""Two ways to read a message: at once in this process, or in a child of the reader server.

Takes the raw message, gives its Texts and the name of the lane. Small mail without attachments takes the fast lane;
everything else is read by a child (reader.py). A child that dies, is late or answers nonsense raises Unavailable:
the client tries again, and nothing unread ever counts as clean.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from dlp.errors import ProtocolError, Unavailable
from dlp.mail.reading import needs_slow_lane, read
from dlp.mail.wire import decode_texts
from dlp.reader import HEADER
from dlp.values import Limits, Texts

_ANSWER_LIMIT = 64 << 20


@dataclass(frozen=True, slots=True)
class Lanes:
    """Reads messages. `socket_path` is the reader server's; `patience` seconds cover waiting for a child and reading."""

    limits: Limits
    socket_path: str
    patience: float = 50.0

    async def read(self, raw: bytes | memoryview) -> tuple[Texts, str]:
        """The message's Texts and "fast" or "slow". Raises Unavailable("scan") or Unavailable("deadline")."""
        if not needs_slow_lane(raw, self.limits):
            return read(raw, self.limits), "fast"
        try:
            async with asyncio.timeout(self.patience):
                return decode_texts(await self._ask(raw), size=len(raw)), "slow"
        except TimeoutError:
            raise Unavailable("deadline") from None
        except (OSError, EOFError, ProtocolError):
            raise Unavailable("scan") from None

    async def _ask(self, raw: bytes | memoryview) -> bytes:
        reader, writer = await asyncio.open_unix_connection(self.socket_path)
        try:
            writer.write(HEADER.pack(len(raw)))
            writer.write(raw)
            await writer.drain()
            (size,) = HEADER.unpack(await reader.readexactly(HEADER.size))
            if size > _ANSWER_LIMIT:
                raise ProtocolError("a reading child's answer is too large")
            return await reader.readexactly(size)
        finally:
            writer.close()
