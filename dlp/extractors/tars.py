"""TAR archives: ustar and pax (POSIX.1-2024, pax), GNU's long names, and the old format without a magic.

Takes a Source; gives members, names, links and whatever a pax header says. Sparse members are given without their holes
and make the archive unsupported. A member that ends beyond the file, a damaged header or a missing end make it broken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from dlp.extractors.content import Budget, File, Piece, Source, Stop, Text, broken
from dlp.mail import charset
from dlp.values import PartStatus

_BLOCK = 512
_EMPTY = bytes(_BLOCK)
_OCTAL = re.compile(rb"[0-7]+")
_LONG_NAME, _LONG_LINK = b"L", b"K"
_PAX, _PAX_GLOBAL = b"x", b"g"
_EXTENDED = frozenset({_PAX, _PAX_GLOBAL, _LONG_NAME, _LONG_LINK})
_BODILESS = frozenset({b"1", b"2", b"3", b"4", b"5", b"6", b"V"})  # links, devices, folders: some readers skip a body, some not
_SPARSE, _CONTINUED = b"S", b"M"
_ENDS = {"split": PartStatus.UNSUPPORTED, "unsupported": PartStatus.UNSUPPORTED, "ambiguous": PartStatus.AMBIGUOUS}


@dataclass(frozen=True, slots=True)
class Header:
    """One member's header block."""

    name: bytes
    size: int
    kind: bytes
    link: bytes
    owners: bytes


@dataclass(frozen=True, slots=True)
class _Said:
    """What headers before a member say in its place."""

    name: bytes = b""
    link: bytes = b""
    size: int = -1
    sparse: bool = False


def read_header(block: bytes) -> Header | None:
    """The header in a block of 512 bytes; None when its checksum is wrong."""
    stated = block[148:156].strip(b" \0")
    if len(block) < _BLOCK or not _OCTAL.fullmatch(stated):
        return None
    rest = block[:148] + b" " * 8 + block[156:]
    signed = sum(rest) - 256 * sum(byte > 127 for byte in rest)  # some old programs summed signed bytes
    size = _number(block[124:136])
    if int(stated, 8) not in (sum(rest), signed) or size < 0:
        return None
    name = _text(block[:100])
    if block[257:263] == b"ustar\0" and block[345]:
        name = _text(block[345:500]) + b"/" + name
    return Header(name, size, block[156:157], _text(block[157:257]), b" ".join(map(_text, (block[265:297], block[297:329]))))


def tar(source: Source, budget: Budget) -> Iterator[Piece]:
    """Every member, in order."""
    data = source.data
    at = 0
    said = _Said()
    owners: set[bytes] = set()
    found: set[str] = set()
    while (block := data[at : at + _BLOCK]) and block != _EMPTY:
        header = read_header(block)
        if header is None:
            yield File(data[at:])
            raise broken()
        at += _BLOCK
        size = header.size if said.size < 0 else said.size
        body = data[at : at + size]
        if header.kind in _EXTENDED:
            budget.take("members")
            said = _heed(header, body, said)
            yield Text(charset.decode(body), "headers")
        else:
            yield from _member(header, said, body, budget)
            if 0 < header.size != size:  # readers that do not know of the pax header
                yield File(data[at : at + header.size])
                found.add("ambiguous")
            found |= _variant(header, said, size)
            owners.add(header.owners)
            said = _Said()
        if len(body) < size:
            raise broken()
        bodiless = size and header.kind in _BODILESS and read_header(data[at : at + _BLOCK])
        if not bodiless and (slack := data[at + size : at - (-size // _BLOCK) * _BLOCK].strip(b"\0")):
            yield Text(charset.decode(slack), "slack")
        at += 0 if bodiless else -(-size // _BLOCK) * _BLOCK
    yield Text(charset.decode(b"\n".join(sorted(owners))), "owners")
    yield from _end(data, at)
    for variant, status in _ENDS.items():
        if variant in found:
            raise Stop(status, variant)


def _variant(header: Header, said: _Said, size: int) -> set[str]:
    """The word for a member that is not read as it was before it was archived."""
    if header.kind == _CONTINUED:
        return {"split"}
    if header.kind == _SPARSE or said.sparse:
        return {"unsupported"}
    return {"ambiguous"} if size and header.kind in _BODILESS else set()


def _member(header: Header, said: _Said, body: bytes, budget: Budget) -> Iterator[Piece]:
    name = charset.decode(said.name or header.name)
    if said.name and said.name != header.name:
        yield Text(charset.decode(header.name), "name")
    if link := said.link or header.link:
        yield Text(charset.decode(link), "link")
    if body or header.kind not in _BODILESS:
        yield File(body, name)
    else:
        budget.take("members")
        yield Text(name, "name")


def _heed(header: Header, body: bytes, said: _Said) -> _Said:
    if header.kind == _LONG_NAME:
        return replace(said, name=body.rstrip(b"\0"))
    if header.kind == _LONG_LINK:
        return replace(said, link=body.rstrip(b"\0"))
    if header.kind == _PAX_GLOBAL:
        return said
    records = dict(_records(body))
    size = records.get(b"size", b"")
    name = records.get(b"GNU.sparse.name", records.get(b"path", said.name))
    return _Said(
        name,
        records.get(b"linkpath", said.link),
        int(size) if size.isdigit() and len(size) < 20 else said.size,
        said.sparse or any(key.startswith(b"GNU.sparse.") for key in records),
    )


def _records(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Of a pax header: "length key=value", the length in decimal and of all of it."""
    at = 0
    while at < len(body):
        length, _, _ = body[at : at + 20].partition(b" ")
        if not length.isdigit() or not int(length):
            return
        key, _, value = body[at + len(length) + 1 : at + int(length) - 1].partition(b"=")
        yield key, value
        at += int(length)


def _end(data: bytes, at: int) -> Iterator[Piece]:
    """Two blocks of zeros and padding; one alone is what some programs write, and none a file that was cut."""
    if at >= len(data):
        raise broken()
    if data[at:].strip(b"\0"):
        yield File(data[at:].lstrip(b"\0"))


def _number(field: bytes) -> int:
    """Octal digits, or a number of 95 bits where the first bit is set (GNU)."""
    if field[0] & 0x80:
        return int.from_bytes(field, "big") - (0x80 << 8 * (len(field) - 1)) if field[0] == 0x80 else -1
    digits = field.strip(b" \0")
    return int(digits, 8) if _OCTAL.fullmatch(digits) else 0 if not digits else -1


def _text(field: bytes) -> bytes:
    return field.partition(b"\0")[0]
