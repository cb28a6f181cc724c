"""`dlp demo`: the whole program on its sample campus, and mail of one's own."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dlp.cli import main
from dlp.commands.demo import _SHOWN_NOTICES
from dlp.demo.samples import samples
from dlp.sink import Sink
from tests.e2e.relay import PROGRAM


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
    assert {row["recipient"]: (row["told"], row["why"]) for row in rows if row["shows"].startswith("one student's grade")} == {
        "t.ames@campus.example": ("pass", "need to know (R8); directory information (R9)"),
        "l.lane@campus.example": ("pass", "own record (R56)"),
        "m.hartono@campus.example": ("hold", 'rule "need to know" (R8)'),
        "d.brook@campus.example": ("warn", 'rule "need to know" (R8)'),
        "p.lane@freemail.example": ("hold", 'rule "questions from family" (R42), refer to dean_undergraduate'),
    }
    consented = {row["recipient"]: (row["told"], row["why"]) for row in rows if "agreed" in row["shows"]}
    assert consented["admissions@otheruni.example"] == ("pass", "consent C1 (R33)")
    assert consented["admissions@thirduni.example"][0] == "hold"
    assert "names another recipient" in consented["admissions@thirduni.example"][1]
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


async def test_a_message_of_ones_own_reaches_the_demo_and_gets_its_reply(tmp_path):
    (tmp_path / "m.eml").write_bytes(b"Subject: x\n\nx\n")
    async with Sink() as taking:
        port = taking.hop.rpartition(":")[2]
        words = ["--port", port, "--send", str(tmp_path / "m.eml"), "--to", "p.lane@freemail.example"]
        result = await asyncio.to_thread(run, *words)
    assert (result.exit_code, result.stdout[:3]) == (0, "250")
    (message,) = taking.messages
    assert message.raw == b"Subject: x\r\n\r\nx\r\n"
    assert (message.sender, message.recipients[0].address) == ("you@campus.example", "p.lane@freemail.example")


async def test_an_address_smtp_cannot_carry_is_said_so(tmp_path):
    (tmp_path / "m.eml").write_bytes(b"Subject: x\n\nx\n")
    async with Sink() as taking:
        port = taking.hop.rpartition(":")[2]
        words = ["--port", port, "--send", str(tmp_path / "m.eml"), "--to", "j\u00fcrgen@freemail.example"]
        result = await asyncio.to_thread(run, *words)
    assert (result.exit_code, "ASCII" in result.stderr) == (2, True)
    assert taking.messages == []


@pytest.mark.servers
def test_what_a_serving_demo_prints_can_be_typed(tmp_path):
    """Both lines, from another terminal: one's own message is held, and the list shows it."""
    (tmp_path / "message.eml").write_bytes(b"Subject: Your son\n\nStudent ID 912345678 has a grade of C.\n")
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen([PROGRAM, "demo", "--serve"], stdout=subprocess.PIPE, text=True, env=environment) as serving:
        assert serving.stdout is not None
        try:
            to_type = (shlex.split(line) for line in serving.stdout if re.match(r"  \S*dlp (demo|held) ", line))
            send, held = next(to_type), next(to_type)
            reply = subprocess.run(send, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True).stdout
            listed = subprocess.run(held, capture_output=True, text=True, timeout=60, check=True).stdout
        finally:
            serving.terminate()
    assert reply.startswith("250")
    assert any(row.split("\t")[0] in reply for row in listed.splitlines()[1:])


def test_nobody_listens(tmp_path):
    (tmp_path / "m.eml").write_bytes(b"Subject: x\n\nx\n")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        result = run("--port", str(port), "--send", str(tmp_path / "m.eml"), "--to", "p.lane@freemail.example")
    assert result.exit_code == 2
    assert "dlp demo --serve" in result.stderr
