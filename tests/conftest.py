"""What tests of several folders share: a folder in memory, and a judgement by local part in place of the rules."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.promises import surveyed

settings.register_profile("untimed", deadline=None)  # no test fails because the machine is busy
settings.load_profile("untimed")


@pytest.fixture
def by_local_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """pass.., rewrite.. and hold.. say by themselves what is done for them."""
    monkeypatch.setattr("dlp.transaction.survey", surveyed)


@pytest.fixture
def quick_folder(tmp_path: Path) -> Iterator[Path]:
    """In memory where that can be had: thousands of synchronous commits are most of the time otherwise."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)
