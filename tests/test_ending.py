"""How a hold ends and who is told: the real transaction, clerk and store, and a scripted next hop (R13, R14, F69-F72)."""

from __future__ import annotations

import email
import email.message
import email.policy
import logging
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path

import pytest

from dlp import holds, telling
from dlp.clerk import Clerk
from dlp.letters import may_leave
from dlp.notices.compose import NoticeSite
from dlp.notices.places import until
from dlp.sink import Delivered, Script
from dlp.store.records import HOLD_FOR, HeldCopy
from dlp.store.states import NoticeState, Purpose, State, Told
from dlp.values import Recipient
from tests.store.samples import OFFICER, START, held, mail, owed
from tests.upstream import CAMPUS, HOSTNAME, SENDER, Post, posted, shipped_rules

CONTACT = "privacy@campus.example"
SITE = NoticeSite("Example University", CONTACT, "guidance@campus.example", UTC, {})
OUTSIDE, OTHER = "p.lane@freemail.example", "q.moss@freemail.example"
HOLD = b"Subject: a plan\r\nMessage-ID: <7.1@desk.campus.example>\r\n\r\nStudent ID 912345678 has a grade of C.\r\n"
NEVER = "550 5.1.1 never"


class Office:
    """A filter in this process, with its clerk."""

    def __init__(self, post: Post) -> None:
        self.post = post
        self.store = post.tools.store
        self.clerk = Clerk(post.tools.store, post.release_sender(), shipped_rules, SITE, time(8))
        self.tell = partial(telling.ended, campus=CAMPUS)

    async def work(self) -> None:
        """What the clerk does in its rounds, but the digest."""
        await self.clerk.end_holds()
        await self.clerk.send_owed()
        await self.clerk.repeat_releases()
        self.post.clock.forward(seconds=10)  # recipients who end together are one report
        await self.clerk.send_notices()

    def letters(self, address: str = SENDER) -> list[Delivered]:
        return [each for each in self.post.sink.messages if not each.sender and each.recipients[0].address == address]

    def state(self, address: str = OUTSIDE) -> State:
        (copy,) = (each for each in self.every() if each.recipient.address == address)
        return copy.state

    def every(self) -> tuple[HeldCopy, ...]:
        return self.store.held(holds.Filter(states=frozenset(State)))


@asynccontextmanager
async def office(folder: Path, script: Script | None = None) -> AsyncIterator[Office]:
    async with posted(folder) as post:
        post.sink.play(script or {})
        yield Office(post)


def flat(letter: Delivered) -> str:
    message = email.message_from_bytes(letter.raw, policy=email.policy.default)
    assert isinstance(message, email.message.EmailMessage)
    body = message.get_body(("plain",))
    assert body is not None
    return " ".join(body.get_content().split())


def kind(letter: Delivered) -> str:
    return email.message_from_bytes(letter.raw).get_content_type()


def failed(letter: Delivered) -> list[str]:
    """The recipients in the part that programs read."""
    status = email.message_from_bytes(letter.raw).get_payload()[1]
    return [group["Final-Recipient"].removeprefix("rfc822; ") for group in status.get_payload()[1:]]


async def test_the_notice_names_the_store_s_deadline_to_the_minute_and_what_happens_then(tmp_path):
    async with office(tmp_path) as at:
        at.post.clock.forward(seconds=41.5)
        await at.post.send([OUTSIDE], HOLD)
        await at.work()
        (letter,) = at.letters()
        (copy,) = at.every()
        assert copy.deadline is not None
        assert kind(letter) == "multipart/alternative"
        assert f"If nobody decides by {until(copy.deadline)}, it is never sent." in flat(letter)
        assert "Saturday 28 November, 10:01 UTC" in flat(letter)


async def test_a_hold_nobody_decides_about_is_returned_in_time_and_never_sent(tmp_path):
    async with office(tmp_path) as at:
        await at.post.send([OUTSIDE, OTHER], HOLD)
        await at.work()
        at.post.clock.now = START + HOLD_FOR - timedelta(seconds=1)
        await at.clerk.end_holds()
        assert at.state() is State.HELD
        at.post.clock.forward(seconds=1)
        await at.work()
        _, report = at.letters()
        assert kind(report) == "multipart/report"
        assert sorted(failed(report)) == [OUTSIDE, OTHER]
        assert "It was on hold, and nobody decided in time." in flat(report)
        assert email.message_from_bytes(report.raw)["In-Reply-To"] == "<7.1@desk.campus.example>"
        assert (at.state(), at.state(OTHER)) == (State.RETURNED, State.RETURNED)
        assert not at.post.arrived(OUTSIDE)
        for _ in range(3):
            await at.work()
        assert len(at.letters()) == 2


async def test_a_clock_put_forward_ends_nothing_before_the_machine_has_run_as_long(tmp_path):
    async with office(tmp_path) as at:
        await at.post.send([OUTSIDE], HOLD)
        at.clerk.steady = lambda: START + timedelta(hours=1)
        at.post.clock.forward(days=365)
        await at.clerk.end_holds()
        assert at.state() is State.HELD
        at.clerk.steady = lambda: START + HOLD_FOR
        await at.clerk.end_holds()
        assert at.state() is State.RETURNED


async def test_a_hold_that_was_denied_is_reported_once_for_all_its_recipients(tmp_path):
    async with office(tmp_path) as at:
        await at.post.send([OUTSIDE, OTHER], HOLD)
        await at.work()
        outcomes = holds.deny(at.store, at.every()[0].reference, OFFICER, tell=at.tell)
        assert [(outcome.state, outcome.told) for outcome in outcomes] == [(State.DENIED, True)] * 2
        await at.work()
        _, report = at.letters()
        assert sorted(failed(report)) == [OUTSIDE, OTHER]
        assert OFFICER.reason.encode() not in report.raw


async def test_what_was_not_told_before_the_decision_comes_in_one_letter(tmp_path):
    async with office(tmp_path) as at:
        await at.post.send([OUTSIDE], HOLD)
        holds.deny(at.store, at.every()[0].reference, OFFICER, tell=at.tell)
        await at.work()
        (report,) = at.letters()
        assert failed(report) == [OUTSIDE]
        assert "Why: It gives an outside reader details about a person." in flat(report)


@pytest.mark.parametrize("released", [False, True], ids=["owed", "released"])
async def test_a_copy_the_next_hop_refuses_in_the_end_is_reported_with_its_status(tmp_path, released):
    async with office(tmp_path, {"RCPT": NEVER, "RCPT " + SENDER: "250 2.1.5 ok"}) as at:
        at.store.hold(mail(), [(held if released else owed)(OUTSIDE)], None)
        if released:
            reference = mail().envelope.reference
            await holds.release(at.store, at.clerk.sender.deliver, reference, OFFICER, tell=at.tell)
        await at.work()
        (report,) = at.letters()
        assert failed(report) == [OUTSIDE]
        assert b"Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1\r\n" in report.raw
        assert {copy.told for copy in at.every()} == {Told.REPORTED}
        holds.deny(at.store, mail().envelope.reference, OFFICER, tell=at.tell)
        await at.work()
        assert len(at.letters()) == 1


async def test_a_released_hold_is_no_failure(tmp_path):
    async with office(tmp_path) as at:
        await at.post.send([OUTSIDE], HOLD)
        await holds.release(at.store, at.clerk.sender.deliver, at.every()[0].reference, OFFICER, tell=at.tell)
        at.post.clock.forward(days=8)
        await at.work()
        (letter,) = at.letters()
        assert kind(letter) == "multipart/alternative"
        assert "It does not wait any more: somebody has decided." in flat(letter)
        assert len(at.post.arrived(OUTSIDE)) == 1


@pytest.mark.parametrize("state", [State.RELEASING, State.HELD_RETRY])
async def test_what_is_being_released_is_not_returned_meanwhile(tmp_path, state):
    async with office(tmp_path, {"RCPT": "451 4.3.0 not now"}) as at:
        at.store.hold(mail(), [held(OUTSIDE)], None)
        if state is State.RELEASING:
            assert at.store.claim_release(at.every()[0].id, OFFICER, timedelta(days=30))
        else:
            await holds.release(at.store, at.clerk.sender.deliver, mail().envelope.reference, OFFICER)
        at.post.clock.forward(days=8)
        await at.clerk.end_holds()
        assert at.state() is state


async def test_of_what_ended_untold_the_policy_contact_is_told(tmp_path):
    """The sender wants no reports, or may not get any."""
    async with office(tmp_path) as at:
        at.store.hold(mail(), [held(OUTSIDE)], None)
        await at.clerk.send_digest()
        with at.store._engine.begin() as connection:
            connection.exec_driver_sql("UPDATE copy SET record = x'00'")
        at.post.clock.forward(days=8)
        await at.work()
        await at.clerk.send_digest()
        first, second = at.letters(CONTACT)
        reference = mail().envelope.reference
        assert f"{reference}, 10:00 today: on hold for 1 person." in flat(first)
        assert f"{reference}, 10:00 on Saturday 21 November: not sent to 1 person, and no longer on hold." in flat(second)
        assert not at.letters()


async def test_the_eleventh_notice_of_an_hour_becomes_part_of_a_summary(tmp_path, caplog):
    caplog.set_level(logging.INFO)
    """F72: one sender, 40 holds."""
    async with office(tmp_path) as at:
        for number in range(40):
            await at.post.send([OUTSIDE], HOLD, upstream_id=f"4Q{number}")
        for _ in range(5):
            await at.clerk.send_notices()
        assert len(at.letters()) == 10
        at.post.clock.forward(hours=1)
        for _ in range(5):
            await at.clerk.send_notices()
        *singles, last = at.letters()
        assert len(singles) == 10
        assert "Here is one summary in place of 30 notices." in flat(last)
        tried = [record.values for record in caplog.records if record.getMessage() == "notice.tried"]
        assert Counter(each["notice"] for each in tried)["summary"] == 1, "one letter, however many it tells of"
        assert "On hold, not sent: 30" in flat(last)
        assert at.store.counts().notices == {NoticeState.SENT: 40}
        named = {copy.reference for copy in at.every()}
        told = {reference for reference in named for letter in at.letters() if reference in letter.raw.decode()}
        assert told == named


async def test_a_summary_tells_of_reports_too(tmp_path):
    async with office(tmp_path) as at:
        for number in range(12):
            await at.post.send([OUTSIDE], HOLD, upstream_id=f"4Q{number}")
        await at.clerk.send_notices()
        for reference in sorted({copy.reference for copy in at.every()}):
            holds.deny(at.store, reference, OFFICER, tell=at.tell)
        for hours in (0, 1):
            at.post.clock.forward(hours=hours, seconds=10)
            await at.clerk.send_notices()
        summary = next(letter for letter in at.letters() if "one summary" in flat(letter))
        assert "No longer on hold, not sent:" in flat(summary)
        assert not at.store.counts().notices.get(NoticeState.DEAD)


@pytest.mark.parametrize("observe", [False, True], ids=["enforce", "observe"])
@pytest.mark.parametrize(
    ("text", "leaves"),
    [
        ("Subject: a note\r\n\r\nNothing about anybody.\r\n", True),
        ("Subject: a note\r\n\r\nStudent ID 912345678.\r\n", False),
        ("Subject: a note\r\n\r\nCAMPUS-DLP-TEST-NOT-WHOLE\r\n", True),
        ("Subject: grades\r\n\r\nStudent ID 912345678.\r\n", False),
        ("Subject: x\r\n\r\n" + "".join(f"Student ID 91234567{n}\r\n" for n in range(5)), False),
    ],
)
def test_only_what_the_filter_would_deliver_leaves(text, leaves, observe):
    rules = shipped_rules(observe=observe)
    assert may_leave(text.encode(), SENDER, rules, datetime.now(UTC)) is leaves


async def test_what_the_sender_wrote_around_the_message_does_not_stop_the_words(tmp_path):
    """An envelope id that is somebody's number: the report leaves without the part for programs."""
    async with office(tmp_path) as at:
        envelope = replace(mail().envelope, parameters=("ENVID=student+20id+20912345678",))
        at.store.hold(replace(mail(), envelope=envelope), [held(OUTSIDE)], None)
        holds.deny(at.store, mail().envelope.reference, OFFICER, tell=at.tell)
        await at.work()
        (letter,) = at.letters()
        assert kind(letter) == "multipart/alternative"
        assert b"912345678" not in letter.raw
        assert "the decision was not to send it" in flat(letter)


async def test_an_autoresponder_that_answers_a_notice_gets_no_answer(tmp_path):
    """R14: the notice fed back in, and what a program answers to it, end."""
    async with office(tmp_path) as at:
        await at.post.send([OUTSIDE], HOLD)
        await at.work()
        (letter,) = at.letters()
        again = letter.raw
        reply = b"From: away@campus.example\r\nAuto-Submitted: auto-replied\r\nSubject: away\r\n\r\nStudent ID 912345678\r\n"
        for number in range(5):
            await at.post.send([OUTSIDE], again, upstream_id=f"4L{number}", sender="")
            await at.post.send([OUTSIDE], again, upstream_id=f"4M{number}")  # a rule of the mailbox sends it on
            await at.post.send([SITE.sender, OUTSIDE], reply, upstream_id=f"4R{number}")
            await at.post.send([SITE.sender, OUTSIDE], reply, upstream_id=f"4S{number}", sender="")
            await at.work()
        assert len(at.letters()) == 1
        assert not at.letters("away@campus.example")


async def test_no_report_answers_a_report(tmp_path):
    async with office(tmp_path) as at:
        await at.post.send([OUTSIDE], HOLD)
        holds.deny(at.store, at.every()[0].reference, OFFICER, tell=at.tell)
        await at.work()
        (report,) = at.letters()
        at.store.hold(mail("4Back"), [owed(SENDER, content=report.raw)], None)
        at.post.sink.play({"RCPT": NEVER})
        await at.work()
        at.post.sink.play({})
        await at.work()
        assert len(at.letters()) == 1
        assert at.store.claim_due(Purpose.OWED) == ()


async def test_a_notice_keeps_its_message_id_from_try_to_try(tmp_path):
    async with office(tmp_path) as at:
        await at.post.send([OUTSIDE], HOLD)
        at.post.sink.play({"RCPT": "451 4.3.0 not now"})
        await at.clerk.send_notices()
        drafts = []
        for minutes in (1, 5):
            at.post.clock.forward(minutes=minutes)
            (due,) = at.store.claim_notices(1)
            readable = await at.clerk._readable(due)
            drafts.append(at.clerk._draft(due, [told for _, told in readable]))
            at.store.notice_failed(due, at.post.clock.now)
        ids = {email.message_from_bytes(draft)["Message-ID"] for draft in drafts}
        assert len(ids) == 1


async def test_letters_go_out_with_the_null_return_path_to_the_sender_alone(tmp_path):
    async with office(tmp_path) as at:
        await at.post.send([OUTSIDE], HOLD)
        holds.deny(at.store, at.every()[0].reference, OFFICER, tell=at.tell)
        await at.work()
        (letter,) = at.letters()
        assert (letter.sender, letter.recipients) == ("", (Recipient(SENDER),))
        assert f"Reporting-MTA: dns; {HOSTNAME}".encode() in letter.raw
        assert b"912345678" not in letter.raw
        assert b"a plan" not in letter.raw
