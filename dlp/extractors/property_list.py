"""Property lists, as Apple's programs write them: binary or XML.

Takes a Source; gives every value with its names and lists of dictionaries as grids; data in it is a file to be opened.
What is no property list after all gives nothing where it was read as text beside this, else it is broken.
"""

from __future__ import annotations

import plistlib
from collections.abc import Iterator
from xml.parsers import expat

from dlp.extractors import values
from dlp.extractors.content import Budget, File, Piece, Source, broken
from dlp.extractors.runs import runs

_BINARY = b"bplist"
_LEAST = 64  # bytes: less is a key or a digest


def property_list(source: Source, budget: Budget) -> Iterator[Piece]:
    """One property list."""
    try:
        tree = plistlib.loads(source.data)
    except (ValueError, LookupError, OverflowError, OSError, expat.ExpatError):
        if not source.data.startswith(_BINARY):
            return
        raise broken() from None
    files: list[bytes] = []
    yield from values.pieces(_plain(tree, files, budget), budget)
    yield from map(File, files)


def _plain(value: object, files: list[bytes], budget: Budget) -> values.Value:
    budget.take("cells")
    if isinstance(value, dict):
        return tuple((str(name), _plain(each, files, budget)) for name, each in value.items())
    if isinstance(value, list):
        return [_plain(each, files, budget) for each in value]
    if isinstance(value, bytes):
        if len(value) >= _LEAST or value.startswith(_BINARY):
            files.append(value)
        return runs(value)
    return value if isinstance(value, str) else str(value)
