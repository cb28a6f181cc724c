"""The import files of an invented university: `dlp import` reads them.

Takes a world, further students who take nothing, and a folder. People are written as they are drawn and none is kept, so
that a million students need a few hundred megabytes, most of it to give nobody somebody else's ID or address. Raises OSError.
"""

from __future__ import annotations

import csv
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import chain
from pathlib import Path

from tests.accuracy.world import TERM, Person, World

_HEADINGS = {
    "students": "id given_name family_name email alternate_emails level status department year course phone suppress"
    " international",
    "staff": "email given_name family_name role title department purview status",
    "subjects": "subject term title",
    "assignments": "subject term email role",
    "enrolments": "subject term student_id",
    "advising": "email student_id role",
    "contacts": "address type student_id",
}

_Row = tuple[str, Sequence[object]]  # and the file it stands in


def write(world: World, folder: Path, more: Iterable[Person] = ()) -> None:
    """The files of one university, and `more` students beside its own."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        writers = {}
        for name, heading in _HEADINGS.items():
            file = stack.enter_context((folder / f"{name}.csv").open("w", encoding="utf-8", newline=""))
            writers[name] = csv.writer(file)
            writers[name].writerow(heading.split())
        for name, row in chain(_rows(world), (("students", _student(each)) for each in more)):
            writers[name].writerow(row)


def _rows(world: World) -> Iterator[_Row]:
    emails: Mapping[str, list[str]] = defaultdict(list)
    ids = array("L")
    for group, each in world.everybody():
        if group == "students":
            yield from _studying(each, emails["advisors"][len(ids) % len(emails["advisors"])])
            ids.append(int(each.id))
        else:
            emails[group].append(each.email)
            yield "staff", _employed(each)
    yield "contacts", ("desk@courier.example", "press", "")
    yield from chain.from_iterable(_offered(world, emails["teachers"]))
    for (number, _), members in zip(world.offered, world.members(), strict=True):
        yield from (("enrolments", (number, TERM, ids[student])) for student in members)


def _studying(each: Person, advisor: str) -> Iterator[_Row]:
    yield "students", _student(each)
    yield "contacts", (each.parent, "parent", each.id)
    yield "advising", (advisor, each.id, "advisor")


def _student(each: Person) -> Sequence[object]:
    return (
        each.id, each.name.given, each.name.family, each.email, each.alternate, "G" if each.year == "G" else "UG",
        "current", each.department, each.year, each.major, each.phone, each.suppress, "no",
    )  # fmt: skip


def _employed(each: Person) -> Sequence[object]:
    return each.email, each.name.given, each.name.family, "staff", "", each.department, each.purview, "current"


def _offered(world: World, teachers: Sequence[str]) -> Iterator[Iterator[_Row]]:
    """Every subject, who is in charge of it, and who assists."""
    for role, first in (("instructor_in_charge", 0), ("ta", 1)):
        emails = teachers[first::2]
        yield (("assignments", (number, TERM, email, role)) for (number, _), email in zip(world.offered, emails, strict=True))
    yield (("subjects", (number, TERM, title)) for number, title in world.offered)
