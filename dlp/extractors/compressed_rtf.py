"""The RTF body of Outlook's messages, decompressed (MS-OXRTFCP).

Takes the value of PidTagRtfCompressed and the message's Budget; gives RTF. What it unfolds to is taken from the budget as
it grows, whatever the header claims. The checksum is not asked for: a reader shows the text without it. A header that is
none, or data that ends early, raises ValueError.
"""

from __future__ import annotations

import struct

from dlp.extractors.content import Budget

_HEADER = struct.Struct("<II4sI")  # COMPSIZE, RAWSIZE, COMPTYPE, CRC (2.1.3.1.1)
_COMPRESSED, _PLAIN = b"LZFu", b"MELA"
_WINDOW = 4096
# what the dictionary holds at first (2.1.2.1)
_FIRST = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArial"
    rb"Times New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)


def decompress(data: bytes, budget: Budget) -> bytes:
    """The RTF in `data`. Raises ValueError where it is none, Stop where the budget ends."""
    if len(data) < _HEADER.size:
        raise ValueError("no header")
    size, raw_size, kind, _ = _HEADER.unpack_from(data)
    body = data[_HEADER.size : 4 + size]
    if kind == _PLAIN:
        budget.take("expanded", len(body))
        return body
    if kind != _COMPRESSED:
        raise ValueError("no such compression")
    found, whole = _unfolded(body, budget)
    if not whole and len(found) < raw_size:
        raise ValueError("cut short")
    return found


def _unfolded(body: bytes, budget: Budget) -> tuple[bytes, bool]:
    """What the runs give, and whether the end mark came."""
    window = bytearray(_FIRST.ljust(_WINDOW, b"\0"))
    write = len(_FIRST)
    out = bytearray()
    at = 0
    while at < len(body):
        control, before = body[at], len(out)
        at += 1
        for bit in range(8):
            if control >> bit & 1 == 0:
                if at >= len(body):
                    return bytes(out), False
                window[write] = body[at]
                out.append(body[at])
                write = (write + 1) % _WINDOW
                at += 1
                continue
            if at + 2 > len(body):
                return bytes(out), False
            reference = body[at] << 8 | body[at + 1]
            at += 2
            read = reference >> 4
            if read == write:
                return bytes(out), True
            for _ in range((reference & 15) + 2):
                window[write] = window[read]
                out.append(window[read])
                read, write = (read + 1) % _WINDOW, (write + 1) % _WINDOW
        budget.take("expanded", len(out) - before)
    return bytes(out), False
