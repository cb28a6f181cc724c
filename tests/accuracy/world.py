"""An invented university to write letters about: its import files, and who is who in it.

Takes a split's number (names, subjects and addresses of one split occur in no other), a size, a seed, and the share of names
made of everyday words. The same for the same arguments. Its rules are few: everybody's role is told by one row, so that what
a reader may know is plain to a person too.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.accuracy.names import Name, Names

TERM = "2026FA"
POOLS = {"train": 0, "dev": 1, "test": 2}
_DEPARTMENTS = (
    ("Chemistry", "Mechanical Engineering", "Anthropology", "Music", "Mathematics", "Political Science"),
    ("Physics", "Civil Engineering", "History", "Theater Arts", "Statistics", "Economics"),
    ("Biology", "Materials Science", "Linguistics", "Philosophy", "Computer Science", "Architecture"),
)
_TITLES = (
    ("Thermodynamics", "Organic Synthesis", "Kinship and Ritual", "Counterpoint", "Real Analysis", "Voting Systems"),
    ("Electromagnetism", "Fluid Mechanics", "Modern Europe", "Stagecraft", "Probability", "Game Theory"),
    ("Genetics", "Crystal Growth", "Phonology", "Ethics", "Operating Systems", "Structures"),
)
_NUMBERED = (("{}.{:02}", (5, 21)), ("{} {}", ("PHYS", "CIVE")), ("{}-{}", ("BIOL", "LING")))
# word of the purview column: how many of the staff bear it, for each 400 students
_PURVIEWS = {
    "": 10,
    "academic": 4,
    "academic;financial": 3,
    "academic;health": 3,
    "academic;conduct": 3,
    "academic;immigration": 2,
    "academic;id": 2,
    "housing": 4,
}
_PROVIDERS = ("freemail.example", "posthub.example", "inbox.example")


@dataclass(frozen=True, slots=True)
class Person:
    """A student (by ID) or an employee (by address)."""

    name: Name
    email: str
    id: str = ""
    alternate: str = ""
    department: str = ""
    major: str = ""
    year: str = ""  # "1" to "4" or "G"
    phone: str = ""
    suppress: str = ""
    purview: str = ""
    parent: str = ""  # the address of a recorded parent
    subjects: tuple[str, ...] = ()

    @property
    def is_student(self) -> bool:
        return bool(self.id)


@dataclass(frozen=True, slots=True)
class Subject:
    number: str
    title: str
    instructor: Person
    assistant: Person
    students: tuple[Person, ...]


@dataclass(frozen=True)
class World:
    """One university."""

    split: int
    students_wanted: int = 400
    seed: int = 1
    words: float = 0.02
    domain: str = "campus.example"

    @property
    def _names(self) -> Names:
        return Names(self.split, self.words)

    @cached_property
    def _everybody(self) -> dict[str, tuple[Person, ...]]:
        """Drawn in one go and in one order, so that the same world has the same people whatever is asked first."""
        chance, taken = random.Random(f"{self.split} {self.students_wanted} {self.seed} {self.words}"), set[str]()
        hundreds, classes = max(1, self.students_wanted // 400), max(4, self.students_wanted // 25)
        purviews = [purview for purview, count in _PURVIEWS.items() for _ in range(count * hundreds)]
        return {
            "staff": tuple(self._employee(purview, chance, taken) for purview in purviews),
            "teachers": tuple(self._employee("", chance, taken) for _ in range(2 * classes)),
            "advisors": tuple(self._employee("", chance, taken) for _ in range(classes)),
            "students": tuple(self._student(chance, taken) for _ in range(self.students_wanted)),
        }

    @property
    def staff(self) -> tuple[Person, ...]:
        return self._everybody["staff"]

    @property
    def teachers(self) -> tuple[Person, ...]:
        """Instructors and assistants; what they may know comes from their subjects alone."""
        return self._everybody["teachers"]

    @property
    def advisors(self) -> tuple[Person, ...]:
        return self._everybody["advisors"]

    @property
    def students(self) -> tuple[Person, ...]:
        return self._everybody["students"]

    @cached_property
    def subjects(self) -> tuple[Subject, ...]:
        """Everybody takes four."""
        chance = random.Random(f"subjects {self.split} {self.students_wanted} {self.seed}")
        teachers = self.teachers
        numbers = [self._number(nth) for nth in range(len(teachers) // 2)]
        members: dict[str, list[Person]] = {number: [] for number in numbers}
        for student in self.students:
            for number in chance.sample(numbers, min(4, len(numbers))):
                members[number].append(student)
        titles = _TITLES[self.split]
        return tuple(
            Subject(
                number,
                titles[nth % len(titles)] + " " + "I" * (1 + nth // len(titles) % 3),
                teachers[2 * nth],
                teachers[2 * nth + 1],
                tuple(members[number]),
            )
            for nth, number in enumerate(numbers)
        )

    @cached_property
    def advisor_of(self) -> dict[str, Person]:
        return {student.id: self.advisors[nth % len(self.advisors)] for nth, student in enumerate(self.students)}

    def with_purview(self, word: str) -> tuple[Person, ...]:
        return tuple(each for each in self.staff if word in each.purview.split(";")) if word else self._nothing_recorded

    @cached_property
    def _nothing_recorded(self) -> tuple[Person, ...]:
        return tuple(each for each in self.staff if not each.purview)

    def stranger(self, chance: random.Random) -> Person:
        """Somebody outside whom no file has, and who is called like nobody in one."""
        name = next(name for name in iter(lambda: self._names.draw(chance), None) if name and _key(name) not in self._known)
        return Person(name, f"{_local(name, chance, set())}@{chance.choice(_PROVIDERS)}")

    @cached_property
    def _known(self) -> frozenset[tuple[str, str]]:
        return frozenset(_key(each.name) for group in self._everybody.values() for each in group)

    def write(self, folder: Path, more: Sequence[Person] = ()) -> None:
        """The import files; `more` students beside its own."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, rows in self._files(more).items():
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows(rows)

    def _files(self, more: Sequence[Person]) -> dict[str, list[list[str]]]:
        employees = (*self.staff, *self.teachers, *self.advisors)
        students = [
            [
                each.id, each.name.given, each.name.family, each.email, each.alternate, "G" if each.year == "G" else "UG",
                "current", each.department, each.year, each.major, each.phone, each.suppress, "no",
            ]
            for each in (*self.students, *more)
        ]  # fmt: skip
        heading = (
            "id given_name family_name email alternate_emails level status department year course phone suppress international"
        )
        return {
            "students": [heading.split(), *students],
            "staff": [
                ["email", "given_name", "family_name", "role", "title", "department", "purview", "status"],
                *(
                    [each.email, each.name.given, each.name.family, "staff", "", each.department, each.purview, "current"]
                    for each in employees
                ),
            ],
            "subjects": [["subject", "term", "title"], *([each.number, TERM, each.title] for each in self.subjects)],
            "assignments": [
                ["subject", "term", "email", "role"],
                *([each.number, TERM, each.instructor.email, "instructor_in_charge"] for each in self.subjects),
                *([each.number, TERM, each.assistant.email, "ta"] for each in self.subjects),
            ],
            "enrolments": [
                ["subject", "term", "student_id"],
                *([each.number, TERM, student.id] for each in self.subjects for student in each.students),
            ],
            "advising": [
                ["email", "student_id", "role"],
                *([advisor.email, student, "advisor"] for student, advisor in self.advisor_of.items()),
            ],
            "contacts": [
                ["address", "type", "student_id"],
                *([each.parent, "parent", each.id] for each in self.students),
                ["desk@courier.example", "press", ""],
            ],
        }

    def _student(self, chance: random.Random, taken: set[str]) -> Person:
        name = self._names.draw(chance)
        number = next(each for each in iter(lambda: f"9{chance.randrange(10**8):08}", "") if each not in taken)
        taken.add(number)
        local, drawn = _local(name, chance, taken), chance.random()
        return Person(
            name,
            f"{local}@{self.domain}",
            id=number,
            alternate=f"{local}.{chance.randrange(100)}@{chance.choice(_PROVIDERS)}",
            department=chance.choice(_DEPARTMENTS[self.split]),
            major=chance.choice(_DEPARTMENTS[self.split]),
            year=chance.choice(("1", "2", "3", "4", "G")),
            phone=f"617-555-{chance.randrange(10_000):04}",
            suppress="all" if drawn < 0.05 else "email;phone;course;year" if drawn < 0.1 else "",
            parent=f"{number[1:6]}.{chance.randrange(1000)}@household.example",
        )

    def _employee(self, purview: str, chance: random.Random, taken: set[str]) -> Person:
        name = self._names.draw(chance)
        return Person(
            name,
            f"{_local(name, chance, taken)}@{self.domain}",
            department=chance.choice(_DEPARTMENTS[self.split]),
            phone=f"617-555-{chance.randrange(10_000):04}",
            purview=purview,
        )

    def _number(self, nth: int) -> str:
        form, groups = _NUMBERED[self.split]
        return form.format(groups[nth % 2], (1 if self.split == 0 else 101) + nth // 2)


def _key(name: Name) -> tuple[str, str]:
    return name.given, name.family.partition(" ")[0]


def _local(name: Name, chance: random.Random, taken: set[str]) -> str:
    """A local part nobody has yet."""
    letters = "".join(each for each in (name.given[:1] + name.family).lower() if each.isascii() and each.isalpha()) or "x"
    local = letters
    while local in taken:
        local = f"{letters}{chance.randrange(10_000)}"
    taken.add(local)
    return local
