"""Columns of single names: "Kim   18", "Marek   11": a class by its last names alone, or by its first names.

Takes what was read, the directory, whose mail it is and who is known to be in it; gives Sightings. One name is nobody's alone;
three and more in one column, nearly all of them those of one class (that sender or reader teaches, or that the text names), or
of advisees, are these students', each where it leads to one of them and to nobody else near. Linear in the text; classes are
looked up only where such a column stands. Fails only as the directory does (Unavailable).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice, pairwise

from dlp.campus.capitals import APOSTROPHES, LETTER, PARTICLE
from dlp.campus.columns import LEAD, LEAST, columns
from dlp.campus.directory import Directory
from dlp.campus.folding import closed_up, folded_id, folded_name, folded_word
from dlp.campus.labels import NAMES, meaning
from dlp.campus.mentions import Form, Mention
from dlp.campus.name_words import PARTICLES
from dlp.campus.names import given_and_family
from dlp.campus.offerings import named
from dlp.campus.people import NO_NAME, Company, Person, Strength, identity
from dlp.campus.records import Student
from dlp.campus.signs import Sighting
from dlp.campus.taken import Taken
from dlp.values import Channel, Texts

_STRAY = 5  # one in so many may be nobody's: who dropped the class since the import
_SURE = 2  # that are no ordinary words
_MOST = 20_000  # words of one view
_MOST_TEACHERS, _MOST_SUBJECTS, _MOST_COLUMNS = 20, 6, 12
_OFTEN = 100  # a word that stands so often in a view is a value: Pass, Physics
_REACH = 40  # characters before a word
_LEADER = "[._\u2026\u00b7]"
# the cell ends, or a value begins; neither "Kim, H." nor "Kim, who was here"
_BEHIND = (
    r'(?="?[ ]*(?:$|[\n\t|;:(=<]|,(?![ ]?(?:[A-Z]\.|[G-OQRTV-Z]\b)|[ ][a-z]+[ ]))'
    rf"|[ ](?:[ ]|[0-9]|[A-DF][+\u2212\u2013-]?(?![\w.])|[>\u2013\u2014-])|[ ]?{_LEADER}[ ]?{_LEADER})"
)
# each begins with one class, so that the search skips to the next capital
_ASCII_NAME = re.compile(rf"[A-Z](?<![\w'`-].)(?:[A-Za-z]|['`-](?=[A-Za-z]))++{_BEHIND}", re.ASCII)
_NAME = re.compile(rf"[^\W\d_a-z](?<![\w{APOSTROPHES}-].)(?:{LETTER}|[{APOSTROPHES}-](?={LETTER}))++{_BEHIND}")
_BEGINS = re.compile(rf'(?:^|[\n\t|;,>"]|[ ]{{2}}){LEAD}(?:(?i:{PARTICLE})[ ])*\Z')
_ENDS_LINE = re.compile(r"[ ]*(?:\n|$)")
_BESIDE = re.compile(r'"?[ ]*(?:[\t|;,]|[ ]{2})[ "]*')  # two cells side by side
_BLANK_LINE = re.compile(r"\n[> ]*\n")

_Matches = Sequence[re.Match[str]]
_Words = Mapping[str, Collection[str]]  # to the identities of those who are called so
Ends = Mapping[int, Sequence[int]]  # by view


def _family(person: Person) -> Collection[str]:
    return given_and_family(person)[1]


def _given(person: Person) -> Collection[str]:
    return given_and_family(person)[0]


def _both(person: Person) -> Collection[str]:
    return frozenset.union(*given_and_family(person))


@dataclass(frozen=True, slots=True)
class _Class:
    """Students who are taught or advised together: in each way in which a column may call them; and by what others near are."""

    students: Mapping[str, Student]
    ways: Sequence[_Words]
    others: frozenset[str]

    @staticmethod
    def of(ids: Iterable[str], known: Mapping[str, Student | None], near: Collection[Person]) -> _Class:
        students = {one: student for one in ids if (student := known[one])}
        others = _called((person for person in near if identity(person) not in students), _both)
        return _Class(students, [_called(students.values(), way) for way in (_family, _given, _both)], frozenset(others))


@dataclass(frozen=True, slots=True)
class _Column:
    """Words below each other, each as names are folded. `ends` may be a heading, who is greeted, or who signs."""

    matches: _Matches
    spelt: Mapping[str, tuple[str, str]]
    ends: frozenset[str]

    @staticmethod
    def of(matches: _Matches) -> _Column:
        first, last = matches[0], matches[-1]
        heads = meaning(first[0]) == NAMES or _are_apart(*matches[:2])
        ends = {first[0]: heads, last[0]: _are_apart(*matches[-2:])}
        spelt = {word: _spelt(word) for word in dict.fromkeys(match[0] for match in matches)}
        return _Column(matches, spelt, frozenset(word for word, left_out in ends.items() if left_out))

    def may_be_of(self, words: Mapping[str, object]) -> bool:
        """Whether a look into the class may be worth while; `words` are no ordinary ones."""
        return sum(not words.keys().isdisjoint(each) for each in self.spelt.values()) >= _SURE

    def meant(self, of: _Class) -> Mapping[str, str]:
        """Whom its words mean if it is of this class: by family or by given names, as more of them are so."""
        return max((self._called(words, of.others) for words in of.ways), key=len)

    def _called(self, words: _Words, others: frozenset[str]) -> Mapping[str, str]:
        if len(self.spelt) > 2 * len(words):
            return {}
        whose = {word: next(filter(None, map(words.get, each)), ()) for word, each in self.spelt.items()}
        strays = sum(not ids and word not in self.ends for word, ids in whose.items())
        meant = {
            word: one for word, ids in whose.items() if len(ids) == 1 and others.isdisjoint(self.spelt[word]) for one in ids
        }
        sure = {one for word, one in meant.items() if NO_NAME.isdisjoint(self.spelt[word])}
        several = len({*meant.values()})
        theirs = several >= LEAST and len(sure) >= max(_SURE, several // 2) and strays * _STRAY <= len(whose)
        return meant if theirs else {}


def single_names(
    texts: Texts, directory: Directory, around: Company, met: Iterable[Person], taken: Taken, ends: Ends
) -> Iterator[Sighting]:
    """Every name of such a column, with the student it stands for. `taken` are the places of names that are known, `ends` where
    words begin that may end a cell, of the views of which that is known (capitals).
    """
    found = [
        (index, column)
        for index, view in enumerate(texts.views)
        if not view.again and view.channel is not Channel.HEADERS
        for column in _columns(view.text, taken.of(index, view.text), ends.get(index))
    ]
    if not found:
        return
    found = sorted(found, key=lambda each: -len(each[1].matches))[:_MOST_COLUMNS]  # a class is looked into for each
    called = sorted(named(texts, directory, around.subjects))
    near = {each: words for each in around.correspondents if (words := directory.called_near(each).words)}
    everybody = (*around.near.values(), *met)
    classes: dict[tuple[str, ...], list[_Class]] = {}
    for index, column in found:
        teachers = tuple(islice((each for each, words in near.items() if column.may_be_of(words)), _MOST_TEACHERS))
        if teachers not in classes:
            classes[teachers] = list(_classes(teachers, called, directory, everybody))
        of = max(classes[teachers], key=lambda each: len(column.meant(each)), default=None)
        meant = column.meant(of) if of else {}
        for match in column.matches:
            if of and match[0] in meant and match.start() not in taken.of(index, texts.views[index].text):
                mention = Mention(match.start(), match.end(), Form.SINGLE, (), column.spelt[match[0]][:1])
                yield Sighting(index, mention, (of.students[meant[match[0]]],), Strength.STRONG)


def _columns(text: str, known: Container[int], ends: Sequence[int] | None) -> Iterator[_Column]:
    """Single words below each other that are no halves of full names."""
    found = list(islice(_names(text, known, ends), _MOST))
    if len(found) < LEAST:
        return
    times = Counter(match[0] for match in found)
    if len(times) < LEAST:
        return
    found = [match for match in found if times[match[0]] <= _OFTEN]
    beside: dict[int, str] = {}
    for one, other in pairwise(found):
        if _BESIDE.fullmatch(text, one.end(), other.start()):
            beside.setdefault(other.start(), one[0])
            beside[one.start()] = other[0]
    for column in columns(text, found, lambda match: _ENDS_LINE.match(text, match.end()) is not None):
        others = {word for match in column if (word := beside.get(match.start()))}
        if 3 * len(others) <= 2 * len(column):
            yield _Column.of(column)


def _names(text: str, known: Container[int], ends: Sequence[int] | None) -> Iterator[re.Match[str]]:
    """Words with a capital that have a cell to themselves, or but for particles, and are no part of a name that is known."""
    if not text.isascii():
        found: Iterable[re.Match[str] | None] = _NAME.finditer(text)
    else:
        found = _ASCII_NAME.finditer(text) if ends is None else map(partial(_ASCII_NAME.match, text), ends)
    for match in filter(None, found):
        start = match.start()
        if start - 1 not in known and match.end() not in known:
            before = text[start - 1 : start]
            if _BEGINS.search(text, max(0, start - _REACH), start) if before == " " else before in '\n\t|;,>"':
                yield match


def _are_apart(one: re.Match[str], other: re.Match[str]) -> bool:
    return _BLANK_LINE.search(one.string, one.end(), other.start()) is not None


def _spelt(name: str) -> tuple[str, str]:
    """Closed up, with and without particles, as given_and_family has it."""
    parts = folded_name(name).split()
    return closed_up(parts), closed_up([part for part in parts if part not in PARTICLES] or parts)


def _called(people: Iterable[Person], way: Callable[[Person], Collection[str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for person in people:
        for word in way(person):
            found.setdefault(word, set()).add(identity(person))
    return found


def _classes(
    teachers: Sequence[str], called: Sequence[str], directory: Directory, near: Collection[Person]
) -> Iterator[_Class]:
    """The classes of subjects that the text names and of those these people staff; whom they advise; all theirs together."""
    staffed = [folded_word(row.subject) for each in teachers for row in directory.assignments_of(each)]
    subjects = list(dict.fromkeys((*called, *staffed)))[:_MOST_SUBJECTS]
    enrolled = {each: [folded_id(row.student_id) for row in directory.enrolled_in(each)] for each in subjects}
    advised = [folded_id(row.student_id) for each in teachers for row in directory.advising_by(each)]
    theirs = [*(enrolled[each] for each in subjects if each in staffed), advised]
    groups = [*enrolled.values(), advised, [one for each in theirs for one in each]]
    staff = [one for each in subjects for row in directory.assigned_to(each) if (one := directory.staff_at(row.email))]
    known = {one: directory.student(one) for one in {one for group in groups for one in group}}
    yield from (_Class.of(group, known, (*staff, *near)) for group in groups if len(group) >= LEAST)
