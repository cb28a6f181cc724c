"""Charts as the tables they draw: each series under its name, its values as their labels show them (ECMA-376 part 1, 21.2).

Takes one part, of a chart or an extended one (MS-ODRAWXML 2.24.3); gives a grid for each series, with the title over its
values. What a chart says beside is text, and read as such elsewhere. XML that breaks off raises Stop behind what came before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dlp.extractors.content import Budget, Grid, Piece
from dlp.extractors.number_formats import literals, shown, shown_also
from dlp.extractors.xml_events import END, START, TEXT, Event, events

_SERIES = frozenset({"ser", "data"})
_NAMES = frozenset({"cat", "xVal", "strDim"})
_CHARACTERS = frozenset({"v", "t", "formatCode", "pt"})
_MOST_CODES = 16


@dataclass(slots=True)
class _Series:
    name: str = ""
    names: dict[str, str] = field(default_factory=dict)  # of points, by their index
    values: list[tuple[str, str, str]] = field(default_factory=list)  # index, number, format code


@dataclass(slots=True)
class _Chart:
    """One chart while it is read."""

    title: list[str] = field(default_factory=list)
    codes: dict[str, None] = field(default_factory=dict)  # of labels and axes
    series: list[_Series] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    index: str = ""
    code: str = ""  # of the values that follow
    own: str = ""  # of one value
    text: str = ""

    def take(self, event: Event) -> None:
        if event.kind is START:
            self.path.append(event.name)
            self._start(event.name, event.attributes)
        elif event.kind is TEXT and self.path and self.path[-1] in _CHARACTERS:
            self.text += event.text
        elif event.kind is END:
            self.path.pop()
            self._end(event.name)

    def _start(self, name: str, of: Mapping[str, str]) -> None:
        self.text = ""
        code = of.get("formatCode", "")
        if name in _SERIES:
            self.series.append(_Series())
        elif name == "numFmt" and len(self.codes) < _MOST_CODES:
            self.codes[code] = None
        elif name == "pt":
            self.index, self.own = of.get("idx", ""), code
        elif name in ("lvl", "numCache", "numLit"):
            self.code = code

    def _end(self, name: str) -> None:
        if name == "formatCode":
            self.code = self.text
        elif name == "t" and "title" in self.path:
            self.title.append(self.text)
        elif name in ("v", "pt") and self.series and self.text:
            self._point(self.series[-1])
        if name in _CHARACTERS:
            self.text = ""

    def _point(self, series: _Series) -> None:
        if "tx" in self.path:
            series.name = series.name or self.text
        elif _NAMES.isdisjoint(self.path):
            series.values.append((self.index, self.text, self.own or self.code))
        else:
            series.names[self.index] = self.text

    def grids(self, place: str) -> Iterator[Piece]:
        codes = [code for code in self.codes if code]
        alone = " ".join(filter(None, (literals(code) for code in codes)))
        for number, series in enumerate(self.series, 1):
            rows = [["", "".join(self.title)], ["", series.name]]
            for index, value, code in series.values:
                labels = (shown_also(value, each) for each in codes)
                rows.append([series.names.get(index, ""), " ".join(filter(None, (shown(value, code), *labels)))])
            yield Grid([*rows, ["", alone]], f"{place}, series {number}")


def chart(data: bytes, place: str, budget: Budget) -> Iterator[Piece]:
    """One part."""
    found = _Chart()
    try:
        for event in events(data, budget):
            found.take(event)
    finally:
        budget.take("elements", len(found.codes) * sum(len(series.values) for series in found.series))
        yield from found.grids(place)
