"""Names in Han, kana or Hangul, which write no blank between words.

Takes one folded text; gives spans with the name as keys have it (names.py): a short run whole, in a longer one what begins
with a family name, two cells side by side. Time and number are linear in the text. Nothing here fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dlp.campus.folding import folded_name
from dlp.campus.name_words import CHARACTER_FAMILIES, HONORIFICS
from dlp.campus.names import CHARACTERS

_SHORT_RUN = 7  # characters: a name and no more, a blank in it
_LENGTHS = (5, 4, 3, 2)
_CELLS = re.compile(f"(?<![{CHARACTERS}])([{CHARACTERS}]{{1,3}})[,\t]([{CHARACTERS}]{{1,3}})(?![{CHARACTERS}])")
_RUN = re.compile(f"[{CHARACTERS}]+(?: [{CHARACTERS}]+)?")

Written = tuple[int, int, str]  # start, end, and the name without blanks


def names_in_characters(text: str) -> Iterator[Written]:
    for match in _CELLS.finditer(text):
        yield match.start(), match.end(), folded_name(match[1] + match[2])
    for match in _RUN.finditer(text):
        run = match[0]
        for honorific in HONORIFICS:
            if run.endswith(honorific) and len(run) > len(honorific) + 1:
                run = run.removesuffix(honorific).rstrip()
        folded = folded_name(run)
        if len(folded) == len(run):  # else there are letters in it that are two: none of a name
            if len(run) <= _SHORT_RUN:
                yield _written(match.start(), folded)
            yield from _in_run(match.start(), run, folded)


def _in_run(at: int, run: str, folded: str) -> Iterator[Written]:
    for first in range(len(run) - 1):
        if run[first] in CHARACTER_FAMILIES or run[first : first + 2] in CHARACTER_FAMILIES:
            for length in _LENGTHS:
                name = folded[first : first + length]
                if len(name) == length < len(run) and name[-1] != " ":
                    yield _written(at + first, name)


def _written(at: int, folded: str) -> Written:
    return at, at + len(folded), folded.replace(" ", "")
