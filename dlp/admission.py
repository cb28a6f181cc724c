"""Whether a message may be taken now, asked at MAIL before anything of it is sent (reliability.md f.6).

Takes the room that must stay free and, for what may fail as a whole, a breaker with a probe. Raises Unavailable: 452
below the reserve, 451 while a breaker is open. An open breaker is tried by a probe, not by somebody's mail; what the
probe does notes its own outcome. Releases and what is owed do not ask here.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from dlp.breakers import Breaker, State
from dlp.errors import Unavailable

Probe = Callable[[], Awaitable[object]]  # raises Unavailable


@dataclass(frozen=True, slots=True)
class Room:
    """The free space below which no new mail is taken, so that what was taken can still be finished and released."""

    folder: Path
    reserve: int  # bytes

    def is_short(self) -> bool:
        try:
            found = os.statvfs(self.folder)
        except OSError:
            return False  # the store will say so better
        return found.f_bavail * found.f_frsize < self.reserve


@dataclass(frozen=True, slots=True)
class Admission:
    """Asked once for each MAIL."""

    room: Room
    guards: tuple[tuple[Breaker, Probe], ...] = ()

    async def ask(self) -> None:
        """Return when a message may be taken; else raise Unavailable."""
        if self.room.is_short():
            raise Unavailable("disk", storage=True)
        for breaker, probe in self.guards:
            if breaker.state is State.CLOSED:
                continue
            if not breaker.allows(asyncio.get_running_loop().time()):
                raise Unavailable(breaker.name)
            await probe()
