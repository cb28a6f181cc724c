"""Whether it matters whose names stand in a letter: `make accuracy CULTURES=1`, or `run --cultures`.

Takes authors and a world; each letter is written again about people of each culture of names, in a university where everybody
is of it, and judged. Gives one Section: per culture, how many of the same letters that must be held are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests.accuracy.generate import plain_letters
from tests.accuracy.judging import outcomes, prepared
from tests.accuracy.measures import HARMLESS_HELD, HOLDS, Goal
from tests.accuracy.names import CULTURES
from tests.accuracy.report import Cell, Section
from tests.accuracy.world import World

_APART = Goal(0.01, at_most=True)


def cultures(authors: Sequence[str], world: World, seed: int, folder: Path) -> Section:
    """The table; below it, how far the cultures are apart."""
    rows: list[tuple[Cell, ...]] = []
    shares = []
    for culture in CULTURES:
        those = replace(world, culture=culture)
        prepared(those, folder / culture)
        made = [message for author in authors for message in plain_letters(author, those, seed)]
        found = list(outcomes(folder / culture / "site" / "config.toml", made))
        shares.append(HOLDS.rate(found).share)
        rows.append((culture, HOLDS.rate(found), HARMLESS_HELD.rate(found)))
    apart = max(shares) - min(shares)
    return Section(
        "The same letters, names of each culture",
        ("names", "held of what must be", "harmless: held"),
        tuple(rows),
        f"{100 * apart:.1f} points apart; goal: at most {100 * _APART.share:.0f}.",
    )
