"""Expressions that go back without end: linear ones cannot, the others are refused at load or stopped in time."""

from __future__ import annotations

import asyncio
import json
import tomllib
from contextlib import suppress
from pathlib import Path

import pytest

from dlp.detectors import patterns
from dlp.detectors.patterns import PatternSet
from dlp.errors import ConfigErrors, Unavailable
from dlp.lanes import at_once
from dlp.pattern_files import parse
from dlp.ruleset import Pattern
from dlp.values import Channel, Role, Texts, View

CASES = tomllib.loads((Path(__file__).parent / "catastrophic.toml").read_text(encoding="utf-8"))["case"]


def attack(case: dict[str, str], length: int = 20_000) -> str:
    return case["text"] * (length // len(case["text"])) + case.get("end", "\x00")


def texts(*shown: str) -> Texts:
    return Texts((), (), tuple(View(Channel.TEXT, "1", "part 1", text) for text in shown))


def backtracking(case: dict[str, str]) -> Pattern:
    return Pattern("slow", "slow", "grades", Role.STATES, case["regex"], frozenset(Channel), backtracking=True, prefilter=".")


def ids(case: dict[str, str]) -> str:
    return case["regex"]


def test_there_are_sixty():
    assert len({case["regex"] for case in CASES}) >= 60


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_as_a_linear_pattern_it_is_refused_or_harmless(case):
    text = f"[[pattern]]\nid = 'p'\nkind = 'grades'\ncase = 'exact'\nregex = {json.dumps(case['regex'])}\n"
    with suppress(ConfigErrors):
        PatternSet(parse(text, "p.toml"), str).find(texts(attack(case, 200_000)))


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_as_a_backtracking_pattern_it_is_refused_or_stopped(case, monkeypatch):
    """What gets past the trial at load ends within its time, with a result or Unavailable; the test's time-out is the proof."""
    monkeypatch.setattr(patterns, "BACKTRACKING_SECONDS", 0.05)
    with suppress(Unavailable):
        PatternSet((backtracking(case),), str).find(texts(*[attack(case)] * 5))


def test_most_are_refused_when_the_file_is_loaded():
    refused = 0
    for case in CASES:
        text = (
            "[[pattern]]\nid = 'p'\nkind = 'grades'\nengine = 'backtracking'\nprefilter = '.'\n"
            f"regex = {json.dumps(case['regex'])}\n"
        )
        try:
            parse(text, "p.toml")
        except ConfigErrors as errors:
            refused += any("without end" in error.what for error in errors.errors)
    assert refused >= 20  # the others the regex module does not go back on, or they are stopped


async def test_a_neighbour_is_judged_meanwhile():
    """The search that goes back without end runs in a thread, without the lock: the other message is done first."""
    slow, quick = PatternSet((backtracking(CASES[0]),), str), PatternSet((), str)
    assert slow.backtracks
    assert not quick.backtracks
    done: list[str] = []

    async def search(name: str, matcher: PatternSet) -> None:
        try:
            await at_once(lambda: matcher.find(texts(attack(CASES[0]))), float("inf"))
        except Unavailable:
            name += " stopped"
        done.append(name)

    first = asyncio.create_task(search("slow", slow))
    await asyncio.sleep(0.01)
    await search("quick", quick)
    await first
    assert done == ["quick", "slow stopped"]
