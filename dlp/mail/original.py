"""From a finding back to the bytes it stands in, for whoever edits the message.

Takes the message, what was read of it, and characters of one view; gives the bytes of the message they were read from. None
where there are no such bytes: in markup, in a transfer encoding, in files, in further readings. Pure; never fails.
"""

from __future__ import annotations

from collections.abc import Iterator

from dlp.limits import Limits
from dlp.mail import charset, transfer
from dlp.mail.entity import Buffer, describe, read_header
from dlp.mail.fold import fold, origins
from dlp.values import Part, Span, Texts, View


def original_span(raw: Buffer, texts: Texts, view: View, found: Span, limits: Limits) -> Span | None:
    """The bytes of `raw` that decode and fold to what holds the characters `found` of a part's text."""
    part = next((each for each in texts.parts if view.label in (f"part {each.section}", "the message")), None)
    if part is None or part.section != view.section or found.start >= found.end:
        return None
    body = bytes(raw[part.body.start : part.body.end])
    for text, codec in _decoded(raw, part, body, limits):
        if not fold(text).startswith(view.text):
            continue
        pieces = origins(text)[found.start : found.end]
        first, last = pieces[0][0], pieces[-1][1]
        mark = len(body) - len(text.encode(codec))  # a byte order mark
        start = mark + len(text[:first].encode(codec))
        end = start + len(text[first:last].encode(codec))
        if body[start:end].decode(codec, "replace") == text[first:last]:
            return Span(part.body.start + start, part.body.start + end)
    return None


def _decoded(raw: Buffer, part: Part, body: bytes, limits: Limits) -> Iterator[tuple[str, str]]:
    """The texts of an unencoded part, each with the codec that gives these bytes back."""
    declared = describe(raw, read_header(raw, part.header.start, limits), "text/plain", limits)
    if not all(map(transfer.is_identity, declared.encodings)):
        return
    names = declared.charsets or ("",)
    for text in charset.readings(body, *names):
        for codec in dict.fromkeys(filter(None, (*map(charset.codec_of, names), "utf-8", "cp1252"))):
            try:
                again = text.encode(codec)
            except (LookupError, ValueError):
                continue
            if body.endswith(again) and len(body) - len(again) <= len(b"\xef\xbb\xbf"):
                yield text, codec
                break
