"""Whether a text says one of many phrases, by tables of words.

Takes a text once; answers for phrases: "employ*" stands for every word that begins so, several words for words in a row, where
only the last may have a star. Case and punctuation do not matter. Pure; nothing here fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Said:
    """The words of a text, a blank before and behind each: a phrase is then found at once, not word by word."""

    words: str

    @classmethod
    def of(cls, text: str) -> Said:
        return cls(f" {' '.join(_WORD.findall(text.casefold()))} ")

    def __bool__(self) -> bool:
        return not self.words.isspace()

    def has(self, phrase: str) -> bool:
        """Whether the words of the phrase follow each other."""
        return (f" {phrase[:-1]}" if phrase.endswith("*") else f" {phrase} ") in self.words

    def has_one(self, phrases: Iterable[str]) -> bool:
        return any(map(self.has, phrases))
