"""The fuzz targets: inputs that once found something, a few runs of each target, and two minutes of them in `make test`."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from tests.fuzz import run, seeds
from tests.fuzz.run import attempt, fuzz, in_turn, made
from tests.fuzz.targets import TARGETS, Target

FOUND = sorted((Path(__file__).parent / "found").glob("*/*"))
PARTS = 4
SECONDS = 120


@pytest.mark.parametrize("path", FOUND, ids=lambda path: f"{path.parent.name}, {path.name}")
def test_what_was_found_is_read(path):
    word, _ = attempt(TARGETS[path.parent.name], path.read_bytes())
    assert not word


def test_each_target_for_a_few_runs(tmp_path):
    said = []
    assert not in_turn(list(TARGETS), seconds=60, seed=2, folder=tmp_path, most=5, said=said.append)
    assert len(said) == len(TARGETS) + 1


@pytest.mark.servers
@pytest.mark.timeout(300)
@pytest.mark.parametrize("part", range(PARTS))
def test_each_target_for_its_share_of_two_minutes(part, tmp_path):
    assert not in_turn(list(TARGETS)[part::PARTS], seconds=SECONDS / PARTS, seed=1, folder=tmp_path, most=run.ENOUGH)


def target(read) -> Target:
    return Target("one", read, lambda: seeds.texts(b"student ID 912345678"))


def on_the_third(act):
    """A reader that does something with the input of one run only."""
    third = made(target(len), 7, 2)
    return target(lambda data: act() if data == third else None)


def endless():
    while True:
        pass


def deaf():
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPROF})
    endless()


def greedy():
    bytearray(run.MEMORY + (64 << 20))


@pytest.mark.parametrize(
    ("act", "word"),
    [
        (lambda: {}["x"], "KeyError in test_fuzz.py"),
        (lambda: os.kill(os.getpid(), signal.SIGSEGV), "died of SIGSEGV"),
        (lambda: os._exit(3), "died of exit"),
        (greedy, "MemoryError in test_fuzz.py"),
        (endless, "took too long in test_fuzz.py"),
    ],
    ids=["exception", "crash", "exit", "memory", "hang"],
)
def test_a_failure_names_its_run_and_leaves_its_input(act, word, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "SLOWEST", 0.2)
    tally = fuzz(on_the_third(act), 60, 7, tmp_path, most=5)
    assert (list(tally.failures), tally.runs) == (["2"], 5)
    assert tally.failures["2"].startswith(word)
    assert (tmp_path / "one-7-2").read_bytes() == made(target(len), 7, 2)


def test_a_child_that_hears_no_signal_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "_STUCK", 1)
    tally = fuzz(on_the_third(deaf), 60, 7, tmp_path, most=5)
    assert tally.failures == {"2": "stuck"}


def test_another_start_goes_on_and_tries_again_what_failed(tmp_path):
    fuzz(on_the_third(lambda: {}["x"]), 60, 7, tmp_path, most=5)
    tried = []
    tally = fuzz(target(tried.append), 60, 7, tmp_path, most=9)
    assert (tally.runs, tally.failures) == (9, {})
    assert json.loads((tmp_path / "one.json").read_text())["runs"] == 9


def test_an_input_depends_on_target_seed_and_run_alone():
    for name in ("rtf", "ooxml-document", "doc", "iso"):
        assert made(TARGETS[name], 3, 4) == made(TARGETS[name], 3, 4) != made(TARGETS[name], 3, 5)
