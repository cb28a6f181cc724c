"""What pivot tables keep of their source: names of fields, values, records (ECMA-376 part 1, 18.10).

Takes an open Package; gives what each cache defines, and its records as a grid under the names of the fields, values that
are kept once put in. A part that breaks off is told in `ends`, behind what came before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from dlp.extractors.content import Grid, Piece, Stop, Text, beside_others
from dlp.extractors.number_formats import shown
from dlp.extractors.office_words import said
from dlp.extractors.ooxml import Package
from dlp.extractors.xml_events import START, events

_PLACE = "pivot caches"
_RECORDS = "pivotCacheRecords+xml"


@dataclass(slots=True)
class _Field:
    name: str
    items: list[str] = field(default_factory=list)


def pivots(package: Package, ends: list[Stop]) -> Iterator[Piece]:
    """Every cache of a workbook."""
    for name in package.named("pivotCacheDefinition+xml"):
        fields: list[_Field] = []
        yield from beside_others(_definition(package, name, fields), ends)
        for each in package.relationships(name):
            if each.type == "pivotCacheRecords" and each.target in package.parts:
                yield from beside_others(_records(package, each.target, fields), ends)
    for name in package.named(_RECORDS):
        if name not in package.read_parts:
            yield from beside_others(_records(package, name, []), ends)


def _definition(package: Package, name: str, fields: list[_Field]) -> Iterator[Piece]:
    words: list[str] = []
    try:
        for event in events(package.read(name), package.budget):
            if event.kind is START:
                value = event.attributes.get("v")
                if event.name == "cacheField":
                    fields.append(_Field(event.attributes.get("name", "")))
                elif value is not None and fields:
                    fields[-1].items.append(shown(value))
                words += [value for _, value in said(event.name, event.attributes)]
    finally:
        lines = ["\t".join((each.name, *each.items)) for each in fields]
        yield Text("\n".join((*lines, *words)), _PLACE)


def _records(package: Package, name: str, fields: list[_Field]) -> Iterator[Piece]:
    rows: list[list[str]] = [[each.name for each in fields]]
    try:
        for event in events(package.read(name), package.budget):
            if event.kind is START and event.name == "r":
                rows.append([])
            elif event.kind is START and len(rows) > 1:
                rows[-1].append(_value(event.name, event.attributes.get("v", ""), fields[len(rows[-1]) : len(rows[-1]) + 1]))
    finally:
        yield Grid(rows, _PLACE)


def _value(kind: str, value: str, of: list[_Field]) -> str:
    """A value, or the item of its field that it names."""
    if kind == "x" and of and value.isdecimal() and int(value[:9]) < len(of[0].items):
        return of[0].items[int(value[:9])]
    return shown(value)
