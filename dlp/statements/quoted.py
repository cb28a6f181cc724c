"""Whose words a quotation is, so that "I failed" in it tells of the student who wrote it.

Takes what was read and the people in it; gives, by view, the students named in attributions and quoted From lines, and the
tokens of their sentences as somebody else would say them. Of a quotation whose attribution names two, nobody. Never fails.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from dlp.campus.people import People, Place
from dlp.campus.records import Student
from dlp.values import Texts

Writers = Mapping[int, Collection[tuple[str, str]]]  # by view: how a student is named in its attributions, and who that is
_SAID_OF = {
    "i": ("PRO",), "me": ("PRO",), "myself": ("PRO",), "my": ("PROS",), "mine": ("PROS",), "i'm": ("PRO", "is"),
    "i've": ("PRO", "have"), "i'd": ("PRO", "would"), "i'll": ("PRO", "will"), "am": ("is",),
}  # fmt: skip
_SPEAKS = frozenset(_SAID_OF) - {"am"}


def writers(texts: Texts, people: People) -> Writers:
    """Students who may have written what is quoted."""
    found: dict[int, set[tuple[str, str]]] = {}
    for one in people.identified:
        for at in one.findings if isinstance(one.record, Student) else ():
            if people.places.get(at) is Place.THREAD:
                sign = people.findings[at]
                found.setdefault(sign.view, set()).add((texts.views[sign.view].text[sign.start : sign.end], one.person))
    return found


def writer(by: str, known: Iterable[tuple[str, str]]) -> str:
    """The one student named in an attribution; "" for nobody."""
    named = {person for sign, person in known if re.search(rf"(?<![\w.@-]){re.escape(sign)}(?![\w-])", by)}
    return named.pop() if len(named) == 1 else ""


def speaks(tokens: Iterable[str]) -> bool:
    """Whether somebody says "I".

    >>> speaks("i failed".split()), speaks("it failed".split())
    (True, False)
    """
    return not _SPEAKS.isdisjoint(tokens)


def said_of(tokens: Iterable[str]) -> Iterator[str]:
    """What somebody says of himself, as another would say it of him.

    >>> " ".join(said_of("i'm on probation for my grades".split()))
    'PRO is on probation for PROS grades'
    """
    for token in tokens:
        yield from _SAID_OF.get(token, (token,))
