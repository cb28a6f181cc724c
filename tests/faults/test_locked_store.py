"""The store locked, gone, replaced, corrupted, killed in the middle, its log taken away (F24, F26, F34; SQLite).

Letters, one for each recipient: D delivered, H held (both answered 250), 4 to be sent again. What needs no row passes by;
what does is deferred and nothing of it is forwarded, unless LMTP answers for each. Then the trouble ends and the same
process takes the rest.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from itertools import product
from pathlib import Path

import pytest

from dlp.failpoints import VARIABLE
from dlp.store import Store, sqlite
from dlp.store.records import Filter
from dlp.store.sqlite import FILE
from dlp.store.states import State
from tests.promises import RAW, Oracle
from tests.store.samples import KEYS, StandingClock, held, mail
from tests.upstream import fresh_store, posted

pytestmark = pytest.mark.usefixtures("by_local_part")
ROOT = Path(__file__).parents[2]
PAGE = 4096
FATES = {
    "pass": ("pass1@campus.example", "pass2@campus.example"),
    "hold": ("hold1@out.example", "hold2@out.example"),
    "split": ("pass1@campus.example", "hold1@out.example"),
}


@contextmanager
def _write_lock(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def _turn(path: Path) -> Iterator[None]:
    with path.with_name(FILE + sqlite._TURN).open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        yield


@contextmanager
def _moved(path: Path) -> Iterator[None]:
    aside = path.with_name("aside")
    path.rename(aside)
    yield
    aside.replace(path)


@contextmanager
def _replaced(path: Path) -> Iterator[None]:
    with _moved(path):
        path.write_bytes(path.with_name("aside").read_bytes())
        yield


@contextmanager
def _corrupted(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = path.read_bytes()
    with path.open("r+b") as file:
        file.seek(PAGE)
        file.write(b"\xff" * (len(whole) - PAGE))
    yield
    with path.open("r+b") as file:
        file.write(whole)


TROUBLES: Mapping[str, Callable[[Path], AbstractContextManager[None]]] = {
    "another holds the write lock": _write_lock,
    "another keeps the turn to write": _turn,
    "the file is moved away": _moved,
    "the file is replaced": _replaced,
    "the image is corrupted": _corrupted,
}
BLIND = frozenset({"the image is corrupted"})  # an earlier try cannot be looked up, so not even a pass is sure


def expected(trouble: str, fate: str, *, lmtp: bool) -> str:
    if trouble in BLIND:
        return "44"
    return {"pass": "DD", "hold": "44", "split": "D4" if lmtp else "44"}[fate]


@pytest.mark.parametrize(("trouble", "fate", "front"), list(product(TROUBLES, FATES, ("smtp", "lmtp"))))
async def test_a_store_in_trouble(quick_folder, monkeypatch, cell, trouble: str, fate: str, front: str) -> None:
    monkeypatch.setattr(sqlite, "PATIENCE", 0.1)
    monkeypatch.setattr(sqlite, "_PRAGMAS", ("busy_timeout=50", *sqlite._PRAGMAS[1:]))
    async with posted(quick_folder, lmtp=front == "lmtp") as post:
        oracle = Oracle(post, FATES[fate])
        with TROUBLES[trouble](quick_folder / FILE):
            codes = await post.send(FATES[fate], RAW)
        letters = "".join("D" if codes[each] == 250 and post.arrived(each) else str(codes[each] // 100) for each in FATES[fate])
        cell("store in trouble", trouble, f"{fate}, {front} front", letters)
        assert letters == expected(trouble, fate, lmtp=front == "lmtp")
        assert not oracle.rows()
        codes |= await post.send([address for address, code in codes.items() if code != 250] or FATES[fate], RAW)
        assert set(codes.values()) == {250}
        oracle.never()
        oracle.kept(codes, permanent=False)
        assert post.tools.store.verify_audit() is None


WRITER = """
import sys
from pathlib import Path
from dlp.store import Store
from tests.store.samples import KEYS, StandingClock, held, mail
store = Store.open("sqlite", Path(sys.argv[1]), KEYS, clock=StandingClock())
store.hold(mail("before"), [held("bob@outside.example")])
(Path(sys.argv[2]) / sys.argv[3]).write_text("kill")
if sys.argv[3] == "hold.commit":
    store.hold(mail("killed"), [held("bob@outside.example")])
else:
    store.commit(store.prepare(mail("killed"), [held("bob@outside.example")]))
"""


@pytest.mark.parametrize("point", ["hold.commit", "prepare.commit", "commit.commit"])
def test_a_writer_killed_inside_its_transaction_leaves_nothing_half_done(tmp_path: Path, point: str) -> None:
    """Its lock goes with it, and what it committed before is there."""
    folder, points = tmp_path / "var", tmp_path / "points"
    fresh_store(folder, StandingClock()).close()
    points.mkdir()
    command = [sys.executable, "-c", WRITER, str(folder), str(points), point]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | {VARIABLE: str(points)}, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    store = _store_is_whole(folder)
    assert len(store.held()) == 1
    store.hold(mail("after"), [held("eve@outside.example")])
    assert len(store.held()) == 2
    store.close()


def _store_is_whole(folder: Path) -> Store:
    with closing(sqlite3.connect(folder / FILE)) as plain:
        assert plain.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    store = Store.open("sqlite", folder, KEYS, clock=StandingClock())
    assert store.verify_audit() is None
    return store


def test_a_log_that_was_taken_away_leaves_the_store_of_the_last_checkpoint(tmp_path: Path) -> None:
    """What was in it is lost, which only a person can do; the rest is whole and takes mail."""
    store = fresh_store(tmp_path / "var", StandingClock())
    store.hold(mail("before"), [held("bob@outside.example")])
    copied = tmp_path / "copied"
    copied.mkdir(mode=0o700)
    (copied / FILE).write_bytes((tmp_path / "var" / FILE).read_bytes())  # without the log, as it stood when power went
    store.close()
    found = _store_is_whole(copied)
    assert found.held(Filter(states=frozenset(State))) == ()
    found.hold(mail("after"), [held("bob@outside.example")])
    assert len(found.held()) == 1
    found.close()
