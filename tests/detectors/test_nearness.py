"""How sure a hit is: words near it, words against it, a heading over it, a confirmed one before it."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from random import Random

import pytest

from dlp.detectors.patterns import PatternSet, compile_linear
from dlp.detectors.wording import near_words
from dlp.detectors.words import expression
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
    "40 characters off": (f"student {'x' * 38} {A}", [NEAR]),
    "41 characters off": (f"student {'x' * 39} {A}", [PLAIN]),
    "blanks that align a column": (f"student{' ' * 200}{A}{' ' * 200}x", [NEAR]),
    "blanks that align a column, word behind": (f"{A}{' ' * 200}student", [NEAR]),
    "leader": (f"student {'.' * 60} {A}", [NEAR]),
    "run together": (f"StudentNumber={A}", [NEAR]),
    "run together, capitals first": (f"IDNumber={A}", [NEAR]),
    "capitals in the plural": (f"IDs={A}", [NEAR]),
    "acronym with dots": (f"His I.D. is {A}", [NEAR]),
    "script without blanks": (f"student\u4e3a{A}", [NEAR]),
    "question quoted below": (f"{A}\n\nOn Sat, Nov 21, 2026 at 10:00 A. P. <a@p.example> wrote:\n> The student's?", [NEAR]),
    "question quoted below, long introduction": (f"{A}.\nOn {FILL}{FILL}{FILL} wrote:\n> The student's?", [NEAR]),
    "question quoted above": (f"> The student's?\nAm 21.11.2026 um 10:00 schrieb A. P. <a@p.example>:\n{A}", [NEAR]),
    "end of a long word at the border": (f"grid{'x' * 3} {'y' * 40} {A}", [PLAIN]),
    "word against": (f"invoice {A}", [AGAINST]),
    "word against is closer": (f"student invoice {A}", [AGAINST]),
    "word for is closer": (f"invoice of student {A}", [NEAR]),
    "equally close": (f"student {A} invoice", [NEAR]),
    "word inside a phrase against": (f"locker id {A}", [AGAINST]),
    "list goes on": (f"students\n{A}\n{B}\n{C}", [NEAR, NEAR, NEAR]),
    "list goes on after 41 characters": (f"student {A}\n{FILL}\n{B}", [NEAR, NEAR]),
    "list ends after four lines": (f"student {A}\n\n\n{FILL}\n{B}", [NEAR, PLAIN]),
    "list ends after 200 characters": (f"student {A} {'x' * 199} {B}", [NEAR, PLAIN]),
    "three on a line each": (f"{A}\n{B}\n{C}", [NEAR] * 3),
    "three beside other numbers": ("\n".join(f"{one} 123456789 223456789" for one in (A, B, C)), [NEAR] * 3),
    "three among many figures": ("\n".join(f"{one} 123456789 223456789 323 456 789" for one in (A, B, C)), [PLAIN] * 3),
    "one three times": (f"{A}\n{A}\n{A}", [PLAIN] * 3),
    "no list without a first": (f"{A}\n{B}", [PLAIN, PLAIN]),
    "list broken by a word against": (f"student {A}\n{FILL} order {B}\n{FILL} {C}", [NEAR, AGAINST, PLAIN]),
    "header cell": (f"name,town,{FILL},student id,{FILL}\nMori,x,y,{A},z\nOkafor,x,y,{B},z", [NEAR, NEAR]),
    "header cell of another column": (f"student,town,{FILL},total,{FILL}\nMori,x,y,{A},z", [PLAIN]),
    "header cell against": (f"student,town,{FILL},order,{FILL}\nMori,x,y,{A},z", [AGAINST]),
    "header cell with both": (f"name,town,{FILL},order id,{FILL}\nMori,x,y,{A},z", [AGAINST]),
    "quoted comma in a row": (f'name,town,{FILL},id,{FILL}\n"Mori, A.",x,y,{A},z', [NEAR]),
    "header with tabs": (f"{FILL}\tid\n{FILL}\t{A}", [NEAR]),
    "header above a second header line": (f"a,b,{FILL},id,{FILL}\n,,,,\nx,y,z,{A},w", [NEAR]),
    "header at the top of the table": (f"a,b,{FILL},id,{FILL}\n" + ",,,,\n" * 9 + f"x,y,z,{A},w", [NEAR]),
    "header against at the top": (f"a,b,{FILL},order,{FILL}\n" + ",,,,\n" * 9 + f"x,y,z,{A},w", [AGAINST]),
    "header of another table": (f"a,b,{FILL},id,{FILL}\n" + ",,,,\n" * 4 + f"text\nx,y,z,{A},w", [PLAIN]),
    "wide rows": (f"name,{FILL},id\nMori,{FILL},{A},{'x' * 300}\nLind,{FILL},{B},{'x' * 300}", [NEAR, NEAR]),
    "prose is no table": (f"{FILL}, the id, {FILL}\n{FILL} in {A} we trust", [PLAIN]),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES.keys())
def test_confidence(text: str, expected: list[float]) -> None:
    views = (View(Channel.TEXT, "1", "part 1", text),)
    found = PatternSet((NUMBER,), str).find(Texts((), (), views))
    assert [finding.confidence for finding in found] == expected


ROWS = "town\n" * 50
SHEETS = {
    "one column": (f"id\n{ROWS}{A}", [NEAR]),
    "the nearest that says anything": (f"id\n{ROWS}order\n{ROWS}{A}", [AGAINST]),
    "of its own column": (f"\tid\n{ROWS}{A}", [PLAIN]),
    "below a title, over a blank row": (f"Autumn\n\n\tid\n{ROWS}\n{ROWS}x\t{A}", [NEAR]),
    "too long for a heading": (f"\n{FILL}{FILL} id\n{ROWS}{A}", [PLAIN]),
    "quotes are signs": (f'"a\tid\n{ROWS}b"\t{A}', [NEAR]),
    "behind a long cell": (f"\tid\n{ROWS}{FILL * 60}\t{A}", [NEAR]),
}


@pytest.mark.parametrize(("text", "expected"), SHEETS.values(), ids=SHEETS)
def test_a_heading_in_a_sheet_may_stand_far_above(text: str, expected: list[float]) -> None:
    views = (View(Channel.TEXT, "1", "part 1, sheet 1", text, grid=(1, 1)),)
    found = PatternSet((NUMBER,), str).find(Texts((), (), views))
    assert [finding.confidence for finding in found] == expected


SUBJECTS = {
    "names it": ("Number of A. Mori", NEAR),
    "a word for it that does not name it": ("Enrolment of A. Mori", PLAIN),
    "names it, with a word against": ("Order number", PLAIN),
    "nothing": ("", PLAIN),
}


@pytest.mark.parametrize(("subject", "expected"), SUBJECTS.values(), ids=SUBJECTS)
def test_a_number_without_words_may_be_announced_by_the_subject(subject: str, expected: float) -> None:
    views = (View(Channel.HEADERS, "", "subject line", subject, "subject", 1), View(Channel.TEXT, "1", "part 1", A))
    number = replace(NUMBER, title="the number", near=(*NUMBER.near, "number"))
    [finding] = PatternSet((number,), str).find(Texts((), (), views))
    assert finding.confidence == expected


def test_words_of_one_view_do_not_reach_into_the_next() -> None:
    views = (View(Channel.TEXT, "1", "part 1", "student"), View(Channel.TEXT, "2", "part 2", A))
    [finding] = PatternSet((NUMBER,), str).find(Texts((), (), views))
    assert finding.confidence == PLAIN


def test_many_words_for_a_hit_and_many_against_it_are_compared_once() -> None:
    views = (
        View(Channel.HEADERS, "", "subject line", "number order " * 20_000, "subject", 1),
        View(Channel.TEXT, "1", "part 1", A),
    )
    number = replace(NUMBER, title="the number", near=(*NUMBER.near, "number"))
    start = time.process_time()
    [finding] = PatternSet((number,), str).find(Texts((), (), views))
    assert finding.confidence == PLAIN
    assert time.process_time() - start < 5  # each with each would be half a minute


def test_columns_of_a_sheet_have_headings_of_their_own() -> None:
    blank = ["\t\t\t"] * 5_000
    hits = ([f"{A}\t\t\t"], [f"\t\t{B}\t"], [f"\t\t\t{C}"], ["\tid\t\t", *blank, f"\t{A}\t\t"])
    rows = ["student\t\torder\t", *(row for each in hits for row in (*blank, *each))]
    views = (View(Channel.TEXT, "1", "part 1, sheet 1", "\n".join(rows), grid=(1, 1)),)
    found = PatternSet((NUMBER,), str).find(Texts((), (), views))
    assert [finding.confidence for finding in found] == [NEAR, AGAINST, PLAIN, NEAR]


PIECES = (
    "student", "StudentID", "I.D.", " id", "invoice", "locker id ", "  ", "\n", "\t", "....", "_" * 9, "-", "x" * 30, " " * 90,
    "\0", "\u4e3a", "\u00e9", "\nOn Monday, A. Parent wrote:\n", "wrote", "Mori", ",",
)  # fmt: skip


@pytest.mark.parametrize("quoting", [False, True])
def test_around_many_hits_stands_what_stands_around_each_of_them(*, quoting: bool) -> None:
    words = near_words(NUMBER, lambda words: compile_linear(expression(words)))
    chance = Random(7)
    pieces = [piece for piece in PIECES if quoting or not ("\0" in piece or "wrote" in piece)]
    text = "".join(A + "".join(chance.choices(pieces, k=chance.randrange(5))) for _ in range(700))
    hits = [match.span() for match in re.finditer(A, text)]
    alone = [next(iter(words.gaps(text, [hit], NUMBER.near_distance))) for hit in hits]
    assert list(words.gaps(text, hits, NUMBER.near_distance)) == alone
    assert len(set(alone)) > 50
