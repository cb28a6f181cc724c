"""Once a week a department's steward is told how its mail fared; sealed cases and other departments are not in it."""

from __future__ import annotations

import email
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date

import pytest

from dlp.campus.directory import Stamp
from dlp.campus.records import Approval, Department, Staff, Student
from dlp.stewards import Stewards
from tests.campus.people import people
from tests.store.samples import OFFICER, StandingClock, mail
from tests.test_clerk import NEVER, NO, SITE, Office, office
from tests.test_knowing import FIRM, GRADE, HANA
from tests.upstream import SENDER, shipped_rules

STEWARD = "physics-office@campus.example"
CAMPUS = people(
    Student(HANA, "Hana", "Kim", email="h.kim@campus.example"),
    Staff(SENDER, department="Physics"),
    Department("Physics", steward=STEWARD),
    Department("History"),
    stamp=Stamp("now", StandingClock()(), files=frozenset({"students", "staff"})),
)


@asynccontextmanager
async def desk(folder, script=None) -> AsyncIterator[Office]:
    """A filter that knows its people, with a clerk who tells stewards."""
    async with office(folder, script) as at:
        object.__setattr__(at.post.tools, "directory", lambda: CAMPUS)
        at.clerk.stewards = Stewards(at.store, at.clerk.sender.deliver, shipped_rules, SITE, lambda: CAMPUS, bytes)
        yield at


def told(at: Office) -> list[str]:
    letters = [each for each in at.post.sink.messages if [to.address for to in each.recipients] == [STEWARD]]
    return [email.message_from_bytes(each.raw).get_payload(0).get_payload(decode=True).decode() for each in letters]


async def test_what_was_held_in_a_week_is_told_once_on_monday(tmp_path):
    async with desk(tmp_path) as at:
        assert await at.post.send([FIRM], GRADE) == {FIRM: 250}
        assert await at.post.send([FIRM], GRADE) == {FIRM: 250}  # the client's second try
        await at.clerk.tell_stewards()
        assert told(at) == []  # the week is not over
        at.post.clock.forward(days=1, hours=21)  # Monday, too early
        await at.clerk.tell_stewards()
        assert told(at) == []
        at.post.clock.forward(hours=2)
        for _ in range(3):
            await at.clerk.tell_stewards()
        (text,) = told(at)
        assert "1 message from people of your department" in " ".join(text.split())
        assert at.store.held()[0].reference in text
        assert not [word for word in (HANA, "Hana", FIRM, SENDER, "Thursday") if word in text]
        at.post.clock.forward(days=7)
        await at.clerk.tell_stewards()
        assert len(told(at)) == 1  # nothing new


async def test_a_sealed_case_leaves_no_trace(tmp_path):
    async with desk(tmp_path) as at:
        order = Approval("A1", "registrar@campus.example", date(2026, 1, 1), recipient="@agency.example", student_id=HANA)
        at.store.add_approval(replace(order, sealed=True), OFFICER)
        await at.post.send([FIRM], GRADE)
        assert len(at.store.held()) == 1
        at.post.clock.forward(days=3)
        assert at.store.incidents(at.post.clock()) == ()


async def test_of_what_passes_and_of_a_sender_nobody_vouches_for_nothing_is_noted(tmp_path):
    async with desk(tmp_path) as at:
        await at.post.send(["h.kim@campus.example"], GRADE)
        await at.post.send([FIRM], GRADE, sender="nobody@campus.example", upstream_id="4Bbb")
        at.post.clock.forward(days=3)
        assert at.store.incidents(at.post.clock()) == ()


@pytest.mark.parametrize(("answer", "again"), [(NO, 1), (NEVER, 0)], ids=["not-now", "never"])
async def test_a_letter_that_was_not_taken_is_tried_again_later(tmp_path, answer, again):
    async with desk(tmp_path) as at:
        await at.post.send([FIRM], GRADE)
        at.post.sink.play({f"RCPT {STEWARD}": answer})
        at.post.clock.forward(days=3)
        for _ in range(3):
            await at.clerk.tell_stewards()
        assert sum(STEWARD in line for line in at.post.sink.commands) == 1
        at.post.sink.play({})
        at.post.clock.forward(minutes=11)
        await at.clerk.tell_stewards()
        assert len(told(at)) == again


async def test_a_department_without_a_steward_is_told_nothing_and_keeps_no_other_waiting(tmp_path):
    async with desk(tmp_path) as at:
        at.store.add_incident(mail("history"), "History", {"hold": {"FAQ:need-to-know"}})
        at.store.add_incident(mail("gone"), "Alchemy", {"hold": {"FAQ:need-to-know"}})
        await at.post.send([FIRM], GRADE)
        at.post.clock.forward(days=3)
        await at.clerk.tell_stewards()
        assert len(told(at)) == 1
        assert len(at.store.incidents(at.post.clock())) == 2
