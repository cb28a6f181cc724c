"""The only place that changes a hold: release, deny, expire, notes, and the attempts that follow a release.

Takes the store and a `deliver` that hands one letter to the release hop; gives what became of each copy. The state follows
the hop's answer: 2xx released, 4xx or no answer tried again later, 5xx failed, visible and told. Losing is worse than
doubling: an attempt whose end is unknown is made again. Damaged bytes are never sent. Store trouble is Unavailable.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dlp.errors import Refused, Unavailable
from dlp.failpoints import reach
from dlp.keys import parse_reference
from dlp.policy.facts import person_name
from dlp.store.records import Act, Claim, Filter, HeldCopy, Notice
from dlp.store.states import Damaged, Purpose, State, Told
from dlp.store.store import Store
from dlp.telling import DENIED, RETURNED, Ending
from dlp.values import Recipient, Reply

ATTEMPT = timedelta(minutes=10)  # the longest wait for one answer; below store.LEASE
_EVERY = 1_000_000  # copies, where each has to be opened to see whom it tells of
_SETTLE_PAUSES = (0.0, 0.2, 1.0, 3.0)  # seconds before each try at writing down how an attempt ended
_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 120, *[240] * 17))  # three days in all


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one recipient, for the release hop."""

    reference: str
    sender: str
    parameters: tuple[str, ...]  # of MAIL FROM
    recipient: Recipient
    content: bytes  # exact


Deliver = Callable[[Letter], Awaitable[Reply]]  # Unavailable when there was no answer
# the report that a copy (with its bytes, None when they are damaged) ended; None when nobody may or wants to be told
Tell = Callable[[HeldCopy, bytes | None, Ending], Notice | None]


def nobody(_copy: HeldCopy, _content: bytes | None, _ending: Ending) -> None:
    """Tells no sender."""


Agree = Callable[[Sequence[HeldCopy]], None]  # Refused when these may not all be decided at once


def anyhow(_copies: Sequence[HeldCopy]) -> None:
    """Whoever asks for it."""


@dataclass(frozen=True, slots=True)
class Ends:
    """How an attempt may end, for one purpose."""

    accepted: State
    later: State
    failed: State
    point: str  # the failpoint behind the hop's answer


_ENDS: Mapping[Purpose, Ends] = {
    Purpose.HELD: Ends(State.RELEASED, State.HELD_RETRY, State.RELEASE_FAILED, "release.dot"),
    Purpose.OWED: Ends(State.SENT, State.OWED, State.REFUSED, "owed.dot"),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one copy; `done` is False when it was not in a state to be changed, and `state` then says in which."""

    copy: HeldCopy
    state: State
    done: bool
    why: str = ""  # the hop's reply code, or no-answer, damaged, given-up
    told: bool = False  # a report to the sender waits to be sent, or went out before


def list_held(store: Store, wanted: Filter | None = None, about: str = "") -> tuple[HeldCopy, ...]:
    """Copies that wait for a decision or for their release, those the MTA refused included; newest first.

    With `about`, a student ID or staff address, those that would tell something of that person, or are held for naming that
    person; of sealed cases nothing (R50).
    """
    wanted = wanted or Filter()
    if not about:
        return store.held(wanted)
    name = person_name(about)
    every = store.held(replace(wanted, limit=_EVERY))
    return tuple(copy for copy in every if _tells(copy, name))[: wanted.limit]


def count_held(store: Store, about: str = "") -> int:
    """How many copies there are for `list_held`, whatever its limit."""
    if about:
        return len(list_held(store, Filter(limit=_EVERY), about))
    return sum(number for state, number in store.counts().copies.items() if state in Filter().states)


def _tells(copy: HeldCopy, name: str) -> bool:
    if any(each.sealed for each in copy.disclosures):
        return False
    return name in map(person_name, (*(each.person for each in copy.disclosures), *copy.about))


def show(store: Store, reference: str, recipient: str | None = None) -> tuple[HeldCopy, ...]:
    """All copies under a reference, or one recipient's. Refused when there is none."""
    copies = store.by_reference(parse_reference(reference))
    if recipient is not None:
        copies = tuple(copy for copy in copies if copy.recipient.address.lower() == recipient.lower())
    if not copies:
        raise Refused("nothing is held under this reference for such a recipient; dlp held list shows what is")
    return copies


async def release(
    store: Store,
    deliver: Deliver,
    reference: str,
    act: Act,
    recipient: str | None = None,
    *,
    tell: Tell = nobody,
    agree: Agree = anyhow,
) -> tuple[Outcome, ...]:
    """Release and send what is on hold under a reference (for one recipient). Of several that try at once, one sends.

    A copy whose right to release is another by now than the one `agree` saw stays as it is.
    """
    outcomes = []
    copies = await asyncio.to_thread(_one_message, store, reference, recipient)
    agree(copies)
    for copy in copies:
        right = copy.release.word if copy.release else ""
        claim = await asyncio.to_thread(store.claim_release, copy.id, act, right=right)
        now = _attempt(store, deliver, claim, tell) if claim else asyncio.to_thread(_unchanged, store, copy)
        outcomes.append(await now)
    return tuple(outcomes)


def deny(
    store: Store, reference: str, act: Act, recipient: str | None = None, *, tell: Tell = nobody, agree: Agree = anyhow
) -> tuple[Outcome, ...]:
    """Give up what is on hold under a reference (for one recipient), erase it, and tell the sender."""
    outcomes = []
    copies = _one_message(store, reference, recipient)
    agree(copies)
    for copy in copies:
        notice = _report(store, copy, DENIED, tell)
        denied = store.deny(copy.id, act, notice)
        outcomes.append(_given_up(copy, State.DENIED, notice) if denied else _unchanged(store, copy))
    return tuple(outcomes)


def note(
    store: Store, reference: str, act: Act, recipient: str | None = None, *, disputed: bool = False
) -> tuple[HeldCopy, ...]:
    """Write beside the copies under a reference what somebody says of them; decided ones, too. Gives them as they are then."""
    noted = [copy.id for copy in show(store, reference, recipient)]
    for identity in noted:
        store.note(identity, act, disputed=disputed)
    return tuple(copy for copy in show(store, reference, recipient) if copy.id in noted)


def expire(store: Store, tell: Tell, before: datetime, *, dry_run: bool = False) -> tuple[Outcome, ...]:
    """End and erase what nobody decided about by its deadline, unless that is after `before`. Its sender is told.

    What is being released goes on. `dry_run` only says what would end.
    """
    outcomes = []
    for copy in store.overdue(before):
        if dry_run:
            outcomes.append(Outcome(copy, copy.state, done=False))
            continue
        notice = _report(store, copy, RETURNED, tell)
        returned = store.give_back(copy.id, notice)
        outcomes.append(_given_up(copy, State.RETURNED, notice) if returned else _unchanged(store, copy))
    return tuple(outcomes)


async def due_releases(store: Store, deliver: Deliver, tell: Tell = nobody, limit: int = 10) -> tuple[Outcome, ...]:
    """Try again the releases whose time has come, and those that a stopped process left unfinished."""
    return await _due(store, deliver, Purpose.HELD, limit, tell)


async def due_owed(store: Store, deliver: Deliver, tell: Tell, limit: int = 10) -> tuple[Outcome, ...]:
    """Send owed copies whose time has come; `tell` says what the sender of a refused one is told."""
    return await _due(store, deliver, Purpose.OWED, limit, tell)


async def answer(deliver: Deliver, letter: Letter, point: str) -> Reply | None:
    """The hop's answer; None when there was none within ATTEMPT. `point` is the failpoint behind it."""
    try:
        async with asyncio.timeout(ATTEMPT.total_seconds()):
            reply = await deliver(letter)
        reach(point)
    except (Unavailable, OSError):  # TimeoutError is one
        return None
    return reply


async def _due(store: Store, deliver: Deliver, purpose: Purpose, limit: int, tell: Tell) -> tuple[Outcome, ...]:
    outcomes = []
    for _ in range(limit):  # one claim at a time: a lease covers one attempt, not a queue of them
        claims = await asyncio.to_thread(store.claim_due, purpose, 1)
        if not claims:
            break
        outcomes.append(await _attempt(store, deliver, claims[0], tell))
    return tuple(outcomes)


async def _attempt(store: Store, deliver: Deliver, claim: Claim, tell: Tell) -> Outcome:
    copy, ends = claim.copy, _ENDS[claim.copy.purpose]
    spent = claim.attempts > len(_PAUSES) + 1  # an attempt that comes to its end settles it before: this one ends its process
    content = None if spent else await asyncio.to_thread(_content, store, copy)
    if content is None:
        state, why, status = ends.failed, "given-up" if spent else "damaged", ""
    else:
        state, why, status = await _send(deliver, copy, content, ends)
    not_before = None
    if state is ends.later and claim.attempts > len(_PAUSES):
        state = ends.failed
    elif state is ends.later:
        not_before = copy.updated + _PAUSES[claim.attempts - 1]
    failed = Ending("refused", status or "5.3.0", why if why.isdigit() else "")
    notice = _report(store, copy, failed, tell) if state is ends.failed and content is not None else None

    def settle() -> bool:
        return store.settle(claim, state, not_before=not_before, why=why, notice=notice)

    if await _insisting(settle):
        return Outcome(copy, state, done=True, why=why)
    now = await asyncio.to_thread(_unchanged, store, copy)
    # a store that stumbled may have written it all the same
    return Outcome(now.copy, state, done=True, why=why) if now.state is state else now


async def _insisting(settle: Callable[[], bool]) -> bool:
    """Write down how it ended. The hop may have the copy by now, so a store that stumbles is asked again."""
    for pause in _SETTLE_PAUSES:
        await asyncio.sleep(pause)
        with contextlib.suppress(Unavailable):
            return await asyncio.to_thread(settle)
    raise Unavailable("store")


def _content(store: Store, copy: HeldCopy) -> bytes | None:
    """The stored bytes; None when they are damaged."""
    try:
        return None if copy.damaged else store.content(copy)
    except Damaged:
        return None


def _report(store: Store, copy: HeldCopy, ending: Ending, tell: Tell) -> Notice | None:
    """What the sender is told; nothing to one who was told before that this recipient does not get it."""
    if copy.damaged or copy.told is Told.REPORTED:
        return None
    return tell(copy, _content(store, copy), ending)


def _given_up(copy: HeldCopy, state: State, notice: Notice | None) -> Outcome:
    return Outcome(copy, state, done=True, told=notice is not None or copy.told is Told.REPORTED)


async def _send(deliver: Deliver, copy: HeldCopy, content: bytes, ends: Ends) -> tuple[State, str, str]:
    """The state that follows the hop's answer, its reply code, and its enhanced status."""
    letter = Letter(copy.reference, copy.sender, copy.parameters, copy.recipient, content)
    reply = await answer(deliver, letter, ends.point)
    if reply is None:
        return ends.later, "no-answer", "4.4.1"
    state = ends.accepted if reply.accepted else ends.failed if reply.permanent else ends.later
    return state, str(reply.code), reply.enhanced or f"{reply.code // 100}.0.0"


def _one_message(store: Store, reference: str, recipient: str | None) -> tuple[HeldCopy, ...]:
    found = show(store, reference, recipient)
    copies = tuple(copy for copy in found if copy.purpose is Purpose.HELD or copy.state is State.REFUSED)
    if not copies:
        raise Refused("nothing is held under this reference; what is owed is sent by itself")
    if len({copy.key for copy in copies}) > 1:
        raise Refused("two messages share this reference; name a recipient that only one of them has")
    return copies


def _unchanged(store: Store, copy: HeldCopy) -> Outcome:
    now = next((each for each in store.by_reference(copy.reference) if each.id == copy.id), copy)
    return Outcome(now, now.state, done=False)
