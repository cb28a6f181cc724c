"""Looks after the store, at start and every minute: what dead processes left behind is put right, and the store tried.

Takes the store, gives log events: `store.recovered` for what was put right, `store.damaged` once for each copy whose
bytes are missing, `store.checked` and `store.trouble` when the outcome of the check changes. Nothing here fails: trouble
is told, and the next look comes all the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass, field
from datetime import timedelta

from dlp.admission import Room
from dlp.errors import Unavailable
from dlp.events import event
from dlp.store import Store

_LOG = logging.getLogger("dlp.caretaker")

_EVERY = 60.0  # seconds
_BATCH = 100  # copies in one database transaction: others wait for their turn meanwhile
_BATCHES = 20
_BEHIND = timedelta(minutes=5)  # a clock this far behind what was written before is wrong


@dataclass(slots=True)
class Caretaker:
    """One node's."""

    store: Store
    room: Room
    trouble: str | None = None  # of the last check; None before the first
    reported: set[str] = field(default_factory=set)

    async def run(self, stopping: asyncio.Event) -> None:
        """Look until `stopping` is set."""
        while not stopping.is_set():
            await self.look()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_EVERY):
                    await stopping.wait()

    async def look(self) -> None:
        """Recover and check, once."""
        try:
            await self._recover()
            behind = await asyncio.to_thread(self.store.check)
        except Unavailable as error:
            self._note(error.cause)
        else:
            self._note("clock" if behind > _BEHIND else "disk" if self.room.is_short() else "")

    async def _recover(self) -> None:
        for _ in range(_BATCHES):
            done = await asyncio.to_thread(self.store.recover, _BATCH)
            if done:
                event(_LOG, "store.recovered", aborted=done.aborted, due=done.due, swept=done.swept, doubtful=done.doubtful)
            if max(done.aborted, done.swept, done.doubtful) < _BATCH:
                break
        for identity, reference in await asyncio.to_thread(self.store.without_bytes):
            if identity not in self.reported:
                self.reported.add(identity)
                event(_LOG, "store.damaged", level=logging.ERROR, ref=reference)

    def _note(self, trouble: str) -> None:
        if trouble == self.trouble:
            return
        self.trouble = trouble
        if trouble:
            event(_LOG, "store.trouble", level=logging.ERROR, what=trouble)
        else:
            event(_LOG, "store.checked")
