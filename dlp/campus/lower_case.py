"""People listed in lower case, as shells, chats and address books have them: "hana kim 14", one below the other.

Takes one decoded text and who answers to keys of a name; gives Sightings, as mentions.py and signs.py do for names with a
capital. Two words in lower case are a name only where most of a list of three or more are. Linear; fails only as the directory
does (Unavailable).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from dlp.campus.columns import LEAD
from dlp.campus.folding import closed_up, folded_name
from dlp.campus.mentions import Form, Mention, pairs
from dlp.campus.name_words import BREAKS, TITLES
from dlp.campus.people import Person, Strength, identity
from dlp.campus.signs import Sighting, in_order

_NEAR = 3  # lines from one cell of a list to the next
_LIST = 3
_SHORT, _SHORTEST, _LONG = 44, 5, 4_000  # characters of a line; a shorter one was not broken because it was full
_COMMAS = 2
_LETTERS = "[^\\W\\d_A-Z]"
_WORD = f"{_LETTERS}++(?:[-'\u2019]{_LETTERS}++)*+"
_BEHIND = r"""(?=[ ]?(?:$|[\t|;,:<>("=]|[ ]|[._\u2026]{2})|[ ]+(?:[0-9]|[a-fA-F][+-]?(?!\w)|[-\u2013\u2014=][ ]))"""
_NAME = rf"{LEAD}({_WORD})(?:[ ]({_WORD}))?(?:[ ]({_WORD}))?[ ]({_WORD}){_BEHIND}"
_FIRST = re.compile(_NAME)
_LAST_FIRST = re.compile(rf"{LEAD}({_WORD})(?:, ?| *[|\t] *|  +)({_WORD}){_BEHIND}")
_FURTHER = re.compile(rf"""[ \t|;,:<>"](?:(?<=[^ ])|(?=[ ])){_NAME}""")
_HAS_CELLS = re.compile(r"[\t|;,:<>\"]|  ")
_MAY_BE_NAMED = re.compile(rf"{_LETTERS}(?: +|, ?| *[|\t] *){_LETTERS}")
_NO_NAMES = BREAKS | TITLES


class _Cell(NamedTuple):
    """A cell that may be a name, and the line it stands in."""

    line: int
    mention: Mention


def in_lower_case(view: int, text: str, named: Callable[[Sequence[str]], tuple[Person, ...]]) -> Iterator[Sighting]:
    """Everybody in such lists."""
    for run in _runs(text):
        signs = [(cell, people) for cell in run if (people := named(cell.mention.keys))]
        if len({identity(people[0]) for _, people in signs}) >= _LIST and _is_list(run, [cell for cell, _ in signs], text):
            for cell, people in signs:
                yield Sighting(view, cell.mention, in_order(cell.mention, people), Strength.STRONG)


def _runs(text: str) -> Iterator[list[_Cell]]:
    """Cells near each other, three and more."""
    run: list[_Cell] = []
    for cell in _cells(text):
        if run and cell.line - run[-1].line > _NEAR:
            yield from (run,) if len(run) >= _LIST else ()
            run = []
        run.append(cell)
    if len(run) >= _LIST:
        yield run


def _is_list(run: Sequence[_Cell], known: Sequence[_Cell], text: str) -> bool:
    """Whether three in five lines of a run name somebody, or, of fewer lines, three in five of their cells."""
    lines = {cell.line for cell in known}
    if len(lines) < _LIST:
        return 5 * len(known) >= 3 * sum(cell.line in lines for cell in run)
    between = text[known[0].mention.start : known[-1].mention.end].split("\n")
    return 5 * len(lines) >= 3 * sum(map(bool, map(str.strip, between)))


def _cells(text: str) -> Iterator[_Cell]:
    lines = text.split("\n")
    cells = _may_have_cells(text)
    rows = [
        nth
        for nth, line in enumerate(lines)
        if (len(line) >= _SHORTEST and not line[0].isupper() if len(line) <= _SHORT else cells and _is_long_row(line))
    ]
    starts = [0, *accumulate(len(line) + 1 for line in lines)] if rows else []
    for nth in rows:
        start, end = starts[nth], starts[nth + 1] - 1
        found = [_FIRST.match(text, start, end), _LAST_FIRST.match(text, start, end)]
        if _HAS_CELLS.search(text, start, end):
            found += _FURTHER.finditer(text, start, end)
        for match in filter(None, found):
            words = [word for word in match.groups() if word]
            if all(word.islower() and word not in _NO_NAMES for word in words):
                yield _Cell(nth, _mention(Form.LISTED if match is found[1] else Form.FULL, match, words))


def _is_long_row(line: str) -> bool:
    return len(line) <= _LONG and _may_have_cells(line) and _MAY_BE_NAMED.search(line) is not None


def _may_have_cells(text: str) -> bool:
    """False of most lines of prose; of a whole text without cells no line is asked."""
    if "\t" in text or "|" in text or text.count(":") > _COMMAS or "  " in text:
        return True
    return text.count(",") > _COMMAS and text.count(", ") > _COMMAS


def _mention(form: Form, match: re.Match[str], words: Sequence[str]) -> Mention:
    folded = tuple(closed_up(folded_name(word).split()) for word in words)
    return Mention(match.start(1), match.end(match.lastindex or 0), form, tuple(dict.fromkeys(_keys(folded))), folded)


def _keys(words: Sequence[str]) -> Iterator[str]:
    """First and last word, and those between closed up with either."""
    yield from pairs(words[:1], words[-1:])
    for cut in range(1, len(words)) if len(words) > 2 else ():
        yield from pairs([closed_up(words[:cut])], [closed_up(words[cut:])])
