"""OpenDocument files: letters, sheets, slides and drawings of LibreOffice and its like (ODF 1.3 part 2).

Takes a Source; gives the text of every XML part, objects within included, and each part that is no XML as a file. A part
the manifest calls encrypted is read with one of the budget's passwords, or is locked. A part that is broken does not hide
those behind it: the first such end is raised when all of them were read.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from dlp.extractors.content import Budget, File, Piece, Source, Stop, Text, beside_others
from dlp.extractors.odf_locks import Lock, locks, unlocked
from dlp.extractors.odf_styles import Styles
from dlp.extractors.odf_text import book, texts
from dlp.extractors.ooxml import Package
from dlp.extractors.runs import runs
from dlp.extractors.xml_events import is_xml

_MANIFEST = "meta-inf/manifest.xml"
_FIRST = ("styles.xml", "content.xml", "meta.xml")  # which styles hide text is told in the first
_PLACES: Mapping[str, str] = MappingProxyType({"content.xml": "", "styles.xml": "styles", "meta.xml": "properties"})
_DRAWN = ("objectreplacements/", "fonts/", "layout-cache")  # how an object looked last, in LibreOffice's own form
_PICTURES = ("pictures/", "thumbnails/", "media/")
_SHEETS = "sheet"  # what its pages are
_METAFILE = b"VCLMTF"
_XML = (".xml", ".rdf", ".rels")


def odf(source: Source, budget: Budget) -> Iterator[Piece]:
    """Everything in one file."""
    package = Package.of(source, budget)
    sealed = locks(package.read(_MANIFEST), budget) if _MANIFEST in package.parts else {}
    said = package.read("mimetype") if "mimetype" in package.parts else b""
    page = "page" if b"graphics" in said else "slide"
    yield from _parts(package, sealed, page)


def ods(source: Source, budget: Budget) -> Iterator[Piece]:
    """Everything in one spreadsheet."""
    package = Package.of(source, budget)
    sealed = locks(package.read(_MANIFEST), budget) if _MANIFEST in package.parts else {}
    yield from _parts(package, sealed, _SHEETS)


def _parts(package: Package, sealed: Mapping[str, Lock], page: str) -> Iterator[Piece]:
    ends: list[Stop] = []
    styles = Styles()
    for name in (*(name for name in _FIRST if name in package.parts), *package.names):
        if name in package.read_parts and name not in (_MANIFEST, "mimetype"):
            continue
        yield from beside_others(_part(package, name, sealed.get(name), (page, styles)), ends)
    if ends:
        raise ends[0]


def _part(package: Package, name: str, lock: Lock | None, said: tuple[str, Styles]) -> Iterator[Piece]:
    page, styles = said
    data = package.read(name)
    if lock:
        data = unlocked(data, lock, package.budget)
    if not data:
        return
    if name == "content.xml" and page == _SHEETS:
        yield from book(data, package.budget, styles)
    elif name.endswith(_XML) and is_xml(data):
        folder, file = posixpath.split(name)
        place = _PLACES.get(file, "settings")
        where = f"objects, {place}".removesuffix(", ") if folder and file in _PLACES else place
        yield from texts(data, where, package.budget, page, styles)
    elif name.startswith(_DRAWN) or data.startswith(_METAFILE):
        yield Text(runs(data), "characters")
    elif name != "mimetype":
        yield File(data, shown=name.startswith(_PICTURES))
    else:
        yield Text(data.decode("ascii", "replace"), "properties")
