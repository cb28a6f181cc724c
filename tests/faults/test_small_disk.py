"""A data folder of a few megabytes fills up: 452, nothing lost, the list readable, well again without a restart (R5).

The figures of one whole run come from tests/faults/small_disk.py. The disk is filled by held mail itself and then to its last
byte, which is more than a full disk in a site's life would do.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.e2e.loopback import open_folder

ROOT = Path(__file__).parents[2]
NAMESPACE = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]


@cache
def missing() -> str:
    """Why no file system can be mounted here; "" when one can."""
    try:
        command = [*NAMESPACE, "mount", "-t", "tmpfs", "none", "/mnt"]
        done = subprocess.run(command, capture_output=True, timeout=20, check=False)
    except OSError:
        return "unshare is not installed"
    return "" if done.returncode == 0 else "this machine does not let a tmpfs be mounted in a namespace"


@pytest.mark.servers
@pytest.mark.timeout(300)
@pytest.mark.parametrize("front", ["smtp", pytest.param("lmtp", marks=pytest.mark.long_cells)])
def test_a_full_disk(cell, front: str) -> None:
    if missing():
        pytest.skip(missing())
    with open_folder("disk") as folder:
        command = [*NAMESPACE, sys.executable, "-m", "tests.faults.small_disk", str(folder), front]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    seen = json.loads(done.stdout.splitlines()[-1])
    column = f"{front} front"
    for fate, codes in seen["full"].items():
        cell(
            "small full disk", f"{fate} on the full disk", column, " ".join(f"{code} x{n}" for code, n in sorted(codes.items()))
        )
    cell("small full disk", "lost, leaked, doubled", column, f"{seen['lost']}, {seen['leaked']}, {seen['doubled']}")
    cell("small full disk", "slowest reply when full, s", column, str(seen["slowest"]))
    cell("small full disk", "recovered after, s", column, str(seen["recovered"]))
    assert set(seen["filling"]) == {"250", "452"}
    for fate in ("hold", "split"):  # a small one may still fit into what the write-ahead log has already
        assert set(seen["full"][fate]) <= {"250", "452"}
        assert seen["full"][fate]["452"]
    assert set(seen["full"]["pass"]) <= {"250", "452"}, "what needs no store passes, unless the reserve says no before that"
    assert (seen["lost"], seen["leaked"], seen["restarts"]) == (0, 0, 0)
    assert seen["listed"], "the list is read on a full disk"
    # where the log's index cannot grow SQLite tells of an I/O error, not of a full disk
    assert seen["released"] or "disk is full" in seen["release"] or "store does not answer" in seen["release"]
    assert seen["doubled"] <= 1, "forwarded, then no room for its last rows: at most the one that met the very moment"
