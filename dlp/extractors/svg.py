"""Drawings in SVG (W3C SVG 2): their texts as they are shown, the files in them, and lines nobody can read.

Takes a Source; gives texts, embedded files, descriptions. The plain text of the file is read beside this. Each element is
looked at once, however often `use` shows it. A drawing of many lines may hold letters as outlines: it ends as "image".
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from lxml import etree

from dlp.extractors.content import Budget, File, Piece, Source, Stop, Text, broken
from dlp.values import PartStatus

_SHOWN = frozenset({"text", "foreignObject"})
_SPANS = frozenset({"tspan", "textPath", "a"})
_ASIDE = frozenset({"title", "desc", "metadata", "style", "script"})
_DATA_URL = re.compile(r"data:([^,;]{0,100})((?:;[^,;]{0,100}){0,9}),(.*)", re.DOTALL)
_COMMAND = re.compile(r"[A-Za-z]")
_OUTLINES = 400  # commands of paths: letters drawn as outlines, not an icon


def svg(source: Source, budget: Budget) -> Iterator[Piece]:
    """One drawing."""
    parser = etree.XMLParser(no_network=True, load_dtd=False, recover=True)  # a document's own entities are put in
    try:
        root = etree.fromstring(source.data, parser)
    except etree.XMLSyntaxError:
        raise broken() from None
    if root is None:
        raise broken()
    lines = _Lines()
    aside: list[str] = []
    commands = 0
    for element in root.iter(etree.Element):
        name = _name(element.tag)
        if name in _SHOWN:
            lines.add(element)
        elif name in _ASIDE:
            aside.append(" ".join(map(str, element.itertext())))
        elif name == "path":
            commands += len(_COMMAND.findall(str(element.get("d", ""))))
        for value in map(str, element.attrib.values()):
            yield from _file(value.strip(), budget)
    yield Text("\n".join(lines.texts))
    yield Text("\n".join(aside), "descriptions")
    if commands > _OUTLINES:
        raise Stop(PartStatus.UNSUPPORTED, "image")


class _Lines:
    """Texts in the order of the file; single characters on one height are one text."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._height: object = None

    def add(self, element: etree._Element) -> None:
        text = "".join(_parts(element)).strip()
        height = element.get("y")
        if len(text) == 1 and height is not None and height == self._height:
            self.texts[-1] += text
        else:
            self.texts.append(text)
        self._height = height if len(text) == 1 else None


def _parts(element: etree._Element) -> Iterator[str]:
    """Its characters; a span at a place of its own begins a word, one on a height of its own a line."""
    yield str(element.text or "")
    for child in element.iterchildren(etree.Element):
        if child.get("y") or child.get("dy") or _name(child.tag) not in _SPANS:
            yield "\n"
        elif child.get("x") and len(str(child.text or "").strip()) > 1:
            yield " "
        yield from _parts(child)
        yield str(child.tail or "")


def _file(value: str, budget: Budget) -> Iterator[File]:
    """What a data: URL holds (RFC 2397)."""
    match = _DATA_URL.match(value)
    if not match:
        return
    media_type, parameters, said = match.groups()
    data = unquote_to_bytes(said)
    budget.take("expanded", len(data))
    if parameters.endswith(";base64"):
        try:
            data = binascii.a2b_base64(data)
        except binascii.Error:
            yield File(b"", media_type=media_type, status=PartStatus.BROKEN, why="broken")
            return
    yield File(data, media_type=media_type)


def _name(tag: object) -> str:
    return str(tag).rpartition("}")[2]
