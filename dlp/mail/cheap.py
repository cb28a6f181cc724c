"""Which files of a message may be undone where it is received: those that cost no more than their size, whatever is in them.

Takes the message and its parts that are files; gives whether all of them are such, and how they begin. The rest goes to a
child, which may be slow and may be killed. Never fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dlp.mail import transfer
from dlp.mail.entity import Buffer
from dlp.mail.split import Entity

_LINE, _PADDING = 40, 2  # bytes of a line of base64 at least, on average, and signs that end it (RFC 2045 6.8)
_BEGINNING = 512  # bytes of an encoded file, enough to know most of those that have a reader


def is_cheap(raw: Buffer, files: Sequence[Entity], large: int) -> bool:
    """Whether nothing in these bodies is doubtful, and more than `large` bytes of them only plain base64."""
    bodies = [one.body for one in files]
    if any(one.doubts for one in files):
        return False
    return sum(each.end - each.start for each in bodies) <= large or all(
        one.declared.encodings == ("base64",) and _is_even(bytes(raw[one.body.start : one.body.end])) for one in files
    )


def _is_even(body: bytes) -> bool:
    """Whether its lines are long ones, and it ends once: each line is an object to a parser, and each end another group."""
    return body.count(b"\n") * _LINE <= len(body) and body.count(b"=") <= _PADDING


def beginnings(raw: Buffer, entity: Entity) -> Iterator[bytes]:
    """The first bytes of a file, by each encoding a reader may take it in."""
    body = bytes(raw[entity.body.start : min(entity.body.end, entity.body.start + _BEGINNING)])
    return (transfer.decode(body, encoding).data for encoding in entity.declared.encodings)
