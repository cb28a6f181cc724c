"""Which attributes of Office XML hold words or numbers that people see, and which only measures and identifiers.

Takes an element's local name and its attributes by local names; gives those worth reading, and what they are. The namespaces
do not matter: the lists are of ECMA-376 part 1 and of what Microsoft added since (MS-DOCX, MS-XLSX, MS-PPTX). Nothing fails.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_DESCRIPTIONS = frozenset({"descr", "title", "alt"})
# attributes that hold words whatever element they stand at
_WORDS = frozenset(
    {"name", "author", "initials", "tooltip", "instr", "displayText", "string", "userId", "HelpText", "StatusText", "text"}
    | {"display", "displayName", "caption", "location", "promptTitle", "prompt", "errorTitle", "error", "comment", "user"}
    | {"userName", "altText", "altTextSummary", "totalsRowLabel", "description", "help", "command", "refreshedBy", "label"}
    | {"grandTotalCaption", "dataCaption", "rowHeaderCaption", "colHeaderCaption", "codeName", "lastValue", "placeholder"}
)
# elements whose `val` holds words
_VALUED = frozenset(
    {"alias", "tag", "docVar", "lvlText", "caption", "tblCaption", "tblDescription", "description", "name", "listEntry"}
    | {"default", "helpText", "statusText", "title", "docPart", "category", "separator", "filter", "customFilter", "query"}
)
# attributes that never do, though they may hold blanks
_MEASURES = frozenset(
    {
        "style",
        "fmla",
        "path",
        "points",
        "coordsize",
        "coordorigin",
        "adj",
        "eqn",
        "gfxdata",
        "Ignorable",
        "Requires",
        "typeface",
    }
    | {"schemaLocation", "script", "spt", "filter", "dashstyle", "ascii", "hAnsi", "eastAsia", "cs", "panose", "formatCode"}
    | {"limo", "connectlocs", "textboxrect", "connectangles", "from", "to", "control1", "control2", "progId", "spans"}
    | {"sqref", "activeCell", "topLeftCell", "hashValue", "saltValue", "hash", "salt", "mods", "rsidR", "rsidSect"}
)
_IDENTIFIERS = frozenset({"crossax", "tmpl", "nsid", "panose1"})  # elements whose `val` is one, beside those that end in "id"
_SHORTEST = 9
_LONGEST = 18  # digits
# nine digits or more, no fraction, no end of a GUID, no name that Word gives its own bookmarks
_LONG = re.compile(r"(?<![0-9.])(?<![0-9A-Fa-f]{4}-)(?<!_Toc)(?<!_Ref)(?<!_Hlk)[0-9](?:[-.']?[0-9]){8}")


def said(name: str, attributes: Mapping[str, str], *, custom: bool = False) -> list[tuple[str, str]]:
    """Of what kind ("descriptions", "markup"), and the value. `custom`: the XML is a person's own, and any may hold words."""
    found = []
    for key, value in attributes.items():
        if key in _DESCRIPTIONS:
            found.append(("descriptions", value))
        elif custom or key in _WORDS or (key == "val" and name in _VALUED) or _tells(name, key, value):
            found.append(("markup", value))
    return found


def is_long_number(text: str) -> bool:
    """As long as those that identify people, whatever stands around it."""
    return _LONG.search(text) is not None


def count(text: str, otherwise: int) -> int:
    """A whole number as an attribute says it, of no more digits than any program reads."""
    return int(text[:_LONGEST]) if text.isascii() and text.isdecimal() else otherwise


def _tells(name: str, key: str, value: str) -> bool:
    if " " in value or "@" in value:
        return key not in _MEASURES
    if len(value) < _SHORTEST or key in _MEASURES:
        return False
    identifier = (name if key == "val" else key).lower()
    return not (identifier.endswith("id") or identifier in _IDENTIFIERS) and is_long_number(value)
