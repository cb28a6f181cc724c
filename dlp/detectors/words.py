"""Word lists to one linear expression each: whole words, with their inflections, also inside file names.

Takes words and phrases as an administrator writes them, gives an expression for google-re2 whose group `hit` is the
word itself. A word ends where letters end, so `final_grades_8.01.xlsx` holds the word "grades". Nothing here fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

BEFORE = r"(?:^|[^\pL\pM])"  # the border is part of the match, because re2 cannot look around; the hit is group `hit`
AFTER = r"(?:$|[^\pL\pM])"
_BETWEEN = r"[\s_>\x{2010}-\x{2015}-]{1,4}"  # within a phrase: a wrapped and quoted line ends in "\n> "
_SHORTEST_VERB = 4  # shorter words ("id", "GPA") take a plural only


def expression(words: Iterable[str], *, exact: bool = False) -> str:
    """One alternation of all words. With `exact` (acronyms) the case must be as written, and only a plural s may follow."""
    forms = "|".join(_phrase(word, exact=exact) for word in words)
    return f"{'' if exact else '(?i)'}{BEFORE}(?P<hit>{forms}){AFTER}"


def _phrase(words: str, *, exact: bool) -> str:
    *first, last = re.split(r"[\s_-]+", words.strip())
    return _BETWEEN.join([*map(_literal, first), _literal(last) + "s?" if exact else _inflected(last)])


def _literal(word: str) -> str:
    return "".join(letter if letter.isalnum() else rf"\x{{{ord(letter):x}}}" for letter in word)


def _inflected(word: str) -> str:
    """English endings: grade(s, d, ing), warning(s), penalty/penalties, enrol(led)."""
    if not word.isalpha() or len(word) < _SHORTEST_VERB:
        return _literal(word) + "s?"
    if word.endswith("e"):
        return word[:-1] + "(?:e[sd]?|ing)"
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "(?:y|ies|ied|ying)"
    doubled = f"{word[-1]}?"
    return f"{word}(?:(?:e?s)|{doubled}(?:ed|ing))?"
