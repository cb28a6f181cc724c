"""Macros: the source text in the streams of a VBA project (MS-OVBA 2.3.4.3, 2.4.1).

Takes a stream; gives its source where there is one, and its characters: a module begins with what the interpreter made of
it, so the source is looked for by how every one begins. Nothing here fails but the budget.
"""

from __future__ import annotations

from collections.abc import Iterator

from dlp.extractors.content import Budget, Piece, Text
from dlp.extractors.runs import runs
from dlp.mail import charset

_SIGNATURE = 1  # of a compressed container
_CHUNK = 4096
_BEGIN = b"\x00Attribut"  # eight literals; three bytes before it the container begins


def module(data: bytes, budget: Budget) -> Iterator[Piece]:
    """One stream of a project: a module, or the list of them."""
    begin = data.find(_BEGIN) - 3
    if begin < 0 and data[:1] == bytes([_SIGNATURE]):
        begin = 0
    if begin >= 0:
        yield Text(charset.decode(decompressed(data, begin, budget)), "macros")
    yield Text(runs(data), "characters")


def decompressed(data: bytes, at: int, budget: Budget) -> bytes:
    """What a compressed container holds, as far as it is one."""
    out = bytearray()
    at += 1
    while at + 2 <= len(data):
        header = int.from_bytes(data[at : at + 2], "little")
        end = min(at + (header & 0xFFF) + 3, len(data))
        if header >> 12 & 7 != 3:
            break
        before = len(out)
        if header >> 15:
            _chunk(data[at + 2 : end], out)
        else:
            out += data[at + 2 : at + 2 + _CHUNK]
        budget.take("expanded", len(out) - before)
        at = end
    return bytes(out)


def _chunk(data: bytes, out: bytearray) -> None:
    """One chunk: eight tokens behind each byte of flags, literals or copies of what came before."""
    start, at = len(out), 0
    while at < len(data):
        flags = data[at]
        at += 1
        for bit in range(8):
            if at >= len(data) or len(out) - start >= _CHUNK:
                return
            if not flags >> bit & 1:
                out.append(data[at])
                at += 1
                continue
            token = int.from_bytes(data[at : at + 2], "little")
            at += 2
            bits = max((len(out) - start - 1).bit_length(), 4)
            offset, length = (token >> 16 - bits) + 1, (token & 0xFFFF >> bits) + 3
            if offset > len(out) - start:
                return
            for _ in range(length):
                out.append(out[-offset])
