"""`dlp check`: the document of formats.md, the envelope it takes, its mistakes, and that it leaves nothing behind."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dlp import config, keys
from dlp.cli import main
from dlp.commands.check import check, must_be_there
from dlp.pipeline import UNFINISHED, Known, Survey, survey
from dlp.ruleset import Rules
from dlp.values import Envelope, Origin, Texts
from tests.commands.test_held import an_ordinary_user
from tests.e2e.loopback import open_folder

INSIDE, OUTSIDE = "t.ames@campus.example", "p.lane@freemail.example"
MESSAGE = f"""\
From: Anders Lind <a.lind@campus.example>
To: Tessa Ames <{INSIDE}>
Cc: {OUTSIDE}
Subject: Grades
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: text/plain; charset=utf-8

Student ID 912345678 received an A- in 8.01.
--b
Content-Type: image/png
Content-Disposition: attachment; filename="form.png"
Content-Transfer-Encoding: base64

iVBORw0KGgoAAAAASUVORA==
--b--
"""
HARMLESS = f"From: a.lind@campus.example\nTo: {INSIDE}\nSubject: Hello\n\nSee you.\n"


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A folder of its own without a configuration; afterwards it must hold what it held."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DLP_CONFIG", raising=False)
    monkeypatch.setattr("dlp.config.PLACES", ())
    tmp_path.joinpath("message.eml").write_text(MESSAGE, encoding="utf-8")
    tmp_path.joinpath("harmless.eml").write_text(HARMLESS, encoding="utf-8")
    before = contents(tmp_path)
    yield
    assert contents(tmp_path) == before


@pytest.fixture
def judged_envelopes(monkeypatch: pytest.MonkeyPatch) -> list[Envelope]:
    """Every envelope that reaches the judgement."""
    seen: list[Envelope] = []

    def watched(envelope: Envelope, texts: Texts, rules: Rules, raw: bytes, known: Known) -> Survey:
        seen.append(envelope)
        return survey(envelope, texts, rules, raw, known)

    monkeypatch.setattr("dlp.commands.judging.survey", watched)
    return seen


def contents(folder: Path) -> dict[str, bytes]:
    """Every file's bytes, every folder as well."""
    return {str(path): path.read_bytes() if path.is_file() else b"" for path in sorted(folder.rglob("*"))}


def run(*words: str, text: str | bytes = "") -> Result:
    return CliRunner().invoke(check, list(words), input=text)


def documents(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


RULING = {"action": str, "release": (str, type(None)), "reasons": list, "tips": list}
REASON = {
    "code": str,
    "requirement": str,
    "refer_to": (str, type(None)),
    "missing": (str, type(None)),
    "basis": (str, type(None)),
    "findings": list,
    "row": str,
}
FINDING = {
    "kind": str,
    "detector": str,
    "pattern": str,
    "where": str,
    "bytes": list,
    "bytes_of": str,
    "students": int,
    "confidence": float,
    "masked": str,
}
DOCUMENT = {
    "file": str,
    "revision": str,
    "snapshot": str | None,
    "elapsed_ms": float,
    "recipients": dict,
    "findings": list,
    "unscannable": list,
    "edits": list,
}


def shaped(value: dict[str, Any], shape: dict[str, Any]) -> bool:
    return list(value) == list(shape) and all(isinstance(value[key], kind) for key, kind in shape.items())


def test_the_document_has_the_keys_and_types_of_the_contract() -> None:
    (document,) = documents(run("--json", "message.eml"))
    assert shaped(document, DOCUMENT)
    assert list(document["recipients"]) == [INSIDE, OUTSIDE]
    for ruling in document["recipients"].values():
        assert shaped(ruling, RULING)
        assert ruling["reasons"]
        assert all(shaped(reason, REASON) for reason in ruling["reasons"])
        assert all(0 <= index < len(document["findings"]) for reason in ruling["reasons"] for index in reason["findings"])
    assert all(shaped(finding, FINDING) for finding in document["findings"])
    assert document["unscannable"] == [{"part": "2", "why": "image"}]
    assert document["edits"] == [{"recipients": [INSIDE], "what": "subject", "after": "Course matter"}]


def test_the_document_says_what_was_decided() -> None:
    (document,) = documents(run("--json", "message.eml"))
    inside, outside = document["recipients"][INSIDE], document["recipients"][OUTSIDE]
    assert (inside["action"], inside["release"]) == ("rewrite", None)
    assert (outside["action"], outside["release"]) == ("hold", "officer")
    assert [reason["code"] for reason in outside["reasons"]] == ["FAQ:outside-consent"]
    by_kind = {finding["kind"]: finding for finding in document["findings"]}
    assert (by_kind["id"]["students"], by_kind["id"]["masked"], by_kind["id"]["where"]) == (1, "•••••••78", "part 1, line 1")
    assert by_kind["grades"]["students"] == 0
    start, end = by_kind["id"]["bytes"]
    assert (by_kind["id"]["bytes_of"], MESSAGE.encode()[start:end]) == ("text", b"912345678")


def test_no_document_and_no_text_shows_what_was_found() -> None:
    for words in (("--json", "message.eml"), ("message.eml",)):
        assert "912345678" not in run(*words).output


def test_several_files_are_a_line_each_in_their_order() -> None:
    found = documents(run("--json", "harmless.eml", "message.eml", "harmless.eml"))
    assert [document["file"] for document in found] == ["harmless.eml", "message.eml", "harmless.eml"]
    assert len({document["revision"] for document in found}) == 1


def test_a_dash_reads_standard_input() -> None:
    (document,) = documents(run("--json", "-", text=MESSAGE))
    assert document["file"] == "-"
    assert document["recipients"][OUTSIDE]["action"] == "hold"


def test_any_bytes_can_be_judged() -> None:
    (document,) = documents(run("--json", "--to", INSIDE, "-", text=bytes(range(256)) * 3))
    assert list(document["recipients"]) == [INSIDE]


def test_without_a_configuration_the_defaults_are_used_and_said() -> None:
    result = run("harmless.eml")
    assert result.exit_code == 0
    assert result.stderr == "dlp: no configuration here; using the shipped defaults (dlp init writes one)\n"


def test_a_readable_block_for_a_person() -> None:
    lines = run("message.eml").stdout.splitlines()
    assert lines[0] == "message.eml"
    assert f"  rewrite {INSIDE}" in lines
    assert f"  hold    {OUTSIDE}; an officer may release" in lines
    why = "It gives an outside reader details about a person. We know of no written permission."
    assert f"           FAQ:outside-consent (row O1, R26): {why}" in lines
    assert any(
        line.startswith("  found    an ID number (id), part 1 (the text), line 1, pattern student-id, ") for line in lines
    )
    assert any(line.startswith("  found    grades, subject line, ") for line in lines)
    assert "  unread   part 2: image" in lines
    assert "  edit     subject: Course matter" in lines


ENVELOPES = [
    ("recipient-instead-of-the-fields", ("--to", INSIDE), {INSIDE: "rewrite"}),
    ("two-recipients", ("--to", INSIDE, "--to", "x@campus.example"), {INSIDE: "rewrite", "x@campus.example": "rewrite"}),
    ("inbound-passes-unread", ("--origin", "inbound", "--from", OUTSIDE), {INSIDE: "pass", OUTSIDE: "hold"}),
    ("null-sender", ("--from", "<>", "--to", OUTSIDE), {OUTSIDE: "hold"}),
    ("empty-sender", ("--from", "", "--to", OUTSIDE), {OUTSIDE: "hold"}),
    ("login", ("--login", "a.lind@campus.example", "--to", OUTSIDE), {OUTSIDE: "hold"}),
    ("own-domain", ("--set", 'site.domains=["freemail.example"]'), {INSIDE: "hold", OUTSIDE: "rewrite"}),
    ("no-mail-in-observe", ("--set", "policy.mode=observe"), {INSIDE: "pass", OUTSIDE: "pass"}),
]


@pytest.mark.parametrize(("words", "expected"), [pytest.param(*case[1:], id=case[0]) for case in ENVELOPES])
def test_options_make_the_envelope(words: tuple[str, ...], expected: dict[str, str]) -> None:
    (document,) = documents(run("--json", *words, "message.eml"))
    assert {address: ruling["action"] for address, ruling in document["recipients"].items()} == expected


def test_observe_mode_shows_what_would_be() -> None:
    result = run("--json", "--set", "policy.mode=observe", "message.eml")
    (document,) = documents(result)
    assert list(document) == [*DOCUMENT, "would_be"]
    assert {address: ruling["action"] for address, ruling in document["would_be"].items()} == {
        INSIDE: "rewrite",
        OUTSIDE: "hold",
    }
    assert document["edits"] == []
    lines = run("--set", "policy.mode=observe", "message.eml").stdout.splitlines()
    assert f"  hold    {OUTSIDE}; an officer may release" in lines
    assert lines[-1] == "  observe mode: everything passes; this is what enforce would do"


def test_what_an_observed_row_would_do_is_shown_beside_what_is_done() -> None:
    Path("table.toml").write_text('[[observe]]\nrows = ["O1"]\n')
    words = ("--set", "policy.table=table.toml", "message.eml")
    (document,) = documents(run("--json", *words))
    assert list(document) == [*DOCUMENT, "observed"]
    assert document["recipients"][OUTSIDE]["action"] != "hold"
    assert {address: ruling["action"] for address, ruling in document["observed"].items()} == {OUTSIDE: "hold"}
    assert f"  observed {OUTSIDE}: would hold; an officer may release, by O1" in run(*words).stdout.splitlines()
    explained = CliRunner().invoke(main, ["explain", "--tried", "--as", OUTSIDE, *words]).stdout
    assert "│  ├─ O1 fits, and is only observed" in explained
    assert explained.splitlines()[-1].startswith(
        "with the rows that are observed: hold; a privacy officer may release it, by O1 ("
    )
    Path("table.toml").unlink()


def test_a_setting_that_changes_verdicts_changes_the_revision() -> None:
    (default,) = documents(run("--json", "harmless.eml"))
    (changed,) = documents(run("--json", "--set", "policy.unsupported=warn", "harmless.eml"))
    assert default["revision"] != changed["revision"]


def test_the_proof_reads_attachments_as_the_first_reading_did() -> None:
    """Text under a type that says nothing is read both times; otherwise the changed copy would seem unread."""
    raw = MESSAGE.replace("iVBORw0KGgoAAAAASUVORA==", "SGVsbG8gVGVzc2EsCnNlZSB5b3UuCg==").replace(
        "image/png", "application/octet-stream"
    )
    words = ("--json", "--to", INSIDE, "--set", "policy.images=hold", "-")
    (document,) = documents(run(*words, text=raw))
    assert document["recipients"][INSIDE]["action"] == "rewrite"


TIMES = [
    ("with-offset", "2026-09-01T10:00:00+02:00", "2026-09-01T08:00:00+00:00"),
    ("in-the-timezone-of-the-site", "2026-09-01T10:00:00", "2026-09-01T14:00:00+00:00"),
    ("a-date", "2026-01-01", "2026-01-01T05:00:00+00:00"),
]


@pytest.mark.parametrize(("now", "expected"), [pytest.param(*case[1:], id=case[0]) for case in TIMES])
def test_the_time_judged_is_the_one_given(judged_envelopes: list[Envelope], now: str, expected: str) -> None:
    assert run("--now", now, "harmless.eml").exit_code == 0
    assert judged_envelopes[0].received_at == datetime.fromisoformat(expected)


SENDERS = [
    ("from-the-field", (), "a.lind@campus.example"),
    ("as-given", ("--from", OUTSIDE), OUTSIDE),
    ("null-as-smtp-writes-it", ("--from", "<>"), ""),
    ("null-as-empty", ("--from", ""), ""),
]


@pytest.mark.parametrize(("words", "sender"), [pytest.param(*case[1:], id=case[0]) for case in SENDERS])
def test_the_sender_judged(judged_envelopes: list[Envelope], words: tuple[str, ...], sender: str) -> None:
    run(*words, "--origin", "relay", "--login", "x@campus.example", "harmless.eml")
    only = judged_envelopes[0]
    assert (only.sender, only.origin, only.login) == (sender, Origin.RELAY, "x@campus.example")


MISTAKES = [
    ("missing-file", ("missing.eml",), ("cannot read missing.eml: No such file", ".eml), or -")),
    ("a-folder", (".",), ("cannot read .: Is a directory", ".eml), or -")),
    ("no-file-named", (), ("Missing argument",)),
    ("bad-time", ("--now", "tomorrow", "harmless.eml"), ("--now tomorrow: not a time", "2026-09-01T10:00:00-04:00")),
    ("bad-origin", ("--origin", "outer-space", "harmless.eml"), ("submission", "inbound")),
    ("missing-configuration", ("--config", "no.toml", "harmless.eml"), ("no.toml",)),
    ("unknown-key", ("--set", "policy.moed=observe", "harmless.eml"), ("policy.moed", "mode")),
    ("bad-value", ("--set", "policy.mode=off", "harmless.eml"), ("policy.mode", "observe")),
    ("mistyped-option", ("--jsn", "harmless.eml"), ("--json",)),
]


@pytest.mark.parametrize(("words", "said"), [pytest.param(*case[1:], id=case[0]) for case in MISTAKES])
def test_a_mistake_is_said_with_its_remedy_and_status_2(words: tuple[str, ...], said: tuple[str, ...]) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert [text for text in said if text not in result.stderr] == []


def test_a_message_to_nobody_asks_for_a_recipient() -> None:
    result = run("-", text="From: a.lind@campus.example\nSubject: Hello\n\nHello\n")
    assert result.exit_code == 2
    assert "--to ADDR" in result.stderr


def test_an_address_cannot_drive_the_terminal() -> None:
    shown = run("-", text=HARMLESS.replace(INSIDE, "<a\x1b[31mb\x07@campus.example>")).stdout
    assert shown.splitlines()[1] == "  pass    a[31mb@campus.example"
    assert "\x1b" not in shown


def test_a_file_name_that_is_no_utf_8_is_shown_all_the_same() -> None:
    path = Path("\udcff.eml")
    path.write_text(HARMLESS, encoding="utf-8")
    try:
        (document,) = documents(run("--json", str(path)))
    finally:
        path.unlink()
    assert document["file"] == "\ufffd.eml"


def test_one_recipient_named_twice_is_judged_once() -> None:
    (document,) = documents(run("--json", "-", text=HARMLESS.replace("Subject:", f"Cc: {INSIDE}\nSubject:")))
    assert list(document["recipients"]) == [INSIDE]


@pytest.mark.parametrize(("file", "forks"), [("harmless.eml", False), ("message.eml", True)])
def test_only_a_message_with_a_file_is_read_in_a_child(monkeypatch, file, forks):
    asked: list[int] = []
    fork = os.fork

    def counted() -> int:
        asked.append(1)
        return fork()

    monkeypatch.setattr(os, "fork", counted)
    assert CliRunner().invoke(main, ["check", file]).exit_code == 0
    assert bool(asked) is forks


NOT_PLAIN = {
    "a-name-beside-it": ("--to", f"Odile <{OUTSIDE}>"),
    "no-domain": ("--from", "nobody"),
    "two": ("--to", f"{INSIDE},{OUTSIDE}"),
    "no-recipient": ("--to", ""),
    "login-without-domain": ("--login", "a.lind"),
}


@pytest.mark.parametrize("words", NOT_PLAIN.values(), ids=NOT_PLAIN)
@pytest.mark.parametrize("command", ["check", "explain"])
def test_an_address_that_no_envelope_can_have_is_refused(command: str, words: tuple[str, str]) -> None:
    result = CliRunner().invoke(main, [command, *words, "message.eml"])
    assert result.exit_code == 2
    assert "write one plain address" in result.stderr


def test_of_several_messages_the_good_ones_are_judged_and_each_bad_one_is_told(tmp_path: Path) -> None:
    Path("to-nobody.eml").write_text("From: a.lind@campus.example\n\nSee you.\n")
    result = run("gone.eml", "harmless.eml", "to-nobody.eml", "message.eml", "gone-too.eml", "--json")
    Path("to-nobody.eml").unlink()
    assert result.exit_code == 2
    assert [json.loads(line)["file"] for line in result.stdout.splitlines()] == ["harmless.eml", "message.eml"]
    told = [line for line in result.stderr.splitlines() if "configuration" not in line]
    assert [line.startswith("dlp: ") for line in told] == [True] * 3
    assert ["gone.eml" in told[0], "gone-too.eml" in told[1], "to-nobody.eml names no recipient" in told[2]] == [True] * 3


@pytest.mark.parametrize("command", ["check", "explain"])
def test_a_missing_file_is_told_before_the_rules_are_loaded(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dlp.commands.shared.rules", lambda _settings: pytest.fail("loaded"))
    result = CliRunner().invoke(main, [command, "nope.eml"])
    assert result.exit_code == 2
    assert "cannot read nope.eml" in result.stderr


def test_a_user_who_may_not_see_the_directory_of_people_gets_no_verdict() -> None:
    """Nor one whose key does not open: else everybody would be a stranger, and nobody would see it."""
    with open_folder("check") as folder:
        (folder / "config.toml").write_text('[site]\nuser = "mailfilter"\n')
        snapshots = config.load(folder / "config.toml").snapshots
        snapshots.mkdir(parents=True)
        keys.create(folder / "var" / "keys")
        (folder / "var").chmod(0o700)
        shutil.copy("message.eml", folder)
        words = ["--config", str(folder / "config.toml"), str(folder / "message.eml")]
        with an_ordinary_user(folder / "var"):
            refused = run(*words)
        (snapshots / "CURRENT").write_text("one\n")
        (folder / "var" / "keys" / keys.FILE).write_text("no key\n")
        without = run(*words)
    assert (refused.exit_code, refused.stdout) == (3, "")
    assert refused.stderr == ("dlp: the directory of people cannot be read by this user; run it as root, or as mailfilter\n")
    assert (without.exit_code, without.stdout) == (2, "")
    assert "this is not a site key" in without.stderr


def test_a_pipe_is_not_tried_before_it_is_read() -> None:
    with open_folder("pipe") as folder:
        os.mkfifo(folder / "pipe")
        trying = Thread(target=must_be_there, args=(str(folder / "pipe"),), daemon=True)  # to open it would wait for a writer
        trying.start()
        trying.join(10)
    assert not trying.is_alive()


def test_of_more_people_than_are_looked_at_no_part_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def cut(*given: Any) -> Survey:
        whole = survey(*given)
        return replace(whole, evidence=replace(whole.evidence, unread=(UNFINISHED,)))

    monkeypatch.setattr("dlp.commands.judging.survey", cut)
    assert "  unread   the rest of it: more people than are looked at" in run("harmless.eml").stdout.splitlines()
