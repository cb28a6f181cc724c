"""People whom a sentence, or the Subject, calls by less than a name: one word of it, its initials, the greeting.

Takes what was read, the people known so far, which sentences tell something, and the directory; gives the people with those
whom such a sign means, given who writes to whom: the one student called so whom the sender or a reader teaches or advises.
Signs are looked for in the text first, so mail that has none of them costs little. Fails only as the directory does
(Unavailable).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import islice
from typing import NamedTuple, Protocol

from dlp.campus.directory import Directory
from dlp.campus.folding import folded_address, folded_name
from dlp.campus.greeting import Greeting, greeting
from dlp.campus.identity import person_digest
from dlp.campus.mentions import Form, local_parts
from dlp.campus.names import given_and_family
from dlp.campus.near import Near, near, together
from dlp.campus.people import CALLED_SO, NO_NAME, Context, Identified, People, Place, Strength, only_bearer
from dlp.campus.places import Places
from dlp.campus.records import Student
from dlp.campus.shown_names import is_shown_as_another, shown_names, speaks_to_one
from dlp.campus.signs import shows
from dlp.statements.antecedents import is_result
from dlp.statements.candidate import YOU, Candidate, context
from dlp.statements.candidates import LOOKED_AT, candidates, is_list, is_subject, may_say
from dlp.statements.concepts import is_of_records
from dlp.statements.mistyped import Named, beside_a_first_name
from dlp.statements.sentences import LONGEST, STUDENT, Sign, sentences, tokens
from dlp.statements.short_names import Called, Only, Ordinary, greeted, short_names, written
from dlp.values import Role, Texts


class Telling(Protocol):
    """Whether a sentence tells something of a student who is `near` to writer or reader, or not."""

    def __call__(self, each: Candidate, *, near: bool = True) -> bool: ...


MOST_WORDS = 200  # of one text that are looked at
_GOES_ON = 2  # sentences behind one with a name
_MOST_HEADED = 8  # students
_FEW = 6  # tokens
_MAILBOXES = frozenset(("bcc", "cc", "from", "reply-to", "sender", "to"))
_GETS = frozenset(("earned", "gets", "got", "had", "has", "made", "received", "scored"))
_OF_SOMEBODY = frozenset({"PRO", "PROS", "THEY", "THEYS", "XNAME"})
_NAMING = frozenset({Place.TEXT, Place.HEADER})


class _LookUp(NamedTuple):
    """Whom short names may mean."""

    known: Near
    named: Named
    ordinary: Ordinary
    only: Only | None

    def found(self, text: str, names: Sequence[re.Match[str]], to: Greeting | None) -> list[Called]:
        return short_names(text, names, to, *self)


def with_called(
    texts: Texts,
    people: People,
    telling: Telling,
    directory: Directory,
    digest: Callable[[str], str],
    envelope: Context,
    ordinary: Ordinary = NO_NAME.__contains__,
) -> People:
    """People with those added whom less than a name means, where the sentence tells something."""
    addresses = dict.fromkeys(map(folded_address, (envelope.sender, *envelope.recipients)))
    written_to = [*_written_to(people), *_shown_by_address(envelope, directory)]
    known = together([*filter(None, map(directory.called_near, addresses)), *written_to])
    taken: dict[int, list[tuple[int, int]]] = {}
    for each in people.findings:
        if each.role is Role.IDENTIFIES:
            taken.setdefault(each.view, []).append((each.start, each.end))
    stranger = bool(known) and is_of_nobody(envelope.recipients, directory)
    only = _only(texts, people, directory) if directory.staff_at(envelope.sender) else None
    look_up = _LookUp(known, directory.named, ordinary, only)
    shown = shown_names(texts)
    for index, view in enumerate(texts.views):
        if view.again or not may_say(view):
            continue
        where = Places(view)
        here = _in_view(telling, index)
        for one in _meant(view.text, sorted(taken.get(index, ())), look_up, here, to_stranger=stranger):
            place = where.place(one.start, one.end)
            person = directory.student(one.student)
            if person is None or place not in (Place.TEXT, Place.GREETING):
                continue
            greets = place is Place.GREETING or speaks_to_one(view.text, one.start, one.end)
            if greets and is_shown_as_another(shown, person):
                continue
            people = _with(
                people, index, one, Identified(person_digest(digest, person), person, one.strength, ()), where, place
            )
    return _with_headed(texts, people, look_up, telling, directory, digest) if known or only else people


def _in_view(telling: Telling, view: int) -> Telling:
    """The same of the sentences of one text, which do not know whose they are."""

    def tells(each: Candidate, *, near: bool = True) -> bool:
        return telling(replace(each, view=view), near=near)

    return tells


def _written_to(people: People) -> list[Near]:
    """Students in From, To and Cc by first names that are words as well; by others they are known by then."""
    students = [one.record for one in people.on_thread if isinstance(one.record, Student)]
    called = ((each.id, given_and_family(each)[0] & CALLED_SO) for each in students)
    return [near({}, dict.fromkeys(given, (student,))) for student, given in called if given]


def _shown_by_address(envelope: Context, directory: Directory) -> list[Near]:
    """The student after whom the address is called that mail goes to and no file has: hana.kim@mail.example."""
    if not is_of_nobody(envelope.recipients, directory):
        return []
    found = {
        one.id: one for each in local_parts(envelope.recipients[0]) for key in each.keys for one in _students(directory, key)
    }
    words = {word: (who,) for who, one in found.items() for some in given_and_family(one) for word in some}
    return [near(words, {word: words[word] for word in words.keys() & CALLED_SO})] if len(found) == 1 else []


def _students(directory: Directory, key: str) -> Iterator[Student]:
    return (each for each in directory.named(key) if isinstance(each, Student))


def _only(texts: Texts, people: People, directory: Directory) -> Only:
    """Who alone on the whole campus has a word in the name: nobody who writes, is written to or is named already, by it."""

    @cache
    def met() -> frozenset[str]:
        shown = folded_name(" ".join(each.value for each in texts.fields if each.name.lower() in _MAILBOXES))
        records = (one.record for one in people.identified if one.record)
        return frozenset(re.findall(r"\w+", shown)).union(*(word for each in records for word in given_and_family(each)))

    def only(word: str) -> Student | None:
        student = only_bearer(word, directory)
        return None if student is None or word in met() else student

    return only


def _with(people: People, view: int, one: Called, who: Identified, where: Places, place: Place) -> People:
    """People with one sign more."""
    before = next((each for each in people.identified if each.person == who.person), who)
    at = len(people.findings)
    now = replace(before, strength=max(before.strength, who.strength), findings=(*before.findings, at))
    others = tuple(now if each is before else each for each in people.identified)
    return replace(
        people,
        findings=(
            *people.findings,
            shows(view, (one.start, one.end), one.form, one.strength, where.where(one.start), who.person),
        ),
        identified=others if before is not who else (*others, now),
        places={**people.places, at: place},
    )


def _with_headed(
    texts: Texts, people: People, look_up: _LookUp, telling: Telling, directory: Directory, digest: Callable[[str], str]
) -> People:
    """With the students whom the Subject calls so and nothing else, where the message tells something if it does."""
    if any(people.places.get(at, Place.TEXT) in _NAMING for one in people.students for at in one.findings):
        return people
    supposed, met = people, set[str]()
    listed = False
    for index, view in enumerate(texts.views):
        for one in look_up.found(view.text, written(view.text), None) if is_subject(view) else ():
            person = directory.student(one.student) if one.student not in met and len(met) < _MOST_HEADED else None
            if person is not None:
                who = Identified(person_digest(digest, person), person, one.strength, ())
                supposed = _with(supposed, index, one, who, Places(view), Place.HEADER)
                met.add(one.student)
                listed = any(each.role is Role.HEADER_WORD and each.enforced and each.view == index for each in people.findings)
    tells = bool(met) and (listed or any(is_of_records(each.words) and telling(each) for each in candidates(texts, supposed)))
    return supposed if tells else people


def is_of_nobody(recipients: Sequence[str], directory: Directory) -> bool:
    """Whether mail goes to one address which no file has."""
    return len(recipients) == 1 and not any(
        known(recipients[0]) for known in (directory.students_at, directory.staff_at, directory.contacts_at, directory.list_at)
    )


def _meant(
    text: str, taken: Sequence[tuple[int, int]], look_up: _LookUp, telling: Telling, *, to_stranger: bool
) -> Iterator[Called]:
    """Signs that mean one student, in sentences that tell something if they do."""
    names = written(text)
    for start, end, student in beside_a_first_name(text, names, look_up.known, look_up.named, partial(_is_taken, taken)):
        yield Called(start, end, student, Form.MISTYPED, Strength.WEAK)
    to = greeting(text)
    found = look_up.found(text, names, to)
    spoken_to = greeted(to, look_up.known) if to and to_stranger else None
    if not (found or spoken_to):
        return
    begins = list(islice(sentences(text), LOOKED_AT))
    if spoken_to and any(telling(each) for each in _spoken(text, begins)):
        yield spoken_to
    for one in found[:MOST_WORDS]:
        if _is_taken(taken, one.start, one.end):
            continue
        start, end = begins[max(0, bisect_right(begins, (one.start, len(text))) - 1)]
        end = min(end, start + LONGEST)
        if not start <= one.start < end or is_list(text, start, end, ()):
            continue
        said = tuple(tokens(text, start, end, [Sign(one.start, one.end, STUDENT)]))
        each = Candidate(0, start, end, (), said, tuple(context(said, 1, 0, addressed=False)))
        of_records = is_of_records(said) or _ends_with_a_mark(said)
        tells = partial(telling, near=one.near)
        if (of_records and tells(each)) or any(map(tells, _of_the_same(text, start, said, begins, found))):
            yield one


def _ends_with_a_mark(said: Sequence[str]) -> bool:
    """Whether a few words give somebody a figure and nothing that it counts: Ivo got a 31."""
    return len(said) <= _FEW and said[-1] == "XNUMBER" and not _GETS.isdisjoint(said)


def _of_the_same(
    text: str, start: int, said: Sequence[str], begins: Sequence[tuple[int, int]], found: Sequence[Called]
) -> Iterator[Candidate]:
    """The next sentences that go on with "he" or "she", until another name."""
    at = bisect_right(begins, (start, len(text)))
    before = tuple(said)
    for nth, (first, end) in enumerate(begins[at : at + _GOES_ON], 1):
        words = tuple(tokens(text, first, min(end, first + LONGEST), ()))
        if "XNAME" in words or any(first <= one.start < end for one in found):
            return
        if "PRO" in words and is_of_records(words):
            yield Candidate(0, first, end, (), words, tuple(context(words, 0, nth, addressed=False)), before)
        before = words


def _is_taken(taken: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    """Whether somebody is known to be named there."""
    at = bisect_left(taken, (end, 0))
    return at > 0 and taken[at - 1][1] > start


def _spoken(text: str, begins: Iterable[tuple[int, int]]) -> Iterator[Candidate]:
    """Sentences of records that say "you", or speak of nobody: the essay is a clear A-."""
    for start, end in begins:
        said = tuple(tokens(text, start, end, ()))
        addressed = not YOU.isdisjoint(said) or is_result(said)
        if (addressed or _OF_SOMEBODY.isdisjoint(said)) and is_of_records(said):
            yield Candidate(0, start, end, (), said, tuple(context(said, 0, 1, addressed=addressed)))
