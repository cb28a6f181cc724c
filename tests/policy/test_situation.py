"""When a row of the decision table fits a situation."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import pytest

from dlp.policy.situation import TEXTS, WORDS, Situation, fits, needs
from dlp.ruleset import Row
from dlp.values import Action

BASE = Situation(scope="inside", people=2, unread="encrypted")

CASES: list[tuple[str, dict[str, Any], dict[str, Any], bool]] = [
    ("nothing-asked", {}, {}, True),
    ("text-equal", {"scope": "inside"}, {}, True),
    ("text-different", {"scope": "outside"}, {}, False),
    ("text-in-list", {"unread": ["broken", "encrypted"]}, {}, True),
    ("text-not-in-list", {"unread": ["broken"]}, {}, False),
    ("text-in-empty-list", {"unread": []}, {}, False),
    ("more-than-at-least", {"people": 1}, {}, True),
    ("exactly-at-least", {"people": 2}, {}, True),
    ("less-than-at-least", {"people": 3}, {}, False),
    ("flag-false", {"export": False}, {}, True),
    ("flag-true", {"export": True}, {}, False),
    ("all-words-of-when", {"scope": "inside", "people": 3}, {}, False),
    ("unless-holds", {"people": 1}, {"scope": "inside"}, False),
    ("unless-does-not-hold", {"people": 1}, {"scope": "outside"}, True),
    ("unless-holds-in-part", {"people": 1}, {"scope": "inside", "people": 3}, True),
    ("empty-unless", {"people": 1}, {}, True),
]


@pytest.mark.parametrize(("when", "unless", "expected"), [pytest.param(*case[1:], id=case[0]) for case in CASES])
def test_fits(when: dict[str, Any], unless: dict[str, Any], expected: bool) -> None:  # noqa: FBT001
    row = Row("X", 1, 0, "message", when, Action.PASS, None, "none", "R0", unless)
    assert fits(row, BASE) is expected


def test_a_flag_is_no_number() -> None:
    row = Row("X", 1, 0, "message", {"header_word": True}, Action.PASS, None, "none", "R0")
    assert not fits(row, BASE)
    assert fits(row, BASE._replace(header_word=True))


def test_every_word_has_a_type_and_every_text_word_its_texts() -> None:
    assert set(WORDS) == {*Situation._fields}
    assert set(TEXTS) == {word for word, kind in WORDS.items() if kind.endswith(("str", "str]"))}


def row(when: dict[str, Any]) -> Row:
    return Row("X", 1, 0, "message", when, Action.PASS, None, "none", "R0", needs=needs(when))


def values(word: str) -> tuple[list[Any], list[Any]]:
    """What a word can be, and what may be wanted of it."""
    if word not in TEXTS:
        return ([False, True], [False, True]) if WORDS[word] == "bool" else ([0, 1, 2], [1, 2])
    texts = sorted(TEXTS[word])
    wanted = [*texts, [], *([text] for text in texts), *map(list, combinations(texts, 2))]
    if WORDS[word] == "str":
        return texts, wanted
    return [frozenset(some) for count in range(3) for some in combinations(texts, count)], wanted


@pytest.mark.parametrize("word", WORDS)
def test_what_a_row_needs_is_said_wherever_it_fits(word: str) -> None:
    for is_, wanted in product(*values(word)):
        asking, at = row({word: wanted}), BASE._replace(**{word: is_})
        assert not fits(asking, at) or asking.needs <= at.said


def test_a_row_needs_what_nothing_empty_meets() -> None:
    when = {"record": True, "stale": False, "people": 1, "person": ["student", "unknown"], "consent": ["", "lacking"]}
    assert needs(when) == {"record", "people", "person"}
    assert Situation("outside", person="", record=True).said == {"scope", "reader", "need", "record"}
