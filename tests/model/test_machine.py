"""The promises hold in every state the model can reach, and the model can tell when they do not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations_with_replacement

import pytest

from dlp.store.states import MOVES, State
from tests.model.machine import Attempt, Broken, Fate, Model, World

FATES: tuple[Fate, ...] = ("pass", "hold", "owe")
MIXES = [mix for count in (1, 2, 3) for mix in combinations_with_replacement(FATES, count)]


def bounds(mix: tuple[Fate, ...], *, every: bool) -> int:
    """How many faults: four when every cell is asked for, else as many as a quick look allows."""
    return 4 if every else 4 - len(mix)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("front", ["smtp", "lmtp"])
@pytest.mark.parametrize("mix", MIXES, ids="-".join)
def test_nothing_is_lost_leaked_or_doubled(mix: tuple[Fate, ...], front: str, pytestconfig: pytest.Config) -> None:
    every = pytestconfig.getoption("--every-cell", default=False)
    states = Model(mix, lmtp=front == "lmtp", faults=bounds(mix, every=bool(every))).explore()
    assert states > 50


class ReplyFirst(Model):
    """Answers before anything is durable."""

    def _lookup(self, world: World, node: int, attempt: Attempt) -> Iterator[tuple[str, World]]:
        told = tuple(True for _ in self.fates)
        for name, following in super()._lookup(world, node, attempt):
            yield name, replace(following, promised=told)


class ForwardsEverything(Model):
    """Takes held recipients for passing ones."""

    def _forward(self, world: World, node: int, attempt: Attempt) -> Iterator[tuple[str, World]]:
        for name, following in super()._forward(world, node, attempt):
            yield name, replace(following, delivered=(1,) * len(self.fates))


class ForgetsWhatIsSettled(Model):
    """Does not look up what an earlier try has done."""

    def _lookup(self, world: World, node: int, attempt: Attempt) -> Iterator[tuple[str, World]]:
        step = "prepare" if "hold" in self.fates else "forward"
        everybody = tuple(range(len(self.fates)))
        yield (
            "looks nothing up",
            replace(world, attempts=(*world.attempts[:node], Attempt(step, everybody), *world.attempts[node + 1 :])),
        )


class CommitsWhatIsNotPrepared(Model):
    """Holds after the forward, with nothing prepared before."""

    def _prepare(self, world: World, node: int, attempt: Attempt) -> Iterator[tuple[str, World]]:
        yield "prepares nothing", self._goes_on(world, node, replace(attempt, step="forward", left=attempt.left[:1]))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [(ReplyFirst, "LOST"), (ForwardsEverything, "LEAKED"), (ForgetsWhatIsSettled, "DUP"), (CommitsWhatIsNotPrepared, "LOST")],
)
def test_a_wrong_order_is_found(wrong: type[Model], says: str) -> None:
    with pytest.raises(Broken, match=says):
        wrong(("pass", "hold"), lmtp=False, faults=2).explore()


def test_a_move_the_table_does_not_know_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    without = dict(MOVES) | {State.PREPARED: frozenset({State.HELD, State.OWED})}
    monkeypatch.setattr("tests.model.machine.MOVES", without)
    with pytest.raises(Broken, match="no move from prepared to aborted"):
        Model(("pass", "hold"), lmtp=False, faults=2).explore()
