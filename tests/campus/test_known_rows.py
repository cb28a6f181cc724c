"""Rows whose student is known by the ID need no name; all else of a large sheet is looked at."""

from __future__ import annotations

import pytest

from dlp.campus.identity import identify_people
from dlp.campus.known_rows import MANY
from dlp.campus.people import Context, Strength
from dlp.campus.records import Student
from dlp.values import Channel, Finding, Role, Texts, View
from tests.campus.people import people

CLASS = tuple(Student(f"91234{nth:04}", "Hana", f"Kim{chr(97 + nth % 26)}{chr(97 + nth // 26)}") for nth in range(MANY + 1))
IVO = Student("912399999", "Ivo", "Marek")
CAMPUS = people(*CLASS, IVO)


@pytest.mark.parametrize(("rows", "by_name"), [(MANY - 1, MANY - 1), (MANY, 0)])
def test_a_sheet_of_known_ids(rows: int, by_name: int) -> None:
    lines = [f"{one.id},{one.family_name}, {one.given_name},88" for one in CLASS[:rows]]
    text = "\n".join(("ID,Name,Grade", *lines, "Ivo Marek has no row", ""))
    texts = Texts((), (), (View(Channel.TEXT, "1", "part 1", text),))
    found = tuple(
        Finding("id", "pattern", "student-id", Role.IDENTIFIES, "", 0, at, at + 9, 0.9, "an ID", one.id)
        for one in CLASS[:rows]
        for at in (text.index(one.id),)
    )
    told = identify_people(texts, found, CAMPUS, str, Context())
    certain = [one for one in told.students if one.strength is Strength.CERTAIN]
    assert len(certain) == rows
    assert sum(told.findings[at].kind == "directory" for one in certain for at in one.findings) == by_name
    assert [one.record for one in told.students if one.strength is not Strength.CERTAIN] == [IVO]


def test_many_rows_of_one_student_are_no_list_of_all() -> None:
    one = CLASS[0]
    lines = [f"{one.id},visit {nth}" for nth in range(MANY)]
    text = "\n".join((*lines[:5], f"{one.id},Ivo Marek came", *lines[5:]))
    texts = Texts((), (), (View(Channel.TEXT, "1", "part 1", text),))
    places = (at for at in range(len(text)) if text.startswith(one.id, at))
    ids = tuple(Finding("id", "pattern", "student-id", Role.IDENTIFIES, "", 0, at, at + 9, 0.9, "", one.id) for at in places)
    assert IVO in [each.record for each in identify_people(texts, ids, CAMPUS, str, Context()).students]
