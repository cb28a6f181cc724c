"""All parts of an Office document in one pass, whatever program wrote it: its XML as text, everything else as files.

Takes an open Package and the places of parts that have their own; gives properties, links, texts, grids and files. Other
parts get a place by their content type. A part that is broken or locked does not hide those behind it: the first such end
is raised when all of them were read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from dlp.extractors.charts import chart
from dlp.extractors.content import Budget, File, Piece, Source, Stop, Text, beside_others
from dlp.extractors.office_text import texts
from dlp.extractors.ooxml import Package, links, properties
from dlp.extractors.word_shared import Letter
from dlp.extractors.xml_events import is_xml

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
    variables: dict[str, str] = {}
    for said in properties(package):
        yield said
        variables |= _named(said)
    yield from links(package)
    ends: list[Stop] = []
    letter = Letter.of(package, variables)
    for name in (*places, *package.named("document.main+xml"), *package.names):
        if name in package.parts and name not in package.read_parts and _is_xml_part(package, name):
            yield from beside_others(_part(package, name, places.get(name), letter), ends)
    yield from package.rest()
    if ends:
        raise ends[0]


def document(source: Source, budget: Budget) -> Iterator[Piece]:
    """A Word document or template, macros or not, strict or transitional; also drawings of Visio."""
    yield from parts(Package.of(source, budget))


def _is_xml_part(package: Package, name: str) -> bool:
    return name.endswith(_ENDINGS) or package.type_of(name).endswith("xml")


def _named(said: Text) -> dict[str, str]:
    """Properties by their names, for what shows them in the text."""
    found = (line.partition(": ") for line in said.text.splitlines())
    return {name.lower(): value for name, _, value in found if value}


def _part(package: Package, name: str, place: str | None, letter: Letter) -> Iterator[Piece]:
    data, media_type = package.read(name), package.type_of(name)
    if not is_xml(data):  # an alternative chunk may be a document of its own
        yield File(data, media_type=media_type)
        return
    if place is None:
        place = next((place for ending, place in _PLACES.items() if media_type.endswith(ending)), _REST)
    custom = "openxmlformats" not in media_type and "vnd.ms-" not in media_type
    yield from texts(data, place, package.budget, custom=custom, letter=letter)
    if media_type.endswith(_CHARTS):
        yield from chart(data, place, package.budget)
