"""A fresh store for each test, on each of the two databases: SQLite in a temporary folder, and an own PostgreSQL.

Tests with `store` or `url` are the contract of both. A test of one database alone asks for `lite` or for `server`.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from dlp.store import Store
from tests.e2e import postgres
from tests.e2e.postgres import PrivatePostgres
from tests.store.samples import KEYS, StandingClock, new_store

NUMBERS = count(1)  # of databases: no name is used twice in one session


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "var"


@pytest.fixture(scope="session")
def server() -> Iterator[PrivatePostgres]:
    """One PostgreSQL for all tests of a session; in memory where that can be had, for it waits for its disk."""
    reason = postgres.missing()
    if reason:
        pytest.skip(reason)
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="dlp-postgres-", dir=memory if memory.is_dir() else None))
    folder.chmod(0o755)
    try:
        with PrivatePostgres(folder) as running:
            yield running
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def database(server: PrivatePostgres) -> Iterator[str]:
    """An empty database of the server, by its name."""
    name = f"test{next(NUMBERS)}"
    server.execute(f"CREATE DATABASE {name}")
    yield name
    server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def url(request: pytest.FixtureRequest) -> str:
    """The address of an empty store; with "sqlite" it lies in `data_dir`."""
    if request.param == "sqlite":
        return "sqlite"
    name: str = request.getfixturevalue("database")
    running: PrivatePostgres = request.getfixturevalue("server")
    return running.url(name)


@pytest.fixture
def store(url: str, data_dir: Path, clock: StandingClock) -> Iterator[Store]:
    store = new_store(data_dir, clock, url=url)
    yield store
    store.close()


@pytest.fixture
def lite(data_dir: Path, clock: StandingClock) -> Iterator[Store]:
    """A store on SQLite."""
    store = new_store(data_dir, clock)
    yield store
    store.close()


@pytest.fixture
def another(url: str, data_dir: Path, clock: StandingClock) -> Iterator[Callable[[str], Store]]:
    """Opens the same store again, as another process or, by its name, another node would."""
    opened: list[Store] = []

    def open_again(node: str = "main") -> Store:
        opened.append(Store.open(url, data_dir, KEYS, node=node, clock=clock))
        return opened[-1]

    yield open_again
    for each in opened:
        each._engine.dispose()  # a test may have closed it
