"""A word as it is written, and its spellings as names are compared; which words name nobody where they stand alone.

Takes a word of a text, and the folded words by which people near the message are called; gives folded words, the likeliest
first, or whether it is dull. Each is worked out once. Nothing here fails.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from dlp.campus.folding import closed_up, folded_name
from dlp.campus.name_words import PARTICLES


@dataclass(slots=True)
class Word:
    start: int
    end: int
    written: str
    between: str = ""  # particles before it, run together
    folded: tuple[str, ...] = ()

    @property
    def is_initial(self) -> bool:
        return len(self.written) == 1

    def spellings(self) -> tuple[str, ...]:
        """Folded: hyphens closed up, and without or with a particle. Worked out once: most words are asked for none."""
        if not self.folded:
            self.folded = self._spellings()
        return self.folded

    def _spellings(self) -> tuple[str, ...]:
        if self.written.isascii() and self.written.isalpha() and not self.between:
            return (folded_name(self.written),)
        parts = folded_name(self.written).split()
        whole = closed_up(parts)
        spelt = [whole]
        if len(parts) > 1 and parts[0] in PARTICLES:
            spelt.append(closed_up(parts[1:]))
        if self.between:
            spelt.append(closed_up((self.between, whole)))
        return tuple(spelt)


class Dull(dict[str, bool]):
    """Whether a word that nothing announces names nobody where it stands alone: nobody is called by it as it is `familiar`."""

    def __init__(self, familiar: Collection[str]) -> None:
        super().__init__()
        self._familiar = familiar
        self._begin = {word[:1] for word in familiar}

    def __missing__(self, written: str) -> bool:
        if written.isalpha() and written.isascii():  # its first letter is the same when it is folded
            dull = written[0].lower() not in self._begin or folded_name(written) not in self._familiar
        else:
            dull = written.isalpha() and not self.is_familiar(written)
        self[written] = dull
        return dull

    def is_familiar(self, written: str) -> bool:
        """Whether somebody near is called so."""
        return bool(self._familiar) and any(map(self._familiar.__contains__, Word(0, 0, written).spellings()))
