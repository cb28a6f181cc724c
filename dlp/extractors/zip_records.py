"""The records of a ZIP file, each as it says of itself (APPNOTE.TXT 6.3.10, 4.3): what is believed of them is for others.

Takes bytes; gives every central directory a reader may find, and any local header. Sizes are those of ZIP64 where it is
used. Junk in front shifts all offsets, as readers allow for. Never fails: what contradicts itself is left out.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

LOCAL = b"PK\x03\x04"
_CENTRAL = b"PK\x01\x02"
END = b"PK\x05\x06"
_END64 = b"PK\x06\x06"
_LOCATOR64 = b"PK\x06\x07"
DESCRIPTOR_MARK = b"PK\x07\x08"
_WIDE_SIZES = struct.Struct("<2Q")
_LOCAL_RECORD = struct.Struct("<4x5H3L2H")
_CENTRAL_RECORD = struct.Struct("<4x6H3L5H2L")
_END_RECORD = struct.Struct("<4x4H2LH")
_END64_RECORD = struct.Struct("<4xQ2H2L4Q")
_EXTRA_FIELD = struct.Struct("<HH")
_ZIP64 = 0x0001
_UNSET = 0xFFFFFFFF
_MOST = 20_000  # records of one directory, more than any limit on members
_MOST_ENDS = 20_000  # looked at: more than fit where readers look for one, in the last 64 KiB

STORED, DEFLATED = 0, 8
ENCRYPTED, DESCRIPTOR = 1, 8  # of the general purpose flags


@dataclass(frozen=True, slots=True)
class Record:
    """One member as one record has it. `offset`: of its local header; `data`: behind the record itself."""

    name: bytes
    flags: int
    method: int
    time: int
    crc: int
    packed: int
    size: int
    offset: int
    data: int
    extra: bytes
    comment: bytes = b""


@dataclass(frozen=True, slots=True)
class Directory:
    """One central directory, and the end records that led to it, each from byte to byte.

    `shift`: how far junk in front shifts the offsets in it. `whole`: all of the records that were announced are there.
    `split`: it is the last volume of several.
    """

    records: tuple[Record, ...]
    comment: bytes
    begin: int
    end: int
    ending_begin: int
    ending_end: int
    shift: int
    whole: bool
    split: bool


def directories(data: bytes) -> tuple[Directory, ...]:
    """Those that some reader takes for the archive's, the last one first; none of a ZIP stored within."""
    found: list[Directory] = []
    end = data.rfind(END)
    looked = 0
    while end >= 0 and len(found) < 4 and looked < _MOST_ENDS:  # two directories are one too many already
        looked += 100 if found else 1
        if not any(_is_within(data, end, record) for one in found for record in one.records):
            found += _directories(data, end)
        end = data.rfind(END, 0, end)
    return tuple(found)


def _is_within(data: bytes, at: int, record: Record) -> bool:
    """It is part of what a member holds."""
    if not record.offset <= at:
        return False
    head = local(data, record.offset)
    return head is not None and at < head.data + record.packed


def _directories(data: bytes, end: int) -> Iterator[Directory]:
    """For one end record: the directory before it, and the one where it says, if those are two."""
    if end + 22 > len(data):
        return
    disk, _, _, count, size, offset, length = _END_RECORD.unpack_from(data, end)
    before = end
    if data[end - 20 : end - 16] == _LOCATOR64 and (at := data.rfind(_END64, 0, end)) >= 0 and at + 56 <= end:
        *_, count, size, offset = _END64_RECORD.unpack_from(data, at)
        before = at
    comment = data[end + 22 : end + 22 + length]
    ending_end = min(end + 22 + length, len(data))
    for begin in dict.fromkeys((before - size, offset)):
        if 0 <= begin <= before and (data.startswith(_CENTRAL, begin) or (not count and begin == before)):
            shift = begin - offset
            records, stop = _central(data, begin, before, shift)
            whole = (len(records) - count) & 0xFFFF == 0
            yield Directory(records, comment, begin, stop, before, ending_end, shift, whole, split=disk not in (0, 0xFFFF))


def _central(data: bytes, begin: int, end: int, shift: int) -> tuple[tuple[Record, ...], int]:
    records: list[Record] = []
    at = begin
    while data.startswith(_CENTRAL, at) and at + 46 <= end and len(records) < _MOST:
        _, _, flags, method, time, _, crc, packed, size, name, extra, comment, _, _, _, offset = _CENTRAL_RECORD.unpack_from(
            data, at
        )
        texts = at + 46
        extras = texts + name
        comments = extras + extra
        at = comments + comment
        names, fields, note = data[texts:extras], data[extras:comments], data[comments:at]
        record = _wide(Record(names, flags, method, time, crc, packed, size, offset, at, fields, note))
        records.append(replace(record, offset=record.offset + shift))
    return tuple(records), at


def local(data: bytes, at: int) -> Record | None:
    """The local header at an offset, None when none is there."""
    if at < 0 or at + 30 > len(data) or not data.startswith(LOCAL, at):
        return None
    _, flags, method, time, _, crc, packed, size, name, extra = _LOCAL_RECORD.unpack_from(data, at)
    texts = at + 30
    begin = texts + name + extra
    return _wide(
        Record(data[texts : texts + name], flags, method, time, crc, packed, size, at, begin, data[texts + name : begin])
    )


def behind(data: bytes, record: Record, head: Record) -> int:
    """Where the next record begins: behind the member's data and its data descriptor (4.3.9)."""
    at = head.data + record.packed
    if not head.flags & DESCRIPTOR or data.startswith((LOCAL, _CENTRAL), at):  # some writers set the flag and leave it out
        return at
    begins = at + 4 if data.startswith(DESCRIPTOR_MARK, at) else at
    wide = data[begins + 4 : begins + 20] == _WIDE_SIZES.pack(record.packed, record.size)
    return begins + (20 if wide else 12)


def without_descriptor(data: bytes) -> bytes:
    """What follows a data descriptor, of a member whose sizes are not known."""
    return data[16:] if data.startswith(DESCRIPTOR_MARK) else data[12:]


def extra_fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    """Header ID and data of each (4.5.1); what does not fit comes as ID -1."""
    at = 0
    while at + 4 <= len(extra):
        number, size = _EXTRA_FIELD.unpack_from(extra, at)
        if at + 4 + size > len(extra):
            break
        yield number, extra[at + 4 : at + 4 + size]
        at += 4 + size
    if at < len(extra):
        yield -1, extra[at:]


def _wide(record: Record) -> Record:
    """Sizes and offset from the ZIP64 field, which has those that are unset in the record (4.5.3)."""
    if _UNSET not in (record.size, record.packed, record.offset):
        return record
    field = next((data for number, data in extra_fields(record.extra) if number == _ZIP64), b"")
    values = iter([int.from_bytes(field[at : at + 8], "little") for at in range(0, len(field) - 7, 8)])
    size, packed, offset = (
        next(values, value) if value == _UNSET else value for value in (record.size, record.packed, record.offset)
    )
    return replace(record, size=size, packed=packed, offset=offset)


def peek(data: bytes, record: Record, most: int) -> bytes:
    """The first bytes of a stored or deflated member; b"" when they cannot be had."""
    head = local(data, record.offset)
    if head is None:
        return b""
    packed = data[head.data : head.data + min(record.packed, most)]
    if record.method == STORED:
        return packed
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, most) if record.method == DEFLATED else b""
    except zlib.error:
        return b""
