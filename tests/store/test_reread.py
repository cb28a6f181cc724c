"""What a further reading found is added to a hold, once; the right only rises, and the ledger has it after the release."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dlp.store.records import Act
from dlp.store.states import Purpose, State
from dlp.values import Action, Allowed, Reason, Recipient, Release, Ruling
from tests.store.samples import held, mail, new_copy

FIRST = "p.lane@freemail.example"
PERSON = "912345678"
ACT = Act("officer", "seen with a password")
TOLD = Allowed(FIRST, PERSON, frozenset({"grades"}), "release", "FAQ:outside-consent")


def found(right: Release, action: Action = Action.HOLD):
    reason = Reason(row="O6", code="FAQ:email-batch", requirement="R6", findings=(0,))
    ruling = Ruling(FIRST, action, right if action is Action.HOLD else None, (reason,))
    return replace(new_copy(FIRST), ruling=ruling, disclosures=(TOLD,))


@pytest.fixture
def on_hold(store):
    store.hold(mail(), [replace(held(FIRST), copies=(new_copy(FIRST),))], None)
    return store


def the_copy(store):
    (copy,) = store.by_reference(mail().envelope.reference)
    return copy


def test_the_right_rises_and_never_falls(on_hold):
    before = the_copy(on_hold)
    assert on_hold.found(before.id, found(Release.SENIOR), ACT)
    assert the_copy(on_hold).release is Release.SENIOR
    on_hold.found(before.id, found(Release.SENDER), ACT)
    assert the_copy(on_hold).release is Release.SENIOR
    on_hold.found(before.id, found(Release.SENIOR, Action.PASS), ACT)
    assert the_copy(on_hold).release is Release.SENIOR


def test_what_is_known_is_not_written_again(on_hold):
    before = the_copy(on_hold)
    assert on_hold.found(before.id, found(Release.SENIOR), ACT)
    once = the_copy(on_hold)
    assert not on_hold.found(before.id, found(Release.SENIOR), ACT)
    assert the_copy(on_hold) == once
    assert [act.event for act in once.acts] == ["found"]
    assert {reason.row for reason in once.reasons} == {reason.row for reason in before.reasons} | {"O6"}
    assert "FAQ:email-batch" in once.codes


def test_whom_it_is_held_for_naming_is_added_once_and_not_beside_what_would_be_told(on_hold):
    copy, other = the_copy(on_hold), "912345679"
    assert on_hold.found(copy.id, found(Release.SENIOR), ACT)
    assert not on_hold.found(copy.id, replace(found(Release.SENIOR), about=(PERSON,)), ACT)
    assert on_hold.found(copy.id, replace(found(Release.SENIOR), about=(PERSON, other)), ACT)
    assert not on_hold.found(copy.id, replace(found(Release.SENIOR), about=(other,)), ACT)
    assert the_copy(on_hold).about == (other,)


def test_the_ledger_has_what_was_found_once_it_is_released(on_hold):
    copy = the_copy(on_hold)
    on_hold.found(copy.id, found(Release.SENIOR), ACT)
    assert on_hold.disclosed(PERSON, ACT) == ()
    claim = on_hold.claim_release(copy.id, ACT)
    on_hold.settle(claim, State.RELEASED)
    (entry,) = on_hold.disclosed(PERSON, ACT)
    assert (entry.recipient, entry.kinds) == (FIRST, ("grades",))


def test_what_is_over_stays_as_it_is(on_hold):
    copy = the_copy(on_hold)
    on_hold.deny(copy.id, ACT)
    assert not on_hold.found(copy.id, found(Release.SENIOR), ACT)
    assert the_copy(on_hold).release is copy.release


def test_what_was_found_for_another_recipient_is_not_taken(on_hold):
    copy = the_copy(on_hold)
    assert not on_hold.found(copy.id, replace(found(Release.SENIOR), recipient=Recipient("x@freemail.example")), ACT)
    assert the_copy(on_hold) == copy


TRIED_AGAIN = {"the-right-rises": (Release.SENIOR, State.HELD, 0), "it-stays": (Release.OFFICER, State.HELD_RETRY, 1)}


@pytest.mark.parametrize(("right", "state", "due"), TRIED_AGAIN.values(), ids=TRIED_AGAIN)
def test_what_is_tried_again_waits_for_a_decision_anew_where_its_right_rises(right, state, due, on_hold, clock):
    claim = on_hold.claim_release(the_copy(on_hold).id, ACT)
    on_hold.settle(claim, State.HELD_RETRY, why="451")
    clock.forward(days=8)
    assert on_hold.found(claim.copy.id, found(right), ACT)
    assert the_copy(on_hold).state is state
    assert on_hold.overdue(clock.now) == ()
    assert len(on_hold.claim_due(Purpose.HELD)) == due


def test_a_release_is_of_the_right_that_was_agreed_to(on_hold):
    copy = the_copy(on_hold)
    on_hold.found(copy.id, found(Release.SENIOR), ACT)
    assert on_hold.claim_release(copy.id, ACT, right=Release.OFFICER.word) is None
    assert on_hold.claim_release(copy.id, ACT, right=Release.SENIOR.word)
