"""Made-up mail of every shape, the same for the same seed.

`every_shape` gives messages that name nobody (no nine-digit number, no listed word), so they pass; `disclosing` makes one
that holds the given number of invented student IDs. Bytes have CRLF line ends and no dot-stuffing, as a listener reads
them; a sample may lack the last CRLF, which a sender adds. Nothing fails.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice

from tests.generate.mime_shapes import MIME_SHAPES
from tests.generate.text_shapes import TEXT_SHAPES
from tests.generate.wording import DATE, join

SHAPES = TEXT_SHAPES | MIME_SHAPES
LISTED_WORD = "grades"  # one of the words no Subject may carry beside record information


@dataclass(frozen=True, slots=True)
class Sample:
    """One message: its shape's name, its bytes, and whether it needs 8BITMIME."""

    shape: str
    raw: bytes

    @property
    def eight_bit(self) -> bool:
        return not self.raw.isascii()


def every_shape(count: int = 1_000, seed: int = 20_261_121) -> Iterator[Sample]:
    """`count` samples, the shapes taken in turn, their words and sizes drawn from `seed`."""
    source = random.Random(seed)
    for shape, build in islice(cycle(SHAPES.items()), count):
        yield Sample(shape, build(source))


def disclosing(serial: int, ids: int, *, subject: str = "About Thursday", sender: str = "a.mori@campus.example") -> bytes:
    """A short note with `ids` different invented student IDs (0 = it passes), findable again by its X-Serial."""
    lines = ["Hello,", ""]
    lines += [f"please see student ID {invented_id(serial, n)} before Thursday." for n in range(ids)]
    lines += ["", "Thank you."]
    fields = (f"From: {sender}", "To: somebody@campus.example", f"Subject: {subject}", DATE, f"X-Serial: {serial}")
    return join(*fields, f"Message-ID: <note-{serial}@campus.example>", "", *lines)


def invented_id(serial: int, nth: int) -> str:
    """A nine-digit number starting with 9; different for each (serial < 1,000,000, nth < 100)."""
    return f"9{(serial * 100 + nth) % 100_000_000:08d}"
