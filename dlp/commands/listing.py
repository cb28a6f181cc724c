"""A list of records: for a person at a terminal, and for a program at a pipe.

Takes the names of columns and rows of cells; prints them. A moment is shown with its zone.
Into a pipe goes a heading, then one tab-separated record a line.
At a terminal no word is cut, for it may have to be typed again, and nothing is shown that a terminal would obey. Never fails.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import zip_longest
from textwrap import wrap
from typing import cast
from zoneinfo import ZoneInfo

import click

NOT_TOLD = "(not told by the record)"  # somebody whom an older version did not write down readably
_GAP = "   "  # between two columns of a table
_BOUND = "\xa0"  # a blank at which no line ends
_BEGUN = re.compile(r"(?P<stem>[ │├└─]*)(?P<label>\w+ {2,})?")
_BRANCHES = str.maketrans("├└─", "│  ")
_LEAST = 20  # columns, however deep it stands


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a list. Into a pipe: a heading, then one tab-separated record a line. At a terminal no word is cut, for it may have
    to be typed again: ruled and wrapped between words where that fits, else each record over several lines.
    """
    shown = [[" ".join(_plain(cell).split()) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for record in (columns, *shown):
            click.echo("\t".join(record))
        return
    wide = shutil.get_terminal_size().columns
    widths = _widths(columns, shown, wide - len(_GAP) * (len(columns) - 1))
    for row in (columns, ["\u2500" * width for width in widths], *shown) if widths else ():
        cells = [
            wrap(cell, width, break_long_words=False, break_on_hyphens=False) for cell, width in zip(row, widths, strict=True)
        ]
        for line in zip_longest(*cells, fillvalue=""):
            click.echo(_GAP.join(f"{piece:{width}}" for piece, width in zip(line, widths, strict=True)).rstrip())
    for first, *others in () if widths else shown:
        click.echo(first)
        told = (f"{name}: {cell}".replace(" ", _BOUND) for name, cell in zip(columns[1:], others, strict=True))
        lines = wrap(_GAP.join(told), wide - len(_GAP), break_long_words=False, break_on_hyphens=False)
        click.echo("".join(f"{_GAP}{line}\n" for line in lines).replace(_BOUND, " "), nl=False)


def counted(number: int, one: str, several: str = "") -> str:
    """A number with the words for one or for several: "1 row is", "2 rows are"."""
    return f"{number} {one if number == 1 else several or f'{one}s'}"


def say(text: str) -> None:
    """Print lines as they are into a pipe; at a terminal wrapped between words, under the beginning of what each says."""
    wide = shutil.get_terminal_size().columns
    for line in text.split("\n"):
        click.echo("\n".join(_hanging(line, wide)) if sys.stdout.isatty() and len(line) > wide else line)


def _hanging(line: str, wide: int) -> list[str]:
    """The line in pieces; those below the first stand under it, and a tree's branches go on beside them."""
    begun = cast("re.Match[str]", _BEGUN.match(line))
    below = begun["stem"].translate(_BRANCHES) + " " * len(begun["label"] or "")
    room = max(wide - len(below), _LEAST)
    return [
        f"{begun[0] if number == 0 else below}{piece}"
        for number, piece in enumerate(
            wrap(line[begun.end() :], room, break_long_words=False, break_on_hyphens=False) or [""],
        )
    ]


def when(time: datetime, timezone: str) -> str:
    """A moment with its zone: the site's at a terminal, UTC into a pipe."""
    if not sys.stdout.isatty():
        return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return time.astimezone(ZoneInfo(timezone)).strftime("%Y-%m-%d %H:%M:%S %Z")


def minute(time: datetime, timezone: str) -> str:
    """The same to the minute, as people read it; 2026-11-20 15:04Z into a pipe."""
    if not sys.stdout.isatty():
        return time.astimezone(UTC).strftime("%Y-%m-%d %H:%MZ")
    return time.astimezone(ZoneInfo(timezone)).strftime("%Y-%m-%d %H:%M %Z")


def _widths(columns: Sequence[str], rows: Sequence[Sequence[str]], room: int) -> list[int]:
    """A width for each column that cuts no word, the widest made narrower where there is no room; none where none would do."""
    cells = list(zip(columns, *rows, strict=True))
    least = [max(len(word) for cell in column for word in (cell.split() or [""])) for column in cells]
    widths = [max(map(len, column)) for column in cells]
    while sum(widths) > room:
        widest = max(range(len(widths)), key=lambda at: (widths[at] > least[at], widths[at]))
        if widths[widest] == least[widest]:
            return []
        widths[widest] -= 1
    return widths


def _plain(cell: str) -> str:
    """A cell without what a terminal would obey or turn round: it may hold a stranger's words."""
    return "".join(sign if sign.isprintable() or sign.isspace() else "\ufffd" for sign in cell)
