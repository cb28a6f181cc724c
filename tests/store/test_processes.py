"""Several processes, of one node or of two, on one store: nothing lost, nothing half done, every chain unbroken."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select

from dlp.store import Store
from dlp.store.records import Filter
from dlp.store.schema import content_chunk, copy, message, outbox
from dlp.store.states import State
from tests.store.nodes import Nodes, Told
from tests.store.samples import held, mail

# Of racing releases in one run; `make test` takes these, the long run ten thousand.
CLICKS = int(os.environ.get("DLP_TEST_CLICKS", "3000"))


def number(store: Store, table: object) -> int:
    with store._engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0  # type: ignore[arg-type]


def together(job: str, url: str, data_dir: Path, names: str, count: int) -> Told:
    """What processes with these names did at once, in sum."""
    nodes = Nodes(job, url, data_dir, names.split(), count)
    nodes.begin()
    return sum(nodes.end(), Told())


def test_three_processes_that_hold_commit_release_and_tell_at_once_lose_nothing(store: Store, url: str, data_dir: Path) -> None:
    count = 60
    told = together("mixed", url, data_dir, "a b c", count)
    # each takes one owed copy and one notice a round, whosever they are: what was due at the end is left
    states = Counter(each.state for each in store.held(Filter(states=frozenset(State))))
    assert told["released"] == states[State.RELEASED] == 3 * count
    assert told["sent"] == states[State.SENT]
    assert states[State.SENT] + states[State.OWED] == 3 * count
    assert states[State.HELD] == 6 * count
    assert len(store.by_reference(mail("shared").envelope.reference)) == 3 * count
    facts = told["facts"] + sum(len(due.facts) for due in store.claim_notices(10_000))
    assert facts == 6 * count
    assert all(store.content(each) for each in store.held())
    assert store.verify_audit() is None


def test_what_a_killed_process_was_told_is_kept_is_kept(store: Store, url: str, data_dir: Path) -> None:
    nodes = Nodes("hold", url, data_dir, ["a"], 10_000)
    nodes.begin()
    (writer,) = nodes.processes
    assert writer.stdout
    told = [writer.stdout.readline() for _ in range(20)]
    writer.kill()
    told += writer.communicate()[0].splitlines()
    copies = store.held()
    assert len(copies) in (2 * len(told), 2 * len(told) + 2)
    assert all(store.content(copy) for copy in copies)
    assert store.verify_audit() is None


@pytest.mark.servers
def test_two_nodes_with_the_same_messages_at_once_make_one_row_of_each(store: Store, url: str, data_dir: Path) -> None:
    """The MTA tries again at another node while the first is still at it."""
    count = 100
    told = together("same", url, data_dir, "north south", count)
    assert told["done"] + told["unavailable"] == 2 * count
    assert told["refused"] == 0
    assert told["done"] >= count
    assert told["new"] == 2 * count
    assert number(store, message) == count
    assert number(store, copy) == 2 * count + count // 2  # two held of each message, and every other one was forwarded
    assert len(store.held()) == 2 * count
    assert number(store, content_chunk) == count + count // 2  # the two chunks of every other one have bytes of their own
    # one of those that held, one of those that only told; what came second was merged
    assert number(store, outbox) == 2 * count
    assert store.verify_audit() is None


@pytest.mark.servers
@pytest.mark.timeout(600)
def test_racing_releases_send_each_copy_once_and_one_attempt_at_a_time(store: Store, url: str, data_dir: Path) -> None:
    items = 100
    for n in range(items // 2):
        store.hold(mail(f"r{n}"), [held("bob@outside.example", "eve@outside.example")])
    told = together("release", url, data_dir, "north south", CLICKS // 2)
    assert told["clicks"] == CLICKS // 2 * 2
    assert (told["doubled"], told[State.RELEASED]) == (0, items)
    assert told[State.HELD_RETRY] > 0
    assert {each.state for each in store.held(Filter(states=frozenset(State)))} == {State.RELEASED}
    assert number(store, content_chunk) == 0
    assert store.verify_audit() is None
