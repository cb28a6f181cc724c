"""A fresh store for each test: SQLite in a temporary folder, or the database DLP_TEST_STORE_URL names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dlp.store import Store
from tests.store.samples import StandingClock, new_store


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "var"


@pytest.fixture
def store(data_dir: Path, clock: StandingClock) -> Iterator[Store]:
    store = new_store(data_dir, clock)
    yield store
    store.close()
