"""What was found and why, told once: many findings of one kind in one part, reasons that differ in what is missing."""

from __future__ import annotations

import pytest

from dlp.commands.found import Seen, reasons, together
from dlp.values import Reason


def seen(*wheres: str, kind: str = "grades") -> list[Seen]:
    return [Seen.at(where, kind, f"•••{number}") for number, where in enumerate(wheres)]


ROWS = tuple(f"part 2, line {number}" for number in range(2, 33))
TOLD = {
    "one": (seen("part 1, line 2"), ["grades, part 1, line 2, •••0"]),
    "a header": (seen("subject line"), ["grades, subject line, •••0"]),
    "a few": (seen(*ROWS[:3]), [f"grades, part 2, line {line}, •••{line - 2}" for line in (2, 3, 4)]),
    "many": (seen(*ROWS), ["grades, part 2, line 2 to line 32, 31 times"]),
    "cells": (seen(*(f"part 2, sheet 1, B{row}" for row in range(1, 6))), ["grades, part 2, sheet 1, B1 to B5, 5 times"]),
    "in one spot": (seen(*["part 1, line 2"] * 4), ["grades, part 1, line 2, 4 times"]),
    "without a spot": (seen(*["subject line"] * 4), ["grades, subject line, 4 times"]),
    "of two kinds": (
        seen(*ROWS[:4]) + seen(*ROWS[:4], kind="id"),
        ["grades, part 2, line 2 to line 5, 4 times", "an ID number (id), part 2, line 2 to line 5, 4 times"],
    ),
    "in two parts": (
        seen(*ROWS[:4], "part 1, line 1"),
        ["grades, part 2, line 2 to line 5, 4 times", "grades, part 1, line 1, •••4"],
    ),
}


@pytest.mark.parametrize(("found", "told"), TOLD.values(), ids=TOLD)
def test_many_findings_of_one_kind_in_one_part_are_one_line(found, told):
    assert list(together(found)) == told


def test_the_pattern_and_how_sure_it_is_are_told_of_all():
    found = [Seen("id", "part 1 (the text)", f"line {number}", "•", "student-id", number / 10) for number in (5, 9, 6, 7)]
    assert list(together(found)) == [
        "an ID number (id), part 1 (the text), line 5 to line 7, pattern student-id, confidence 0.50 to 0.90, 4 times"
    ]


EXPIRED, OTHER = "the consent expired on 2026-09-30", "the consent names another recipient"


def lacking(*missing: str | None) -> list[Reason]:
    return [Reason("O3", "FAQ:outside-consent", "R26", (number,), missing=each) for number, each in enumerate(missing)]


def test_what_is_missing_of_several_people_is_one_line_and_contradicts_nothing():
    assert list(reasons(lacking(EXPIRED, OTHER, None), stops=False)) == [
        f"FAQ:outside-consent (row O3, R26); not the same of all it tells of: {EXPIRED}; {OTHER}; none is on record"
    ]
    people = {EXPIRED: " (person 1)", OTHER: " (5 people)"}
    (told,) = reasons(lacking(EXPIRED, OTHER), lambda reason: people[reason.missing or ""], stops=False)
    assert told == f"FAQ:outside-consent (row O3, R26); {EXPIRED} (person 1); {OTHER} (5 people)"


def test_one_reason_is_told_as_it_is():
    (told,) = reasons(lacking(EXPIRED), lambda _: " (person 1)")
    assert told.startswith(f"FAQ:outside-consent (row O3, R26); {EXPIRED}: It gives an outside reader details")
    assert len(list(reasons([*lacking(EXPIRED), Reason("O6", "FAQ:lists-never", "R22")]))) == 2
