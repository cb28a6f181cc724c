"""What an MTA found out about a message: Authentication-Results fields (RFC 8601 2.2).

Takes the values of all such fields from the top, folded or not, and the authserv-id of the MTA that is believed; gives its
results as written and what they say of the ARC chain. A field that does not read cleanly says nothing. Never raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import dropwhile, takewhile

_PIECE = re.compile(r'\\.|[";()\\]|[^\\";()]+', re.DOTALL)
_PRINTABLE = re.compile(r"[\x20-\x7e]*")
_ARC = re.compile(r"arc(?: ?/ ?\d+)? ?= ?(\w+)")


@dataclass(frozen=True, slots=True)
class Results:
    """`told` are the results, method and properties; `chain` is the one word of all that speak of ARC, "" without one.

    `bare` are the results in lower case, without comments and quoted strings, whose words may be a stranger's.
    """

    told: tuple[str, ...] = ()
    chain: str = ""
    bare: tuple[str, ...] = ()


def results_of(values: Iterable[str], authserv_id: str) -> Results:
    """What the believed MTA wrote on top: its first fields that follow each other; one further down may be anybody's."""
    read = [_parts(value) for value in values]
    above = dropwhile(lambda parts: _author(parts) != authserv_id, read)
    ours = takewhile(lambda parts: _author(parts) == authserv_id, above)
    results = [part for parts in ours for part in parts[1:] if part.bare not in ("", "none")]
    chains = {found[1] for found in (_ARC.match(part.bare) for part in results) if found}
    told, bare = tuple(part.written for part in results), tuple(part.bare for part in results)
    return Results(told, chains.pop() if len(chains) == 1 else "", bare)


@dataclass(frozen=True, slots=True)
class _Part:
    """What stands between semicolons; `bare` is lower case, without comments and quoted strings."""

    written: str
    bare: str


def _author(parts: list[_Part]) -> str:
    """The authserv-id; a version may follow it."""
    return parts[0].bare.partition(" ")[0] if parts else ""


def _parts(value: str) -> list[_Part]:
    """The parts of one field, blanks made single; none when it is not printable or leaves a quote or comment open."""
    text = " ".join(value.split())
    if not _PRINTABLE.fullmatch(text):
        return []
    written: list[list[str]] = [[]]
    bare: list[list[str]] = [[]]
    depth, quoted = 0, False
    for piece in _PIECE.findall(text):
        if piece == ";" and not quoted and not depth:
            written.append([])
            bare.append([])
            continue
        written[-1].append(piece)
        if piece == '"' and not depth:
            quoted = not quoted
        elif piece == "(" and not quoted:
            depth += 1
        elif piece == ")" and depth:
            depth -= 1
        elif not quoted and not depth:
            bare[-1].append(piece)
    if quoted or depth:
        return []
    return [_Part(_joined(whole), _joined(plain).lower()) for whole, plain in zip(written, bare, strict=True)]


def _joined(pieces: list[str]) -> str:
    return " ".join("".join(pieces).split())
