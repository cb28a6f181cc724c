"""Postfix asks the relay as a milter: what passes stays as it was, what is held never leaves, and doubt is "try again"."""

from __future__ import annotations

import asyncio
import re
import subprocess

import pytest

from tests.e2e.bench import Bench, body, eventually
from tests.e2e.client import hand_over
from tests.e2e.test_before_queue import CASES, INSIDE, OUTSIDE, SENDER
from tests.e2e.test_documented import documented
from tests.generate.messages import disclosing

pytestmark = [pytest.mark.servers, pytest.mark.usefixtures("needs_postfix")]

TELLING = (
    b"From: a.mori@campus.example\r\nTo: b.okafor@campus.example\r\nMessage-ID: <1@campus.example>\r\n"
    b"Date: Sat, 21 Nov 2026 10:00:00 +0000\r\nSubject: Financial hold and grades\r\nX-Long: "
    + b"a"
    * 900
    + b"\r\n\t folded \r\n"
    b"\r\nstudent ID 912345678 cannot register.\r\n.\r\n..dots\r\n"
)
PLAIN = TELLING.replace(b"Financial hold and grades", b"lunch").replace(b"student ID 912345678 cannot register", b"Shall we")


def fields(raw: bytes) -> bytes:
    """The header without what hops have added on top."""
    return re.sub(rb"\A(?:Received: [^\r]*\r\n(?:[ \t][^\r]*\r\n)*)+", b"", raw)


async def given(servers: Bench, recipients: list[str], raw: bytes, sender: str = SENDER) -> str:
    """The answer to a message that Postfix was handed, once nothing is queued any more."""
    replies = await hand_over(servers.postfix.ports.submission, sender, recipients, raw)
    assert await asyncio.to_thread(servers.postfix.drained), servers.postfix.log()
    (answer,) = set(replies.values())
    return answer


@pytest.mark.parametrize(("ids", "recipients", "delivered", "held"), CASES)
async def test_accepted_mail_is_delivered_or_held(ids, recipients, delivered, held):
    raw = disclosing(1, ids)
    async with documented("Milter") as servers:
        assert (await given(servers, recipients, raw)).startswith("250")
        assert await eventually(lambda: servers.reached() == delivered)  # the clerk sends what is owed
        assert await servers.held_for() == held
        assert {body(delivery.raw) for delivery in servers.delivered()} <= {body(raw)}
        assert "warning" not in servers.postfix.log()


async def test_over_tcp_it_is_the_same():
    async with documented("Milter", tcp=True) as servers:
        assert (await given(servers, [INSIDE, OUTSIDE], disclosing(8, 1))).startswith("250")
        assert await eventually(lambda: servers.reached() == [INSIDE])
        assert await servers.held_for() == [OUTSIDE]
        await asyncio.to_thread(servers.relay.stop)
        assert (await given(servers, [INSIDE], PLAIN)).startswith("451")


async def test_nothing_depends_on_postfix_dropping_a_recipient():
    async with documented("Milter", "enable_original_recipient = no\n") as servers:
        assert (await given(servers, [INSIDE, OUTSIDE], disclosing(7, 1))).startswith("250")
        assert await eventually(lambda: servers.reached() == [INSIDE])
        assert await servers.held_for() == [OUTSIDE]


async def test_what_passes_is_the_very_message_and_what_is_edited_differs_in_its_subject_only():
    async with documented("Milter") as servers:
        assert (await given(servers, [INSIDE, OUTSIDE], PLAIN)).startswith("250")
        assert (await given(servers, [INSIDE], TELLING)).startswith("250")
        plain, edited = servers.delivered()
        assert fields(plain.raw) == PLAIN
        subject = re.compile(rb"(?m)^Subject: .*\r\n")
        assert b"Financial hold" not in edited.raw
        assert subject.sub(b"", fields(edited.raw)) == subject.sub(b"", TELLING)


async def test_a_filter_that_is_down_means_try_again():
    async with documented("Milter") as servers:
        await asyncio.to_thread(servers.relay.stop)
        replies = await hand_over(servers.postfix.ports.submission, SENDER, [INSIDE], PLAIN)
        assert replies[INSIDE].startswith("451")
        assert servers.delivered() == []
        await asyncio.to_thread(servers.relay.start)
        assert (await given(servers, [INSIDE], PLAIN)).startswith("250")
        assert servers.reached() == [INSIDE]


async def test_several_messages_of_one_client_and_one_of_a_megabyte():
    large = PLAIN + b"".join(b"line %d of a long letter\r\n" % number for number in range(40_000))
    async with documented("Milter") as servers:
        for raw in (PLAIN, large, PLAIN):
            assert (await given(servers, [INSIDE], raw)).startswith("250")
        assert [fields(delivery.raw) for delivery in servers.delivered()] == [PLAIN, large, PLAIN]


async def test_mail_with_the_null_sender_is_held_and_never_refused():
    async with documented("Milter") as servers:
        assert (await given(servers, [OUTSIDE], disclosing(4, 1), sender="")).startswith("250")
        assert await servers.held_for() == [OUTSIDE]
        assert not [delivery for delivery in servers.sink.messages if OUTSIDE in str(delivery.recipients)]


async def test_what_a_local_program_hands_to_sendmail_is_judged_too():
    async with documented("Milter") as servers:
        command = ["sendmail", "-C", str(servers.postfix.queue_folder.parent / "etc"), "-f", SENDER, OUTSIDE]
        raw = disclosing(5, 1).replace(b"\r\n", b"\n")
        await asyncio.to_thread(subprocess.run, command, input=raw, check=True, timeout=30, capture_output=True)
        async with asyncio.timeout(30):
            while await servers.held_for() != [OUTSIDE]:  # noqa: ASYNC110  another process has it
                await asyncio.sleep(0.2)
        assert servers.delivered() == []


async def test_a_released_copy_goes_out_and_is_not_asked_about_again():
    async with documented("Milter") as servers:
        assert (await given(servers, [OUTSIDE], disclosing(6, 1))).startswith("250")
        (copy,) = await servers.held()
        await asyncio.to_thread(
            servers.relay.command, "held", "release", str(copy["reference"]), "--word-of", "senior", "--reason", "a test"
        )
        assert await eventually(lambda: servers.reached() == [OUTSIDE])
        assert await servers.held_for() == []
