"""Lists of people as offices and systems make them, and lists that tell nothing of a student: layouts.toml, read and filled.

Takes a layout, people, and chance; gives a Table: rows of one or two sheets, or the text of a list that is no table. Which form
it travels in says forms.py. The same for the same arguments.
"""

from __future__ import annotations

import random
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from tests.accuracy.frames import HERE
from tests.accuracy.world import POOLS, Person, Subject, World

Row = tuple[str, ...]
_SEPARATOR = " | "
_MOST, _MOST_COLUMNS = 40, 9  # people of a list, and of one that has them side by side
EVERYBODY = "all"  # as the split of a layout


@dataclass(frozen=True, slots=True)
class Layout:
    """One row of layouts.toml."""

    id: str
    what: str
    split: str
    people: str = "students"
    way: str = "table"
    forms: tuple[str, ...] = ()  # it travels in; all that fit where none are named
    heading: str = ""
    above: tuple[str, ...] = ()
    row: str = ""
    below: tuple[str, ...] = ()
    key: str = ""
    line: str = ""
    join: str = "\n"
    opening: str = ""
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)
    least: int = 3
    action: str = ""
    also: tuple[str, ...] = ()
    distinct: bool = False  # strangers whose initial and last name are no student's either

    @property
    def most(self) -> int:
        return _MOST_COLUMNS if self.way == "transposed" else _MOST


@dataclass(frozen=True, slots=True)
class Table:
    """`sheets` by their names, each with its rows; without any, `text` is the list."""

    layout: Layout
    sheets: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    text: str = ""


@dataclass(frozen=True, slots=True)
class _Item:
    """What a row is about."""

    person: Person
    place: int
    subject: Subject
    others: Sequence[Person]
    words: Mapping[str, Sequence[str]]

    def cell(self, word: str, chance: random.Random) -> str:
        if word.startswith("="):
            return word[1:]
        if word.startswith("#"):
            return "#" + self.cell(word[1:], chance)
        if word in self.words:
            return chance.choice(self.words[word])
        return OF_A_PERSON[word](self) if word in OF_A_PERSON else VALUES[word](chance)


@cache
def layouts() -> tuple[Layout, ...]:
    rows = tomllib.loads((HERE / "layouts.toml").read_text(encoding="utf-8"))["layout"]
    return tuple(
        Layout(**{key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}) for row in rows
    )


def layouts_of(split: int, what: str = "") -> tuple[Layout, ...]:
    """Those of one split (by number, as worlds have it), and of one intent."""
    name = next(name for name, number in POOLS.items() if number == split)
    return tuple(each for each in layouts() if each.split in (EVERYBODY, name) and what in ("", each.what))


def drawn(layout: Layout, subject: Subject, world: World, chance: random.Random) -> tuple[Table, tuple[Person, ...]]:
    """A list of some people, and the students it tells about."""
    count = min(chance.choice((layout.least, 5, 8, 12, 20, layout.most)), layout.most)
    people = _PEOPLE[layout.people](layout, max(count, layout.least), subject, world, chance)
    told = people if layout.people == "students" else ()
    return filled(layout, people, subject, world.staff, chance), tuple(told)


def filled(
    layout: Layout, people: Sequence[Person], subject: Subject, others: Sequence[Person], chance: random.Random
) -> Table:
    items = [_Item(each, place, subject, others, layout.words) for place, each in enumerate(people, 1)]
    if layout.line:
        return Table(layout, text=layout.opening + _WAYS_OF_LINES[layout.way](layout, items, chance))
    rows = [tuple(item.cell(word, chance) for word in layout.row.split(_SEPARATOR)) for item in items]
    head = [tuple(line.split(_SEPARATOR)) for line in ((layout.heading,) if layout.heading else ()) + layout.above]
    rows = [*head, *rows, *(tuple(line.split(_SEPARATOR)) for line in layout.below)]
    return Table(layout, _WAYS[layout.way](layout, rows))


def _side_by_side(_: Layout, rows: Sequence[Row]) -> dict[str, tuple[Row, ...]]:
    return {"Sheet1": tuple(zip(*rows, strict=True))}


def _two_a_row(layout: Layout, rows: Sequence[Row]) -> dict[str, tuple[Row, ...]]:
    head, body = ([rows[0] * 2], rows[1:]) if layout.heading else ([], rows)
    half = (len(body) + 1) // 2
    right = [*body[half:], ("",) * len(body[0])][:half]
    return {"Sheet1": (*head, *(one + other for one, other in zip(body[:half], right, strict=True)))}


def _two_sheets(layout: Layout, rows: Sequence[Row]) -> dict[str, tuple[Row, ...]]:
    """Who it is on one, the values on the other; the key stands on both."""
    words = layout.row.split(_SEPARATOR)
    who = [at for at, word in enumerate(words) if word == layout.key or word in _NAMING]
    values = [at for at, word in enumerate(words) if word == layout.key or word not in _NAMING]
    return {
        "People": tuple(tuple(row[at] for at in who) for row in rows),
        "Results": tuple(tuple(row[at] for at in values) for row in rows),
    }


_WAYS: Mapping[str, Callable[[Layout, Sequence[Row]], dict[str, tuple[Row, ...]]]] = {
    "table": lambda _, rows: {"Sheet1": tuple(rows)},
    "transposed": _side_by_side,
    "two-a-row": _two_a_row,
    "two-sheets": _two_sheets,
}


def _line(layout: Layout, item: _Item, chance: random.Random) -> str:
    parts = layout.line.split("{")
    return parts[0] + "".join(item.cell(word, chance) + rest for word, _, rest in (part.partition("}") for part in parts[1:]))


def _by_value(layout: Layout, items: Sequence[_Item], chance: random.Random) -> str:
    """One line for each value, with everybody who has it."""
    value, _, name = layout.line.replace("{", "").replace("}", "").partition(": ")
    having: dict[str, list[str]] = {}
    for item in items:
        having.setdefault(item.cell(value, chance), []).append(item.cell(name, chance))
    return "\n".join(f"{each}: {', '.join(names)}" for each, names in sorted(having.items()))


_WAYS_OF_LINES: Mapping[str, Callable[[Layout, Sequence[_Item], random.Random], str]] = {
    "table": lambda layout, items, chance: layout.join.join(_line(layout, item, chance) for item in items),
    "by-value": _by_value,
}


def _students(_: Layout, count: int, subject: Subject, __: World, chance: random.Random) -> list[Person]:
    return chance.sample(subject.students, min(count, len(subject.students)))


def _strangers(layout: Layout, count: int, _: Subject, world: World, chance: random.Random) -> list[Person]:
    """Also by half of a double name they are called like nobody."""
    found: list[Person] = []
    called = _initials if layout.distinct else _names
    taken = {name for each in (*world.students, *_employees(world)) for name in called(each)}
    while len(found) < count:
        each = world.stranger(chance)
        if taken.isdisjoint(called(each)):
            found.append(each)
    return found


def _one_student(layout: Layout, count: int, subject: Subject, world: World, chance: random.Random) -> list[Person]:
    found = _strangers(layout, count, subject, world, chance)
    known = Counter(name for each in (*world.students, *_employees(world)) for name in _names(each))
    alone = [each for each in subject.students if not each.suppress and all(known[name] == 1 for name in _names(each))]
    found[chance.randrange(count)] = chance.choice(alone)
    return found


def _staff(_: Layout, count: int, __: Subject, world: World, chance: random.Random) -> list[Person]:
    students = {name for each in world.students for name in _names(each)}
    everybody = [each for each in _employees(world) if students.isdisjoint(_names(each))]
    return chance.sample(everybody, min(count, len(everybody)))


def _employees(world: World) -> tuple[Person, ...]:
    return (*world.staff, *world.teachers, *world.advisors)


_PEOPLE: Mapping[str, Callable[[Layout, int, Subject, World, random.Random], list[Person]]] = {
    "students": _students,
    "strangers": _strangers,
    "one-student": _one_student,
    "staff": _staff,
    "nobody": _strangers,
}


def _full(person: Person) -> str:
    return f"{person.name.given} {person.name.family}"


def _names(person: Person) -> set[tuple[str, str]]:
    return {(person.name.given, family) for family in person.name.family.replace("-", " ").split()}


def _initials(person: Person) -> set[tuple[str, str]]:
    return {(given[0], family) for given, family in _names(person)}


_YEARS = {"1": "First-year", "2": "Sophomore", "3": "Junior", "4": "Senior", "G": "Graduate"}
OF_A_PERSON: Mapping[str, Callable[[_Item], str]] = {
    "first": lambda item: item.person.name.given,
    "last": lambda item: item.person.name.family,
    "first-last": lambda item: _full(item.person),
    "last-first": lambda item: f"{item.person.name.family}, {item.person.name.given}",
    "last-first-m": lambda item: f"{item.person.name.family}, {item.person.name.given} {chr(65 + item.place % 26)}.",
    "last-initial": lambda item: f"{item.person.name.family}, {item.person.name.given[0]}.",
    "initial-last": lambda item: f"{item.person.name.given[0]}. {item.person.name.family}",
    "upper-last": lambda item: item.person.name.family.upper(),
    "upper-first": lambda item: item.person.name.given.upper(),
    "upper-last-first": lambda item: f"{item.person.name.family}, {item.person.name.given}".upper(),
    "lower-first-last": lambda item: f"{item.person.name.given} {item.person.name.family}".lower(),
    "id": lambda item: item.person.id,
    "id-spaced": lambda item: f"{item.person.id[:3]} {item.person.id[3:6]} {item.person.id[6:]}",
    "id-dashed": lambda item: f"{item.person.id[:3]}-{item.person.id[3:5]}-{item.person.id[5:]}",
    "last-four": lambda item: item.person.id[-4:],
    "last-five": lambda item: item.person.id[-5:],
    "email": lambda item: item.person.email,
    "login": lambda item: item.person.email.partition("@")[0],
    "phone": lambda item: item.person.phone,
    "major": lambda item: item.person.major,
    "department": lambda item: item.person.department,
    "year": lambda item: _YEARS.get(item.person.year, ""),
    "year-code": lambda item: "GUUUU"[int(item.person.year) if item.person.year.isdigit() else 0] + item.person.year[:1],
    "section": lambda item: f"{item.subject.number} R{1 + item.place % 4:02}",
    "subject": lambda item: item.subject.number,
    "place": lambda item: str(item.place),
    "race-time": lambda item: f"{18 + item.place}:{item.place * 37 % 60:02}",
    "seat": lambda item: f"{'ABCDEFGH'[item.place % 8]}{10 + item.place}",
    "code": lambda item: f"K-{300 + item.place * 7}",
    "staff": lambda item: _full(item.others[item.place % len(item.others)]),
}
_NAMING = {word for word in OF_A_PERSON if "first" in word or "last" in word}
_LETTERS = ("A", "A-", "B+", "B", "B-", "C+", "C", "D", "F")
_STANDINGS = ("Good standing", "Academic warning", "Probation", "Required leave", "Probation lifted")
_TITLES = ("On Bridges", "The Quiet Sea", "Notes on Copper", "A Short History of Maps", "Light and Heat", "Growing Pains")
VALUES: Mapping[str, Callable[[random.Random], str]] = {
    "letter": lambda chance: chance.choice(_LETTERS),
    "pass-fail": lambda chance: chance.choice(("PASS", "PASS", "FAIL")),
    "points": lambda chance: str(chance.randrange(30, 101)),
    "small": lambda chance: str(chance.randrange(21)),
    "decimal": lambda chance: f"{chance.uniform(30, 100):.2f}",
    "percent": lambda chance: f"{chance.randrange(35, 101)}%",
    "fraction": lambda chance: f"{chance.randrange(5, 21)}/20",
    "gpa": lambda chance: f"{chance.uniform(1.4, 5):.2f}",
    "lsat": lambda chance: str(chance.randrange(140, 178)),
    "standing": lambda chance: chance.choice(_STANDINGS),
    "standing-code": lambda chance: chance.choice(("GS", "AW", "PR", "RL")),
    "yes-no": lambda chance: chance.choice("YN"),
    "hold": lambda chance: chance.choice(("Bursar", "Immunization", "Library", "Advising")),
    "money": lambda chance: f"${chance.randrange(100, 30_000):,}.00",
    "accommodation": lambda chance: chance.choice(("extra time", "separate room", "note taker", "screen reader")),
    "ethnicity": lambda chance: chance.choice(("W", "B", "H", "A", "not given")),
    "attended": lambda chance: chance.choice(("x", "x", "x", "", "L")),
    "room": lambda chance: f"{chance.randrange(1, 68)}-{chance.randrange(100, 500)}",
    "date": lambda chance: f"{chance.randrange(1, 13)}/{chance.randrange(1, 29)}/2026",
    "day": lambda chance: chance.choice(("Mon", "Tue", "Wed", "Thu", "Fri")),
    "hours": lambda chance: f"{chance.randrange(8, 12)}:00-{chance.randrange(13, 18)}:30",
    "stamp": lambda chance: f"2026-10-{chance.randrange(1, 5):02} {chance.randrange(8, 23):02}:{chance.randrange(60):02}:17",
    "epoch": lambda chance: str(chance.randrange(1_790_000_000, 1_796_000_000)),
    "four-digits": lambda chance: f"{chance.randrange(10**4):04}",
    "number": lambda chance: str(chance.randrange(10**4, 10**6)),
    "nine-digits": lambda chance: chance.choice("19") + f"{chance.randrange(10**8):08}",
    "title": lambda chance: chance.choice(_TITLES),
    "units": lambda chance: chance.choice(("12", "9", "3-0-9")),
    "year-number": lambda chance: str(chance.randrange(1950, 2026)),
}
