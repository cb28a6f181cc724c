"""Mail folders: mbox, in which one message follows the other (RFC 4155), and Outlook's stores, which are not read.

Takes a Source; gives each message as a file to be read as mail, ">From " at the start of a line without its sign. A text
without a "From " line gives nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dlp.extractors.content import Budget, File, Piece, Source, Stop, Text
from dlp.extractors.runs import runs
from dlp.values import PartStatus

_LINE = re.compile(rb"(?:^|(?<=\n\n)|(?<=\n\r\n))From [^\n]+\n")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


def mbox(source: Source, _budget: Budget) -> Iterator[Piece]:
    """Every message of a folder."""
    starts = [(match.start(), match.end()) for match in _LINE.finditer(source.data)]
    ends = [start for start, _ in starts[1:]] + [len(source.data)]
    for (_, begin), end in zip(starts, ends, strict=False):
        yield File(_QUOTED.sub(rb"\1", source.data[begin:end]), media_type="message/rfc822")


def store(source: Source, _budget: Budget) -> Iterator[Piece]:
    """An Outlook data file, .pst or .ost: its characters, most often encoded, and that it was not read."""
    yield Text(runs(source.data), "characters")
    raise Stop(PartStatus.UNSUPPORTED, "mail-store")
