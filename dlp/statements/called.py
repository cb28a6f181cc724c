"""People whom a sentence calls by less than a name: one word of it, its initials, both words in lower case, the greeting.

Takes what was read, the people known so far, which sentences tell something, and the directory; gives the people with those
whom such a sign means, given who writes to whom: the one student called so whom the sender or a reader teaches or advises.
Signs are looked for in the text first, so mail that has none of them costs little. Fails only as the directory does
(Unavailable).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice, pairwise
from string import ascii_lowercase

from dlp.campus.directory import Directory
from dlp.campus.folding import folded_address, folded_name
from dlp.campus.greeting import Greeting, greeting
from dlp.campus.identity import CONFIDENCE, KIND, person_digest
from dlp.campus.mentions import Form
from dlp.campus.names import given_and_family, initial_last_key, pair_key, words
from dlp.campus.near import Near, together
from dlp.campus.people import NO_NAME, Context, Identified, People, Place, Strength
from dlp.campus.places import Places
from dlp.campus.records import Student
from dlp.campus.signs import MASKS
from dlp.statements.candidate import YOU, Candidate, context
from dlp.statements.candidates import LOOKED_AT, is_list, may_say
from dlp.statements.concepts import is_of_records
from dlp.statements.mistyped import Named, all_spelt, alone, beside_a_first_name
from dlp.statements.sentences import LONGEST, STUDENT, Sign, sentences, tokens
from dlp.values import Finding, Role, Texts

Telling = Callable[[Candidate], bool]

MOST_WORDS = 200  # of one text that are looked at
# what may not stand before the first letter is asked behind it, so that the search skips to the next such letter
_WORD = re.compile(r"[^\W\d_a-z](?<![\w.@/-].)(?<!\b[A-Z]\. .)[^\W\d_]++(?:[-'\u2019][^\W\d_]++)*(?![\w@/])")
_ASCII_WORD = re.compile(r"[A-Z](?<![\w.@/-].)(?<!\b[A-Z]\. .)[A-Za-z]++(?:[-'][A-Za-z]++)*(?![\w@/])", re.ASCII)  # the same
# without stops they are as often an abbreviation; found from the first, for there are fewer of these than of letters
_INITIALS = re.compile(r"\.(?<=([A-Z])\.)(?<![\w.@/&-].\.) ?([A-Z])\.(?![\w@/])")
_IN_LOWER_CASE = re.compile(r"(?<![\w.@/-])[^\W\d_A-Z][^\W\d_]+(?:[-'\u2019][^\W\d_]+)*(?![\w@/])")
_YOUR_CHILD = re.compile(
    r"[Yy](?<!\w.)(?i:our\s+(?:\w+\s+)?(?:daughter|son|child),?)\s+([^\W\d_a-z][^\W\d_]+)(?!\w)(?! [^\W\d_a-z])"
)
_TITLED = re.compile(r"M(?<!\w.)(?:r|rs|s|iss|x)\b\.?[ \n]([^\W\d_a-z][^\W\d_]+(?:-[^\W\d_]+)*+)(?![ \n][^\W\d_a-z][^\W\d_])")
_MOST_TITLED = 8  # last names of one text that are looked up
_ADDRESS = re.compile(r"<[^<>]*>|\S+@\S+")
_GOES_ON = 2  # sentences behind one with a name
_LONGEST = 24  # characters of a name beside it
_BEFORE = re.compile(r"(?<![\w'\u2019])([^\W\d_a-z][^\W\d_A-Z]+)[ ]\Z")
# with a capital only because a sentence begins: Yesterday Okobola failed
_OPENS = frozenset(
    ("again", "although", "besides", "eventually", "however", "instead", "last", "later", "maybe", "meanwhile", "nevertheless",
     "perhaps", "please", "soon", "sometimes", "still", "though", "today", "tomorrow", "tonight", "unlike", "yesterday")
)  # fmt: skip
_BEHIND = re.compile(r"[ ]([^\W\d_a-z][^\W\d_A-Z]+)")


@dataclass(frozen=True, slots=True)
class _Called:
    """A stretch of a text that means a student, by ID."""

    start: int
    end: int
    student: str
    form: Form = Form.SINGLE
    strength: Strength = Strength.STRONG


def with_called(
    texts: Texts, people: People, telling: Telling, directory: Directory, digest: Callable[[str], str], envelope: Context
) -> People:
    """People with those added whom less than a name means, where the sentence tells something."""
    addresses = dict.fromkeys(map(folded_address, (envelope.sender, *envelope.recipients)))
    known = together([near for address in addresses if (near := directory.called_near(address))])
    findings, met, places = list(people.findings), {one.person: one for one in people.identified}, dict(people.places)
    taken: dict[int, list[tuple[int, int]]] = {}
    for each in people.findings:
        if each.role is Role.IDENTIFIES:
            taken.setdefault(each.view, []).append((each.start, each.end))
    stranger = bool(known) and is_of_nobody(envelope.recipients, directory)
    for index, view in enumerate(texts.views):
        if view.again or not may_say(view):
            continue
        where = Places(view)
        for one in _meant(view.text, sorted(taken.get(index, ())), known, telling, directory.named, to_stranger=stranger):
            place = where.place(one.start, one.end)
            person = directory.student(one.student)
            if person is None or place not in (Place.TEXT, Place.GREETING):
                continue
            if place is Place.GREETING and _is_shown_as_another(texts, person):
                continue
            who = person_digest(digest, person)
            before = met.get(who, Identified(who, person, one.strength, ()))
            strength = max(before.strength, one.strength)
            met[who] = replace(before, strength=strength, findings=(*before.findings, len(findings)))
            places[len(findings)] = place
            findings.append(_finding(index, one, where.where(one.start), who))
    return replace(people, findings=tuple(findings), identified=tuple(met.values()), places=places)


def _is_shown_as_another(texts: Texts, person: Student) -> bool:
    """Whether the name beside an address in To or Cc has the first name of somebody, and another behind it."""
    given, family = given_and_family(person)
    shown = (each.value for each in texts.fields if each.name.lower() in ("to", "cc"))
    names = (frozenset(words(name)) for value in shown for name in _ADDRESS.sub(",", value).split(","))
    return any(len(name) > 1 and not name.isdisjoint(given) and name.isdisjoint(family) for name in names)


def is_of_nobody(recipients: Sequence[str], directory: Directory) -> bool:
    """Whether mail goes to one address which no file has."""
    return len(recipients) == 1 and not any(
        known(recipients[0]) for known in (directory.students_at, directory.staff_at, directory.contacts_at, directory.list_at)
    )


def _meant(
    text: str, taken: Sequence[tuple[int, int]], known: Near, telling: Telling, named: Named, *, to_stranger: bool
) -> Iterator[_Called]:
    """Signs that mean one student, in sentences that tell something if they do."""
    written = list((_ASCII_WORD if text.isascii() else _WORD).finditer(text))
    for start, end, student in beside_a_first_name(text, written, known, named, partial(_is_taken, taken)):
        yield _Called(start, end, student, Form.MISTYPED, Strength.WEAK)
    found: list[_Called] = []
    if known:
        plain = all_spelt({each[0] for each in written})
        mistyped = (each for each in alone(written, plain, known) if not _is_part(text, *each[:2]))
        found += (_Called(*each, Form.SINGLE, Strength.WEAK) for each in mistyped)
        found += _words(text, written, plain, known)
        found += _initials(text, known)
        found += _in_lower_case(text, known)
    to = greeting(text)
    if to and to.name:
        found += _of_reader(text, to.name[-1], named)
    found += _titled(text, to.end if to else 0, named)
    found.sort(key=lambda one: one.start)
    greeted = _greeted(to, known) if to and to_stranger else None
    if not (found or greeted):
        return
    begins = list(islice(sentences(text), LOOKED_AT))
    if greeted and any(telling(each) for each in _spoken(text, begins)):
        yield greeted
    for one in found[:MOST_WORDS]:
        if _is_taken(taken, one.start, one.end):
            continue
        start, end = begins[max(0, bisect_right(begins, (one.start, len(text))) - 1)]
        end = min(end, start + LONGEST)
        if not start <= one.start < end or is_list(text, start, end, ()):
            continue
        said = tuple(tokens(text, start, end, [Sign(one.start, one.end, STUDENT)]))
        each = Candidate(0, start, end, (), said, tuple(context(said, 1, 0, addressed=False)))
        if (is_of_records(said) and telling(each)) or any(map(telling, _of_the_same(text, start, said, begins, found))):
            yield one


def _of_the_same(
    text: str, start: int, said: Sequence[str], begins: Sequence[tuple[int, int]], found: Sequence[_Called]
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


def _words(text: str, written: Sequence[re.Match[str]], plain: Mapping[str, str], known: Near) -> Iterator[_Called]:
    """First and last names, those left out that are part of a longer name anywhere: it is somebody else's."""
    meant = {word: known.meant(plain[word]) for word in plain if plain[word] in known.words}
    named = [word for word in written if word[0] in meant] if meant else []
    others = {word[0] for word in named if _is_part(text, word.start(), word.end())}
    for word in named:
        if word[0] not in others:
            yield from _one(word.start(), word.end(), meant[word[0]], Form.SINGLE)


def _is_part(text: str, start: int, end: int) -> bool:
    """Whether a word with a capital that is no ordinary one stands beside it: Suresh Okobola, Okobola Hall."""
    before, behind = _BEFORE.search(text, max(0, start - _LONGEST), start), _BEHIND.match(text, end)
    if behind and folded_name(behind[1]) not in NO_NAME:
        return True
    word = folded_name(before[1]) if before else ""
    return bool(word) and word not in NO_NAME and word not in _OPENS and not word.endswith("ly")


def _initials(text: str, known: Near) -> Iterator[_Called]:
    for word in _INITIALS.finditer(text):
        meant = known.meant(f"{word[1]}.{word[2]}.".lower())
        yield from _one(word.start(1), word.end(), meant, Form.INITIALS, Strength.WEAK)


def _in_lower_case(text: str, known: Near) -> Iterator[_Called]:
    """Two words side by side that are names of one student."""
    if known.words.keys().isdisjoint(text.split()):
        return
    for one, other in pairwise(_IN_LOWER_CASE.finditer(text)):
        if other.start() == one.end() + 1 and text[one.end()].isspace():
            both = {*known.meant(folded_name(one[0]))} & {*known.meant(folded_name(other[0]))}
            yield from _one(one.start(), other.end(), both, Form.FULL)


def _one(
    start: int, end: int, students: Collection[str], form: Form, strength: Strength = Strength.STRONG
) -> Iterator[_Called]:
    """Nobody where several are called so."""
    if len(students) == 1:
        yield _Called(start, end, next(iter(students)), form, strength)


def _of_reader(text: str, family: str, named: Named) -> Iterator[_Called]:
    """Your daughter Jana in a letter to a Mrs. Petrova: Jana Petrova."""
    if child := _YOUR_CHILD.search(text):
        likely = [each for each in named(pair_key(folded_name(child[1]), family)) if isinstance(each, Student)]
        whose = {each.id for each in likely if family in given_and_family(each)[1]}
        yield from _one(child.start(1), child.end(1), whose, Form.SINGLE)


def _titled(text: str, greeted: int, named: Named) -> Iterator[_Called]:
    """Mr. Okobola, where one student has that last name, and nobody of the staff. Up to `greeted` somebody is greeted."""
    whose: dict[str, set[str]] = {}
    for title in _TITLED.finditer(text):
        if title.start() < greeted:
            continue  # to whom it is said is not whom it is about
        last = folded_name(title[1])
        if last not in whose and last not in NO_NAME and len(whose) < _MOST_TITLED:
            people = [each for initial in ascii_lowercase for each in named(initial_last_key(initial, last))]
            bearing = [each for each in people if last in given_and_family(each)[1]]
            students = {each.id for each in bearing if isinstance(each, Student)}
            whose[last] = students if all(isinstance(each, Student) for each in bearing) else set()
        yield from _one(title.start(), title.end(), whose.get(last, ()), Form.TITLED, Strength.WEAK)


def _greeted(to: Greeting, known: Near) -> _Called | None:
    """The student whom a letter to an address that no file has greets by one name."""
    one = known.meant(to.name[0]) if len(to.name) == 1 else ()
    return next(_one(to.start, to.end, one, Form.SINGLE), None)


def _spoken(text: str, begins: Iterable[tuple[int, int]]) -> Iterator[Candidate]:
    """Sentences of records that say "you"."""
    for start, end in begins:
        said = tuple(tokens(text, start, end, ()))
        if not YOU.isdisjoint(said) and is_of_records(said):
            yield Candidate(0, start, end, (), said, tuple(context(said, 0, 1, addressed=True)))


def _finding(view: int, one: _Called, where: str, who: str) -> Finding:
    return Finding(
        kind=KIND,
        detector="name",
        pattern=one.form.value,
        role=Role.IDENTIFIES,
        where=where,
        view=view,
        start=one.start,
        end=one.end,
        confidence=CONFIDENCE[one.strength],
        masked=MASKS[one.form],
        digest=who,
    )
