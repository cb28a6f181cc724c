"""An invented campus of any size, as import files: the same for the same size and seed.

`write` puts the files into a folder, `files` gives their lines. Nobody in it exists: names are drawn from two short lists,
addresses are `.example`. One member of the staff for twelve students, a subject for forty, five enrolments each. Nothing fails.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

GIVEN = (
    "Aiko", "Bo", "Cy", "Di", "Eva", "Fay", "Gil", "Hana", "Ivo", "June", "Kofi", "Lena", "Mira", "Noor", "Omar",
    "Pia", "Quinn", "Ravi", "Sana", "Tomás", "Uma", "Vera", "Wen", "Ximena", "Yusuf", "Zoë", "Ángel", "Björn",
    "Chloé", "Dũng", "Élodie", "François", "Gökhan", "Ingrid", "João", "Łukasz", "María", "Nuño", "Ólafur", "Renée",
    "Søren", "Thảo",
)  # fmt: skip
FAMILY = (
    "Adeyemi", "Baptiste", "Costa", "Dubois", "Eriksen", "Fischer", "Gallo", "Haddad", "Ivanova", "Jansen",
    "Kowalski", "Lindqvist", "Mori", "Novak", "Okafor", "Petrov", "Quispe", "Rossi", "Silva", "Tanaka", "Ueda",
    "Varga", "Weber", "Xu", "Yilmaz", "Zhang", "O'Brien", "Müller", "García", "Nguyễn", "Şahin", "Ødegård",
    "Smith-Jones",
)  # fmt: skip
DEPARTMENTS = ("Mathematics", "Physics", "History", "Biology", "Economics", "Music", "Chemistry", "Linguistics")
WITHHELD = ("", "", "", "", "", "", "", "phone;term_address", "permanent_address", "all")
TERM = "2026FA"

STUDENTS = (
    "id,given_name,family_name,full_name,preferred_names,email,alternate_emails,level,status,department,year,course,phone,"
    "term_address,permanent_address,degrees,attended_from,attended_to,suppress,international"
)
STAFF = "email,language,given_name,family_name,role,title,department,purview,status,started"


@dataclass(frozen=True, slots=True)
class Campus:
    """How many of what, for so many students."""

    students: int
    seed: int = 20_261_126
    enrolments_each: int = 5

    @property
    def staff(self) -> int:
        return max(2, self.students // 12)

    @property
    def subjects(self) -> int:
        return max(1, self.students // 40)


def student_id(number: int) -> str:
    """Nine digits beginning with 9 while there are that many; more for a campus of more than a hundred million."""
    return f"9{number:08d}"


def files(campus: Campus) -> dict[str, Iterator[str]]:
    """The lines of each file, by its name."""
    return {
        "students.csv": _students(campus),
        "staff.csv": _staff(campus),
        "subjects.csv": _subjects(campus),
        "assignments.csv": _assignments(campus),
        "enrolments.csv": _enrolments(campus),
        "advising.csv": _advising(campus),
    }


def write(folder: Path, campus: Campus) -> None:
    """Put the files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in files(campus).items():
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            file.writelines(_blocks(lines))


def _blocks(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield line + "\r\n"


def _drawing(campus: Campus, file: str) -> random.Random:
    return random.Random(f"{campus.seed} {file}")  # each file by itself, in whatever order they are written


def _students(campus: Campus) -> Iterator[str]:
    draw = _drawing(campus, "students").random
    yield STUDENTS
    for number in range(campus.students):
        given, family = GIVEN[int(draw() * len(GIVEN))], FAMILY[int(draw() * len(FAMILY))]
        chance = draw()
        department = DEPARTMENTS[int(chance * len(DEPARTMENTS))]
        graduate, year = chance < 0.3, 1 + number % 4
        preferred = GIVEN[number % len(GIVEN)] if number % 9 == 0 else ""
        yield (
            f"{student_id(number)},{given},{family},,{preferred},s{number}@campus.example,"
            f"{f'alumni{number}@alumni.campus.example' if number % 5 == 0 else ''},{'G' if graduate else 'UG'},current,"
            f"{department},{'G' if graduate else year},{1 + number % 24},555-{number % 10_000:04d},"
            f'"Hall {number % 12}, room {number % 400}","{number % 900} Elm Street, Springfield",{"BSc" if graduate else ""},'
            f"{2026 - year}-09-01,,{WITHHELD[number % len(WITHHELD)]},{'yes' if number % 8 == 0 else 'no'}"
        )


def _staff(campus: Campus) -> Iterator[str]:
    draw = _drawing(campus, "staff").random
    yield STAFF
    for number in range(campus.staff):
        given, family = GIVEN[int(draw() * len(GIVEN))], FAMILY[int(draw() * len(FAMILY))]
        purview = "academic;standing" if number % 20 == 0 else "none" if number % 7 == 0 else ""
        department = DEPARTMENTS[number % len(DEPARTMENTS)]
        yield f"t{number}@campus.example,en,{given},{family},faculty,Lecturer,{department},{purview},active,2015-07-01"


def _subjects(campus: Campus) -> Iterator[str]:
    yield "subject,term,title,department,starts,ends"
    for number in range(campus.subjects):
        department = DEPARTMENTS[number % len(DEPARTMENTS)]
        yield f"{_subject(number)},{TERM},{department} {number},{department},2026-09-02,2026-12-18"


def _assignments(campus: Campus) -> Iterator[str]:
    yield "subject,term,email,role"
    for number in range(campus.subjects):
        yield f"{_subject(number)},{TERM},t{number % campus.staff}@campus.example,instructor_in_charge"
        yield f"{_subject(number)},{TERM},t{(number + 1) % campus.staff}@campus.example,ta"


def _enrolments(campus: Campus) -> Iterator[str]:
    yield "subject,term,student_id"
    step = max(1, campus.subjects // campus.enrolments_each)
    for number in range(campus.students):
        for nth in range(campus.enrolments_each):
            yield f"{_subject((number + nth * step) % campus.subjects)},{TERM},{student_id(number)}"


def _advising(campus: Campus) -> Iterator[str]:
    yield "email,student_id,role"
    for number in range(campus.students):
        yield f"t{number % campus.staff}@campus.example,{student_id(number)},advisor"


def _subject(number: int) -> str:
    return f"{1 + number % 24}.{number // 24 + 1:02d}"
