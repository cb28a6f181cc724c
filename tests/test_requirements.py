"""Each line of the requirements is shown by a case or a test that is there, or is named as not done yet (requirements.toml)."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
LINES = [f"R{number}" for number in range(1, 83)]
TOLD = tomllib.loads((TESTS / "requirements.toml").read_text(encoding="utf-8"))


@cache
def text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


@pytest.mark.parametrize("line", LINES)
def test_a_line_is_shown_or_named_as_not_done(line: str) -> None:
    assert (line in TOLD["shown"]) != (line in TOLD["later"])
    for place in TOLD["shown"].get(line, ["later"]):
        file, _, name = place.partition("::")
        if name:
            assert f"def {name}(" in text(TESTS.parent / file)
        elif line in TOLD["shown"]:
            assert (TESTS / "cases" / f"{place}.eml").exists()


def test_nothing_else_is_told() -> None:
    assert set(TOLD["shown"]) | set(TOLD["later"]) == set(LINES)
