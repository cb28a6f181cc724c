"""Makes the index of an attribute file: all its entries, sorted, within little memory.

Takes the attribute file piece by piece, as it grows; gives a file of pairs of 64-bit numbers (look-up and keyed hash, offset
of the record), and one with the CRC-32 of each block of it. Each piece becomes a sorted run; in the end the runs are merged
in parts of about as many entries, which can be told beforehand because hashes are spread evenly. Once there are several
pieces, other processes do it. Raises OSError (a full disk), ValueError (what was written does not read back) and
BrokenProcessPool (one of them was ended).
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import struct
import sys
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Literal, ParamSpec
from zlib import crc32

from dlp.snapshot.lookups import HASH_BITS, LOOK_UPS, LookUp, numbered
from dlp.snapshot.rows import decode_next

ENTRY = struct.Struct(">QQ")  # in a run; sorting its bytes sorts its numbers
BLOCK = 1024  # bytes of the index under one sum
PIECE = 16 << 20  # bytes of the attribute file in one run
PART = 500_000  # entries merged at once: some 60 bytes of memory each
_MOST_PROCESSES = 4  # beside the one that reads; each takes some 100 MB
_PR_SET_PDEATHSIG = 1  # prctl(2)
_STEP = 4096  # one entry of so many is looked at to choose the parts

Given = ParamSpec("Given")


@dataclass(slots=True)
class Indexing:
    """The index of one attribute file. `folder` is for the runs."""

    attributes: Path
    folder: Path
    key: bytes
    _begun: int = 0  # where the piece that is not indexed yet begins
    _runs: list[Path] = field(default_factory=list)
    _pending: list[Future[None]] = field(default_factory=list)
    _pool: Executor | None = None

    def grown(self, to: int) -> None:
        """The attribute file holds whole records up to here, and will hold more."""
        if to - self._begun < PIECE:
            return
        if self._pool is None:  # spawned, not forked: the caller may have threads
            processes = min(os.cpu_count() or 1, _MOST_PROCESSES)
            self._pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _end_with_parent, (os.getpid(),))
        self._add(to)

    def finish(self, to: int, index: Path, blocks: Path) -> list[int]:
        """The attribute file ends here: write the index and the sums of its blocks; where the entries of each look-up begin."""
        self._add(to)
        self._wait()
        places = _parts([_Numbers(run) for run in self._runs])
        with index.open("wb") as file:
            file.truncate(places[-1].at * ENTRY.size)
        for here, following in pairwise(places):
            slices = [
                (run, first, last)
                for run, first, last in zip(self._runs, here.cuts, following.cuts, strict=True)
                if first < last
            ]
            self._do(merge_part, slices, index, here.at)
        self._wait()
        return _look_over(index, blocks)

    def close(self) -> None:
        """End the processes; what they have not begun is dropped."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def _add(self, to: int) -> None:
        run = self.folder / f"run-{len(self._runs):05}"
        self._runs.append(run)
        self._do(make_run, self.attributes, self._begun, to, self.key, run)
        self._begun = to

    def _do(self, work: Callable[Given, None], /, *args: Given.args, **kwargs: Given.kwargs) -> None:
        if self._pool is None:
            work(*args, **kwargs)
            return
        self._pending.append(self._pool.submit(work, *args, **kwargs))
        if self._pending[0].done():  # so that a failure is told early
            self._pending.pop(0).result()

    def _wait(self) -> None:
        while self._pending:
            self._pending.pop(0).result()


def _end_with_parent(parent: int) -> None:
    """A build that is killed cannot end its processes: the kernel does it. One that is interrupted ends them itself."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def make_run(attributes: Path, start: int, end: int, key: bytes, run: Path) -> None:
    """Write the sorted entries of the records between two offsets."""
    with attributes.open("rb") as file:
        file.seek(start)
        piece = file.read(end - start)
    entries = list(_entries(piece, start, key))
    del piece
    entries.sort()
    run.write_bytes(b"".join(entries))


def _entries(piece: bytes, base: int, key: bytes) -> Iterator[bytes]:
    number, pack = numbered(key), ENTRY.pack
    at = 0
    while at < len(piece):
        row, following = decode_next(piece, at)
        for look_up, keys in LOOK_UPS[type(row)]:
            for text in keys(row):
                if text:
                    yield pack(number(look_up, text), base + at)
        at = following


def merge_part(slices: list[tuple[Path, int, int]], index: Path, at: int) -> None:
    """Merge these entries of the runs, and write them into the index from entry `at` on."""
    entries: list[bytes] = []
    size = ENTRY.size
    for run, first, last in slices:
        with run.open("rb") as file:
            file.seek(first * size)
            block = file.read((last - first) * size)
        entries.extend(block[place : place + size] for place in range(0, len(block), size))
    entries.sort()  # it finds the runs in it and merges them
    numbers = array("Q", b"".join(entries))
    del entries
    if sys.byteorder == "little":
        numbers.byteswap()
    with index.open("r+b") as file:
        file.seek(at * size)
        file.write(numbers)


def _look_over(index: Path, blocks: Path) -> list[int]:
    """Write the sum of each block; where the entries of each look-up begin. Not mapped: it may be larger than memory."""
    with index.open("rb") as file, blocks.open("wb") as told:
        while part := file.read(BLOCK << 10):
            array("I", (crc32(part[at : at + BLOCK]) for at in range(0, len(part), BLOCK))).tofile(told)
    numbers = _Numbers(index, sys.byteorder)
    try:
        return [bisect_left(numbers, look_up << HASH_BITS) for look_up in range(len(LookUp) + 1)]
    finally:
        numbers.close()


class _Numbers:
    """The first numbers of a file's entries, as a sequence to be searched."""

    def __init__(self, path: Path, order: Literal["big", "little"] = "big") -> None:
        self._file, self._order = path.open("rb"), order
        self._length = os.fstat(self._file.fileno()).st_size // ENTRY.size

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, place: int) -> int:
        return int.from_bytes(os.pread(self._file.fileno(), 8, place * ENTRY.size), self._order)

    def close(self) -> None:
        self._file.close()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a part begins: in each run, and in the index."""

    cuts: tuple[int, ...]
    at: int


def _parts(runs: list[_Numbers]) -> list[_Place]:
    """Where each part begins, and where the last one ends."""
    sample = sorted(run[place] for run in runs for place in range(_STEP - 1, len(run), _STEP))
    bounds = sorted(set(sample[PART // _STEP :: PART // _STEP]))
    places = [_Place((0,) * len(runs), 0)]
    for bound in bounds:
        cuts = tuple(bisect_left(run, bound) for run in runs)
        places.append(_Place(cuts, sum(cuts)))
    ends = tuple(len(run) for run in runs)
    for run in runs:
        run.close()
    return [*places, _Place(ends, sum(ends))]
