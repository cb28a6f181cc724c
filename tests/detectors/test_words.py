"""Word lists: whole words, their inflections, phrases over line ends, acronyms as written."""

from __future__ import annotations

import pytest

from dlp.detectors.patterns import compile_linear
from dlp.detectors.words import expression

# word, text, what of the text is hit ("" = nothing)
ANY_CASE = {
    "as written": ("grade", "the grade is", "grade"),
    "plural": ("grade", "GRADES", "GRADES"),
    "past": ("grade", "graded", "graded"),
    "doing": ("grade", "grading", "grading"),
    "ies": ("penalty", "penalties", "penalties"),
    "doubled": ("enrol", "enrolled", "enrolled"),
    "es": ("class", "classes", "classes"),
    "possessive": ("warning", "the warning's end", "warning"),
    "file name": ("grade", "final_grades_8.01.xlsx", "grades"),
    "digits end a word": ("grade", "grades2024", "grades"),
    "part of a longer word": ("grade", "upgrades", ""),
    "start of a longer word": ("grade", "gradient", ""),
    "accented neighbour": ("grade", "égrade", ""),
    "phrase": ("financial hold", "Financial holds", "Financial holds"),
    "phrase in a file name": ("financial hold", "financial_hold.pdf", "financial_hold"),
    "phrase in quoted text": ("financial hold", "financial\n> hold", "financial\n> hold"),
    "phrase across a full stop": ("financial hold", "financial. Hold", ""),
    "hyphen in the list": ("past-due", "past due", "past due"),
    "apostrophe in the list": ("doctor's note", "a doctor's note", "doctor's note"),
    "short words take no verb endings": ("id", "ided", ""),
}
EXACT = {
    "as written": ("CAP", "the CAP met", "CAP"),
    "small": ("CAP", "cap", ""),
    "plural": ("GPA", "GPAs", "GPAs"),
    "longer": ("CAP", "CAPS", ""),
    "underscores": ("COD", "COD_case", "COD"),
}


@pytest.mark.parametrize(("word", "text", "expected"), ANY_CASE.values(), ids=ANY_CASE.keys())
def test_any_case(word: str, text: str, expected: str) -> None:
    assert hit(expression([word]), text) == expected


@pytest.mark.parametrize(("word", "text", "expected"), EXACT.values(), ids=EXACT.keys())
def test_exact(word: str, text: str, expected: str) -> None:
    assert hit(expression([word], exact=True), text) == expected


def hit(source: str, text: str) -> str:
    found = compile_linear(source).search(text.encode())
    return found.group(1).decode() if found else ""
