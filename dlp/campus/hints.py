"""Signs that mean somebody only to those who know: "your daughter" to a parent, the last digits of an ID.

Takes a text and the few people who may be meant; gives mentions with those whom each may mean. Looks for the words first, so a
text without them costs next to nothing. Nothing here fails.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from dlp.campus.columns import has_digit
from dlp.campus.folding import folded_id
from dlp.campus.mentions import Form, Mention
from dlp.campus.people import Person
from dlp.campus.records import Student

_KIN = re.compile(r"\byour[ \n>]+(?:(?:own|eldest|youngest)[ \n>]+)?(?:daughter|son|child|kid|ward)(?![\w-])", re.IGNORECASE)
_ENDING = re.compile(
    r"\b(?:id|sid|number|no\.)[^\n]{0,30}?\b(?:ending|ends|end)(?: in| with)? ([0-9]{3,5})(?![0-9])"
    r"|(?<![\w*])(?:[*\u2022]{3,7}|[xX]{3,7})[ -]?([0-9]{2,5})(?![\w-])",
    re.IGNORECASE,
)
_MAY_END = ("ending", "ends in", "ends with", "***", "xxx", "XXX", "\u2022\u2022\u2022")


def hints(text: str, people: Collection[Person], children: Collection[Person]) -> Iterator[tuple[Mention, tuple[Person, ...]]]:
    """`children` are those of parents the message goes to; `people` all who are near it or identified in it."""
    if children:
        for match in _KIN.finditer(text):
            yield Mention(*match.span(), Form.KIN, (), ()), tuple(children)
    if has_digit(text) and any(map(text.__contains__, _MAY_END)):
        for match in _ENDING.finditer(text):
            digits = match[1] or match[2]
            meant = [one for one in people if isinstance(one, Student) and folded_id(one.id).endswith(digits)]
            if meant:
                yield Mention(*match.span(), Form.LAST_DIGITS, (), ()), tuple(meant)
