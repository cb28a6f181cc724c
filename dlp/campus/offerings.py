"""Which subjects a message names, by number or by title.

Takes the texts, the directory and the subjects that are likely (those sender and readers have to do with); gives folded
subject numbers. A number is looked up wherever it stands, a title only for the likely ones. Bounded; nothing here fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from dlp.campus.directory import Directory
from dlp.campus.folding import folded_word
from dlp.values import Texts

# with letters before it ("CS 101"), and without: they may be a word of the sentence ("in 18.06")
_NUMBER = re.compile(r"(?<![\w.@-])(?:[A-Za-z]{1,5}[ .-]?)?(\d[\w.]{0,9}(?<!\.))")
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
    return frozenset(numbers | {folded_word(subject) for subject in likely if _title_stands(subject, texts, directory)})


def _title_stands(subject: str, texts: Texts, directory: Directory) -> bool:
    titles = {offering.title.casefold() for offering in directory.offerings(subject) if offering.title}
    return any(title in view.text.casefold() for title in titles for view in texts.views)
