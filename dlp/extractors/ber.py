"""The tags and lengths of BER, as CMS uses them (X.690): definite and indefinite lengths, strings in pieces.

Takes bytes; gives elements with where their content begins and ends. Nothing is allocated by what a length claims. What
is no BER, or is nested too deep, raises ValueError.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dlp.extractors.content import Stop
from dlp.values import PartStatus

SEQUENCE, SET, OCTETS, OID = 0x10, 0x11, 0x04, 0x06
CONTEXT = 0x80  # class of [0], [1] and so on
_CONSTRUCTED = 0x20
_DEEPEST = 40
_MOST = 500_000
_LONGEST = 8  # bytes of a length


@dataclass(frozen=True, slots=True)
class Element:
    """One element. `tag` has class and number; the content is data[start:end]; `after` is where the next one begins."""

    tag: int
    constructed: bool
    start: int
    end: int
    after: int


@dataclass(slots=True)
class Ber:
    """Bytes to be read. `left` elements may still be looked at: an indefinite one is gone through each time for its end."""

    data: bytes
    left: int = _MOST

    def element(self, at: int, end: int, depth: int = 0) -> Element:
        """The element at `at`, which may not reach beyond `end`. Raises Stop when too many were looked at."""
        self.left -= 1
        if self.left < 0:
            raise Stop(PartStatus.TRUNCATED, "members")
        data = self.data
        if depth > _DEEPEST or at + 2 > end:
            raise ValueError("too deep, or cut short")
        identifier, length = data[at], data[at + 1]
        if identifier & 0x1F == 0x1F:
            raise ValueError("a tag of several bytes")
        tag, constructed, start = identifier & ~_CONSTRUCTED, bool(identifier & _CONSTRUCTED), at + 2
        if length == 0x80 and constructed:
            here = start
            while data[here : here + 2] != b"\0\0":
                here = self.element(here, end, depth + 1).after
            return Element(tag, constructed, start, here, here + 2)
        if length & 0x80:
            size = length & 0x7F
            if not 0 < size <= _LONGEST:
                raise ValueError("no such length")
            length, start = int.from_bytes(data[start : start + size], "big"), start + size
        if start + length > end:
            raise ValueError("longer than what is there")
        return Element(tag, constructed, start, start + length, start + length)

    def content(self, held: Element) -> bytes:
        """The bytes of an element as they are."""
        return self.data[held.start : held.end]

    def children(self, parent: Element) -> Iterator[Element]:
        """The elements in a constructed one, in order."""
        at = parent.start
        while parent.constructed and at < parent.end:
            found = self.element(at, parent.end)
            yield found
            at = found.after

    def octets(self, string: Element, depth: int = 0) -> bytes:
        """An octet string whole again (8.7)."""
        if not string.constructed:
            return self.content(string)
        if depth > _DEEPEST:
            raise ValueError("too deep")
        return b"".join(self.octets(piece, depth + 1) for piece in self.children(string))
