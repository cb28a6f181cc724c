"""Names that the header shows beside addresses: "Dear Hana" to Hana Berg is not said to another Hana.

Takes what was read and who may be meant; gives these names, whether they show somebody else of that first name, and whether a
name in a text is that of whom it speaks to. Pure; never fails.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dlp.campus.mentions import Form, Mention
from dlp.campus.names import given_and_family, words
from dlp.campus.people import Person
from dlp.campus.places import WORDS_OF_GREETING
from dlp.campus.records import Staff, Student
from dlp.values import Texts

Shown = tuple[frozenset[str], ...]  # the words of each name in To and Cc

_ADDRESS = re.compile(r"<[^<>]*>|\S+@\S+")
_CONTRACTED = re.compile("I['\u2019](?:d|ll|m|ve)\\b")
# beside a first name in the name of an address: no last name
_NO_NAMES = frozenset(
    ("alt", "and", "aol", "at", "cell", "class", "dad", "family", "father", "gmail", "group", "home", "hotmail", "icloud",
     "list", "mobile", "mom", "mother", "mum", "new", "of", "office", "old", "outlook", "parent", "parents", "personal",
     "phone", "private", "proton", "roommate", "school", "student", "the", "uni", "work", "yahoo")
)  # fmt: skip
_BEFORE = 20  # characters of a line before a name
_SPEAKS = re.compile(rf"[\s>]*(?:{WORDS_OF_GREETING}[ ,]+)?", re.IGNORECASE)
# "Hana: failed" is a label, and no line that speaks to her
_TELLS = r"(?:\w+ed|did|does|got|had|has|he|is|on|she|they|was|[A-F][+-]?|[0-9]\S*)(?:\s|[,;.]|$)"
_SPEAKS_ON = (  # so a line begins that is said to somebody: with a sentence of its own, not "failing 8.01" or "bulimic"
    r"[ \t]*(?:\n|\Z|(?-i:[^\W\d_a-z])|(?:an?|any|are|as|at|can|could|for|from|here|how|i|if|in|it|just|let|my|no|one|our"
    r"|please|see|some|sorry|thanks?|that|the|there|this|we|what|when|where|who|why|will|yes|you|your)\b)"
)
_SPOKEN = re.compile(
    rf"(?![^\n]{{0,200}}\b(?:her|him|his|she)\b) ?(?:[,;!]|[:\u2013\u2014-](?={_SPEAKS_ON}))(?! ?{_TELLS})", re.IGNORECASE
)


def shown_names(texts: Texts) -> Shown:
    """The words of each name beside an address in To and Cc."""
    shown = (each.value for each in texts.fields if each.name.lower() in ("to", "cc"))
    names = (frozenset(words(name)) for value in shown for name in _ADDRESS.sub(",", value).split(",") if _is_one(name))
    return tuple(name for name in names if len(name) > 1 and name.isdisjoint(_NO_NAMES))


def _is_one(name: str) -> bool:
    """Whether the words of a name are all written alike, without figures: not "Hana (8.01)", nor "Hana mechanics"."""
    first, *others = name.replace('"', " ").split() or [""]
    return all(word[:1].isupper() >= first[:1].isupper() and not any(map(str.isdigit, word)) for word in others)


def is_shown_as_another(shown: Shown, person: Student | Staff) -> bool:
    """Whether one of these names has the first name of somebody, and another last name, not an initial of this one."""
    given, family = given_and_family(person)
    own = family.union(name[:1] for name in family)
    return any(not name.isdisjoint(given) and name.isdisjoint(family) and not name <= given | own for name in shown)


def meant_by_one_word(shown: Shown, text: str, mention: Mention, people: Sequence[Person]) -> tuple[Person, ...]:
    """Those of people whom one word may mean: none by "I'd", none where it greets somebody whose whole name is in To or Cc."""
    if _CONTRACTED.match(text, mention.start):
        return ()
    if mention.form is Form.SINGLE and speaks_to_one(text, mention.start, mention.end):
        return tuple(each for each in people if not is_shown_as_another(shown, each))
    return tuple(people)


def speaks_to_one(text: str, start: int, end: int) -> bool:
    """Whether a name is that of whom a line greets, or speaks to: "Dear Hana," or "Hana: please ...".

    >>> speaks_to_one("Hana: it failed", 0, 4), speaks_to_one("So Hana: it failed", 3, 7)
    (True, False)
    """
    line = text[max(0, start - _BEFORE) : start].rpartition("\n")[2]
    return _SPEAKS.fullmatch(line) is not None and _SPOKEN.match(text, end) is not None
