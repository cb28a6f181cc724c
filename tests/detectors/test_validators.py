"""Checks on matched values: what can be a student ID and what only looks like one."""

from __future__ import annotations

import pytest

from dlp.detectors.validators import is_student_id

GOOD = {
    "plain": "912345678",
    "threes": "912 345 678",
    "like a social security number": "912-34-5678",
    "five and four": "91234 5678",
    "one, four, four": "9 1234 5678",
    "mixed separators": "912-345.678",
    "one digit at a time": "9 1 2 3 4 5 6 7 8",
    "one digit a line": "9\n1\n2\n3\n4\n5\n6\n7\n8",
    "dots": "912.345.678",
    "spaced dashes": "912 - 345 - 678",
    "three and pairs": "912 34 56 78",
    "fours and one": "9123 4567 8",
    "pairs with dashes": "91-23-45-678",
    "threes with commas": "912,345,678",
    "threes with colons": "912:345:678",
    "threes with apostrophes": "912'345'678",
}
BAD = {
    "eight digits": "91234567",
    "ten digits": "9123456789",
    "another first digit": "812345678",
    "all equal": "999999999",
    "zip+4": "93701-4307",
    "scores": "9 12 14 15 10",
    "scores of two digits": "95 87 90 91 2",
    "scores in a row": "91 88 75 100",
    "scores with commas": "91,88,75,100",
    "an address": "91.23.45.178",
    "pairs with commas": "91,23,45,678",
    "mixed rare separators": "912,345:678",
    "a parenthesis elsewhere": "91)2345678",
    "a date and an hour": "9.12.2024 15",
    "a time of a kernel's log": "972.397826",
    "a frequency": "915.000000",
    "points of a drawing": "97.5001 132",
    "points on two lines": "919\n106.806",
}
AROUND = {
    "first in a sentence": ("912345678", "", " is", True),
    "after a row number": ("912345678", "12 ", "", True),
    "a cell after a cell": ("912345678", "97,", ",8", True),
    "end of a sentence": ("912345678", "id ", ".", True),
    "decimals": ("912345678", "0.", "", False),
    "cents": ("912345678", "$", ".50", False),
    "area code before": ("912 345 678", "617 ", "", False),
    "country code before": ("912 345 678", "+1 ", "", False),
    "goes on": ("912-345-678", "", "-901", False),
    "a whole number before": ("912 345 678", "IDs 923 456 780 ", "", True),
    "a whole number behind": ("912 345 678", "IDs ", " 923 456 780", True),
    "half a number behind": ("912 345 678", "IDs ", " 923 456", False),
    "written as a fraction": ("912345678", "ID ", ".0", True),
    "tenths": ("912345678", "ID ", ".05", False),
    "first item": ("912345678", "IDs:\n1.", "\n2.923456780\n", True),
    "last item": ("912345678", "9.923456780\n10.", "\n", True),
    "a column of fractions": ("912345678", "3.923456780\n1.", "\n7.934567801", False),
    "a sum of money": ("912,345,678", "costs $", "", False),
    "decimals and a number": ("924681 322", "(385.", ".18", False),
    "a number with decimals": ("91 2104 280", "", ".174", False),
    "groups at the end of a sentence": ("912 345 678", "ID ", ". 2 more", True),
    "a larger sum": ("912,345,678", "1,", "", False),
    "in parentheses": ("912)345678", "ID (", "", True),
    "closing another parenthesis": ("912) 345678", "(room ", "", False),
    "a longer row of single digits": ("9 1 2 3 4 5 6 7 8", "4 ", "", False),
}


@pytest.mark.parametrize("value", GOOD.values(), ids=GOOD.keys())
def test_can_be_a_student_id(value: str) -> None:
    assert is_student_id(value, "", "")


@pytest.mark.parametrize("value", BAD.values(), ids=BAD.keys())
def test_cannot_be_a_student_id(value: str) -> None:
    assert not is_student_id(value, "", "")


@pytest.mark.parametrize(("value", "before", "after", "expected"), AROUND.values(), ids=AROUND.keys())
def test_a_piece_of_a_longer_number_is_none(value: str, before: str, after: str, *, expected: bool) -> None:
    assert is_student_id(value, before, after) is expected
