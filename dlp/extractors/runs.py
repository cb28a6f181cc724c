"""The characters in bytes nobody can read: runs that print, in ASCII and in UTF-16.

Takes bytes; gives one run a line. They prove nothing about the rest, so what was only looked at this way is not read. Of bytes
that are chance, as packed ones are, nearly all runs are short, stand apart, and say nothing: `telling` leaves them out. Linear;
never fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise, repeat
from math import inf

from dlp.extractors.content import Budget

_PRINTS = rb"[\t\n\r -~]"
_RUN, _RUN_BEGINS = re.compile(_PRINTS + b"{6,}"), b"a" * 6
_WIDE_RUN, _WIDE_RUN_BEGINS = re.compile(b"(?:" + _PRINTS + rb"\0){6,}"), b"a\0" * 6
_SORTS = re.sub(rb"[^\0a]", b"\xff", re.sub(_PRINTS, b"a", bytes(range(256))))
_SHORT = 8  # signs: room for a short name, none for an encoding
_MANY, _RARE = 200, 300  # runs, and bytes for each: in chance there is one in 500
_BESIDE = 40  # bytes between two that belong together, as fields of a record do
_JOINS = rb"[ ,.\t\r\n'_-]{1,2}"  # what stands between the words of a name
_TELLS = re.compile(
    b"|".join(
        (
            rb"[A-Za-z][a-z][a-z]|[A-Z][A-Z][A-Z]",  # a word
            rb"[A-Za-z][a-z]" + _JOINS + rb"[A-Za-z]|[A-Za-z]" + _JOINS + rb"[A-Za-z][a-z]",  # Wu, B
            rb"[A-Z][A-Z]" + _JOINS + rb"[A-Z]|[A-Z]" + _JOINS + rb"[A-Z][A-Z]|[A-Z]\. ?[A-Z]",
            rb"[0-9](?:[^0-9]{0,3}[0-9]){2}|[0-9OoQDIliSsBZ]{6}",  # a number or a piece of one, or one spelled oddly
            rb"[A-Za-z0-9]@[A-Za-z0-9]",
        )
    )
)


def runs(data: bytes) -> str:
    """Every run of six printable characters or more."""
    return b"\n".join(_said(run).strip() for run in _every(data)).decode("ascii")


def telling(data: bytes, budget: Budget | None = None) -> str:
    """The same without short ones in which nothing could be a word, a name or a number, and where runs are as rare as in chance
    without short ones that stand apart; an empty line is left of them.

    Raises Stop where there are more than the elements of a `budget`.
    """
    every = list(islice(_every(data), budget.elements + 1 if budget else None))
    if budget:
        budget.take("elements", len(every))
    rare = len(every) > _MANY and len(every) * _RARE < len(data)
    said = zip(map(_said, every), _apart(every) if rare else repeat(False), strict=False)
    lines = [run.strip() if len(run) > _SHORT or (not apart and _TELLS.search(run)) else b"" for run, apart in said]
    return b"\n".join(line for line, before in zip(lines, [b"", *lines], strict=False) if line or before).decode("ascii")


def _apart(every: Sequence[re.Match[bytes]]) -> Iterator[bool]:
    """Of each whether no other is beside it."""
    gaps = [inf, *(abs(other.start() - one.end()) for one, other in pairwise(every)), inf]
    return (min(before, behind) > _BESIDE for before, behind in pairwise(gaps))


def _said(run: re.Match[bytes]) -> bytes:
    return run[0].replace(b"\0", b"")


def _every(data: bytes) -> Iterator[re.Match[bytes]]:
    sorts = data.translate(_SORTS)
    yield from _found(_RUN, _RUN_BEGINS, data, sorts)
    yield from _found(_WIDE_RUN, _WIDE_RUN_BEGINS, data, sorts)


def _found(sign: re.Pattern[bytes], begins: bytes, data: bytes, sorts: bytes) -> Iterator[re.Match[bytes]]:
    """What finditer gives; the places come from a search for bytes, ten times as quick where nearly nothing prints."""
    at = sorts.find(begins)
    while at >= 0 and (match := sign.match(data, at)):
        yield match
        at = sorts.find(begins, match.end())
