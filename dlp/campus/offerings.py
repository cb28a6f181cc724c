"""Which subjects a message names, by number or by title.

Takes the texts, the directory and the subjects that are likely (those sender and readers have to do with); gives folded
subject numbers, and whether others are named beside them. A number is looked up wherever it stands, a title only for the
likely ones. Bounded; nothing here fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice

from dlp.campus.directory import Directory
from dlp.campus.folding import folded_word
from dlp.campus.other_marks import marks_another
from dlp.values import Texts

# with letters before it ("CS 101"), and without: they may be a word of the sentence ("in 18.06")
_NUMBER = re.compile(r"(?<![\w.@-])(?:[A-Za-z]{1,5}[ .-]?)?(\d[\w.]{0,9}(?<!\.))")
# what looks like a number of a subject, wherever it is given
_SHAPED = re.compile(
    r"(?<![\w.@$-])(?<!\bat )(?<!\bRoom )(?<!\bBuilding )(?<!\bBldg )"
    r"(?:[A-Z]{2,4}[ .-]?(\d{3})[A-Z]?|(?:[6-9]|[12]\d)[A-Z]{0,2}\.[A-Z]?\d{2,4})"
    r"(?![\w%]|\.\d| ?(?:[ap]\.?m\b|dollars|euros|hours|marks|of\b|points))"
)
_LOOKED_UP = 300  # different numbers of one message


def named(texts: Texts, directory: Directory, likely: Iterable[str]) -> frozenset[str]:
    """The subjects this message is about, as far as it says so."""
    found: dict[str, None] = {}
    for view in texts.views:
        for match in _NUMBER.finditer(view.text):
            found.update(dict.fromkeys((folded_word(match[0]), folded_word(match[1]))))
            if len(found) >= _LOOKED_UP:
                break
    numbers = {number for number in found if directory.offerings(number)}
    plain = [" ".join(view.text.casefold().split()) for view in texts.views]
    titled = {subject for subject in likely if any(title in text for title in _titles(subject, directory) for text in plain)}
    return frozenset(numbers | set(map(folded_word, titled)))


def names_another(texts: Texts, subjects: Iterable[str], directory: Directory) -> bool:
    """Whether a message names by its number a subject that is none of these, on file or not, or has a mark in another."""
    known = frozenset(map(folded_word, subjects))
    numbers = (match for view in texts.views for match in islice(_SHAPED.finditer(view.text), _LOOKED_UP))
    if any(known.isdisjoint(map(folded_word, (match[0], match[1] or match[0]))) for match in numbers):
        return True
    offered = [each for subject in known for each in directory.offerings(subject)]
    titles = frozenset(folded_word(word) for each in offered for word in each.title.split())
    own = known.union(titles, (folded_word(word) for each in offered for word in each.department.split()))
    return any(marks_another(view.text, own, titles, known) for view in texts.views)


def _titles(subject: str, directory: Directory) -> set[str]:
    return {" ".join(offering.title.casefold().split()) for offering in directory.offerings(subject)} - {""}
