"""Rows of a decision table that nothing reaches: planted ones are found, with what hides them; others are left alone."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import asdict
from itertools import combinations, product
from typing import Any

import pytest

from dlp.policy.reach import FACTS, hidden
from dlp.policy.situation import Situation, fits
from dlp.ruleset import Row
from dlp.values import Action
from tests.test_cases import SLUGS, verdict

Planted = tuple[dict[str, Any], dict[str, Any]]

# name, (when, unless) of each row in order, the rows that hide the last one, a word of the fact that helps, if one does
IN, OUT, RECORD = ({"scope": "inside"}, {}), ({"scope": "outside"}, {}), ({"record": True}, {})
PRESS, COURT = ({"contact": "press"}, {}), ({"contact": "court"}, {})
PLANTED: list[tuple[str, list[Planted], list[str] | None, str]] = [
    ("same", [IN, IN], ["0"], ""),
    ("wider", [IN, ({"scope": "inside", "record": True}, {})], ["0"], ""),
    ("narrower", [({"scope": "inside", "record": True}, {}), IN], None, ""),
    ("two-halves", [RECORD, ({"record": False}, {}), IN], ["0", "1"], ""),
    ("halves-of-a-text", [IN, OUT, ({"legal": True}, {})], ["0", "1"], ""),
    ("three-quarters", [({"legal": True}, {}), RECORD, IN], None, ""),
    ("what-hides-is-named-alone", [({"legal": True}, {}), RECORD, RECORD], ["1"], ""),
    ("other-stage-of-a-word", [({"people": 3}, {}), ({"people": 4}, {})], ["0"], ""),
    ("lower-number", [({"people": 4}, {}), ({"people": 3}, {})], None, ""),
    ("list-within-list", [({"contact": ["press", "court"]}, {}), COURT], ["0"], ""),
    ("list-beyond-list", [({"contact": ["press", "court"]}, {}), ({"contact": ["court", "agency"]}, {})], None, ""),
    ("list-by-list", [PRESS, COURT, ({"contact": ["press", "court"]}, {})], ["0", "1"], ""),
    ("two-contacts-are-no-contradiction", [({"contact": "press"}, {"contact": "court"}), PRESS], None, ""),
    ("exception-leaves-some", [({"scope": "inside"}, {"record": True}), IN], None, ""),
    ("exception-taken", [({"scope": "inside"}, {"record": True}), RECORD, IN], ["0", "1"], ""),
    ("own-exception", [RECORD, ({"scope": "inside"}, {"record": False})], ["0"], ""),
    ("own-exception-is-all", [({"scope": "inside"}, {"scope": "inside"})], [], ""),
    ("empty-list", [({"contact": []}, {})], [], ""),
    ("strangers-own-record", [({"own": "campus", "person": "unknown"}, {})], [], "an own record is that of somebody known"),
    ("employees-other-address", [({"own": "alternate", "person": "employee"}, {})], [], "only students have other addresses"),
    ("unknown-person-consents", [({"consent": "covers", "person": "unknown"}, {})], [], "given by somebody known"),
    ("outsider-inside", [({"scope": "inside", "reader": "outsider"}, {})], [], "an outsider is outside"),
    ("outside-in-two", [({"reader": "outsider"}, {}), ({"reader": "student"}, {}), OUT], ["0", "1"], "outside"),
    ("unread-is-not-said-of-a-person", [({"unread": "broken"}, {})], [], "unread is asked of the whole message only"),
    ("waived-comes-after", [({"waived": True}, {})], [], "waived is known once every statement is judged"),
]  # fmt: skip


def row(name: str, when: dict[str, Any], unless: dict[str, Any], stage: str = "statement") -> Row:
    return Row(name, 1, int(name), stage, when, Action.PASS, None, "none", "R0", unless)


@pytest.mark.parametrize(("rows", "by", "fact"), [pytest.param(*planted[1:], id=planted[0]) for planted in PLANTED])
def test_a_row_nothing_reaches_is_found_with_what_hides_it(rows: list[Planted], by: list[str] | None, fact: str) -> None:
    table = [row(str(order), *each) for order, each in enumerate(rows)]
    found = list(hidden(table))
    if by is None:
        assert found == []
        return
    [last] = found
    assert last.row is table[-1]
    assert [each.id for each in last.rows] == by
    assert fact in " ".join(last.facts)
    assert bool(fact) == bool(last.facts)


def test_rows_on_the_whole_message_hide_nothing_for_all_of_them_count() -> None:
    assert not list(hidden([row("0", {}, {}, "message"), row("1", {"listing": True}, {}, "message")]))


def test_a_row_on_the_whole_message_cannot_ask_what_is_asked_of_statements() -> None:
    [found] = hidden([row("0", {"kind": "grades", "people": 2}, {}, "message")])
    assert found.facts == ("kind is asked of statements only",)


def test_every_row_of_the_shipped_table_is_reached(shipped: tuple[Row, ...]) -> None:
    assert not list(hidden(shipped))


WORDS: dict[str, list[Any]] = {
    "scope": ["inside", "outside"],
    "reader": ["staff", "student", "outsider", ["student", "list"], ["staff", "unknown", "list"]],
    "people": [2, 3],
    "legal": [True, False],
    "contact": ["press", ["press", "court"], ["court", "agency"]],
}
READERS = {"inside": ("staff", "student", "list", "unknown"), "outside": ("student", "outsider")}


def situations() -> Iterator[Situation]:
    contacts = [frozenset(chosen) for count in range(4) for chosen in combinations(("press", "court", "agency"), count)]
    for people, legal, contact in product((0, 2, 3), (True, False), contacts):
        for scope, readers in READERS.items():
            for reader in readers:
                yield Situation(scope, reader=reader, people=people, legal=legal, contact=contact)


def test_trying_every_situation_comes_to_the_same() -> None:
    chance, every = random.Random(7), list(situations())
    found = 0
    for _ in range(150):
        conditions = [
            [{word: chance.choice(WORDS[word]) for word in chance.sample(sorted(WORDS), count)} for count in counts]
            for counts in [(chance.randint(1, 3), chance.choice((0, 0, 1, 2))) for _ in range(6)]
        ]
        table = [row(str(order), *each) for order, each in enumerate(conditions)]
        reached = {next((each.id for each in table if fits(each, at)), "") for at in every}
        unreached = [each.id for each in table if each.id not in reached]
        assert [each.row.id for each in hidden(table)] == unreached
        found += len(unreached)
    assert found > 50


@pytest.mark.parametrize("slug", SLUGS)
def test_what_is_said_never_to_be_is_nowhere_in_the_cases(slug: str) -> None:
    checked = verdict(slug)
    never = [Row(said, 1, 0, "statement", when, Action.PASS, None, "", "", unless) for said, when, unless in FACTS]
    for ruling in checked.judgement.rulings:
        for _, fitting in checked.survey.readings(ruling.recipient):
            assert [(each.id, asdict(fit.at)) for fit in fitting for each in never if fits(each, fit.at)] == []
