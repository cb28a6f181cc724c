"""All parts of an Office document in one pass, whatever program wrote it: its XML as text, everything else as files.

Takes an open Package and the places of parts that have their own; gives properties, links, texts, grids and files. Other
parts get a place by their content type. A part that is broken or locked does not hide those behind it: the first such end
is raised when all of them were read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from dlp.extractors.charts import chart
from dlp.extractors.content import Budget, File, Piece, Source, Stop, beside_others
from dlp.extractors.office_text import texts, unseen_styles
from dlp.extractors.ooxml import Package, links, properties
from dlp.extractors.xml_events import is_xml
from dlp.values import PartStatus

_ENDINGS = (".xml", ".rels", ".vml")
# how a content type ends -> the place (ECMA-376 part 1, 11.3, 13.3 and 14.2)
_PLACES: Mapping[str, str] = MappingProxyType(
    {
        "main+xml": "",
        "header+xml": "headers",
        "footer+xml": "footers",
        "footnotes+xml": "footnotes",
        "endnotes+xml": "endnotes",
        "comments+xml": "comments",
        "commentsExtended+xml": "comments",
        "commentAuthors+xml": "comments",
        "people+xml": "comments",
        "glossary+xml": "glossary",
        "chart+xml": "charts",
        "chartex+xml": "charts",
        "chartshapes+xml": "charts",
        "diagramData+xml": "diagrams",
        "diagramDrawing+xml": "diagrams",
        "drawing+xml": "drawings",
        "vmlDrawing": "drawings",
        "slideMaster+xml": "masters",
        "slideLayout+xml": "layouts",
        "notesMaster+xml": "masters",
        "handoutMaster+xml": "masters",
        "application/xml": "data",
    }
)
_CHARTS = ("chart+xml", "chartex+xml")
_REST = "settings"


def parts(package: Package, places: Mapping[str, str] = MappingProxyType({})) -> Iterator[Piece]:
    """Everything in a package, parts with a place of their own first."""
    yield from properties(package)
    yield from links(package)
    ends: list[Stop] = []
    unseen = _unseen(package)
    for name in (*places, *package.names):
        if name in package.parts and name not in package.read_parts and _is_xml_part(package, name):
            yield from beside_others(_part(package, name, places.get(name), unseen), ends)
    yield from package.rest()
    if ends:
        raise ends[0]


def document(source: Source, budget: Budget) -> Iterator[Piece]:
    """A Word document or template, macros or not, strict or transitional; also drawings of Visio."""
    yield from parts(Package.of(source, budget))


def _is_xml_part(package: Package, name: str) -> bool:
    return name.endswith(_ENDINGS) or package.type_of(name).endswith("xml")


def _unseen(package: Package) -> frozenset[str]:
    """Styles that hide text; a part of styles that is broken is told where it is read."""
    found: frozenset[str] = frozenset()
    for name in list(package.named("wordprocessingml.styles+xml")):
        try:
            found |= unseen_styles(package.read(name), package.budget)
        except Stop as stop:
            if stop.status is PartStatus.TRUNCATED:
                raise
        package.read_parts.discard(name)
    return found


def _part(package: Package, name: str, place: str | None, unseen: frozenset[str]) -> Iterator[Piece]:
    data, media_type = package.read(name), package.type_of(name)
    if not is_xml(data):  # an alternative chunk may be a document of its own
        yield File(data, media_type=media_type)
        return
    if place is None:
        place = next((place for ending, place in _PLACES.items() if media_type.endswith(ending)), _REST)
    custom = "openxmlformats" not in media_type and "vnd.ms-" not in media_type
    yield from texts(data, place, package.budget, custom=custom, unseen=unseen)
    if media_type.endswith(_CHARTS):
        yield from chart(data, place, package.budget)
