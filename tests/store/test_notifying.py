"""Who is to be told that their information went out under legal process: due until somebody tells them, absent where sealed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from dlp.campus.records import Approval
from dlp.store import Store
from dlp.store.notifying import LEGAL, Due
from dlp.store.states import DisclosureState, State
from dlp.values import Allowed
from tests.store.samples import OFFICER, START, StandingClock, held, mail
from tests.store.test_permits import ANN, BEN

COURT = "clerk@court.example"
ORDER = Approval("A1", "registrar@campus.example", date(2026, 11, 1), recipient=COURT, counsel_ref="GC-12", case="K-7")
REFERENCE = mail().envelope.reference


def told(permit: str = "", **other: object) -> Allowed:
    plain = Allowed(COURT, ANN, frozenset({"grades"}), "approval", LEGAL, permit)
    return replace(plain, **other)  # type: ignore[arg-type]


def sends(store: Store, allowed: Allowed, outcome: DisclosureState = DisclosureState.SENT, upstream_id: str = "4XyZ") -> str:
    message = mail(upstream_id)
    store.conclude(store.intend(message, [allowed]), {allowed.recipient: outcome})
    return message.envelope.reference


def test_what_went_out_on_an_order_is_due_until_the_person_was_told(store: Store) -> None:
    permit = store.add_approval(replace(ORDER, notify_by=date(2026, 12, 1)), OFFICER)
    reference = sends(store, told(permit))
    assert store.due_to_be_told() == (Due(reference, START, ANN, (COURT,), ("grades",), date(2026, 12, 1), "A1"),)
    assert not store.end_due(reference, BEN, OFFICER)
    assert not store.end_due("AAAA-AAAA", ANN, OFFICER)
    assert store.end_due(reference, f"{ANN[:3]} {ANN[3:]}", OFFICER)
    assert store.due_to_be_told() == ()
    assert not store.end_due(reference, ANN, OFFICER)
    assert store.verify_ledger() is store.verify_audit() is None
    assert [entry.outcome for entry in store.disclosed(ANN, OFFICER)] == ["sent"]  # an export shows it as before


@pytest.mark.parametrize(
    ("order", "code", "due"),
    [
        (ORDER, "any", 1),
        (replace(ORDER, counsel_ref=""), "any", 1),
        (replace(ORDER, counsel_ref="", case="", notify_by=date(2026, 12, 1)), "any", 1),
        (replace(ORDER, counsel_ref="", case=""), "any", 0),
        (replace(ORDER, counsel_ref="", case=""), LEGAL, 1),
    ],
    ids=["counsel-asked", "case", "day-to-tell-by", "another-need", "code-of-legal-process"],
)
def test_legal_process_is_known_by_approval_or_code(store: Store, order: Approval, code: str, due: int) -> None:
    sends(store, told(store.add_approval(order, OFFICER), code=code))
    assert len(store.due_to_be_told()) == due


@pytest.mark.parametrize(
    ("outcome", "due"),
    [(DisclosureState.SENT, 1), (DisclosureState.OWED, 1), (DisclosureState.UNKNOWN, 1), (DisclosureState.REFUSED, 0)],
)
def test_it_is_due_where_it_may_have_gone_out(store: Store, outcome: DisclosureState, due: int) -> None:
    sends(store, told(store.add_approval(ORDER, OFFICER)), outcome)
    assert len(store.due_to_be_told()) == due


def test_what_an_officer_released_is_due_too(store: Store) -> None:
    (kept,) = held(COURT).copies
    store.hold(mail(), [replace(held(COURT), copies=(replace(kept, disclosures=(told(basis="release"),)),))])
    assert store.due_to_be_told() == ()
    claim = store.claim_release(store.held()[0].id, OFFICER)
    assert claim
    store.settle(claim, State.RELEASED)
    assert [(each.person, each.approval, each.by) for each in store.due_to_be_told()] == [(ANN, "", None)]


def test_what_goes_out_after_the_person_was_told_is_due_again(store: Store, clock: StandingClock) -> None:
    permit = store.add_approval(ORDER, OFFICER)
    reference = sends(store, told(permit))
    store.end_due(reference, ANN, OFFICER)
    clock.forward(minutes=5)
    sends(store, told(permit))  # another try of the same message
    assert [each.reference for each in store.due_to_be_told()] == [reference]


def test_the_most_urgent_comes_first_and_one_message_is_told_once(store: Store, clock: StandingClock) -> None:
    late = store.add_approval(replace(ORDER, approval_id="late", notify_by=date(2026, 12, 1)), OFFICER)
    soon = store.add_approval(replace(ORDER, approval_id="soon", notify_by=date(2026, 11, 25)), OFFICER)
    one = sends(store, told(late), upstream_id="one")
    both = [told(soon), told(soon, kinds=frozenset({"gpa"}), recipient="b@court.example")]
    store.conclude(store.intend(mail("two"), both), {each.recipient: DisclosureState.SENT for each in both})
    found = store.due_to_be_told()
    assert [each.reference for each in found] == [mail("two").envelope.reference, one]
    assert found[0].kinds == ("gpa", "grades")


class TestSealed:
    """Where the law forbids it, or a senior officer has judged so, nobody is due to be told, and nothing shows it."""

    @pytest.mark.parametrize("by", ["", "vp@campus.example"], ids=["law", "senior-officer"])
    def test_what_rests_on_a_sealed_approval_is_never_due(self, store: Store, by: str) -> None:
        sealed = replace(ORDER, sealed=True, sealed_by=by, notify_by=date(2026, 12, 1))
        reference = sends(store, told(store.add_approval(sealed, OFFICER)))
        assert store.due_to_be_told() == ()
        assert not store.end_due(reference, ANN, OFFICER)

    @pytest.mark.parametrize("student", [ANN, ""], ids=["about-the-person", "about-nobody-by-name"])
    def test_nor_what_was_released_in_the_same_matter(self, store: Store, student: str) -> None:
        sends(store, told(basis="release"))
        assert len(store.due_to_be_told()) == 1
        store.add_approval(replace(ORDER, sealed=True, student_id=student), OFFICER)
        assert store.due_to_be_told() == ()
