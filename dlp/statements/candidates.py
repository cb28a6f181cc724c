"""Which sentences of a message may tell something of somebody: those that name a student or an employee, or go on about one.

Takes what was read and the people in it; gives Candidates: the tokens of a sentence without names and numbers, whom it is
about, and what stands around it. Lines of tables, signatures and disclaimers are none. Bounded: SENTENCES of a message, the
first 10,000 of a text; never fails.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import islice
from operator import attrgetter

from dlp.campus.own_fields import STUDIES, is_of_studies, own_fields
from dlp.campus.people import People, Place, Strength
from dlp.campus.records import Staff, Student
from dlp.mail.zones import Zone, zones
from dlp.statements.antecedents import MANY, Antecedents, Message, Named, Said
from dlp.statements.candidate import Candidate
from dlp.statements.concepts import is_of_records
from dlp.statements.quoted import said_of, speaks, writer, writers
from dlp.statements.sentences import EMPLOYEE, STUDENT, Sign, sentences, tokens
from dlp.values import Channel, Role, Texts, View

SENTENCES = 2_000  # of one message that are weighed; beyond one more it was not read to its end
LOOKED_AT = 10_000  # sentences of one text, about a megabyte
_SHORTEST = 4  # characters of a sentence
_MEANING = frozenset({"full-name", "initial-last"})  # forms of a weak name of an employee that count where it is told of
_SILENT = frozenset({Zone.SIGNATURE, Zone.DISCLAIMER})
_LONG, _LONG_WORDS = 1_000, 20  # characters of a text, and of a word and the blank behind it where they are no words


def candidates(
    texts: Texts,
    people: People,
    reader: str | None = None,
    child: str | None = None,
    signs: Mapping[int, list[Named]] | None = None,
    readers: tuple[str, ...] = (),
) -> Iterator[Candidate]:
    """Every sentence that names somebody, or goes on about one who was. `child`: whose parent alone the letter goes to; `signs`
    are those of the people, where they are known; `readers`: of whom "each of you" is said.
    """
    left = SENTENCES + 1
    named = signs_of(people) if signs is None else signs
    listed = any(one.role is Role.HEADER_WORD and one.enforced for one in people.findings)
    topic = _topic(named)
    of_reader = () if child is None or _students(named) else (child,)
    headed = tuple(_headed(texts, named, STUDENT)) if topic else ()
    staff = () if topic else tuple(_headed(texts, named, EMPLOYEE))
    quoted = writers(texts, people)
    students = {one.person: one.record for one in people.identified if isinstance(one.record, Student)}
    heading = tuple(_heading(texts, named))
    more = Message(topic, heading, _reader(named, reader), readers, of_reader, headed, staff, listed, quoted, students)
    naming = {index for index, signs in named.items() for each in signs if each.sign.token == STUDENT and not each.greeting}
    alone = bool(headed) and all(is_subject(texts.views[index]) for index in naming)
    for index, view in enumerate(texts.views):
        here = named.get(index, [])
        if alone and is_subject(view):  # what it says no sentence repeats
            yield from _of_view(index, view, here, replace(more, heading=(), headed=()))
        elif (here or topic or staff or more.reader or readers or of_reader or index in quoted) and may_say(view):
            for each in _of_view(index, view, here, more):
                yield each
                left -= 1
                if not left:
                    return


def is_cut(texts: Texts) -> bool:
    """Whether a text has more sentences than are looked at."""
    long = (view.text for view in texts.views if len(view.text) > _SHORTEST * LOOKED_AT and may_say(view))
    return any(sum(1 for _ in islice(sentences(text), LOOKED_AT + 1)) > LOOKED_AT for text in long)


def is_subject(view: View) -> bool:
    """Whether a view is the Subject."""
    return view.channel is Channel.HEADERS and view.label == "subject line"


def may_say(view: View) -> bool:
    """Whether sentences may stand in a view. In bytes nobody can read something always prints, but few blanks."""
    if view.grid is not None or view.channel is Channel.HEADERS:
        return False
    return len(view.text) < _LONG or _LONG_WORDS * view.text.count(" ") > len(view.text)


def _topic(named: Mapping[int, Sequence[Named]]) -> tuple[str, ...]:
    """The only student a message names: what goes on without a name may be about this one."""
    students = _students(named)
    return tuple(students) if len(students) == 1 else ()


def _students(named: Mapping[int, Sequence[Named]]) -> set[str]:
    """Whom a message names, but in a greeting."""
    return {each.person for signs in named.values() for each in signs if each.sign.token == STUDENT and not each.greeting}


def _reader(named: Mapping[int, Sequence[Named]], reader: str | None) -> tuple[str, ...]:
    """To whom a message speaks; not the only student it goes to where it names another, who may be the one spoken to."""
    others = {each.person for signs in named.values() for each in signs if each.sign.token == STUDENT} - {reader}
    return () if reader is None or (reader and others) else (reader,)


def _headed(texts: Texts, named: Mapping[int, Sequence[Named]], token: str) -> Iterator[str]:
    """The students, or employees, whom the Subject names."""
    for index, signs in named.items():
        if is_subject(texts.views[index]):
            yield from dict.fromkeys(each.person for each in signs if each.sign.token == token)


def _heading(texts: Texts, named: Mapping[int, Sequence[Named]]) -> Iterator[str]:
    """The tokens of the Subject."""
    for index, view in enumerate(texts.views):
        if is_subject(view):
            yield from tokens(view.text, 0, len(view.text), [each.sign for each in named.get(index, ())])


def signs_of(people: People) -> Mapping[int, list[Named]]:
    """Signs of people by view, in their order."""
    found: dict[int, list[Named]] = {}
    for one in people.identified:
        token = EMPLOYEE if isinstance(one.record, Staff) else STUDENT
        shown = {people.findings[at].pattern for at in one.findings}
        if one.strength is Strength.WEAK and token == EMPLOYEE and _MEANING.isdisjoint(shown):
            continue
        for at in one.findings:
            finding, place = people.findings[at], people.places.get(at, Place.TEXT)
            if place in (Place.TEXT, Place.HEADER, Place.GREETING) and not is_of_studies(finding):
                sign = Sign(finding.start, finding.end, token)
                found.setdefault(finding.view, []).append(Named(sign, one.person, place is Place.GREETING))
    for signs in found.values():
        signs.sort(key=lambda each: each.sign.start)
    return found


def _of_view(index: int, view: View, named: Sequence[Named], more: Message) -> Iterator[Candidate]:
    text = view.text
    stretches = zones(text, view.marked)
    silent = [each for each in stretches if each.zone in _SILENT]
    ends = [each.end for each in silent]
    quoted = next((each.start for each in stretches if each.depth), len(text))
    starts = [each.sign.start for each in named]
    own, others = ([each for each in named if each.greeting and (each.sign.start < quoted) is new] for new in (True, False))
    told = Antecedents(more, (_people(own), _people(others)), quoted)
    known = more.writers.get(index, ())
    writer_of = cache(partial(writer, known=known))
    begin = [each.start for each in stretches]
    students = [each.sign.start for each in named if each.sign.token == STUDENT]
    rows = [at for at in students if _begins_line(text, at)] if len(students) > 1 else []
    for start, end in islice(_whole(sentences(text), named), LOOKED_AT):
        nearest = bisect_right(ends, start)
        if nearest < len(silent) and silent[nearest].start < end:
            continue
        signs = named[bisect_right(starts, start - 1) : bisect_right(starts, end - 1)]
        here = [each for each in signs if not each.greeting]
        begins = max([start, *(each.sign.end for each in signs if each.greeting)])
        words, plain = _and_plain(text, (begins, end), here, told.nearby, more.students)
        of_himself = known and start >= quoted and speaks(words) and _SINGULAR.isdisjoint(words)
        stretch = stretches[max(0, bisect_right(begin, start) - 1)] if stretches else None
        by = stretch.by if stretch and of_himself else ""
        whose = writer_of(by) if by else ""
        tells = tuple(said_of(words) if whose else words)
        said = told.follow(Said(start, tells, here, whose, quoted=stretch is not None and stretch.depth > 0))
        if not told.may_tell(said) or _is_row(text, start, end, rows):
            continue
        if not is_list(text, start, end, [each.sign for each in here]):
            people, where = told.about(said)
            if people:
                before, heading = told.before, more.heading
                yield Candidate(index, begins, end, people, said.words, where, before, heading, bool(whose), tuple(plain))


def _whole(spans: Iterable[tuple[int, int]], named: Sequence[Named]) -> Iterator[tuple[int, int]]:
    """Sentences; none ends within a sign: H. Kim failed."""
    within = {at for each in named for at in range(each.sign.start + 1, each.sign.end)}
    before: tuple[int, int] | None = None
    for start, end in spans:
        if before is not None and start in within:
            before = (before[0], end)
            continue
        if before is not None:
            yield before
        before = (start, end)
    if before is not None:
        yield before


def _people(signs: Iterable[Named]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.person for each in signs))


def _and_plain(
    text: str, span: tuple[int, int], here: Sequence[Named], last: Sequence[str], students: Mapping[str, Student]
) -> tuple[list[str], list[str]]:
    """The tokens of a sentence, none where it gives fields of the directory of whom it is about, and says nothing else; and
    those it has without such fields, if it gives any.
    """
    whole = tokens(text, *span, [*_without_asides(text, span[1], [each.sign for each in here])])
    about = dict.fromkeys([each.person for each in here] or last)
    if span[1] - span[0] > _OF_FIELDS or not 0 < len(about) < MANY:
        return whole, []
    known = [students[who] for who in about if who in students]
    found = [each for one in known for each in own_fields(text, *span, one)]
    if not found:
        return whole, []
    own = [Sign(each.start, each.end, "") for each in found]
    beside = [
        Sign(each.start, each.end, "") for each in found if each.field in _BESIDE_A_NAME and _stands_beside(text, each.start)
    ]
    for one in known:
        at = text.find(one.department, *span) if one.department else -1
        own += [Sign(at, at + len(one.department), "")] if at >= 0 else []
    names = [each.sign for each in here if not any(one.start < each.sign.end and each.sign.start < one.end for one in own)]

    def without(fields: Sequence[Sign]) -> list[str]:
        return tokens(text, *span, sorted([*names, *fields], key=attrgetter("start")))

    return ([], []) if _LINKING.issuperset(without(own)) else (whole, without(beside) if beside else [])


def _without_asides(text: str, end: int, signs: Sequence[Sign]) -> Iterator[Sign]:
    """Signs, and between them what is said beside a student's name and is no matter of records: Ben, the tall one, failed."""
    for nth, sign in enumerate(signs):
        yield sign
        aside = _ASIDE.match(text, sign.end, end) if sign.token == STUDENT else None
        until = signs[nth + 1].start if nth + 1 < len(signs) else end
        said = tokens(text, *aside.span(1), ()) if aside and aside.end() <= until else ()
        if aside and said and not is_of_records(said) and _STUDENTS.isdisjoint(said):
            yield Sign(sign.end, aside.end(), "")


def _stands_beside(text: str, start: int) -> bool:
    """Whether a field is set beside a name, and is not what somebody leaves or fails in."""
    return _BESIDE.search(text, max(0, start - _WORD_BEFORE), start) is not None


def _begins_line(text: str, at: int) -> bool:
    return not text[max(0, at - _BULLET) : at].rpartition("\n")[2].strip(_BULLETS)


def _is_row(text: str, start: int, end: int, rows: Sequence[int]) -> bool:
    """Whether a few words without a full stop begin with a sign, and so does the line above or below."""
    first = bisect_left(rows, start)
    if first == len(rows) or rows[first] >= end or len(text[start:end].split()) >= _ROW or _ends_sentence(text, end):
        return False
    beside = (*rows[max(0, first - 1) : first], *rows[first + 1 : first + 2])
    return any(text.count("\n", min(one, rows[first]), max(one, rows[first])) == 1 for one in beside)


def _ends_sentence(text: str, end: int) -> bool:
    return text[max(0, end - _STOP) : end].rstrip().endswith((".", "!", "?"))


def is_list(text: str, start: int, end: int, signs: Sequence[Sign]) -> bool:
    """Whether a stretch without a full stop is lines of a table, a list or a form, which are read by their rows, or cites."""
    if any(text.count(sign, start, end) > 1 for sign in "\t|") or _CITES.search(text, start, end):
        return True
    if sum(1 for _ in _APART.finditer(text, start, end)) > 1:
        return True
    lines = text[start:end].strip().split("\n")
    first = sum(text[max(start, each.start - 3) : each.start].rpartition("\n")[1] == "\n" for each in signs)
    if len(lines) == 1:
        short = len(lines[0].split()) < _ROW or any(each.start - start < _BULLET for each in signs)
        return _is_like_its_neighbours(text, start, end, short=short)
    if first > 1:
        return True
    sentence = len(lines) == 2 and lines[1].endswith((".", "!", "?"))  # wrapped
    goes_on = any(line.lstrip(" >")[:1].islower() for line in lines[1:])
    return not sentence and sum(len(line.split()) for line in lines) < (_CELL if goes_on else _ROW) * len(lines)


def _is_like_its_neighbours(text: str, start: int, end: int, *, short: bool) -> bool:
    """Whether two of the lines around a line, or the only other of its paragraph, have the same marks between their words.

    One mark alone is as well that of a sentence, unless the line is `short`. A row is no longer than some hundred characters,
    has a few words between two marks, and no full stop.
    """
    begin, behind = text.rfind("\n", max(0, start - _AROUND), start) + 1, text.find("\n", end, end + _AROUND)
    if (not begin and start > _AROUND) or (behind < 0 and len(text) > end + _AROUND) or _ends_sentence(text, end):
        return False
    line = text[begin : len(text) if behind < 0 else behind]
    marks = _MARKS.findall(line)
    if marks in ([], [", "]) or (len(marks) == 1 and not short):
        return False
    if any(len(piece.split()) > _ROW for piece in _MARKS.split(line)):
        return False
    above = text[max(0, begin - _AROUND) : begin].rpartition("\n\n")[2].split("\n")[-3:-1]
    below = text[end : end + _AROUND].partition("\n\n")[0].split("\n")[1:3]
    around = [line for line in (*above, *below) if line]
    return sum(_MARKS.findall(line) == marks for line in around) >= min(2, max(1, len(around)))


# "my class (2025)" is no citation, "Kim (2025)" is
_CITES = re.compile(
    r"\bet al\b|(?:\b[A-Z]\w+|\bal\.|,) \((?:19|20)\d\d[a-z]?\)|\b(?:wrote|writes|schrieb|a écrit|escribió) ?:\s*\Z"
)
_APART = re.compile(r"[^\s.!?:] {2,}(?=\S)")  # blanks that keep cells apart
_LINKING = frozenset(
    ("a", "an", "the", "and", "is", "was", "are", "of", "in", "at", "with", "also", "both", "who", "here", "(", ")", ";", ":",
     "academic", "can", "certify", "confirm", "confirms", "currently", "fall", "for", "semester", "spring", "term", "that",
     "this", "to", "we", "XYEAR", STUDENT, EMPLOYEE, "PRO", "PROS", "THEY", "THEYS")
)  # fmt: skip
_BULLET, _BULLETS = 4, " >-*.)\t\u2022\u2013\u2014"  # characters before the first name of a line
_MARKS = re.compile(r"[:;|\t]|(?<!\d), ?|,(?!\d{3}(?!\d)) ?| [-\u2013\u2014] ")  # not that within 1,850
_STOP = 4  # characters in which a full stop is looked for
_AROUND = 400  # characters of a line, and in which those around it are looked for
_SINGULAR = frozenset({"PRO", "PROS"})
_BESIDE = re.compile(r"(?:[,(;:]|\b(?:is|was|are|and|an?|our|of|as))\s*\Z", re.IGNORECASE)
_BESIDE_A_NAME = STUDIES | {"term_address", "permanent_address"}
_ASIDE = re.compile(r", ((?:an?|my|our|that|the|this|your) [^,;:.!?()\d\n]{3,60}),(?= )")
_STUDENTS = frozenset(("advisee", "freshman", "junior", "major", "senior", "sophomore", "student"))  # which is his year
_WORD_BEFORE = 8  # characters before a field
_OF_FIELDS = 200  # characters of a sentence that may give nothing but fields
_ROW, _CELL = 5, 3  # words of a line; lines of prose have more, the more if the next ones begin as a sentence does
