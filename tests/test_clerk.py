"""The clerk: notices filtered, sent, retried and given up; the daily digest; a round that fails is not the end."""

from __future__ import annotations

import asyncio
import email
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, time
from pathlib import Path

import pytest

from dlp.clerk import Clerk
from dlp.errors import Unavailable
from dlp.forward import Forwarder, parse_hop
from dlp.holds import Letter
from dlp.notices.compose import NoticeSite
from dlp.notices.facts import Cause, NoticeFacts, Outcome, to_json
from dlp.sink import Fault, Script
from dlp.store.records import Notice
from dlp.store.states import NoticeState, Purpose, State
from dlp.values import Recipient
from tests.store.samples import START, held, mail, owed
from tests.upstream import HOSTNAME, QUICK, SENDER, Post, posted, shipped_rules

CONTACT = "privacy@campus.example"
SITE = NoticeSite("Example University", CONTACT, "guidance@campus.example", UTC, {})
NO, NEVER = "451 4.3.0 not now", "550 5.7.1 never"


def facts(recipient: str = "p.lane@freemail.example", **changed: object) -> dict[str, object]:
    cause = Cause("FAQ:outside-consent", "R26", "hold", "officer", ("part 1, line 2",), ("id",), "", neutral=False)
    told = NoticeFacts(
        reference=mail().envelope.reference,
        received_at=START,
        addressee=SENDER,
        outcomes=(Outcome(recipient, "held"),),
        causes=(cause,),
        changed=(),
        test=False,
    )
    return to_json(told) | changed


def waiting(stored: object) -> Notice:
    return Notice(SENDER, stored, START)


class Office:
    """A clerk over a filter's store, with a next hop that is the filter's sink."""

    def __init__(self, post: Post) -> None:
        self.post = post
        self.store = post.tools.store
        self.clerk = Clerk(post.tools.store, post.release_sender(), shipped_rules, SITE, time(8))

    def notices(self) -> dict[NoticeState, int]:
        return dict(self.store.counts().notices)

    def letters(self) -> list[bytes]:
        return [each.raw for each in self.post.sink.messages if not each.sender]


@asynccontextmanager
async def office(folder: Path, script: Script | None = None, faults: dict[str, str] | None = None) -> AsyncIterator[Office]:
    async with posted(folder, faults=faults) as post:
        post.sink.play(script or {})
        yield Office(post)


async def test_a_notice_goes_out_once_with_the_null_return_path(tmp_path):
    async with office(tmp_path) as at:
        at.store.hold(mail(), [held("p.lane@freemail.example")], waiting(facts()))
        for _ in range(3):
            await at.clerk.send_notices()
        (letter,) = at.post.sink.messages
        assert (letter.sender, [each.address for each in letter.recipients]) == ("", [SENDER])
        assert at.notices() == {NoticeState.SENT: 1}


async def test_a_notice_that_identifies_somebody_is_not_sent(tmp_path):
    """Promise 8: here the address that answers questions is a student ID beside a word that says so."""
    async with office(tmp_path) as at:
        at.clerk.site = replace(SITE, contact="student-id-912345678@campus.example")
        at.store.hold(mail(), [held("x@out.example")], waiting(facts()))
        await at.clerk.send_notices()
        assert not at.letters()
        assert at.notices() == {NoticeState.DEAD: 1}


@pytest.mark.parametrize("local", ["student-id-912345678", "912345678", "id.9-1-2-3-4-5-6-7-8", '"912 345 678"'])
async def test_a_numeric_mailbox_neither_withholds_the_notice_nor_is_shown(tmp_path, local):
    async with office(tmp_path) as at:
        at.store.hold(mail(), [held(f"{local}@out.example")], waiting(facts(f"{local}@out.example")))
        await at.clerk.send_notices()
        (letter,) = at.letters()
        text = email.message_from_bytes(letter).get_payload(0).get_payload(decode=True).decode()
        assert "•••" in text
        assert "@out.example" in text
        assert not re.search("9.?1.?2", text)


@pytest.mark.parametrize("how", ["refused", "withheld", "given-up", "unreadable"])
async def test_what_a_dead_notice_should_have_told_the_digest_tells(tmp_path, monkeypatch, how):
    monkeypatch.setattr("dlp.clerk._PAUSES", ())
    script = {"refused": {"RCPT": NEVER}, "given-up": {"RCPT": NO}}.get(how, {})
    async with office(tmp_path, script) as at:
        if how == "withheld":
            monkeypatch.setattr("dlp.letters.may_leave", lambda *_: False)
        at.store.hold(mail("4Other"), [held("y@out.example")], waiting(facts() | {"reference": "other"}))
        (other,) = at.store.claim_notices()
        at.store.hold(mail(), [held("x@out.example")], waiting({} if how == "unreadable" else facts()))
        await at.clerk.send_notices()
        assert at.notices()[NoticeState.DEAD] == 1
        assert [copy.recipient.address for copy in at.store.undigested()] == ["x@out.example"]
        assert at.store.notice_sent(other)
        at.post.sink.play({})
        await at.clerk.send_digest()
        (letter,) = at.letters()
        assert mail().envelope.reference.encode() in letter
        assert at.store.undigested() == ()


async def test_a_warning_that_cannot_be_told_goes_to_no_digest(tmp_path):
    async with office(tmp_path, {"RCPT": NEVER}) as at:
        at.store.queue_notice(mail(), waiting(facts()))
        await at.clerk.send_notices()
        assert at.store.undigested() == ()


AUTOMATIC = b"Auto-Submitted: auto-generated\r\n"


@pytest.mark.parametrize(("header", "told"), [(b"", [NoticeState.SENT]), (AUTOMATIC, [])], ids=["a person", "a program"])
async def test_the_sender_of_a_refused_copy_is_told_or_else_the_digest(tmp_path, header, told):
    async with office(tmp_path, {"RCPT a.lind@campus.example": NEVER}) as at:
        body = header + b"Subject: x\r\n\r\nx\r\n"
        at.store.hold(mail(), [owed("a.lind@campus.example", content=body)], None)
        await at.clerk.send_owed()
        at.post.clock.forward(seconds=10)
        await at.clerk.send_notices()
        assert list(at.notices()) == told
        await at.clerk.send_digest()
        (letter,) = at.post.sink.messages
        assert [each.address for each in letter.recipients] == [SENDER if told else CONTACT]
        assert (b"was not delivered to" in letter.raw) == bool(told)
        assert (b"a.lind@campus.example" in letter.raw) == bool(told)


async def test_the_release_hop_reads_where_a_letter_comes_from(tmp_path):
    """One Received field of ours, with the message's reference and a true protocol."""
    async with office(tmp_path) as at:
        at.store.hold(mail(), [owed("a.lind@campus.example")], waiting(facts()))
        await at.clerk.send_owed()
        at.post.clock.forward(seconds=10)
        await at.clerk.send_notices()
        assert len(at.post.sink.messages) == 2
        for letter in at.post.sink.messages:
            trace = email.message_from_bytes(letter.raw).get_all("Received")
            expected = f"from {HOSTNAME} ({HOSTNAME}) by {HOSTNAME} (campus-dlp) with ESMTP id {mail().envelope.reference};"
            assert [" ".join(value.split())[: len(expected)] for value in trace] == [expected]


@pytest.mark.parametrize(
    "stored",
    ["facts", {}, {"version": 99}, facts(version=2), facts(outcomes=[{"recipient": 1, "state": "held"}])],
    ids=["text", "empty", "other-version", "later-version", "wrong-type"],
)
async def test_unreadable_facts_are_given_up_and_the_next_notice_goes_out(tmp_path, stored):
    async with office(tmp_path) as at:
        at.store.queue_notice(mail("4Bad"), waiting(stored))
        at.store.queue_notice(mail("4Good"), waiting(facts()))
        await at.clerk.send_notices()
        assert at.notices() == {NoticeState.DEAD: 1, NoticeState.SENT: 1}
        assert len(at.letters()) == 1


async def test_a_notice_is_retried_with_pauses_and_given_up_after_days(tmp_path):
    async with office(tmp_path, {"RCPT": NO}) as at:
        at.store.queue_notice(mail(), waiting(facts()))
        began, tries = at.post.clock.now, 0
        while at.notices().get(NoticeState.DEAD, 0) == 0:
            before = len(at.post.sink.commands)
            await at.clerk.send_notices()
            await at.clerk.send_notices()  # not due again at once
            tries += sum(line.startswith("RCPT") for line in at.post.sink.commands[before:])
            at.post.clock.forward(hours=4)
            assert tries < 100
        days = (at.post.clock.now - began).days
        assert tries == 36
        assert 5 <= days <= 6
        assert not at.letters()


async def test_a_notice_refused_for_good_is_given_up_at_once(tmp_path):
    async with office(tmp_path, {"RCPT": NEVER}) as at:
        at.store.queue_notice(mail(), waiting(facts()))
        await at.clerk.send_notices()
        assert at.notices() == {NoticeState.DEAD: 1}


@pytest.mark.parametrize(
    "script", [{"DOT": Fault.DROP}, {"GREETING": Fault.DROP}, {"DATA": NO}], ids=["dot", "greeting", "data"]
)
async def test_no_answer_leaves_the_notice_for_later(tmp_path, script):
    async with office(tmp_path, script) as at:
        at.store.queue_notice(mail(), waiting(facts()))
        await at.clerk.send_notices()
        assert at.notices() == {NoticeState.WAITING: 1}
        at.post.sink.play({})
        at.post.clock.forward(seconds=31)
        await at.clerk.send_notices()
        assert at.notices() == {NoticeState.SENT: 1}


async def test_owed_copies_and_releases_go_out_once(tmp_path):
    async with office(tmp_path) as at:
        at.store.hold(mail(), [owed("a.lind@campus.example")], None)
        for _ in range(3):
            await at.clerk.send_owed()
            await at.clerk.repeat_releases()
        assert len(at.post.arrived("a.lind@campus.example")) == 1
        assert at.store.claim_due(Purpose.OWED) == ()


async def test_the_digest_names_each_untold_hold_once_and_comes_once_a_day(tmp_path):
    async with office(tmp_path) as at:
        at.store.hold(mail("4One"), [held("p.lane@freemail.example", "q@freemail.example")], None)
        at.store.hold(mail("4Two"), [held("p.lane@freemail.example")], None)
        for _ in range(3):
            await at.clerk.send_digest()
        (letter,) = at.post.sink.messages
        assert [each.address for each in letter.recipients] == [CONTACT]
        for upstream in ("4One", "4Two"):
            assert mail(upstream).envelope.reference.encode() in letter.raw
        assert b"freemail" not in letter.raw
        at.store.hold(mail("4Three"), [held("p.lane@freemail.example")], None)
        at.post.clock.forward(hours=1)
        await at.clerk.send_digest()
        assert len(at.letters()) == 1
        at.post.clock.forward(hours=24)
        await at.clerk.send_digest()
        assert len(at.letters()) == 2


async def test_the_digest_waits_for_its_hour(tmp_path):
    async with office(tmp_path) as at:
        at.clerk.digest_at = time(10, 30)
        at.store.hold(mail(), [held("p.lane@freemail.example")], None)
        await at.clerk.send_digest()
        assert not at.letters()
        at.post.clock.forward(minutes=31)
        await at.clerk.send_digest()
        assert len(at.letters()) == 1


@pytest.mark.parametrize("script", [{"RCPT": NO}, {"RCPT": NEVER}, {"DATA": Fault.DROP}], ids=["4xx", "5xx", "drop"])
async def test_a_digest_not_taken_is_tried_again_later_not_every_second(tmp_path, script):
    async with office(tmp_path, script) as at:
        at.store.hold(mail(), [held("p.lane@freemail.example")], None)
        for _ in range(5):
            try:
                await at.clerk.send_digest()
            except Unavailable:
                assert "DATA" in script
        assert sum(line.startswith("RCPT") for line in at.post.sink.commands) == 1
        at.post.sink.play({})
        at.post.clock.forward(minutes=11)
        await at.clerk.send_digest()
        assert len(at.letters()) == 1
        assert at.store.undigested() == ()


async def test_trouble_in_one_round_ends_neither_the_others_nor_the_clerk(tmp_path, caplog, monkeypatch):
    """The store fails first, then there is a bug; the owed copy goes out all the same."""
    caplog.set_level(logging.INFO)
    monkeypatch.setattr("dlp.clerk.ROUND", 0.01)
    async with office(tmp_path, faults={"claim_notices": "before"}) as at:
        at.store.hold(mail(), [owed("a.lind@campus.example")], None)

        def bug() -> None:
            raise KeyError("not a text for a log")

        at.store.undigested = bug
        stopping = asyncio.Event()
        running = asyncio.create_task(at.clerk.run(stopping))
        await at.post.sink.wait(1)
        stopping.set()
        await asyncio.wait_for(running, 5)
        seen = {record.getMessage() for record in caplog.records}
        assert {"clerk.waiting", "clerk.error"} <= seen
        assert "not a text for a log" not in caplog.text


@pytest.mark.parametrize("bug", [AssertionError, IndexError, ZeroDivisionError, AttributeError])
async def test_a_bug_met_by_one_notice_stops_neither_the_clerk_nor_what_is_owed(tmp_path, monkeypatch, bug):
    monkeypatch.setattr("dlp.clerk.ROUND", 0.01)
    async with office(tmp_path) as at:

        def stumble(*_: object) -> None:
            raise bug

        monkeypatch.setattr("dlp.letters.drafts", stumble)
        at.store.queue_notice(mail("4Bad"), waiting(facts()))
        at.store.hold(mail(), [owed("a.lind@campus.example")], None)
        stopping = asyncio.Event()
        running = asyncio.create_task(at.clerk.run(stopping))
        await at.post.sink.wait(1)
        stopping.set()
        await asyncio.wait_for(running, 5)


async def test_a_notice_that_ends_every_clerk_is_given_up_and_the_next_goes_out(tmp_path, monkeypatch):
    """A process that dies leaves it due at once; the claims alone are counted."""
    monkeypatch.setattr("dlp.clerk._PAUSES", (1, 1))
    async with office(tmp_path) as at:
        at.store.hold(mail("4Bad"), [held("x@out.example")], waiting(facts()))
        for _ in range(3):
            at.store.claim_notices()
            at.post.clock.forward(minutes=16)
        at.store.queue_notice(mail("4Good"), waiting(facts()))
        await at.clerk.send_notices()
        assert at.notices() == {NoticeState.DEAD: 1, NoticeState.SENT: 1}
        assert [copy.recipient.address for copy in at.store.undigested()] == ["x@out.example"]


async def test_a_copy_that_ends_every_clerk_is_given_up_and_the_next_goes_out(tmp_path, monkeypatch):
    monkeypatch.setattr("dlp.holds._PAUSES", ())
    async with office(tmp_path) as at:
        at.store.hold(mail("4Bad"), [owed("bad@campus.example")], None)
        at.store.claim_due(Purpose.OWED)
        at.post.clock.forward(minutes=16)
        at.store.hold(mail("4Good"), [owed("good@campus.example")], None)
        await at.clerk.send_owed()
        assert not at.post.arrived("bad@campus.example")
        assert len(at.post.arrived("good@campus.example")) == 1
        assert at.store.counts().copies == {State.REFUSED: 1, State.SENT: 1}


async def test_a_damaged_row_is_not_sent_and_stops_nothing(tmp_path):
    async with office(tmp_path) as at:
        at.store.hold(mail("4Bad"), [owed("bad@campus.example")], None)
        engine = at.store._engine
        with engine.begin() as connection:
            connection.exec_driver_sql("UPDATE copy SET record = x'00'")
        at.store.hold(mail("4Good"), [owed("good@campus.example")], None)
        await at.clerk.send_owed()
        assert not at.post.arrived("bad@campus.example")
        assert len(at.post.arrived("good@campus.example")) == 1
        assert at.store.counts().copies == {State.REFUSED: 1, State.SENT: 1}


async def test_the_sender_gives_its_place_back_whatever_happens(tmp_path):
    async with office(tmp_path) as at:
        forwarder = Forwarder(parse_hop(at.post.sink.hop), helo=HOSTNAME, limit=1, timeouts=QUICK)
        sender = at.clerk.sender.__class__(forwarder, HOSTNAME, at.post.clock)
        for script in ({"RCPT": NEVER}, {"DOT": Fault.DROP}, {"MAIL": NO}, {"DOT": Fault.SILENT}, {}):
            at.post.sink.play(script)
            try:
                await sender.deliver(Letter("H7K2-9QMD", "", (), Recipient(SENDER), b"Subject: x\r\n\r\n"))
            except Unavailable:
                assert script
            assert forwarder._places._value == 1
        forwarder.close()


async def test_what_we_write_ourselves_is_signed_and_what_others_wrote_is_not(tmp_path):
    async with office(tmp_path) as at:
        at.clerk.sign = lambda message: b"DKIM-Signature: ours\r\n" + message
        at.store.hold(mail(), [held("p.lane@freemail.example")], waiting(facts()))
        at.store.hold(replace(mail(), key=b"2" * 32), [owed("t.ames@campus.example")], None)
        await at.clerk.send_notices()
        await at.clerk.send_owed()
        assert [b"\r\nDKIM-Signature: ours\r\n" in letter for letter in at.letters()] == [True]
        (copy,) = at.post.arrived("t.ames@campus.example")
        assert b"ours" not in copy


async def test_a_notice_that_cannot_be_signed_now_waits(tmp_path):
    def unavailable(_message: bytes) -> bytes:
        raise Unavailable("keys")

    async with office(tmp_path) as at:
        at.clerk.sign = unavailable
        at.store.hold(mail(), [held("p.lane@freemail.example")], waiting(facts()))
        with pytest.raises(Unavailable):
            await at.clerk.send_notices()
        assert at.letters() == []
        assert NoticeState.SENT not in at.notices()
