"""Debian's miltertest, an MTA's side written by others, against our server: it hears what we mean to say."""

from __future__ import annotations

import asyncio
import shutil

import pytest

from dlp.values import Reply
from milter.session import Accepted, Discarded
from tests.milter.test_server import Judge, serving

SCRIPT = """
conn = mt.connect("unix:{socket}")
if conn == nil then error("no connection") end
local function told(result, step) if result ~= nil then error(step .. " failed") end end
told(mt.conninfo(conn, "pc.campus.example", "192.0.2.7"), "connect")
told(mt.helo(conn, "client.example"), "helo")
mt.macro(conn, SMFIC_MAIL, "i", "4XYZ", "{{auth_authen}}", "ann")
told(mt.mailfrom(conn, "<a@campus.example>"), "mail")
told(mt.rcptto(conn, "<b@campus.example>"), "rcpt")
told(mt.rcptto(conn, "<c@elsewhere.example>"), "rcpt")
told(mt.header(conn, "From", "a@campus.example"), "header")
told(mt.header(conn, "Subject", "one"), "header")
told(mt.eoh(conn), "eoh")
told(mt.bodystring(conn, "Text.\\r\\n"), "body")
told(mt.eom(conn), "eom")
{expected}
mt.disconnect(conn)
"""
RAW = b"From: a@campus.example\r\nSubject: one\r\n\r\nText.\r\n"
EXPECTED = {
    "accepted": (Accepted(RAW), ["mt.getreply(conn) == SMFIR_ACCEPT"]),
    "held": (Discarded(), ["mt.getreply(conn) == SMFIR_DISCARD"]),
    "tried again": (Reply(451, "4.3.0", "later"), ["mt.getreply(conn) == SMFIR_REPLYCODE"]),
    "edited": (
        Accepted(b"X-New: 1\r\n" + RAW.replace(b"one", b"two").replace(b"Text", b"Word"), left_out=(1,)),
        [
            "mt.getreply(conn) == SMFIR_ACCEPT",
            'mt.eom_check(conn, MT_HDRINSERT, "X-New", " 1")',
            'mt.eom_check(conn, MT_HDRCHANGE, "Subject", " two")',
            "mt.eom_check(conn, MT_BODYCHANGE)",
            'mt.eom_check(conn, MT_RCPTDELETE, "<c@elsewhere.example>")',
            'not mt.eom_check(conn, MT_RCPTDELETE, "<b@campus.example>")',
        ],
    ),
}

pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(shutil.which("miltertest") is None, reason="miltertest is not installed"),
]


@pytest.mark.parametrize(("outcome", "expected"), EXPECTED.values(), ids=EXPECTED)
async def test_it_hears_what_we_mean_to_say(tmp_path, outcome, expected):
    judge = Judge(outcome)
    async with serving(judge, tmp_path / "milter"):
        checks = "\n".join(f"if not ({each}) then error([[{each}]]) end" for each in expected)
        (tmp_path / "script").write_text(SCRIPT.format(socket=tmp_path / "milter", expected=checks))
        command = ("miltertest", "-s", str(tmp_path / "script"))
        running = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        said, _ = await asyncio.wait_for(running.communicate(), 30)
        assert running.returncode == 0, said.decode()
    (message,) = judge.messages
    assert message.raw == RAW
    assert (message.upstream_id, message.login) == ("4XYZ", "ann")
    assert (message.client.address, message.client.name) == ("192.0.2.7", "pc.campus.example")
