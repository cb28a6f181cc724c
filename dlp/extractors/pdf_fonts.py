"""What the codes of a PDF file's fonts mean, for content no page shows (ISO 32000-2, 9.6.5 and 9.10).

Takes the objects of a file; gives, for a content stream and the name of a font in it, readings of a string's bytes: by the
font's ToUnicode map and by the names of its glyphs. Which resources a stream has is guessed from what it refers to and what
refers to it. Never fails; raises Stop at a limit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, repeat
from types import MappingProxyType

from dlp.extractors.content import Budget
from dlp.extractors.pdf_filters import from_hex
from dlp.extractors.pdf_objects import Found

Decode = Callable[[bytes, bytes], str | None]  # a font's name and a string's bytes; None where nothing says what they mean
Table = tuple[Mapping[int, str], int]  # from a code to characters, and how many bytes wide codes are

_CODE = rb"<([0-9A-Fa-f\s]{1,16})>\s*"
_PAIR = re.compile(_CODE + rb"<([0-9A-Fa-f\s]{1,64})>")
_RANGE = re.compile(_CODE + _CODE + rb"(?:<([0-9A-Fa-f\s]{1,64})>|\[([^\]\[]*+)\])")
_LIST = re.compile(rb"<([0-9A-Fa-f\s]{1,64})>")
_BLOCK = re.compile(rb"begin(bfchar|bfrange)")
_UNI = re.compile(rb"uni([0-9A-Fa-f]{4})")
_AS_IS = re.compile(rb"Uni\w{1,9}-(?:UCS2|UTF16)-|Identity-[HV]")  # codes that are characters, at least for ToUnicode
_IDENTITY: Table = (MappingProxyType({code: chr(code) for code in (*range(32, 0x180), *range(0xFF00, 0xFF60))}), 2)
_LAST = 0x10FFFF  # of all characters
_READINGS = 3  # of one string
_AROUND = 3  # steps from a stream to its resources
_NAMES = MappingProxyType(  # of glyphs (Adobe Glyph List), as far as a number and its words need them
    {
        **dict(zip(b"zero one two three four five six seven eight nine".split(), "0123456789", strict=True)),
        **{bytes([letter]): chr(letter) for letter in (*range(65, 91), *range(97, 123))},
        b"space": " ",
        b"colon": ":",
        b"hyphen": "-",
        b"period": ".",
        b"comma": ",",
        b"at": "@",
        b"numbersign": "#",
        b"slash": "/",
    }
)


@dataclass(slots=True)
class Fonts:
    """The fonts of one file. `meant`: by a font's number, tables from a code to characters, and how wide a code is.

    `told`: what stands in objects of their own, by what it is and their number. `links`: of an object its fonts and what it
    has them from.
    """

    budget: Budget
    meant: dict[int, list[Table]] = field(default_factory=dict)
    objects: dict[int, list[Found]] = field(default_factory=dict)
    named: dict[bytes, list[Table]] = field(default_factory=dict)
    users: dict[int, list[Found]] = field(default_factory=dict)
    told: dict[tuple[bytes, int], list[Table]] = field(default_factory=dict)
    links: dict[int, tuple[list[tuple[bytes, int]], set[int]]] = field(default_factory=dict)

    @classmethod
    def of(cls, found: Sequence[Found], budget: Budget) -> Fonts:
        """Those that say what their codes mean."""
        fonts = cls(budget)
        for each in found:
            fonts.objects.setdefault(each.number, []).append(each)
            for number in {number for _, number in each.references}:
                fonts.users.setdefault(number, []).append(each)
        for each in found:
            known = fonts.meant.get(each.number, [])
            if tables := [*known, *islice(fonts._tables(each), _READINGS - len(known))]:
                fonts.meant[each.number] = tables
        named: dict[bytes, dict[int, None]] = {}
        for key, number in ((key, number) for each in found for key, number in each.references if number in fonts.meant):
            named.setdefault(key, {})[number] = None
        for key, numbers in named.items():
            fonts.named[key] = [table for number in numbers for table in fonts.meant[number]][:_READINGS]
        return fonts

    def readings(self, stream: Found) -> Iterator[Decode]:
        """The ways to read one stream's strings, most often one; none where its fonts say nothing."""
        known: dict[bytes, list[Table]] = {}
        for key, number in self._resources(stream) if self.meant else ():
            tables = known.setdefault(key, [])
            if len(tables) < _READINGS:
                tables += [each for each in self.meant[number] if not any(each is one for one in tables)]
        known = {**self.named, **known}
        own = [(_of_names(stream.glyphs), 1)] if stream.glyphs else []  # of a font within the stream's own dictionary
        for way in range(min(max(map(len, (own, *known.values()))), _READINGS)):
            yield lambda font, raw, way=way: _read(known.get(font, own), raw, way)  # type: ignore[misc]

    def _tables(self, font: Found) -> Iterator[Table]:
        for key, number in font.references:
            if key in (b"ToUnicode", b"Encoding"):
                if (key, number) not in self.told:
                    self.told[key, number] = list(islice(self._said(key, number), _READINGS))
                yield from self.told[key, number]
        if font.is_a(b"Type0") and any(_AS_IS.match(name) for name in font.said):
            yield _IDENTITY
        if font.glyphs and b"Differences" in font.keys and b"Encoding" in font.keys:
            yield self._names(font)

    def _said(self, key: bytes, number: int) -> Iterator[Table]:
        """What the objects of one number say."""
        for each in self.objects.get(number, ()):
            if key == b"ToUnicode" and each.stream:
                yield from _of_map(each.decoded(self.budget) or b"", self.budget)
            elif each.glyphs:
                yield self._names(each)

    def _names(self, found: Found) -> Table:
        table = _of_names(found.glyphs)
        self.budget.take("elements", len(table))
        return table, 1

    def _resources(self, stream: Found) -> Iterator[tuple[bytes, int]]:
        """Fonts by name: its own first, then those of what refers to it."""
        seen: set[int] = set()
        waiting = [stream, *self.users.get(stream.number, ())]
        for _ in range(_AROUND):
            further: dict[int, None] = {}
            for each in waiting:
                if id(each) in seen:
                    continue
                seen.add(id(each))
                fonts, wanted = self._links(each)
                self.budget.take("elements", 1 + len(fonts) + len(wanted))
                yield from fonts
                further |= dict.fromkeys(wanted)
            waiting = [one for number in further for one in self.objects.get(number, ())]

    def _links(self, found: Found) -> tuple[list[tuple[bytes, int]], set[int]]:
        if id(found) not in self.links:
            fonts = [(key, number) for key, number in found.references if number in self.meant]
            wanted = {number for key, number in found.references if key in (b"Resources", b"Font", b"Parent")}
            self.links[id(found)] = (fonts, wanted)
        return self.links[id(found)]


def _read(tables: Sequence[Table], raw: bytes, way: int) -> str | None:
    if not tables:
        return None
    table, width = tables[min(way, len(tables) - 1)]
    codes: Iterable[int] = (
        raw if width == 1 else (int.from_bytes(raw[at : at + width], "big") for at in range(0, len(raw), width))
    )
    return "".join(map(table.get, codes, repeat(" ")))


def _of_names(glyphs: Sequence[bytes | int]) -> Mapping[int, str]:
    """/Differences: a code, and the names from there on (9.6.5.1)."""
    table = {code: chr(code) for code in range(32, 127)}
    code = 0
    for each in glyphs:
        if isinstance(each, int):
            code = each
            continue
        if named := _UNI.match(each):
            table[code] = _characters(named[1])
        else:
            table[code] = _NAMES.get(each.partition(b".")[0], " ")
        code += 1
    return table


def _of_map(data: bytes, budget: Budget) -> Iterator[Table]:
    """A ToUnicode map (9.10.3)."""
    table: dict[int, str] = {}
    width = 1
    for part in data.split(b"endbf")[:-1]:
        block = _BLOCK.search(part)
        for match in (_PAIR if block[1] == b"bfchar" else _RANGE).finditer(part, block.end()) if block else ():
            width = max(width, len(match[1].replace(b" ", b"")) // 2)
            first = _number(match[1])
            if block and block[1] == b"bfchar":
                texts = [_characters(match[2])]
            elif match[4] is not None:
                texts = [_characters(each) for each in _LIST.findall(match[4])]
            else:
                last = min(_number(match[2]), first + 255 if width > 1 else 255)
                texts = _following(_characters(match[3]), last - first)
            budget.take("elements", len(texts))
            table |= dict(enumerate(texts, first))
    if table:
        yield table, width


def _following(start: str, more: int) -> list[str]:
    """A text, and as many that follow it: its last character counts up."""
    return [start[:-1] + chr(code) for code in range(ord(start[-1]), min(ord(start[-1]) + more, _LAST) + 1)] if start else []


def _number(digits: bytes) -> int:
    return int(b"".join(digits.split()) or b"0", 16)


def _characters(digits: bytes) -> str:
    return from_hex(b"".join(digits.split()).rjust(4, b"0")).decode("utf-16-be", "replace")
