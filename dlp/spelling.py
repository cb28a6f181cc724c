"""Did you mean: the known word a mistyped one probably stands for.

Takes what was typed and the words that exist; gives the nearest one within two edits, or nothing. Used for
configuration keys, pattern keys, commands and options; of the columns of a file, which others may add to as they like, the one
that is alike as a whole. Pure; nothing here fails.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_ALIKE = 0.75  # of the letters: purveiw, suppression and suppressed; no label for level
REACH = 2  # edits: what one slip of the fingers makes


def nearest(typed: str, known: Iterable[str]) -> str:
    """The known word fewest edits away, at most two and fewer than the word has letters; "" when there is none."""
    reach = min(REACH, len(typed) - 1)
    ranked = sorted((edits(typed.lower(), word.lower()), word) for word in known)
    return ranked[0][1] if ranked and ranked[0][0] <= reach else ""


def did_you_mean(typed: str, known: Iterable[str]) -> str:
    """'did you mean "x"?' for the nearest known word, or ""."""
    word = nearest(typed, known)
    return f'did you mean "{word}"?' if word else ""


def alike(typed: str, known: Iterable[str]) -> str:
    """The known word that has most of the letters in their order; "" when there is none."""
    return next(iter(get_close_matches(typed, list(known), 1, _ALIKE)), "")


def edits(left: str, right: str) -> int:
    """Insertions, deletions, replacements and swaps of neighbours that turn one word into the other."""
    before: list[int] = []
    above = list(range(len(right) + 1))
    for row, letter in enumerate(left, start=1):
        line = [row]
        for column, other in enumerate(right, start=1):
            cost = min(above[column] + 1, line[-1] + 1, above[column - 1] + (letter != other))
            swapped = row > 1 and column > 1 and letter == right[column - 2] and left[row - 2] == other
            line.append(min(cost, before[column - 2] + 1) if swapped else cost)
        before, above = above, line
    return above[-1]
