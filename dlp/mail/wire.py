"""Texts over a pipe: what a jailed child read, as JSON that can only ever become Texts.

`encode_texts` gives bytes; `decode_texts` takes bytes whose size the reader has capped and checks every type, word and span
before it builds a value: a child is not trusted. Whatever does not fit is a ProtocolError with a fixed text;
nothing is executed, looked up or kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeVar

from dlp.errors import ProtocolError
from dlp.mail.entity import AMBIGUITIES
from dlp.values import Channel, HeaderField, Part, PartStatus, Span, Texts, View

VERSION = 1
_MALFORMED = "malformed reading result"
_Json = object
_T = TypeVar("_T")


def encode_texts(texts: Texts) -> bytes:
    """`texts` as UTF-8 JSON; rows are lists in the order of the value's fields."""
    return json.dumps(
        {
            "version": VERSION,
            "fields": [[one.name, one.occurrence, *_pair(one.span), one.value] for one in texts.fields],
            "parts": [
                [one.section, one.media_type, *_pair(one.header), *_pair(one.body), one.filename, one.status.value, one.why]
                for one in texts.parts
            ],
            "views": [[one.channel.value, one.section, one.label, one.text, one.field, one.occurrence] for one in texts.views],
            "ambiguities": list(texts.ambiguities),
        },
        separators=(",", ":"),
    ).encode("ascii")


def decode_texts(data: bytes, *, size: int | None = None) -> Texts:
    """The Texts in `data`; `size` is the message's length in bytes, beyond which no span may reach.

    Raises ProtocolError for anything `encode_texts` would not write.
    """
    try:
        message = json.loads(data)
    except (ValueError, RecursionError):
        raise ProtocolError(_MALFORMED) from None
    keys = {"version", "fields", "parts", "views", "ambiguities"}
    if not isinstance(message, dict) or set(message) != keys or message["version"] != VERSION:
        raise ProtocolError(_MALFORMED)
    return Texts(
        _rows(message["fields"], 5, lambda row: _field(row, size)),
        _rows(message["parts"], 9, lambda row: _part(row, size)),
        _rows(message["views"], 6, _view),
        tuple(_ambiguity(word) for word in _list(message["ambiguities"])),
    )


def _pair(span: Span) -> tuple[int, int]:
    return span.start, span.end


def _rows(value: _Json, width: int, build: Callable[[list[_Json]], _T]) -> tuple[_T, ...]:
    rows = [_list(row) for row in _list(value)]
    if any(len(row) != width for row in rows):
        raise ProtocolError(_MALFORMED)
    return tuple(build(row) for row in rows)


def _field(row: list[_Json], size: int | None) -> HeaderField:
    return HeaderField(_text(row[0]), _count(row[1], 1), _span(row[2], row[3], size), _text(row[4]))


def _part(row: list[_Json], size: int | None) -> Part:
    status, why = _word(PartStatus, row[7]), _text(row[8])
    if (status is PartStatus.READ) != (why == ""):
        raise ProtocolError(_MALFORMED)
    header, body = _span(row[2], row[3], size), _span(row[4], row[5], size)
    return Part(_text(row[0]), _text(row[1]), header, body, _text(row[6]), status, why)


def _view(row: list[_Json]) -> View:
    named = _text(row[4])
    occurrence = _count(row[5], 1 if named else 0)
    return View(_word(Channel, row[0]), _text(row[1]), _text(row[2]), _text(row[3]), named, occurrence)


def _ambiguity(value: _Json) -> str:
    word = _text(value)
    if word not in AMBIGUITIES:
        raise ProtocolError(_MALFORMED)
    return word


def _list(value: _Json) -> list[_Json]:
    if not isinstance(value, list):
        raise ProtocolError(_MALFORMED)
    return value


def _text(value: _Json) -> str:
    if not isinstance(value, str) or not (value.isascii() or _is_unicode(value)):
        raise ProtocolError(_MALFORMED)
    return value


def _is_unicode(text: str) -> bool:
    """False with a lone surrogate, which JSON can spell and nothing can write out."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _count(value: _Json, least: int) -> int:
    if type(value) is not int or value < least:
        raise ProtocolError(_MALFORMED)
    return value


def _span(start: _Json, end: _Json, size: int | None) -> Span:
    span = Span(_count(start, 0), _count(end, 0))
    if span.end < span.start or (size is not None and span.end > size):
        raise ProtocolError(_MALFORMED)
    return span


def _word(words: Callable[[str], _T], value: _Json) -> _T:
    try:
        return words(_text(value))
    except ValueError:
        raise ProtocolError(_MALFORMED) from None
