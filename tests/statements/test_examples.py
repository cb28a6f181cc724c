"""The examples in the docstrings of dlp.statements hold."""

from __future__ import annotations

import doctest
from importlib import import_module
from pkgutil import iter_modules

import pytest

import dlp.statements

MODULES = [each.name for each in iter_modules(dlp.statements.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_hold(name: str) -> None:
    assert doctest.testmod(import_module(f"dlp.statements.{name}")).failed == 0


def test_there_are_examples() -> None:
    assert sum(doctest.testmod(import_module(f"dlp.statements.{name}")).attempted for name in MODULES) > 20
