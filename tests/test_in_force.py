"""Rules swapped whole on a reload, or kept, with file and line in the log."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from dlp import config, fitted, verifier
from dlp.errors import ConfigErrors
from dlp.in_force import RulesInForce, rules_of

PATTERN = """\
[[pattern]]
id = "badge"
title = "Badge number"
kind = "id"
regex = 'B[0-9]{{7}}'
match = ["{example}"]
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site with one pattern file of its own."""
    (tmp_path / "patterns").mkdir()
    (tmp_path / "patterns" / "own.toml").write_text(PATTERN.format(example="B1234567"))
    (tmp_path / "config.toml").write_text('[policy]\npatterns = ["patterns"]\n')
    return tmp_path


def in_force(site: Path) -> RulesInForce:
    settings = config.load(site / "config.toml")
    return RulesInForce(settings, str, rules_of(settings, str))


def test_a_reload_swaps_patterns_and_revision(site):
    rules = in_force(site)
    before = rules()
    own = site / "patterns" / "own.toml"
    own.write_text(own.read_text().replace("{7}", "{8}").replace("B1234567", "B12345678"))
    rules.reload()
    assert rules().revision != before.revision


BREAKAGES = {
    "example-that-does-not-match": PATTERN.format(example="C1"),
    "no-toml": "[[pattern\n",
    "unknown-key": PATTERN.format(example="B1234567") + 'colour = "red"\n',
    "bad-regex": PATTERN.format(example="B1234567").replace("[0-9]", "[0-9"),
    "no-utf-8": None,
}


@pytest.mark.parametrize("text", BREAKAGES.values(), ids=BREAKAGES.keys())
def test_a_bad_file_keeps_the_old_rules_and_says_where(site, text, caplog):
    rules = in_force(site)
    before = rules()
    own = site / "patterns" / "own.toml"
    own.write_bytes(b"\xff\xfe\x00" if text is None else text.encode())
    rules.reload()
    assert rules() is before
    (refused, *_) = [record.values for record in caplog.records if record.getMessage() == "ruleset.refused"]
    assert refused["file"] == str(own)
    assert text is None or refused["line"]


def test_a_folder_that_is_gone_keeps_the_old_rules(site, caplog):
    rules = in_force(site)
    before = rules()
    (site / "patterns" / "own.toml").unlink()
    (site / "patterns").rmdir()
    rules.reload()
    assert rules() is before
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_rules_that_do_not_load_at_all_are_an_error_at_the_start(site):
    (site / "patterns" / "own.toml").write_text("nonsense")
    with pytest.raises(ConfigErrors):
        in_force(site)


def test_a_process_started_again_beside_a_bad_file_goes_on_with_the_rules_it_was_given(site, caplog):
    settings = config.load(site / "config.toml")
    given = rules_of(settings, str)
    (site / "patterns" / "own.toml").write_text("[[pattern]]\nid = 5\n")
    assert RulesInForce(settings, str, given)() is given
    (refused, *_) = [record.values for record in caplog.records if record.getMessage() == "ruleset.refused"]
    assert (refused["file"], refused["line"]) == (str(site / "patterns" / "own.toml"), 2)


def test_a_process_shares_the_rules_it_was_given_while_no_file_has_changed(site):
    settings = config.load(site / "config.toml")
    given = rules_of(settings, str)
    rules = RulesInForce(settings, str, given)
    assert rules() is given
    rules.reload()
    assert rules() is given


def test_a_process_started_again_after_a_reload_has_what_was_reloaded(site):
    settings = config.load(site / "config.toml")
    given = rules_of(settings, str)
    own = site / "patterns" / "own.toml"
    own.write_text(own.read_text().replace("{7}", "{8}").replace("B1234567", "B12345678"))
    assert RulesInForce(settings, str, given)().revision != given.revision


@pytest.mark.parametrize("changed", [False, True])
def test_a_changed_configuration_file_is_not_read_and_the_log_says_so(site, caplog, changed):
    rules = in_force(site)
    if changed:
        (site / "config.toml").write_text("[policy]\npatterns = []\n")
    with caplog.at_level(logging.INFO):
        rules.reload()
    assert [record.message for record in caplog.records] == ["config.changed"] * changed + ["ruleset.loaded"]


@pytest.mark.parametrize(
    ("text", "line"), [("[site\n", 1), ("[policy]\npatterns = []\nmode = 3\n", 3)], ids=["no TOML", "a value"]
)
def test_what_would_keep_a_changed_configuration_file_from_being_used_is_said_with_its_line(site, caplog, text, line):
    rules = in_force(site)
    (site / "config.toml").write_text(text)
    with caplog.at_level(logging.WARNING):
        rules.reload()
    refused = [record.values["line"] for record in caplog.records if record.getMessage() == "config.refused"]
    assert refused == [line]


def test_without_fitting_weights_every_start_says_so(site, caplog, monkeypatch, tmp_path):
    monkeypatch.setattr(fitted, "folder", lambda: tmp_path)
    settings = config.load(site / "config.toml")
    with caplog.at_level(logging.INFO):
        RulesInForce(settings, str, rules_of(settings, str))
    said = [(record.message, record.levelname) for record in caplog.records]
    assert ("ruleset.without_sentences", "ERROR") in said


def test_without_a_second_look_that_is_wanted_every_start_says_so(site, caplog, monkeypatch, tmp_path):
    monkeypatch.setattr(verifier, "folder", lambda: tmp_path)
    file = site / "config.toml"
    file.write_text(file.read_text() + 'sentences = "verified"\n')
    settings = config.load(file)
    with caplog.at_level(logging.INFO):
        RulesInForce(settings, str, rules_of(settings, str))
    assert ("ruleset.unverified", "ERROR") in [(record.message, record.levelname) for record in caplog.records]
