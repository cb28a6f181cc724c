"""Text that is seen elsewhere than where it is written: ordered by style, above other text, in rows that run to the left.

Takes a page's source, or its text; gives it in the order it is seen in. It knows elements side by side that each say their own
place, ruby, and numbers across cells; no layout. Linear; never fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

LEAST = 5  # elements that say their place: of fewer nobody makes a number
_PIECE = r"<([A-Za-z][\w-]{0,20})((?:[\s/][^<>]{0,400})?)>([^<>]{0,40})</\1\s{0,9}>\s{0,40}"
_RUN = re.compile(rf"(?:{_PIECE}){{{LEAST},}}+")
_EACH = re.compile(_PIECE)
OVERRIDES = re.compile(r"<bdo\b|(?:bidi|isolate)-override", re.IGNORECASE)
_PLACE = re.compile(
    r"(?:(?<![-\w])(?:order|left)|grid-column(?:-start)?)\s*:\s*(-?\d{1,5})|grid-area\s*:\s*\d{1,5}\s*/\s*(\d{1,5})",
    re.IGNORECASE,
)
_BELOW = re.compile(r"[^<>]{0,40}(?:</rb\s*>)?(?:<rp\b[^<>]{0,400}>[^<>]{0,9}</rp\s*>)?<rt\b", re.IGNORECASE)
_TURNED_NUMBER = re.compile(r"\d(?:\s{0,2}\d){6,}")
_ACROSS = re.compile(r"(?<!\d)\d{1,8}(?:\t\d{1,8})+(?!\d)")


def says_place(attributes: str) -> bool:
    """Whether an element says where among its neighbours it is seen."""
    return bool(_PLACE.search(attributes))


def ordered(source: str) -> str:
    """Short elements side by side in the order of the places they say."""
    return _RUN.sub(lambda run: "".join(text for _, text in sorted(map(_placed, _EACH.findall(run[0])), key=_first)), source)


def above(source: str) -> str:
    """Ruby without the text below it."""
    return _BELOW.sub("<rt", source)


def leftwards(text: str) -> str:
    """Numbers that stand in cells side by side, the last first."""
    return _ACROSS.sub(lambda run: _joined(run[0].split("\t")[::-1]), text)


def turned(text: str) -> Iterator[str]:
    """Long numbers from behind: sign by sign, then piece by piece."""
    yield _TURNED_NUMBER.sub(lambda match: "".join(match[0].split())[::-1], text)
    yield _TURNED_NUMBER.sub(lambda match: " ".join(reversed(match[0].split())), text)


def backwards(text: str) -> str:
    """Each line from behind, as it is seen where style or a tag overrides the direction of its letters."""
    return "\n".join(line[::-1] for line in text.split("\n"))


def _placed(piece: tuple[str, str, str]) -> tuple[int, str]:
    found = _PLACE.search(piece[1])
    return int(found[1] or found[2]) if found else 0, piece[2]


def _first(placed: tuple[int, str]) -> int:
    return placed[0]


def _joined(numbers: list[str]) -> str:
    return ("" if max(map(len, numbers)) == 1 else " ").join(numbers)
