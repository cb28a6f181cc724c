"""Messages an MTA asks about: which it goes on with and in which form, which are ours then, and whom it named."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from dlp import holds
from dlp.admission import Admission, Room
from dlp.config import load
from dlp.errors import Unavailable
from dlp.fronts import milter_options
from dlp.limits import Limits
from dlp.milters import judge_with
from dlp.receive.data import Budget
from dlp.sender import SenderIdentity
from dlp.store.records import Filter
from dlp.store.states import DisclosureState, State
from dlp.transaction import ALL_HOPS, Patience
from dlp.values import Client, Recipient, Reply
from milter.message import Message
from milter.session import Accepted, Discarded
from tests.promises import RAW
from tests.test_disclosing import Books
from tests.test_settlement import FATES
from tests.upstream import SENDER, Post, below, posted, shipped_rules

INSIDE, OUTSIDE, OTHER = "t.ames@campus.example", "p.lane@freemail.example", "q.west@freemail.example"
HEAD = b"From: ann@campus.example\r\nMessage-ID: <1@campus.example>\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\n"
PLAIN = HEAD + b"Subject: lunch\r\n\r\nShall we?\r\n"
ONE_ID = HEAD + b"Subject: question\r\n\r\nPlease look at student ID 912345678.\r\n"
TELLING = HEAD + b"Subject: Financial hold and grades\r\n\r\nstudent ID 912345678 cannot register.\r\n"
CLIENT = Client("192.0.2.7", "2525", "desk.campus.example", "desk", "ESMTP", "REMOTE")


def asked(raw: bytes, *recipients: str, sender: str = SENDER, macros=(("i", "4XyZ"),), client: Client = CLIENT) -> Message:
    named = tuple(Recipient(each) for each in recipients)
    echoes = tuple(b"<%s>" % each.encode() for each in recipients)
    return Message(client, dict(macros), sender, (), named, echoes, raw, raw)


async def judged(post: Post, *told, **more):
    try:
        return await judge_with(post.tools)(asked(*told, **more))
    finally:
        await asyncio.gather(*post.tools.tasks)


def copies(post: Post, *states: State):
    return sorted(copy.recipient.address for copy in post.tools.store.held(Filter(states=frozenset(states))))


async def test_what_all_may_have_is_the_mtas_as_it_is_and_writes_nothing(tmp_path):
    async with posted(tmp_path) as post:
        assert await judged(post, PLAIN, INSIDE, OUTSIDE) == Accepted(PLAIN)
        assert not post.tools.store.counts().copies
        assert not post.tools.store.counts().notices
        assert not post.sink.messages


async def test_a_telling_subject_is_edited_for_all(tmp_path):
    async with posted(tmp_path) as post:
        outcome = await judged(post, TELLING, INSIDE)
        assert b"Financial hold" not in outcome.content
        assert bytes(outcome.content).endswith(TELLING.partition(b"\r\n\r\n")[2])
        assert not post.tools.store.counts().copies
        (due,) = post.tools.store.claim_notices()
        assert due.addressee == SENDER


async def test_what_nobody_may_have_is_held_and_discarded(tmp_path):
    async with posted(tmp_path) as post:
        assert await judged(post, ONE_ID, OUTSIDE, OTHER) == Discarded()
        assert copies(post, State.HELD) == [OUTSIDE, OTHER]
        (first, _) = post.tools.store.held()
        assert post.tools.store.content(first) == ONE_ID
        assert first.upstream_id == "4XyZ"
        assert [due.addressee for due in post.tools.store.claim_notices()] == [SENDER]
        assert not post.sink.messages


@pytest.mark.parametrize(("raw", "shown"), [(ONE_ID, b"question"), (TELLING, b"")], ids=["pass and hold", "rewrite and hold"])
async def test_what_some_may_have_is_ours_and_owed_to_them(tmp_path, raw, shown):
    """The MTA forgets all of it, so no copy depends on whether it drops a recipient when told to."""
    async with posted(tmp_path) as post:
        assert await judged(post, raw, INSIDE, OUTSIDE) == Discarded()
        assert copies(post, State.HELD) == [OUTSIDE]
        assert copies(post, State.OWED) == [INSIDE]
        assert not post.sink.messages
        await holds.due_owed(post.tools.store, post.release_sender().deliver, None)
        (arrived,) = post.arrived(INSIDE)
        assert shown in arrived
        assert b"Financial hold" not in arrived
        assert arrived.endswith(raw.partition(b"\r\n\r\n")[2])
        assert not post.arrived(OUTSIDE)


async def test_asked_again_under_the_same_id_a_settled_message_is_no_second_one(tmp_path):
    async with posted(tmp_path) as post:
        for _ in range(2):
            assert await judged(post, ONE_ID, INSIDE, OUTSIDE) == Discarded()
        assert copies(post, State.HELD) == [OUTSIDE]
        assert copies(post, State.OWED) == [INSIDE]
        assert len(post.tools.store.claim_notices()) == 1


@pytest.mark.parametrize(
    ("recipients", "times"), [((INSIDE, OUTSIDE), 1), ((OUTSIDE, INSIDE), 1), ((OUTSIDE,), 2)], ids=["same", "turned", "others"]
)
async def test_a_further_try_has_another_queue_id_and_is_no_second_message(tmp_path, recipients, times):
    """The MTA was never told of the first: its client sends again, to the same recipients, and the MTA gives it another id."""
    async with posted(tmp_path) as post:
        assert await judged(post, ONE_ID, INSIDE, OUTSIDE, macros=[("i", "4Xfirst")]) == Discarded()
        assert await judged(post, b"Received: again\r\n" + ONE_ID, *recipients, macros=[("i", "4Xnext")]) == Discarded()
        assert copies(post, State.HELD) == [OUTSIDE] * times
        assert copies(post, State.OWED) == [INSIDE]
        assert len(post.tools.store.claim_notices()) == times


OTHERWISE = {
    "another-date": (ONE_ID.replace(b"10:00:00", b"10:00:01"), SENDER),
    "another-message-id": (ONE_ID.replace(b"<1@", b"<2@"), SENDER),
    "another-text": (ONE_ID + b"PS\r\n", SENDER),
    "another-sender": (ONE_ID, "b.okafor@campus.example"),
    "no-message-id": (ONE_ID.replace(b"Message-ID: <1@campus.example>\r\n", b""), SENDER),
    "no-date": (ONE_ID.replace(b"Date: Sat, 21 Nov 2026 10:00:00 +0000\r\n", b""), SENDER),
}


@pytest.mark.parametrize("how", OTHERWISE)
async def test_what_differs_is_another_message(tmp_path, how):
    raw, sender = OTHERWISE[how]
    async with posted(tmp_path) as post:
        first = ONE_ID if raw.count(b": ") == ONE_ID.count(b": ") else raw  # one that has no name of its own is never the same
        assert await judged(post, first, OUTSIDE, macros=[("i", "4Xfirst")]) == Discarded()
        assert await judged(post, raw, OUTSIDE, sender=sender, macros=[("i", "4Xnext")]) == Discarded()
        assert copies(post, State.HELD) == [OUTSIDE, OUTSIDE]


async def test_a_recipient_the_first_try_did_not_have_is_owed_beside_what_was_held(tmp_path):
    async with posted(tmp_path) as post:
        raw = ONE_ID.replace(b"Message-ID: <1@campus.example>\r\n", b"")  # else it is known by its recipients
        assert await judged(post, raw, OUTSIDE) == Discarded()
        assert await judged(post, raw, OUTSIDE, INSIDE) == Discarded()
        assert (copies(post, State.HELD), copies(post, State.OWED)) == ([OUTSIDE], [INSIDE])


@pytest.mark.parametrize(
    ("recipients", "fault"),
    [((OUTSIDE,), "hold"), ((OUTSIDE, INSIDE), "hold"), ((INSIDE,), "settled"), ((OUTSIDE,), "settled")],
)
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_store_that_fails_means_try_again(tmp_path, recipients, fault, when):
    async with posted(tmp_path, faults={fault: when}) as post:
        outcome = await judged(post, ONE_ID, *recipients)
        assert (outcome.code, outcome.enhanced) == (451, "4.3.0")
        assert isinstance(await judged(post, ONE_ID, *recipients), Discarded if OUTSIDE in recipients else Accepted)
        assert copies(post, State.HELD) == [each for each in recipients if each == OUTSIDE]


async def test_without_room_nothing_is_taken(tmp_path):
    async with posted(tmp_path) as post:
        object.__setattr__(post.tools, "admission", Admission(Room(tmp_path, 1 << 60)))
        outcome = await judged(post, PLAIN, INSIDE)
        assert (outcome.code, outcome.enhanced) == (452, "4.3.1")


@pytest.mark.parametrize("raw", [PLAIN, ONE_ID], ids=["pass", "hold"])
async def test_when_the_mta_is_about_to_give_up_nothing_passes_and_nothing_is_kept(tmp_path, raw):
    """reliability.md f.4: past the last moment for an answer it is "try again"."""
    async with posted(tmp_path) as post:
        object.__setattr__(post.tools, "patience", Patience(600, 100, milter=0))
        assert (await judged(post, raw, OUTSIDE)).code == 451
        assert not post.tools.store.counts().copies


def test_the_server_gives_up_before_the_mta_does_and_after_the_last_try_at_the_commit():
    """An MTA that hears of progress would not."""
    options = milter_options(load(None, ("milter.timeout=200",)), Budget(1))
    assert options.patience == 190
    assert Patience(600, 100, milter=200).shares(0, "milter")[2] == 180


class Breaking:
    limits = Limits()

    async def read(self, _raw, _head, *, until):
        raise Unavailable("scan")


async def test_what_cannot_be_judged_three_times_is_held_for_everybody(tmp_path):
    async with posted(tmp_path) as post:
        object.__setattr__(post.tools, "lanes", Breaking())
        outcomes = [await judged(post, PLAIN, INSIDE, OUTSIDE, macros={"i": f"id{n}"}.items()) for n in range(3)]
        assert [outcome.code for outcome in outcomes[:2]] == [451, 451]
        assert outcomes[2] == Discarded()
        assert copies(post, State.HELD) == [OUTSIDE, INSIDE]


async def test_a_loop_ends(tmp_path):
    field = b"Received: from a.example by mx.other.example with ESMTP; Sat, 21 Nov 2026 10:00:00 +0000\r\n"
    async with posted(tmp_path) as post:
        outcome = await judged(post, field * (ALL_HOPS + 1) + PLAIN, INSIDE)
        assert isinstance(outcome, Reply)
        assert outcome.enhanced == "5.4.6"


async def test_in_observe_mode_all_is_the_mtas(tmp_path):
    async with posted(tmp_path, rules=lambda: shipped_rules(observe=True)) as post:
        assert await judged(post, ONE_ID, OUTSIDE) == Accepted(ONE_ID)
        assert not post.tools.store.counts().copies


async def over_lmtp(folder: Path, fate: str, raw: bytes) -> tuple[dict[str, list[bytes]], list[str]]:
    """What each recipient gets of a message that comes over LMTP, and for whom it is held."""
    async with posted(folder, lmtp=True) as post:
        await post.send(FATES[fate], raw)
        return {address: [*map(below, post.arrived(address))] for address in FATES[fate]}, copies(post, State.HELD)


@pytest.mark.usefixtures("by_local_part")
@pytest.mark.parametrize("fate", FATES)
async def test_each_recipient_gets_what_lmtp_gives_it(tmp_path, fate):
    wanted, held = await over_lmtp(tmp_path / "lmtp", fate, RAW)
    async with posted(tmp_path / "milter") as post:
        outcome = await judged(post, RAW, *FATES[fate])
        await holds.due_owed(post.tools.store, post.release_sender().deliver, None)
        goes_on = [bytes(outcome.content)] if isinstance(outcome, Accepted) else []
        assert {address: [*map(below, post.arrived(address)), *goes_on] for address in FATES[fate]} == wanted
        assert copies(post, State.HELD) == held


FORGED = b"Received: from x (x [192.0.2.7]) (Authenticated sender: victim@campus.example)\r\n\tby mx.campus.example\r\n"
STRANGE = replace(CLIENT, address="203.0.113.5")


@pytest.mark.parametrize(
    ("login", "client", "addressees"),
    [
        ("ann", STRANGE, ["ann@campus.example"]),
        ("b.okafor@campus.example", STRANGE, ["b.okafor@campus.example"]),
        ("", CLIENT, [SENDER]),
        ("", STRANGE, []),
        ("two words", STRANGE, []),
        ("", Client(source="LOCAL"), [SENDER]),
    ],
)
async def test_whom_a_notice_reaches(tmp_path, login, client, addressees):
    """By the login the MTA named, or a client of ours; never by a field the client has written."""
    async with posted(tmp_path) as post:
        identity = replace(post.tools.identity, how=SenderIdentity.RECEIVED)
        object.__setattr__(post.tools, "identity", identity)
        macros = {"i": "4XyZ", "{auth_authen}": login}.items()
        assert await judged(post, FORGED + ONE_ID, OUTSIDE, macros=macros, client=client) == Discarded()
        assert [due.addressee for due in post.tools.store.claim_notices()] == addressees


@pytest.mark.usefixtures("by_local_part")
@pytest.mark.parametrize(("fate", "at_once"), [("pass", DisclosureState.SENT), ("split", DisclosureState.OWED)])
async def test_what_goes_out_on_a_consent_is_in_the_ledger_before_the_mta_goes_on(tmp_path, monkeypatch, fate, at_once):
    async with posted(tmp_path) as post:
        books = Books(post, FATES[fate], monkeypatch)
        await judged(post, RAW, *FATES[fate])
        assert set(books.outcomes().values()) == {at_once}
        await holds.due_owed(post.tools.store, post.release_sender().deliver, None)
        assert set(books.outcomes().values()) == {DisclosureState.SENT}


async def test_the_log_tells_of_it_as_of_any_other(tmp_path, caplog):
    caplog.set_level("INFO")
    async with posted(tmp_path) as post:
        await judged(post, PLAIN, INSIDE)
    (told,) = (record.values for record in caplog.records if record.getMessage() == "message.judged")
    assert (told["front"], told["result"], told["forwarded"], told["queue_id"]) == ("milter", "accepted", 1, "4XyZ")
