"""An invented university to write letters about: who is who in it. Its import files: files.py.

Takes a split's number (names, subjects and addresses of one split occur in no other), a size, a seed, and the share of names
made of everyday words. The same for the same arguments. Its rules are few: everybody's role is told by one row, so that what
a reader may know is plain to a person too.
"""

from __future__ import annotations

import random
from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate

from tests.accuracy.names import Name, Names

TERM = "2026FA"
_FEW = 1_000  # students, for whom a few thousand different names are enough
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


@dataclass(frozen=True, slots=True)
class Others(Sequence[Person]):
    """A group without the one at a place."""

    everybody: Sequence[Person]
    place: int

    def __len__(self) -> int:
        return len(self.everybody) - 1

    def __getitem__(self, index: int) -> Person:  # type: ignore[override]
        return self.everybody[index + (index >= self.place)]


@dataclass(frozen=True)
class World:
    """One university."""

    split: int
    students_wanted: int = 400
    seed: int = 1
    words: float = 0.02
    domain: str = "campus.example"
    culture: str = ""  # of all names, where one is given

    @property
    def _names(self) -> Names:
        return Names(self.split, self.words, self.students_wanted > _FEW, self.culture)

    def everybody(self) -> Iterator[tuple[str, Person]]:
        """Everybody and what they are, in one order, so that the same world has the same people whatever is asked first."""
        chance, taken = random.Random(f"{self.split} {self.students_wanted} {self.seed} {self.words}"), set[str]()
        hundreds, classes = max(1, self.students_wanted // 400), self.classes
        purviews = [purview for purview, count in _PURVIEWS.items() for _ in range(count * hundreds)]
        employed = set[tuple[str, str]]()
        for group, each in (("staff", purviews), ("teachers", [""] * 2 * classes), ("advisors", [""] * classes)):
            for purview in each:
                person = self._employee(purview, chance, taken)
                employed.add(_key(person.name))
                yield group, person
        yield from (("students", self._student(chance, taken, employed)) for _ in range(self.students_wanted))

    @property
    def classes(self) -> int:
        return max(4, self.students_wanted // 25)

    @cached_property
    def _groups(self) -> Mapping[str, tuple[Person, ...]]:
        found = defaultdict[str, list[Person]](list)
        for group, person in self.everybody():
            found[group].append(person)
        return {group: tuple(people) for group, people in found.items()}

    @property
    def staff(self) -> tuple[Person, ...]:
        return self._groups["staff"]

    @property
    def teachers(self) -> tuple[Person, ...]:
        """Instructors and assistants; what they may know comes from their subjects alone."""
        return self._groups["teachers"]

    @property
    def advisors(self) -> tuple[Person, ...]:
        return self._groups["advisors"]

    @property
    def students(self) -> tuple[Person, ...]:
        return self._groups["students"]

    @cached_property
    def subjects(self) -> tuple[Subject, ...]:
        teachers, students = self.teachers, self.students
        members = self.members()
        return tuple(
            Subject(number, title, teachers[2 * nth], teachers[2 * nth + 1], tuple(students[each] for each in members[nth]))
            for nth, (number, title) in enumerate(self.offered)
        )

    @property
    def offered(self) -> list[tuple[str, str]]:
        """Number and title of every subject."""
        titles = _TITLES[self.split]
        named = (titles[nth % len(titles)] + " " + "I" * (1 + nth // len(titles) % 3) for nth in range(self.classes))
        return [(self._number(nth), title) for nth, title in enumerate(named)]

    def members(self) -> list[array[int]]:
        """Of each subject the students by their places. Everybody takes four."""
        chance = random.Random(f"subjects {self.split} {self.students_wanted} {self.seed}")
        numbers = range(self.classes)
        members = [array("L") for _ in numbers]
        for student in range(self.students_wanted):
            for number in chance.sample(numbers, min(4, len(numbers))):
                members[number].append(student)
        return members

    def enrolled(self, suppress: str, chance: random.Random) -> tuple[Person, Subject]:
        """A student who withholds just this, and one of the student's subjects."""
        rows, ends = self._rows
        row = chance.choice(rows[suppress])
        nth = bisect_right(ends, row)
        subject = self.subjects[nth]
        return subject.students[row - ends[nth]], subject  # counted from the end

    @cached_property
    def _rows(self) -> tuple[Mapping[str, Sequence[int]], Sequence[int]]:
        """Of the subjects' members, one list behind the other, the places by what they withhold; and where each list ends."""
        found: Mapping[str, array[int]] = defaultdict(lambda: array("L"))
        for row, student in enumerate(student for subject in self.subjects for student in subject.students):
            found[student.suppress].append(row)
        return found, tuple(accumulate(len(subject.students) for subject in self.subjects))

    def others(self, group: Sequence[Person], one: Person) -> Sequence[Person]:
        """A group of people without one of them."""
        place = self._places[one.email]
        return Others(group, place) if place < len(group) and group[place] is one else group

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {each.email: place for group in self._groups.values() for place, each in enumerate(group)}

    @cached_property
    def advisor_of(self) -> dict[str, Person]:
        return {student.id: self.advisors[nth % len(self.advisors)] for nth, student in enumerate(self.students)}

    def with_purview(self, word: str) -> tuple[Person, ...]:
        return self._by_purview.get(word, ())

    @cached_property
    def _by_purview(self) -> Mapping[str, tuple[Person, ...]]:
        """The staff by each word of what is recorded; "" where nothing is."""
        words = {word for each in self.staff for word in each.purview.split(";")}
        return {word: tuple(each for each in self.staff if word in each.purview.split(";")) for word in words}

    def stranger(self, chance: random.Random) -> Person:
        """Somebody outside whom no file has, and who is called like nobody in one; of any culture, for one may be used up."""
        names = replace(self, culture="")._names
        name = next(name for name in iter(lambda: names.draw(chance), None) if name and _key(name) not in self._known)
        return Person(name, f"{_local(name, chance, set())}@{chance.choice(_PROVIDERS)}")

    @cached_property
    def _known(self) -> frozenset[tuple[str, str]]:
        return frozenset(_key(each.name) for group in self._groups.values() for each in group)

    def _student(self, chance: random.Random, taken: set[str], employed: Collection[tuple[str, str]]) -> Person:
        """No employee's namesake: a letter about one would be about the employee."""
        name = next(name for name in iter(lambda: self._names.draw(chance), None) if name and _key(name) not in employed)
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
