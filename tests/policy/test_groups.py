"""Who stands together in a list, what introduces it, and that an introduction speaks of everybody below it."""

from __future__ import annotations

import pytest

from dlp.policy.groups import Group, groups, selected
from dlp.values import Channel, Disclosure, Finding, Role, Texts, View

NAMES = ("Ada", "Ben", "Cara", "Dan", "Eve")
STATED = "on probation"


def finding(role: Role, view: int, start: int, word: str) -> Finding:
    kind = "directory" if role is Role.IDENTIFIES else "standing"
    return Finding(kind, "name", "x", role, "", view, start, start + len(word), 0.9, "", word)


def given(body: str, subject: str = "") -> tuple[Texts, tuple[Finding, ...], tuple[Disclosure, ...]]:
    views = (
        View(Channel.HEADERS, "", "subject line", subject, "subject", 1),
        View(Channel.TEXT, "1", "part 1", body),
    )
    words = [(Role.IDENTIFIES, name) for name in NAMES] + [(Role.STATES, STATED)]
    found = tuple(
        finding(role, number, view.text.index(word), word)
        for number, view in enumerate(views)
        for role, word in words
        if word in view.text
    )
    people = {each.digest: index for index, each in enumerate(found) if each.role is Role.IDENTIFIES}
    disclosures = tuple(Disclosure(who, frozenset({"directory"}), (index,)) for who, index in people.items())
    return Texts((), (), views), found, disclosures


def grouped(body: str) -> list[str]:
    return [" ".join(group.persons) for group in groups(*given(body))]


def probationers(body: str, subject: str = "") -> str:
    texts, findings, disclosures = given(body, subject)
    chosen = selected(texts, findings, disclosures, groups(texts, findings, disclosures), 0.7)
    told = [item.person for item in chosen.disclosures if "standing" in item.kinds]
    assert bool(told) == bool(chosen.chosen)
    return " ".join(told)


GROUPED = {
    "one below the other": ("Ada, 3\nBen, 2\nCara, 3\n", ["Ada Ben Cara"]),
    "with bullets and numbers": (" * Ada\n * Ben\n3. Cara\n", ["Ada Ben Cara"]),
    "with a line of address each": ("Ada\n4 Elm Street\nBen\n6 Oak Street\n", ["Ada Ben"]),
    "behind a colon": ("These came: Ada,\nBen and Cara.\n", ["Ada Ben Cara"]),
    "behind a colon, up to the end of the paragraph": ("These came: Ada,\nBen.\n\nI asked Cara.\n", ["Ada Ben"]),
    "prose": ("Yesterday Ada met Ben\nand Cara.\n", []),
    "sentences": ("Ada came.\nBen went.\n", []),
    "one person": ("These came: Ada.\n", []),
    "two lists": ("First:\nAda\nBen\nSecond:\nCara\nDan\n", ["Ada Ben", "Cara Dan"]),
    "two lists far apart": ("Ada\nBen\n\n\n\nCara\nDan\n", ["Ada Ben", "Cara Dan"]),
}


@pytest.mark.parametrize("case", GROUPED)
def test_people_in_a_list_are_a_group(case: str) -> None:
    body, wanted = GROUPED[case]
    assert grouped(body) == wanted


def test_whoever_has_a_line_alone_is_in_a_row() -> None:
    (group,) = groups(*given("They came: Ada, Ben\nCara\nDan\n"))
    assert group == Group(1, ("Ada", "Ben", "Cara", "Dan"), frozenset({"Cara", "Dan"}), 0, 11)


IN_ROWS = {
    "in one line": ("1) Ada, (Ben); Cara\n", "Ada Ben Cara"),
    "behind what introduces them": ("Group 1: Ada, Ben and Cara\n", "Ada Ben Cara"),
    "behind other cells": ("9:00 | desk A | Ada\n9:30 | desk B | Ben\n10:00 | hall | Cara\n", "Ada Ben Cara"),
    "two behind other cells": ("9:00 | desk A | Ada\n9:30 | desk B | Ben\n", ""),
    "in different columns": ("x: Ada\nx: y: Ben\nx | Cara\n", ""),
    "in a sentence": ("Ask Ada, Ben or Cara\n", ""),
}


@pytest.mark.parametrize("case", IN_ROWS)
def test_people_of_a_run_on_list_and_behind_other_cells_are_in_rows(case: str) -> None:
    body, wanted = IN_ROWS[case]
    assert {person for group in groups(*given(body)) for person in group.rows} == set(wanted.split())


CHOSEN = {
    "above a list": ("These are on probation.\n\nAda\nBen\n", "", "Ada Ben"),
    "right above a list": ("Now on probation\nAda\nBen\n", "", "Ada Ben"),
    "above the heads of its columns": ("These are on probation.\n\nName, year\nAda, 3\nBen, 2\n", "", "Ada Ben"),
    "above a list with commas": ("These are on probation:\n\nAda, Ben and Cara\n", "", "Ada Ben Cara"),
    "before a colon": ("These are on probation: Ada,\nBen and Cara.\n", "", "Ada Ben Cara"),
    "in the first of two lists": ("These are on probation:\nAda\nBen\n\nThese are not:\nCara\nDan\n", "", "Ada Ben"),
    "above quoted rows": ("> on probation:\n>\n> Ada\n> Ben\n", "", "Ada Ben"),
    "in prose above": ("Some are on probation, Ada met Ben\nand Cara.\n", "", ""),
    "paragraphs above": ("Some are on probation.\n\nThis is another matter, though.\n\nAda\nBen\n", "", ""),
    "below the list": ("Ada\nBen\n\nSomebody is on probation.\n", "", ""),
    "in the subject line": ("Ada\nBen\nCara\nDan\n", "Students on probation", "Ada Ben Cara Dan"),
    "in the subject line, above two": ("Ada\nBen\n", "Students on probation", "Ada Ben"),
    "in the subject line, above one": ("Ada\n", "Students on probation", ""),
    "in the subject line, above prose": ("I saw Ada and Ben,\nthen Cara and Dan.\n", "Who is on probation", ""),
}


@pytest.mark.parametrize("case", CHOSEN)
def test_an_introduction_speaks_of_everybody_below_it(case: str) -> None:
    body, subject, wanted = CHOSEN[case]
    assert probationers(body, subject) == wanted


def test_what_an_introduction_says_is_shown_by_its_finding() -> None:
    texts, findings, disclosures = given("On probation, as I said: on probation:\nAda\nBen\n")
    stated = next(index for index, each in enumerate(findings) if each.role is Role.STATES)
    told = selected(texts, findings, disclosures, groups(texts, findings, disclosures), 0.7).disclosures
    assert all(stated in item.findings for item in told)


def test_what_does_not_count_introduces_nothing() -> None:
    texts, findings, disclosures = given("These are on probation:\nAda\nBen\n")
    assert selected(texts, findings, disclosures, groups(texts, findings, disclosures), 0.95).chosen == frozenset()
