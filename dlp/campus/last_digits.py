"""Columns of numbers that are the ends of IDs: "Last 4 | Score", "xxxxx1234: B", sent instead of the names of a class.

Takes what was read, the directory, and the subjects that sender and readers staff; gives Sightings. Four or five digits are
nobody's alone; three and more in one column, nearly all of them the ends of IDs of students enrolled in those subjects or in
one the text names, are theirs; or of any students, where the text says that they are the last digits. Linear in the text;
people are looked up only where such a column stands. Fails only as the directory does (Unavailable).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice

from dlp.campus.columns import LEAST, columns, has_digit
from dlp.campus.directory import Directory
from dlp.campus.folding import folded_id
from dlp.campus.mentions import Form, Mention
from dlp.campus.names import ending_key
from dlp.campus.offerings import named
from dlp.campus.people import Strength
from dlp.campus.records import Enrolment, Student
from dlp.campus.signs import Sighting
from dlp.values import Channel, Texts

_LENGTHS = (4, 5)
_STRAY = 5  # one in so many may be nobody's: who dropped the class since the import
_STRAY_SAID = 2.5  # and two in five where the text says whose they are
_MOST_SUBJECTS = 20
_MOST_ENDINGS = 200  # that are looked up
_MOST_OF_ONE = 300  # students: a hundred of a million end so
_SAYS_SO = re.compile(
    r"\b(?:last|final)[ -](?:four|five|[45])\b"
    r"(?= (?:digits?|numbers?|of (?:\w+ ){0,3}(?:IDs?|number))\b|[ \t]*(?:[|,;:)\n]|\t|$))"
    r"|\b(?:ends?|endings?|digits) (?:of|in) (?:\w+ ){0,3}(?:IDs?|number)\b|\bIDs?\b (?:number )?(?:that )?(?:ends?|ending)\b",
    re.IGNORECASE,
)
# what has numbers of its own; things are put "in this order", too
_OF_ANOTHER = re.compile(
    r"(?<!student )(?<!campus )\b(?:cards?|extensions?|invoices?|(?<!in )(?<!this )(?<!ical )(?<!ing )orders?(?! of\b)|parcels?"
    r"|phones?|telephones?|tickets?)\b",
    re.IGNORECASE,
)
_OF_A_RECORD = re.compile(
    r"\b(?:absen(?:ces?|t)|aid|balances?|courses?|dismissed|exams?|expelled|fail(?:ed|s)?|fees?|gpa|grades?"
    r"|finals?(?! (?:batch|call|copy|count|draft|four|five|list|notice|order|reminder|tally|version)\b)"
    r"|(?<!on )holds?|homework|leave|marks?|midterm|ow(?:ed?|es)|passed|points|probation|quiz|results?|scores?|standing"
    r"|students?|suspended|tuition|unpaid|warned|warnings?|withdr[ae]wn?)\b",
    re.IGNORECASE,
)
_BEFORE, _BEHIND = re.compile(r"[.;:!?\n]"), re.compile(r"[,.;:!?\n]")  # where the clause begins that says so, and ends
_AROUND = 80  # characters of it
_MOST_SAID = 20  # places of one text
_NUMBER = re.compile(r"[0-9][0-9]*+(?![\w%])(?![./:-]\w)")  # begins with one class, so that the search skips to the next digit
_DIGITS = "0123456789"
_HIDES = frozenset(("..", "**", "--", "##", "-", "\n-"))  # the other digits: ...5678, and -5678 in a line of its own
_NO_ID_BEHIND = frozenset("$\u20ac\u00a3./:@-_")


def last_digits(texts: Texts, directory: Directory, staffed: Collection[str]) -> Iterator[Sighting]:
    """Every number of such a column, with the student it stands for."""
    columns = [
        (index, column)
        for index, view in enumerate(texts.views)
        if not view.again and view.channel is not Channel.HEADERS
        for column in _columns(view.text)
    ]
    if not columns:
        return
    # a text has as many columns as it is long: each thing is found out once
    says_so = cache(lambda index: _says_so(texts.views[index].text))
    ending, student = cache(lambda digits: _ending(digits, directory)), cache(directory.student)
    subjects = list(dict.fromkeys((*sorted(named(texts, directory, staffed)), *sorted(staffed))))[:_MOST_SUBJECTS]
    classes = [_by_ending(directory.enrolled_in(each)) for each in subjects]
    for index, column in columns:
        in_class = next((ends for each in classes if _are_of(column, ends := each[len(column[0][0])])), None)
        if in_class is not None:
            whose = {each: tuple(filter(None, (student(in_class[each]),))) for each in {m[0] for m in column} & in_class.keys()}
        elif says_so(index):
            column = column[:_MOST_ENDINGS]  # noqa: PLW2901  what is not looked up is no stray
            whose = {match[0]: ending(match[0]) for match in column}
        else:
            continue
        for match in column if _are_of(column, whose, _STRAY_SAID if in_class is None else _STRAY) else ():
            if students := whose.get(match[0]):
                mention = Mention(match.start(), match.end(), Form.LAST_DIGITS, (), ())
                yield Sighting(index, mention, students, Strength.STRONG)


def _says_so(text: str) -> bool:
    """Whether a text says that its numbers are the ends of IDs, or of numbers that are no others'.

    What they are of stands in the clause that says so, or above it where nothing in the text is of a record: "Your parcels are
    here." Whom to phone stands below.
    """
    said = [match.span() for match in islice(_SAYS_SO.finditer(text), _MOST_SAID)]
    clauses = [
        f"{_BEFORE.split(text[max(0, start - _AROUND) : start])[-1]} {_BEHIND.split(text[end : end + _AROUND], 1)[0]}"
        for start, end in said
    ]
    above = (text[max(0, start - _AROUND) : start] for start, _ in said)
    of_another = all(_OF_ANOTHER.search(each) and not _OF_A_RECORD.search(each) for each in clauses) or (
        all(map(_OF_ANOTHER.search, above)) and not _OF_A_RECORD.search(text)
    )
    return bool(said) and (" ID" in text or not of_another)


def _ending(digits: str, directory: Directory) -> tuple[Student, ...]:
    """All whose ID ends so."""
    people = directory.named(ending_key(digits), _MOST_OF_ONE)
    return tuple(each for each in people if isinstance(each, Student) and folded_id(each.id).endswith(digits))


def _by_ending(rows: Iterable[Enrolment]) -> dict[int, dict[str, str]]:
    """The IDs of a class by their last digits."""
    enrolled = [folded_id(row.student_id) for row in rows]
    return {length: {each[-length:]: each for each in reversed(enrolled)} for length in _LENGTHS}


def _are_of(column: Sequence[re.Match[str]], ends: Mapping[str, object], stray: float = _STRAY) -> bool:
    """Whether nearly all numbers of a column end IDs of those, of one class or of all."""
    meant = [match[0] for match in column if ends.get(match[0])]
    return len(set(meant)) >= LEAST and (len(column) - len(meant)) * stray <= len(column)


def _may_end_an_id(match: re.Match[str]) -> bool:
    """Whether a number is as long as is usual, and no piece of something else; an x before it may hide the other digits."""
    start = match.start()
    before = match.string[start - 1 : start]
    hides = before in "xX" or match.string[max(0, start - 2) : start] in _HIDES
    return match.end() - start in _LENGTHS and (hides or (before not in _NO_ID_BEHIND and not before.isalpha()))


def _columns(text: str) -> Iterator[Sequence[re.Match[str]]]:
    """Numbers of one length below each other, or three in one line."""
    if has_digit(text) and sum(map(text.count, _DIGITS)) >= LEAST * min(_LENGTHS):
        yield from columns(text, filter(_may_end_an_id, _NUMBER.finditer(text)), lambda match: len(match[0]))
