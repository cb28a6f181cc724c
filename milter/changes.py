"""What an MTA must be told so that the message it has becomes the one we want: replies, in the order to say them.

Takes the bytes as received and as wanted; gives header changes by name and number, from the last field up so that each
number still counts when it is used, then the new body. Fields keep their leading blank (SMFIP_HDR_LEADSPC). Pure; nothing
here fails.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from milter.layouts import Frame
from milter.replies import ChangeHeader, InsertHeader, ReplaceBody

_FIELD = re.compile(rb"([^\r\n:]*):(.*?)\r\n(?![\t ])", re.DOTALL)
_NOTHING = b" "  # an empty value would take the field away
Field = tuple[bytes, bytes]


def changes(before: bytes | memoryview, after: bytes | memoryview, most_data: int) -> tuple[Frame, ...]:
    """None when both are the same. `most_data`: bytes of one piece of the body."""
    if before == after:
        return ()
    old, old_body = parted(before)
    new, new_body = parted(after)
    pieces: tuple[Frame, ...] = ()
    if old_body != new_body:
        starts = range(0, len(new_body), most_data) or (0,)
        pieces = tuple(ReplaceBody(bytes(new_body[start : start + most_data])) for start in starts)
    return (*_of_fields(old, new), *pieces)


def parted(message: bytes | memoryview) -> tuple[list[Field], bytes | memoryview]:
    """The fields with the bytes behind their colon, lines ended by LF; and what follows the empty line."""
    fields: list[Field] = []
    at = 0
    while field := _FIELD.match(message, at):
        fields.append((bytes(field[1]), bytes(field[2]).replace(b"\r\n", b"\n")))
        at = field.end()
    return fields, message[at + 2 :] if message[at : at + 2] == b"\r\n" else message[at:]


def _of_fields(old: Sequence[Field], new: Sequence[Field]) -> Iterator[Frame]:
    """From the last field up. Fields are the same by their names: a new value is a change, not another field."""
    numbers = list(_numbered(old))
    blocks = SequenceMatcher(None, _names(old), _names(new), autojunk=False).get_opcodes()
    for what, start, end, first, last in reversed(blocks):
        if what == "equal":
            pairs = zip(range(start, end), new[first:last], strict=True)
            yield from (
                ChangeHeader(numbers[index], field[0], field[1] or _NOTHING)
                for index, field in reversed([*pairs])
                if old[index] != field
            )
        else:
            yield from (ChangeHeader(numbers[index], old[index][0], b"") for index in range(end - 1, start - 1, -1))
            yield from (_inserted(start, *new[index]) for index in range(last - 1, first - 1, -1))


def _names(fields: Sequence[Field]) -> list[bytes]:
    return [name.lower() for name, _ in fields]


def _numbered(fields: Sequence[Field]) -> Iterator[int]:
    """The number of each among the fields of its name, from 1. A change without a value takes it away."""
    met: Counter[bytes] = Counter()
    for name in _names(fields):
        met[name] += 1
        yield met[name]


def _inserted(place: int, name: bytes, value: bytes) -> InsertHeader:
    """Behind `place` fields. The MTA's own Received field stands above those it showed us, and counts here."""
    return InsertHeader(place + 1 if place else 0, name, value or _NOTHING)
