"""An exhaustive model of one message: every order of steps and faults, by the same table of moves the store uses.

Takes fates for up to three recipients, a front end and bounds; `explore` visits every state that can be reached and gives
their number, or raises Broken with the steps that lead to a state in which a promise does not hold. Two nodes may work on
the message at once, because a client that gave up comes again while its first try still runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from dlp import holds
from dlp.store.states import INVISIBLE, MOVES, VISIBLE_AS, WAITING_FOR, Purpose, State, sources

Fate = Literal["pass", "hold", "owe"]  # what the judgement decides for a recipient; "owe" is a further group
Step = Literal["lookup", "keep", "prepare", "forward", "commit", "abort", "reply"]

_RELEASABLE = sources(State.RELEASING) - {State.RELEASING}
# how a hold ends when it is not sent: by somebody's word or by its deadline
_DECIDED = frozenset(state for state in State if not MOVES[state]) - {State.ABORTED, State.SENT, State.RELEASED}
_PURPOSE = {"hold": Purpose.HELD, "owe": Purpose.OWED}


class Broken(AssertionError):  # noqa: N818  a promise, not an error of the model
    """A promise does not hold; the text says which, and how the model came there."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One recipient's row; `owner` is the node whose lease it is under, -1 = none, -2 = one that died."""

    state: State
    purpose: Purpose
    owner: int = -1


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of the client at one node. `left` are the recipients it still has to settle; `told` the reply it will give."""

    step: Step
    left: tuple[int, ...]
    heard: bool = True  # the client is still there to be answered
    code: int = 250
    out: bool = False  # our dot was sent, so from here on a lost reply or a crash may double it
    good: tuple[int, ...] = ()  # over LMTP: those settled in this try, who are answered 250 whatever happens to the others


@dataclass(frozen=True, slots=True)
class World:
    """Everything durable or on its way. Tuples run over recipients, `attempts` over nodes."""

    copies: tuple[Copy | None, ...]
    delivered: tuple[int, ...]
    promised: tuple[bool, ...]  # the client heard 250 for it
    released: tuple[bool, ...]  # somebody said that it may go
    attempts: tuple[Attempt | None, ...]
    claims: tuple[tuple[int, str], ...] = ()  # recipient, "claimed" or how the hop answered
    tries: int = 0
    faults: int = 0
    doubles: int = 0  # duplicates that a fault between our dot and our bookkeeping allows


@dataclass(frozen=True, slots=True)
class Model:
    """`lmtp`: each recipient is answered alone, so a group is settled alone and nothing is ever owed."""

    fates: tuple[Fate, ...]
    lmtp: bool
    nodes: int = 2
    tries: int = 3
    faults: int = 4

    def explore(self) -> int:
        """How many states there are. Raises Broken."""
        start = self._start()
        seen: dict[World, tuple[World | None, str]] = {start: (None, "start")}
        waiting = [start]
        while waiting:
            world = waiting.pop()
            for name, following in self._steps(world):
                if following in seen:
                    continue
                seen[following] = (world, name)
                wrong = self._wrong(following)
                if wrong:
                    raise Broken(f"{wrong}: {' > '.join(_history(seen, following))}")
                waiting.append(following)
        return len(seen)

    def _start(self) -> World:
        count = len(self.fates)
        return World((None,) * count, (0,) * count, (False,) * count, (False,) * count, (None,) * self.nodes)

    # What may happen next

    def _steps(self, world: World) -> Iterator[tuple[str, World]]:
        for node, attempt in enumerate(world.attempts):
            if attempt is None:
                yield from self._client(world, node)
            else:
                yield from self._attempt(world, node, attempt)
        yield from self._people(world)
        yield from self._clerk(world)

    def _client(self, world: World, node: int) -> Iterator[tuple[str, World]]:
        """The client comes, or comes again, for what nobody promised it yet; one try at a time, as far as it knows."""
        waiting = tuple(index for index, promised in enumerate(world.promised) if not promised)
        busy = any(attempt and attempt.heard for attempt in world.attempts)
        if waiting and not busy and world.tries < self.tries:
            begun = _at(world.attempts, node, Attempt("lookup", waiting))
            yield f"try at {node}", replace(world, attempts=begun, tries=world.tries + 1)

    def _attempt(self, world: World, node: int, attempt: Attempt) -> Iterator[tuple[str, World]]:
        yield from getattr(self, f"_{attempt.step}")(world, node, attempt)
        if world.faults < self.faults:
            yield f"{node} dies", self._died(world, node)
            if attempt.heard:  # it gave up or was cut off; the transaction goes on without it
                gone = _at(world.attempts, node, replace(attempt, heard=False))
                doubles = world.doubles + attempt.out
                yield f"client leaves {node}", replace(world, attempts=gone, faults=world.faults + 1, doubles=doubles)

    def _died(self, world: World, node: int) -> World:
        copies = tuple(replace(copy, owner=-2) if copy and copy.owner == node else copy for copy in world.copies)
        attempt = world.attempts[node]
        doubles = world.doubles + bool(attempt and attempt.heard and attempt.out)
        attempts = _at(world.attempts, node, None)
        return replace(world, copies=copies, attempts=attempts, faults=world.faults + 1, doubles=doubles)

    def _lookup(self, world: World, node: int, attempt: Attempt) -> Iterator[tuple[str, World]]:
        """What an earlier try has settled is answered and left alone."""
        left = tuple(index for index in attempt.left if _invisible(world.copies[index]))
        passing = [index for index in left if self.fates[index] == "pass"]
        kept = [index for index in left if self.fates[index] != "pass"]
        step: Step = "reply" if not left else "keep" if not passing else "prepare" if kept and not self.lmtp else "forward"
        yield f"{node} looks up", self._goes_on(world, node, replace(attempt, step=step, left=left))
        yield from self._store_fails(world, node, attempt)

    def _keep(self, world: World, node: int, attempt: Attempt) -> Iterator[tuple[str, World]]:
        """Hold or owe at once, visibly: one commit."""
        kept = [index for index in attempt.left if self.fates[index] != "pass"]
        if self._in_the_way(world, kept, node):
            yield f"{node} waits", self._deferred(world, node, attempt)
            return
        done = self._kept(world, kept, node, visible=True)
        yield f"{node} keeps", self._goes_on(done, node, replace(attempt, step="reply", good=attempt.left))
        if world.faults < self.faults:  # committed, but the answer of the database was lost
            yield f"{node} keeps, unknown", self._deferred(replace(done, faults=done.faults + 1), node, attempt)
        yield from self._store_fails(world, node, attempt)

    def _prepare(self, world: World, node: int, attempt: Attempt) -> Iterator[tuple[str, World]]:
        kept = [index for index in attempt.left if self.fates[index] != "pass"]
        if self._in_the_way(world, kept, node):
            yield f"{node} waits", self._deferred(world, node, attempt)
            return
        done = self._kept(world, kept, node, visible=False)
        yield f"{node} prepares", self._goes_on(done, node, replace(attempt, step="forward"))
        if world.faults < self.faults:
            yield f"{node} prepares, unknown", self._deferred(replace(done, faults=done.faults + 1), node, attempt)
        yield from self._store_fails(world, node, attempt)

    def _forward(self, world: World, node: int, attempt: Attempt) -> Iterator[tuple[str, World]]:
        passing = [index for index in attempt.left if self.fates[index] == "pass"]
        kept = len(passing) < len(attempt.left)
        out = replace(world, delivered=_plus(world.delivered, passing), doubles=world.doubles + (not attempt.heard))
        taken: Step = ("keep" if kept else "reply") if self.lmtp else "commit" if kept else "reply"
        yield f"{node} forwards", self._goes_on(out, node, replace(attempt, step=taken, out=True, good=tuple(passing)))
        if world.faults >= self.faults:
            return
        undone: Step = "abort" if kept and not self.lmtp else "reply"
        for name, code in (("4xx", 451), ("5xx", 550)):
            refused = replace(world, faults=world.faults + 1)
            yield f"hop says {name}", self._goes_on(refused, node, replace(attempt, step=undone, code=code))
        lost = replace(out, faults=world.faults + 1, doubles=out.doubles + attempt.heard)
        yield "the hop's answer is lost", self._goes_on(lost, node, replace(attempt, step=undone, code=451))

    def _commit(self, world: World, node: int, attempt: Attempt) -> Iterator[tuple[str, World]]:
        mine = [index for index in attempt.left if self.fates[index] != "pass"]
        passing = [index for index in attempt.left if self.fates[index] == "pass"]
        if any(world.copies[index] != Copy(State.PREPARED, _PURPOSE[self.fates[index]], node) for index in mine):
            yield f"{node} lost its rows", self._goes_on(world, node, replace(attempt, step="reply", code=451))
            return
        done = world
        for index in mine:
            done = _moved(done, index, VISIBLE_AS[_PURPOSE[self.fates[index]]])
        for index in passing:
            if done.copies[index] is None:
                done = replace(done, copies=_at(done.copies, index, Copy(State.SENT, Purpose.FORWARDED)))
        yield f"{node} commits", self._goes_on(done, node, replace(attempt, step="reply"))
        if world.faults < self.faults:
            failed = replace(world, faults=world.faults + 1, doubles=world.doubles + attempt.heard)
            yield f"{node} cannot commit", self._goes_on(failed, node, replace(attempt, step="abort", code=451))
            unknown = replace(done, faults=world.faults + 1)
            yield f"{node} commits, unknown", self._goes_on(unknown, node, replace(attempt, step="reply", code=451))

    def _abort(self, world: World, node: int, attempt: Attempt) -> Iterator[tuple[str, World]]:
        done = world
        for index in attempt.left:
            copy = world.copies[index]
            if copy and copy.state is State.PREPARED and copy.owner == node:
                done = _moved(done, index, State.ABORTED)
        yield f"{node} aborts", self._goes_on(done, node, replace(attempt, step="reply"))
        if world.faults < self.faults:
            failed = replace(world, faults=world.faults + 1)
            yield f"{node} cannot abort", self._goes_on(failed, node, replace(attempt, step="reply"))

    def _reply(self, world: World, node: int, attempt: Attempt) -> Iterator[tuple[str, World]]:
        """The answer: one for all over SMTP, over LMTP one for each recipient."""
        copies = tuple(replace(copy, owner=-2) if copy and copy.owner == node else copy for copy in world.copies)
        ended = replace(world, attempts=_at(world.attempts, node, None), copies=copies)
        if not attempt.heard:
            yield f"{node} ends unheard", ended
            return
        everybody = range(len(self.fates))
        earlier = [index for index in everybody if index not in attempt.left]
        good = [*earlier, *attempt.good] if self.lmtp else everybody if attempt.code == 250 else ()
        promised = tuple(world.promised[index] or index in good for index in everybody)
        # told for good: the client does not come again for the others
        tries = self.tries if attempt.code == 550 else world.tries
        yield f"{node} replies {attempt.code}", replace(ended, promised=promised, tries=tries)

    # People, and what is sent later

    def _people(self, world: World) -> Iterator[tuple[str, World]]:
        """Release, deny, and the deadline; each only from the states the table allows."""
        for index, copy in enumerate(world.copies):
            if copy is None:
                continue
            if copy.state in _RELEASABLE and not world.released[index]:
                claimed = _moved(world, index, State.RELEASING, Purpose.HELD)  # one that was owed is released like any other
                freed = replace(claimed, released=_at(claimed.released, index, True))
                yield f"release {index}", replace(freed, claims=_claim(freed, index))
            for ending in _DECIDED:
                if copy.state in sources(ending):
                    yield f"{ending} {index}", _moved(world, index, ending)

    def _clerk(self, world: World) -> Iterator[tuple[str, World]]:
        """Recovery, claims, and how an attempt of the clerk ends."""
        for index, copy in enumerate(world.copies):
            if copy is None or copy.purpose not in WAITING_FOR:
                continue
            if copy.state is State.PREPARED and copy.owner == -2:
                yield f"recover {index}", _moved(world, index, State.ABORTED)
            waiting, busy = WAITING_FOR[copy.purpose]
            if copy.state is waiting and index not in dict(world.claims):
                claimed = _moved(world, index, busy)
                yield f"claim {index}", replace(claimed, claims=_claim(claimed, index))
            elif copy.state is busy and index not in dict(world.claims):  # its owner died
                again = _moved(world, index, busy)
                yield f"claim {index} again", replace(again, claims=_claim(again, index))
        for index, so_far in world.claims:
            yield from self._sent_later(world, index, so_far)

    def _sent_later(self, world: World, index: int, so_far: str) -> Iterator[tuple[str, World]]:
        copy = world.copies[index]
        assert copy is not None
        rest = tuple(claim for claim in world.claims if claim[0] != index)
        ends = holds._ENDS[copy.purpose]
        if so_far == "claimed":
            out = replace(world, delivered=_plus(world.delivered, [index]))
            yield f"{index} goes out", replace(out, claims=(*rest, (index, "accepted")))
            if world.faults < self.faults:
                fault = replace(world, faults=world.faults + 1)
                yield f"{index} later", replace(fault, claims=(*rest, (index, "later")))
                yield f"{index} refused", replace(fault, claims=(*rest, (index, "failed")))
                lost = replace(out, faults=world.faults + 1, doubles=world.doubles + 1)
                yield f"{index} unknown", replace(lost, claims=(*rest, (index, "later")))
        else:
            yield f"{index} {so_far}", replace(_moved(world, index, getattr(ends, so_far)), claims=rest)
        if world.faults < self.faults:
            doubles = world.doubles + (so_far == "accepted")
            yield f"sender of {index} dies", replace(world, claims=rest, faults=world.faults + 1, doubles=doubles)

    # Small steps

    def _in_the_way(self, world: World, wanted: list[int], node: int) -> bool:
        """Whether another try that may still run holds one of the rows: then the client is told to come again."""
        found = (world.copies[index] for index in wanted)
        return any(copy and copy.state is State.PREPARED and copy.owner not in (node, -2) for copy in found)

    def _kept(self, world: World, wanted: list[int], node: int, *, visible: bool) -> World:
        for index in wanted:
            if not _invisible(world.copies[index]):
                continue  # settled meanwhile: its state stands
            purpose = _PURPOSE[self.fates[index]]
            copy = Copy(State.PREPARED, purpose, node)
            world = replace(world, copies=_at(world.copies, index, copy))
            if visible:
                world = _moved(world, index, VISIBLE_AS[purpose])
        return world

    def _deferred(self, world: World, node: int, attempt: Attempt) -> World:
        return self._goes_on(world, node, replace(attempt, step="reply", code=451))

    def _store_fails(self, world: World, node: int, attempt: Attempt) -> Iterator[tuple[str, World]]:
        if world.faults < self.faults:
            yield f"store fails {node}", self._deferred(replace(world, faults=world.faults + 1), node, attempt)

    @staticmethod
    def _goes_on(world: World, node: int, attempt: Attempt) -> World:
        return replace(world, attempts=_at(world.attempts, node, attempt))

    # The promises

    def _wrong(self, world: World) -> str:
        for index, fate in enumerate(self.fates):
            copy = world.copies[index]
            kept = copy is not None and copy.state not in INVISIBLE and copy.purpose is not Purpose.FORWARDED
            if world.promised[index] and not world.delivered[index] and not kept:
                return f"LOST {index}"
            if copy and copy.state in (State.SENT, State.RELEASED) and not world.delivered[index]:
                return f"LOST {index}: written down as sent"
            if fate == "hold" and world.delivered[index] and not world.released[index]:
                return f"LEAKED {index}"
            if world.delivered[index] - 1 > world.doubles:
                return f"DUP {index}"
        return ""


def _history(seen: dict[World, tuple[World | None, str]], world: World) -> list[str]:
    steps: list[str] = []
    at: World | None = world
    while at is not None:
        at, name = seen[at]
        steps.insert(0, name)
    return steps


def _moved(world: World, index: int, state: State, purpose: Purpose | None = None) -> World:
    """The row in another state, if the table of moves knows the way."""
    copy = world.copies[index]
    assert copy is not None
    if state not in MOVES[copy.state]:
        raise Broken(f"no move from {copy.state} to {state}")
    return replace(
        world, copies=_at(world.copies, index, replace(copy, state=state, purpose=purpose or copy.purpose, owner=-1))
    )


def _invisible(copy: Copy | None) -> bool:
    return copy is None or copy.state in INVISIBLE


def _claim(world: World, index: int) -> tuple[tuple[int, str], ...]:
    return (*world.claims, (index, "claimed"))


def _at(values: tuple, index: int, value: object) -> tuple:
    return (*values[:index], value, *values[index + 1 :])


def _plus(counts: tuple[int, ...], indices: list[int]) -> tuple[int, ...]:
    return tuple(count + (index in indices) for index, count in enumerate(counts))
