"""Release and denial: the state follows the hop's answer, and every copy is sent once."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dlp import holds
from dlp.errors import Refused, Unavailable
from dlp.holds import Letter
from dlp.store import Store
from dlp.store.records import Bundle, HeldCopy, Notice
from dlp.store.states import NoticeState, State, Told
from dlp.store.store import LEASE
from dlp.telling import Ending
from dlp.values import Recipient, Release, Reply
from tests.store.samples import BODY, OFFICER, START, StandingClock, held, mail, new_copy, new_store, owed
from tests.upstream import FaultyStore

BOB, EVE = "bob@outside.example", "eve@outside.example"
REF = mail().envelope.reference
OK, LATER, NEVER = Reply(250, "2.0.0", "taken"), Reply(451, "4.3.0", "later"), Reply(550, "5.1.1", "no")


@dataclass
class Hop:
    """A release hop that answers as told; None = no answer."""

    answer: Reply | None = OK
    sent: list[Letter] = field(default_factory=list)

    async def __call__(self, letter: Letter) -> Reply:
        self.sent.append(letter)
        await asyncio.sleep(0)
        if self.answer is None:
            raise Unavailable("next_hop")
        return self.answer


def loud(copy: HeldCopy, content: bytes | None, ending: Ending) -> Notice:
    """Tells the sender of a refusal."""
    assert ending.state == "refused"
    assert content == BODY
    return Notice("ann@campus.example", "facts", copy.updated)


quiet = holds.nobody


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def store(tmp_path: Path, clock: StandingClock) -> Iterator[Store]:
    store = new_store(tmp_path / "var", clock)
    yield store
    store.close()


def _state(store: Store, address: str = BOB) -> State:
    (copy,) = holds.show(store, REF, address)
    return copy.state


async def test_exactly_the_stored_bytes_go_to_exactly_the_one_recipient(store: Store) -> None:
    body = os.urandom(3_000_000)
    store.hold(mail(), [held(BOB, EVE, content=body)])
    hop = Hop()
    (outcome,) = await holds.release(store, hop, REF.lower().replace("-", ""), OFFICER, "BOB@outside.example")
    assert (outcome.state, outcome.done, outcome.why) == (State.RELEASED, True, "250")
    parameters = ("NOTIFY=FAILURE", "ORCPT=rfc822;" + BOB)
    assert hop.sent == [Letter(REF, "ann@campus.example", ("BODY=8BITMIME", "RET=HDRS"), Recipient(BOB, parameters), body)]
    assert (_state(store, BOB), _state(store, EVE)) == (State.RELEASED, State.HELD)


async def test_without_a_recipient_all_copies_go_one_by_one(store: Store) -> None:
    store.hold(mail(), [held(BOB, EVE)])
    hop = Hop()
    await holds.release(store, hop, REF, OFFICER)
    assert sorted(letter.recipient.address for letter in hop.sent) == [BOB, EVE]


@pytest.mark.parametrize(
    ("answer", "state", "why"),
    [
        (OK, State.RELEASED, "250"),
        (Reply(252, "", ""), State.RELEASED, "252"),
        (LATER, State.HELD_RETRY, "451"),
        (Reply(354, "", ""), State.HELD_RETRY, "354"),
        (None, State.HELD_RETRY, "no-answer"),
        (NEVER, State.RELEASE_FAILED, "550"),
    ],
    ids=["250", "252", "451", "354 to a dot", "no answer", "550"],
)
async def test_the_state_follows_the_answer(store: Store, answer: Reply | None, state: State, why: str) -> None:
    store.hold(mail(), [held(BOB)])
    (outcome,) = await holds.release(store, Hop(answer), REF, OFFICER)
    assert (outcome.state, outcome.done, outcome.why) == (state, True, why)
    assert _state(store) is state


@pytest.mark.parametrize(
    ("answer", "state"), [(OK, State.SENT), (LATER, State.OWED), (None, State.OWED), (NEVER, State.REFUSED)]
)
async def test_an_owed_copy_s_state_follows_the_answer(store: Store, answer: Reply | None, state: State) -> None:
    store.hold(mail(), [owed(BOB)])
    (outcome,) = await holds.due_owed(store, Hop(answer), quiet)
    assert outcome.state is _state(store) is state


@pytest.mark.parametrize(("tell", "told", "digested"), [(loud, Told.REPORTED, []), (quiet, Told.DIGEST, [BOB])])
async def test_of_a_refused_copy_the_sender_or_the_digest_tells(
    store: Store, tell: holds.Tell, told: Told, digested: list[str]
) -> None:
    store.hold(mail(), [owed(BOB)])
    await holds.due_owed(store, Hop(NEVER), tell)
    (copy,) = holds.list_held(store)
    assert (copy.recipient.address, copy.state, copy.told) == (BOB, State.REFUSED, told)
    assert [each.recipient.address for each in store.undigested()] == digested
    assert store.counts().notices == ({NoticeState.WAITING: 1} if tell is loud else {})


async def test_a_release_that_is_refused_for_good_is_told_at_once_and_only_once(store: Store) -> None:
    """An officer may still release it (decision 14)."""
    store.hold(mail(), [held(BOB)])
    for answer, state in ((NEVER, State.RELEASE_FAILED), (NEVER, State.RELEASE_FAILED), (OK, State.RELEASED)):
        (outcome,) = await holds.release(store, Hop(answer), REF, OFFICER, tell=loud)
        assert outcome.state is state
        assert store.counts().notices == {NoticeState.WAITING: 1}


@pytest.mark.parametrize("answer", [OK, LATER, None], ids=["taken", "later", "no answer"])
async def test_of_a_copy_that_is_not_refused_nobody_is_told(store: Store, answer: Reply | None) -> None:
    store.hold(mail(), [owed(BOB)])
    await holds.due_owed(store, Hop(answer), loud)
    assert (store.counts().notices, store.undigested(), holds.list_held(store)) == ({}, (), ())


async def test_a_refused_copy_that_is_damaged_goes_to_the_digest(store: Store) -> None:
    """Its header cannot be read, so nobody knows whether the sender is a person."""
    store.hold(mail(), [owed(BOB)])
    with store._engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM content_chunk")
    (outcome,) = await holds.due_owed(store, Hop(), loud)
    assert (outcome.state, outcome.why) == (State.REFUSED, "damaged")
    assert (store.counts().undigested, store.counts().notices) == (1, {})


async def test_a_refused_copy_can_be_released_again(store: Store, clock: StandingClock) -> None:
    store.hold(mail(), [owed(BOB)])
    hop = Hop(NEVER)
    await holds.due_owed(store, hop, quiet)
    hop.answer = LATER
    (outcome,) = await holds.release(store, hop, REF, OFFICER)
    assert (outcome.state, outcome.done) == (State.HELD_RETRY, True)
    clock.forward(minutes=1)
    hop.answer = OK
    assert await holds.due_owed(store, hop, quiet) == ()
    (outcome,) = await holds.due_releases(store, hop)
    assert outcome.state is _state(store) is State.RELEASED
    assert [letter.content for letter in hop.sent] == [BODY] * 3
    assert store.undigested() == ()


async def test_a_refused_copy_can_be_denied(store: Store) -> None:
    store.hold(mail(), [owed(BOB)])
    await holds.due_owed(store, Hop(NEVER), quiet)
    (outcome,) = holds.deny(store, REF, OFFICER)
    assert (outcome.state, outcome.done) == (State.DENIED, True)
    assert (holds.list_held(store), store.undigested()) == ((), ())


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_store_that_stumbles_after_the_hop_took_it_is_asked_again(
    store: Store, clock: StandingClock, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    monkeypatch.setattr("dlp.holds._SETTLE_PAUSES", (0.0, 0.001))
    store.hold(mail(), [held(BOB)])
    hop = Hop()
    stumbling: Any = FaultyStore(store, {"settle": when})
    (outcome,) = await holds.release(stumbling, hop, REF, OFFICER)
    assert (outcome.state, outcome.done, outcome.why) == (State.RELEASED, True, "250")
    clock.forward(hours=1)
    await holds.due_releases(store, hop)
    assert (len(hop.sent), _state(store)) == (1, State.RELEASED)


async def test_a_store_that_stays_down_leaves_the_copy_for_later(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def down(*_: object, **__: object) -> bool:
        asked.append(1)
        raise Unavailable("store")

    monkeypatch.setattr("dlp.holds._SETTLE_PAUSES", (0.0, 0.0, 0.0))
    monkeypatch.setattr(store, "settle", down)
    store.hold(mail(), [held(BOB)])
    with pytest.raises(Unavailable):
        await holds.release(store, Hop(), REF, OFFICER)
    assert (len(asked), _state(store)) == (3, State.RELEASING)


async def test_an_attempt_ends_before_its_lease(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert holds.ATTEMPT < LEASE
    monkeypatch.setattr("dlp.holds.ATTEMPT", timedelta(milliseconds=20))
    store.hold(mail(), [held(BOB)])

    async def silent(_: Letter) -> Reply:
        await asyncio.Event().wait()
        return OK

    (outcome,) = await asyncio.wait_for(holds.release(store, silent, REF, OFFICER), 5)
    assert (outcome.state, outcome.why) == (State.HELD_RETRY, "no-answer")


async def test_a_release_is_repeated_when_it_is_due_and_not_before(store: Store, clock: StandingClock) -> None:
    store.hold(mail(), [held(BOB)])
    hop = Hop(LATER)
    await holds.release(store, hop, REF, OFFICER)
    assert await holds.due_releases(store, hop) == ()
    clock.forward(minutes=1)
    hop.answer = OK
    (outcome,) = await holds.due_releases(store, hop)
    assert outcome.state is State.RELEASED
    clock.forward(days=1)
    assert await holds.due_releases(store, hop) == ()
    assert len(hop.sent) == 2


@pytest.mark.parametrize(("kind", "end"), [(held, State.RELEASE_FAILED), (owed, State.REFUSED)], ids=["held", "owed"])
async def test_after_three_days_without_success_it_has_failed(
    store: Store, clock: StandingClock, kind: Callable[[str], Bundle], end: State
) -> None:
    store.hold(mail(), [kind(BOB)])
    hop = Hop(None)
    if kind is held:
        await holds.release(store, hop, REF, OFFICER)
    while _state(store) is not end:
        assert clock.now - START < timedelta(days=5)
        await holds.due_releases(store, hop)
        await holds.due_owed(store, hop, quiet)
        clock.forward(minutes=10)
    assert timedelta(days=2.9) < clock.now - START < timedelta(days=3.5)


async def test_what_a_stopped_process_left_is_sent_by_another(store: Store, clock: StandingClock) -> None:
    store.hold(mail(), [held(BOB)])
    assert store.claim_release(store.held()[0].id, OFFICER)
    hop = Hop()
    assert await holds.due_releases(store, hop) == ()
    clock.forward(minutes=15)
    await holds.due_releases(store, hop)
    assert (len(hop.sent), _state(store)) == (1, State.RELEASED)


async def test_a_late_end_of_a_lost_lease_changes_nothing(store: Store, clock: StandingClock) -> None:
    """The other process decides; ours only says what it finds."""
    store.hold(mail(), [held(BOB)])

    async def slow(*_: object) -> Reply:
        clock.forward(minutes=20)
        await holds.due_releases(store, Hop(NEVER))
        return OK

    (outcome,) = await holds.release(store, slow, REF, OFFICER)
    assert (outcome.state, outcome.done) == (State.RELEASE_FAILED, False)


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM content_chunk", "UPDATE content_chunk SET data = zeroblob(length(data))", "UPDATE copy SET record = NULL"],
    ids=["bytes gone", "bytes changed", "record gone"],
)
async def test_a_damaged_copy_is_never_sent(store: Store, statement: str) -> None:
    store.hold(mail(), [held(BOB)])
    with store._engine.begin() as connection:
        connection.exec_driver_sql(statement)
    hop = Hop()
    (outcome,) = await holds.release(store, hop, REF, OFFICER)
    assert (outcome.state, outcome.why, hop.sent) == (State.RELEASE_FAILED, "damaged", [])


async def test_a_denied_copy_is_never_sent(store: Store) -> None:
    store.hold(mail(), [held(BOB)])
    (denied,) = holds.deny(store, REF, OFFICER)
    hop = Hop()
    (outcome,) = await holds.release(store, hop, REF, OFFICER)
    assert (denied.state, denied.done) == (State.DENIED, True)
    assert (outcome.state, outcome.done, hop.sent) == (State.DENIED, False, [])


async def test_a_released_copy_cannot_be_denied_or_released_again(store: Store) -> None:
    store.hold(mail(), [held(BOB)])
    hop = Hop()
    await holds.release(store, hop, REF, OFFICER)
    (denied,) = holds.deny(store, REF, OFFICER)
    (released,) = await holds.release(store, hop, REF, OFFICER)
    assert (denied.state, denied.done) == (released.state, released.done) == (State.RELEASED, False)
    assert len(hop.sent) == 1


async def test_owed_copies_are_not_released_by_hand(store: Store) -> None:
    store.hold(mail(), [owed(BOB)])
    with pytest.raises(Refused, match="owed"):
        await holds.release(store, Hop(), REF, OFFICER)
    with pytest.raises(Refused, match="owed"):
        holds.deny(store, REF, OFFICER)


@pytest.mark.parametrize(
    ("reference", "recipient"),
    [("0000-0000", None), (REF, "nobody@outside.example"), ("not one", None)],
    ids=["unknown", "another recipient", "no reference"],
)
def test_what_is_not_there_is_refused(store: Store, reference: str, recipient: str | None) -> None:
    store.hold(mail(), [held(BOB)])
    with pytest.raises(Refused):
        holds.show(store, reference, recipient)
    with pytest.raises(Refused):
        holds.deny(store, reference, OFFICER, recipient)
    assert [copy.state for copy in holds.list_held(store)] == [State.HELD]


def test_two_messages_under_one_reference_are_not_decided_together(store: Store) -> None:
    store.hold(mail("4Aaa"), [held(BOB)])
    store.hold(mail("4Bbb"), [held(EVE)])
    with store._engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE message SET reference = '{REF}'")
    with pytest.raises(Refused, match="two messages"):
        holds.deny(store, REF, OFFICER)
    (outcome,) = holds.deny(store, REF, OFFICER, EVE)
    assert outcome.done


def test_of_a_hundred_releases_at_once_one_sends(store: Store) -> None:
    store.hold(mail(), [held(BOB)])
    hop = Hop()

    def once(_: int) -> bool:
        (outcome,) = asyncio.run(holds.release(store, hop, REF, OFFICER))
        return outcome.done

    with ThreadPoolExecutor(25) as pool:
        done = list(pool.map(once, range(100)))
    assert (len(hop.sent), sum(done)) == (1, 1)
    assert hop.sent[0].content == BODY
    assert _state(store) is State.RELEASED


async def test_a_copy_in_which_more_is_found_after_its_release_was_agreed_to_stays(store: Store) -> None:
    store.hold(mail(), [held(BOB)])
    hop = Hop()
    more = replace(new_copy(BOB), ruling=replace(new_copy(BOB).ruling, release=Release.SENIOR))

    def agree(copies: Sequence[HeldCopy]) -> None:
        store.found(copies[0].id, more, OFFICER)

    (outcome,) = await holds.release(store, hop, REF, OFFICER, agree=agree)
    assert (outcome.done, outcome.state, hop.sent) == (False, State.HELD, [])
