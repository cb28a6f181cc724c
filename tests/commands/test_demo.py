"""`dlp demo`: the whole program on its sample campus, and mail of one's own."""

from __future__ import annotations

import json
import socket
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dlp.cli import main
from dlp.commands.demo import _SHOWN_NOTICES
from dlp.demo.samples import samples


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["demo", *words])


def test_samples_are_crlf_mail_to_somebody():
    assert samples()
    for sample in samples():
        assert sample.recipients
        assert sample.raw.count(b"\n") == sample.raw.count(b"\r\n")


@pytest.mark.servers
def test_every_fate_is_shown_and_nothing_is_left_behind():
    before = set(Path(tempfile.gettempdir()).glob("dlp-demo-*"))
    result = run("--json")
    assert result.exit_code == 0, result.output
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert {row["told"] for row in rows} == {"pass", "warn", "rewrite", "hold"}
    fates = {row["told"]: row["fate"] for row in rows}
    assert fates["pass"] == fates["warn"] == "delivered"
    assert fates["rewrite"] == "delivered, changed"
    assert fates["hold"].startswith("on hold")
    assert len(rows) == sum(len(sample.recipients) for sample in samples())
    assert set(Path(tempfile.gettempdir()).glob("dlp-demo-*")) <= before


@pytest.mark.servers
def test_people_see_a_table_and_one_notice_of_each_kind():
    result = run()
    assert result.exit_code == 0, result.output
    assert result.stdout.count("--- what ") == len(_SHOWN_NOTICES)
    assert "--all-notices" in result.stdout


def test_a_message_that_is_not_there(tmp_path):
    result = run("--send", str(tmp_path / "none.eml"), "--to", "p.lane@freemail.example")
    assert result.exit_code == 2
    assert "cannot read" in result.stderr


def test_a_message_to_nobody(tmp_path):
    (tmp_path / "m.eml").write_bytes(b"Subject: x\n\nx\n")
    result = run("--send", str(tmp_path / "m.eml"))
    assert result.exit_code == 2
    assert "--to" in result.stderr


def test_nobody_listens(tmp_path):
    (tmp_path / "m.eml").write_bytes(b"Subject: x\n\nx\n")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        result = run("--port", str(port), "--send", str(tmp_path / "m.eml"), "--to", "p.lane@freemail.example")
    assert result.exit_code == 2
    assert "dlp demo --serve" in result.stderr
