"""JSON as people read it (RFC 8259): one value, one a line, or one after the other.

Takes a Source; gives every value with its names, escapes undone, and lists of objects as grids. What is no JSON, or none
any more from some place on, was read as text beside this: nothing more is given and nothing raised.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from types import MappingProxyType

from dlp.extractors import values
from dlp.extractors.content import Budget, Piece, Source
from dlp.mail import charset

_BETWEEN = re.compile(r"[\s,\x1e]*")  # also the sign that begins a record (RFC 7464)
_WORDS = MappingProxyType({"True": "true", "False": "false"})
_DECODER = json.JSONDecoder(object_pairs_hook=tuple, parse_int=str, parse_float=str, parse_constant=str)


def json_values(source: Source, budget: Budget) -> Iterator[Piece]:
    """What JSON there is, in every charset it may be in."""
    for text in charset.readings(source.data, source.charset):
        found = list(_values(text))
        yield from values.pieces(found[0] if len(found) == 1 else found, budget)


def _values(text: str) -> Iterator[values.Value]:
    at = _end(text, 0)
    while at < len(text):
        try:
            value, at = _DECODER.raw_decode(text, at)
        except ValueError:
            return
        yield _plain(value)
        at = _end(text, at)


def _end(text: str, at: int) -> int:
    """Where what stands between two values ends."""
    match = _BETWEEN.match(text, at)
    return match.end() if match else at


def _plain(value: object) -> values.Value:
    """`true`, `false` and `null` as words."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, tuple):
        return tuple((_whole(name), _plain(each)) for name, each in value)
    return _whole(value) if isinstance(value, str) else _WORDS.get(str(value), "")


def _whole(text: str) -> str:
    """Without the half of a character that an escape can spell, and that nothing can write out."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
