"""Styles of an OpenDocument file that decide what is seen: hidden text, formats, numbers of lists (ODF 1.3 part 3, 16).

Takes elements of its parts as they come, common styles before those of the content; says which styles hide text, what a number
shows besides by a format with digits of its own, and the label of a list's item. Nothing here fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from dlp.extractors.number_formats import literals, shown_also
from dlp.extractors.office_words import count

DATA_STYLES = frozenset({"number-style", "currency-style", "percentage-style", "text-style", "boolean-style"})
_LINKS = ("data-style-name", "parent-style-name", "apply-style-name")
_DEEPEST = 8
_HIGH = 1_000  # no list is as long
_MOST_DIGITS = 20


class _Level(NamedTuple):
    prefix: str = ""
    start: int = 1  # 0 for one that shows no number
    suffix: str = ""
    tells: bool = False


@dataclass(slots=True)
class Styles:
    """What was read of them. `variables`: what fields of the text show, by name."""

    hiding: set[str] = field(default_factory=set)
    variables: dict[str, str] = field(default_factory=dict)
    levels: dict[tuple[str, int], _Level] = field(default_factory=dict)  # of lists
    links: dict[str, list[str]] = field(default_factory=dict)  # of a style: those that may stand in for it
    telling: dict[str, str] = field(default_factory=dict)  # format codes with digits of their own
    _name: str = ""
    _data: str = ""
    _code: str = ""
    _list: str = ""

    def start(self, name: str, of: Mapping[str, str]) -> None:
        """An element begins."""
        if name in DATA_STYLES:
            self._name = self._data = of.get("name", "")
            self._code = ""
        elif name == "style":
            self._name = of.get("name", "")
        elif name == "list-style":
            self._list = of.get("name", "")
        elif name == "list-level-style-number":
            self._level(of)
        elif self._data and name == "number":
            self._code += "0" * min(count(of.get("min-integer-digits", ""), 1), _MOST_DIGITS)
        elif self._data and name == "text-content":
            self._code += "@"
        if links := [value for key in _LINKS if (value := of.get(key))]:
            self.links.setdefault(self._name, []).extend(links)

    def text(self, text: str) -> None:
        """Characters of a format."""
        if self._data:
            self._code += '"' + text.replace('"', "") + '"'

    def end_format(self) -> None:
        """The format of a number is whole."""
        if any(map(str.isdecimal, self._code.replace("0", ""))) or literals(self._code):
            self.telling[self._data] = self._code
        self._data = ""

    def also(self, style: str, value: str) -> list[str]:
        """What a value shows in a style besides, whichever of its formats holds."""
        if not self.telling:
            return []
        seen = [style]
        for name in seen:
            seen += [each for each in self.links.get(name, [])[:_DEEPEST] if each not in seen and len(seen) < _DEEPEST]
        return [other for name in seen if name in self.telling and (other := shown_also(value, self.telling[name]))]

    def label(self, style: str, level: int, number: int) -> str:
        """Of a list's item, where it says more than how many there are."""
        here = self.levels.get((style, level), _Level())
        shown = str(number) if here.start else ""
        return f"{here.prefix}{shown}{here.suffix} " if number >= _HIGH or here.tells else ""

    def first(self, style: str, level: int) -> int:
        """The number a list begins with, 0 for one that shows none."""
        return self.levels.get((style, level), _Level()).start

    def _level(self, of: Mapping[str, str]) -> None:
        around = of.get("num-prefix", ""), of.get("num-suffix", "")
        if "num-list-format" in of:
            prefix, _, suffix = of["num-list-format"].partition("%")
            around = prefix, suffix.rpartition("%")[2]
        numbered = bool(of.get("num-format", ""))
        start = count(of.get("start-value", ""), 1) if numbered else 0
        tells = any(map(str.isalnum, "".join(around)))
        self.levels[self._list, count(of.get("level", ""), 1)] = _Level(around[0], start, around[1], tells)
