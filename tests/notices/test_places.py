"""Only what is plainly a place is told; lists and times read as people write them."""

from datetime import datetime, timedelta

import pytest

from dlp.notices.places import headcount, listed, moment, people, places


@pytest.mark.parametrize(
    "where",
    [
        "part 1, line 6",
        "subject line",
        "file name of part 2",
        "subject of part 2.1.3",
        "part 2, sheet 1, B7",
        "part 10, line 123456",
        "From name",
        "Thread-Topic line",
        "AA1048576",
    ],
)
def test_a_place_is_told(where: str) -> None:
    assert places([where], 2) == where


@pytest.mark.parametrize(
    "where",
    [
        "grades_of_jane.xlsx",
        "file name of part 2: letter",
        "part 1, line 912345678",
        "912345678",
        "A12345678",
        "part jane@x.example",
        "part 1\nline 6",
        "",
        "   ",
        "part\u00a01",
        "part ९",
    ],
)
def test_anything_else_is_not(where: str) -> None:
    assert places([where, "part 1"], 2) == "part 1"
    assert places([where], 2) == ""


def test_many_places_are_counted_once_each() -> None:
    assert places(["part 1", "part 1", "part 2"], 2) == "part 1; part 2"
    assert places((f"part {n}" for n in (1, 2, 3)), 2) == "part 1; part 2; 1 more"
    assert places((f"part {n}" for n in range(1, 7)), 2) == "part 1; part 2; 4 more"


@pytest.mark.parametrize(("items", "shown"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")])
def test_listed(items: list[str], shown: str) -> None:
    assert listed(items) == shown


def test_people_as_typed_with_the_rest_as_a_number() -> None:
    assert people(["Ann@X.Example"], 3) == "Ann@X.Example"
    assert people([f"p{n}@x.example" for n in range(120)], 3) == "p0@x.example, p1@x.example, p2@x.example and 117 more people"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("912345678@out.example", "•••@out.example"),
        ("s912345678x@out.example", "s•••x@out.example"),
        ("91-23.45_678@out.example", "•••@out.example"),
        ('"912 345 678"@out.example', '"•••"@out.example'),
        ("x@h12345.example", "x@h•••.example"),
        ("٩١٢٣٤@out.example", "•••@out.example"),
        ("reader2026@out.example", "reader2026@out.example"),
        ("a12@34567.example", "a12@•••.example"),
    ],
)
def test_long_numbers_in_addresses_are_masked(address: str, shown: str) -> None:
    assert people([address], 3) == shown


@pytest.mark.parametrize(("number", "shown"), [(0, "0 people"), (1, "1 person"), (2, "2 people")])
def test_headcount(number: int, shown: str) -> None:
    assert headcount(number) == shown


@pytest.mark.parametrize(
    ("days", "shown"),
    [(0, "09:05 today"), (1, "09:05 yesterday"), (2, "09:05 on Friday 1 January"), (-1, "09:05 on Friday 1 January")],
)
def test_moment(days: int, shown: str) -> None:
    at = datetime(2027, 1, 1, 9, 5)  # noqa: DTZ001  already in the reader's zone
    assert moment(at, at + timedelta(days=days)) == shown
