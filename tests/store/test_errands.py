"""What one node does for all once a day: one of those that ask at once, again after its lease, never twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from dlp.store import Store
from dlp.store.errands import Turn
from tests.store.samples import START, StandingClock

TODAY = START.date()


def test_of_those_that_ask_at_once_one_gets_it(store: Store, another: Callable[[str], Store]) -> None:
    nodes = [store, another("north"), another("south")] * 4
    with ThreadPoolExecutor(12) as pool:
        turns = list(pool.map(lambda node: node.claim_errand("digest", TODAY), nodes))
    assert sorted(turns) == [Turn.MINE, *[Turn.WAIT] * 11]


def test_one_that_is_done_is_done_for_all_until_tomorrow(store: Store, another: Callable[[str], Store]) -> None:
    north = another("north")
    assert store.claim_errand("digest", TODAY) is Turn.MINE
    store.end_errand("digest", TODAY)
    assert north.claim_errand("digest", TODAY) is Turn.DONE
    assert north.claim_errand("digest", TODAY + timedelta(days=1)) is Turn.MINE
    assert store.claim_errand("another", TODAY) is Turn.MINE


def test_a_dead_node_s_errand_goes_to_another(store: Store, another: Callable[[str], Store], clock: StandingClock) -> None:
    north = another("north")
    assert store.claim_errand("digest", TODAY) is Turn.MINE
    assert north.claim_errand("digest", TODAY) is Turn.WAIT
    clock.forward(minutes=15)
    assert north.claim_errand("digest", TODAY) is Turn.MINE


def test_one_that_was_put_off_waits(store: Store, clock: StandingClock) -> None:
    assert store.claim_errand("digest", TODAY) is Turn.MINE
    store.end_errand("digest", TODAY, START + timedelta(minutes=10))
    clock.forward(minutes=9)
    assert store.claim_errand("digest", TODAY) is Turn.WAIT
    clock.forward(minutes=1)
    assert store.claim_errand("digest", TODAY) is Turn.MINE
