"""Claims and settlements: the table of moves, leases and fences, and races."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from dlp.store import Store
from dlp.store.records import Claim, PastAct
from dlp.store.states import MOVES, Purpose, State, sources
from tests.store.samples import OFFICER, START, StandingClock, held, mail, owed

BOB = "bob@outside.example"


def _claimed(store: Store) -> Claim:
    store.hold(mail(), [held(BOB)])
    claim = store.claim_release(store.held()[0].id, OFFICER)
    assert claim
    return claim


def _state(store: Store) -> State:
    return store.by_reference(mail().envelope.reference)[0].state


@pytest.mark.parametrize("state", [State.RELEASED, State.HELD_RETRY, State.RELEASE_FAILED])
def test_a_release_ends_as_it_is_settled(store: Store, state: State) -> None:
    assert store.settle(_claimed(store), state, why="250")
    assert _state(store) is state


@pytest.mark.parametrize("state", sorted(set(State) - MOVES[State.RELEASING]))
def test_a_release_cannot_end_in(store: Store, state: State) -> None:
    with pytest.raises(ValueError, match="does not lead"):
        store.settle(_claimed(store), state)
    assert _state(store) is State.RELEASING


@pytest.mark.parametrize("state", sorted(set(State) - MOVES[State.SENDING]))
def test_an_owed_copy_cannot_end_in(store: Store, state: State) -> None:
    store.hold(mail(), [owed(BOB)])
    (claim,) = store.claim_due(Purpose.OWED)
    with pytest.raises(ValueError, match="does not lead"):
        store.settle(claim, state)


def test_nothing_leads_back_to_prepared() -> None:
    with pytest.raises(ValueError, match="no move"):
        sources(State.PREPARED)


def test_a_claimed_copy_cannot_be_claimed_or_denied(store: Store) -> None:
    claim = _claimed(store)
    assert store.claim_release(claim.copy.id, OFFICER) is None
    assert not store.deny(claim.copy.id, OFFICER)
    assert _state(store) is State.RELEASING


@pytest.mark.parametrize("end", [State.RELEASED, State.DENIED])
def test_what_is_decided_stays_decided(store: Store, end: State) -> None:
    store.hold(mail(), [held(BOB)])
    identity = store.held()[0].id
    if end is State.DENIED:
        assert store.deny(identity, OFFICER)
    else:
        claim = store.claim_release(identity, OFFICER)
        assert claim
        store.settle(claim, end)
    assert store.claim_release(identity, OFFICER) is None
    assert not store.deny(identity, OFFICER)
    assert _state(store) is end


def test_a_failed_release_can_be_released_again_from_the_first_attempt(store: Store) -> None:
    store.settle(_claimed(store), State.RELEASE_FAILED, why="550")
    claim = store.claim_release(store.held()[0].id, OFFICER)
    assert claim
    assert claim.attempts == 1


def test_a_failed_release_can_be_denied(store: Store) -> None:
    claim = _claimed(store)
    store.settle(claim, State.RELEASE_FAILED, why="550")
    assert store.deny(claim.copy.id, OFFICER)


def test_a_release_to_be_repeated_is_due_at_its_time(store: Store, clock: StandingClock) -> None:
    store.settle(_claimed(store), State.HELD_RETRY, not_before=START.replace(minute=5), why="451")
    assert store.claim_due(Purpose.HELD) == ()
    clock.forward(minutes=5)
    (claim,) = store.claim_due(Purpose.HELD)
    assert claim.attempts == 2
    assert store.claim_due(Purpose.HELD) == ()


def test_owed_copies_are_due_at_once_and_held_ones_are_not(store: Store) -> None:
    store.hold(mail(), [held(BOB), owed("kim@outside.example")])
    assert store.claim_due(Purpose.HELD) == ()
    (claim,) = store.claim_due(Purpose.OWED)
    assert claim.copy.recipient.address == "kim@outside.example"
    assert store.settle(claim, State.SENT)
    assert store.claim_due(Purpose.OWED) == ()


def test_at_most_so_many_are_claimed(store: Store) -> None:
    store.hold(mail(), [owed(*(f"r{n}@outside.example" for n in range(5)))])
    assert [len(store.claim_due(Purpose.OWED, 3)), len(store.claim_due(Purpose.OWED, 3))] == [3, 2]


@pytest.mark.parametrize("purpose", [Purpose.HELD, Purpose.OWED])
def test_a_dead_owner_s_copy_goes_to_another_and_its_late_word_counts_no_more(
    store: Store, clock: StandingClock, purpose: Purpose
) -> None:
    end = State.RELEASED
    if purpose is Purpose.HELD:
        late = _claimed(store)
    else:
        store.hold(mail(), [owed(BOB)])
        (late,) = store.claim_due(purpose)
        end = State.SENT
    clock.forward(minutes=14)
    assert store.claim_due(purpose) == ()
    clock.forward(minutes=1)
    (claim,) = store.claim_due(purpose)
    assert not store.settle(late, end)
    assert store.settle(claim, end)


def test_who_decided_and_why_is_kept_with_the_copy(store: Store, clock: StandingClock) -> None:
    store.settle(_claimed(store), State.RELEASE_FAILED, why="550")
    clock.forward(hours=1)
    store.deny(store.held()[0].id, OFFICER)
    (copy,) = store.by_reference(mail().envelope.reference)
    assert copy.acts == (
        PastAct(START, "release", OFFICER.actor, OFFICER.reason),
        PastAct(clock.now, "denied", OFFICER.actor, OFFICER.reason),
    )


def test_of_many_that_claim_at_once_one_gets_each_copy(store: Store) -> None:
    store.hold(mail(), [held(*(f"r{n}@outside.example" for n in range(5)))])
    wanted = [copy.id for copy in store.held()] * 10
    with ThreadPoolExecutor(16) as pool:
        claims = [claim for claim in pool.map(lambda identity: store.claim_release(identity, OFFICER), wanted) if claim]
    assert len(claims) == 5
    assert len({claim.copy.id for claim in claims}) == 5


def test_release_and_denial_at_once_have_one_winner(store: Store) -> None:
    store.hold(mail(), [held(*(f"r{n}@outside.example" for n in range(10)))])

    def both(identity: str) -> tuple[bool, bool]:
        with ThreadPoolExecutor(2) as pair:
            released, denied = pair.submit(store.claim_release, identity, OFFICER), pair.submit(store.deny, identity, OFFICER)
            return released.result() is not None, denied.result()

    assert all(released != denied for released, denied in (both(copy.id) for copy in store.held()))


def test_the_same_retry_from_many_threads_makes_one_row(store: Store) -> None:
    with ThreadPoolExecutor(16) as pool:
        kept = list(pool.map(lambda _: store.hold(mail(), [held(BOB)]), range(32)))
    assert sum(len(each.new) for each in kept) == 1
    assert len(store.held()) == 1
