"""The audit chains as one list: who did what and why, of all nodes, in order of time, and no more than was asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from dlp.errors import Refused
from dlp.store import Store
from dlp.store.records import Act, Asked
from dlp.store.states import State
from tests.store.samples import OFFICER, START, StandingClock, held, mail
from tests.store.test_permits import ANN, APPROVAL, consent

REFERENCE = mail().envelope.reference
CLERK = Act("clerk", "withdrawn by letter")


def _told(store: Store, **asked: object) -> list[tuple[str, str | None, str]]:
    return [(row.event, row.actor, row.reason) for row in store.recorded(replace(Asked(), **asked)).rows]  # type: ignore[arg-type]


@pytest.fixture
def history(store: Store, clock: StandingClock) -> Store:
    """Two copies: one is released and one denied; a consent comes and goes, and somebody looks into the ledger."""
    store.hold(mail(), [held("bob@outside.example", "eve@outside.example")])
    first, second = store.held()
    clock.forward(hours=1)
    claim = store.claim_release(first.id, OFFICER)
    assert claim
    store.settle(claim, State.RELEASED, why="250")
    clock.forward(hours=1)
    store.deny(second.id, CLERK)
    store.add_consent(consent("C1"), OFFICER)
    clock.forward(hours=1)
    store.revoke_consent("C1", CLERK)
    store.disclosed(ANN, OFFICER, "AR-2026-17")
    return store


OFFICERS = [(event, OFFICER.actor, OFFICER.reason) for event in ("release", "consent-added", "ledger-viewed")]
CLERKS = [(event, CLERK.actor, CLERK.reason) for event in ("denied", "consent-revoked")]


def test_what_people_did_and_how_it_ended_with_name_and_reason(history: Store) -> None:
    release, added, viewed = OFFICERS
    denied, revoked = CLERKS
    assert _told(history) == [release, ("released", "", ""), denied, added, revoked, viewed]
    assert [event for event, _, _ in _told(history, everything=True)][:3] == ["held", "held", "release"]


def test_only_what_was_asked_for(history: Store, clock: StandingClock) -> None:
    assert _told(history, actor=OFFICER.actor) == OFFICERS
    assert _told(history, actor=CLERK.actor) == CLERKS
    assert [event for event, _, _ in _told(history, about=REFERENCE)] == ["release", "released", "denied"]
    assert [event for event, _, _ in _told(history, about="C1")] == ["consent-added", "consent-revoked"]
    assert [event for event, _, _ in _told(history, since=clock.now)] == ["consent-revoked", "ledger-viewed"]
    with pytest.raises(Refused, match="neither a reference"):
        history.recorded(Asked(about="C2"))


def test_the_newest_of_many_and_how_many_there_are(history: Store) -> None:
    found = history.recorded(Asked(limit=2))
    assert ([row.event for row in found.rows], found.total) == (["consent-revoked", "ledger-viewed"], 6)
    assert list(found.consents.values()) == ["C1"]


def test_all_nodes_are_in_it(history: Store, another: Callable[[str], Store], clock: StandingClock) -> None:
    clock.now = START
    other = another("east")
    other.record_import("one", 3, 0, OFFICER)
    found = history.recorded(Asked())
    assert [(row.node, row.event) for row in found.rows][:2] == [("east", "directory-imported"), ("main", "release")]


def test_of_an_approval_neither_its_name_nor_a_reason_shows(store: Store) -> None:
    store.add_approval(APPROVAL, OFFICER)
    store.revoke_approval(APPROVAL.approval_id, OFFICER)
    found = store.recorded(Asked())
    assert [(row.event, row.actor, row.reason) for row in found.rows] == [
        (event, OFFICER.actor, "") for event in ("approval-added", "approval-revoked")
    ]
    assert found.consents == {}
    assert all("permit" not in row.detail for row in found.rows)
    with pytest.raises(Refused):
        store.recorded(Asked(about=APPROVAL.approval_id))


@pytest.mark.parametrize("said", ["NULL", "(SELECT said FROM audit WHERE event = 'denied')"], ids=["none", "another row's"])
def test_who_acted_shows_only_where_the_chain_has_it_so(history: Store, said: str) -> None:
    """A row of an older version has no name, and one that somebody put there is none."""
    with history._engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE audit SET said = {said} WHERE event = 'release'")
    assert _told(history)[0] == ("release", None, "")
    assert history.verify_audit() is None
