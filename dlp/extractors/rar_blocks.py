"""The blocks of a RAR archive, for what libarchive does not tell: volumes, locked headers, comments, where it ends.

Takes bytes that begin with RAR's signature; gives facts. Versions 1.5 to 4 and 5 by their published technical notes
(rarlab.com). Never fails: the walk ends where a block makes no sense.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from dlp.extractors.runs import runs

NEWEST = 5
_SIGNATURE = re.compile(rb"Rar!\x1a\x07(?:\0|\x01\0)")
_OLD_BLOCK = struct.Struct("<HBHH")
_OLD_MAIN, _OLD_FILE, _OLD_SERVICE, _OLD_END = 0x73, 0x74, 0x7A, 0x7B
_MAIN, _FILE, _SERVICE, _ENCRYPTION, _END = 1, 2, 3, 4, 5
_LOCK = 1  # a record of a file's extra area
_STORED_OLD = 0x30
_COMMENT = b"CMT"
_OF_THE_ARCHIVE = frozenset(
    {b"QO", b"RR", b"AV", b"ACL", b"UOW"}
)  # services that repeat, repair, sign or say who may; others hold data


@dataclass(slots=True)
class Facts:
    """`whole`: its last block is there; `end`: behind it. `locks`: of each member in order, whether a password is asked for.

    `unread`: there is a packed comment, or a stream beside a file.
    """

    version: int
    volume: bool = False
    locked: bool = False
    whole: bool = False
    unread: bool = False
    end: int = 0
    comments: list[str] = field(default_factory=list)
    locks: list[bool] = field(default_factory=list)


def begin(data: bytes) -> int:
    """Where the archive begins, maybe behind a program; -1 where there is none."""
    match = _SIGNATURE.search(data)
    return match.start() if match else -1


def read(data: bytes) -> Facts:
    """Walk the blocks."""
    facts = Facts(NEWEST) if data[6:7] == b"\1" else Facts(4)
    at = 8 if facts.version == NEWEST else 7
    step = _new_block if facts.version == NEWEST else _old_block
    while not facts.whole and not facts.locked:
        following = step(data, at, facts)
        if following <= at:
            break
        at = following
    facts.end = min(at, len(data)) if facts.whole else len(data)
    return facts


def _old_block(data: bytes, at: int, facts: Facts) -> int:
    """Note what a block of version 1.5 to 4 says; gives where the next one begins, 0 when there is none."""
    if at + 7 > len(data):
        return 0
    _, kind, flags, size = _OLD_BLOCK.unpack_from(data, at)
    added = 0
    if (flags & 0x8000 or kind in (_OLD_FILE, _OLD_SERVICE)) and at + 11 <= len(data):
        added = int.from_bytes(data[at + 7 : at + 11], "little")
        if kind == _OLD_FILE and flags & 0x100:
            added += int.from_bytes(data[at + 32 : at + 36], "little") << 32
    if kind == _OLD_MAIN:
        facts.volume = bool(flags & 0x0001)
        facts.unread = bool(flags & 0x0002)
        facts.locked = bool(flags & 0x0080)
    elif kind == _OLD_FILE:
        facts.locks.append(bool(flags & 0x0004))
    elif kind == _OLD_SERVICE:
        length = int.from_bytes(data[at + 26 : at + 28], "little")
        packed = data[at + 25 : at + 26] != bytes([_STORED_OLD])
        _heed(data[at + 32 : at + 32 + length], data[at + size : at + size + added], facts, packed=packed)
    facts.whole = kind == _OLD_END
    return at + size + added if size >= 7 and at + size + added <= len(data) else 0


def _new_block(data: bytes, at: int, facts: Facts) -> int:
    """Note what a block of version 5 says; gives where the next one begins, 0 when there is none."""
    size, begin = _number(data, at + 4)
    kind, inner = _number(data, begin)
    flags, inner = _number(data, inner)
    extra, inner = _number(data, inner) if flags & 1 else (0, inner)
    added, inner = _number(data, inner) if flags & 2 else (0, inner)
    if not size or begin + size + added > len(data):
        return 0
    if kind == _MAIN:
        facts.volume = bool(_number(data, inner)[0] & 1)
    elif kind == _FILE:
        facts.locks.append(_LOCK in _records(data[begin + size - extra : begin + size]))
    elif kind == _SERVICE:
        _service(data, inner, (begin + size, begin + size + added), facts)
    facts.locked = kind == _ENCRYPTION
    facts.whole = kind == _END
    return begin + size + added


def _service(data: bytes, at: int, span: tuple[int, int], facts: Facts) -> None:
    flags, at = _number(data, at)
    _, at = _number(data, at)
    _, at = _number(data, at)
    at += (4 if flags & 2 else 0) + (4 if flags & 4 else 0)
    packing, at = _number(data, at)
    _, at = _number(data, at)
    length, at = _number(data, at)
    _heed(data[at : at + length], data[span[0] : span[1]], facts, packed=bool(packing >> 7 & 7))


def _records(extra: bytes) -> Iterator[int]:
    """The types of the records in an extra area."""
    at = 0
    while at < len(extra):
        size, begin = _number(extra, at)
        yield _number(extra, begin)[0]
        at = begin + size


def _heed(name: bytes, data: bytes, facts: Facts, *, packed: bool) -> None:
    """A service block: the comment is text, others may be a stream beside a file."""
    if name == _COMMENT and not packed:
        text = data.rstrip(b"\0").decode("utf-8", "replace")
        facts.comments += [text, runs(data)] if "\0" in text else [text]
    elif name not in _OF_THE_ARCHIVE:
        facts.unread = True


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, lowest first; and where it ends."""
    value = 0
    for position, byte in enumerate(data[at : at + 10]):
        value |= (byte & 0x7F) << (7 * position)
        if byte < 0x80:
            return value, at + position + 1
    return 0, len(data)
