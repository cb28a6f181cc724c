"""What stands below each other in a text: numbers or words of one kind in the same cell of lines that are near.

Takes a text and matches in it, in their order; gives columns of them, and what stands in one line, where three are different.
Cells are counted by what separates them, so it matters not how a list is laid out. Linear in the text; nothing here fails.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

LEAST = 3  # different ones of a column
LEAD = r"[> ]*+(?:(?:[-*\u2022]|\(?[0-9]{1,4}[.):]?)[ ]++)?+"  # what may stand before a name that begins its line
_NEAR = 3  # lines from one to the next
_CELL = re.compile(r"[\t|;,]|[ ]{2,}")


def has_digit(text: str) -> bool:
    """Whether there may be a number: most mail has none, and that is seen at once."""
    return any(map(text.__contains__, "0123456789"))


def columns(
    text: str, found: Iterable[re.Match[str]], kind: Callable[[re.Match[str]], Hashable]
) -> Iterator[Sequence[re.Match[str]]]:
    """Matches of one kind below each other, or three in one line."""
    open_: dict[tuple[int, Hashable], list[re.Match[str]]] = {}
    last: dict[tuple[int, Hashable], int] = {}  # lines
    beside: defaultdict[tuple[int, Hashable], list[re.Match[str]]] = defaultdict(list)
    line = cells = at = 0
    for match in found:
        if further := text.count("\n", at, match.start()):
            line, cells, at = line + further, 0, text.rindex("\n", at, match.start()) + 1
        cells += len(_CELL.findall(text, at, match.start()))
        at, alike = match.start(), kind(match)
        beside[line, alike].append(match)
        if line - last.get((cells, alike), line) > _NEAR:
            yield from _long(open_.pop((cells, alike)))
        open_.setdefault((cells, alike), []).append(match)
        last[cells, alike] = line
    for column in (*open_.values(), *beside.values()):
        yield from _long(column)


def _long(column: Sequence[re.Match[str]]) -> Iterator[Sequence[re.Match[str]]]:
    if len({match[0] for match in column}) >= LEAST:
        yield column
