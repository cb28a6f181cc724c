"""How sure a hit is: words near it, words against it, a heading over it, a confirmed one before it."""

from __future__ import annotations

import pytest

from dlp.detectors.patterns import PatternSet
from dlp.ruleset import Pattern
from dlp.values import Channel, Role, Texts, View

NEAR, PLAIN, AGAINST = 0.9, 0.5, 0.2

NUMBER = Pattern(
    id="number",
    title="number",
    kind="id",
    role=Role.IDENTIFIES,
    regex=r"9[0-9]{8}",
    channels=frozenset(Channel),
    near=("student", "id", "campus card", "enrol"),
    not_near=("invoice", "order", "locker id"),
)
A, B, C = "912345678", "923456781", "934567812"
FILL = "x" * 41

CASES: dict[str, tuple[str, list[float]]] = {
    "alone": (A, [PLAIN]),
    "word before": (f"student {A}", [NEAR]),
    "word after": (f"{A} is a student", [NEAR]),
    "any case": (f"STUDENT {A}", [NEAR]),
    "plural": (f"Students: {A}", [NEAR]),
    "doubled ending": (f"enrolled as {A}", [NEAR]),
    "phrase over a line end": (f"campus\ncard {A}", [NEAR]),
    "inside another word": (f"grid {A}", [PLAIN]),
    "as a column name": (f"MIT_ID={A}", [NEAR]),
    "40 characters off": (f"student{' ' * 40}{A}", [NEAR]),
    "41 characters off": (f"student{' ' * 41}{A}", [PLAIN]),
    "word against": (f"invoice {A}", [AGAINST]),
    "word against is closer": (f"student invoice {A}", [AGAINST]),
    "word for is closer": (f"invoice of student {A}", [NEAR]),
    "equally close": (f"student {A} invoice", [NEAR]),
    "word inside a phrase against": (f"locker id {A}", [AGAINST]),
    "list goes on": (f"students\n{A}\n{B}\n{C}", [NEAR, NEAR, NEAR]),
    "list goes on after 41 characters": (f"student {A}\n{FILL}\n{B}", [NEAR, NEAR]),
    "list ends after four lines": (f"student {A}\n\n\n{FILL}\n{B}", [NEAR, PLAIN]),
    "list ends after 200 characters": (f"student {A}{' ' * 201}{B}", [NEAR, PLAIN]),
    "no list without a first": (f"{A}\n{B}", [PLAIN, PLAIN]),
    "list broken by a word against": (f"student {A}\n{FILL} order {B}\n{FILL} {C}", [NEAR, AGAINST, PLAIN]),
    "header cell": (f"name,town,{FILL},student id,{FILL}\nMori,x,y,{A},z\nOkafor,x,y,{B},z", [NEAR, NEAR]),
    "header cell of another column": (f"student,town,{FILL},total,{FILL}\nMori,x,y,{A},z", [PLAIN]),
    "header cell against": (f"student,town,{FILL},order,{FILL}\nMori,x,y,{A},z", [AGAINST]),
    "header cell with both": (f"name,town,{FILL},order id,{FILL}\nMori,x,y,{A},z", [AGAINST]),
    "quoted comma in a row": (f'name,town,{FILL},id,{FILL}\n"Mori, A.",x,y,{A},z', [NEAR]),
    "header with tabs": (f"{FILL}\tid\n{FILL}\t{A}", [NEAR]),
    "header above a second header line": (f"a,b,{FILL},id,{FILL}\n,,,,\nx,y,z,{A},w", [NEAR]),
    "header too far above": (f"a,b,{FILL},id,{FILL}\n,,,,\n,,,,\n,,,,\nx,y,z,{A},w", [PLAIN]),
    "wide rows": (f"name,{FILL},id\nMori,{FILL},{A},{'x' * 300}\nLind,{FILL},{B},{'x' * 300}", [NEAR, NEAR]),
    "prose is no table": (f"{FILL}, the id, {FILL}\n{FILL} in {A} we trust", [PLAIN]),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES.keys())
def test_confidence(text: str, expected: list[float]) -> None:
    views = (View(Channel.TEXT, "1", "part 1", text),)
    found = PatternSet((NUMBER,), str).find(Texts((), (), views))
    assert [finding.confidence for finding in found] == expected


def test_words_of_one_view_do_not_reach_into_the_next() -> None:
    views = (View(Channel.TEXT, "1", "part 1", "student"), View(Channel.TEXT, "2", "part 2", A))
    [finding] = PatternSet((NUMBER,), str).find(Texts((), (), views))
    assert finding.confidence == PLAIN
