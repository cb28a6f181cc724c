"""Loading the rules: shipped and site folders, examples, the revision, and what is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from dlp import fitted, verifier
from dlp import rules as rules_module
from dlp.errors import ConfigError, ConfigErrors
from dlp.rules import load_patterns, load_rules, pattern_files, try_text
from dlp.ruleset import Campus, PolicySettings, Rules
from dlp.statements.weights import FEATURES
from dlp.values import Channel, Texts, View

WIDE = "\uff2c\uff2b-1234"  # the letters LK, full width
CAMPUS = Campus(("campus.example",))
SITE = """\
[[pattern]]
id = "{id}"
title = "Locker"
kind = "id"
regex = 'LK-[0-9]{{4}}'
match = [
  "{match}",
]
no_match = [
  "LK-12",
  "{no_match}",
]
"""


def site(folder: Path, name: str = "site.toml", **values: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(SITE.format(**({"id": "locker", "match": "LK-1234", "no_match": "LX"} | values)))
    return folder


def load(*folders: Path, campus: Campus = CAMPUS, policy: PolicySettings | None = None, table: Path | None = None) -> Rules:
    return load_rules(campus=campus, policy=policy or PolicySettings(), digest=str, folders=folders, table=table)


def test_shipped_rules_load() -> None:
    rules = load()
    assert len(rules.patterns) > 30
    assert rules.table
    assert len(rules.revision) == 12
    view = View(Channel.TEXT, "1", "part 1", "student ID 912345678")
    assert [finding.pattern for finding in rules.matcher.find(Texts((), (), (view,)))] == ["student-id"]


def test_site_patterns_are_added(tmp_path: Path) -> None:
    rules = load(site(tmp_path))
    assert rules.patterns[-1].id == "locker"
    assert rules.patterns[-1].file.endswith("site.toml")


def test_the_same_id_in_a_later_folder_overrides(tmp_path: Path) -> None:
    shipped = load_patterns()
    found = load_patterns((site(tmp_path / "a", id="student-id"), site(tmp_path / "b", id="locker")))
    assert len(found) == len(shipped) + 1
    [student_id] = [pattern for pattern in found if pattern.id == "student-id"]
    assert student_id.title == "Locker"


FAILED = {
    "an example that must match": ({"match": "LK-12"}, 7, "match", "does not match"),
    "an example that must not": ({"no_match": "LK-9876"}, 11, "no_match", "must not"),
}


@pytest.mark.parametrize(("values", "line", "key", "what"), FAILED.values(), ids=FAILED.keys())
def test_a_failed_example_refuses_the_file(tmp_path: Path, values: dict[str, str], line: int, key: str, what: str) -> None:
    with pytest.raises(ConfigErrors) as caught:
        load(site(tmp_path, **values))
    [error] = caught.value.errors
    assert (Path(error.file).name, error.line, error.key) == ("site.toml", line, key)
    assert what in error.what
    assert "LK-" not in str(error)  # an example may be somebody's real number


def test_what_still_fails_may_be_noted(tmp_path: Path) -> None:
    site(tmp_path)
    with (tmp_path / "site.toml").open("a") as file:
        file.write('todo_match = ["locker 1234"]\ntodo_no_match = ["LK-0000"]\nknown_wrong = ["lake names"]\n')
    assert load(tmp_path).patterns[-1].known_wrong == ("lake names",)


def test_examples_are_folded_as_mail_is(tmp_path: Path) -> None:
    assert load(site(tmp_path, match=WIDE))


def test_an_example_over_its_time_refuses_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dlp.detectors.patterns.BACKTRACKING_SECONDS", 0.001)
    long = "a1" * 100_000
    (tmp_path / "slow.toml").write_text(
        '[[pattern]]\nid = "slow"\nkind = "id"\nregex = "(?<=a)1"\nengine = "backtracking"\nprefilter = "a"\n'
        f'match = ["{long}"]\n'
    )
    with pytest.raises(ConfigErrors, match="too slow"):
        load(tmp_path)


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    site(tmp_path / "a", match="LK")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "latin.toml").write_bytes(b"# caf\xe9\n")
    table = tmp_path / "table.toml"
    table.write_text("nothing = 1\n")
    with pytest.raises(ConfigErrors) as caught:
        load(tmp_path / "a", tmp_path / "b", tmp_path / "missing", table=table)
    names = [Path(error.file).name for error in caught.value.errors]
    assert names == ["site.toml", "latin.toml", "missing", "table.toml"]


def test_the_revision_says_what_can_change_a_verdict(tmp_path: Path) -> None:
    plain = load().revision
    assert load().revision == plain
    different = {
        plain,
        load(site(tmp_path / "a")).revision,
        load(campus=Campus(("campus.example", "other.example"))).revision,
        load(policy=PolicySettings(observe=True)).revision,
    }
    assert len(different) == 4


def test_the_revision_ignores_places_and_examples(tmp_path: Path) -> None:
    """Two nodes may keep their files in different folders."""
    here, there = load(site(tmp_path / "a")), load(site(tmp_path / "b", "named-otherwise.toml", match="LK-4321"))
    assert here.revision == there.revision


def test_a_text_is_tried_in_every_channel_once() -> None:
    trials = try_text(load_patterns(), "Your grades, student ID 912\u200b345678")
    assert sorted(trial.pattern.id for trial in trials) == ["header-grades", "student-id"]


def test_a_pattern_folder_that_cannot_be_read_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a site would silently judge without its own patterns."""

    def denied(_: Path) -> Iterator[Path]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", denied)
    with pytest.raises(ConfigError, match="let the user that runs dlp read it"):
        pattern_files(tmp_path)


def test_weights_of_sentences_are_part_of_the_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitted, "folder", lambda: tmp_path)
    without, seen = load(), rules_module.sources()
    assert (without.weights, "weights.tsv" in without.unweighed) == (None, True)
    _write_weights(tmp_path, FEATURES)
    assert (load().weights is not None, load().unweighed) == (True, "")
    assert load().revision != without.revision
    assert rules_module.sources() != seen
    assert (load(policy=PolicySettings(sentences=False)).weights, load(policy=PolicySettings(sentences=False)).unweighed) == (
        None,
        "",
    )


@pytest.mark.parametrize("harm", ["altered", "of another version", "damaged", "without a card", "with a damaged card"])
def test_weights_that_do_not_fit_are_left_out_and_the_rules_say_so(
    harm: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitted, "folder", lambda: tmp_path)
    file, card = _write_weights(tmp_path, FEATURES + (harm == "of another version"))
    if harm == "altered":
        file.write_text(file.read_text().replace('"scale":1', '"scale":2'))
    elif harm == "damaged":
        file.write_text("{")
        card.write_text(_card("{"))
    elif harm == "without a card":
        card.unlink()
    elif harm == "with a damaged card":
        card.write_text("sha256")
    rules = load()
    assert rules.weights is None
    assert rules.unweighed


def test_a_second_look_that_is_wanted_and_missing_is_said_and_the_weights_still_judge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted, seen = PolicySettings(verified=True), rules_module.sources()
    with_it = load(policy=wanted)
    assert (with_it.verifier is not None, with_it.unverified) == (True, "")
    monkeypatch.setattr(verifier, "folder", lambda: tmp_path)
    without = load(policy=wanted)
    assert (without.verifier, without.weights is not None, "card.toml" in without.unverified) == (None, True, True)
    assert without.revision != with_it.revision
    assert rules_module.sources() != seen
    assert (load().verifier, load().unverified) == (None, "")


def _write_weights(folder: Path, version: int) -> tuple[Path, Path]:
    file, card = folder / "weights.tsv", folder / "card.toml"
    file.write_text(f'{{"features":{version},"bias":0,"praise_bias":0,"names":["grades"],"scale":1,"shift":0}}\n')
    card.write_text(_card(file.read_text()))
    return file, card


def _card(text: str) -> str:
    return f'sha256 = "{hashlib.sha256(text.encode()).hexdigest()}"'
