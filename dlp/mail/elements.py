"""The elements of HTML by what they do to the text around them.

Takes nothing: sets of names in lower case, for the reader of pages. HTML 15.3 says how browsers show them, 13.1.2 which hold
raw text and which hold nothing.
"""

from __future__ import annotations

HIDDEN = frozenset({"script", "style"})
RAW = frozenset({"script", "style", "xmp", "iframe", "noembed", "noframes", "title", "textarea"})
VERBATIM = frozenset({"pre", "textarea", "xmp", "listing"})  # of what breaks a line
# fmt: off
BREAKS = frozenset((
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "dialog", "div",
    "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head",
    "header", "hr", "html", "legend", "li", "listing", "main", "menu", "nav", "ol", "optgroup", "option", "p", "pre",
    "section", "select", "summary", "textarea", "title", "ul", "xmp",
))
# fmt: on
ROWS = frozenset({"table", "tr", "thead", "tbody", "tfoot"})
CELLS = frozenset({"td", "th"})
APART = frozenset({"mn", "mtext", "mi", "text"})  # of MathML and SVG, placed by themselves
ABOVE = "rt"  # of ruby: small, above the line
PLACED = ROWS | CELLS | BREAKS | APART | {ABOVE}  # all others stand in a line
NEVER_CUT = BREAKS - {"details", "dialog", "title"} | ROWS | CELLS | {"br", "hr"}  # they stand between numbers, not within
VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
