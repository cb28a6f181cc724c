"""The only place that changes a hold: release, deny, and the attempts that follow a release.

Takes the store and a `deliver` that hands one copy to the release hop; gives what became of each copy. The state follows
the hop's answer: 2xx released, 4xx or no answer tried again later, 5xx failed and visible. Losing is worse than doubling:
an attempt whose end is unknown is made again. Damaged bytes are never sent. Store trouble is Unavailable.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from dlp.errors import Refused, Unavailable
from dlp.keys import parse_reference
from dlp.store.records import Act, Claim, Filter, HeldCopy
from dlp.store.states import Damaged, Purpose, State
from dlp.store.store import Store
from dlp.values import Recipient, Reply

# sender, MAIL parameters, the one recipient, exact bytes; Unavailable when there was no answer
Deliver = Callable[[str, tuple[str, ...], Recipient, bytes], Awaitable[Reply]]

_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 120, *[240] * 17))  # three days in all


@dataclass(frozen=True, slots=True)
class Ends:
    """How an attempt may end, for one purpose."""

    accepted: State
    later: State
    failed: State


_ENDS: Mapping[Purpose, Ends] = {
    Purpose.HELD: Ends(State.RELEASED, State.HELD_RETRY, State.RELEASE_FAILED),
    Purpose.OWED: Ends(State.SENT, State.OWED, State.REFUSED),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one copy; `done` is False when it was not in a state to be changed, and `state` then says in which."""

    copy: HeldCopy
    state: State
    done: bool
    why: str = ""  # the hop's reply code, or no-answer, damaged


def list_held(store: Store, wanted: Filter | None = None) -> tuple[HeldCopy, ...]:
    """Copies that wait for a decision or for their release, newest first."""
    return store.held(wanted)


def show(store: Store, reference: str, recipient: str | None = None) -> tuple[HeldCopy, ...]:
    """All copies under a reference, or one recipient's. Refused when there is none."""
    copies = store.by_reference(parse_reference(reference))
    if recipient is not None:
        copies = tuple(copy for copy in copies if copy.recipient.address.lower() == recipient.lower())
    if not copies:
        raise Refused("nothing is held under this reference for such a recipient; dlp held list shows what is")
    return copies


async def release(
    store: Store, deliver: Deliver, reference: str, act: Act, recipient: str | None = None
) -> tuple[Outcome, ...]:
    """Release and send what is held under a reference (for one recipient). Of several that try at once, one sends."""
    outcomes = []
    for copy in await asyncio.to_thread(_one_message, store, reference, recipient):
        claim = await asyncio.to_thread(store.claim_release, copy.id, act)
        outcomes.append(await _attempt(store, deliver, claim) if claim else await asyncio.to_thread(_unchanged, store, copy))
    return tuple(outcomes)


def deny(store: Store, reference: str, act: Act, recipient: str | None = None) -> tuple[Outcome, ...]:
    """Give up what is held under a reference (for one recipient) and erase it."""
    return tuple(
        Outcome(copy, State.DENIED, done=True) if store.deny(copy.id, act) else _unchanged(store, copy)
        for copy in _one_message(store, reference, recipient)
    )


async def due_releases(store: Store, deliver: Deliver, limit: int = 10) -> tuple[Outcome, ...]:
    """Try again the releases whose time has come, and those that a stopped process left unfinished."""
    return await _due(store, deliver, Purpose.HELD, limit)


async def due_owed(store: Store, deliver: Deliver, limit: int = 10) -> tuple[Outcome, ...]:
    """Send owed copies whose time has come."""
    return await _due(store, deliver, Purpose.OWED, limit)


async def _due(store: Store, deliver: Deliver, purpose: Purpose, limit: int) -> tuple[Outcome, ...]:
    outcomes = []
    for _ in range(limit):  # one claim at a time: a lease covers one attempt, not a queue of them
        claims = await asyncio.to_thread(store.claim_due, purpose, 1)
        if not claims:
            break
        outcomes.append(await _attempt(store, deliver, claims[0]))
    return tuple(outcomes)


async def _attempt(store: Store, deliver: Deliver, claim: Claim) -> Outcome:
    copy, ends = claim.copy, _ENDS[claim.copy.purpose]
    state, why = await _send(store, deliver, copy, ends)
    not_before = None
    if state is ends.later and claim.attempts > len(_PAUSES):
        state = ends.failed
    elif state is ends.later:
        not_before = copy.updated + _PAUSES[claim.attempts - 1]
    mine = await asyncio.to_thread(store.settle, claim, state, not_before=not_before, why=why)
    return Outcome(copy, state, done=True, why=why) if mine else await asyncio.to_thread(_unchanged, store, copy)


async def _send(store: Store, deliver: Deliver, copy: HeldCopy, ends: Ends) -> tuple[State, str]:
    try:
        if copy.damaged:
            raise Damaged
        content = await asyncio.to_thread(store.content, copy)
    except Damaged:
        return ends.failed, "damaged"
    try:
        reply = await deliver(copy.sender, copy.parameters, copy.recipient, content)
    except Unavailable:
        return ends.later, "no-answer"
    if reply.accepted:
        return ends.accepted, str(reply.code)
    return ends.failed if reply.permanent else ends.later, str(reply.code)


def _one_message(store: Store, reference: str, recipient: str | None) -> tuple[HeldCopy, ...]:
    copies = tuple(copy for copy in show(store, reference, recipient) if copy.purpose is Purpose.HELD)
    if not copies:
        raise Refused("nothing is held under this reference; what is owed is sent by itself")
    if len({copy.key for copy in copies}) > 1:
        raise Refused("two messages share this reference; name a recipient that only one of them has")
    return copies


def _unchanged(store: Store, copy: HeldCopy) -> Outcome:
    now = next((each for each in store.by_reference(copy.reference) if each.id == copy.id), copy)
    return Outcome(now, now.state, done=False)
