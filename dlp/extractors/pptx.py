"""Presentations of PowerPoint: .pptx, .pptm, .ppsx, .potx, strict or transitional (ECMA-376 part 1, 13).

Takes a Source; gives slides in the order they are shown, hidden ones too, each with its notes, comments, charts and diagrams
named by it ("notes of slide 2"), then everything else in the package. Without a list of slides the parts are read all the
same, by their types. A package that contradicts itself is broken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from dlp.extractors.content import Budget, Piece, Source
from dlp.extractors.ooxml import Package
from dlp.extractors.ooxml_parts import parts
from dlp.extractors.xml_events import START, events

# the type of a slide's relationship -> what it is called
_OF_SLIDE: Mapping[str, str] = MappingProxyType(
    {
        "notesSlide": "notes",
        "comments": "comments",
        "chart": "charts",
        "chartEx": "charts",
        "diagramData": "diagrams",
        "diagramDrawing": "diagrams",
        "vmlDrawing": "drawings",
    }
)


def pptx(source: Source, budget: Budget) -> Iterator[Piece]:
    """Everything in one presentation."""
    package = Package.of(source, budget)
    yield from parts(package, dict(_places(package)))


def _places(package: Package) -> Iterator[tuple[str, str]]:
    for number, slide in enumerate(_slides(package), 1):
        yield slide, f"slide {number}"
        for each in package.relationships(slide):
            if each.type in _OF_SLIDE:
                yield each.target, f"{_OF_SLIDE[each.type]} of slide {number}"


def _slides(package: Package) -> list[str]:
    """Slides as the presentation lists them, then those it does not."""
    main = next((each.target for each in package.relationships() if each.type == "officeDocument"), "")
    if main not in package.parts:
        return []
    targets = {each.id: each.target for each in package.relationships(main) if each.type == "slide"}
    found = [
        targets.pop(value)
        for event in events(package.read(main), package.budget)
        if event.kind is START and event.name == "sldId"
        for value in event.attributes.values()
        if value in targets
    ]
    package.read_parts.discard(main)  # it is a part to be read as well
    return [*found, *targets.values()]
