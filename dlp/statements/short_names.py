"""Signs of students by less than a name: one word of it, initials, both words in lower case, Mr. Okobola, your son.

Takes a text, the words by which students near the sender and readers are called, the look-up of names, and who alone bears a
word on the whole campus; gives where which student may be meant. Whether somebody is, says the sentence (called.py). What no
text can be is looked for first, so mail that has none costs little. Fails only as the directory does (Unavailable).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from string import ascii_lowercase

from dlp.campus.folding import folded_name
from dlp.campus.greeting import Greeting
from dlp.campus.mentions import Form
from dlp.campus.name_words import COMMON_GIVEN, OPENS, PAPERS, THINGS, TITLES
from dlp.campus.names import given_and_family, initial_last_key, pair_key
from dlp.campus.near import Near
from dlp.campus.people import NO_NAME, Strength
from dlp.campus.records import Student
from dlp.statements.mistyped import Named, all_spelt, alone

Ordinary = Callable[[str], bool]  # whether a word in small letters is one of the language
Only = Callable[[str], Student | None]  # who alone has a word in the name

# what may not stand before the first letter is asked behind it, so that the search skips to the next such letter
_WORD = re.compile(r"[^\W\d_a-z](?<![\w.@/-].)(?<!\b[A-Z]\. .)[^\W\d_]++(?:[-'\u2019][^\W\d_]++)*(?![\w@/])")
_ASCII_WORD = re.compile(r"[A-Z](?<![\w.@/-].)(?<!\b[A-Z]\. .)[A-Za-z]++(?:[-'][A-Za-z]++)*(?![\w@/])", re.ASCII)  # the same
# without stops they are as often an abbreviation; found from the first, for there are fewer of these than of letters
_INITIALS = re.compile(r"\.(?<=([A-Z])\.)(?<![\w.@/&-].\.)(?:-[A-Z]\.)? ?([A-Z])\.(?![\w@/])")
_IN_LOWER_CASE = re.compile(r"(?<![\w.@/-])[^\W\d_A-Z][^\W\d_]+(?:[-'\u2019][^\W\d_]+)*(?![\w@/])")
_YOUR_CHILD = re.compile(
    r"[Yy](?<!\w.)(?i:our\s+(?:\w+\s+)?(?:daughter|son|child),?)\s+([^\W\d_a-z][^\W\d_]+)(?!\w)(?! [^\W\d_a-z])"
)
_TITLED = re.compile(r"M(?<!\w.)(?:r|rs|s|iss|x)\b\.?[ \n]([^\W\d_a-z][^\W\d_]+(?:-[^\W\d_]+)*+)(?![ \n][^\W\d_a-z][^\W\d_])")
_MOST_TITLED = 8  # last names of one text that are looked up
_LONGEST = 24  # characters of a name beside it
_BEFORE = re.compile(r"(?<![\w'\u2019])([^\W\d_a-z][^\W\d_A-Z]+)[ ]\Z")
_MARGIN = 16  # characters before a word that begins a line
_AROUND = 40  # and before one that says whose relative somebody is
_BEGINS = re.compile(r"(?:\A|[.!?:\n][ >*\t]*)\Z")
_BEHIND = re.compile(r"[ ]([^\W\d_a-z][^\W\d_A-Z]+)")
_MOST_LOOKED_UP = 1_000  # words of one text: more are no letter
_CALENDAR = frozenset(
    ("apr", "april", "aug", "august", "autumn", "dec", "feb", "fri", "jan", "jul", "jun", "june", "mar", "may", "mon", "nov",
     "oct", "sat", "sep", "spring", "summer", "sun", "thu", "tue", "wed", "winter")
)  # fmt: skip
_CAPITAL_BEFORE = re.compile(r"[^\W\d_a-z][\w'\u2019-]*[ ]\Z")
_OF_A_THING = re.compile(r"\b(?:an?|each|every|in|no|of|per|th(?:at|e|is))[ ]\Z", re.IGNORECASE)
_GOES_BEFORE_ONE = re.compile(
    r"[ ](?:(?:already|also|almost|barely|just|nearly|now|only|really)[ ])?(?:came|can(?:no|')?t|didn't|did|does|failed|gets?"
    r"|got|had|has|is|isn't|lost|made|missed|needs|never|passed|scored|still|told|took|wants|was|wasn't|went|withdrew|won't)\b"
    r"|, (?:you|your)\b"
)
_HAS_DONE = re.compile(r"[ ](?:didn't|failed|got|has|hasn't|missed|never|passed|scored|told|withdrew)\b")
# "my brother Felix" is somebody else of that name, and so is "her husband Felix"; "your daughter Greta" may be a student
_ELDERS = r"aunt|baby|cat|dad|dog|father|grand\w+|horse|husband|mother|mum|mom|parrot|pony|puppy|toddler|uncle|wife"
_KIN_BEFORE = re.compile(
    rf"\b(?:(?:my|our) (?:\w+ )?(?:{_ELDERS}|boyfriend|brother|cousin|daughter|fianc[e\u00e9]e?|girlfriend|nephew|niece|sister"
    rf"|son)|(?:his|her|their|\w+['\u2019]s) (?:\w+ )?(?:{_ELDERS})),?[ ]\Z",
    re.IGNORECASE,
)
# whose name stands before one of these is the writer's, or a firm's
_KIN_AS_TITLE = re.compile(r"\b(?:Aunt(?:ie|y)?|Cousin|Grand(?:ma|pa)|Uncle) \Z")
_OF_STUDIES = re.compile(r"[^.!?\n]{0,80}\b(?:class|course|exam|final|grade|midterm|probation|quiz|suspended|thesis)\b")
_ELSEWHERE = re.compile(
    r", (?:my|our|their|your) (?:\w+ )?(?:accountant|agent|baker|barber|boss|broker|builder|carpenter|caterer|chef|cleaner"
    r"|contact|cook|courier|decorator|dentist|driver|electrician|gardener|guide|hairdresser|landlady|landlord|lawyer|mechanic"
    r"|mover|nanny|neighbou?r|painter|photographer|plumber|postman|rep|roofer|sitter|supplier|technician|vendor|vet|waiter"
    r"|waitress)\b"
    r"| (?:at|from) (?:the )?(?:(?P<place>[^\W\d_a-z]\w+(?: [^\W\d_a-z]\w+)?)|\w+ (?:desk|dock|firm|office|shop|store))\b"
)
_HERE = re.compile(r"\w+day\b|(?:Lab|Recitation|Room|Section)\b|.*\b(?:College|Dorm|Hall|House|Residence)\b")
_STARTS = re.compile(r"(?:\A|[.!?:][\s>*]*|\n\s*\n[\s>*]*)\Z")  # a sentence
_POSSESSIVE = ("'s", "\u2019s")


@dataclass(frozen=True, slots=True)
class Called:
    """A stretch of a text that means a student, by ID."""

    start: int
    end: int
    student: str
    form: Form = Form.SINGLE
    strength: Strength = Strength.STRONG
    near: bool = True  # to who writes or reads; else alone of that name on the whole campus


def written(text: str) -> list[re.Match[str]]:
    """Its words with a capital that may be names."""
    return list((_ASCII_WORD if text.isascii() else _WORD).finditer(text))


def short_names(
    text: str,
    names: Sequence[re.Match[str]],
    to: Greeting | None,
    known: Near,
    named: Named,
    ordinary: Ordinary,
    only: Only | None = None,
) -> list[Called]:
    """All such signs, in their order. `names` are its words with a capital, `to` is who is greeted; without `only` no word
    means anybody who is not near.
    """
    found: list[Called] = []
    plain = all_spelt({each[0] for each in names}) if known or only else {}
    if only:
        greets = to.name if to else ()
        found += _only_ones(text, [word for word in names if plain[word[0]] not in greets], plain, known, only, ordinary)
    if known:
        mistyped = (each for each in alone(names, plain, known) if not _is_part(text, *each[:2], ordinary))
        found += (Called(*each, Form.SINGLE, Strength.WEAK) for each in mistyped)
        found += _words(text, names, plain, known, ordinary)
        found += _ordinary(text, names, plain, known, ordinary)
        found += _initials(text, known)
        found += _in_lower_case(text, known)
    if to and to.name:
        found += _of_reader(text, to.name[-1], named)
    found += _titled(text, to.end if to else 0, named)
    return sorted(found, key=lambda one: one.start)


def _words(
    text: str, written: Sequence[re.Match[str]], plain: Mapping[str, str], known: Near, ordinary: Ordinary
) -> Iterator[Called]:
    """First and last names, those left out that are part of a longer name anywhere: it is somebody else's."""
    meant = {word: known.meant(plain[word]) for word in plain if plain[word] in known.words}
    named = [word for word in written if word[0] in meant] if meant else []
    others = {word[0] for word in named if _is_part(text, word.start(), word.end(), ordinary)}
    for word in named:
        if word[0] not in others and not _is_relative(text, word):
            yield from _one(word.start(), word.end(), meant[word[0]], Form.SINGLE)


def _only_ones(
    text: str, written: Sequence[re.Match[str]], plain: Mapping[str, str], known: Near, only: Only, ordinary: Ordinary
) -> Iterator[Called]:
    """Names that one student of the whole campus has, and nobody near."""
    strange = [
        word
        for word in written
        if len(name := plain[word[0]]) > 2 and name not in NO_NAME and name not in known and not word[0].isupper()
    ]
    names = {
        word[0]: plain[word[0]]
        for word in strange
        if _is_verbs(text, word) or not (ordinary(plain[word[0]]) and _starts(text, word))
    }
    meant = {word: student for word, name in islice(names.items(), _MOST_LOOKED_UP) if (student := only(name))}
    called = [word for word in strange if word[0] in meant]
    others = {
        word[0]
        for word in called
        if _is_part(text, word.start(), word.end(), ordinary)
        or _is_relative(text, word)
        or _is_titled(text, word)
        or _is_of_elsewhere(text, word, meant[word[0]])
    }
    for word in called:
        if word[0] not in others:
            # by the last name alone people speak of strangers too
            given, _ = given_and_family(meant[word[0]])
            strength = Strength.STRONG if plain[word[0]] in given else Strength.WEAK
            yield Called(word.start(), word.end(), meant[word[0]].id, Form.SINGLE, strength, near=False)


def _is_verbs(text: str, word: re.Match[str]) -> bool:
    """Whether a word has something, does something, or is spoken to: Grace, you are missing one."""
    return word[0].endswith(_POSSESSIVE) or _GOES_BEFORE_ONE.match(text, word.end()) is not None


def _starts(text: str, word: re.Match[str]) -> bool:
    return _STARTS.search(text, max(0, word.start() - _MARGIN), word.start()) is not None


def _is_titled(text: str, word: re.Match[str]) -> bool:
    """Mr. Okobola is looked up as such; Dr. Okobola is no student."""
    before = text[max(0, word.start() - _MARGIN) : word.start()].split()
    return bool(before) and folded_name(before[-1].strip(".,")) in TITLES


def _ordinary(
    text: str, written: Sequence[re.Match[str]], plain: Mapping[str, str], known: Near, ordinary: Ordinary
) -> Iterator[Called]:
    """First names that are words as well, where no such word has a capital: in the midst of a sentence, or before a verb."""

    def no_name(word: str) -> bool:  # "Mark Grace" is one person, "Poor Grace" another
        return word in known.ordinary or (ordinary(word) and word not in COMMON_GIVEN)

    called = [word for word in written if plain[word[0]] in known.ordinary] if known.ordinary else []
    others = {plain[word[0]] for word in called if _is_part(text, word.start(), word.end(), no_name)}
    for word in called:
        if (name := plain[word[0]]) not in others and not _is_relative(text, word) and _stands_for_one(text, word, name):
            yield from _one(word.start(), word.end(), known.ordinary[name], Form.SINGLE)


def _stands_for_one(text: str, word: re.Match[str], name: str) -> bool:
    before = text[max(0, word.start() - _MARGIN) : word.start()]
    capital = _CAPITAL_BEFORE.search(before)
    if (capital and not _STARTS.search(before[: capital.start()])) or _BEHIND.match(text, word.end()):
        return False
    if _OF_A_THING.search(before):
        return False
    if name in _CALENDAR:
        return _HAS_DONE.match(text, word.end()) is not None
    return _is_verbs(text, word) or not _starts(text, word)


def _is_of_elsewhere(text: str, word: re.Match[str], student: Student) -> bool:
    """Dario, our plumber; Cara from Acme; Felix at the loading dock; not Felix from History, who studies it."""
    found = _ELSEWHERE.match(text, word.end())
    if found is None or not (place := found["place"]):
        return found is not None
    own = f"{student.department} {student.course} {student.term_address}".casefold()
    return _HERE.match(place) is None and place.split()[0].casefold() not in own


def _is_relative(text: str, word: re.Match[str]) -> bool:
    """Whether a word is the name of the writer's brother, or of somebody's dog."""
    begin = max(0, word.start() - _AROUND)
    if _KIN_AS_TITLE.search(text, begin, word.start()):
        return _OF_STUDIES.match(text, word.end()) is None
    return _KIN_BEFORE.search(text, begin, word.start()) is not None


def _is_part(text: str, start: int, end: int, ordinary: Ordinary) -> bool:
    """Whether a word with a capital that is no ordinary one stands beside it, or that of a thing behind it: Suresh Okobola,
    Okobola Hall. One that begins a sentence has its capital from that: Poor Okobola failed."""
    before, behind = _BEFORE.search(text, max(0, start - _LONGEST), start), _BEHIND.match(text, end)
    if behind and ((word := folded_name(behind[1])) not in NO_NAME or word in THINGS | PAPERS):
        return True
    if before is None or (word := folded_name(before[1])) in NO_NAME or word in OPENS or word.endswith("ly"):
        return False
    return not (_BEGINS.search(text, max(0, before.start() - _MARGIN), before.start()) and ordinary(word))


def _initials(text: str, known: Near) -> Iterator[Called]:
    for word in _INITIALS.finditer(text):
        meant = known.meant(f"{word[1]}.{word[2]}.".lower())
        yield from _one(word.start(1), word.end(), meant, Form.INITIALS, Strength.WEAK)


def _in_lower_case(text: str, known: Near) -> Iterator[Called]:
    """Two words side by side that are names of one student."""
    if known.words.keys().isdisjoint(text.split()):
        return
    for one, other in pairwise(_IN_LOWER_CASE.finditer(text)):
        if other.start() == one.end() + 1 and text[one.end()].isspace():
            both = {*known.meant(folded_name(one[0]))} & {*known.meant(folded_name(other[0]))}
            yield from _one(one.start(), other.end(), both, Form.FULL)


def _one(start: int, end: int, students: Collection[str], form: Form, strength: Strength = Strength.STRONG) -> Iterator[Called]:
    """Nobody where several are called so."""
    if len(students) == 1:
        yield Called(start, end, next(iter(students)), form, strength)


def _of_reader(text: str, family: str, named: Named) -> Iterator[Called]:
    """Your daughter Jana in a letter to a Mrs. Petrova: Jana Petrova."""
    if child := _YOUR_CHILD.search(text):
        likely = [each for each in named(pair_key(folded_name(child[1]), family)) if isinstance(each, Student)]
        whose = {each.id for each in likely if family in given_and_family(each)[1]}
        yield from _one(child.start(1), child.end(1), whose, Form.SINGLE)


def _titled(text: str, greeted: int, named: Named) -> Iterator[Called]:
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


def greeted(to: Greeting, known: Near) -> Called | None:
    """The student whom a letter to an address that no file has greets by one name."""
    one = known.meant(to.name[0]) or known.ordinary.get(to.name[0], ()) if len(to.name) == 1 else ()
    return next(_one(to.start, to.end, one, Form.SINGLE), None)
