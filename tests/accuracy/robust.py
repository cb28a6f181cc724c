"""Whether what is stopped stays stopped when it is written or packed otherwise: `make accuracy ROBUST=1`, or `run --robust`.

Takes authors and a world; each letter and list that the filter stops as plain text (or as HTML) is judged again with each trick
done to it. Gives one Section: per trick how many stay stopped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

from tests.accuracy.generate import Message, list_messages, plain_letters
from tests.accuracy.judging import outcomes
from tests.accuracy.measures import Goal, Rate
from tests.accuracy.report import Cell, Section, judged
from tests.accuracy.tricks import PAGES, PLAIN, Plain, Trick, opened, page
from tests.accuracy.world import World

_KEPT = Goal(0.99)
_ORDER = ("pass", "warn", "rewrite", "hold")
_FORMS = ("lines", "csv")
_STOPPED = ("rewrite", "hold")


def robustness(authors: Sequence[str], world: World, seed: int, config: Path) -> Section:
    """The table."""
    letters = {
        message.id: (message, letter)
        for message in _letters(authors, world, seed)
        if (letter := opened(message.raw, world.students)) and message.copies[0].expected.action in _STOPPED
    }
    rows: list[tuple[Cell, ...]] = []
    for tricks, written in ((PLAIN, Plain.mail), (PAGES, page)):
        untouched = actions(config, [replace(message, raw=written(letter)) for message, letter in letters.values()])
        kept = [letters[name] for name, action in untouched.items() if action == letters[name][0].copies[0].expected.action]
        tried = [each for trick in tricks.items() for each in _done(*trick, kept, seed)]
        became = actions(config, tried)
        for name in tricks:
            wanted = [(message.copies[0].expected.action, became[message.id]) for message in tried if _trick(message) == name]
            rate = Rate(sum(_ORDER.index(got) >= _ORDER.index(action) for action, got in wanted), len(wanted))
            rows.append((name, rate, *judged(rate, _KEPT)))
    return Section(
        "Written or packed otherwise",
        ("trick", "still stopped", "goal", "reached"),
        tuple(rows),
        "Of the letters and lists that are stopped as plain text, or as HTML, those the trick can be done to.",
    )


def _letters(authors: Sequence[str], world: World, seed: int) -> Iterator[Message]:
    """Letters in plain text, and every layout of lists in the text and as a file."""
    for author in authors:
        yield from plain_letters(author, world, seed)
    yield from (message for message in list_messages(authors, world, seed) if message.form in _FORMS)


def _done(name: str, trick: Trick, kept: Sequence[tuple[Message, Plain]], seed: int) -> Iterator[Message]:
    for message, letter in kept:
        raw = trick(letter, Random(f"{seed} {message.id}"))
        if raw is not None:
            yield replace(message, id=f"{name}\t{message.id}", raw=raw)


def _trick(message: Message) -> str:
    return message.id.partition("\t")[0]


def actions(config: Path, made: Sequence[Message]) -> dict[str, str]:
    """What becomes of the first copy of each."""
    return {each.message: each.action for each in reversed(list(outcomes(config, made)))}
