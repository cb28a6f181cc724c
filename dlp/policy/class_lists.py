"""Is a message a class list, of which subjects, and may this reader have it from this sender (R65-R69)?

Takes the students a message lists, how it lists and calls them, the directory and whose mail it is; gives a ClassList or None,
and for one reader the word of the decision table. What the text calls a class list of a subject is one; so are students in a
row each, nearly all of whom are enrolled in one subject that the text names or the sender staffs, or in any where the text
speaks of a class and names none. Prose about members of a
subject that is named tells that they are enrolled, and is no list. Pure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from dlp.campus.directory import Directory
from dlp.campus.folding import folded_address, folded_word
from dlp.campus.people import namesakes
from dlp.campus.records import Assignment, Student
from dlp.policy.groups import Group
from dlp.policy.readers import Reader
from dlp.policy.relations import same_term
from dlp.values import Texts

SHARED, ELSEWHERE, PASSED_ON, OTHER_USE = "shared", "elsewhere", "passed_on", "other_use"
_IN_CHARGE = "instructor_in_charge"
_INSTRUCTOR = "instructor"
_STRAY = 10  # one in so many may be enrolled nowhere near: added, dropped or a listener since the import
_LOOKED_UP = 500  # students of one message whose enrolments are looked up
_LINES, _LINE = 100, 250  # of a text in which a subject may be called, and characters before and behind
_ROWS = 2  # that make a list of what is called one
# wherever it stands near the subject
_CALLED = re.compile(
    r"\b(?:class|section|course|recitation|lab|seminar|tutorial)[ -]?(?:list|roster)"
    r"|\broster|\bstudent list|\blist of (?:the |all )?students|\benrol+(?:ed|ment list)\b"
    r"|\bregistered (?:students|for|in)|\bphoto (?:sheet|page|list)",
    re.IGNORECASE,
)
# where all who are listed are enrolled in one subject anyhow
_OF_A_CLASS = re.compile(
    r"\b(?:(?:class|classes|courses?)\b(?! of\b| years?\b)|sections?|recitations?|seminars?|tutorials?|labs?|registration"
    r"|registered|signed up|enrol+ees?|enrol+ment|wait(?:ing )?list)\b",
    re.IGNORECASE,
)
_IN_A_CLASS = 3  # rows that make a list of those who share a subject nobody names
# only where it introduces the list
_INTRODUCED = re.compile(
    r"\b(?:students|undergraduates|members|everybody|everyone|those|participants)(?: \w+)?"
    r" (?:in|of|from|for|taking|attending)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ClassList:
    """Students as members of these subjects, each with its term ("" = any); of several when nothing says which is meant."""

    subjects: frozenset[tuple[str, str]]
    called: bool = False  # so by the text
    in_rows: bool = False
    other_use: bool = False  # than instruction and its administration
    leaders: frozenset[str] = frozenset({_IN_CHARGE})  # roles that are in charge

    @property
    def is_list(self) -> bool:
        """Whether it is a list, and not prose about members."""
        return self.called or self.in_rows


@dataclass(frozen=True, slots=True)
class Listed:
    """What a message lists. `students` are those told about but for sender, To and Cc; `strangers` are in no file."""

    students: tuple[Student, ...]
    strangers: int
    groups: tuple[Group, ...]
    least: int  # people that make a listing

    @property
    def count(self) -> int:
        return len(self.students) + self.strangers

    @property
    def in_rows(self) -> bool:
        """Whether three in four have a line to themselves."""
        rows = len({person for group in self.groups for person in group.rows})
        return rows >= _ROWS and 4 * rows >= 3 * self.count


def class_list(
    listed: Listed, texts: Texts, named: Collection[str], sender: Reader | None, directory: Directory
) -> ClassList | None:
    """What makes it one is told above; `named` are the subjects the text names."""
    staffed = {folded_word(each.subject) for each in sender.assignments} if sender else set()
    if listed.count < _ROWS:
        return None
    called = (
        _called(listed, texts, named, staffed, directory) if listed.count >= listed.least or listed.in_rows else frozenset()
    )
    enrolled = _enrolled(listed, {*named, *staffed}, directory) if listed.count >= listed.least else frozenset()
    if called:
        subjects = {pair for pair in enrolled if pair[0] in called} or {(subject, "") for subject in called}
    else:
        subjects = {pair for pair in enrolled if pair[0] in named or listed.in_rows}
    subjects = subjects or _spoken_of(listed, texts, directory)
    if not subjects:
        return None
    return ClassList(frozenset(subjects), bool(called), listed.in_rows, leaders=_leaders(subjects, directory))


def _spoken_of(listed: Listed, texts: Texts, directory: Directory) -> set[tuple[str, str]]:
    """The subjects that all who are listed share, where the text says that it is about a class, or has the title of one."""
    if listed.count < _IN_A_CLASS or not listed.in_rows:
        return set()
    shared = set(_enrolled(listed, None, directory))
    if any(words.search(view.text) for view in texts.views if shared for words in (_CALLED, _OF_A_CLASS)):
        return shared
    return {pair for pair in shared if any(_is_named(pair[0], view.text, directory) for view in texts.views)}


def _leaders(subjects: Iterable[tuple[str, str]], directory: Directory) -> frozenset[str]:
    """Where nobody is recorded as in charge of a subject, its instructors are."""
    known = all(
        _has([each for each in directory.assigned_to(subject) if each.role == _IN_CHARGE], subject, term)
        for subject, term in subjects
    )
    return frozenset({_IN_CHARGE} if known else {_IN_CHARGE, _INSTRUCTOR})


def _enrolled(listed: Listed, subjects: Collection[str] | None, directory: Directory) -> frozenset[tuple[str, str]]:
    """Those of the subjects, or of all, in which nearly all who are listed are enrolled, or namesakes of theirs, by term."""
    if "enrolments" not in directory.stamp.files:
        return frozenset()
    looked_up = listed.students[:_LOOKED_UP]
    everybody = len(looked_up) + listed.strangers
    own = [_subjects_of(student, subjects, directory) for student in looked_up]
    met = Counter(pair for pairs in own for pair in pairs)
    for pair in [pair for pair, count in met.items() if 2 * count >= everybody > count]:
        others = (namesakes(student, directory) for student, pairs in zip(looked_up, own, strict=True) if pair not in pairs)
        met[pair] += sum(any(pair in _subjects_of(each, subjects, directory) for each in alike) for alike in others)
    return frozenset(pair for pair, count in met.items() if (everybody - count) * _STRAY <= everybody)


def _subjects_of(student: Student, subjects: Collection[str] | None, directory: Directory) -> set[tuple[str, str]]:
    pairs = {(folded_word(row.subject), row.term.casefold()) for row in directory.enrolments_of(student.id)}
    return pairs if subjects is None else {pair for pair in pairs if pair[0] in subjects}


def _called(
    listed: Listed, texts: Texts, named: Collection[str], staffed: Collection[str], directory: Directory
) -> frozenset[str]:
    """The subjects whose class list the text says it is; without any named, that of the only one the sender staffs."""
    if not named:
        said = any(_CALLED.search(view.text) for view in texts.views)
        return frozenset(staffed) if said and len(staffed) == 1 else frozenset()
    lines = [line for view in texts.views for line in _calling(view.text)]
    introductions = [view.text for view in texts.views if view.field == "subject"]
    introductions += [texts.views[group.view].text[group.start : group.end] for group in listed.groups]
    lines += [text[-_LINE:] for text in introductions if _INTRODUCED.search(text)][:_LINES]
    text = "\n".join(lines)
    return frozenset(subject for subject in named if text and _is_named(subject, text, directory))


def _calling(text: str) -> Iterator[str]:
    """The lines in which something is called a class list; of a very long one the words around."""
    for match in islice(_CALLED.finditer(text), _LINES):
        before, behind = text[max(0, match.start() - _LINE) : match.start()], text[match.end() : match.end() + _LINE]
        yield before.rpartition("\n")[2] + match[0] + behind.partition("\n")[0]


def _is_named(subject: str, text: str, directory: Directory) -> bool:
    """Whether a text names the subject by number or title."""
    number = re.compile(r"(?<![\w.])" + r"[ -]?".join(map(re.escape, subject)) + r"(?!\w|\.\w)", re.IGNORECASE)
    titles = [offering.title.casefold() for offering in directory.offerings(subject) if offering.title]
    return number.search(text) is not None or any(title in text.casefold() for title in titles)


def sharing(found: ClassList | None, sender: Reader | None, reader: Reader) -> str:
    """What a class list is for this reader; "" without one. Who is in charge may have it from anybody, a sender keep a copy."""
    if found is None or not found.is_list:
        return ""
    if sender and folded_address(sender.address) == folded_address(reader.address):
        return SHARED if _staffs(found, reader) else ""
    if found.other_use:
        return OTHER_USE
    if _staffs(found, reader, in_charge=True):
        return SHARED
    if sender is None or not _staffs(found, sender, in_charge=True):
        return PASSED_ON
    return SHARED if _staffs(found, reader) else ELSEWHERE


def _staffs(found: ClassList, reader: Reader, *, in_charge: bool = False) -> bool:
    """Whether somebody is assigned to each of the subjects in its term, or in charge of it."""
    rows = [each for each in reader.assignments if not in_charge or each.role in found.leaders]
    return all(_has(rows, subject, term) for subject, term in found.subjects)


def _has(rows: Sequence[Assignment], subject: str, term: str) -> bool:
    return any(folded_word(each.subject) == subject and same_term(each.term, term) for each in rows)
