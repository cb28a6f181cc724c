"""The statements that the two databases spell alike, by themselves: what they give back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from dlp.store import Store
from dlp.store.schema import errand, node


def test_a_row_is_inserted_once_and_the_first_stays(store: Store) -> None:
    with store._writing() as work:
        assert work.insert_once(node, {"name": "north", "seen": 1}) is True
        assert work.insert_once(node, {"name": "north", "seen": 2}) is False
        assert work.insert_once(node, {"name": "south", "seen": 3}) is True
        found = work.connection.execute(select(node.c.name, node.c.seen).order_by(node.c.name))
        assert [tuple(row) for row in found] == [("north", 1), ("south", 3)]


def test_a_row_of_another_process_is_found_and_the_transaction_goes_on(store: Store, another: Callable[[], Store]) -> None:
    with another()._writing() as work:
        assert work.insert_once(errand, {"name": "digest", "day": 1, "not_before": 0})
    with store._writing() as work:
        assert not work.insert_once(errand, {"name": "digest", "day": 2, "not_before": 0})
        assert work.insert_once(node, {"name": "north", "seen": 1})
    with store._reading() as work:
        assert work.connection.scalar(select(errand.c.day)) == 1
        assert work.connection.scalar(select(node.c.seen)) == 1


@pytest.mark.parametrize("kept", [True, False], ids=["committed", "rolled back"])
def test_whether_it_stays_is_for_the_transaction_to_say(store: Store, *, kept: bool) -> None:
    row = {"name": "north", "seen": 1}
    try:
        with store._writing() as work:
            assert work.insert_once(node, row)
            if not kept:
                raise KeyError
    except KeyError:
        pass
    with store._writing() as work:
        assert work.insert_once(node, row) is not kept
