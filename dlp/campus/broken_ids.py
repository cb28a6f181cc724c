"""A bare list of IDs, each broken over two lines: a column too narrow for them, or somebody who knows what is looked for.

Takes what was read and the directory; gives a finding for each, as the patterns do for a whole one. Only where lines of digits
and nothing else, put together two by two, are IDs of three and more students. Linear in the text, a bounded number is looked
up. Fails only as the directory does (Unavailable).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from dlp.campus.columns import has_digit
from dlp.campus.directory import Directory
from dlp.campus.folding import folded_id
from dlp.campus.places import Places
from dlp.values import Channel, Finding, Role, Texts

_LEAST = 3
_STRAY = 5  # one in so many may be nobody's
_MOST_LISTS, _MOST = 10, 5_000  # of one text, and lines of one
_SURE = 0.9
_LINES = re.compile(r"\n(?:[> \t]*+[0-9]{1,12}[ \t]*+(?:\n|$)){5,}+")
_DIGITS = re.compile("[0-9]+")


def broken_ids(texts: Texts, directory: Directory, digest: Callable[[str], str]) -> Iterator[Finding]:
    """Every such ID."""
    for index, view in enumerate(texts.views):
        if view.again or view.channel is Channel.HEADERS or not has_digit(view.text):
            continue
        for lines in islice(_LINES.finditer(view.text), _MOST_LISTS):
            parts = list(islice(_DIGITS.finditer(view.text, *lines.span()), _MOST))
            pairs = _pairs(parts, directory) or _pairs(parts[1:], directory)
            places = Places(view) if pairs else None
            for one, other in pairs:
                yield Finding(
                    kind="id",
                    detector="list",
                    pattern="id-over-two-lines",
                    role=Role.IDENTIFIES,
                    where=places.where(one.start()) if places else "",
                    view=index,
                    start=one.start(),
                    end=other.end(),
                    confidence=_SURE,
                    masked="an ID over two lines",
                    digest=digest(folded_id(one[0] + other[0])),
                )


def _pairs(parts: Sequence[re.Match[str]], directory: Directory) -> list[tuple[re.Match[str], re.Match[str]]]:
    """Neighbours that are an ID together, where most are."""
    every = list(zip(parts[::2], parts[1::2], strict=False))
    found = [pair for pair in every if directory.student(pair[0][0] + pair[1][0]) is not None]
    return found if len(found) >= _LEAST and (len(every) - len(found)) * _STRAY <= len(every) else []
