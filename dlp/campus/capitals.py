"""Words with a capital, as names have one: where they stand in a text, without those that only begin a sentence.

Takes one decoded text; gives matches. A word with words in lower case on both sides goes on in no name, and may be said to be
dull: nobody near the message is called so. Time is linear in the text. Nothing here fails.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Mapping

from dlp.campus.name_words import PARTICLES

ANNOUNCING = ("student ", "advisee ", "named ", "called ")  # behind these one word is a name
_ANNOUNCED_BY = frozenset(each[-2] for each in ANNOUNCING)
LETTER = "[^\\W\\d_]"
APOSTROPHES = "'\u2019\u02bc`\u00b4"
_CASELESS = (  # scripts without capitals but with blanks, their punctuation and digits left out
    "\u05d0-\u05f4\u0620-\u065f\u066e-\u06d3\u06d5-\u06ef\u06fa-\u06ff\u0750-\u077f\u08a0-\u08ff\u0900-\u0963\u0971-\u0de5\u0df2"
    "\u0df3\u0e01-\u0e4e\u0e80-\u0ecf\u1000-\u103f\u10d0-\u10ff\u1200-\u135f\u1780-\u17d3"
)


def _capitals() -> str:
    """Every upper-case letter of the scripts with two cases, as ranges inside a character class."""
    points = {point for point in range(0x41, 0x2000) if chr(point).isupper() or chr(point).istitle()}
    first = sorted(point for point in points if point - 1 not in points)
    last = sorted(point for point in points if point + 1 not in points)
    return "".join(f"{chr(one)}-{chr(other)}" for one, other in zip(first, last, strict=True))


PARTICLE = "|".join(sorted(PARTICLES, key=len, reverse=True))
_ENDS_RUN = f"(?:(?= (?!(?:{PARTICLE}|t)\\b)[a-z])()|)"  # the group says that a word in lower case follows: no name goes on
# each begins with one class, so that the search skips to the next capital
_ASCII_WORD = re.compile(f"[A-Z][A-Za-z]*+(?:['`-][A-Za-z]++)*+{_ENDS_RUN}")
_WORD = re.compile(
    f"[{_capitals()}{_CASELESS}][A-Za-z]*+"
    f"(?:{LETTER}|[\u0300-\u036f{_CASELESS}]|[{APOSTROPHES}\u2010-](?={LETTER}|[{_CASELESS}]))*+{_ENDS_RUN}"
)


def capitals(text: str, dull: Mapping[str, bool], ends: array[int] | None = None) -> Iterator[re.Match[str]]:
    """Every word with a capital, but for dull ones that stand alone and are not announced: most begin a sentence.

    `ends` takes where those begin that may end a cell: no word in lower case follows.
    """
    alone = True  # no name goes on
    for match in (_ASCII_WORD if text.isascii() else _WORD).finditer(text):
        if match.lastindex is None:
            alone = False
            if ends is not None:
                ends.append(match.start())
        elif not alone:
            alone = True
        elif dull[match[0]] and not (text[match.start() - 2] in _ANNOUNCED_BY and text.endswith(ANNOUNCING, 0, match.start())):
            continue
        yield match
