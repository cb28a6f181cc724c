"""What one step of reading made of what it was given, stretch by stretch, and the way back along it.

Takes stretches in order, and characters of the result; gives where they come from. A step is told anew for whoever asks where
something stands; reading itself keeps none of it. Nothing here fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from dlp.values import Span


class Stretch(NamedTuple):
    """The next `size` characters (or bytes) of the result come from [start, end), one from each where that is `plain`."""

    size: int
    start: int
    end: int
    plain: bool = False


def follow(stretches: Iterable[Stretch], size: int, wanted: Sequence[Span]) -> list[Span]:
    """Where each of the `wanted` spans of a result of that `size` comes from, none empty; [] if the stretches end before."""
    points = sorted({point for span in wanted for point in (span.start, span.end - 1)})
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    done = told = 0
    for made, start, end, plain in stretches:
        done += made
        while told < len(points) and points[told] < done:
            point = points[told]
            first[point], last[point] = (end - done + point, end - done + point + 1) if plain else (start, end)
            told += 1
    return [Span(first[span.start], last[span.end - 1]) for span in wanted] if done == size else []
