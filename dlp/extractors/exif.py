"""The tags of a TIFF file, which are those of EXIF too (TIFF 6.0 section 2; CIPA DC-008, 4.6).

Takes bytes that begin with a TIFF head; gives the texts of its tags, packets of XMP, IPTC and Photoshop, and previews.
Each directory is read once, whatever points to it. What points outside the file is left out. Raises Stop at a limit.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from dlp.extractors.content import Budget

_HEADS = {b"II*\0": "<", b"MM\0*": ">", b"II+\0": "<", b"MM\0+": ">"}
_BIG = b"+"  # BigTIFF: eight bytes where TIFF has four
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 6: 1, 7: 1, 13: 4, 16: 8, 18: 8}  # of the types that hold texts, packets or places
_ASCII, _LONGS = 2, frozenset({4, 13, 16, 18})
_INNER = frozenset({330, 34665, 34853, 40965})  # SubIFDs, Exif, GPS, interoperability
_WIDE = range(40091, 40096)  # XPTitle, XPComment, XPAuthor, XPKeywords, XPSubject
_PREFIXED = frozenset({27, 28, 37510})  # GPSProcessingMethod, GPSAreaInformation, UserComment
_XMP, _IPTC, _PHOTOSHOP = 700, 33723, 34377
_PREVIEW, _PREVIEW_SIZE = 513, 514
_MOST_TAGS = 2_000  # of one directory


@dataclass(slots=True)
class Tags:
    """What was found, in the order of the file."""

    texts: list[str] = field(default_factory=list)
    xmp: list[bytes] = field(default_factory=list)
    iptc: list[bytes] = field(default_factory=list)
    photoshop: list[bytes] = field(default_factory=list)
    previews: list[bytes] = field(default_factory=list)


def is_tiff(data: bytes) -> bool:
    """Whether a TIFF head stands in front."""
    return data[:4] in _HEADS


def read(data: bytes, budget: Budget) -> Tags:
    """Everything the tags hold."""
    reader = _Reader(data, _HEADS[data[:4]], big=_BIG in data[:4])
    found = Tags()
    waiting = reader.numbers(8 if reader.big else 4, 1)
    seen: set[int] = set()
    while waiting:
        at = waiting.pop()
        if at and at not in seen and at < len(data):
            seen.add(at)
            budget.take("pages")
            waiting += reader.directory(at, found, budget)
    return found


@dataclass(frozen=True, slots=True)
class _Reader:
    """Numbers in the file's own order of bytes; what lies outside reads as nothing."""

    data: bytes
    order: str
    big: bool

    def numbers(self, at: int, count: int, letter: str = "") -> list[int]:
        letter = letter or ("Q" if self.big else "I")
        size = struct.calcsize(f"{self.order}{letter}")
        if not 0 <= at < len(self.data):
            return []
        count = min(count, (len(self.data) - at) // size)
        return list(struct.unpack_from(f"{self.order}{count}{letter}", self.data, at))

    def directory(self, at: int, found: Tags, budget: Budget) -> list[int]:
        """Read one directory into `found`; gives where others begin."""
        counted = self.numbers(at, 1, "Q" if self.big else "H")
        count = min(counted[0], _MOST_TAGS) if counted else 0
        at += 8 if self.big else 2
        length = 20 if self.big else 12
        others: list[int] = []
        preview: dict[int, int] = {}
        for place in range(at, at + count * length, length):
            number, kind = [*self.numbers(place, 2, "H"), 0, 0][:2]
            value = self._value(place, kind)
            if number in _INNER or number in (_PREVIEW, _PREVIEW_SIZE):
                pointers = self._pointers(value, kind)
                if number in _INNER:
                    others += pointers
                elif pointers:
                    preview[number] = pointers[0]
            else:
                _keep(number, kind, value, found)
            budget.take("expanded", len(value))
        if preview.get(_PREVIEW):
            start = preview[_PREVIEW]
            shown = self.data[start : start + preview.get(_PREVIEW_SIZE, 0)]
            budget.take("expanded", len(shown))
            found.previews.append(shown)
        return others + self.numbers(at + count * length, 1)

    def _value(self, place: int, kind: int) -> bytes:
        """The bytes of one entry: in it when they fit, else where it says."""
        counted = self.numbers(place + 4, 1)
        size = counted[0] * _SIZES.get(kind, 0) if counted else 0
        at = place + (12 if self.big else 8)
        if size > (8 if self.big else 4):
            at = (self.numbers(at, 1) or [0])[0]
        return self.data[at : at + size]

    def _pointers(self, value: bytes, kind: int) -> list[int]:
        letter = "Q" if _SIZES.get(kind) == 8 else "I"
        count = len(value) // struct.calcsize(letter) if kind in _LONGS else 0
        return list(struct.unpack_from(f"{self.order}{count}{letter}", value))


def _keep(number: int, kind: int, value: bytes, found: Tags) -> None:
    if number == _XMP:
        found.xmp.append(value)
    elif number == _IPTC:
        found.iptc.append(value)
    elif number == _PHOTOSHOP:
        found.photoshop.append(value)
    elif number in _WIDE:
        found.texts.append(value.decode("utf-16-le", "replace").strip("\0"))
    elif number in _PREFIXED:
        found.texts.append(_prefixed(value))
    elif kind == _ASCII:
        found.texts.append(text(value.replace(b"\0", b"\n")))


def _prefixed(value: bytes) -> str:
    """Eight bytes say which characters follow (CIPA DC-008, 4.6.5)."""
    named, rest = value[:8].rstrip(b"\0 "), value[8:]
    if named == b"UNICODE":
        both = [rest.decode(order, "replace") for order in ("utf-16-le", "utf-16-be")]  # it is not said which
        return min(both, key=lambda each: sum(character > "\u2fff" for character in each)).strip("\0 ")
    return text(rest if named in (b"ASCII", b"JIS", b"") else value).strip("\0 ")


def text(value: bytes) -> str:
    """UTF-8 as most programs write it, else Latin-1."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
