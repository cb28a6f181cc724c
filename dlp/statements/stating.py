"""Which sentences tell something of somebody: findings beside those of the patterns.

Takes what was read, the people in it with what is known so far, and the weights; gives the same with a finding per sentence,
person and kind, and whom each is about. Only sentences that name a student or an employee, or go on about one, are looked at;
lines of tables, signatures and disclaimers are not. Bounded: SENTENCES of a message, the first 10,000 of a text; never fails.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from dlp.campus.labelled import Labelled
from dlp.campus.mentions import Form
from dlp.campus.people import Identified, People, Place, Strength
from dlp.campus.places import Places
from dlp.campus.records import Staff
from dlp.mail.zones import Zone, zones
from dlp.policy.kinds import EMPLOYEE as EMPLOYEE_KINDS
from dlp.policy.kinds import is_record
from dlp.policy.relations import ARRANGED
from dlp.ruleset import Verifying, Weighing
from dlp.statements.concepts import is_of_records, names_illness
from dlp.statements.sentences import EMPLOYEE, STUDENT, Sign, features, sentences, tokens
from dlp.values import Channel, Finding, Role, Texts, View

DETECTOR = "statement"
SENTENCES = 2_000  # of one message that are weighed
_LOOKED_AT = 10_000  # of one text, about a megabyte
REACH = 4  # sentences after one that names somebody which may still be about the same person
_SILENT = frozenset({Zone.SIGNATURE, Zone.DISCLAIMER})
_FIELDS = 0.989  # a confidence below is no finding in a sentence that gives fields of the directory
_PRAISED = 0.84  # a confidence below is no finding in a letter of recommendation: praise reads much like a record
_LEAST = 0.05  # a confidence below is no finding
_STUDIES = frozenset({"directory:degrees", "directory:attendance_dates"})  # a sentence that confirms these tells these
_SHORTEST = 2  # tokens
_FULL_NAMES = frozenset({Form.FULL.value, Form.LISTED.value})


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


@dataclass(frozen=True, slots=True)
class _Named:
    """A sign in a view, whose it is, and whether it stands in a greeting."""

    sign: Sign
    person: str
    greeting: bool


@dataclass(frozen=True, slots=True)
class _Message:
    """What every sentence of a message is seen with: the only student it names, the tokens of its Subject, to whom it speaks
    where nobody known is greeted, and whether a listed word stands above it, which makes any sentence one of records.
    """

    topic: tuple[str, ...]
    heading: tuple[str, ...]
    reader: tuple[str, ...]
    listed: bool


def with_statements(
    texts: Texts,
    told: Labelled,
    weights: Weighing,
    act_at: float,
    reader: str | None = None,
    verifier: Verifying | None = None,
) -> Labelled:
    """What sentences tell beside what `told` has. `reader`: to whom the letter speaks, where no sign shows who is greeted.

    A verifier looks again at those that the weights leave open.
    """
    if not (told.people.identified or reader is not None):
        return told
    findings, about = list(told.people.findings), dict(told.about)
    staff = {one.person for one in told.people.staff}
    meant: set[str] = set()
    spoken: list[int] = []  # findings about the reader
    places: dict[int, Places] = {}
    beside = _Beside(findings, act_at)
    for each in candidates(texts, told.people, reader):
        stated, fields = beside.within(each)
        found = each.found
        confidence = weights.confidence(found)
        if verifier is not None:
            confidence = verifier.settled(confidence, each.words, each.before)
        if not _STUDIES.isdisjoint(stated) or confidence < (_FIELDS if fields else _PRAISED if beside.praises else _LEAST):
            continue
        kinds = _with_illness(list(filter(is_record, stated)) or weights.kinds_of(found), each)
        meant.update(each.people if confidence >= act_at else ())
        where = places.setdefault(each.view, Places(texts.views[each.view])).where(each.start)
        for person in each.people:
            for kind in kinds:
                if (person in staff) == (kind in EMPLOYEE_KINDS):
                    about[len(findings)] = person
                    if person == reader and confidence >= act_at:
                        spoken.append(len(findings))
                    findings.append(_finding(each, kind, person, confidence, where))
    identified = tuple(_surer(one, told.people) if one.person in meant else one for one in told.people.identified)
    if spoken and reader:
        identified = _with_reader(identified, told.people, reader, spoken)
    return replace(told, people=replace(told.people, findings=tuple(findings), identified=identified), about=about)


def _with_illness(kinds: Collection[str], each: Candidate) -> list[str]:
    """With the illness that is the reason of an absence or accommodation."""
    named = not ARRANGED.isdisjoint(kinds) and names_illness(each.words)
    return sorted({*kinds, "health"} if named else kinds)


class _Beside:
    """What patterns found, to be asked for by sentence."""

    def __init__(self, findings: Sequence[Finding], act_at: float) -> None:
        stated = [one for one in findings if one.role is Role.STATES and one.enforced and one.confidence >= act_at]
        self.praises = any(one.kind == "recommendation" for one in stated)
        self._stated = sorted((one.view, one.start, one.kind) for one in stated)
        self._fields = sorted((one.view, one.start) for one in findings if one.kind.startswith("directory:"))

    def within(self, each: Candidate) -> tuple[set[str], bool]:
        """The kinds stated in a sentence, and whether it gives a field of the directory."""
        begins, ends = (each.view, each.start), (each.view, each.end)
        first = bisect_left(self._stated, (*begins, ""))
        kinds = {kind for _, _, kind in self._stated[first : bisect_left(self._stated, (*ends, ""))]}
        return kinds, bisect_left(self._fields, begins) < bisect_left(self._fields, ends)


def _with_reader(
    identified: tuple[Identified, ...], people: People, reader: str, spoken: Sequence[int]
) -> tuple[Identified, ...]:
    """With the reader as one whom these sentences name: "you" is no less than a name."""
    others = tuple(one for one in identified if one.person != reader)
    known = (one for one in (*identified, *people.on_thread) if one.person == reader)
    return *others, *(replace(one, findings=(*one.findings, *spoken)) for one in islice(known, 1))


def _surer(one: Identified, people: People) -> Identified:
    """Somebody whose full name is made of everyday words is meant where a sentence tells something of a record."""
    full = any(people.findings[at].pattern in _FULL_NAMES for at in one.findings)
    return replace(one, strength=Strength.STRONG) if full and one.strength is Strength.WEAK else one


def candidates(texts: Texts, people: People, reader: str | None = None) -> Iterator[Candidate]:
    """Every sentence that names somebody, or goes on about one who was."""
    left = SENTENCES
    named = _named(people)
    listed = any(one.role is Role.HEADER_WORD and one.enforced for one in people.findings)
    more = _Message(_topic(named), tuple(_heading(texts, named)), _reader(named, reader), listed)
    for index, view in enumerate(texts.views):
        here = named.get(index, [])
        if (here or more.topic or more.reader) and view.grid is None and view.channel is not Channel.HEADERS:
            for each in _of_view(index, view, here, more):
                yield each
                left -= 1
                if not left:
                    return


def _topic(named: Mapping[int, Sequence[_Named]]) -> tuple[str, ...]:
    """The only student a message names: what goes on without a name may be about this one."""
    students = {each.person for signs in named.values() for each in signs if each.sign.token == STUDENT and not each.greeting}
    return tuple(students) if len(students) == 1 else ()


def _reader(named: Mapping[int, Sequence[_Named]], reader: str | None) -> tuple[str, ...]:
    """To whom a message speaks; not the only student it goes to where it names another, who may be the one spoken to."""
    others = {each.person for signs in named.values() for each in signs if each.sign.token == STUDENT} - {reader}
    return () if reader is None or (reader and others) else (reader,)


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
            if place in (Place.TEXT, Place.HEADER, Place.GREETING):
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
    last: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    distance = REACH + 1
    for start, end in islice(sentences(text), _LOOKED_AT):
        signs = named[bisect_right(starts, start - 1) : bisect_right(starts, end - 1)]
        here = [each for each in signs if not each.greeting]
        nearest = bisect_right(ends, start)
        if nearest < len(silent) and silent[nearest].start < end:
            continue
        begins = max([start, *(each.sign.end for each in signs if each.greeting)])
        words = tuple(tokens(text, begins, end, [each.sign for each in here]))
        earlier, before = before, words
        students = tuple(each.person for each in here if each.sign.token == STUDENT)
        distance = 0 if students else distance + 1
        last = students or last
        if len(words) < _SHORTEST or not (more.listed or is_of_records(words)):
            continue
        if is_list(text, start, end, [each.sign for each in here]):
            continue
        people = tuple(each.person for each in here)
        to = greeted or (more.reader if start < quoted else ())
        addressed = not students and bool(to) and not YOU.isdisjoint(words)
        if addressed and len(to) > 1:
            continue  # what is told to several is the joint result of all
        if addressed:
            people += to
        elif not students and not (people and _PRONOUNS.isdisjoint(words)):
            people += (last if distance <= REACH else more.topic) or (to if _PRONOUNS.isdisjoint(words) else ())[:1]
        if people:
            where = tuple(context(words, len(here), distance if last else _BEFORE, addressed))
            yield Candidate(index, begins, end, tuple(dict.fromkeys(people)), words, where, earlier, more.heading)


def is_list(text: str, start: int, end: int, signs: Sequence[Sign]) -> bool:
    """Whether a stretch without a full stop is lines of a table, a list or a form, which are read by their rows, or cites."""
    if text.count("\t", start, end) > 1 or _CITES.search(text, start, end):
        return True
    lines = text[start:end].strip().split("\n")
    first = sum(text[max(start, each.start - 3) : each.start].rpartition("\n")[1] == "\n" for each in signs)
    if first > 1 or len(lines) == 1:
        return first > 1 and len(lines) > 1
    sentence = len(lines) == 2 and lines[1].endswith((".", "!", "?"))  # wrapped
    return not sentence and sum(len(line.split()) for line in lines) < _ROW * len(lines)


_CITES = re.compile(r"\bet al\b|\((?:19|20)\d\d[a-z]?\)")
_ROW = 5  # words of a line; lines of prose have more
_BEFORE = -1  # the distance of what stands before the first name
_PRONOUNS = frozenset({"PRO", "PROS", "THEY", "THEYS"})
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


def _finding(each: Candidate, kind: str, person: str, confidence: float, where: str) -> Finding:
    return Finding(
        kind=kind,
        detector=DETECTOR,
        pattern="statement",
        role=Role.STATES,
        where=where,
        view=each.view,
        start=each.start,
        end=each.end,
        confidence=confidence,
        masked="a sentence",
        digest=person,
    )
