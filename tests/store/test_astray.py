"""Near-identical messages that go to somebody else than the one they name: counted for all nodes, for an hour."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from dlp.policy.facts import Series
from dlp.store import Store, database
from dlp.store.astray import MOST
from dlp.store.schema import astray
from tests.store.samples import StandingClock

WRONG = Series("f" * 32, astray=True)
RIGHT = replace(WRONG, astray=False)
UNSURE = replace(WRONG, astray=None)


def score(store: Store, series: Series = WRONG) -> int:
    return store.facts([], [], series=series).astray


def rows(store: Store) -> int:
    with database.reading(store._engine) as connection:
        return int(connection.scalar(select(func.count()).select_from(astray)) or 0)


def test_those_that_go_astray_count_for_every_node(store: Store, another: Callable[[str], Store]) -> None:
    store.count_astray(WRONG)
    another("north").count_astray(WRONG)
    assert score(store) == score(store, UNSURE) == 2
    assert score(store, replace(WRONG, fingerprint="0" * 32)) == 0


def test_of_those_that_come_at_once_none_is_lost(store: Store, another: Callable[[str], Store]) -> None:
    nodes = [store, another("north")] * 2
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda node: node.count_astray(WRONG), nodes))
    assert score(store) == 4


@pytest.mark.parametrize("series", [RIGHT, UNSURE], ids=["right", "unsure"])
def test_while_nothing_goes_astray_nothing_is_written(store: Store, series: Series, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_writing", None)
    store.count_astray(series)
    assert score(store, series) == rows(store) == 0


def test_one_that_goes_right_takes_one_off_and_never_more(store: Store) -> None:
    for series in (WRONG, WRONG, UNSURE, RIGHT, RIGHT, RIGHT):
        store.count_astray(series)
    assert score(store) == 0
    store.count_astray(WRONG)
    assert score(store) == 1


def test_a_merge_that_was_put_right_is_soon_trusted(store: Store) -> None:
    for _ in range(100):
        store.count_astray(WRONG)
    assert score(store) == MOST
    for _ in range(MOST):
        store.count_astray(RIGHT)
    assert score(store) == 0


def test_after_an_hour_without_another_it_is_forgotten(store: Store, clock: StandingClock) -> None:
    store.count_astray(WRONG)
    clock.forward(minutes=59)
    store.count_astray(WRONG)
    clock.forward(minutes=61)
    assert score(store) == 0
    store.count_astray(WRONG)
    assert score(store) == 1
    clock.forward(minutes=61)
    store.recover()
    assert rows(store) == 0
