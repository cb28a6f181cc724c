"""The second look at sentences: only where the weights leave it open, only with the files its card describes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dlp import verifier
from dlp.fitted import UnfitError

WORDS, BEFORE = ("STU", "failed", "the", "exam"), ("i", "met", "STU")


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(verifier.folder(), tmp_path / "verifier")
    monkeypatch.setattr(verifier, "folder", lambda: tmp_path / "verifier")
    return tmp_path / "verifier"


def test_the_pipeline_is_asked_only_where_the_weights_leave_it_open() -> None:
    loaded = verifier.verifier()
    for sure in (0.0, 0.34, 0.97, 1.0):
        assert loaded.settled(sure, WORDS, BEFORE) == sure
    assert 0 < loaded.settled(0.6, WORDS, BEFORE) < 1
    assert loaded.settled(0.6, WORDS, BEFORE) != loaded.settled(0.6, ("STU", "has", "the", "exam", "room"), BEFORE)


@pytest.mark.parametrize(
    "harm", ["altered", "a file more", "no pipeline", "no card", "a damaged card", "a card of two numbers"]
)
def test_a_pipeline_that_is_not_the_card_s_is_refused(copied: Path, harm: str) -> None:
    card = copied / "card.toml"
    if harm == "altered":
        model = copied / "pipeline" / "textcat" / "model"
        model.write_bytes(model.read_bytes()[:-1] + b"x")
    elif harm == "a file more":
        (copied / "pipeline" / "more.py").write_text("")
    elif harm == "no pipeline":
        shutil.rmtree(copied / "pipeline")
    elif harm == "no card":
        card.unlink()
    elif harm == "a damaged card":
        card.write_text("sha256")
    else:
        card.write_text('sha256 = ""\nsettling = [1, 2]\n')
    with pytest.raises(UnfitError, match="verifier"):
        verifier.verifier()


def test_without_spacy_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spacy", None)
    with pytest.raises(UnfitError, match="spaCy is not installed"):
        verifier.verifier()


def test_who_does_not_ask_for_it_never_loads_spacy() -> None:
    code = (
        "import sys, dlp.pipeline\n"
        "from dlp.rules import load_rules\nfrom dlp.ruleset import Campus, PolicySettings\n"
        "rules = load_rules(campus=Campus(()), policy=PolicySettings(), digest=str)\n"
        "assert rules.weights and rules.verifier is None and not rules.unverified\n"
        "assert 'spacy' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
