"""Calendars and cards as files: iCalendar and vCard, with the files in their lines.

Takes a Source; gives the text as a person reads it and the files. A small picture is somebody's face or a sign, and treated
as one shown in the text of a message is. A text that is neither gives nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from dlp.extractors.content import Budget, File, Piece, Source, Text
from dlp.mail import cards as lines
from dlp.mail import charset


def cards(source: Source, _budget: Budget) -> Iterator[Piece]:
    """One calendar, or some cards."""
    for text in charset.readings(source.data, source.charset):
        yield Text(lines.text(text))
        for file in lines.files(text):
            yield File(file.data, media_type=file.media_type, shown=file.picture)
