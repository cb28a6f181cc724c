"""The campus snapshot: what an import brought, in files that never change, shared by every process that asks.

`build` makes one of rows, `put_in_force` makes it the one that counts, `DirectoryInForce` gives it to whoever judges.
"""

from dlp.snapshot.building import build
from dlp.snapshot.reading import Snapshot, open_snapshot, verify

__all__ = ["Snapshot", "build", "open_snapshot", "verify"]
