"""Invented names of eight cultures, in three pools that share no name: what one split's letters are about, no other's are.

Takes a pool's number, how often a name is made of everyday words, whether many are wanted, and chance; gives Names. Nobody
bears them on purpose. A few thousand different names are enough for 400 people; of many half a million are, so that of
12,000 people two or three in a hundred have a namesake, and of a million most.
"""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Name:
    given: str
    family: str
    she: bool
    culture: str


POOLS = 3
WORDS = "words"  # the culture of names that are everyday words
_MIDDLES = ("", "an", "el", "in", "or", "um", "ar", "es", "il", "on", "ad", "ir", "ev")
_PARTICLES = {"de", "del", "van", "von"}
_CULTURES = tomllib.loads((Path(__file__).parent / "names.toml").read_text(encoding="utf-8"))
_EVERYDAY = _CULTURES.pop(WORDS)
CULTURES = (*_CULTURES, WORDS)


def of_pool(pool: int, words: str) -> list[str]:
    """The words of one pool: every third, and no other pool's."""
    return [word.replace("-", " ") if word.partition("-")[0] in _PARTICLES else word for word in words.split()[pool::POOLS]]


@cache
def _families(culture: str, pool: int, *, many: bool) -> tuple[str, ...]:
    names = _CULTURES[culture]
    stems, endings = of_pool(pool, names.get("stems", "")), names.get("endings", "").split()
    middles = _MIDDLES if many else _MIDDLES[:1]
    made = map("".join, product(stems, middles, middles, endings))
    return (*of_pool(pool, names["families"]), *dict.fromkeys(made))


@dataclass(frozen=True, slots=True)
class Names:
    """Draws names. `words` is the share made of everyday words; `only`, the one culture all others are of."""

    pool: int
    words: float = 0.02
    many: bool = False
    only: str = ""

    def _everyday(self, part: str) -> list[str]:
        """More of them where everybody is called so."""
        more = of_pool(self.pool, _EVERYDAY[f"more_{part}"]) if self.only == WORDS else []
        return [*of_pool(self.pool, _EVERYDAY[part]), *more]

    def draw(self, chance: random.Random) -> Name:
        if chance.random() < self.words or self.only == WORDS:
            given, family = (chance.choice(self._everyday(part)) for part in ("given", "family"))
            return Name(given, family, chance.random() < 0.5, WORDS)
        culture = chance.choice(tuple(_CULTURES))
        culture = self.only or culture
        names, she = _CULTURES[culture], chance.random() < 0.5
        given = chance.choice(of_pool(self.pool, names["women" if she else "men"]))
        families = _families(culture, self.pool, many=self.many)
        family = chance.choice(families)
        if culture == "hispanic" and chance.random() < 0.3:
            family += " " + chance.choice(families)
        return Name(given, family, she, culture)


def inverted(name: Name, chance: random.Random) -> str:
    """As people write names in letters: mostly given name first; family name first in part of East Asia."""
    if name.culture == "east-asian" and chance.random() < 0.2:
        return f"{name.family} {name.given}"
    return f"{name.given} {name.family}"
