"""Lists of people as offices send them: grade lists, rosters, numbers, and lists of people who are no students.

Takes the people, what the list is, and chance; gives a Table, and its forms: lines pasted into a letter, HTML, and files.
"""

from __future__ import annotations

import csv
import html
import io
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tests.accuracy.mails import Attached
from tests.accuracy.world import Person


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, the heading first where there is one."""

    rows: tuple[tuple[str, ...], ...]
    layout: str


_Layout = Callable[[Sequence[Person], random.Random], Table]
_YEARS = {"1": "First-year", "2": "Sophomore", "3": "Junior", "4": "Senior", "G": "Graduate"}


def _grade(chance: random.Random) -> str:
    return chance.choice(("A", "A-", "B+", "B", "B-", "C+", "C", "D", "F"))


def _points(chance: random.Random) -> str:
    return str(chance.randrange(30, 101))


def _name_and_grade(people: Sequence[Person], chance: random.Random) -> Table:
    rows = tuple((f"{each.name.given} {each.name.family}", _grade(chance)) for each in people)
    return Table((("Name", "Grade"), *rows), "name-grade")


def _number_and_scores(people: Sequence[Person], chance: random.Random) -> Table:
    rows = tuple(
        (each.id, f"{each.name.family}, {each.name.given}", _points(chance), _points(chance), _grade(chance)) for each in people
    )
    return Table((("Student ID", "Student", "Midterm", "Final", "Grade"), *rows), "id-scores")


def _no_heading(people: Sequence[Person], chance: random.Random) -> Table:
    return Table(tuple((each.name.family, each.name.given, _points(chance)) for each in people), "no-heading")


def _roster(people: Sequence[Person], chance: random.Random) -> Table:
    rows = tuple((f"{each.name.given} {each.name.family}", _YEARS.get(each.year, ""), each.email) for each in people)
    return Table((("Name", "Year", "E-mail"), *rows), "roster")


def _numbers(people: Sequence[Person], chance: random.Random) -> Table:
    return Table((("ID",), *((each.id,) for each in people)), "ids")


def _named_numbers(people: Sequence[Person], chance: random.Random) -> Table:
    return Table((("Name", "Student ID"), *((f"{each.name.given} {each.name.family}", each.id) for each in people)), "name-id")


def _race(people: Sequence[Person], chance: random.Random) -> Table:
    rows = tuple(
        (str(place), f"{each.name.given} {each.name.family}", f"{18 + place}:{chance.randrange(60):02}")
        for place, each in enumerate(people, 1)
    )
    return Table((("Place", "Runner", "Time"), *rows), "race")


def _telephones(people: Sequence[Person], chance: random.Random) -> Table:
    rows = tuple((f"{each.name.given} {each.name.family}", f"555-{chance.randrange(10_000):04}") for each in people)
    return Table((("Name", "Phone"), *rows), "telephones")


LAYOUTS: Mapping[str, tuple[_Layout, ...]] = {
    "grade-list": (_name_and_grade, _number_and_scores, _no_heading),
    "roster": (_roster,),
    "id-list": (_numbers, _named_numbers),
    "other": (_race, _telephones),
}


def drawn(what: str, people: Sequence[Person], chance: random.Random) -> Table:
    return chance.choice(LAYOUTS[what])(people, chance)


def pasted(table: Table, chance: random.Random) -> str:
    """In running text."""
    return chance.choice((_with("\t"), _with(", "), _with("  "), _aligned))(table)


def page(table: Table) -> str:
    cells = ("".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in table.rows)
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"


def attached(table: Table, chance: random.Random) -> Attached:
    return chance.choice((_csv, _tabs))(table)


def _with(separator: str) -> Callable[[Table], str]:
    return lambda table: "\n".join(separator.join(row) for row in table.rows)


def _aligned(table: Table) -> str:
    widths = [max(map(len, column)) + 2 for column in zip(*table.rows, strict=True)]
    return "\n".join("".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table.rows)


def _csv(table: Table) -> Attached:
    out = io.StringIO()
    csv.writer(out).writerows(table.rows)
    return Attached("list.csv", "text/csv", out.getvalue().encode())


def _tabs(table: Table) -> Attached:
    return Attached("export.txt", "text/plain", _with("\t")(table).encode("utf-8"))
