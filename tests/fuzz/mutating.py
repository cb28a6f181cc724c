"""Inputs for the fuzz targets: made files with some of their bytes, numbers or elements changed.

Takes a source of chance, seeds (files as members, a plain file being one member) and a target's own words; gives members
to be packed. What is made depends on nothing but the chance and the seeds. Never fails.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from functools import lru_cache

Members = tuple[tuple[str, bytes], ...]

LONGEST = 16_384  # of one member: longer ones are cut, so that thousands are read in a second
_NUMBERS = (
    b"\xff\xff\xff\xff",
    b"\0\0\0\0",
    b"\x7f\xff\xff\xff",
    b"\xff\xff\xff\x7f",
    b"\1\0\0\0",
    b"\x80\0\0\0",
    b"\0",
    b"\xff",
)
_WRITTEN = (
    b"0",
    b"1",
    b"-1",
    b"",
    b"2",
    b"65536",
    b"4294967295",
    b"99999999999999999999",
    b"1e999",
    b"0.5",
    b"NaN",
    b"x",
    b" ",
)
_TOKEN = re.compile(rb"<[^>]*>|[^<]+|<")
_VALUE = re.compile(rb'(?<==")[^"]*(?=")')
_NUMBER = re.compile(rb"[0-9]+")
_NAME = re.compile(rb"</?([\w:.-]+)")


def mutate(chance: random.Random, seeds: Sequence[Members], words: Sequence[bytes]) -> Members:
    """One seed with one or two of its members changed; sometimes a member is lost, doubled or called like another.

    Mostly a package keeps a third of its XML: parts that nobody changed are read alike in every run and take all the time.
    """
    members = list(chance.choice(seeds))
    if len(members) > 3 and chance.random() < 0.85:
        few = [each for each in members if not each[0].endswith(".xml") or "[" in each[0] or chance.random() < 0.3]
        members = few or members
    for _ in range(1 if len(members) == 1 else chance.choice((1, 1, 2))):
        index = chance.randrange(len(members))
        name, data = members[index]
        others = [other for seed in (seeds if len(seeds) < 9 else chance.sample(seeds, 8)) for _, other in seed[:9]]
        if data.lstrip()[:1] == b"<" and chance.random() < 0.7:
            members[index] = (name, markup(chance, data))
        else:
            members[index] = (name, changed(chance, data, others, words))
    if len(members) > 1 and chance.random() < 0.05:
        index, other = chance.randrange(len(members)), chance.randrange(len(members))
        members[index : index + 1] = chance.choice(
            (
                [],
                [members[index], members[other]],
                [(members[other][0], members[index][1])],
                [("x/../" + members[index][0], b"")],
            )
        )
    return tuple(members)


def changed(chance: random.Random, data: bytes, others: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    """Bytes overwritten, lost, doubled, or taken from another; most formats count bytes, so mostly none are moved."""
    new = bytearray(data[:LONGEST])
    for _ in range(chance.choice((1, 1, 2, 4, 8, 30))):
        at = chance.randrange(len(new) + 1)
        kind = chance.randrange(7)
        if kind == 0:
            piece = chance.choice(_NUMBERS)
        elif kind == 1:
            piece = chance.randbytes(chance.choice((1, 1, 2, 4)))
        elif kind == 2:
            other = chance.choice(others)
            cut = chance.randrange(len(other) + 1)
            piece = other[cut : cut + chance.choice((4, 16, 60, 400))]
        elif kind == 3 and words:
            piece = chance.choice(words)
        elif kind == 4:
            piece = bytes(new[at : at + chance.randrange(40)]) * chance.choice((2, 2, 3, 50))
        elif kind == 5 and at < len(new):
            piece = bytes([new[at] ^ 1 << chance.randrange(8)])
        else:
            piece = b""
        end = at + len(piece) if chance.random() < (0.3 if kind == 3 else 0.7) else min(len(new), at + chance.randrange(40))
        new[at:end] = piece
    return bytes(new[: chance.randrange(len(new) + 1)] if chance.random() < 0.1 else new)


def markup(chance: random.Random, data: bytes) -> bytes:
    """XML that is still well-formed: numbers and values changed, elements lost, doubled, moved or called otherwise."""
    tokens = list(_tokens(data[:LONGEST]))
    for _ in range(chance.choice((1, 1, 2, 4, 8))):
        at = chance.randrange(len(tokens))
        kind = chance.randrange(6)
        if kind == 0:
            tokens[at] = _NUMBER.sub(lambda _: chance.choice(_WRITTEN), tokens[at], count=chance.choice((0, 1)))
        elif kind == 1:
            other = _VALUE.search(chance.choice(tokens))
            tokens[at] = _VALUE.sub(other[0].replace(b"\\", b"") if other else chance.choice(_WRITTEN), tokens[at], count=1)
        elif tokens[at][:1] == b"<" and tokens[at][1:2] not in b"/?!":
            end = _end(tokens, at)
            element = tokens[at:end]
            if kind == 2 and end - at < len(tokens) // 2:
                tokens[at:end] = []
            elif kind == 3:
                tokens[at:at] = element * chance.choice((1, 1, 30)) if len(element) < 40 else element
            elif kind == 4:
                place = chance.randrange(len(tokens))
                tokens[place:place] = element
            else:
                name, other = _NAME.match(tokens[at]), _NAME.match(chance.choice(tokens))
                if name and other:
                    for place in {at, end - 1}:
                        tokens[place] = tokens[place].replace(name[1], other[1], 1)
    return b"".join(tokens)[: 2 * LONGEST]


@lru_cache(maxsize=500)
def _tokens(data: bytes) -> tuple[bytes, ...]:
    return tuple(_TOKEN.findall(data)) or (b"",)


def _end(tokens: Sequence[bytes], at: int) -> int:
    """Behind the element that begins at `at`."""
    depth = 0
    for place in range(at, len(tokens)):
        token = tokens[place]
        if token[:1] == b"<" and token[1:2] not in b"?!":
            depth += -1 if token[1:2] == b"/" else token[-2:-1] != b"/"
        if depth <= 0:
            return place + 1
    return at + 1
