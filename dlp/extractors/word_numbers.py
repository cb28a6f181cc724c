"""Numbers of paragraphs that say more than how many there are: words, digits of their own, counts that begin high (17.9).

Takes the XML of a letter's numbering and styles (ECMA-376 part 1, 17.9 and 17.7); gives the label of each paragraph as it
comes. Labels that only count give nothing: they would part no text from another. Raises Stop where the XML breaks off.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from dlp.extractors.content import Budget
from dlp.extractors.office_words import count
from dlp.extractors.xml_events import END, START, Event, events

_COUNTED = re.compile("%([1-9])")
_HIGH = 1_000  # no list is as long
_LEVELS = 9
_LONGEST = 200  # characters of a label: the whole is among the settings
_BETWEEN = {"nothing": "", "": " ", "tab": " ", "space": " "}


@dataclass(slots=True)
class _Level:
    start: int = 1
    text: str = ""
    words: bool = False  # in its text
    kind: str = ""
    behind: str = ""


@dataclass(slots=True)
class Numbers:
    """The lists of one letter."""

    lists: dict[str, dict[int, _Level]] = field(default_factory=dict)  # by w:num, levels from 0
    of_styles: dict[str, tuple[str, int]] = field(default_factory=dict)
    _counts: dict[str, list[int | None]] = field(default_factory=dict)

    def read(self, data: bytes, budget: Budget) -> None:
        """The part with the definitions."""
        found = _Definitions()
        for event in events(data, budget):
            found.take(event)
        told = {number: levels for number, levels in found.lists.items() if any(map(_tells, levels.values()))}
        self.lists |= told

    def read_styles(self, data: bytes, budget: Budget) -> None:
        """Styles whose paragraphs are in a list."""
        style, number, level = "", "", 0
        for event in events(data, budget):
            if event.kind is START and event.name == "style":
                style, number, level = event.attributes.get("styleId", ""), "", 0
            elif event.kind is START and event.name == "numId":
                number = event.attributes.get("val", "")
            elif event.kind is START and event.name == "ilvl":
                level = count(event.attributes.get("val", ""), 0)
            elif event.kind is END and event.name == "style" and number:
                self.of_styles[style] = number, level

    def label(self, number: str, level: int) -> str:
        """Of the next paragraph of a list, with what stands between it and the text."""
        levels = self.lists.get(number)
        if levels is None or level not in levels:
            return ""
        counts = self._counts.setdefault(number, [None] * _LEVELS)
        now = counts[level]
        counts[level] = levels[level].start if now is None else now + 1
        counts[level + 1 :] = [None] * (_LEVELS - level - 1)
        here = levels[level]
        if not _tells(here):
            return ""
        return _COUNTED.sub(lambda match: _spelt(levels, counts, int(match[1]) - 1), here.text) + here.behind


class _Definitions:
    """The part while it is read: abstract lists, then those that use and change them."""

    def __init__(self) -> None:
        self.lists: dict[str, dict[int, _Level]] = {}
        self._abstract: dict[str, dict[int, _Level]] = {}
        self._levels: dict[int, _Level] = {}
        self._number = ""
        self._level = 0

    def take(self, event: Event) -> None:
        of, name = event.attributes, event.name
        if event.kind is not START:
            return
        if name == "abstractNum":
            self._levels = self._abstract[of.get("abstractNumId", "")] = {}
        elif name == "num":
            self._number = of.get("numId", "")
        elif name == "abstractNumId":
            self._levels = self.lists[self._number] = dict(self._abstract.get(of.get("val", ""), {}))
        elif name == "lvlOverride":
            self._level = min(count(of.get("ilvl", ""), 0), _LEVELS - 1)
        elif name == "startOverride" and self._level in self._levels:
            self._levels[self._level] = replace(self._levels[self._level], start=count(of.get("val", ""), 1))
        elif name == "lvl":
            self._level = min(count(of.get("ilvl", ""), 0), _LEVELS - 1)
            self._levels[self._level] = _Level(behind=" ")
        elif self._level in self._levels:
            self._property(self._levels[self._level], name, of)

    def _property(self, level: _Level, name: str, of: Mapping[str, str]) -> None:
        if name == "start":
            level.start = count(of.get("val", ""), 1)
        elif name == "lvlText":
            level.text = of.get("val", "")[:_LONGEST]
            level.words = any(map(str.isalnum, _COUNTED.sub("", level.text)))
        elif name == "numFmt":
            level.kind = of.get("val", "")
        elif name == "suff":
            level.behind = _BETWEEN.get(of.get("val", ""), " ")


def _tells(level: _Level) -> bool:
    return level.start >= _HIGH or level.words


def _spelt(levels: Mapping[int, _Level], counts: list[int | None], level: int) -> str:
    if level not in levels:
        return ""
    count = counts[level]
    number = levels[level].start if count is None else count
    if levels[level].kind in ("lowerLetter", "upperLetter") and 0 < number <= 26:
        return chr(ord("a" if levels[level].kind == "lowerLetter" else "A") + number - 1)
    return "" if levels[level].kind == "none" else f"{number:02}" if levels[level].kind == "decimalZero" else str(number)
