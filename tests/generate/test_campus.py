"""The invented campus is the same each time, and any size of it begins as a larger one does."""

from __future__ import annotations

from tests.generate.campus import Campus, files


def test_the_same_size_and_seed_give_the_same_files():
    first, second = ({name: list(lines) for name, lines in files(Campus(50)).items()} for _ in range(2))
    assert first == second
    assert first["students.csv"] != list(files(Campus(50, seed=1))["students.csv"])


def test_a_larger_campus_begins_as_a_smaller_one():
    small, large = list(files(Campus(50))["students.csv"]), list(files(Campus(60))["students.csv"])
    assert large[: len(small)] == small
