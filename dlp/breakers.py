"""Circuit breakers: what keeps failing is left alone for a while, then tried by one (reliability.md f.6).

Takes the time from its caller, on any clock that only goes forward; says whether to go ahead. Closed: all go ahead.
Open, after enough failures in a row: nobody does. Half-open, when the pause is over: one does, and how it ends decides.
A breaker never turns into "go ahead unread": whoever is refused answers 451. Nothing here fails.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from dlp.events import event

_LOG = logging.getLogger("dlp.breakers")


class State(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class Sign(StrEnum):
    """What moves a breaker."""

    WORKED = "worked"
    ENOUGH = "enough"  # the last failure that is borne
    FAILED = "failed"
    PAUSED = "paused"  # somebody asks and the pause is over


MOVES: Mapping[tuple[State, Sign], State] = {
    (State.CLOSED, Sign.ENOUGH): State.OPEN,
    (State.OPEN, Sign.PAUSED): State.HALF_OPEN,
    (State.OPEN, Sign.WORKED): State.CLOSED,  # what was under way when it opened
    (State.HALF_OPEN, Sign.FAILED): State.OPEN,
    (State.HALF_OPEN, Sign.WORKED): State.CLOSED,
}


@dataclass(slots=True)
class Breaker:
    """One for each thing that may fail as a whole. `name` is its word in the log; times in seconds."""

    name: str
    failures: int = 3  # in a row
    within: float = 60.0  # the first and the last of them
    pause: float = 5.0
    state: State = State.CLOSED
    failed_at: list[float] = field(default_factory=list)
    asked_again: float = 0.0  # when the next one may try

    def allows(self, now: float) -> bool:
        """Whether to go ahead. Who is told so while the breaker is half-open must say how it went, or another tries later."""
        if self.state is not State.CLOSED and now >= self.asked_again:
            self._move(Sign.PAUSED)
            self.asked_again = now + self.pause
            return True
        return self.state is State.CLOSED

    def note(self, now: float, *, worked: bool) -> None:
        """How it went."""
        if worked:
            self.failed_at.clear()
            self._move(Sign.WORKED)
            return
        self.failed_at = [at for at in self.failed_at if at > now - self.within] + [now]
        if self.state is not State.CLOSED or len(self.failed_at) >= self.failures:
            self.asked_again = now + self.pause
            self._move(Sign.ENOUGH if self.state is State.CLOSED else Sign.FAILED)

    def _move(self, sign: Sign) -> None:
        before, self.state = self.state, MOVES.get((self.state, sign), self.state)
        if self.state is State.OPEN and before is State.CLOSED:
            event(_LOG, "breaker.opened", level=logging.ERROR, what=self.name)
        elif self.state is State.CLOSED and before is not State.CLOSED:
            event(_LOG, "breaker.closed", what=self.name)
