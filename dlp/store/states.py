"""Which states a copy and a notice go through, as tables.

Takes and does nothing: closed vocabularies and the legal moves between them. Every move in the store is a
compare-and-set on (state, fence) and is looked up here first; an illegal one is a programming error (ValueError).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from dlp.errors import Refused


class State(StrEnum):
    """Where one recipient's copy stands. PREPARED and ABORTED are invisible: nobody was answered 250 for them."""

    PREPARED = "prepared"
    ABORTED = "aborted"
    HELD = "held"
    RELEASING = "releasing"
    RELEASED = "released"
    HELD_RETRY = "held-retry"
    RELEASE_FAILED = "release-failed"
    DENIED = "denied"
    RETURNED = "returned"  # nobody decided in time
    OWED = "owed"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"


class Purpose(StrEnum):
    """Why there is a row for this recipient."""

    HELD = "held"
    OWED = "owed"  # a further rewritten copy the clerk sends after commit
    FORWARDED = "forwarded"  # it went out live; remembered so that a retry does not send it twice


class ContentRole(StrEnum):
    """Which bytes are kept: as received, or after our edits."""

    ORIGINAL = "original"
    EDITED = "edited"


class Told(StrEnum):
    """Who has been told of a hold, or of how it ended."""

    NONE = "none"
    SENDER = "sender"
    REPORTED = "reported"  # the sender, that it was not and is not delivered
    DIGEST = "digest"  # nobody yet: the next daily digest does
    DIGESTED = "digested"


class NoticeState(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"


class DisclosureState(StrEnum):
    """How it stands with what goes out on a consent or another basis."""

    INTENDED = "intended"  # about to go: whoever intends it is at work, or has died at it
    SENT = "sent"
    OWED = "owed"  # the clerk sends it after the reply
    REFUSED = "refused"  # it did not go out
    UNKNOWN = "unknown"  # it may have gone out


MOVES: Mapping[State, frozenset[State]] = {
    State.PREPARED: frozenset({State.HELD, State.OWED, State.ABORTED}),
    State.ABORTED: frozenset(),
    State.HELD: frozenset({State.RELEASING, State.DENIED, State.RETURNED}),
    # to itself: another node goes on after the lease of the first has ended
    State.RELEASING: frozenset({State.RELEASING, State.RELEASED, State.HELD_RETRY, State.RELEASE_FAILED}),
    # on hold again: more was found in it than it was released for
    State.HELD_RETRY: frozenset({State.RELEASING, State.HELD, State.DENIED}),
    State.RELEASE_FAILED: frozenset({State.RELEASING, State.DENIED, State.RETURNED}),
    State.RELEASED: frozenset(),
    State.DENIED: frozenset(),
    State.RETURNED: frozenset(),
    State.OWED: frozenset({State.SENDING}),
    State.SENDING: frozenset({State.SENDING, State.SENT, State.OWED, State.REFUSED}),
    State.SENT: frozenset(),
    State.REFUSED: frozenset({State.RELEASING, State.DENIED, State.RETURNED}),  # a hold from now on
}

INVISIBLE = frozenset({State.PREPARED, State.ABORTED})
ON_HOLD = frozenset({State.HELD, State.HELD_RETRY, State.RELEASE_FAILED, State.REFUSED})
NEEDS_NO_CONTENT = frozenset({State.ABORTED, State.RELEASED, State.DENIED, State.RETURNED, State.SENT})
VISIBLE_AS: Mapping[Purpose, State] = {Purpose.HELD: State.HELD, Purpose.OWED: State.OWED}
BUSY = frozenset({State.RELEASING, State.SENDING})
WAITING_FOR: Mapping[Purpose, tuple[State, State]] = {  # purpose -> (waits for its next attempt, being attempted)
    Purpose.HELD: (State.HELD_RETRY, State.RELEASING),
    Purpose.OWED: (State.OWED, State.SENDING),
}


class Damaged(Refused):
    """Stored bytes are not what was stored: changed, moved, cut, erased, or sealed under another key. Never sent."""

    def __init__(self) -> None:
        super().__init__("the stored copy is damaged or its key is missing; it cannot be sent")


def sources(target: State) -> frozenset[State]:
    """Every state from which `target` can be reached. ValueError when there is none."""
    found = frozenset(state for state, targets in MOVES.items() if target in targets)
    if not found:
        msg = f"no move leads to {target}"
        raise ValueError(msg)
    return found
