"""Whether a text is a message: mail that was saved, attached in an encoding, or lifted out of a wrapping.

Takes a Source that is text; gives True for what has a message's declared type or begins with a mail header. libmagic knows
only headers that begin with a few fields. Reading one more text as mail is harmless, all of it is read. Never fails.
"""

from __future__ import annotations

import re

from dlp.extractors.content import Source

_TYPES = frozenset({"message/rfc822", "message/global", "message/news", "multipart/related", "application/x-mimearchive"})
_ENDINGS = (".eml", ".mht", ".mhtml", ".emlx")
_HEADER = re.compile(rb"(?:[!-9;-~]{1,76}:[^\n]{0,998}\n(?:[ \t][^\n]{0,998}\n){0,200}+){2,300}+\r?\n")
_NAME = re.compile(rb"^([!-9;-~]{1,76}):", re.MULTILINE)
_FIELDS = frozenset(
    {b"from", b"to", b"cc", b"date", b"subject", b"message-id", b"received", b"mime-version", b"content-type", b"return-path"}
)
_LEAST = 2  # of those fields
_MIME = frozenset({b"content-type", b"content-transfer-encoding", b"content-disposition", b"mime-version"})


def is_mail(source: Source) -> bool:
    """True where mail is what a reader's program would make of it."""
    if source.media_type in _TYPES or any(name.lower().endswith(_ENDINGS) for name in source.names):
        return True
    header = _HEADER.match(source.data)
    names = {name.lower() for name in _NAME.findall(header[0])} if header else set()
    return len(names & _FIELDS) >= _LEAST or (b"content-type" in names and len(names & _MIME) >= _LEAST)
