"""Pictures: the words that are in the file beside the picture, and the words in the picture.

Takes a Source; gives comments, captions and properties (EXIF, XMP, IPTC), those of a preview too, and what stands behind
the end of the picture as a file. The picture itself goes to the recogniser; without one it ends unread, as "image".
"""

from __future__ import annotations

from collections.abc import Iterator

from dlp.extractors import image_parts, ocr
from dlp.extractors.content import Budget, File, Piece, Source, Stop, Text
from dlp.values import PartStatus

_PLACE = "image properties"


def image(source: Source, budget: Budget) -> Iterator[Piece]:
    """Everything in a picture's file."""
    found = image_parts.read(source.data, budget)
    yield Text("\n".join(dict.fromkeys(text.strip() for text in found.texts)), _PLACE)
    if found.behind:
        yield File(found.behind)
    unread = True
    if ocr.can_read(budget):
        unread = False
        for number, text in enumerate(_texts(source.data, budget), 1):
            unread = unread or text is None
            yield Text(text or "", f"picture {number}" if number > 1 else "picture")
    if unread:
        raise Stop(PartStatus.UNSUPPORTED, "image")


def _texts(data: bytes, budget: Budget) -> Iterator[str | None]:
    try:
        yield from ocr.of_file(data, budget)
    except ocr.UNKNOWN:
        yield None
