"""How it stands with the MTA listeners that are probed, in one small file that all processes of a node read.

Takes a path in the node's own folder; gives Standings. Times in it are of this machine's steady clock, and the prober begins it
anew: a proof outlives neither a start nor its time. What cannot be read proves nothing. Writing may raise OSError.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from dlp.probing import Finding, Standing

_FILE = "run/split"


def path_in(data_dir: Path) -> Path:
    return data_dir / _FILE


def write(path: Path, standings: Iterable[Standing]) -> None:
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump([asdict(each) for each in standings], file)
    fresh.replace(path)


def read(path: Path) -> tuple[Standing, ...]:
    """None of them when there is no such file, or no whole one."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return tuple(Standing(**(each | {"finding": Finding(each["finding"])})) for each in told)
    except (OSError, ValueError, TypeError, KeyError):
        return ()


def forget(path: Path) -> None:
    path.unlink(missing_ok=True)
