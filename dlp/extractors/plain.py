"""Text files, and the characters in files nobody can read.

Takes a Source; gives its text in every charset it may be in, rows of cells as a grid, HTML as it is shown and its markup
beside it. Of an unknown file the runs of printable characters are given, because a copy of a database is no less a
disclosure; it stays unread.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dlp.extractors import delimited
from dlp.extractors.content import Budget, Grid, Piece, Source, Stop, Text, unsupported
from dlp.extractors.runs import telling
from dlp.mail import charset, html
from dlp.mail.fold import fold
from dlp.mail.leaf import unseen
from dlp.mail.rendering import renderings
from dlp.values import PartStatus

_HTML = re.compile(
    rb"\s*(?:<!--.{0,2000}?-->\s*)*<(?:!doctype html|html|head|body|table|div|p|meta)\b", re.IGNORECASE | re.DOTALL
)

_TABLES = frozenset({"text/csv", "application/csv", "text/tab-separated-values", "text/comma-separated-values"})


def text(source: Source, _budget: Budget) -> Iterator[Piece]:
    """Every reading of a text file."""
    for decoded in charset.readings(source.data, source.charset):
        if source.media_type in ("text/html", "application/xhtml+xml") or _HTML.match(source.data[:4096]):
            yield from _page(html.read(decoded))
        elif table := delimited.rows(decoded.removeprefix("\ufeff"), told=_says_table(source)):
            yield Grid(table)
        else:
            yield Text(decoded)
            yield from (Text(each) for each in renderings(decoded, source.media_type, source.names))


def _page(page: html.Html, place: str = "") -> Iterator[Piece]:
    yield Text(page.visible, place)
    yield Text(page.source, "markup")
    yield from (Text(unseen(fold(each), (fold(page.visible),)), "another reading") for each in page.shown)
    yield from (Grid(table.rows, f"table {number}", table.row, again=True) for number, table in enumerate(page.tables, 1))


def _says_table(source: Source) -> bool:
    return source.media_type in _TABLES or any(name.lower().endswith((".csv", ".tsv")) for name in source.names)


def page(source: Source, _budget: Budget) -> Iterator[Piece]:
    """What a browser shows of bytes that are something else, too."""
    yield from _page(html.read(charset.decode(source.data)), "page")


def unknown(source: Source, _budget: Budget) -> Iterator[Piece]:
    """The characters in it, which prove nothing about the rest."""
    yield Text(telling(source.data), "characters")
    raise unsupported()


def sealed(source: Source, _budget: Budget) -> Iterator[Piece]:
    """What says at its beginning that it is encrypted; the characters in it may be a header's."""
    yield Text(telling(source.data), "characters")
    raise Stop(PartStatus.ENCRYPTED, "encrypted")
