"""An import that does not end: `python -m tests.snapshot.endless FOLDER`, for tests that end it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from dlp.campus.records import Record, Student
from dlp.snapshot import build, indexing
from tests.campus.people import TODAY

indexing.PIECE = 1 << 20


def rows() -> Iterator[Record]:
    for number in count():
        yield Student(str(number))


if __name__ == "__main__":
    build(Path(sys.argv[1]), rows(), TODAY, b"key")
