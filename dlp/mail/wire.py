"""Texts over a pipe: what a jailed child read, as JSON and plain UTF-8 that can only ever become Texts.

An answer is the length of its JSON, the JSON, and then the text of every view in order, whose length the JSON tells.
`encode_texts` gives it; `decode_texts` takes bytes whose size the reader has capped and checks every type, word and span
before it builds a value: a child is not trusted. Whatever does not fit is a ProtocolError with a fixed text.
"""

from __future__ import annotations

import codecs
import json
import struct
from collections.abc import Callable
from typing import TypeVar

from dlp.errors import ProtocolError
from dlp.limits import Limits
from dlp.mail.entity import AMBIGUITIES
from dlp.values import Channel, HeaderField, Mark, Marked, Part, PartField, PartStatus, Span, Texts, View

VERSION = 6
_LENGTH = struct.Struct("!Q")
_MALFORMED = "malformed reading result"
_BLOCK = 1 << 20  # bytes decoded in one step, so that a thread that decodes leaves room for the others
_BYTES_PER_CHARACTER = 4  # UTF-8 at its longest
_ROWS = 32 << 20  # fields, parts and ambiguities: a header block, and a file name for each of the most parts
_Json = object
_T = TypeVar("_T")


def largest_answer(limits: Limits) -> int:
    """Bytes `encode_texts` may need for a message read within `limits`."""
    return limits.text * _BYTES_PER_CHARACTER + _ROWS


def encode_texts(texts: Texts) -> bytes:
    """`texts` as an answer; rows of its JSON are lists in the order of the value's fields."""
    blobs = [one.text.encode() for one in texts.views]
    rows = json.dumps(
        {
            "version": VERSION,
            "fields": [[one.name, one.occurrence, *_pair(one.span), one.value] for one in texts.fields],
            "parts": [
                [one.section, one.media_type, *_pair(one.header), *_pair(one.body), one.filename, one.status.value, one.why]
                for one in texts.parts
            ],
            "views": [
                [
                    *(one.channel.value, one.section, one.label, len(blob), one.field, one.occurrence),
                    *(*(one.grid or (0, 0)), int(one.again), [[each.mark, each.first, each.last] for each in one.marked]),
                ]
                for one, blob in zip(texts.views, blobs, strict=True)
            ],
            "ambiguities": list(texts.ambiguities),
            "part_fields": [[one.section, one.name, *_pair(one.span)] for one in texts.part_fields],
        },
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()
    return b"".join((_LENGTH.pack(len(rows)), rows, *blobs))


def decode_texts(data: bytes | bytearray, *, size: int | None = None) -> Texts:
    """The Texts in `data`; `size` is the message's length in bytes, beyond which no span may reach.

    Raises ProtocolError for anything `encode_texts` would not write.
    """
    whole = memoryview(data)
    message, blobs = _message(whole)
    rows = _rows(message["views"], 10, list)
    views = []
    for row in rows:
        length = _count(row[3], 0)
        views.append(_view(row, _decoded(blobs[:length], length)))
        blobs = blobs[length:]
    if blobs:
        raise ProtocolError(_MALFORMED)
    return Texts(
        _rows(message["fields"], 5, lambda row: _field(row, size)),
        _rows(message["parts"], 9, lambda row: _part(row, size)),
        tuple(views),
        tuple(_ambiguity(word) for word in _list(message["ambiguities"])),
        _rows(message["part_fields"], 4, lambda row: PartField(_text(row[0]), _text(row[1]), _span(row[2], row[3], size))),
    )


def _message(whole: memoryview) -> tuple[dict[str, _Json], memoryview]:
    """The JSON object at the start, its keys checked, and the bytes behind it."""
    try:
        (length,) = _LENGTH.unpack(whole[: _LENGTH.size])
        end = _LENGTH.size + length
        message = json.loads(bytes(whole[_LENGTH.size : end]).decode())
    except (struct.error, ValueError, RecursionError):
        raise ProtocolError(_MALFORMED) from None
    keys = {"version", "fields", "parts", "views", "ambiguities", "part_fields"}
    if not isinstance(message, dict) or set(message) != keys or message["version"] != VERSION or end > len(whole):
        raise ProtocolError(_MALFORMED)
    return message, whole[end:]


def _decoded(blob: memoryview, length: int) -> str:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        pieces = [decoder.decode(blob[at : at + _BLOCK]) for at in range(0, len(blob), _BLOCK)]
        pieces.append(decoder.decode(b"", final=True))
    except UnicodeDecodeError:
        raise ProtocolError(_MALFORMED) from None
    if len(blob) != length:
        raise ProtocolError(_MALFORMED)
    return "".join(pieces)


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


def _view(row: list[_Json], text: str) -> View:
    named = _text(row[4])
    occurrence = _count(row[5], 1 if named else 0)
    at, again = (_count(row[6], 0), _count(row[7], 0)), _count(row[8], 0)
    if (0 in at and any(at)) or again > all(at):
        raise ProtocolError(_MALFORMED)
    channel, grid = _word(Channel, row[0]), at if all(at) else None
    marked = _rows(row[9], 3, _marked)
    return View(channel, _text(row[1]), _text(row[2]), text, named, occurrence, grid, again=bool(again), marked=marked)


def _marked(row: list[_Json]) -> Marked:
    lines = _span(row[1], row[2], None)
    return Marked(_word(Mark, row[0]), lines.start, lines.end)


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
