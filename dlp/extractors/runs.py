"""The characters in bytes nobody can read: runs that print, in ASCII and in UTF-16.

Takes bytes; gives one run a line. They prove nothing about the rest, so what was only looked at this way is not read. Of bytes
that are chance, as packed ones are, nearly all runs are short, and say nothing: `telling` leaves them out. Linear; never fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from dlp.extractors.content import Budget

_PRINTS = rb"[\t\n\r -~]"
_RUN, _RUN_BEGINS = re.compile(_PRINTS + b"{6,}"), b"a" * 6
_WIDE_RUN, _WIDE_RUN_BEGINS = re.compile(b"(?:" + _PRINTS + rb"\0){6,}"), b"a\0" * 6
_SORTS = re.sub(rb"[^\0a]", b"\xff", re.sub(_PRINTS, b"a", bytes(range(256))))
_SHORT = 8  # signs: room for a short name, none for an encoding
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
    return b"\n".join(map(bytes.strip, _every(data))).decode("ascii")


def telling(data: bytes, budget: Budget | None = None) -> str:
    """The same without short ones in which nothing could be a word, a name or a number; an empty line is left of them.

    Raises Stop where there are more than the elements of a `budget`.
    """
    every = list(islice(_every(data), budget.elements + 1 if budget else None))
    if budget:
        budget.take("elements", len(every))
    lines = [each.strip() if len(each) > _SHORT or _TELLS.search(each) else b"" for each in every]
    return b"\n".join(line for line, before in zip(lines, [b"", *lines], strict=False) if line or before).decode("ascii")


def _every(data: bytes) -> Iterator[bytes]:
    sorts = data.translate(_SORTS)
    yield from _found(_RUN, _RUN_BEGINS, data, sorts)
    yield from (each.replace(b"\0", b"") for each in _found(_WIDE_RUN, _WIDE_RUN_BEGINS, data, sorts))


def _found(sign: re.Pattern[bytes], begins: bytes, data: bytes, sorts: bytes) -> Iterator[bytes]:
    """What findall gives; the places come from a search for bytes, ten times as quick where nearly nothing prints."""
    at = sorts.find(begins)
    while at >= 0 and (match := sign.match(data, at)):
        yield match[0]
        at = sorts.find(begins, match.end())
