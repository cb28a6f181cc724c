"""What a file is, by its bytes: the words of the table of extractors.

Takes a Source and libmagic's word; gives one or more kinds, the surest first: a file that is two things is read as
both. Names and declared types only choose among readings of text. Never fails; what nothing fits is "unknown".
"""

from __future__ import annotations

from collections.abc import Callable

from dlp.extractors.content import Source
from dlp.mail import charset
from dlp.mail.leaf import is_binary

Sniff = Callable[[bytes], str]

_TEXT_TYPES = frozenset(
    {"application/csv", "application/json", "application/javascript", "application/xml", "application/x-ndjson"}
)


def kinds(source: Source, sniff: Sniff) -> tuple[str, ...]:
    """The kinds whose extractors should read it."""
    found = sniff(source.data)
    if found == "message/rfc822":
        return ("message",)
    text = found.startswith("text/") or found in _TEXT_TYPES
    if text and (charset.is_wide(source.data, source.charset) or not is_binary(source.data)):
        return ("text",)
    return ("unknown",)
