"""Office documents as one XML file: Word 2003 XML, Flat OPC, flat OpenDocument (ODF 1.3 part 3, 3.1.2).

Takes a Source; gives its text as a reader sees it, beside what other readings of the same file give: theirs would not join
the runs of a word. XML that breaks off ends it without a word, because those readings see the whole file.
"""

from __future__ import annotations

from collections.abc import Iterator

from dlp.extractors import odf_text, office_text
from dlp.extractors.content import Budget, Piece, Source, Stop
from dlp.values import PartStatus

_OPEN_DOCUMENT = b"urn:oasis:names:tc:opendocument"
_HEAD = 4096


def flat_office(source: Source, budget: Budget) -> Iterator[Piece]:
    """The text of one file."""
    reader = odf_text.texts if _OPEN_DOCUMENT in source.data[:_HEAD] else office_text.texts
    try:
        yield from reader(source.data, "", budget)
    except Stop as stop:
        if stop.status is not PartStatus.BROKEN:
            raise
