"""What macOS puts beside files: AppleDouble ("._name" in archives), AppleSingle, and a folder's .DS_Store.

Takes a Source; gives the characters in it, and the forks of the file it belongs to where they hold more than nothing.
RFC 1740 appendix A and B. Fails, as broken, where an entry ends beyond the file.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from dlp.extractors.content import Budget, File, Piece, Source, Text, broken
from dlp.extractors.runs import runs

_DATA, _RESOURCES = 1, 2
_BLANK = 286  # bytes of a resource fork without resources


def apple_double(source: Source, _budget: Budget) -> Iterator[Piece]:
    """Attributes are characters or lists of them; a fork is a file."""
    data = source.data
    yield Text(runs(data), "characters")
    count = int.from_bytes(data[24:26], "big")
    for number, begin, size in struct.iter_unpack(">3L", data[26 : 26 + len(data[26 : 26 + count * 12]) // 12 * 12]):
        if begin + size > len(data):
            raise broken()
        if (number == _DATA and size) or (number == _RESOURCES and size > _BLANK):
            yield File(data[begin : begin + size])
    if len(data) < 26 + count * 12:
        raise broken()


def folder_view(source: Source, _budget: Budget) -> Iterator[Piece]:
    """.DS_Store holds names, comments and how windows look; names are UTF-16."""
    yield Text(runs(source.data), "characters")
