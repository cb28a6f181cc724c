"""Calendars and cards as files: iCalendar and vCard, with the files in their lines.

Takes a Source; gives the text as a person reads it and the files. A small picture is somebody's face or a sign, and treated
as one shown in the text of a message is. A text that is neither gives nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from dlp.extractors.content import Budget, File, Piece, Source, Text
from dlp.mail import cards as lines
from dlp.mail import charset
from dlp.values import PartStatus

_SMALL = 65_536  # bytes, as of pictures in a message
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8")


def cards(source: Source, _budget: Budget) -> Iterator[Piece]:
    """One calendar, or some cards."""
    for text in charset.readings(source.data, source.charset):
        yield Text(lines.text(text))
        for file in lines.files(text):
            if file.picture and len(file.data) <= _SMALL and file.data.startswith(_PICTURES):
                yield File(b"", media_type=file.media_type, status=PartStatus.UNSUPPORTED, why="inline-image")
            else:
                yield File(file.data, media_type=file.media_type)
