"""What the parts of a letter share: styles that hide, variables, numbers of paragraphs, data that stands in it (17.5.2.6).

Takes an open Package; gives a Letter. A part that is broken is told where it is read, not here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice

from dlp.extractors.content import Budget, Stop
from dlp.extractors.ooxml import Package
from dlp.extractors.word_numbers import Numbers
from dlp.extractors.xml_events import END, START, TEXT, events
from dlp.values import PartStatus

_OFF = frozenset({"0", "false", "off"})
_SMALLEST = 6  # half points; what is smaller is not seen
_NARROWEST = 10  # percent
_PALE = re.compile("(?:[Ff][0-9A-Fa-f]){3}")
_PAPER = frozenset({"background1", "light1", "bg1"})
_LAST_STEP = re.compile(r"\s*(?:\)\(txet/)?(?:\][^\]]*\[)?([\w.-]+)")  # of a path turned round: looked for once, not everywhere
_MACROS = "vnd.ms-word.document.macroEnabled.main+xml"
_MOST_BOUND = 100  # values under one name


@dataclass(slots=True)
class Letter:
    """One letter while it is read."""

    unseen: frozenset[str] = frozenset()  # styles
    variables: dict[str, str] = field(default_factory=dict)  # by names in lower case: properties among them
    numbers: Numbers = field(default_factory=Numbers)
    data: dict[str, list[str]] = field(default_factory=dict)  # of its own XML, by the names of elements and attributes

    @classmethod
    def of(cls, package: Package, variables: dict[str, str]) -> Letter:
        """What can be known before its text is read."""
        letter, budget = cls(variables=variables), package.budget

        def unseen(data: bytes) -> None:
            letter.unseen |= unseen_styles(data, budget)
            if letter.numbers.lists:
                letter.numbers.read_styles(data, budget)

        _each(package, "wordprocessingml.numbering+xml", lambda data: letter.numbers.read(data, budget))
        _each(package, "wordprocessingml.styles+xml", unseen)
        _each(package, "wordprocessingml.settings+xml", lambda data: letter.variables.update(_variables(data, budget)))
        if any(package.named("wordprocessingml.document.main+xml", "wordprocessingml.template.main+xml", _MACROS)):
            _each(package, "application/xml", lambda data: _keep(letter.data, _values(data, budget)))
        return letter

    def bound(self, path: str) -> list[str]:
        """What a place shows that is bound to data: all values under the last name of the path, whichever of them it is."""
        step = _LAST_STEP.match(path[::-1])
        if step is None:
            return list(islice(chain.from_iterable(self.data.values()), _MOST_BOUND))
        name = step[1][::-1]
        property_of = self.variables.get(name.lower(), "")
        return [*self.data.get(name, []), *filter(None, [property_of])]


def hides(name: str, attributes: Mapping[str, str]) -> bool:
    """Whether one property of a run keeps it from being seen on paper (17.3.2)."""
    value = attributes.get("val", "")
    if name == "vanish":
        return value not in _OFF
    if name == "color":
        return bool(_PALE.fullmatch(value)) or attributes.get("themeColor") in _PAPER
    return value.isdecimal() and int(value[:9]) <= {"sz": _SMALLEST, "w": _NARROWEST}.get(name, -1)


def unseen_styles(data: bytes, budget: Budget) -> frozenset[str]:
    """The styles of a document whose text is not seen (17.7.4)."""
    found, style, within = set(), "", False
    for event in events(data, budget):
        if event.name == "rPr" and event.kind is not TEXT:
            within = event.kind is START
        elif event.kind is START and event.name == "style":
            style = event.attributes.get("styleId", "")
        elif event.kind is START and within and hides(event.name, event.attributes):
            found.add(style)
    return frozenset(found - {""})


def _each(package: Package, media_type: str, read: Callable[[bytes], None]) -> None:
    for name in [name for name in package.named(media_type) if name not in package.read_parts]:
        try:
            read(package.read(name))
        except Stop as stop:
            if stop.status is PartStatus.TRUNCATED:
                raise
        package.read_parts.discard(name)


def _variables(data: bytes, budget: Budget) -> Iterator[tuple[str, str]]:
    for event in events(data, budget):
        if event.kind is START and event.name == "docVar":
            yield event.attributes.get("name", "").lower(), event.attributes.get("val", "")


def _values(data: bytes, budget: Budget) -> Iterator[tuple[str, str]]:
    text = ""
    for event in events(data, budget):
        if event.kind is TEXT:
            text += event.text
        elif event.kind is START:
            yield from event.attributes.items()
            text = ""
        elif event.kind is END:
            yield event.name, text.strip()
            text = ""


def _keep(data: dict[str, list[str]], values: Iterator[tuple[str, str]]) -> None:
    for name, value in values:
        if value and len(kept := data.setdefault(name, [])) < _MOST_BOUND:
            kept.append(value)
