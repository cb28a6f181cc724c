"""The strings a PDF content stream shows, read without its fonts (ISO 32000-2, 9.4).

Takes a decoded content stream; gives its strings a line each, joined where they stand side by side. Strings in an encoding
of their own font cannot be told from their bytes and are left out; pages get their text from PDFium. Linear; never fails.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from dlp.extractors.pdf_filters import from_hex
from dlp.extractors.pdf_objects import characters, literal, nested_end

_NUMBER = rb"[-+]?(?:\d++\.?\d*+|\.\d++)"
_SIGN = re.compile(
    rb"""\((?P<string>(?:[^()\\]++|\\.)*+)\)
       | (?P<nested>\()
       | <(?P<hex>[0-9A-Fa-f\0\t\n\f\r ]++)>
       | (?P<kern>NUMBER)[\0\t\n\f\r ]*+(?=[(<])
       | (?P<x>NUMBER)[\0\t\n\f\r ]++(?P<y>NUMBER)[\0\t\n\f\r ]++(?P<move>T[dDm])(?![A-Za-z])
       | /(?P<font>[^\0\t\n\f\r ()<>\[\]{}/%]*+)[\0\t\n\f\r ]++(?P<size>NUMBER)[\0\t\n\f\r ]++Tf(?![A-Za-z])
       | (?P<line>T\*|'|"|\bBT\b)""".replace(b"NUMBER", _NUMBER),
    re.VERBOSE | re.DOTALL,
)
_PAINTS = re.compile(
    rb"""[)\]>][\0\t\n\f\r ]*+(?:T[jJ]|BDC)(?![A-Za-z])
       | (?:NUMBER[\0\t\n\f\r ]++){2}(?:[ml]|re|cm|T[dDm])(?![A-Za-z])
       | /[^\0\t\n\f\r ()<>\[\]{}/%]++[\0\t\n\f\r ]++(?:Do|BMC)(?![A-Za-z])""".replace(b"NUMBER", _NUMBER),
    re.VERBOSE,
)
_CONTROL = re.compile("[\x00-\x08\x0b-\x0c\x0e-\x1f]")
_BLANK = -180.0  # thousandths of the font's size: a gap as wide as that is a blank


def is_content(data: bytes) -> bool:
    """Whether it draws anything."""
    return bool(_PAINTS.search(data))


def shown(data: bytes) -> str:
    """Its strings as a person would read them, as far as their bytes say it."""
    line = _Line()
    at = 0
    while sign := _SIGN.search(data, at):
        kind, at = sign.lastgroup, sign.end()
        if kind == "string":
            line.show(literal(sign["string"]))
        elif kind == "nested":
            end = nested_end(data, at)
            if end >= 0:
                line.show(literal(data[at:end]))
                at = end + 1
        elif kind == "hex":
            line.show(from_hex(sign["hex"]))
        elif kind == "kern":
            line.kern = float(sign["kern"])
        elif kind == "size":
            line.font, line.size = sign["font"], abs(float(sign["size"])) or line.size
        elif kind == "line":
            line.x, line.y = line.x, line.y - 1
        else:
            line.move(float(sign["x"]), float(sign["y"]), absolute=sign["move"] == b"Tm")
    return "".join(text for font, text in line.out if font not in line.coded)


@dataclass(slots=True)
class _Line:
    """Where the pen is, and where it was when it last wrote."""

    x: float = 0.0
    y: float = 0.0
    font: bytes = b""
    size: float = 12.0
    kern: float = 0.0
    wrote: tuple[float, float] = (0.0, 0.0)
    single: bool = False  # one character was written last: the next may stand right beside it
    out: list[tuple[bytes, str]] = field(default_factory=list)
    coded: set[bytes] = field(default_factory=set)  # fonts with an encoding of their own

    def move(self, x: float, y: float, *, absolute: bool) -> None:
        self.x, self.y = (x, y) if absolute else (self.x + x, self.y + y)

    def show(self, raw: bytes) -> None:
        text = characters(raw)
        if _CONTROL.search(text):
            self.coded.add(self.font)
        self.out.append((self.font, self._between() + text))
        self.wrote, self.single, self.kern = (self.x, self.y), len(text) == 1, 0.0

    def _between(self) -> str:
        x, y = self.wrote
        if not self.out or self.y != y:
            return "\n" if self.out else ""
        if self.x == x:
            return " " if self.kern <= _BLANK else ""
        return "" if self.single and 0 <= self.x - x <= self.size else " "
