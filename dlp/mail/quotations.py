"""What the markup of a page says of whose words stand where: quotations, the line above one, quoted headers, signatures.

Takes tags one by one, each with how much of the page's text stands before it; gives lines of that text. It knows the elements
mail programs write around such text. Words that share a line with others count as theirs. Linear; never fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from dlp.values import Mark, Marked

NESTS = frozenset({"div", "blockquote", "pre", "span", "table"})  # elements that may hold such text, and what ends with them
_DEEPEST = 100
_MOST = 500  # of one page
_LINE_END = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")  # as folding has them
_ODD_ENDS = "\r\x0b\x0c\x85\u2028\u2029"
_BORDERLESS = re.compile(r"border(?:-left)?\s*:\s*(?:none|0)")  # a blockquote that only indents

# what stands in an element's attributes, in lower case
_SIGNS = (
    (Mark.ATTRIBUTION, ("gmail_attr", "moz-cite-prefix", "moz-email-headers-table")),
    (Mark.HEADER, ("divrplyfwdmsg", "solid #e1e1e1", "solid #b5c4df")),
    (Mark.QUOTE, ("yahoo_quoted", "moz-forward-container")),
    (
        Mark.SIGNATURE,
        (
            *("gmail_signature", "moz-signature", "applemailsignature", "protonmail_signature"),
            *("ms-outlook-mobile-signature", 'id="signature"', "id=signature"),
        ),
    ),
)


def sign(attributes: str) -> Mark | None:
    """What an element with these attributes, in lower case, holds."""
    if not (
        "ignature" in attributes
        or "_quoted" in attributes
        or "moz-" in attributes
        or "gmail_attr" in attributes
        or "divrply" in attributes
        or "solid #" in attributes
    ):
        return None
    return next((mark for mark, words in _SIGNS if any(word in attributes for word in words)), None)


@dataclass(slots=True)
class Quotations:
    """The marks met so far, as pieces of the page's text, and the elements open since the first that is not closed."""

    found: list[tuple[Mark, int, int]] = field(default_factory=list)
    open: list[tuple[str, Mark | None, int]] = field(default_factory=list)
    _deeper: int = 0

    def tag(self, name: str, mark: Mark | None, attributes: str, at: int, *, closing: bool) -> None:
        """One tag, when it has a mark, is a blockquote's, or stands in something marked; `at` pieces stand before it."""
        if name == "blockquote" and not closing and not mark and not _BORDERLESS.search(attributes.lower()):
            mark = Mark.QUOTE
        if name not in NESTS or not (mark or self.open):
            return
        if not closing:
            self._begin(name, mark, at)
        elif self._deeper:
            self._deeper -= 1
        else:
            self._end(name, at)

    def _begin(self, name: str, mark: Mark | None, at: int) -> None:
        if len(self.open) < _DEEPEST:
            self.open.append((name, mark, at))
        else:
            self._deeper += 1

    def _end(self, name: str, at: int) -> None:
        """The element closes, and with it all in it; where it is one around everything marked, that closes."""
        while self.open:
            inner, mark, start = self.open.pop()
            if mark and start < at and len(self.found) < _MOST:
                self.found.append((mark, start, at))
            if inner == name:
                break

    def lines(self, pieces: Sequence[str]) -> Iterator[Marked]:
        """What is said of whole lines of a text that is made of these pieces."""
        self._deeper = 0
        while self.open:
            self._end("", len(pieces))
        ends = _line_ends(pieces, {at for _, *both in self.found for at in both})
        for mark, start, end in sorted(self.found, key=lambda each: each[1:]):
            first = ends[start] + 1 if start else 0
            last = ends[end] + (end == len(pieces) or "\n" in pieces[end])
            if first < last:
                yield Marked(mark, first, last)


def _line_ends(pieces: Sequence[str], places: Iterable[int]) -> dict[int, int]:
    """How many lines end before each of these pieces."""
    found: dict[int, int] = {}
    at = lines = 0
    for place in sorted(places):
        text = "".join(pieces[at:place])
        lines += len(_LINE_END.findall(text)) if any(end in text for end in _ODD_ENDS) else text.count("\n")
        found[place], at = lines, place
    return found
