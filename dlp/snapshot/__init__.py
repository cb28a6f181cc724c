"""The campus snapshot: what an import brought, in files that never change, shared by every process that asks.

`build` makes one of rows, `compare` says what it would change, `put_in_force` makes it the one that counts, and
`DirectoryInForce` gives it to whoever judges; `Supposed` is one with rows on top that nobody imported.
"""

from dlp.snapshot.building import build
from dlp.snapshot.comparing import Change, Differences, compare
from dlp.snapshot.in_force import DirectoryInForce, name_in_force, put_in_force
from dlp.snapshot.reading import Snapshot, open_snapshot, verify
from dlp.snapshot.supposed import Supposed

__all__ = [
    "Change",
    "Differences",
    "DirectoryInForce",
    "Snapshot",
    "Supposed",
    "build",
    "compare",
    "name_in_force",
    "open_snapshot",
    "put_in_force",
    "verify",
]
