"""The strings a PDF content stream shows, read without PDFium (ISO 32000-2, 9.4).

Takes a decoded content stream; gives its strings a line each, joined where they stand side by side. Strings in an encoding
of their own font are read where pdf_fonts knows it, and left out elsewhere; pages get their text from PDFium. Linear; never
fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from dlp.extractors.pdf_filters import from_hex
from dlp.extractors.pdf_fonts import Decode
from dlp.extractors.pdf_objects import characters, literal, nested_end

_NUMBER = rb"[-+]?(?:\d++\.?\d*+|\.\d++)"
_SIGN = re.compile(
    rb"""(?P<path>(?:(?:NUMBER[\0\t\n\f\r ]++){2,6}+(?:[mlcvy]|re)[\0\t\n\f\r ]++)++)
       | \((?P<string>(?:[^()\\]++|\\.)*+)\)
       | (?P<nested>\()
       | <(?P<hex>[0-9A-Fa-f\0\t\n\f\r ]++)>
       | (?P<kern>NUMBER)[\0\t\n\f\r ]*+(?=[(<])
       | (?P<x>NUMBER)[\0\t\n\f\r ]++(?P<y>NUMBER)[\0\t\n\f\r ]++(?P<move>T[dDm])(?![A-Za-z])
       | /(?P<font>[^\0\t\n\f\r ()<>\[\]{}/%]*+)[\0\t\n\f\r ]++(?P<size>NUMBER)[\0\t\n\f\r ]++Tf(?![A-Za-z])
       | (?P<mode>[0-7])[\0\t\n\f\r ]++Tr(?![A-Za-z])
       | (?P<fill>(?:NUMBER[\0\t\n\f\r ]++){1,4}+(?:g|rg|k|scn?))(?![A-Za-z])
       | (?P<width>NUMBER)[\0\t\n\f\r ]++Tz(?![A-Za-z])
       | (?P<line>T\*|'|"|\bBT\b)
       | (?<![A-Za-z])(?P<state>[qQ])(?![A-Za-z])
       | (?<![A-Za-z])(?P<mark>(?:/OC[\0\t\n\f\r ]*+/[^\0\t\n\f\r ()<>\[\]{}/%]++[\0\t\n\f\r ]++)?
         (?:BDC|BMC|EMC))(?![A-Za-z])""".replace(b"NUMBER", _NUMBER),
    re.VERBOSE | re.DOTALL,
)
_PAINTS = re.compile(
    rb"""[)\]>][\0\t\n\f\r ]*+(?:T[jJ]|BDC)(?![A-Za-z])
       | (?:NUMBER[\0\t\n\f\r ]++){2}(?:[ml]|re|cm|T[dDm])(?![A-Za-z])
       | /[^\0\t\n\f\r ()<>\[\]{}/%]++[\0\t\n\f\r ]++(?:Do|BMC)(?![A-Za-z])""".replace(b"NUMBER", _NUMBER),
    re.VERBOSE,
)
_DEEPEST = 20  # marks within marks that are looked at
_TINY = 2.0  # a font's size nobody can read
_WHITE: Mapping[int, tuple[bytes, ...]] = MappingProxyType(
    {1: (b"g", b"sc", b"scn"), 3: (b"rg", b"sc", b"scn"), 4: (b"k", b"sc", b"scn")}
)


def _is_white(parts: Sequence[bytes]) -> bool:
    """All of each light, or none of each ink."""
    return all(float(each) < 0.02 if len(parts) == 4 else float(each) > 0.98 for each in parts)


_LOOKS: Mapping[str, Callable[[bytes], bool]] = MappingProxyType(  # what hides text (9.3.6, 8.6.8, 9.3.4)
    {
        "mode": lambda value: value in b"37",
        "fill": lambda value: value.split()[-1] in _WHITE.get(len(value.split()) - 1, ()) and _is_white(value.split()[:-1]),
        "width": lambda value: abs(float(value)) < 10,
        "mark": lambda value: value.startswith(b"/OC"),  # a layer may be off (8.11)
    }
)
_BITS = MappingProxyType({kind: 1 << at for at, kind in enumerate(_LOOKS)})
_CONTROL = re.compile("[\x00-\x08\x0b-\x0c\x0e-\x1f]")
_BLANK = -180.0  # thousandths of the font's size: a gap as wide as that is a blank


def is_content(data: bytes) -> bool:
    """Whether it draws anything."""
    return bool(_PAINTS.search(data))


def shown(data: bytes, readings: Sequence[Decode] = ()) -> tuple[str, ...]:
    """Its strings as a person would read them, as far as their bytes say it, and by each of `readings`, which know fonts."""
    line = _Line(readings)
    at = 0
    while sign := _SIGN.search(data, at):
        kind, at = str(sign.lastgroup), sign.end()
        if kind == "string":
            line.show(literal(sign["string"]))
        elif kind == "hex":
            line.show(from_hex(sign["hex"]))
        elif kind == "nested":
            end = nested_end(data, at)
            if end >= 0:
                line.show(literal(data[at:end]))
                at = end + 1
        elif kind == "state" or kind in _LOOKS:
            line.look(kind, sign[kind])
        else:
            line.step(kind, sign)
    ways = [line.text(way) for way in range(len(readings) + 1)]
    seen = [line.text(way, hidden=False) for way in range(len(readings) + 1)] if line.hides() else []
    return (*ways, *seen)


@dataclass(slots=True)
class _Line:
    """Where the pen is, and where it was when it last wrote."""

    readings: Sequence[Decode]
    x: float = 0.0
    y: float = 0.0
    font: bytes = b""
    size: float = 12.0
    kern: float = 0.0
    wrote: tuple[float, float] = (0.0, 0.0)
    single: bool = False  # one character was written last: the next may stand right beside it
    looks: int = 0  # what hides the text that comes, a bit each
    marks: list[bool] = field(default_factory=list)  # marked content that is open: whether a layer
    saved: list[int] = field(default_factory=list)
    out: list[tuple[bytes, str, list[str], bool]] = field(default_factory=list)
    coded: set[bytes] = field(default_factory=set)  # fonts with an encoding of their own

    def step(self, kind: str, sign: re.Match[bytes]) -> None:
        """The pen moves, or has another font."""
        if kind == "kern":
            self.kern = float(sign["kern"])
        elif kind == "size":
            self.font, self.size = sign["font"], abs(float(sign["size"])) or self.size
        elif kind == "line":
            self.y -= 1
        elif kind == "move":
            x, y = float(sign["x"]), float(sign["y"])
            self.x, self.y = (x, y) if sign["move"] == b"Tm" else (self.x + x, self.y + y)

    def show(self, raw: bytes) -> None:
        text = characters(raw)
        coded = _CONTROL.search(text)
        if coded:
            self.coded.add(self.font)
        known = [decode(self.font, raw) for decode in self.readings]
        texts = [text, *("" if each is None and coded else text if each is None else each for each in known)]
        self.out.append((self.font, self._between(), texts, bool(self.looks) or self.size < _TINY))
        self.wrote, self.single, self.kern = (self.x, self.y), min(map(len, texts)) == 1, 0.0

    def look(self, kind: str, value: bytes) -> None:
        """What is written from here on may be invisible, white or without width."""
        if kind == "state":
            if value == b"q":
                self.saved.append(self.looks)
            elif self.saved:
                self.looks = self.saved.pop()
            return
        hides = _LOOKS[kind](value)
        if kind == "mark":
            if not value.endswith(b"EMC"):
                self.marks.append(hides)
            elif self.marks:
                self.marks.pop()
            hides = any(self.marks[-_DEEPEST:])
        bit = _BITS[kind]
        self.looks = self.looks | bit if hides else self.looks & ~bit

    def hides(self) -> bool:
        """Whether some of it is hidden and some is not."""
        return len({hidden for *_, hidden in self.out}) > 1

    def text(self, way: int, *, hidden: bool = True) -> str:
        """All of it by one reading; codes without a meaning are left out."""
        wanted = (each for each in self.out if (way or each[0] not in self.coded) and (hidden or not each[3]))
        return "".join(between + texts[way] for _, between, texts, _ in wanted)

    def _between(self) -> str:
        x, y = self.wrote
        if not self.out or self.y != y:
            return "\n" if self.out else ""
        if self.x == x:
            return " " if self.kern <= _BLANK else ""
        return "" if self.single and 0 <= self.x - x <= self.size else " "
