"""The words in the attributes of a page's elements.

Takes the attributes of one tag as written; gives each text in them with whether it belongs among the words a reader sees around
the tag, as a number that the element shows does. All attributes with a long number count, of the others those that carry words.
Linear; never fails.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from itertools import accumulate
from urllib.parse import unquote

_NAMES = "alt|title|href|value|start|content|placeholder|label|summary|abbr|aria-label|srcdoc|x:num"
_VALUE = r"""\s*+=\s*+("[^"]*+|'[^']*+|[^\s>]*+)"""
_ATTRIBUTE = re.compile(rf"""(?<![^\s/"'])({_NAMES}){_VALUE}""", re.IGNORECASE)
_ANY_ATTRIBUTE = re.compile(rf"""(?<![^\s/"'])(?!(?:{_NAMES})\s*+=)[^\s/>"'=]++{_VALUE}""", re.IGNORECASE)
_NOT_SHOWN = frozenset({"href", "srcdoc"})
_NUMBER = re.compile(r"(?:[0-9][^0-9]{0,3}){8}[0-9]")  # as long as an ID
_NO_DIGITS = bytes(set(range(256)) - set(b"0123456789"))
_LEAST_DIGITS = 9
_DIGITS = re.compile("[0-9]+")
_AROUND = 80  # characters of visible text on either side
_POWER = re.compile(r"([0-9])(?:[.,]([0-9]{1,15}))?E\+?([0-9]{1,2})", re.IGNORECASE)


def words(attributes: str) -> Iterator[tuple[str, bool]]:
    """The words of one tag's attributes, and whether they belong among the visible ones around the tag."""
    if "=" not in attributes:
        return
    for name, quoted in _ATTRIBUTE.findall(attributes):
        value = _whole(html.unescape(quoted.lstrip("\"'")))
        shown = unquote(value, errors="replace") if name.lower() == "href" else value
        if shown:
            yield shown, name.lower() not in _NOT_SHOWN and bool(_NUMBER.search(shown))
    digits = len(attributes.encode().translate(None, _NO_DIGITS))
    if digits >= _LEAST_DIGITS and _NUMBER.search(attributes):  # then any of them may be of interest
        for quoted in _ANY_ATTRIBUTE.findall(attributes):
            if _NUMBER.search(quoted):
                yield unquote(html.unescape(quoted.lstrip("\"'")), errors="replace"), False


def _whole(value: str) -> str:
    """A whole number that is written with a power of ten, as workbooks do; any other value as it is."""
    found = _POWER.fullmatch(value.strip())
    digits, power = (found[2] or "", int(found[3])) if found else ("", 0)
    return f"{found[1]}{digits.ljust(power, '0')}" if found and len(digits) <= power else value


def among_words(pieces: Sequence[str], numbers: Sequence[tuple[int, str]]) -> list[str]:
    """Each number an attribute shows, between the words a reader sees on either side, whose own digits are left out.

    The page's text is these pieces; of a number it is said how many of them stand before it.
    """
    if not numbers:
        return []
    ends = [0, *accumulate(map(len, pieces))]
    visible = "".join(pieces)
    lines = []
    for place, value in numbers:
        at = ends[place]
        before, after = visible[max(0, at - _AROUND) : at], visible[at : at + _AROUND]
        lines.append(even(" ".join((_DIGITS.sub("", before), value, _DIGITS.sub("", after)))))
    return lines


def even(text: str) -> str:
    """Each run of blanks one space."""
    for blank in "\t\n\r\f":
        if blank in text:
            text = text.replace(blank, " ")
    while "  " in text:
        text = text.replace("  ", " ")
    return text
