"""Builds a snapshot: rows in, a new folder out, which counts only once it is on the disk whole.

Takes the rows of an import in whatever order, as many as there are; gives the folder, named as its stamp. It grows under
another name, is fsynced and renamed. What is written wrongly never gets its name: an exception of the rows goes on to the
caller, a full disk or an import beside this one is Refused, and what is left behind is removed by the next build.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from dlp.campus.directory import Stamp
from dlp.campus.records import Approval, Consent, Record
from dlp.errors import Refused
from dlp.snapshot.indexing import Indexing
from dlp.snapshot.manifest import FILES, MANIFEST, Manifest, written
from dlp.snapshot.rows import TABLES, encode

NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}")
_GROWING = ".growing-"
_LOCK = ".lock"
_BLOCK = 1 << 20  # bytes written at once


def build(snapshots: Path, rows: Iterable[Record], stamp: Stamp, key: bytes) -> Path:
    """The new snapshot's folder, not in force yet. Consents and approvals among the rows are passed over."""
    if not NAME.fullmatch(stamp.name):
        raise ValueError("not a name for a snapshot")
    target = snapshots / stamp.name
    growing = snapshots / (_GROWING + stamp.name)
    with locked(snapshots):
        if target.exists():
            raise Refused(f"there is a snapshot of that name already: {stamp.name}")
        for left in snapshots.glob(f"{_GROWING}*"):  # by a build that died: we hold the lock
            shutil.rmtree(left)
        try:
            growing.mkdir(mode=0o700)
            _fill(growing, rows, stamp, key)
            growing.rename(target)
            fsync(snapshots)
        except BrokenProcessPool:
            raise Refused("a process that sorts the index was ended; is there memory enough?") from None
        finally:
            shutil.rmtree(growing, ignore_errors=True)
    return target


@contextmanager
def locked(snapshots: Path) -> Iterator[None]:
    """One import at a time; trouble with the disk is Refused."""
    try:
        snapshots.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _create(snapshots / _LOCK) as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Refused("another import is under way; wait for it to end") from None
            yield
    except OSError as error:
        raise Refused(f"the snapshot cannot be written: {(error.strerror or '').lower()}: {snapshots}") from None


def fsync(path: Path) -> None:
    """What this file or folder holds is on the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def sum_of(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fill(folder: Path, rows: Iterable[Record], stamp: Stamp, key: bytes) -> None:
    attributes, index, blocks = (folder / name for name in FILES)
    for path in (index, blocks):
        _create(path).close()
    runs = folder / "runs"
    runs.mkdir(mode=0o700)
    indexing = Indexing(attributes, runs, key)
    try:
        counts = _write(attributes, rows, indexing)
        begins = indexing.finish(attributes.stat().st_size, index, blocks)
    finally:
        indexing.close()
    shutil.rmtree(runs)
    files = [folder / name for name in FILES]
    sizes, sums = {file.name: file.stat().st_size for file in files}, {file.name: sum_of(file) for file in files}
    with _create(folder / MANIFEST) as file:
        file.write(written(Manifest(stamp, counts, begins, sizes, sums), key))
    for path in (*files, folder / MANIFEST, folder):
        fsync(path)


def _write(attributes: Path, rows: Iterable[Record], indexing: Indexing) -> dict[str, int]:
    """Write the records, indexed as the file grows; how many rows each import file had."""
    counts: Counter[object] = Counter()
    block, at = bytearray(), 0
    with _create(attributes) as file:
        for row in rows:
            if isinstance(row, Consent | Approval):
                continue
            counts[type(row)] += 1
            block += encode(row)
            if len(block) >= _BLOCK:
                file.write(block)
                file.flush()
                at += len(block)
                block.clear()
                indexing.grown(at)
        file.write(block)
    return {table.name: counts[table.kind] for table in TABLES if counts[table.kind]}


def _create(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "wb")
