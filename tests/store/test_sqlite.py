"""How SQLite is opened, and what its troubles are called."""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from dlp.errors import ConfigError, Unavailable
from dlp.store import Store, sqlite
from dlp.store.states import State
from dlp.values import Recipient
from tests.store.samples import KEYS, StandingClock, held, mail, new_store

BOB = "bob@outside.example"


@pytest.fixture
def impatient(data_dir: Path, clock: StandingClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store that waits a moment for a lock, not five seconds, and may not grow beyond 100 pages."""
    new_store(data_dir, clock).close()
    settings = ("busy_timeout=50", *sqlite._PRAGMAS[1:], "max_page_count=100")
    monkeypatch.setattr(sqlite, "_PRAGMAS", settings)
    store = Store.open("sqlite", data_dir, KEYS, clock=clock)
    yield store
    store.close()


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("secure_delete", 1),
        ("busy_timeout", 5000),
        ("temp_store", 2),
    ],
)
def test_connections_are_set_to(lite: Store, pragma: str, value: object) -> None:
    with lite._engine.connect() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_a_locked_database_is_unavailable_to_writers_and_not_to_readers(impatient: Store, data_dir: Path) -> None:
    impatient.hold(mail("4Aaa"), [held(BOB)])
    with closing(sqlite3.connect(data_dir / sqlite.FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable) as caught:
            impatient.hold(mail("4Bbb"), [held(BOB)])
        assert (caught.value.cause, caught.value.storage) == ("store", False)
        assert len(impatient.held()) == 1
    impatient.hold(mail("4Bbb"), [held(BOB)])
    assert len(impatient.held()) == 2


@pytest.mark.parametrize("name", [sqlite._TURN, sqlite._NEXT])
def test_a_turn_that_never_comes_is_unavailable_and_the_next_one_is_taken(
    impatient: Store, data_dir: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    assert sqlite.PATIENCE <= 10
    monkeypatch.setattr(sqlite, "PATIENCE", 0.1)
    path = data_dir / f"{sqlite.FILE}{name}"
    impatient.hold(mail("4Aaa"), [held(BOB)])
    with path.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(Unavailable) as caught:
            impatient.hold(mail("4Bbb"), [held(BOB)])
        assert (caught.value.cause, caught.value.storage) == ("store", False)
    impatient.hold(mail("4Bbb"), [held(BOB)])
    assert len(impatient.held()) == 2


def test_a_thread_behind_a_slow_one_of_its_own_process_gives_up_as_well(
    impatient: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "PATIENCE", 0.1)
    with sqlite.writing(impatient._engine), ThreadPoolExecutor(1) as other:
        assert type(other.submit(impatient.hold, mail("4Aaa"), [held(BOB)]).exception(5)) is Unavailable
    impatient.hold(mail("4Aaa"), [held(BOB)])
    assert len(impatient.held()) == 1


@pytest.mark.parametrize(
    ("number", "cause", "storage"),
    [
        (errno.ENOSPC, "disk", True),
        (errno.EDQUOT, "disk", True),
        (errno.EMFILE, "store", False),
        (errno.EACCES, "store", False),
        (errno.EIO, "store", False),
    ],
)
@pytest.mark.parametrize("call", ["os.open", "fcntl.flock"])
def test_what_the_file_system_raises_has_our_name(
    lite: Store,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    number: int,
    cause: str,
    *,
    storage: bool,
    call: str,
) -> None:
    def failing(*_: object) -> int:
        raise OSError(number, "a text that names a file", "/secret/name")

    monkeypatch.setattr(f"dlp.store.sqlite.{call}", failing)
    with pytest.raises(Unavailable) as caught:
        lite.hold(mail(), [held(BOB)])
    monkeypatch.undo()
    assert (caught.value.cause, caught.value.storage) == (cause, storage)
    (record,) = caplog.records
    told = {"error": errno.errorcode[number], "what": cause, "operation": "write"}
    assert (record.getMessage(), vars(record)["values"]) == ("store.trouble", told)
    assert "secret" not in "".join(traceback.format_exception(caught.value))
    lite.hold(mail(), [held(BOB)])


def test_a_full_disk_is_told_apart_and_nothing_is_half_done(impatient: Store) -> None:
    impatient.hold(mail("4Aaa"), [held(BOB)])
    with pytest.raises(Unavailable) as caught:
        impatient.prepare(mail("4Bbb"), [held(BOB, content=os.urandom(1_000_000))])
    assert (caught.value.cause, caught.value.storage) == ("disk", True)
    assert impatient.settled(mail("4Bbb").key, mail().envelope.recipients) == {}
    assert impatient.hold(mail("4Bbb"), [held(BOB)]).new == {BOB}


def test_a_file_that_is_no_database_is_unavailable(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / sqlite.FILE).write_bytes(b"not a database at all " * 100)
    with pytest.raises(Unavailable):
        Store.open("sqlite", data_dir, KEYS)


def test_a_data_folder_that_cannot_be_made_is_a_configuration_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=r"site\.data_dir.*writable"):
        Store.open("sqlite", tmp_path / "file" / "var", KEYS)


@pytest.mark.parametrize("fate", ["removed", "replaced"])
def test_a_database_that_is_no_longer_in_its_place_takes_nothing(lite: Store, data_dir: Path, fate: str) -> None:
    """What is committed to a file nobody can find again is lost, whatever the commit said."""
    lite.hold(mail("1"), [held("bob@outside.example")])
    path = data_dir / "store.sqlite"
    content = path.read_bytes()
    path.unlink()
    if fate == "replaced":
        path.write_bytes(content)
    with pytest.raises(Unavailable):
        lite.hold(mail("2"), [held("eve@outside.example")])


def test_a_connection_that_was_opened_for_reading_only_is_not_kept(lite: Store) -> None:
    """SQLite opens a file so when it cannot be opened for writing at that moment; a pool would keep it for ever."""
    with lite._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
    with pytest.raises(Unavailable):
        lite.hold(mail("1"), [held(BOB)])
    lite.hold(mail("2"), [held(BOB)])
    assert len(lite.held()) == 1


def test_a_glance_tells_what_is_committed_and_visible(lite: Store) -> None:
    wanted = mail().key, [Recipient(BOB), Recipient("kim@outside.example")]
    assert lite.settled_at_once(*wanted) == {}
    prepared = lite.prepare(mail(), [held(BOB)])
    assert lite.settled_at_once(*wanted) == {}
    lite.commit(prepared)
    assert lite.settled_at_once(*wanted) == lite.settled(*wanted) == {BOB: State.HELD}


def test_a_glance_does_not_wait_for_a_lock_and_does_not_take_it_for_nothing_found(lite: Store, data_dir: Path) -> None:
    lite.hold(mail(), [held(BOB)])
    wanted = mail().key, [Recipient(BOB)]
    with closing(sqlite3.connect(data_dir / sqlite.FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert lite.settled_at_once(*wanted) == {BOB: State.HELD}  # a writer is not in its way
        other.execute("ROLLBACK")
    disconnect(lite)
    with closing(sqlite3.connect(data_dir / sqlite.FILE, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        assert lite.settled_at_once(*wanted) is None
        assert time.monotonic() - began < 1
        other.execute("ROLLBACK")
    assert lite.settled_at_once(*wanted) == {BOB: State.HELD}


def disconnect(store: Store) -> None:
    store._engine.dispose()
    assert store._glance is not None
    store._glance.close()


@pytest.mark.parametrize("how", ["removed", "replaced", "emptied"])
def test_a_glance_at_a_file_that_is_not_the_store_s_tells_nothing(lite: Store, data_dir: Path, how: str) -> None:
    lite.hold(mail(), [held(BOB)])
    wanted = mail().key, [Recipient(BOB)]
    assert lite.settled_at_once(*wanted)
    path = data_dir / sqlite.FILE
    if how == "emptied":
        disconnect(lite)
        path.write_bytes(b"")
    else:
        path.rename(path.with_suffix(".away"))
        if how == "replaced":
            path.write_bytes(path.with_suffix(".away").read_bytes())
    assert lite.settled_at_once(*wanted) is None
