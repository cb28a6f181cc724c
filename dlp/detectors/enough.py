"""How many places of one pattern are enough: what keeps a message of a million numbers from taking minutes.

Takes places with their confidence and value, gives the ones to keep. The verdict stays what it was: the surest come
first, and of those the first place of each value before the second of any, so that no person is dropped for another's
repetitions while there are fewer than LEAST_KEPT of them; more are a batch however many follow. Nothing here fails.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

MOST_WEIGHED = 20_000  # of one pattern in one view; what goes on beyond counts as sure: unweighed is not clean
MOST_KEPT = 10_000  # of one pattern in one message, and then
LEAST_KEPT = 100  # in each further view


def room(kept: int) -> int:
    """How many places of a pattern to keep in a view when `kept` are known from those before it."""
    return max(MOST_KEPT - kept, LEAST_KEPT)


def enough(places: Sequence[tuple[float, str]], most: int) -> list[int]:
    """Indices of the places to keep, at most `most`, in order."""
    if len(places) <= most:
        return list(range(len(places)))
    met: Counter[str] = Counter()
    ranked: list[tuple[float, int, int]] = []
    for index in sorted(range(len(places)), key=lambda each: -places[each][0]):
        confidence, value = places[index]
        ranked.append((-confidence, met[value], index))
        met[value] += 1
    return sorted(index for _, _, index in sorted(ranked)[:most])
