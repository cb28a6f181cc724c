"""Names that count because they stand in a list: ordinary ones, last names with an initial, words at a comma.

`NamedLines` remembers the lines in which somebody is surely named. `in_lists` says which of weaker signs, each with those whom
it may mean, make a list of their own: "Kim, H. 14" alone is nobody, ten such lines of members of the sender's classes are one.
Linear; nothing here fails.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from dlp.campus.mentions import Form, Mention
from dlp.campus.names import given_and_family
from dlp.campus.people import Person
from dlp.campus.records import Student
from dlp.campus.signs import Sighting, is_alone
from dlp.values import View

_NEAR = 3  # lines on either side
_LIST = 3  # lines that name somebody
_FEWEST = 2  # people beside whom a name that stands alone is one
_ALONE = frozenset({Form.FULL, Form.LISTED, Form.INITIAL_LAST, Form.FIRST_INITIAL})
_REACH = 12  # characters
_AMONG = re.compile(r",? (?:and|&) |, ")
_CELL_BEGINS = re.compile(r"(?:^|[,:;|\t\n])[ >\"]*(?:[0-9]{1,4}[.):]?[ ]+)?\Z", re.MULTILINE)
_CELL_ENDS = re.compile(r"\"?[ ]*(?:$|[,;|\t])", re.MULTILINE)
_OF_ALL = 5  # of a list of people who share nothing with sender and reader


@dataclass(frozen=True, slots=True)
class NamedLines:
    """How many are surely named in a line, by view."""

    rows: dict[int, Counter[int]] = field(default_factory=dict)

    def add(self, view: int, line: int) -> None:
        self.rows.setdefault(view, Counter())[line] += 1

    def has_beside(self, view: int, line: int, text: str, mention: Mention) -> bool:
        """Whether an ordinary name has a line of its own, or a cell, in a list of people, or is one of several in a line."""
        rows = self.rows.get(view, Counter[int]())
        near = sum(rows[each] for each in range(line - _NEAR, line + _NEAR + 1))
        if near and len(rows) >= _LIST and line not in rows:
            return True
        enumerated = rows[line] >= _FEWEST and _AMONG.match(text, mention.end) is not None
        return enumerated or (near >= _FEWEST and is_alone(text, mention))


Meant = tuple[Sighting, tuple[Person, ...]]  # and those of its people who may be meant in this company


def in_lists(signs: Sequence[Meant], views: Sequence[View], is_ours: Callable[[Student], bool]) -> frozenset[int]:
    """Which of the signs are in a list; `is_ours` says whether a student is taught or advised by who writes or reads.

    Three students make one by "Last, First" behind another cell, three of ours by less, five of others, where at least three in
    five lines have one.
    """
    alone = [nth for nth, (sign, people) in enumerate(signs) if _counts(sign, people, views)]
    found: set[int] = set()
    for run in _runs(signs, alone, views):
        students = {person.id: person for nth in run for person in signs[nth][1] if isinstance(person, Student)}
        if len(students) >= _LIST and _is_dense([signs[nth][0] for nth in run], views):
            ours = sum(map(is_ours, students.values()))
            surer = all(signs[nth][0].mention.form is Form.LOOSE for nth in run)
            if surer or len(students) >= _OF_ALL or (ours >= _LIST and 2 * ours >= len(students)):
                found.update(run)
    return frozenset(found)


def _counts(sign: Sighting, people: tuple[Person, ...], views: Sequence[View]) -> bool:
    if len(people) != 1 or not isinstance(people[0], Student):
        return False
    text, mention = views[sign.view].text, sign.mention
    if mention.form is Form.LOOSE:
        given, family = given_and_family(people[0])
        ends = _CELL_ENDS.match(text, mention.end) and _CELL_BEGINS.search(text, max(0, mention.start - _REACH), mention.start)
        return bool(ends) and mention.words[0] in family and mention.words[-1] in given
    return mention.form in _ALONE and is_alone(text, mention)


def _runs(signs: Sequence[Meant], chosen: Sequence[int], views: Sequence[View]) -> Iterator[list[int]]:
    run: list[int] = []
    for nth in sorted(chosen, key=lambda each: (signs[each][0].view, signs[each][0].mention.start)):
        if run and not _go_on(signs[run[-1]][0], signs[nth][0], views):
            yield run
            run = []
        run.append(nth)
    if run:
        yield run


def _go_on(one: Sighting, other: Sighting, views: Sequence[View]) -> bool:
    return one.view == other.view and views[one.view].text.count("\n", one.mention.end, other.mention.start) <= _NEAR


def _is_dense(run: Sequence[Sighting], views: Sequence[View]) -> bool:
    """Whether three in five of the lines from the first to the last name one of them."""
    text = views[run[0].view].text[run[0].mention.start : run[-1].mention.end]
    return 5 * len(run) >= 3 * sum(map(bool, map(str.strip, text.split("\n"))))
