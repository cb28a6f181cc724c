"""The monitor: one process that answers /metrics, /ready and /live over HTTP.

Takes a listening socket and what it asks: store, reader server, next hop, disk. /ready is 200 only when mail could be
taken, judged, held and passed on now; its body says in closed words what cannot be done. It judges nothing and sends no
mail; a monitor that dies takes nothing with it. A client that dawdles or talks nonsense is hung up on.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from dlp.errors import Unavailable
from dlp.forward import Forwarder
from dlp.lanes import Lanes
from dlp.metrics.figures import StoreFigures
from dlp.store import Store

PATIENCE = 5.0  # seconds for a client's request, and for each thing asked
RECENTLY = 30.0  # seconds an answer of the next hop counts for
_FRESH = 2.0  # seconds one verdict of readiness serves everybody who asks
_TEXT = "text/plain; version=0.0.4; charset=utf-8"
_JSON = "application/json"


@dataclass(slots=True)
class Readiness:
    """Asks everything a message needs. `reserve` is the free space in bytes below which mail is not taken."""

    store: Store
    lanes: Lanes
    hop: Forwarder
    listening: tuple[tuple[socket.socket, bytes], ...]  # with what its client says first: b"" = it waits for a 220
    data_dir: Path
    reserve: int
    _asked: asyncio.Lock = field(default_factory=asyncio.Lock)
    _told: dict[str, str] = field(default_factory=dict)
    _told_at: float = float("-inf")
    _hop_at: float = float("-inf")

    async def __call__(self) -> dict[str, str]:
        """ "ok" or "failed" for each of store, reader, next_hop, disk, receivers."""
        async with self._asked:
            if time.monotonic() - self._told_at > _FRESH:
                asks: dict[str, Callable[[], Awaitable[bool]]] = {
                    "store": self._store,
                    "reader": self.lanes.answers,
                    "next_hop": self._next_hop,
                    "disk": self._disk,
                    "receivers": self._receivers,
                }
                answers = await asyncio.gather(*(_within(ask) for ask in asks.values()))
                self._told = {name: "ok" if good else "failed" for name, good in zip(asks, answers, strict=True)}
                self._told_at = time.monotonic()
            return self._told

    async def _store(self) -> bool:
        await asyncio.to_thread(self.store.check)
        return True

    async def _next_hop(self) -> bool:
        if time.monotonic() - self._hop_at > RECENTLY:
            session = await self.hop.acquire()
            await session.release()
            self._hop_at = time.monotonic()
        return True

    async def _disk(self) -> bool:
        return shutil.disk_usage(self.data_dir).free >= self.reserve

    async def _receivers(self) -> bool:
        """Each of our listeners greets, or answers as it is spoken to: only a receiver that has loaded its rules does."""
        for bound, hello in self.listening:
            where = bound.getsockname()
            opening = asyncio.open_unix_connection(where) if isinstance(where, str) else asyncio.open_connection(*where[:2])
            reader, writer = await opening
            try:
                writer.write(hello)
                said = await reader.readexactly(5)
                if said[4:] != hello[4:5] if hello else not said.startswith(b"220 "):
                    return False
            finally:
                writer.transport.abort()
        return True


@dataclass(slots=True)
class Monitor:
    """Answers requests until told to stop. `folder` is where the recorder counts; `more` figures stand beside the store's."""

    ready: Readiness
    figures: StoreFigures
    folder: Path
    more: tuple[Collector, ...] = ()

    async def run(self, bound: socket.socket, stopping: asyncio.Event) -> None:
        server = await asyncio.start_server(self._answer, sock=bound)
        async with server:
            while not stopping.is_set():
                await asyncio.to_thread(self.figures.verify)
                await _first(stopping.wait(), 60.0)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                head = await reader.readuntil(b"\r\n\r\n")
            status, kind, body = await self._reply(head.split(b" ", 2))
            fields = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            writer.write(fields.encode("ascii") + (b"" if head.startswith(b"HEAD ") else body))
            async with asyncio.timeout(PATIENCE):
                await writer.drain()
                writer.close()
                await writer.wait_closed()
        except (OSError, EOFError, asyncio.LimitOverrunError):  # TimeoutError is an OSError
            pass
        finally:
            writer.transport.abort()

    async def _reply(self, request: list[bytes]) -> tuple[str, str, bytes]:
        if request[0] not in (b"GET", b"HEAD") or len(request) < 3:
            return "405 Method Not Allowed", _JSON, b"{}\n"
        match request[1].partition(b"?")[0]:
            case b"/metrics":
                return "200 OK", _TEXT, await asyncio.to_thread(self._page)
            case b"/ready":
                told = await self.ready()
                good = all(word == "ok" for word in told.values())
                return "200 OK" if good else "503 Service Unavailable", _JSON, json.dumps(told).encode() + b"\n"
            case b"/live":
                return "200 OK", _JSON, b'{"monitor": "ok"}\n'
            case _:
                return "404 Not Found", _JSON, b"{}\n"

    def _page(self) -> bytes:
        registry = CollectorRegistry()
        MultiProcessCollector(registry, str(self.folder))  # type: ignore[no-untyped-call]
        for collector in (self.figures, *self.more):
            registry.register(collector)
        return generate_latest(registry)


async def _within(ask: Callable[[], Awaitable[bool]]) -> bool:
    """The answer; no answer in time is a no."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await ask()
    except (OSError, Unavailable):  # TimeoutError is an OSError
        return False


async def _first(event: Awaitable[object], seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event
    except TimeoutError:
        pass
