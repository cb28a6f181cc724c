"""Whatever a row may ask is told in words, and no two values of it are told alike."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dlp.commands.reasons_said import because, said_of
from dlp.policy.situation import TEXTS, WORDS, Situation
from dlp.ruleset import Row
from dlp.values import Action
from tests.upstream import shipped_rules


def values(word: str) -> Iterator[object]:
    if WORDS[word] == "bool":
        yield from (True, False)
    elif WORDS[word] == "int":
        yield from (0, 3)
    elif WORDS[word].startswith("frozenset"):
        yield from (frozenset(), *(frozenset({each}) for each in TEXTS[word]))
    else:
        yield from TEXTS[word]


@pytest.mark.parametrize("word", WORDS)
def test_every_value_of_a_word_is_told_in_words_of_its_own(word: str) -> None:
    told = [said_of(word, value) for value in values(word)]
    assert len(set(told)) == len(told) or word == "kind"  # two kinds of address are told alike
    assert not [each for each in told if "=" in each or "_" in each or "{" in each]


@pytest.mark.parametrize("row", shipped_rules().table, ids=lambda row: row.id)
def test_every_row_says_why(row: Row) -> None:
    assert because(row, Situation("outside", record=True))


def test_what_rows_before_have_asked_is_said_as_well() -> None:
    rows = {row.id: row for row in shipped_rules().table}
    assert rows["O1"].action is Action.HOLD
    assert because(rows["O1"], Situation("outside", person="student", kind="grades", record=True)) == (
        "the reader is outside; it is more than directory information; no consent is on record"
    )
    assert "the reader is a student" in because(
        rows["I2"], Situation("inside", reader="student", record=True, need="uncovered")
    )
