"""By which words the students near an address are called: those whom somebody teaches or advises.

Takes single words and initials with the IDs of students called so; gives a Near, which says whom a word means here, and which
long words there are, to be compared with one that has a letter wrong. Several are joined to one. Pure; never fails.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar

Key = TypeVar("Key")
LONG = 7  # letters of a name in which one may be wrong


@dataclass(frozen=True, slots=True)
class Near:
    """Words by which students are called, and their initials ("j.k."), to IDs; of the words the long ones, by first letter
    and length. `ordinary` are first names that are words of the language.
    """

    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    long: Mapping[tuple[str, int], tuple[str, ...]] = field(default_factory=dict)
    ordinary: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __contains__(self, word: str) -> bool:
        return word in self.words

    def __len__(self) -> int:
        return len(self.words) + len(self.ordinary)

    def meant(self, word: str) -> tuple[str, ...]:
        """The IDs of those who are called so."""
        return self.words.get(word, ())


NOBODY = Near()


def near(words: Mapping[str, tuple[str, ...]], ordinary: Mapping[str, tuple[str, ...]] = MappingProxyType({})) -> Near:
    """With the long ones found."""
    long: dict[tuple[str, int], list[str]] = {}
    for word in words:
        if len(word) >= LONG:
            long.setdefault((word[0], len(word)), []).append(word)
    return Near(words, {size: tuple(found) for size, found in long.items()}, ordinary)


def together(several: Sequence[Near]) -> Near:
    """Whoever is near any of several addresses."""
    if len(several) < 2:
        return several[0] if several else NOBODY
    return Near(
        _joined([one.words for one in several]),
        _joined([one.long for one in several]),
        _joined([one.ordinary for one in several]),
    )


def _joined(several: Sequence[Mapping[Key, tuple[str, ...]]]) -> Mapping[Key, tuple[str, ...]]:
    found: dict[Key, tuple[str, ...]] = {}
    for one in several:
        both = {key: tuple(dict.fromkeys((*found[key], *one[key]))) for key in found.keys() & one.keys()}
        found = {**found, **one, **both}
    return found
