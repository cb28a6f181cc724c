"""The examples in docstrings hold."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest

from dlp.campus.people import Context
from dlp.campus.records import Student
from dlp.limits import Limits
from dlp.mail.reading import read
from tests.campus.people import People

ROOT = Path(__file__).parents[1]
MODULES = [
    ".".join(file.relative_to(ROOT).with_suffix("").parts)
    for folder in ("dlp", "milter")
    for file in sorted((ROOT / folder).rglob("*.py"))
    if ">>> " in file.read_text(encoding="utf-8")
]
# what examples speak of without saying where it comes from
GIVEN = {
    "Context": Context,
    "Limits": Limits,
    "digest": str.upper,
    "directory": People((Student("912345678", "Hana", "Kim"),)),
    "read": read,
}


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_hold(name: str) -> None:
    found = doctest.testmod(import_module(name), extraglobs=GIVEN, optionflags=doctest.ELLIPSIS)
    assert found.attempted
    assert not found.failed
