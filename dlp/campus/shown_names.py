"""Names that the header shows beside addresses: "Dear Hana" to Hana Berg is not said to another Hana.

Takes the text as read and who may be meant; gives whether To or Cc show somebody else of that first name, and whether a name in
a text is that of whom it speaks to. Pure; never fails.
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

_ADDRESS = re.compile(r"<[^<>]*>|\S+@\S+")
_CONTRACTED = re.compile("I['\u2019](?:d|ll|m|ve)\\b")
_BEFORE = 20  # characters of a line before a name
_SPEAKS = re.compile(rf"[\s>]*(?:{WORDS_OF_GREETING}[ ,]+)?", re.IGNORECASE)
_SPOKEN = re.compile(r" ?[,:;!\u2013\u2014-]")


def is_shown_as_another(texts: Texts, person: Student | Staff) -> bool:
    """Whether the name beside an address in To or Cc has the first name of somebody, and another behind it."""
    given, family = given_and_family(person)
    shown = (each.value for each in texts.fields if each.name.lower() in ("to", "cc"))
    names = (frozenset(words(name)) for value in shown for name in _ADDRESS.sub(",", value).split(","))
    return any(len(name) > 1 and not name.isdisjoint(given) and name.isdisjoint(family) for name in names)


def meant_by_one_word(texts: Texts, view: int, mention: Mention, people: Sequence[Person]) -> tuple[Person, ...]:
    """Those of people whom one word may mean: none by "I'd", none where it greets somebody whose whole name is in To or Cc."""
    text = texts.views[view].text
    if _CONTRACTED.match(text, mention.start):
        return ()
    if mention.form is Form.SINGLE and speaks_to_one(text, mention.start, mention.end):
        return tuple(each for each in people if not is_shown_as_another(texts, each))
    return tuple(people)


def speaks_to_one(text: str, start: int, end: int) -> bool:
    """Whether a name is that of whom a line greets, or speaks to: "Dear Hana," or "Hana: please ...".

    >>> speaks_to_one("Hana: it failed", 0, 4), speaks_to_one("So Hana: it failed", 3, 7)
    (True, False)
    """
    line = text[max(0, start - _BEFORE) : start].rpartition("\n")[2]
    return _SPEAKS.fullmatch(line) is not None and _SPOKEN.match(text, end) is not None
