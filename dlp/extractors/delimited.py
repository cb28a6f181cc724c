"""Delimited text as a table: rows of as many cells, between tabs, semicolons, bars or commas (RFC 4180).

Takes a text and whether its name or type says it is a table; gives its rows, quoted cells undone, or nothing where it reads
like prose: a comma parts words, too, so of commas alone somebody must say so. Linear; never fails.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from itertools import islice

_SIGNS = "\t;|,"
_LOOKED_AT = 200  # rows that say whether it is a table
_LEAST_ROWS = 3
_ALIKE = 0.8  # of the rows, that have as many cells


def rows(text: str, *, told: bool) -> list[list[str]]:
    """The rows of a table, blank ones too; none where it is no table."""
    for sign in _SIGNS:
        if sign not in text[:100_000] or (sign == "," and not told):
            continue
        try:
            head = [row for row in islice(_rows(text, sign), _LOOKED_AT) if row]
            if _is_table(head):
                return list(_rows(text, sign))
        except csv.Error:  # a cell that is too long, a quotation mark that is never closed
            continue
    return []


def _rows(text: str, sign: str) -> Iterator[list[str]]:
    return csv.reader(StringIO(text, newline=""), delimiter=sign, skipinitialspace=True)


def _is_table(head: list[list[str]]) -> bool:
    if len(head) < _LEAST_ROWS:
        return False
    [(cells, often)] = Counter(map(len, head)).most_common(1)
    return cells > 1 and often >= _ALIKE * len(head)
