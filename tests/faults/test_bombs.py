"""Bombs: each ends unread for a reason, or was read whole at no cost; neither the parent nor the next message feels it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.bombs import BOMBS

ROOT = Path(__file__).parent.parent.parent
MEMORY = 512  # MiB above the size at the fork
# read whole, because what makes a naive reader unfold them is not unfolded at all
WHOLE = {"B07 odd names", "B16 deep XML", "B17 declared range", "B19 far corner", "B26 reference loop", "B31 SVG uses"}
SMALL_IS_WHOLE = {"B21 object stream", "B36 HTML"}  # below the limits when small


@pytest.fixture(scope="module")
def runner() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.faults.bomb_run"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.stdin.close()
        process.wait(30)


def told(runner: subprocess.Popen[str], name: str, size: int) -> dict[str, Any]:
    runner.stdin.write(f"{name} {size}\n")
    runner.stdin.flush()
    return json.loads(runner.stdout.readline())


@pytest.mark.parametrize("size", [1, pytest.param(100, marks=[pytest.mark.long_cells, pytest.mark.timeout(300)])])
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_unread_and_costs_nothing_beside_itself(runner, cell, name, size):
    found = told(runner, name, size)
    cell("bombs", name, "small" if size == 1 else "shipped limits", f"{found['seconds']} s {found['child']} MiB")
    unread = bool(found["unread"]) and not any(each.startswith("no answer") for each in found["unread"])
    assert unread or name in WHOLE or (size == 1 and name in SMALL_IS_WHOLE), found["unread"]
    assert found["child"] <= MEMORY
    assert found["grown"] <= 20
    assert found["next"] == ["text\n"]
