"""Consents and approvals in the store: loaded by an import, added and revoked by hand, found as facts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text

from dlp.campus.records import Approval, Consent
from dlp.errors import Refused
from dlp.policy.facts import Source
from dlp.store import Store
from dlp.store.permits import Loaded, Wanted
from tests.store.samples import OFFICER, START, StandingClock

ANN, BEN = "912345670", "912345688"
CONSENT = Consent(
    consent_id="C1",
    person=ANN,
    kinds=frozenset({"grades", "grades:18.06"}),
    recipient="hr@firm.example",
    given_on=date(2026, 9, 1),
    purpose="employment",
    mail_risk=True,
    expires_on=date(2027, 8, 31),
    uses=3,
    case="K-1",
    evidence="paper, drawer 4",
)
APPROVAL = Approval(
    approval_id="A1",
    officer="dean@campus.example",
    given_on=date(2026, 9, 1),
    designee_of="provost@campus.example",
    recipient="@agency.example",
    kinds=frozenset({"directory"}),
    notify_by=date(2026, 12, 1),
    sealed=True,
    sealed_by="counsel@campus.example",
)


def consent(name: str, **other: object) -> Consent:
    return replace(CONSENT, consent_id=name, **other)  # type: ignore[arg-type]


def standing(store: Store) -> set[str]:
    return {known.consent.consent_id for known in store.consents(Wanted(standing=True)).consents}


def events(store: Store, table: str = "audit") -> list[str]:
    with store._engine.connect() as connection:
        return [row.event for row in connection.exec_driver_sql(f"SELECT event FROM {table} ORDER BY time, event")]


def test_a_consent_and_an_approval_come_back_as_they_were_given(store: Store) -> None:
    consent_name = store.add_consent(CONSENT, OFFICER)
    approval_name = store.add_approval(APPROVAL, OFFICER)
    found = store.facts([ANN], ["x@agency.example"])
    (known,) = found.consents
    assert (known.permit, known.consent, known.source, known.uses_left, known.ended) == (
        consent_name, CONSENT, Source.HAND, 3, None,
    )  # fmt: skip
    (approved,) = found.approvals
    assert (approved.permit, approved.approval, approved.ended) == (approval_name, APPROVAL, None)
    assert events(store) == ["approval-added", "consent-added"]
    assert store.verify_audit() is None


@pytest.mark.parametrize(
    ("person", "readers", "found"),
    [
        (ANN, [], True),
        ("912-34-5670", [], True),
        (BEN, ["hr@firm.example"], False),
        ("", ["hr@firm.example"], False),
    ],
)
def test_consents_are_found_by_their_person(store: Store, person: str, readers: list[str], *, found: bool) -> None:
    store.add_consent(CONSENT, OFFICER)
    assert bool(store.facts([person], readers).consents) is found


@pytest.mark.parametrize(
    ("approval", "people", "readers", "found"),
    [
        ({"recipient": "@agency.example"}, [], ["x@agency.example"], True),
        ({"recipient": "@agency.example"}, [], ["x@deep.Agency.example"], True),
        ({"recipient": "X@agency.example"}, [], ["x@agency.example"], True),
        ({"recipient": "@agency.example"}, [], ["x@otheragency.example"], False),
        ({"recipient": ""}, [], ["x@firm.example"], True),
        ({"recipient": "class:court"}, [], ["x@firm.example"], True),
        ({"recipient": "@agency.example", "student_id": ANN}, [ANN], ["x@firm.example"], True),
        ({"recipient": "@agency.example", "student_id": ANN}, [BEN], ["x@agency.example"], False),
    ],
)
def test_approvals_are_found_by_their_person_or_their_reader(
    store: Store, approval: dict[str, str], people: list[str], readers: list[str], *, found: bool
) -> None:
    store.add_approval(replace(APPROVAL, **approval), OFFICER)  # type: ignore[arg-type]
    assert bool(store.facts(people, readers).approvals) is found


def test_of_very_many_people_all_are_looked_for(store: Store) -> None:
    people = [str(910_000_000 + n) for n in range(1200)]
    store.load_consents([consent(f"C{n}", person=person) for n, person in enumerate(people)], START)
    assert len(store.facts(people, ["x@firm.example"]).consents) == 1200


def test_an_import_replaces_what_the_one_before_brought(store: Store, clock: StandingClock) -> None:
    assert store.load_consents([consent("C1"), consent("C2"), consent("C3")], START) == Loaded(added=3)
    clock.forward(days=1)
    assert store.load_consents([consent("C1"), consent("C2", uses=None), consent("C4")], START) == Loaded(
        added=1, changed=1, unchanged=1, withdrawn=1
    )
    assert standing(store) == {"C1", "C2", "C4"}
    withdrawn = {known.consent.consent_id: known.ended for known in store.consents().consents}["C3"]
    assert withdrawn == clock.now
    assert len(store.facts([ANN], []).consents) == 4  # ended ones too: a near miss is told
    assert store.load_consents([consent("C3")], START) == Loaded(restored=1, withdrawn=3)
    assert standing(store) == {"C3"}
    assert events(store, "permit_event").count("withdrawn") == 4
    assert events(store).count("consents-loaded") == 3


def test_the_same_import_again_changes_nothing(store: Store) -> None:
    rows = [consent("C1"), consent("C2")]
    store.load_consents(rows, START)
    assert store.load_consents(list(reversed(rows)), START) == Loaded(unchanged=2)
    assert events(store, "permit_event") == []


def test_what_was_added_by_hand_no_import_touches(store: Store) -> None:
    store.add_consent(consent("H1"), OFFICER)
    assert store.load_consents([consent("H1", uses=None), consent("C1")], START) == Loaded(added=1, left=1)
    assert store.load_consents([], START) == Loaded(withdrawn=1)
    assert standing(store) == {"H1"}


def test_what_was_revoked_no_import_brings_back(store: Store, clock: StandingClock) -> None:
    store.load_consents([consent("C1")], START)
    clock.forward(hours=1)
    assert store.revoke_consent("C1", OFFICER)
    assert not store.revoke_consent("C1", OFFICER)
    assert not store.revoke_consent("C9", OFFICER)
    assert store.load_consents([consent("C1", uses=None)], START) == Loaded(left=1)
    (known,) = store.facts([ANN], []).consents
    assert known.ended == clock.now
    assert standing(store) == set()


def test_consents_and_approvals_have_ids_of_their_own(store: Store) -> None:
    store.load_consents([consent("X1")], START)
    store.load_approvals([replace(APPROVAL, approval_id="X1")], START)
    assert store.load_consents([], START) == Loaded(withdrawn=1)
    assert store.facts([], ["x@agency.example"]).approvals[0].ended is None
    assert store.revoke_approval("X1", OFFICER)


def test_an_id_is_used_once(store: Store) -> None:
    store.add_consent(CONSENT, OFFICER)
    with pytest.raises(Refused, match="this ID already"):
        store.add_consent(CONSENT, OFFICER)
    with pytest.raises(Refused, match="consent_id"):
        store.load_consents([consent("C7"), consent("C7", uses=None)], START)


def test_the_list_is_filtered_and_bounded(store: Store, clock: StandingClock) -> None:
    for number in range(3):
        store.add_consent(consent(f"A{number}"), OFFICER)
        clock.forward(minutes=1)
    store.add_consent(consent("B", person=BEN, recipient="class:employer"), OFFICER)
    store.add_consent(consent("D", person=BEN, recipient="class:school"), OFFICER)

    def listed(**wanted: object) -> list[str]:
        return [known.consent.consent_id for known in store.consents(Wanted(**wanted)).consents]  # type: ignore[arg-type]

    assert listed(person=ANN, limit=2) == ["A2", "A1"]
    assert listed(recipient="HR@firm.example") == ["A2", "A1", "A0"]
    assert listed(recipient="class:employer") == ["B"]


def test_what_does_not_open_permits_nothing_and_is_counted(store: Store) -> None:
    store.load_consents([consent("C1"), consent("C2", person=BEN)], START)
    with store._engine.begin() as connection:  # a record moved to another row
        rows = connection.execute(text("SELECT id, record FROM permit ORDER BY id")).all()
        connection.execute(
            text("UPDATE permit SET record = :record WHERE id = :id"), {"id": rows[0].id, "record": rows[1].record}
        )
    assert len(store.facts([ANN, BEN], []).consents) == 1
    assert store.consents().damaged == 1


def test_other_nodes_see_it_at_once(store: Store, another: Callable[[str], Store]) -> None:
    there = another("second")
    assert there.facts([ANN], []).consents == ()
    store.add_consent(CONSENT, OFFICER)
    assert len(there.facts([ANN], []).consents) == 1
    assert there.revoke_consent("C1", OFFICER)
    assert store.facts([ANN], []).consents[0].ended is not None


def test_of_loaded_approvals_the_audit_chain_tells_no_number(store: Store) -> None:
    """A reader who counts would find a sealed one."""
    store.load_approvals([APPROVAL], START)
    with store._engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT detail FROM audit").scalar_one() == f'{{"as_of":"{START.isoformat()}"}}'
