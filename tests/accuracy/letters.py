"""A frame and a cast to a letter: slots filled, and where in the text each person, value and telling stretch stands.

Pure: the same frame, cast and chance give the same letter. `nameless` makes the twin that names no student.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from tests.accuracy.frames import Frame
from tests.accuracy.names import inverted
from tests.accuracy.world import Person, Subject

_MARKS = re.compile(r"<<|>>|\{([\w.]*)\}")
_YEARS = {"1": "freshman", "2": "sophomore", "3": "junior", "4": "senior", "G": "graduate student"}
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
_STUDENTS = ("student", "second", "third")
_GRADES = ("A", "A-", "B+", "B", "B-", "C+", "C", "C-", "D", "F")
_ORGANISATIONS = ("Harbor Trust", "Lindgren & Sons", "Northgate Instruments", "Tri-County Services", "the Meridian Fund")
_PLACES = ("Ashfield", "Port Ellery", "Granby Falls", "Westmere", "Dunmore")
_NAMELESS = {"student": "one student", "second": "another student", "third": "a third student"}


_EMPLOYEES = {"employee": "somebody here", "colleague": "somebody else here"}


@dataclass(frozen=True, slots=True)
class Cast:
    """Who takes part, and what is spoken of."""

    sender: Person
    reader: Person
    students: tuple[Person, ...]
    employees: tuple[Person, Person]
    subject: Subject
    nameless: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """Characters of a text: a person's name or number, a value, or (`TELLS`) a stretch that tells."""

    start: int
    end: int
    type: str
    student: str = ""  # ID


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    spans: tuple[Span, ...] = ()

    def part(self, start: int, end: int) -> Text:
        inside = (span for span in self.spans if start <= span.start and span.end <= end)
        return Text(
            self.text[start:end], tuple(replace(each, start=each.start - start, end=each.end - start) for each in inside)
        )


@dataclass(frozen=True, slots=True)
class Letter:
    """`body` stands before the list or the earlier message, `rest` behind it."""

    frame: Frame
    subject: Text
    body: Text
    rest: Text = field(default_factory=lambda: Text(""))
    lists: bool = False  # {rows} stood between body and rest


def write(frame: Frame, cast: Cast, chance: random.Random) -> Letter:
    """Fill the slots of one frame."""
    subject = _filled(frame.subject, cast, chance)
    whole = _filled(frame.text, cast, chance)
    for slot in ("rows", "earlier"):
        before, found, _ = whole.text.partition(f"{{{slot}}}")
        if found:
            end = len(before) + len(found)
            return Letter(frame, subject, whole.part(0, len(before)), whole.part(end, len(whole.text)), slot == "rows")
    return Letter(frame, subject, whole)


def _filled(text: str, cast: Cast, chance: random.Random) -> Text:
    out: list[str] = []
    spans: list[Span] = []
    opened, at, done = 0, 0, 0
    for mark in _MARKS.finditer(text):
        out.append(text[done : mark.start()])
        at += mark.start() - done
        done = mark.end()
        if mark[0] == "<<":
            opened = at
        elif mark[0] == ">>":
            spans.append(Span(opened, at, "TELLS"))
        elif mark[1] in {"rows", "earlier"}:
            out.append(mark[0])
            at += len(mark[0])
        else:
            filling, kind, student = _slot(mark[1], cast, chance)
            out.append(filling)
            if kind:
                spans.append(Span(at, at + len(filling), kind, student))
            at += len(filling)
    out.append(text[done:])
    return Text("".join(out), tuple(spans))


def _slot(slot: str, cast: Cast, chance: random.Random) -> tuple[str, str, str]:
    """What stands in a slot, the label of it, and the student it is about."""
    who, _, part = slot.partition(".")
    others = {"reader": cast.reader, "sender": cast.sender, "employee": cast.employees[0], "colleague": cast.employees[1]}
    if who in _STUDENTS:
        return _of_student(who, part, cast, chance)
    if who in _EMPLOYEES and cast.nameless and part != "title":
        return _EMPLOYEES[who], "", ""
    if who in others:
        if part == "title":
            return chance.choice(("Dr", "Professor", "Ms" if others[who].name.she else "Mr")), "", ""
        return _name(others[who], part, chance), "", ""
    if slot in _VALUES:
        return _VALUES[slot](chance), _LABELS.get(slot, ""), ""
    return _OF_CAST[slot](cast, chance), "", ""


def _of_student(who: str, part: str, cast: Cast, chance: random.Random) -> tuple[str, str, str]:
    student = cast.students[_STUDENTS.index(who)]
    if cast.nameless:
        return {"id": "the number on file", "email": "the address on file"}.get(part, _NAMELESS[who]), "", ""
    if part == "id":
        return student.id, "STUDENT_ID", student.id
    if part == "email":
        return student.email, "EMAIL", student.id
    return _name(student, part, chance), "PERSON", student.id


def _name(person: Person, part: str, chance: random.Random) -> str:
    match part:
        case "first":
            return person.name.given
        case "last":
            return person.name.family
    return inverted(person.name, chance)


def _amount(chance: random.Random) -> str:
    return f"${chance.randrange(40, 9_000):,}" + chance.choice(("", "", ".00", ".50"))


def _score(chance: random.Random) -> str:
    most = chance.choice((20, 25, 50, 100, 100, 120))
    return f"{chance.randrange(most // 4, most + 1)}/{most}"


_Draw = Callable[[random.Random], str]
_LABELS = {"grade": "GRADE", "score": "GRADE", "percent": "GRADE", "gpa": "GPA", "money": "FINANCIAL"}
_VALUES: Mapping[str, _Draw] = {
    "grade": lambda chance: chance.choice(_GRADES),
    "score": _score,
    "percent": lambda chance: f"{chance.randrange(31, 101)}%",
    "gpa": lambda chance: f"{chance.uniform(1.4, 4.0):.{chance.choice((1, 2))}f}",
    "money": _amount,
    "date": lambda chance: f"{chance.choice(_MONTHS)} {chance.randrange(1, 29)}",
    "day": lambda chance: chance.choice(_DAYS),
    "month": lambda chance: chance.choice(_MONTHS),
    "time": lambda chance: f"{chance.randrange(8, 18)}:{chance.choice(('00', '15', '30', '45'))}",
    "room": lambda chance: f"{chance.randrange(1, 68)}-{chance.randrange(100, 500)}",
    "phone": lambda chance: f"{chance.randrange(201, 990)}-555-{chance.randrange(10_000):04}",
    "invoice": lambda chance: f"{chance.choice(('INV-', 'No. ', ''))}{chance.randrange(10**5, 10**8)}",
    "tracking": lambda chance: f"1Z{chance.randrange(10**3):03}{chance.choice('ABEFX')}{chance.randrange(10**12):012}",
    "serial": lambda chance: f"SN{chance.randrange(10**8, 10**10)}",
    "org": lambda chance: chance.choice(_ORGANISATIONS),
    "place": lambda chance: chance.choice(_PLACES),
}
_OF_CAST: Mapping[str, Callable[[Cast, random.Random], str]] = {
    "she": lambda cast, _: "she" if cast.students[0].name.she else "he",
    "She": lambda cast, _: "She" if cast.students[0].name.she else "He",
    "her": lambda cast, _: "her" if cast.students[0].name.she else "his",
    "Her": lambda cast, _: "Her" if cast.students[0].name.she else "His",
    "him": lambda cast, _: "her" if cast.students[0].name.she else "him",
    "herself": lambda cast, _: "herself" if cast.students[0].name.she else "himself",
    "child": lambda cast, _: "daughter" if cast.students[0].name.she else "son",
    "major": lambda cast, _: cast.students[0].major,
    "year": lambda cast, _: _YEARS[cast.students[0].year],
    "course": lambda cast, _: cast.subject.number,
    "course.title": lambda cast, _: cast.subject.title,
}
