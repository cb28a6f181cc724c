"""What must be found however it is spelt: ID numbers in twelve spellings, numbers of that shape that no file has, listed words.

Takes authors and a world; letters with a number, and letters to a student about his or her own record, are sent with the number
or the Subject written in every way. Gives one Section.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from random import Random

from tests.accuracy.generate import Message, plain_letters
from tests.accuracy.measures import Goal, Rate
from tests.accuracy.report import Cell, Section, judged
from tests.accuracy.robust import actions
from tests.accuracy.tricks import Plain, opened
from tests.accuracy.world import World

_Written = Callable[[str], str]
_SEEDS = 3  # castings of each letter
_ALWAYS, _UNLISTED, _WORDS = Goal(0.999), Goal(0.98), Goal(1.0)
_ASKED_FOR = re.compile(r"\b(?i:student|university|univ\.?|campus) (?i:id|no|number|num)\b|\bID\b")
_NEAR = 40  # characters between such a word and the number


def _grouped(sign: str) -> _Written:
    return lambda number: sign.join((number[:3], number[3:6], number[6:]))


SPELLINGS: Mapping[str, _Written] = {
    "as it is": str,
    "blanks": _grouped(" "),
    "no-break blanks": _grouped("\u00a0"),
    "dashes": _grouped("-"),
    "en dashes": _grouped("\u2013"),
    "dots": _grouped("."),
    "slashes": _grouped("/"),
    "underscores": _grouped("_"),
    "full-width digits": lambda number: "".join(chr(0xFF10 + int(sign)) for sign in number),
    "zero-width characters": "\u200b".join,
    "soft hyphens": _grouped("\u00ad"),
    "two lines": lambda number: f"{number[:4]}\n{number[4:]}",
}
LISTED = (
    *("grade", "grades", "graded", "grading", "GPA", "GPAs", "academic difficulty", "academic difficulties"),
    *("financial hold", "financial holds", "disciplinary action", "disciplinary actions", "probation"),
    *("academic warning", "academic warnings", "required leave", "required leaves", "medical leave", "medical leaves"),
    *("hearing", "hearings", "CAP", "COD"),
)
SUBJECTS = ("{}", "Your {} this term", "Re: {}", "Fwd: about the {}, as promised", "October: {}.")


def spellings(authors: Sequence[str], world: World, seed: int, config: Path) -> Section:
    """The table."""
    numbers = list(_letters("number", authors, world, seed))
    rows = [*_numbers(numbers, config), _unlisted(numbers, world, config)]
    rows += _words(list(_letters("subject-word", authors, world, seed)), config)
    return Section(
        "However it is spelt",
        ("what", "stopped", "goal", "reached"),
        tuple(rows),
        "ID numbers to outside: held. Listed words in the Subject of a letter to the student alone: rewritten.",
    )


def _letters(intent: str, authors: Sequence[str], world: World, seed: int) -> Iterator[tuple[Message, Plain]]:
    for author, cast in product(authors, range(seed, seed + _SEEDS)):
        for message in plain_letters(author, world, cast):
            letter = opened(message.raw, message.students) if message.frame.intent.id == intent else None
            if letter:
                yield replace(message, id=f"{message.id}\t{cast}"), letter


def _numbers(letters: Sequence[tuple[Message, Plain]], config: Path) -> Iterator[tuple[Cell, ...]]:
    made = [
        replace(message, id=f"{name}\t{message.id}", raw=letter.respelt(letter.numbers, written).mail())
        for name, written in SPELLINGS.items()
        for message, letter in letters
    ]
    became = actions(config, made)
    for name in SPELLINGS:
        found = [action for which, action in became.items() if which.partition("\t")[0] == name]
        rate = Rate(found.count("hold"), len(found))
        yield f"ID number: {name}", rate, *judged(rate, _ALWAYS)
    rate = Rate(list(became.values()).count("hold"), len(became))
    yield "ID number: all twelve", rate, *judged(rate, _ALWAYS)


def _unlisted(letters: Sequence[tuple[Message, Plain]], world: World, config: Path) -> tuple[Cell, ...]:
    """Strangers with numbers nobody has, where the letter says that it is one."""
    taken, made = {each.id for each in world.students}, []
    for message, letter in letters:
        chance = Random(message.id)
        [student], stranger = letter.people, world.stranger(chance).name
        names = {student.name.given: stranger.given, student.name.family: stranger.family}
        number = next(each for each in (f"9{chance.randrange(10**8):08}" for _ in taken) if each not in taken)
        renamed = letter.respelt(letter.names, names.__getitem__)
        if any(_is_asked_for(renamed.text, hit) for hit in renamed.numbers.finditer(renamed.text)):
            made.append(replace(message, raw=renamed.respelt(letter.numbers, _always(number)).mail()))
    found = list(actions(config, made).values())
    rate = Rate(found.count("hold"), len(found))
    return "number of that shape in no file, a word for it nearby", rate, *judged(rate, _UNLISTED)


def _always(written: str) -> _Written:
    return lambda _: written


def _is_asked_for(text: str, hit: re.Match[str]) -> bool:
    return _ASKED_FOR.search(text, max(0, hit.start() - _NEAR), hit.end() + _NEAR) is not None


def _words(letters: Sequence[tuple[Message, Plain]], config: Path) -> Iterator[tuple[Cell, ...]]:
    made = []
    for word, subject, capital in product(LISTED, SUBJECTS, (False, True)):
        message, letter = Random(f"{word} {subject} {capital}").choice(letters)
        written = subject.format(word[0].upper() + word[1:] if capital else word)
        made.append(replace(message, id=f"{word}\t{written}", raw=replace(letter, subject=written).mail()))
    became = actions(config, made)
    missed = sorted({which.partition("\t")[0] for which, action in became.items() if action != "rewrite"})
    rate = Rate(list(became.values()).count("rewrite"), len(became))
    yield f"listed word in the Subject{', not always: ' * bool(missed)}{', '.join(missed)}", rate, *judged(rate, _WORDS)
