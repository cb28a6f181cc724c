"""A tap on a wire: passes connections on to another port and keeps what came from the client, byte for byte.

`Tap(port, onward)` listens on loopback; `sent` has one buffer for each connection. It understands nothing of SMTP, so
what it keeps is what a next hop would read, however that next hop reads it. When one side goes, so does the other.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from dlp.conversations import Conversations
from tests.e2e.loopback import HOST

_BLOCK = 65_536


class Tap:
    """An async context manager."""

    def __init__(self, port: int, onward: int) -> None:
        self.sent: list[bytearray] = []
        self._port = port
        self._onward = onward
        self._connections = Conversations(self._pass_both_ways)

    async def __aenter__(self) -> Tap:
        self._server = await asyncio.start_server(self._connections, HOST, self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._connections.close(self._server)

    def bare_newlines(self) -> int:
        """How many CR or LF stand alone in what was sent."""
        return sum(wire.count(b"\r") + wire.count(b"\n") - 2 * wire.count(b"\r\n") for wire in self.sent)

    async def _pass_both_ways(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        kept = bytearray()
        self.sent.append(kept)
        with contextlib.suppress(OSError):
            onward_reader, onward_writer = await asyncio.open_connection(HOST, self._onward)
            with contextlib.closing(onward_writer):
                back = asyncio.create_task(_pass_on(onward_reader, writer, lambda _: None))
                try:
                    await _pass_on(reader, onward_writer, kept.extend)
                    await back
                finally:
                    back.cancel()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, keep: Callable[[bytes], None]) -> None:
    with contextlib.suppress(OSError):
        while block := await reader.read(_BLOCK):
            keep(block)
            writer.write(block)
            await writer.drain()
        writer.write_eof()
