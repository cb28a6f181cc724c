"""A real transaction that knows who is who: what a reader may learn goes, and the ledger says on what basis."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from dlp import holds
from dlp.campus.directory import Stamp
from dlp.campus.records import Assignment, Consent, Enrolment, Staff, Student
from dlp.store.states import DisclosureState
from tests.campus.people import people
from tests.store.samples import OFFICER, StandingClock
from tests.upstream import Post, posted

HANA, STUDENT = "912345678", "h.kim@campus.example"
TEACHER, COLLEAGUE, FIRM = "k.brandt@campus.example", "m.osei@campus.example", "hr@acme.example"
CLOCK = StandingClock()
CAMPUS = people(
    Student(HANA, "Hana", "Kim", email=STUDENT),
    Staff("ann@campus.example", purview=frozenset({"academic"})),
    Staff(TEACHER),
    Staff(COLLEAGUE, purview=frozenset({"housing"})),
    Assignment("8.01", TEACHER, "instructor"),
    Enrolment("8.01", HANA),
    stamp=Stamp("now", CLOCK(), files=frozenset({"students", "staff", "assignments", "enrolments"})),
)
GRADE = (
    b"From: ann@campus.example\r\nMessage-ID: <1@campus.example>\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\n"
    b"Subject: Thursday\r\n\r\n"
    b"Student ID 912345678 got a grade of B+ on the second problem set.\r\n"
)


def ledger(post: Post) -> list[tuple[str, str, frozenset[str], DisclosureState]]:
    entries = post.tools.store.disclosed(HANA, OFFICER)
    return [(each.recipient, each.basis, frozenset(each.kinds), each.outcome) for each in entries]


def held(post: Post) -> list[str]:
    return sorted(copy.recipient.address for copy in post.tools.store.held())


def knowing(post: Post) -> None:
    object.__setattr__(post.tools, "directory", lambda: CAMPUS)


@pytest.mark.parametrize("lmtp", [False, True], ids=["smtp", "lmtp"])
async def test_each_reader_gets_what_that_reader_may_know_and_the_ledger_says_why(tmp_path, lmtp):
    async with posted(tmp_path, lmtp=lmtp) as post:
        knowing(post)
        assert set((await post.send([TEACHER, STUDENT, COLLEAGUE, FIRM], GRADE)).values()) == {250}
        assert held(post) == [FIRM, COLLEAGUE]
        assert [len(post.arrived(address)) for address in (TEACHER, STUDENT, COLLEAGUE, FIRM)] == [1, 1, 0, 0]
        told = {(recipient, basis) for recipient, basis, _, _ in ledger(post)}
        assert told == {(TEACHER, "need-to-know"), (STUDENT, "own-record")}
        assert {outcome for *_, outcome in ledger(post)} == {DisclosureState.SENT}


async def test_a_consent_with_one_use_lets_one_message_go(tmp_path):
    async with posted(tmp_path) as post:
        knowing(post)
        kinds, parts = frozenset({"grades", "id"}), {"strength": "written", "purpose": "employment"}
        given = Consent("C1", HANA, kinds, FIRM, date(2026, 1, 1), uses=1, mail_risk=True, **parts)
        post.tools.store.add_consent(given, OFFICER)
        assert await post.send([FIRM], GRADE, upstream_id="4Aaa") == {FIRM: 250}
        assert await post.send([FIRM], GRADE, upstream_id="4Aaa") == {FIRM: 250}  # a retry is the same use
        assert await post.send([FIRM], GRADE.replace(b"<1@", b"<2@"), upstream_id="4Bbb") == {FIRM: 250}
        assert len(post.arrived(FIRM)) == 2
        assert held(post) == [FIRM]
        assert [(basis, kinds) for _, basis, kinds, _ in ledger(post)] == [("consent", {"grades", "id"})]


async def test_what_is_released_is_in_the_ledger_then(tmp_path):
    async with posted(tmp_path) as post:
        knowing(post)
        await post.send([FIRM], GRADE)
        assert ledger(post) == []
        (copy,) = post.tools.store.held()
        await holds.release(post.tools.store, post.release_sender().deliver, copy.reference, OFFICER)
        assert [(recipient, basis) for recipient, basis, _, _ in ledger(post)] == [(FIRM, "release")]


async def test_mail_about_nobody_and_directory_information_write_nothing(tmp_path):
    async with posted(tmp_path) as post:
        knowing(post)
        for text in (b"The lecture moves to room 5.\r\n", b"Hana Kim will come to the lecture.\r\n"):
            assert await post.send([TEACHER], GRADE.partition(b"Student ID")[0] + text) == {TEACHER: 250}
        assert ledger(post) == []


async def test_mail_held_for_naming_somebody_is_found_by_that_person_and_by_no_other(tmp_path):
    """The directory information of whom nothing may be told: it is in no ledger, and yet the reason of the hold."""
    withheld = "912345679"
    async with posted(tmp_path) as post:
        student = Student(withheld, "Maya", "Ortiz", email="m.ortiz@campus.example", suppress=frozenset({"all"}))
        known = people(*CAMPUS.rows, student, stamp=CAMPUS.stamp)
        object.__setattr__(post.tools, "directory", lambda: known)
        text = b"Hana Kim will come to the lecture.\r\n\r\nMaya Ortiz will come to the dinner.\r\n"
        assert await post.send([FIRM], GRADE.partition(b"Student ID")[0] + text) == {FIRM: 250}
        (copy,) = holds.list_held(post.tools.store, about=withheld)
        assert (copy.recipient.address, copy.disclosures) == (FIRM, ())
        assert holds.list_held(post.tools.store, about=HANA) == ()


async def test_an_old_directory_holds_where_nothing_is_recorded(tmp_path):
    async with posted(tmp_path) as post:
        knowing(post)
        plain = "t.ames@campus.example"
        aged = people(*CAMPUS.rows, Staff(plain), stamp=Stamp("old", CLOCK() - timedelta(days=30)))
        object.__setattr__(post.tools, "directory", lambda: aged)
        await post.send([plain], GRADE)
        assert held(post) == [plain]


BALANCE = (
    b"From: ann@campus.example\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\nSubject: Your account\r\n\r\n"
    b"Dear %s,\r\n\r\nthere is a past-due balance of $%d on your account.\r\n"
)
BEN = "b.okoro@campus.example"
CLASS = people(*CAMPUS.rows, Student("912345679", "Ben", "Okoro", email=BEN), stamp=CAMPUS.stamp)


async def test_a_merge_that_slipped_is_stopped_and_one_that_was_put_right_goes(tmp_path):
    async with posted(tmp_path) as post:
        object.__setattr__(post.tools, "directory", lambda: CLASS)

        async def sends(name: bytes, to: str) -> bool:
            sent = len(post.arrived(to))
            assert await post.send([to], BALANCE % (name, len(post.tools.store.held())), upstream_id="") == {to: 250}
            return len(post.arrived(to)) > sent

        assert await sends(b"Hana", STUDENT)
        assert await sends(b"Kevin", BEN)  # nobody can tell whom it names
        assert not any([await sends(b"Hana", BEN) for _ in range(3)])
        assert not await sends(b"Kevin", BEN)
        assert not await sends(b"Hana", STUDENT)  # a first name that fits may be chance
        assert await sends(b"Hana", STUDENT)
        assert await sends(b"Kevin", BEN)


async def test_a_try_that_settled_nothing_does_not_count(tmp_path):
    async with posted(tmp_path, faults={"hold": "before"}) as post:
        object.__setattr__(post.tools, "directory", lambda: CLASS)
        letter = BALANCE % (b"Hana", 1)
        assert await post.send([BEN], letter, upstream_id="4Aaa") == {BEN: 451}
        assert await post.send([BEN], letter, upstream_id="4Aaa") == {BEN: 250}
        assert await post.send([BEN], letter, upstream_id="4Aaa") == {BEN: 250}  # held already
        (fingerprint,) = {row.fingerprint for row in astray_rows(post)}
        assert [row.score for row in astray_rows(post)] == [1]
        assert not {b"Hana", b"balance"} & set(fingerprint.encode().split())


async def test_a_merge_that_goes_right_writes_no_count(tmp_path):
    async with posted(tmp_path) as post:
        object.__setattr__(post.tools, "directory", lambda: CLASS)
        for name, to in ((b"Hana", STUDENT), (b"Ben", BEN)) * 3:
            assert await post.send([to], BALANCE % (name, 1), upstream_id="") == {to: 250}
        assert held(post) == astray_rows(post) == []


def astray_rows(post: Post) -> list[Any]:
    with post.tools.store._engine.connect() as connection:
        return list(connection.exec_driver_sql("SELECT fingerprint, score FROM astray"))
