"""What the codes of a PDF file's fonts mean, for content no page shows (ISO 32000-2, 9.6.5 and 9.10).

Takes the objects of a file; gives, for a content stream and the name of a font in it, readings of a string's bytes: by the
font's ToUnicode map and by the names of its glyphs. Which resources a stream has is guessed from what it refers to and what
refers to it. Never fails; raises Stop at a limit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from types import MappingProxyType

from dlp.extractors.content import Budget
from dlp.extractors.pdf_objects import Found

Decode = Callable[[bytes, bytes], str | None]  # a font's name and a string's bytes; None where nothing says what they mean

_CODE = rb"<([0-9A-Fa-f\s]{1,16})>\s*"
_PAIR = re.compile(_CODE + rb"<([0-9A-Fa-f\s]{1,64})>")
_RANGE = re.compile(_CODE + _CODE + rb"(?:<([0-9A-Fa-f\s]{1,64})>|\[([^\]]*)\])")
_LIST = re.compile(rb"<([0-9A-Fa-f\s]{1,64})>")
_BLOCK = re.compile(rb"begin(bfchar|bfrange)(.*?)endbf", re.DOTALL)
_AS_IS = re.compile(rb"Uni\w{1,9}-(?:UCS2|UTF16)-|Identity-[HV]")  # codes that are characters, at least for ToUnicode
_IDENTITY: Mapping[int, str] = MappingProxyType({code: chr(code) for code in (*range(32, 0x180), *range(0xFF00, 0xFF60))})
_MOST = 65_536  # codes of one font
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
    """The fonts of one file. `meant`: by a font's number, tables from a code to characters, and how wide a code is."""

    meant: dict[int, list[tuple[Mapping[int, str], int]]] = field(default_factory=dict)
    objects: dict[int, list[Found]] = field(default_factory=dict)
    named: dict[bytes, list[int]] = field(default_factory=dict)
    users: dict[int, list[Found]] = field(default_factory=dict)

    @classmethod
    def of(cls, found: Sequence[Found], budget: Budget) -> Fonts:
        """Those that say what their codes mean."""
        fonts = cls()
        for each in found:
            fonts.objects.setdefault(each.number, []).append(each)
            for _, number in each.references:
                fonts.users.setdefault(number, []).append(each)
        for each in found:
            if tables := list(fonts._tables(each, budget)):
                fonts.meant.setdefault(each.number, []).extend(tables)
        for each in found:
            for key, number in each.references:
                if number in fonts.meant:
                    fonts.named.setdefault(key, []).append(number)
        return fonts

    def readings(self, stream: Found) -> Iterator[Decode]:
        """The ways to read one stream's strings, most often one; none where its fonts say nothing."""
        known: dict[bytes, list[tuple[Mapping[int, str], int]]] = {}
        for key, number in self._resources(stream) if self.meant else ():
            tables = known.setdefault(key, [])
            tables += [each for each in self.meant[number] if each not in tables]
        for key, numbers in self.named.items():
            known.setdefault(key, [each for number in dict.fromkeys(numbers) for each in self.meant[number]][:_READINGS])
        own = [(_of_names(stream.glyphs), 1)] if stream.glyphs else []  # of a font within the stream's own dictionary
        for way in range(min(max(map(len, (own, *known.values()))), _READINGS)):
            yield lambda font, raw, way=way: _read(known.get(font, own), raw, way)  # type: ignore[misc]

    def _tables(self, font: Found, budget: Budget) -> Iterator[tuple[Mapping[int, str], int]]:
        for key, number in font.references:
            for each in self.objects.get(number, ()) if key in (b"ToUnicode", b"Encoding") else ():
                if key == b"ToUnicode" and each.stream:
                    yield from _of_map(each.decoded(budget) or b"")
                elif each.glyphs:
                    yield _of_names(each.glyphs), 1
        if font.is_a(b"Type0") and any(_AS_IS.match(name) for name in font.said):
            yield _IDENTITY, 2
        if font.glyphs and b"Differences" in font.keys and b"Encoding" in font.keys:
            yield _of_names(font.glyphs), 1

    def _resources(self, stream: Found) -> Iterator[tuple[bytes, int]]:
        """Fonts by name: its own first, then those of what refers to it."""
        seen: set[int] = set()
        waiting = [stream, *self.users.get(stream.number, ())]
        for _ in range(_AROUND):
            further: list[Found] = []
            for each in waiting:
                if id(each) in seen:
                    continue
                seen.add(id(each))
                yield from ((key, number) for key, number in each.references if number in self.meant)
                wanted = (number for key, number in each.references if key in (b"Resources", b"Font", b"Parent"))
                further += (one for number in wanted for one in self.objects.get(number, ()))
            waiting = further


def _read(tables: Sequence[tuple[Mapping[int, str], int]], raw: bytes, way: int) -> str | None:
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
        if each.startswith(b"uni") and len(each) >= 7:
            table[code] = _characters(each[3:7])
        else:
            table[code] = _NAMES.get(each.partition(b".")[0], " ")
        code += 1
    return table


def _of_map(data: bytes) -> Iterator[tuple[Mapping[int, str], int]]:
    """A ToUnicode map (9.10.3)."""
    table: dict[int, str] = {}
    width = 1
    for kind, block in _BLOCK.findall(data):
        for match in (_PAIR if kind == b"bfchar" else _RANGE).finditer(block):
            width = max(width, len(match[1].replace(b" ", b"")) // 2)
            first = _number(match[1])
            if kind == b"bfchar":
                table[first] = _characters(match[2])
            elif match[4] is not None:
                table |= dict(enumerate(map(_characters, _LIST.findall(match[4])), first))
            else:
                start = _characters(match[3])
                last = min(_number(match[2]), first + 255 if width > 1 else 255)
                table |= {code: start[:-1] + chr(ord(start[-1]) + code - first) for code in range(first, last + 1) if start}
        if len(table) > _MOST:
            break
    if table:
        yield table, width


def _number(digits: bytes) -> int:
    return int(b"".join(digits.split()) or b"0", 16)


def _characters(digits: bytes) -> str:
    bare = b"".join(digits.split())
    try:
        return bytes.fromhex((bare.rjust(4, b"0") if len(bare) < 4 else bare).decode()).decode("utf-16-be", "replace")
    except ValueError:
        return ""
