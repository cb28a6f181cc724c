"""Whom a letter greets and speaks to, and whether that is one of the students it goes to.

Takes the text as read and the directory; gives the folded words of the greeted name, and who answers to it. A greeting of
several people, of a title alone or of no name on file says nothing. Looks at the first lines only. Nothing here fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from string import ascii_lowercase

from dlp.campus.directory import Directory
from dlp.campus.folding import folded_address, folded_name
from dlp.campus.identity import person_digest
from dlp.campus.name_words import BREAKS, GREETED_AS, PARTICLES, TITLES
from dlp.campus.names import expanded, first_initial_key, given_and_family, initial_last_key, pair_key, words
from dlp.campus.people import Context
from dlp.campus.places import WORDS_OF_GREETING
from dlp.campus.records import Staff, Student
from dlp.values import Channel, Texts

_LINES = 12  # of a text, blank ones with them
_MOST_WORDS = 4
_FEW = 4  # students
_NAME = r"[^\W\d_][\w'\u2019-]*\.?"
_NAMES = rf"{_NAME}(?: {_NAME})"
_GREETS = re.compile(
    rf"\s*{WORDS_OF_GREETING}[ ,]+({_NAMES}{{0,5}}(?:, ?{_NAMES}{{0,2}}(?=[,:] *$))?) *(?:[,:!.\u2013-]|$)", re.IGNORECASE
)
_NOBODY = (BREAKS - TITLES) | GREETED_AS
_OPENS = re.compile(rf"\s*{WORDS_OF_GREETING}[ ,]+(?!there\b)\w", re.IGNORECASE)
UNKNOWN = ""  # somebody who is greeted, whoever that is


@dataclass(frozen=True, slots=True)
class Greeting:
    """The folded words of the one name that is greeted, none for several people or no name; where what is greeted stands."""

    name: tuple[str, ...]
    start: int
    end: int


def greeted(texts: Texts) -> tuple[str, ...]:
    """The folded words of the one name that the letter greets; none when it greets nobody, several people, or no name.

    >>> greeted(read(b"\\n\\nDear Ms. Hana Kim,\\nyour grade ...", Limits()))
    ('hana', 'kim')
    """
    found = (greeting(view.text) for view in texts.views if view.channel is Channel.TEXT)
    return next((each.name for each in found if each), ())


def greeting(text: str) -> Greeting | None:
    """The first line of a text that greets somebody."""
    at = 0
    for line in text[:2000].split("\n")[:_LINES]:
        if found := _GREETS.match(line):
            return Greeting(_one_name(found[1]), at + found.start(1), at + found.end(1))
        at += len(line) + 1
    return None


def spoken_to(
    texts: Texts, envelope: Context, shown: Iterable[str], directory: Directory, digest: Callable[[str], str]
) -> str | None:
    """Whom "you" means in a letter to students where no sign shows who is greeted.

    That is the only student it goes to, by digest, if it greets nobody; UNKNOWN where it greets somebody by name; else None.
    `shown` are the addresses in its To and Cc.
    """
    students = _students_at(envelope, shown, directory)
    if not students or greeted(texts):
        return UNKNOWN if students else None
    lines = (line for view in texts.views if view.channel is Channel.TEXT for line in view.text[:2000].split("\n")[:_LINES])
    if len(students) > 1 or any(map(_OPENS.match, lines)):
        return None
    return person_digest(digest, *students.values())


def each_spoken_to(
    envelope: Context, shown: Iterable[str], directory: Directory, digest: Callable[[str], str]
) -> tuple[str, ...]:
    """Whom "each of you" means in a letter to a few students, by digest; nobody where it goes to one alone, or to a class."""
    students = _students_at(envelope, shown, directory)
    return tuple(person_digest(digest, each) for each in students.values()) if 1 < len(students) <= _FEW else ()


def _students_at(envelope: Context, shown: Iterable[str], directory: Directory) -> dict[str, Student]:
    """The students a message goes to, by ID, in the order of their addresses."""
    addresses = dict.fromkeys(map(folded_address, filter(None, (*envelope.recipients, *shown))))
    addresses.pop(folded_address(envelope.sender), None)
    return {student.id: student for each in addresses for student in directory.students_at(each)}


def answers(name: Collection[str], person: Student | Staff, shown: Iterable[str] = ()) -> bool:
    """Whether somebody may be greeted so: by a given, preferred or short name, or the family name.

    `shown` are names that stand beside the address, which count where they are the person's by another word.
    """
    given, family = given_and_family(person)
    said = set(name)
    if len(said) < 2:
        own = given | family
        return bool(said & own) or any(said < both and both & own for both in map(frozenset, map(words, shown)))
    return (bool(said & given) and bool(said & family)) or said <= given or said <= family


def is_on_file(name: Sequence[str], directory: Directory) -> bool:
    """Whether anybody is called so. Of one word every initial beside it is tried, for a directory knows people by two."""
    first, last = name[0], name[-1]
    if len(name) > 1:
        return any(directory.named(pair_key(one, last)) for one in (*expanded(first), first))
    keys = [first_initial_key(short, initial) for short in expanded(first) for initial in ascii_lowercase]
    keys += [initial_last_key(initial, last) for initial in ascii_lowercase]
    return any(map(directory.named, (*keys, last)))


def _one_name(written: str) -> tuple[str, ...]:
    every = folded_name(written).replace(",", " ").split()
    if not written[0].isupper() or not _NOBODY.isdisjoint(every):
        return ()
    name = tuple(word for word in words(written.replace(",", " ")) if len(word) > 1 and word not in PARTICLES)
    return name if len(name) <= _MOST_WORDS else ()
