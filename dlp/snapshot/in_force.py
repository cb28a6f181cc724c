"""Which snapshot counts: named in one small file, swapped whole, noticed by every process that asks.

`put_in_force` takes a snapshot's name and removes all but the last few; processes that still have one of those mapped go on
with it. `DirectoryInForce` gives the snapshot in force when called. One that is refused is told once, with the remedy, and the
last good one stays: the one this process has, or at its start the newest of those kept.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

from dlp.clock import utc_now
from dlp.errors import ConfigError, Refused, Unavailable
from dlp.events import event
from dlp.snapshot.building import NAME, fsync, locked
from dlp.snapshot.manifest import MANIFEST
from dlp.snapshot.reading import Snapshot, open_snapshot
from dlp.values import Clock

CURRENT = "CURRENT"
KEPT = 3  # snapshots, the one in force among them
_EVERY = 1.0  # seconds between two looks
_LOG = logging.getLogger("dlp.snapshot")


def put_in_force(snapshots: Path, name: str) -> None:
    """Let this snapshot be the one that counts, from now on and after a crash. Refused when there is none of that name."""
    with locked(snapshots):
        if name not in {path.name for path in _newest_first(snapshots)}:
            raise Refused(f"there is no snapshot of that name: {name}")
        fresh = snapshots / f".{CURRENT}"
        fresh.touch(mode=0o600)
        fresh.write_text(f"{name}\n", encoding="ascii")
        fsync(fresh)
        fresh.replace(snapshots / CURRENT)
        fsync(snapshots)
        others = [path for path in _newest_first(snapshots) if path.name != name]
        for old in others[KEPT - 1 :]:
            (old / MANIFEST).unlink()  # first, so that what is half removed is no snapshot
            shutil.rmtree(old)


def name_in_force(snapshots: Path) -> str:
    """The name of the snapshot that counts, "" when there is none yet. Raises OSError where this user may not see which."""
    try:
        name = (snapshots / CURRENT).read_text(encoding="ascii", errors="replace").strip()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    return name if NAME.fullmatch(name) else ""


@dataclass(slots=True)
class DirectoryInForce:
    """Call it for the snapshot in force, None before the first import. Cheap enough to be called for every message."""

    snapshots: Path
    key: bytes = field(repr=False)
    clock: Clock = utc_now
    _snapshot: Snapshot | None = None
    _seen: tuple[int, int] = (0, 0)  # what CURRENT was when it was last followed
    _refused: set[str] = field(default_factory=set)  # what was told of already
    _looked_at: float = float("-inf")

    def __post_init__(self) -> None:
        self()  # what is wrong is told at the start, not with the first message

    def __call__(self) -> Snapshot | None:
        now = time.monotonic()
        if now - self._looked_at >= _EVERY:
            self._looked_at = now
            self._look()
        return self._snapshot

    def to_judge(self) -> Snapshot | None:
        """The same, for a verdict. Raises Unavailable where one is in force and none can be read: not knowing is not nobody."""
        snapshot = self()
        if snapshot is None:
            try:
                (self.snapshots / CURRENT).stat()
            except (FileNotFoundError, NotADirectoryError):
                return None
            except OSError:  # whether there is one this user may not see
                raise Unavailable("directory") from None
            raise Unavailable("directory")
        return snapshot

    def _look(self) -> None:
        try:
            told = (self.snapshots / CURRENT).stat()
            named = name_in_force(self.snapshots)
        except OSError:  # there is none yet; one that was lost, or that we may not read, leaves us what we have
            return
        if (told.st_ino, told.st_mtime_ns) == self._seen:
            return
        if self._take(self.snapshots / named):
            self._seen = (told.st_ino, told.st_mtime_ns)
            self._refused.clear()
        elif self._snapshot is None:
            any(self._take(path) for path in _newest_first(self.snapshots))

    def _take(self, path: Path) -> bool:
        """Whether the snapshot in this folder answers from now on; why not is logged once."""
        try:
            self._snapshot = open_snapshot(path, self.key)
        except ConfigError as error:
            if str(error) not in self._refused:
                self._refused.add(str(error))
                event(_LOG, "campus.refused", level=logging.ERROR, what=error.what, file=error.file, remedy=error.remedy)
            return False
        stamp = self._snapshot.stamp
        age = round((self.clock() - stamp.as_of).total_seconds())
        event(_LOG, "campus.swapped", snapshot=stamp.name, age=age, counts=dict(self._snapshot.counts))
        return True


def _newest_first(snapshots: Path) -> list[Path]:
    """The folders that are snapshots."""
    made: list[tuple[int, str]] = []
    for path in snapshots.glob(f"*/{MANIFEST}"):
        if NAME.fullmatch(path.parent.name):
            with contextlib.suppress(FileNotFoundError):  # removed meanwhile
                made.append((path.stat().st_mtime_ns, path.parent.name))
    return [snapshots / name for _, name in sorted(made, reverse=True)]
