"""OpenPGP messages, keys and signatures (RFC 9580): what is encrypted is said to be so, what is only packed is read.

Takes a Source, binary or armoured; gives the literal data of signed and compressed messages as files, user IDs as text.
Unfolding is bounded by the budget, packets within packets by the limit on files within files. Keys hold nothing to read.
"""

from __future__ import annotations

import binascii
import bz2
import re
import zlib
from collections.abc import Iterator

from dlp.extractors.content import Budget, File, Piece, Source, Stop, Text, broken
from dlp.mail import charset
from dlp.values import PartStatus

# how a message, a key or a signature begins: in armour, or with a packet of its type and what must stand in that
STARTS = rb"""(?x:
    \s{0,1024}-----BEGIN[ ]PGP[ ](?:MESSAGE|PUBLIC[ ]KEY[ ]BLOCK|PRIVATE[ ]KEY[ ]BLOCK|SIGNATURE)-----
  | (?:\x84.|\x85..|\xc1(?:[\0-\xbf]|[\xc0-\xdf].)) \x03 .{8} [\x01\x02\x10\x12]  # a session key, encrypted by a key (5.1)
  | (?:\x8c.|\xc3.) [\x04\x05] [\x01-\x0a]                                        # ... by a password (5.3)
  | (?:\x90\x0d|\xc4\x0d) \x03 [\0-\x02] .{10} [\0\x01]                             # a signature that comes later (5.4)
  | (?:\x88.|\x89..|\xc2(?:[\0-\xbf]|[\xc0-\xdf].)) \x04 [\0-\x50] . [\x01-\x0e]    # a signature (5.2)
  | (?:[\x94\x98].|[\x95\x99]..|[\xc5\xc6](?:[\0-\xbf]|[\xc0-\xdf].)) \x04 .{4} [\x01-\x03\x10-\x1c]  # a key (5.5)
  | (?:\xa0.|\xa1..|\xa2.{4}|\xa3|\xc8(?:[\0-\xbf\xe0-\xfe]|[\xc0-\xdf].|\xff.{4})) (?:\x01|\x02\x78|\x03BZh)  # packed (5.6)
  | (?:\xac.|\xad..|\xae.{4}|\xaf|\xcb(?:[\0-\xbf\xe0-\xfe]|[\xc0-\xdf].|\xff.{4})) [btum] (?:\0|\x08_CONSOLE|.{1,64}\.)  # 5.9
)"""
_ARMOUR = re.compile(
    rb"^-----BEGIN PGP (MESSAGE|PUBLIC KEY BLOCK|PRIVATE KEY BLOCK|SIGNATURE)-----[ \t]*\r?\n"
    rb"(?:[A-Za-z]+: [^\n]*+\n)*+\s*+([A-Za-z0-9+/\s]*+={0,2})",
    re.MULTILINE,
)
# packet types (5)
_ENCRYPTED = frozenset({1, 3, 9, 18, 20})
_COMPRESSED, _LITERAL, _USER_ID, _USER_ATTRIBUTE = 8, 11, 13, 17
_SILENT = frozenset({2, 4, 5, 6, 7, 10, 12, 14, 19, 21})  # signatures, keys, marks, padding
_STEP = 65_536


def openpgp(source: Source, budget: Budget) -> Iterator[Piece]:
    """Every message in one file."""
    blocks = [binascii.a2b_base64(_whole(body)) for _, body in _ARMOUR.findall(source.data)]
    for data in blocks or [source.data]:
        yield from _packets(data, budget, 0)


def _whole(body: bytes) -> bytes:
    """Base64 that was cut is decoded as far as it goes."""
    bare = b"".join(body.rstrip(b"=\r\n\t ").split())
    bare = bare[:-1] if len(bare) % 4 == 1 else bare
    return bare + b"=" * (-len(bare) % 4)


def _packets(data: bytes, budget: Budget, depth: int) -> Iterator[Piece]:
    if depth > budget.limits.nested:
        raise Stop(PartStatus.TRUNCATED, "nested")
    if not data:
        raise broken()
    at = 0
    while at < len(data):
        kind, body, at = _packet(data, at)
        if kind in _ENCRYPTED:
            raise Stop(PartStatus.ENCRYPTED, "encrypted")
        if kind == _COMPRESSED:
            yield from _packets(_unfolded(body, budget), budget, depth + 1)
        elif kind == _LITERAL and len(body) >= 2 and len(body) >= 6 + body[1]:
            name = charset.decode(body[2 : 2 + body[1]])
            yield File(body[6 + body[1] :], name)
        elif kind == _USER_ID:
            yield Text(charset.decode(body), "user IDs")
        elif kind == _USER_ATTRIBUTE:
            yield File(b"", status=PartStatus.UNSUPPORTED, why="inline-image")  # a face (5.12.1)
        elif kind not in _SILENT:
            raise broken()


def _packet(data: bytes, at: int) -> tuple[int, bytes, int]:
    """Type and body of the packet at `at`, and where the next one begins (4.2)."""
    head = data[at]
    if not head & 0x80:
        raise broken()
    if head & 0x40:
        return _new_packet(data, at + 1, head & 0x3F)
    size = head & 3
    if size == 3:  # as long as the rest
        return head >> 2 & 15, data[at + 1 :], len(data)
    start = at + 1 + (1 << size)
    return head >> 2 & 15, *_taken(data, start, int.from_bytes(data[at + 1 : start], "big"))


def _new_packet(data: bytes, at: int, kind: int) -> tuple[int, bytes, int]:
    """A body with a length of the newer form, perhaps in pieces (4.2.1)."""
    pieces: list[bytes] = []
    while True:
        first = int.from_bytes(data[at : at + 1], "big")
        partial = 224 <= first < 255
        if first < 192:
            length, at = first, at + 1
        elif partial:
            length, at = 1 << (first & 31), at + 1
        elif first < 224:
            length, at = ((first - 192) << 8) + int.from_bytes(data[at + 1 : at + 2], "big") + 192, at + 2
        else:
            length, at = int.from_bytes(data[at + 1 : at + 5], "big"), at + 5
        piece, at = _taken(data, at, length)
        pieces.append(piece)
        if not partial:
            return kind, b"".join(pieces), at


def _taken(data: bytes, at: int, length: int) -> tuple[bytes, int]:
    if at + length > len(data):
        raise broken()
    return data[at : at + length], at + length


def _unfolded(body: bytes, budget: Budget) -> bytes:
    """What a compressed packet holds (5.6)."""
    algorithm, rest = body[:1], body[1:]
    if algorithm == b"\0":
        return rest
    if algorithm == b"\3":
        return _bzip2(rest, budget)
    if algorithm not in (b"\1", b"\2"):
        raise broken()
    stream = zlib.decompressobj(-zlib.MAX_WBITS if algorithm == b"\1" else zlib.MAX_WBITS)
    out = bytearray()
    try:
        while rest and not stream.eof:
            step = stream.decompress(rest, _STEP)
            budget.take("expanded", len(step))
            out += step
            rest = stream.unconsumed_tail
    except zlib.error:
        raise broken() from None
    return bytes(out)


def _bzip2(rest: bytes, budget: Budget) -> bytes:
    stream = bz2.BZ2Decompressor()
    out = bytearray()
    while not stream.eof and (rest or not stream.needs_input):
        try:
            step = stream.decompress(rest, _STEP)
        except OSError:
            raise broken() from None
        budget.take("expanded", len(step))
        out += step
        rest = b""
    return bytes(out)
