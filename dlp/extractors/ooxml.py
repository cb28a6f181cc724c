"""The package of an Office document: its parts, their types, what they refer to (ECMA-376 part 2, OPC).

Takes a Source and the message's Budget; gives parts as bytes, never more than the budget has left, whatever the ZIP claims.
`Package.rest` gives every part that no reader asked for, so nothing in a package goes unseen. A part under a password is
locked, a ZIP that contradicts itself broken.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from urllib.parse import unquote

from dlp.extractors.content import Budget, File, Piece, Source, Stop, Text, broken, locked, unsupported
from dlp.extractors.runs import runs
from dlp.extractors.xml_events import END, START, TEXT, events
from dlp.values import PartStatus

_ENCRYPTED = 1  # of a ZIP member's flags
_READ = 65_536
# What is in a package and shows nothing to a reader: fonts, settings of printers, controls, signatures of macros.
_HARMLESS = re.compile(
    r"application/(?:x-font-\w+|vnd\.openxmlformats-officedocument\.(?:obfuscatedFont|\w+\.printerSettings)"
    r"|vnd\.ms-office\.(?:activeX|vbaProjectSignature\w*))"
)
_FILES = (b"PK\3\4", b"%PDF", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"{\\rt")  # whatever its type says
_PHOTO = b"II\xbc"  # JPEG XR, beside a picture to which an effect was given
# numbers in docProps/app.xml that Office counts itself
_COUNTS = frozenset({"TotalTime", "Pages", "Words", "Characters", "CharactersWithSpaces", "Lines", "Paragraphs"})
_COUNTS |= {"Slides", "Notes", "HiddenSlides", "MMClips", "DocSecurity"}


@dataclass(frozen=True, slots=True)
class Relationship:
    """One reference of a part. `type` is the last step of its URI ("comments"); `target` a part's name, or outside any text."""

    id: str
    type: str
    target: str
    external: bool = False


@dataclass(slots=True)
class Package:
    """An open package. Names of parts have no leading slash; case does not matter in them."""

    archive: zipfile.ZipFile
    budget: Budget
    parts: dict[str, zipfile.ZipInfo]
    types: dict[str, str] = field(default_factory=dict)  # Override by name, Default by ".ending", both in lower case
    read_parts: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, source: Source, budget: Budget) -> Package:
        """Opens it. Raises Stop when it is no ZIP."""
        try:
            archive = zipfile.ZipFile(BytesIO(source.data))
        except (zipfile.BadZipFile, NotImplementedError, ValueError):
            raise broken() from None
        members = [info for info in archive.infolist() if not info.is_dir()]
        if len(members) > budget.limits.members:
            raise Stop(PartStatus.TRUNCATED, "members")
        package = cls(archive, budget, _parts(members))
        if "[content_types].xml" in package.parts:
            package.types = dict(_types(package))
        return package

    @property
    def names(self) -> tuple[str, ...]:
        """All parts, in lower case, in the order of the file."""
        return tuple(self.parts)

    def read(self, name: str) -> bytes:
        """One part, counted as expanded while it unfolds. Raises KeyError when there is none of that name."""
        info = self.parts[_name(name)]
        self.read_parts.add(_name(name))
        if info.flag_bits & _ENCRYPTED:
            raise locked()
        found = bytearray()
        try:
            with self.archive.open(info) as member:
                while block := member.read(_READ):
                    self.budget.take("expanded", len(block))
                    found += block
        except NotImplementedError:
            raise unsupported() from None
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError):
            raise broken() from None
        return bytes(found)

    def type_of(self, name: str) -> str:
        """The content type of a part, "" when nothing says so."""
        name = _name(name)
        return self.types.get(name) or self.types.get(posixpath.splitext(name)[1], "")

    def relationships(self, name: str = "") -> tuple[Relationship, ...]:
        """What a part refers to; "" is the package itself. None when it has no relationships."""
        folder, file = posixpath.split(_name(name))
        rels = posixpath.join(folder, "_rels", f"{file}.rels")
        return tuple(_relationships(self, rels, folder)) if rels in self.parts else ()

    def named(self, *types: str) -> Iterator[str]:
        """Parts whose content type ends in one of these words: "comments+xml"."""
        return (name for name in self.parts if self.type_of(name).endswith(types))

    def rest(self) -> Iterator[Piece]:
        """Parts nobody read yet, to be opened as files of their own; of fonts and printers' settings the characters."""
        for name in [name for name in self.parts if name not in self.read_parts]:
            media_type = self.type_of(name)
            data = self.read(name)
            harmless = _HARMLESS.fullmatch(media_type) and not data.startswith(_FILES)
            yield Text(runs(data), "characters") if harmless else _file(data, media_type)


def properties(package: Package) -> Iterator[Text]:
    """Document properties (ECMA-376 part 1, 15.2.12; part 2, 10): title, author, keywords, those that people add."""
    for name in package.names:
        if name.startswith("docprops/") and name.endswith(".xml"):
            yield Text("\n".join(_properties(package.read(name), package.budget)), "properties")


def links(package: Package, *, skip: Callable[[str], bool] = lambda _name: False) -> Iterator[Piece]:
    """Where hyperlinks and other references lead outside, of every part."""
    found: dict[str, None] = {}
    for rels in package.names:
        folder, file = posixpath.split(rels)
        if file.endswith(".rels") and posixpath.basename(folder) == "_rels" and not skip(rels):
            for each in _relationships(package, rels, posixpath.dirname(folder)):
                if each.external:
                    found.update(dict.fromkeys((each.target, unquote(each.target))))
    yield Text("\n".join(found), "links")


def _file(data: bytes, media_type: str) -> File:
    if data.startswith(_PHOTO):
        return File(data, media_type=media_type, status=PartStatus.UNSUPPORTED, why="image", shown=True)
    return File(data, media_type=media_type, shown=media_type.startswith("image/"))


def _parts(members: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """Members by the names of parts. Two that are one name are both kept: programs differ in which of them they show."""
    parts: dict[str, zipfile.ZipInfo] = {}
    for number, info in enumerate(members):
        name = _name(info.filename)
        parts[f"{name} {number}" if name in parts else name] = info
    return parts


def _name(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def _types(package: Package) -> Iterator[tuple[str, str]]:
    for event in events(package.read("[content_types].xml"), package.budget):
        if event.kind is START and event.name in ("Default", "Override"):
            of = event.attributes
            key = f".{of.get('Extension', '')}" if event.name == "Default" else of.get("PartName", "")
            yield _name(key), of.get("ContentType", "")


def _relationships(package: Package, rels: str, folder: str) -> Iterator[Relationship]:
    for event in events(package.read(rels), package.budget):
        if event.kind is START and event.name == "Relationship":
            of = event.attributes
            target, external = of.get("Target", ""), of.get("TargetMode", "") == "External"
            if not external:
                path = unquote(target.partition("#")[0])
                target = _name(posixpath.normpath(path if path.startswith("/") else posixpath.join(folder, path)))
            yield Relationship(of.get("Id", ""), posixpath.basename(of.get("Type", "")), target, external)


def _properties(data: bytes, budget: Budget) -> Iterator[str]:
    label, text = "", ""
    for event in events(data, budget):
        if event.kind is START:
            label = event.attributes.get("name") or (
                label if event.name in ("lpstr", "lpwstr", "vector", "variant") else event.name
            )
            text = ""
        elif event.kind is TEXT:
            text += event.text
        elif event.kind is END:
            if text.strip() and event.name not in _COUNTS:
                yield f"{label}: {text.strip()}"
            text = ""
