"""Header edits applied to the bytes of a message; everything else stays as received.

Takes the raw message, its fields with their byte spans (top-level ones and those of parts), and edits whose values are
already encoded and folded; gives the new bytes. An edit that names no field, comes twice, or could end the field early
is a programming error (ValueError): nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from dlp.values import ChangeHeader, Edit, HeaderField, PartField, Span

# printable ASCII with folds (CRLF and a blank); anything else could start a field of its own
_FOLDED_VALUE = re.compile(r"(?:[\t\x20-\x7e]|\r\n(?=[ \t]+[\x21-\x7e]))*")


def apply(raw: bytes | memoryview, fields: Iterable[HeaderField | PartField], edits: Iterable[Edit]) -> bytes:
    """The message with each edit's field replaced: the name as written, ": ", the new value, the old line ending."""
    by_place = {_place(field): field.span for field in fields}
    chosen: dict[int, tuple[Span, str]] = {}
    for edit in edits:
        span = by_place.get(_place(edit))
        if span is None or span.start in chosen:
            raise ValueError("an edit must name one field of the message, once")
        chosen[span.start] = (span, edit.value)
    pieces: list[bytes | memoryview] = []
    position = 0
    for start in sorted(chosen):
        span, value = chosen[start]
        pieces += [raw[position:start], _line(bytes(raw[start : span.end]), value)]
        position = span.end
    return b"".join([*pieces, raw[position:]])


def without(raw: bytes | memoryview, fields: Iterable[HeaderField]) -> bytes:
    """The message without these fields, each with its line end."""
    pieces: list[bytes | memoryview] = []
    position = 0
    for span in sorted((field.span for field in fields), key=lambda span: span.start):
        pieces.append(raw[position : span.start])
        position = span.end
    return b"".join([*pieces, raw[position:]])


def _place(of: HeaderField | PartField | Edit) -> tuple[str, int] | Span:
    if isinstance(of, HeaderField | ChangeHeader):
        return of.name.lower(), of.occurrence
    return of.span


def _line(old: bytes, value: str) -> bytes:
    if not _FOLDED_VALUE.fullmatch(value):
        raise ValueError("a header value must be printable ASCII, folded with CRLF and a blank")
    name, _, rest = old.partition(b":")
    ending = rest[len(rest.rstrip(b"\r\n")) :]
    folded = value.encode("ascii")
    if ending == b"\n":  # a file kept with bare line feeds stays one
        folded = folded.replace(b"\r\n", b"\n")
    return name + b": " + folded + ending
