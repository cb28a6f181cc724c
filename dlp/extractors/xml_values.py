"""XML as people read it: every text and attribute under the name of its element.

Takes a Source; gives each value with its names, and elements that repeat as grids. Entities the document itself declares are
put in, within the parser's bound on how far they unfold; no DTD is loaded. What is no XML was read as text beside this, so
nothing is given and nothing raised, unless it declares entities: then it could have said more than its characters.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from dlp.extractors import values
from dlp.extractors.content import Budget, Piece, Source, Text, broken

_TEXT = frozenset({"text", "p"})  # elements whose parts are one text, in SVG and in documents


def xml_values(source: Source, budget: Budget) -> Iterator[Piece]:
    """One XML document."""
    parser = etree.XMLParser(no_network=True, load_dtd=False)  # by default only a document's own entities are put in
    try:
        root = etree.fromstring(source.data, parser)
    except (etree.XMLSyntaxError, ValueError):
        if b"<!ENTITY" in source.data or "<!ENTITY".encode("utf-16-le") in source.data.replace(b"\0\0", b"\0"):
            raise broken() from None
        return
    asides = [each.text or "" for each in root.iter(etree.Comment, etree.ProcessingInstruction)]
    yield from values.pieces(_value(root, budget), budget)
    yield Text("\n".join(asides), "comments")


def _value(element: etree._Element, budget: Budget, *, within: bool = False) -> values.Value:
    """An element as named values; one that has text only is that text. `within`: it stands in a text that was given whole."""
    budget.take("cells", 1 + len(element.attrib))
    named: dict[str, list[values.Value]] = {_name(str(name)): [str(value)] for name, value in element.attrib.items()}
    children = [child for child in element if isinstance(child.tag, str)]
    mixed = not within and (any((child.tail or "").strip() for child in element) or _name(element.tag) in _TEXT)
    text = "".join(map(str, element.itertext())) if mixed else element.text or ""
    for child in children:
        named.setdefault(_name(child.tag), []).append(_value(child, budget, within=within or mixed))
    if not named:
        return text.strip()
    pairs = tuple((name, found if len(found) > 1 else found[0]) for name, found in named.items())
    return (*pairs, ("", text.strip())) if text.strip() else pairs


def _name(tag: str) -> str:
    """Without its namespace."""
    return tag.rpartition("}")[2]
