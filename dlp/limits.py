"""How much of a message is read, and how far files in it may unfold (reliability.md g.2).

Takes nothing, does nothing: one frozen value, its defaults the shipped limits, sizes in bytes unless said otherwise.
Reaching one makes a part TRUNCATED with the limit's word, never clean. Nothing here fails.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of reading one message."""

    message: int = 52_428_800
    header_block: int = 262_144
    header: int = 65_536
    header_parameters: int = 64
    encoded_words: int = 500
    addresses: int = 1_000
    depth: int = 30
    parts: int = 2_000
    text: int = 20_971_520
    fast_text: int = 262_144  # above this a part is read in the slow lane
    fast_message: int = 4_194_304  # as much as the strict reading looks at
    expanded: int = 209_715_200  # bytes all files of a message may unfold to
    unfolds: int = 200  # times the message's own size, beyond 10 MiB
    nested: int = 8  # files within files
    members: int = 5_000
    cells: int = 2_000_000
    pages: int = 2_000
    pixels: int = 64_000_000
    elements: int = 2_000_000  # of XML, words of RTF, records: what takes time however short it is
