"""Numbers shaped like an ID: whose they are, once there is a directory to ask.

Takes what was read and what the patterns found; gives a verdict on each ID. A number the directory has is its student's
whatever stands near it, unless a word speaks against it (an invoice) and it is one of a few; one that it has not is nobody's,
unless the text calls it a student's, or most numbers around it are students': somebody new, in no file, and suppressed.
Nothing here fails.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from enum import Enum, auto

from dlp.campus.directory import Directory
from dlp.campus.folding import folded_name
from dlp.campus.names import given_and_family
from dlp.campus.people import Person, identity
from dlp.campus.records import Student
from dlp.values import Finding, Role, Texts

NOBODY = 0.2  # confidence of a number that is nobody's, and at most that of one a word speaks against
_SURE = 0.7
_SEVERAL = 3  # different numbers that are students', which no invoices happen to be
_BEFORE = 40  # characters
_HEADING_REACH = 2_000
_LABELLED = re.compile(
    r"(?:\b(?:student|stud|campus|university|mit|matriculation|matric)[ _.-]{0,2}(?:id|i\.d\.|no|nr|number|#)?s?"
    r"|\bstudent[ ]ac(?:coun|c)t\.?|\bsid|\bid|\bi\.d\.)[ .:#=(-]{0,4}(?:(?:is|are|was|were|number|no\.?|nr\.?)[ :#=(]{0,3})?$",
    re.IGNORECASE,
)
_TELEPHONE = re.compile(  # of an office, or where somebody is called; "my campus number" is the ID of who says it
    r"\b(?:our|(?:call|dial|phone|ring|reach(?:ed)?)(?:\s+(?:me|us))?(?:,|\s+(?:at|by|on|under|via))?\s+my)"
    r"\s+campus\s+number[\s,:=(]*(?:is\s+)?$",
    re.IGNORECASE,
)
_NAME = re.compile(r"[^\W\d_]{2,}(?:-[^\W\d_]+)*")
_HEADING = re.compile(r"\b(?:student|campus|mit)[ _-]?(?:id|no|number)\b", re.IGNORECASE)


class Whose(Enum):
    A_STUDENTS = auto()
    PERHAPS_A_STUDENTS = auto()  # the directory has it, but the words around it call it something else
    A_STRANGERS = auto()  # called a student's ID, and in no file
    NOBODYS = auto()


def whose(texts: Texts, findings: Sequence[Finding], directory: Directory) -> Iterator[tuple[int, Whose, Student | None]]:
    """For each finding of an ID its index, whose it is, and the student it belongs to."""
    held = [(index, one) for index, one in enumerate(findings) if one.kind == "id" and one.role is Role.IDENTIFIES]
    if not held:
        return
    found = {index: directory.student(texts.views[one.view].text[one.start : one.end]) for index, one in held}
    members: Counter[int] = Counter()  # more than strangers, by view
    different: dict[int, set[str]] = {}  # students' numbers, by view
    for index, one in held:
        members[one.view] += 1 if found[index] is not None else -1
        different.setdefault(one.view, set()).update([one.digest] if found[index] is not None else ())
    for index, one in held:
        student, text = found[index], texts.views[one.view].text
        if student is not None:
            several = len(different[one.view]) >= _SEVERAL and members[one.view] >= 0
            surely = several or one.confidence > NOBODY or _is_called(text, one.start, one.end, student)
            yield index, Whose.A_STUDENTS if surely else Whose.PERHAPS_A_STUDENTS, student
        elif one.confidence >= _SURE and (members[one.view] >= 0 or _is_labelled(text, one.start)):
            yield index, Whose.A_STRANGERS, None
        else:
            yield index, Whose.NOBODYS, None


def numbered(people: tuple[Person, ...], numbers: Collection[str], digest: Callable[[str], str]) -> tuple[Person, ...]:
    """Of namesakes the one whose number (a keyed digest) stands there, in doubtful company or not."""
    return tuple(each for each in people if len(people) > 1 and digest(identity(each)) in numbers) or people


def _is_called(text: str, start: int, end: int, student: Student) -> bool:
    """Whether a number is called a student's, or the last name of its student stands beside it: account 912345678, Kim."""
    _, family = given_and_family(student)
    beside = text[max(0, start - _BEFORE) : start].rpartition("\n")[2] + text[end : end + _BEFORE].partition("\n")[0]
    named = not family.isdisjoint(map(folded_name, _NAME.findall(beside)))
    return named or bool(_HEADING.search(beside) or _LABELLED.search(text[max(0, start - _BEFORE) : start]))


def _is_labelled(text: str, start: int) -> bool:
    """Whether a number is called a student's ID: right before it, or in a heading."""
    before = text[max(0, start - _BEFORE) : start]
    called = _LABELLED.search(before) or _HEADING.search(text, 0, min(start, _HEADING_REACH))
    return called is not None and _TELEPHONE.search(before) is None
