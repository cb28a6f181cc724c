"""Words of RTF: destinations, characters and character sets (Rich Text Format Specification 1.9.1).

Takes nothing, does nothing: tables for rtf.py. Nothing here fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# what a destination's content is: (how it is kept, place)
PICTURE = "pictures"
STORY, LINE, HEX, SKIP, FONTS, COLOURS, AROUND = "story", "line", "hex", "skip", "fonts", "colours", "around"

_KINDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (STORY, "headers", ("header", "headerl", "headerr", "headerf")),
    (STORY, "footers", ("footer", "footerl", "footerr", "footerf")),
    (STORY, "footnotes", ("footnote", "ftnsep", "ftnsepc", "aftnsep", "aftnsepc", "ftncn", "aftncn")),
    (STORY, "comments", ("annotation",)),
    (STORY, "text boxes", ("shptxt", "dptxbxtext", "do")),
    (LINE, "comments, markup", ("atnauthor", "atnid", "atntime", "atnref", "atnparent", "atrfstart", "atrfend")),
    (LINE, "field codes", ("fldinst", "ffname", "ffdeftext", "ffhelptext", "ffstattext", "ffl", "ffformat", "xe", "tc")),
    (LINE, "descriptions", ("sv", "hlfr", "hlsrc", "hlloc")),
    (
        LINE,
        "markup",
        (
            "upr",
            "listname",
            "file",
            "revtbl",
            "stylesheet",
            "bkmkstart",
            "objclass",
            "objname",
            "htmltag",
            "mhtmltag",
            "docvar",
        ),
    ),
    (LINE, "properties", ("title", "subject", "author", "manager", "company", "operator", "category", "keywords", "comment")),
    (LINE, "properties", ("doccomm", "hlinkbase", "propname", "staticval", "linkval", "generator")),
    (HEX, PICTURE, ("pict",)),
    (HEX, "", ("objdata", "datastore", "themedata", "colorschememapping", "passwordhash")),
    (SKIP, "", ("listtable", "listoverridetable", "rsidtbl", "latentstyles", "bkmkend", "sn", "nonesttables")),
    (SKIP, "", ("levelnumbers", "blipuid", "picprop", "pgptbl", "xmlnstbl", "filetbl", "pnseclvl")),
    (LINE, "list labels", ("leveltext", "pntxtb", "pntxta")),
    (FONTS, "", ("fonttbl",)),
    (COLOURS, "", ("colortbl",)),
    (AROUND, "", ("ud", "shppict", "nonshppict", "result", "fldrslt", "field", "object", "shp", "shpinst", "shprslt", "info")),
    (AROUND, "", ("userprops", "listtext", "pntext", "pn", "nesttableprops", "moveto", "movefrom", "background")),
)
DESTINATIONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {word: (kind, place) for kind, place, words in _KINDS for word in words}
)
ENDS = frozenset({"par", "line", "sect", "page", "column", "softline", "lbr"})  # of a line
CHARACTERS: Mapping[str, str] = MappingProxyType(
    {
        "tab": "\t",
        "emdash": "\u2014",
        "endash": "\u2013",
        "bullet": "\u2022",
        "lquote": "\u2018",
        "rquote": "\u2019",
        "ldblquote": "\u201c",
        "rdblquote": "\u201d",
        "emspace": " ",
        "enspace": " ",
        "qmspace": " ",
        "nestcell": "\t",
        "nestrow": "\n",
    }
)
SIGNS: Mapping[str, str] = MappingProxyType({"\\": "\\", "{": "{", "}": "}", "~": "\u00a0", "_": "-", "\t": "\t"})
SETS: Mapping[str, str] = MappingProxyType({"ansi": "cp1252", "mac": "mac-roman", "pc": "cp437", "pca": "cp850"})
# \fcharset -> codec; 1 is the document's own
FONT_SETS: Mapping[int, str] = MappingProxyType(
    {
        0: "cp1252",
        2: "cp1252",
        77: "mac-roman",
        78: "cp932",
        128: "cp932",
        129: "cp949",
        130: "johab",
        134: "gbk",
        136: "cp950",
        161: "cp1253",
        162: "cp1254",
        163: "cp1258",
        177: "cp1255",
        178: "cp1256",
        186: "cp1257",
        204: "cp1251",
        222: "cp874",
        238: "cp1250",
        254: "cp437",
        255: "cp850",
    }
)
