"""Where a text gives a student's own directory fields: course 8, a junior, full-time, a physics major, "phone 555-0101" (R18).

Takes a text and a student; gives the stretches that say what the directory has of that student, label and all, and the people
of a message with a finding for course, year and registration that stand in a line of their name or in the two below. Another's
course says nothing. Pure; linear in the text; nothing here fails.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from dlp.campus.folding import folded_id
from dlp.campus.people import People, Person, Place, Strength, is_whole, surer
from dlp.campus.records import Student
from dlp.values import Finding, Role, Texts

DETECTOR = "directory"
COURSE, YEAR, REGISTRATION = "course", "year", "registration"
_CONFIDENCE = 0.9
_MASKS = {COURSE: "a field of study", YEAR: "a class year", REGISTRATION: "a type of registration"}
STUDIES = frozenset(_MASKS)
_LOOKED_AT = 20_000  # characters of a text
_BELOW = 2  # lines below a sign
_BEFORE, _BEHIND = 200, 400  # characters around it
_BESIDE = 120  # characters from a name on in which one of several of that name is told apart
OF_ID = 4  # digits
_FEWEST, _LAST = 6, 7  # digits of a phone number: that tell one, and that are compared
_IN_THE_TEXT = frozenset({Place.TEXT, Place.HEADER, Place.GREETING})

_YEARS: Mapping[str, str] = {
    **dict.fromkeys(("first", "1st", "freshman", "fresher", "frosh"), "1"),
    **dict.fromkeys(("second", "2nd", "sophomore"), "2"),
    **dict.fromkeys(("third", "3rd", "junior"), "3"),
    **dict.fromkeys(("fourth", "4th", "senior"), "4"),
    **dict.fromkeys(("fifth", "5th"), "5"),
    **dict.fromkeys(("graduate", "grad", "g"), "g"),
}
_SAID = re.compile(
    r"""(?i)(?<![\w-])(?:
    (?:(?:major(?:s|ing|ed)?\s+)?in\s+)?course[ :#]{0,2}(?P<course>(?=\w*\d|[ivx]+\b)\w+(?:-\w+)?)(?![\w-]|\.\d)
    |(?:in\s+(?:her|his|their|the)\s+|(?:an?|our|the)\s+)?
        (?P<ordinal>first|second|third|fourth|fifth|1st|2nd|3rd|4th|5th)[ -]year\b
        (?!\s+(?:of\b(?!\s+course\b)|(?:running|in\s+a|since|after)\b))
        (?:\s+(?:student|undergraduate)\b)?
    |(?:class\s+)?year(?:\s+of\s+study)?[ :]{0,2}(?P<year>[1-9g])\b(?!\.\d|\s+of\b)
    |(?:an?\s|our\s|the\s|my\s|now\s|currently\s|still\s|is\s|,|\()\s*(?P<class>freshman|fresher|sophomore|junior|senior)
        (?=\s*(?:[,.;:!?)\n]|$)|[ ](?-i:[^\W\d_a-z])|\s+(?:and|in|at|who|here|from|student|undergraduate|major|majoring)\b)
        (?:\s+(?:student|undergraduate)\b)?
    |(?:(?:an?|our|the)\s+)?(?P<graduate>graduate|grad)[ ]student\b
    |(?P<registered>(?:(?:currently|now)\s+)?(?:registered|enrolled)\s+(?:here\s+)?(?:as\s+an?\s+)?(?:full|part|half)[ -]?time\b
        |\ban?\s+(?:registered\s+|enrolled\s+)?(?:full|part|half)[ -]time(?=\s+(?:\w+\s+)?student))(?:\s+(?:\w+\s+)?student\b)?
    |(?P<major>(?:major(?:s|ing|ed)?\s+in|(?:course|programme|program|major|concentration)\s*:)\s+)
    )|(?P<majors>\s(?:major|concentrator)\b(?!\s*:|\s+in\b))""",
    re.VERBOSE,
)
# between a name and a field of that person, or two fields
_NOTHING_ELSE = re.compile(
    r"(?:[^\w.!?]|x*+\d++|\b(?:a|an|at|of|from|in|and|also|is|was|now|currently|still|she|he|who|the|our|my|id|no|number|tel|phone|cell"
    r"|mobile|name|e-?mail|address|lives|living|ending|ends|with|student|undergraduate|(?:full|part)[ -]time)\b\.?)*+",
    re.IGNORECASE,
)
_NUMBER_OR_STREET = re.compile(r"\d")
_NUMBER = re.compile(r"(?<![\w.])\+?\(?\d[\d ()./-]{4,18}\d(?!\w)")
_AREA = re.compile(r"\+?\d{0,3}[ .-]*\(?(?:\d{3}\)?[ .-]*)?")  # before a number that is on file without it
_NO_DIGIT = re.compile(r"\D+")
_WORD = re.compile(r"\w+")
_THEIRS = r"(?:\b(?:and\s+)?(?:his|her|their|the|a|term|campus|cell|home|mobile|local|permanent|e-?mail)\s+)*"
_LABELS = {
    "phone": re.compile(rf"(?i){_THEIRS}\b(?:phone|telephone|tel\.?|cell|mobile|number)(?:\s+number)?(?:\s*[:=]|\s+is)?\s*$"),
    "address": re.compile(rf"(?i){_THEIRS}\b(?:e-?mail|address)(?:\s*[:=]|\s+is)?\s*$"),
}
_LABEL = 40  # characters before a value
_ARTICLE, _ARTICLE_BEFORE = re.compile(r"(?i)\b(?:an?|our|the) $"), 5


@dataclass(frozen=True, slots=True)
class Stretch:
    """Characters that give one field."""

    start: int
    end: int
    field: str


def own_fields(text: str, start: int, end: int, student: Student) -> Iterator[Stretch]:
    """Everything between two places of a text that the directory has of a student, with the label before it."""
    said = (each for match in _SAID.finditer(text, start, end) if (each := _own(text, match, student)))
    yield from said
    digits = _NO_DIGIT.sub("", student.phone)
    if len(digits) >= _FEWEST:
        for number in _NUMBER.finditer(text, start, end):
            if _NO_DIGIT.sub("", number[0])[-_LAST:] == digits[-_LAST:]:
                begins = number.start() + _of_the_same(number[0], digits)
                yield Stretch(_labelled(text, start, begins, "phone"), number.end(), "phone")
    for field in ("term_address", "permanent_address"):
        words = _WORD.findall(getattr(student, field))
        if len(words) > 1 and words[0] in text[start:end]:
            pattern = re.compile(r"(?<!\w)" + r"\W{1,3}".join(map(re.escape, words[:3])) + r"(?!\w)", re.IGNORECASE)
            for address in pattern.finditer(text, start, end):
                yield Stretch(_labelled(text, start, address.start(), "address"), address.end(), field)


def told_apart(text: str, end: int, people: Sequence[Person]) -> tuple[Person, ...]:
    """The one of several students of one name of whom more fields, or last digits of the ID, stand right behind it than of any
    other: "Hana Kim, a junior in Physics (555-0101)", not "Hana Kim met Ben, a freshman"; all where none has more. `end`: of
    the name.
    """
    until = min(len(text), end + _BESIDE)
    if not _SAID.search(text, end, until) and not _NUMBER_OR_STREET.search(text, end, until):
        return tuple(people)
    fitting = sorted(((_fitting(text, end, until, each), each) for each in people if isinstance(each, Student)), key=_most)
    more = [each for count, each in fitting if count and count == fitting[0][0]]
    return tuple(more) if len(more) == 1 else tuple(people)


def _most(fits: tuple[int, Student]) -> int:
    return -fits[0]


def _fitting(text: str, end: int, until: int, student: Student) -> int:
    """How many fields of a student stand behind a name one after the other, with nothing between that says of whom."""
    digits = re.compile(rf"(?:\d|[xX*.])*{folded_id(student.id)[-OF_ID:]}(?![\w%])")
    given = [(each.start, each.end) for each in own_fields(text, end, until, student)]
    stretches = sorted((*given, *(match.span() for match in digits.finditer(text, end, until))))
    count = 0
    for start, stop in stretches:
        if _NOTHING_ELSE.fullmatch(text, end, start):
            count, end = count + 1, stop
    return count


def with_studies(texts: Texts, people: People) -> People:
    """The same people with course, year and registration that are told of them; a name of ordinary words is surer with one."""
    known = [
        one
        for one in people.students
        if isinstance(one.record, Student) and (one.strength > Strength.WEAK or is_whole(one, people))
    ]
    views = {people.findings[index].view for one in known for index in one.findings}
    said = {view: found for view in sorted(views) if (found := _Said.of(texts.views[view].text[:_LOOKED_AT]))}
    findings, places = list(people.findings), dict(people.places)
    shown: dict[str, list[int]] = {}
    for one in known if said else ():
        assert isinstance(one.record, Student)
        met: set[str] = set()
        for index in one.findings:
            sign, place = people.findings[index], people.places.get(index, Place.TEXT)
            if place not in _IN_THE_TEXT or sign.view not in said or len(met) == len(_MASKS):
                continue
            for field in said[sign.view].beside(sign.start, sign.end, one.record) - met:
                met.add(field)
                shown.setdefault(one.person, []).append(len(findings))
                places[len(findings)] = place
                findings.append(_finding(sign, field))
    if not shown:
        return people
    identified = tuple(surer(one, shown[one.person]) if one.person in shown else one for one in people.identified)
    return replace(people, findings=tuple(findings), identified=identified, places=places)


def is_of_studies(finding: Finding) -> bool:
    """Whether a finding is one of these: it stands where the name does, and is no further sign of anybody."""
    return finding.detector == DETECTOR and finding.pattern in _MASKS


@dataclass(frozen=True, slots=True)
class _Said:
    """What one text says of courses and years, and where its lines begin."""

    text: str
    found: Sequence[re.Match[str]]
    starts: Sequence[int]

    @staticmethod
    def of(text: str) -> _Said | None:
        """None where it says nothing of the kind."""
        found = list(_SAID.finditer(text))
        return _Said(text, found, [0, *accumulate(len(line) + 1 for line in text.split("\n"))]) if found else None

    def beside(self, start: int, end: int, student: Student) -> set[str]:
        """The fields of a student in the line of a sign and those below, within bounds."""
        line = bisect_right(self.starts, start) - 1
        begins = max(self.starts[line], start - _BEFORE)
        ends = min(self.starts[min(line + _BELOW + 1, len(self.starts) - 1)], end + _BEHIND)
        first = bisect_left(self.found, begins, key=re.Match.start)
        behind = bisect_left(self.found, ends, key=re.Match.start)
        own = (_own(self.text, match, student) for match in self.found[first:behind])
        return {each.field for each in own if each}


def _own(text: str, match: re.Match[str], student: Student) -> Stretch | None:
    """The stretch, where what it says is so of this student."""
    if said := match["course"]:
        return Stretch(*match.span(), COURSE) if said.casefold() == student.course.casefold() else None
    if match["registered"]:
        return Stretch(*match.span(), REGISTRATION)  # no file has it
    if match["major"] or match["majors"]:
        return _major(text, match, student)
    said = next(filter(None, match.group("ordinal", "year", "class", "graduate"))).casefold()
    year = student.year.casefold()
    return Stretch(*match.span(), YEAR) if _YEARS.get(said, said) == _YEARS.get(year, year) else None


def _major(text: str, match: re.Match[str], student: Student) -> Stretch | None:
    """With the name of the course, which stands behind "majoring in", or before "major"."""
    for name in (each.casefold() for each in (student.course, student.department) if each[:1].isalpha()):
        size = len(name)
        if match["majors"]:
            start = match.start() - size
            if text[max(0, start) : match.start()].casefold() == name and not text[max(0, start - 1) : start].isalnum():
                article = _ARTICLE.search(text, max(0, start - _ARTICLE_BEFORE), start)
                return Stretch(article.start() if article else start, match.end(), COURSE)
        elif (
            text[match.end() : match.end() + size].casefold() == name
            and not text[match.end() + size : match.end() + size + 1].isalnum()
        ):
            return Stretch(match.start(), match.end() + size, COURSE)
    return None


def _of_the_same(written: str, digits: str) -> int:
    """Where in a row of numbers the one begins that ends it as `digits` do: behind the score in "41/100 555-0101"."""
    begins, left = len(written), digits
    for at in range(len(written) - 1, -1, -1):
        if written[at].isdigit():
            if not left.endswith(written[at]):
                break
            begins, left = at, left[:-1]
    return 0 if _AREA.fullmatch(written[:begins]) else begins


def _labelled(text: str, start: int, at: int, label: str) -> int:
    """Where the label of a value begins, or the value."""
    found = _LABELS[label].search(text, max(start, at - _LABEL), at)
    return found.start() if found else at


def _finding(sign: Finding, field: str) -> Finding:
    return replace(
        sign,
        kind=f"directory:{field}",
        detector=DETECTOR,
        pattern=field,
        role=Role.IDENTIFIES,
        confidence=_CONFIDENCE,
        masked=_MASKS[field],
    )
