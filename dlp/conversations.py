"""The connections a plain asyncio server has open, each with its task, so that an end leaves none of them behind.

`Conversations(converse)` is what `asyncio.start_server` calls; `close(server)` stops accepting, cancels every task and
drops what is still open. `Server.close` alone forgets a connection it accepted a moment before.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine

_Converse = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[None, None, None]]


class Conversations:
    """`converse` has one connection to its end, which is closed then; `tasks` are those that are open."""

    def __init__(self, converse: _Converse) -> None:
        self.tasks: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._converse = converse

    def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._to_its_end(reader, writer))
        self.tasks[task] = writer
        task.add_done_callback(self.tasks.pop)

    async def _to_its_end(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._converse(reader, writer)
        finally:
            writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()  # what is unsent leaves first

    async def close(self, server: asyncio.Server) -> None:
        """Every connection is closed when this returns, also one the loop has only begun to accept."""
        loop = asyncio.get_running_loop()
        for listening in server.sockets:
            loop.remove_reader(listening)
        for _ in range(3):  # from accepting to `__call__`; a transport made after `server.close` is dropped unclosed
            await asyncio.sleep(0)
        server.close()
        conversations = dict(self.tasks)
        for task, writer in conversations.items():
            task.cancel()
            writer.transport.abort()  # what is unsent goes with it
        await asyncio.gather(*conversations, return_exceptions=True)
        await asyncio.sleep(0)  # the loop closes them in its next turn
