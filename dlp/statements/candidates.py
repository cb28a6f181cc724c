"""Which sentences of a message may tell something of somebody: those that name a student or an employee, or go on about one.

Takes what was read and the people in it; gives Candidates: the tokens of a sentence without names and numbers, whom it is
about, and what stands around it. Lines of tables, signatures and disclaimers are none. Bounded: SENTENCES of a message, the
first 10,000 of a text; never fails.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from typing import NamedTuple

from dlp.campus.own_fields import is_of_studies, own_fields
from dlp.campus.people import People, Place, Strength
from dlp.campus.records import Staff, Student
from dlp.mail.zones import Zone, zones
from dlp.statements.concepts import is_of_records
from dlp.statements.sentences import EMPLOYEE, STUDENT, Sign, features, sentences, tokens
from dlp.values import Channel, Role, Texts, View

SENTENCES = 2_000  # of one message that are weighed
LOOKED_AT = 10_000  # sentences of one text, about a megabyte
REACH = 4  # sentences after one that names somebody which may still be about the same person
_SILENT = frozenset({Zone.SIGNATURE, Zone.DISCLAIMER})
_LONG, _LONG_WORDS = 1_000, 20  # characters of a text, and of a word and the blank behind it where they are no words
_SHORTEST = 2  # tokens


@dataclass(frozen=True, slots=True)
class Candidate:
    """One sentence that may tell something of these people: its tokens, and where it stands."""

    view: int
    start: int
    end: int
    people: tuple[str, ...]
    words: tuple[str, ...]
    context: tuple[str, ...]
    before: tuple[str, ...] = ()  # tokens of the sentence before
    heading: tuple[str, ...] = ()  # and of the Subject

    @property
    def found(self) -> set[str]:
        """Its features."""
        return features(self.words, self.context, self.before, self.heading)


class _Named(NamedTuple):
    """A sign in a view, whose it is, and whether it stands in a greeting."""

    sign: Sign
    person: str
    greeting: bool


@dataclass(frozen=True, slots=True)
class _Message:
    """What every sentence of a message is seen with: the only student it names, the tokens of its Subject, to whom it speaks
    where nobody known is greeted, whose parent it goes to where it names no student, whom its Subject names, and whether a
    listed word stands above it, which makes any sentence one of records.
    """

    topic: tuple[str, ...]
    heading: tuple[str, ...]
    reader: tuple[str, ...]
    child: tuple[str, ...]
    headed: tuple[str, ...]
    listed: bool
    students: Mapping[str, Student]  # what the directory has of them tells nothing more


def candidates(texts: Texts, people: People, reader: str | None = None, child: str | None = None) -> Iterator[Candidate]:
    """Every sentence that names somebody, or goes on about one who was. `child`: whose parent alone the letter goes to."""
    left = SENTENCES
    named = _named(people)
    listed = any(one.role is Role.HEADER_WORD and one.enforced for one in people.findings)
    topic = _topic(named)
    of_reader = () if child is None or _students(named) else (child,)
    headed = tuple(_headed(texts, named)) if topic else ()
    students = {one.person: one.record for one in people.identified if isinstance(one.record, Student)}
    more = _Message(topic, tuple(_heading(texts, named)), _reader(named, reader), of_reader, headed, listed, students)
    for index, view in enumerate(texts.views):
        here = named.get(index, [])
        if (here or more.topic or more.reader or more.child) and may_say(view):
            for each in _of_view(index, view, here, more):
                yield each
                left -= 1
                if not left:
                    return


def may_say(view: View) -> bool:
    """Whether sentences may stand in a view. In bytes nobody can read something always prints, but few blanks."""
    if view.grid is not None or view.channel is Channel.HEADERS:
        return False
    return len(view.text) < _LONG or _LONG_WORDS * view.text.count(" ") > len(view.text)


def _topic(named: Mapping[int, Sequence[_Named]]) -> tuple[str, ...]:
    """The only student a message names: what goes on without a name may be about this one."""
    students = _students(named)
    return tuple(students) if len(students) == 1 else ()


def _students(named: Mapping[int, Sequence[_Named]]) -> set[str]:
    """Whom a message names, but in a greeting."""
    return {each.person for signs in named.values() for each in signs if each.sign.token == STUDENT and not each.greeting}


def _reader(named: Mapping[int, Sequence[_Named]], reader: str | None) -> tuple[str, ...]:
    """To whom a message speaks; not the only student it goes to where it names another, who may be the one spoken to."""
    others = {each.person for signs in named.values() for each in signs if each.sign.token == STUDENT} - {reader}
    return () if reader is None or (reader and others) else (reader,)


def _headed(texts: Texts, named: Mapping[int, Sequence[_Named]]) -> Iterator[str]:
    """The student whom the Subject names."""
    for index, signs in named.items():
        if texts.views[index].channel is Channel.HEADERS and texts.views[index].label == "subject line":
            yield from dict.fromkeys(each.person for each in signs if each.sign.token == STUDENT)


def _heading(texts: Texts, named: Mapping[int, Sequence[_Named]]) -> Iterator[str]:
    """The tokens of the Subject."""
    for index, view in enumerate(texts.views):
        if view.channel is Channel.HEADERS and view.label == "subject line":
            yield from tokens(view.text, 0, len(view.text), [each.sign for each in named.get(index, ())])


def _named(people: People) -> Mapping[int, list[_Named]]:
    """Signs of people by view, in their order."""
    found: dict[int, list[_Named]] = {}
    for one in people.identified:
        token = EMPLOYEE if isinstance(one.record, Staff) else STUDENT
        if one.strength is Strength.WEAK and token == EMPLOYEE:
            continue
        for at in one.findings:
            finding, place = people.findings[at], people.places.get(at, Place.TEXT)
            if place in (Place.TEXT, Place.HEADER, Place.GREETING) and not is_of_studies(finding):
                sign = Sign(finding.start, finding.end, token)
                found.setdefault(finding.view, []).append(_Named(sign, one.person, place is Place.GREETING))
    for signs in found.values():
        signs.sort(key=lambda each: each.sign.start)
    return found


def _of_view(index: int, view: View, named: Sequence[_Named], more: _Message) -> Iterator[Candidate]:
    text = view.text
    stretches = zones(text, view.marked)
    silent = [each for each in stretches if each.zone in _SILENT]
    ends = [each.end for each in silent]
    quoted = next((each.start for each in stretches if each.depth), len(text))
    greeted = tuple(dict.fromkeys(each.person for each in named if each.greeting))
    starts = [each.sign.start for each in named]
    last: tuple[str, ...] = more.headed
    staff: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    named_here = False
    distance, since = 0 if last else REACH + 1, REACH + 1  # sentences behind one that names a student, an employee
    for start, end in islice(sentences(text), LOOKED_AT):
        signs = named[bisect_right(starts, start - 1) : bisect_right(starts, end - 1)]
        here = [each for each in signs if not each.greeting]
        nearest = bisect_right(ends, start)
        if nearest < len(silent) and silent[nearest].start < end:
            continue
        begins = max([start, *(each.sign.end for each in signs if each.greeting)])
        nearby = last if distance < REACH else ()
        words = tuple(_but_own_fields(text, (begins, end), here, nearby, more.students))
        earlier, before = before, words
        students = tuple(each.person for each in here if each.sign.token == STUDENT)
        employees = tuple(each.person for each in here if each.sign.token == EMPLOYEE)
        distance, since = 0 if students else distance + 1, 0 if employees else since + 1
        last, staff = students or last, employees or staff
        named_here = named_here or bool(students)
        if len(words) < _SHORTEST or not ((students and len(here) < _MANY) or more.listed or is_of_records(words)):
            continue
        if is_list(text, start, end, [each.sign for each in here]):
            continue
        people = tuple(each.person for each in here)
        to = greeted or (more.reader if start < quoted else ())
        addressed = not students and bool(to) and not YOU.isdisjoint(words) and not (last and _is_of_another(words))
        if addressed and len(to) > 1:
            continue  # what is told to several is the joint result of all
        if addressed:
            people += to
        elif not students and not (people and _PRONOUNS.isdisjoint(words)):
            of_whom = last if distance <= REACH else more.topic if _says_something(words) else ()
            of_whom = of_whom or (to if _PRONOUNS.isdisjoint(words) else more.child)[:1]
            unnamed = of_whom == more.child or (of_whom == more.headed and not named_here)
            people += () if unnamed and not _OTHERS.isdisjoint((*words, *earlier)) else of_whom
        if not here and since <= REACH and not _PRONOUNS.isdisjoint(words):
            people += staff
        if people:
            near = distance if last else since if people == staff else 1 if people == more.child else _BEFORE
            where = tuple(context(words, len(here), near, addressed))
            yield Candidate(index, begins, end, tuple(dict.fromkeys(people)), words, where, earlier, more.heading)


def _is_of_another(words: Sequence[str]) -> bool:
    """Whether a sentence speaks of somebody before it speaks to the reader: she is not to sit in your hall."""
    return next((word for word in words if word in _SINGULAR or word in YOU), "") in _SINGULAR


def _but_own_fields(
    text: str, span: tuple[int, int], here: Sequence[_Named], last: Sequence[str], students: Mapping[str, Student]
) -> list[str]:
    """The tokens of a sentence; none where it gives fields of the directory of whom it is about, and says nothing else."""
    whole = tokens(text, *span, [each.sign for each in here])
    about = tuple(dict.fromkeys(each.person for each in here)) or last
    if span[1] - span[0] > _OF_FIELDS or not 0 < len(about) < _MANY:
        return whole
    known = [students[who] for who in about if who in students]
    own = [Sign(each.start, each.end, "") for one in known for each in own_fields(text, *span, one)]
    if not own:
        return whole
    for one in known:
        at = text.find(one.department, *span) if one.department else -1
        own += [Sign(at, at + len(one.department), "")] if at >= 0 else []
    names = [each.sign for each in here if not any(one.start < each.sign.end and each.sign.start < one.end for one in own)]
    return [] if _LINKING.issuperset(tokens(text, *span, sorted([*names, *own], key=attrgetter("start")))) else whole


def _says_something(words: Sequence[str]) -> bool:
    """Whether a sentence that stands far from any name has a few words that are no figures or names."""
    return sum(word.islower() or word in _PRONOUNS for word in words) >= _FEW


def is_list(text: str, start: int, end: int, signs: Sequence[Sign]) -> bool:
    """Whether a stretch without a full stop is lines of a table, a list or a form, which are read by their rows, or cites."""
    if any(text.count(sign, start, end) > 1 for sign in "\t|") or _CITES.search(text, start, end):
        return True
    if sum(1 for _ in _APART.finditer(text, start, end)) > 1:
        return True
    lines = text[start:end].strip().split("\n")
    first = sum(text[max(start, each.start - 3) : each.start].rpartition("\n")[1] == "\n" for each in signs)
    if first > 1 or len(lines) == 1:
        return first > 1 and len(lines) > 1
    sentence = len(lines) == 2 and lines[1].endswith((".", "!", "?"))  # wrapped
    return not sentence and sum(len(line.split()) for line in lines) < _ROW * len(lines)


_CITES = re.compile(r"\bet al\b|\((?:19|20)\d\d[a-z]?\)|\b(?:wrote|writes|schrieb|a écrit|escribió) ?:\s*\Z")
_APART = re.compile(r"[^\s.!?:] {2,}(?=\S)")  # blanks that keep cells apart
_FEW = 2  # words
_MANY = 3  # people: without a word of records such a sentence says who does what
# of whom "she" may be said where nobody is named
_OTHERS = frozenset(
    ("adviser", "advisor", "assistant", "aunt", "boss", "boyfriend", "brother", "chair", "coach", "colleague", "cousin", "dad",
     "dean", "director", "doctor", "father", "friend", "girlfriend", "grandfather", "grandmother", "husband", "landlord",
     "mom", "mother", "mum", "neighbor", "neighbour", "nurse", "partner", "plumber", "president", "professor", "provost",
     "roommate", "secretary", "sister", "speaker", "uncle", "wife")
)  # fmt: skip
_LINKING = frozenset(
    ("a", "an", "the", "and", "is", "was", "are", "of", "in", "at", "with", "also", "both", "who", "here", "(", ")", ";", ":",
     STUDENT, EMPLOYEE, "PRO", "PROS", "THEY", "THEYS")
)  # fmt: skip
_OF_FIELDS = 200  # characters of a sentence that may give nothing but fields
_ROW = 5  # words of a line; lines of prose have more
_BEFORE = -1  # the distance of what stands before the first name
FAR = frozenset({f"distance {_BEFORE}", "distance far"})
_SINGULAR = frozenset({"PRO", "PROS"})
_PRONOUNS = _SINGULAR | {"THEY", "THEYS"}
YOU = frozenset({"you", "your", "you're", "you've", "you'll", "you'd", "yours", "yourself"})


def context(words: Sequence[str], named: int, distance: int, addressed: bool) -> Iterator[str]:  # noqa: FBT001  a plain fact
    """Features of where a sentence stands."""
    yield f"named {min(named, 3)}"
    yield f"distance {distance if distance <= REACH else 'far'}"
    yield f"length {min(len(words) // 6, 4)}"
    if addressed:
        yield "addressed"
    if "?" in words:
        yield "asks"
