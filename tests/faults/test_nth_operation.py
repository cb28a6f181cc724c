"""The n-th operation on the store's files fails, for every n of six canonical transactions (R4, F27 to F30).

One life of a process: it opens the store, does the transaction, tries again as client and clerk do, and closes. Each run
lets one system call fail once, with EIO or ENOSPC. A cell says how many runs there were; each is judged by what the client
was told, what the sink has and what the store shows to whoever opens it next.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from itertools import product
from pathlib import Path

import pytest

from dlp.store import Store
from dlp.store.records import Filter
from dlp.store.sqlite import FILE
from dlp.store.states import NEEDS_NO_CONTENT, NoticeState, State
from tests.faults.one_life import KINDS
from tests.faults.tracing import attached, missing, on_paths
from tests.store.samples import KEYS, URL, StandingClock

ROOT = Path(__file__).parents[2]
FILES = tuple(FILE + suffix for suffix in ("", "-wal", "-shm", "-journal", ".turn", ".next"))
CALLS = ("openat", "pread64", "pwrite64", "fdatasync", "fsync", "ftruncate", "unlink")
ERRORS = ("EIO", "ENOSPC")
RUN_WITHIN = 40.0  # seconds
pytestmark = [pytest.mark.servers, pytest.mark.skipif(bool(missing()), reason=missing() or "strace is there")]


class Lives:
    """The process that forks one child for each life."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.one_life"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def live(self, kind: str, call: str, *, error: str = "", nth: int = 0) -> tuple[Path, dict, list[str]]:
        """One life: its folder, what it told, and the traced calls."""
        self._count += 1
        folder = self._folder / str(self._count)
        folder.mkdir()
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(f"{kind} {folder}\n")
        self._server.stdin.flush()
        _wait_for(folder / "pid")
        log = folder / "trace"
        with attached(
            int((folder / "pid").read_text()), log, *on_paths([folder / name for name in FILES], call, error=error, nth=nth)
        ):
            (folder / "go").touch()
            _wait_for(folder / "told")
            self._server.stdout.readline()
        return folder, json.loads((folder / "told").read_text()), log.read_text().splitlines()

    def close(self) -> None:
        self._server.kill()
        self._server.communicate()


def _wait_for(path: Path) -> None:
    until = time.monotonic() + RUN_WITHIN
    while not path.exists():
        assert time.monotonic() < until, "the process did not end"
        time.sleep(0.002)


@pytest.fixture(scope="module")
def lives() -> Iterator[Lives]:
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        lives = Lives(Path(folder))
        yield lives
        lives.close()


def times(lines: list[str], call: str) -> int:
    """How often the busiest thread made the call."""
    by_thread = Counter(line.split()[0] for line in lines if re.match(rf"\d+ +{call}\(", line))
    return max(by_thread.values(), default=0)


def wrong(kind: str, folder: Path, told: dict) -> Iterator[str]:
    """Every promise this life broke."""
    with closing(sqlite3.connect(folder / FILE)) as plain:
        if plain.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            yield "integrity"
        if plain.execute("PRAGMA foreign_key_check").fetchall():
            yield "foreign keys"
    if told["strange"]:
        yield f"strange {told['strange']}"
    store = Store.open(URL, folder, KEYS, clock=StandingClock())
    try:
        if store.verify_audit() is not None:
            yield "audit chain"
        every = store.held(Filter(states=frozenset(State)))
        rows = {copy.recipient.address: copy.state for copy in every}
        notices = store.counts().notices
        yield from (
            f"unreadable {copy.state}" for copy in every if copy.state not in NEEDS_NO_CONTENT and not store.content(copy)
        )
    finally:
        store.close()
    if len(rows) != len(every):
        yield "two rows for one recipient"
    if told["opened"] or kind in ("release", "notice"):
        yield from _broken(kind, told, rows)
    elif rows:
        yield "PHANTOM"
    if (
        kind != "pass"
        and told["opened"]
        and set(notices) - {NoticeState.SENT} - ({NoticeState.WAITING} if kind == "pass" else set())
    ):
        yield "notice not sent"


def _broken(kind: str, told: dict, rows: dict[str, State]) -> Iterator[str]:
    codes: dict[str, int] = {}
    for each in told["codes"]:
        codes |= each
        if set(each.values()) - {250, 451, 452}:
            yield "MISCLASS"
    again = len(told["codes"]) > 1 or kind == "release"
    for address in KINDS[kind]:
        copies, state = told["arrived"].get(address, 0), rows.get(address)
        stays = kind != "release" or not told["opened"]
        if codes[address] != 250:
            yield "never accepted"
        if address.startswith("hold") and stays:
            yield from ["LEAKED"] * bool(copies) + ["LOST"] * (state is not State.HELD)
        else:
            yield from ["LOST"] * (not copies) + ["DUP"] * (copies > 1 + again)
            yield from [f"left {state}"] * (state not in (None, State.SENT, State.RELEASED))


def cells() -> Iterator[object]:
    quick = {("hold", "fdatasync"), ("split", "fdatasync")}
    for kind, call, error in product(KINDS, CALLS, ERRORS):
        long = (kind, call) not in quick
        yield pytest.param(kind, call, error, marks=[pytest.mark.long_cells] if long else [], id=f"{kind}-{call}-{error}")


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("kind", "call", "error"), list(cells()))
def test_the_nth_operation_fails(lives: Lives, cell, kind: str, call: str, error: str) -> None:
    folder, told, lines = lives.live(kind, call)
    count = times(lines, call)
    bad = [f"undisturbed: {what}" for what in wrong(kind, folder, told)]
    injected = 0
    for nth in range(1, count + 1):
        folder, told, lines = lives.live(kind, call, error=error, nth=nth)
        injected += any("INJECTED" in line for line in lines)
        bad += [f"n={nth}: {what}" for what in wrong(kind, folder, told)]
    cell("n-th operation fails: runs", kind, f"{call} {error}", str(injected) if not bad else f"{injected}, {len(bad)} wrong")
    assert not bad
    assert injected == count


@pytest.mark.parametrize(
    ("kind", "statement", "promise"),
    [
        ("hold", "DELETE FROM copy", "LOST"),
        ("hold", "DELETE FROM audit WHERE seq = 1", "audit chain"),
        ("split", "UPDATE copy SET state = 'prepared'", "LOST"),
        ("hold", "UPDATE outbox SET state = 'waiting'", "notice not sent"),
    ],
)
def test_a_broken_promise_is_seen(lives: Lives, kind: str, statement: str, promise: str) -> None:
    folder, told, _ = lives.live(kind, "unlink")
    assert not list(wrong(kind, folder, told))
    with closing(sqlite3.connect(folder / FILE)) as plain:
        plain.execute(statement)
        plain.commit()
    assert promise in list(wrong(kind, folder, told))
