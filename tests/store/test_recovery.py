"""Recovery: what a dead process prepared is forgotten, what it claimed is due at once, bytes nobody needs are swept."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from dlp.errors import ConfigError, Unavailable
from dlp.store import Store
from dlp.store.owners import Owner, installation
from dlp.store.states import Purpose, State
from tests.store.samples import OFFICER, START, StandingClock, held, mail, notice, owed

ROOT = Path(__file__).parents[2]


@pytest.fixture
def other(store: Store, another: Callable[[], Store]) -> Store:
    """Another process's store, which dies when it is closed."""
    del store  # it migrates
    return another()


def rows(store: Store, table: str, column: str) -> list[object]:
    with store._engine.connect() as connection:
        return [row[0] for row in connection.exec_driver_sql(f"SELECT {column} FROM {table}")]


class TestOwner:
    def test_lives_until_it_is_closed(self, tmp_path: Path):
        one, two = Owner(tmp_path, "main"), Owner(tmp_path, "main")
        assert two.lives(one.text)
        assert one.lives(one.text)
        one.close()
        assert not two.lives(one.text)

    def test_has_a_name_of_its_node(self, tmp_path: Path):
        assert Owner(tmp_path, "relay-1").text.startswith("relay-1:")

    @pytest.mark.parametrize("text", ["relay-2:1-0", "4711:0123456789abcdef"], ids=["other-node", "older-version"])
    def test_nothing_is_known_of_others(self, tmp_path: Path, text: str):
        assert Owner(tmp_path, "main").lives(text)

    def test_only_the_files_of_the_dead_are_swept(self, tmp_path: Path):
        one = Owner(tmp_path, "main")
        (tmp_path / "owner.1-0").touch()
        (tmp_path / "reader").touch()
        one.sweep()
        assert sorted(path.name for path in tmp_path.iterdir()) == [f"owner.{one.text.partition(':')[2]}", "reader"]

    def test_an_installation_keeps_its_name_and_shares_it_with_no_other(self, tmp_path: Path):
        with ThreadPoolExecutor(8) as pool:
            names = set(pool.map(lambda _: installation(tmp_path / "run"), range(8)))
        assert len(names) == 1
        assert {installation(tmp_path / "run")} == names != {installation(tmp_path / "other")}
        assert [path.name for path in (tmp_path / "run").iterdir()] == ["installation"]

    def test_an_installation_with_an_empty_name_gets_one(self, tmp_path: Path):
        """As a power cut may leave it: machines that share a name take each other's processes for their own."""
        (tmp_path / "installation").touch()
        with ThreadPoolExecutor(8) as pool:
            (name,) = set(pool.map(lambda _: installation(tmp_path), range(8)))
        assert name
        assert installation(tmp_path) == name

    def test_an_installation_is_synced_before_it_is_used(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        synced = []
        monkeypatch.setattr("os.fsync", lambda descriptor: synced.append(Path(f"/proc/self/fd/{descriptor}").readlink()))
        installation(tmp_path / "run")
        assert synced == [tmp_path / "run" / "installation", tmp_path / "run"]

    def test_a_folder_that_cannot_be_written_is_the_administrators(self, tmp_path: Path):
        (tmp_path / "run").touch()
        with pytest.raises(ConfigError, match="writable"):
            Owner(tmp_path / "run", "main")


class TestPrepared:
    def test_of_a_living_process_stays_and_makes_others_wait(self, store: Store, other: Store):
        other.prepare(mail(), [held("bob@outside.example")])
        assert not store.recover()
        with pytest.raises(Unavailable, match="busy"):
            store.prepare(mail(), [held("bob@outside.example")])

    def test_of_a_dead_process_gives_way_at_once(self, store: Store, other: Store):
        other.prepare(mail(), [held("bob@outside.example")])
        other.close()
        store.commit(store.prepare(mail(), [held("bob@outside.example")]))
        assert [copy.state for copy in store.held()] == [State.HELD]
        assert len(rows(store, "content_chunk", "content")) == 1

    def test_of_a_dead_process_is_forgotten_bytes_included(self, store: Store, other: Store):
        other.prepare(mail(), [held("bob@outside.example", "tim@outside.example")])
        other.close()
        assert store.recover().aborted == 2
        assert set(rows(store, "copy", "state")) == {State.ABORTED}
        assert rows(store, "content_chunk", "content") == []
        assert not store.recover()

    def test_of_a_process_that_hangs_is_forgotten_when_its_lease_ends(self, store: Store, other: Store, clock: StandingClock):
        prepared = other.prepare(mail(), [held("bob@outside.example")])
        clock.forward(minutes=16)
        assert store.recover().aborted == 1
        with pytest.raises(Unavailable, match="busy"):
            other.commit(prepared)

    def test_is_put_right_in_parts(self, store: Store, other: Store):
        other.prepare(mail(), [held(*(f"p{n}@outside.example" for n in range(7)))])
        other.close()
        assert [store.recover(limit=3).aborted for _ in range(4)] == [3, 3, 1, 0]


class TestClaims:
    def test_of_a_living_process_are_left_alone(self, store: Store, other: Store):
        other.hold(mail(), [owed("bob@outside.example")], notice())
        assert other.claim_due(Purpose.OWED)
        assert other.claim_notices()
        assert not store.recover()
        assert not store.claim_due(Purpose.OWED)
        assert not store.claim_notices()

    def test_of_a_dead_process_are_due_at_once(self, store: Store, other: Store):
        other.hold(mail(), [owed("bob@outside.example")], notice())
        other.hold(mail("other"), [held("tim@outside.example")])
        (waiting,) = other.held()
        dead = [*other.claim_due(Purpose.OWED), other.claim_release(waiting.id, OFFICER), *other.claim_notices()]
        other.close()
        assert len(dead) == store.recover().due == 3
        again = [*store.claim_due(Purpose.OWED), *store.claim_due(Purpose.HELD), *store.claim_notices()]
        assert [claim.attempts for claim in again] == [2, 2, 2]

    def test_a_late_write_of_the_former_owner_changes_nothing(self, store: Store, other: Store):
        other.hold(mail(), [owed("bob@outside.example")])
        (late,) = other.claim_due(Purpose.OWED)
        other.close()
        store.recover()
        (mine,) = store.claim_due(Purpose.OWED)
        assert not other.settle(late, State.SENT)
        assert store.settle(mine, State.SENT)


class TestBytes:
    def test_that_no_copy_refers_to_are_swept(self, store: Store):
        store.hold(mail(), [held("bob@outside.example")])
        with store._engine.begin() as connection:
            connection.exec_driver_sql("UPDATE copy SET content = NULL")
        assert store.recover().swept == 1
        assert rows(store, "content", "id") == rows(store, "content_chunk", "content") == []

    def test_of_a_copy_stay(self, store: Store):
        store.hold(mail(), [held("bob@outside.example")])
        assert not store.recover()
        assert store.content(store.held()[0])
        assert store.without_bytes() == ()

    @pytest.mark.parametrize("lost", ["DELETE FROM content_chunk", "UPDATE content SET wrapped_key = NULL"])
    def test_that_are_missing_are_told(self, store: Store, lost: str):
        store.hold(mail(), [held("bob@outside.example")])
        with store._engine.begin() as connection:
            connection.exec_driver_sql(lost)
        ((identity, reference),) = store.without_bytes()
        assert (identity, reference) == (store.held()[0].id, mail().envelope.reference)

    def test_that_were_erased_on_purpose_are_not_missing(self, store: Store):
        store.hold(mail(), [held("bob@outside.example")])
        store.deny(store.held()[0].id, OFFICER)
        assert store.without_bytes() == ()


class TestCheck:
    def test_tells_how_far_the_clock_is_behind_what_was_written(self, store: Store, clock: StandingClock):
        assert store.check() == timedelta()
        store.hold(mail(), [held("bob@outside.example")])
        clock.now = START - timedelta(hours=1)
        assert store.check() == timedelta(hours=1)
        assert len(rows(store, "node", "name")) == 1


DYING = """
import os, signal, sys
from pathlib import Path
from dlp.store import Store
from tests.store.samples import KEYS, held, mail
store = Store.open(sys.argv[1], Path(sys.argv[2]), KEYS)
store.prepare(mail(), [held("bob@outside.example")])
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_prepared_gives_way_at_once(store: Store, url: str, data_dir: Path):
    subprocess.run([sys.executable, "-c", DYING, url, str(data_dir)], cwd=ROOT, check=False, timeout=60)
    assert rows(store, "copy", "state") == [State.PREPARED]
    assert store.hold(mail(), [held("bob@outside.example")]).new
    assert len(store.held()) == 1
    assert len(rows(store, "content_chunk", "content")) == 1


class TestFailures:
    def test_are_counted_for_each_message(self, store: Store, other: Store):
        assert [store.count_failure(b"a"), other.count_failure(b"a"), store.count_failure(b"b")] == [1, 2, 1]

    def test_are_forgotten_after_a_day_without_another(self, store: Store, clock: StandingClock):
        store.count_failure(b"a")
        clock.forward(hours=23)
        store.count_failure(b"a")
        clock.forward(hours=23)
        store.recover()
        assert store.count_failure(b"a") == 3
        clock.forward(hours=25)
        store.recover()
        assert store.count_failure(b"a") == 1


class TestNoted:
    def test_whoever_watches_is_told_whether_writing_works(self, store: Store, other: Store):
        told: list[bool] = []
        store.noted = told.append
        store.check()
        other.prepare(mail(), [held("bob@outside.example")])
        with pytest.raises(Unavailable, match="busy"):
            store.prepare(mail(), [held("bob@outside.example")])
        with store._engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE node")
        with pytest.raises(Unavailable, match="store"):
            store.check()
        assert told == [True, False]

    def test_a_full_disk_is_no_failure_of_the_store(self, store: Store, monkeypatch: pytest.MonkeyPatch):
        """It answers at once, and 452; a breaker would make 451 of that."""
        told: list[bool] = []
        store.noted = told.append

        def full(*_: object) -> None:
            raise Unavailable("disk", storage=True)

        monkeypatch.setattr("dlp.store.recovery.check_in", full)
        with pytest.raises(Unavailable, match="disk"):
            store.check()
        assert told == []
