"""What goes out on a basis: intended, concluded, followed and recovered; uses of consents; the ledger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from dlp.errors import Unavailable
from dlp.store import Store
from dlp.store.access import LEASE
from dlp.store.ledger import Entry
from dlp.store.permits import Wanted
from dlp.store.records import BadAudit, Message
from dlp.store.states import DisclosureState, Purpose, State
from dlp.values import Allowed
from tests.store.nodes import Nodes, Told
from tests.store.samples import OFFICER, START, StandingClock, held, mail, owed
from tests.store.test_permits import ANN, APPROVAL, BEN, CONSENT, consent

FIRM, BANK = "hr@firm.example", "loans@bank.example"
SENT, OWED, REFUSED, UNKNOWN = DisclosureState.SENT, DisclosureState.OWED, DisclosureState.REFUSED, DisclosureState.UNKNOWN


def allowed(permit: str = "", recipient: str = FIRM, **other: object) -> Allowed:
    basis = "consent" if permit else "need-to-know"
    plain = Allowed(recipient, ANN, frozenset({"grades", "grades:18.06"}), basis, "FAQ:outside-consent", permit)
    return replace(plain, **other)  # type: ignore[arg-type]


def once(store: Store, uses: int | None = 1, name: str = "C1") -> str:
    return store.add_consent(consent(name, uses=uses), OFFICER)


def left(store: Store, message: Message | None = None) -> int | None:
    return store.facts([ANN], [], message.key if message else b"").consents[0].uses_left


def outcomes(store: Store) -> list[str]:
    return [entry.outcome for entry in store.disclosed(ANN, OFFICER)]


def ledger(store: Store) -> list[str]:
    with store._engine.connect() as connection:
        return [row.event for row in connection.exec_driver_sql("SELECT event FROM ledger ORDER BY node, seq")]


def test_what_went_out_is_told_with_its_basis(store: Store, clock: StandingClock) -> None:
    permit = once(store)
    intent = store.intend(mail(), [allowed(permit), allowed(permit, kinds=frozenset({"gpa"}))])
    clock.forward(seconds=2)
    store.conclude(intent, {FIRM: SENT})
    reference = mail().envelope.reference
    kinds = ("gpa", "grades", "grades:18.06")
    assert store.disclosed(ANN, OFFICER) == (
        Entry(START, SENT, reference, FIRM, kinds, "consent", "FAQ:outside-consent", "C1"),
    )
    assert store.disclosed(BEN, OFFICER) == ()
    assert ledger(store) == ["intent", "sent"]
    assert store.verify_ledger() is None


@pytest.mark.parametrize(
    ("outcome", "uses", "told"),
    [(SENT, 0, ["sent"]), (OWED, 0, ["owed"]), (UNKNOWN, 0, ["unknown"]), (REFUSED, 1, []), (None, 0, ["unknown"])],
)
def test_a_use_is_spent_unless_it_surely_did_not_go_out(
    store: Store, outcome: DisclosureState | None, uses: int, told: list[str]
) -> None:
    intent = store.intend(mail(), [allowed(once(store))])
    assert left(store) == 0  # reserved
    store.conclude(intent, {FIRM: outcome} if outcome else {})
    assert (left(store), outcomes(store)) == (uses, told)


def test_a_standing_consent_has_no_end_of_uses(store: Store) -> None:
    permit = once(store, uses=None)
    for number in range(3):
        store.conclude(store.intend(mail(f"m{number}"), [allowed(permit)]), {FIRM: SENT})
    assert left(store) is None
    assert outcomes(store) == ["sent"] * 3


def test_who_comes_after_the_last_use_is_judged_anew(store: Store) -> None:
    permit = once(store)
    store.intend(mail("first"), [allowed(permit)])
    with pytest.raises(Unavailable, match="busy"):
        store.intend(mail("second"), [allowed(permit), allowed()])
    assert ledger(store) == ["intent"]  # all or nothing


def test_one_message_is_one_use_whoever_it_goes_to(store: Store) -> None:
    permit = once(store)
    both = store.intend(mail(), [allowed(permit), allowed(permit, BANK)])
    store.conclude(both, {FIRM: REFUSED, BANK: SENT})
    assert (left(store), outcomes(store)) == (0, ["sent"])
    assert left(store, mail()) == 1  # to itself, at its next try
    store.conclude(store.intend(mail(), [allowed(permit)]), {FIRM: SENT})
    assert outcomes(store) == ["sent", "sent"]


def test_a_use_comes_back_when_the_whole_message_was_refused(store: Store) -> None:
    permit = once(store)
    store.conclude(store.intend(mail(), [allowed(permit), allowed(permit, BANK)]), {FIRM: REFUSED, BANK: REFUSED})
    assert left(store) == 1
    store.conclude(store.intend(mail("other"), [allowed(permit)]), {FIRM: SENT})
    assert left(store) == 0


def test_a_try_that_is_refused_does_not_undo_what_may_have_gone_out_before(store: Store) -> None:
    permit = once(store)
    store.conclude(store.intend(mail(), [allowed(permit)]), {FIRM: UNKNOWN})
    assert left(store, mail()) == 1
    store.conclude(store.intend(mail(), [allowed(permit)]), {FIRM: REFUSED})
    assert (left(store), outcomes(store)) == (0, ["unknown"])
    assert ledger(store) == ["intent", "unknown", "intent", "refused"]


@pytest.mark.parametrize("end", ["revoked", "withdrawn"])
def test_a_consent_that_ended_meanwhile_gives_no_use(store: Store, end: str) -> None:
    store.load_consents([CONSENT], START)
    (known,) = store.consents(Wanted()).consents
    store.conclude(store.intend(mail("before"), [allowed(known.permit)]), {FIRM: UNKNOWN})
    if end == "revoked":
        store.revoke_consent("C1", OFFICER)
    else:
        store.load_consents([], START)
    for message in (mail("before"), mail("after")):
        with pytest.raises(Unavailable, match="busy"):
            store.intend(message, [allowed(known.permit)])


def test_a_consent_that_was_changed_since_the_message_was_here_gives_no_use(store: Store, clock: StandingClock) -> None:
    store.load_consents([CONSENT], START)
    (known,) = store.consents(Wanted()).consents
    clock.forward(seconds=1)
    store.load_consents([replace(CONSENT, kinds=frozenset({"conduct"}))], START)
    with pytest.raises(Unavailable, match="busy"):
        store.intend(mail(), [allowed(known.permit)])
    store.conclude(store.intend(mail(received_at=clock()), [allowed(known.permit)]), {FIRM: SENT})


def test_a_changed_import_keeps_count(store: Store) -> None:
    store.load_consents([consent("C1", uses=2)], START)
    (known,) = store.consents(Wanted()).consents
    store.conclude(store.intend(mail(), [allowed(known.permit)]), {FIRM: SENT})
    store.load_consents([consent("C1", uses=2, evidence="scanned")], START)
    assert left(store) == 1


def test_two_tries_of_one_message_at_once_are_one(store: Store, another: Callable[[str], Store]) -> None:
    permit = once(store)
    store.intend(mail(), [allowed(permit)])
    with pytest.raises(Unavailable, match="busy"):
        another("second").intend(mail(), [allowed(permit)])


class TestRecovery:
    def test_what_a_dead_process_intended_may_have_gone_out(self, store: Store, another: Callable[[str], Store]) -> None:
        dead = another("main")
        dead.intend(mail(), [allowed(once(store))])
        assert not store.recover()
        dead.close()
        assert store.recover().doubtful == 1
        assert not store.recover()
        assert (left(store), outcomes(store)) == (0, ["unknown"])

    def test_a_late_process_changes_nothing_any_more(self, store: Store, clock: StandingClock) -> None:
        intent = store.intend(mail(), [allowed(once(store))])
        clock.now += LEASE + timedelta(seconds=1)
        assert store.recover().doubtful == 1
        store.conclude(intent, {FIRM: REFUSED})
        assert (left(store), outcomes(store)) == (0, ["unknown"])
        assert ledger(store) == ["intent", "unknown"]

    def test_the_next_try_need_not_wait_for_it(self, store: Store, another: Callable[[str], Store]) -> None:
        permit = once(store)
        dead = another("main")
        dead.intend(mail(), [allowed(permit)])
        dead.close()
        store.conclude(store.intend(mail(), [allowed(permit)]), {FIRM: REFUSED})
        assert (left(store), outcomes(store)) == (0, ["unknown"])


class TestCopies:
    """Owed copies are sent by the clerk: what it learns, the disclosures in them learn."""

    @pytest.mark.parametrize(("state", "told"), [(State.SENT, ["sent"]), (State.REFUSED, []), (State.OWED, ["owed"])])
    def test_an_owed_copy_takes_its_disclosures_along(self, store: Store, state: State, told: list[str]) -> None:
        permit = once(store)
        prepared = store.prepare(mail(), [owed(FIRM)])
        intent = store.intend(mail(), [allowed(permit)])
        store.commit(prepared)
        store.conclude(intent, {FIRM: OWED})
        (claim,) = store.claim_due(Purpose.OWED)
        assert store.settle(claim, state)
        assert (left(store), outcomes(store)) == (0 if told else 1, told)
        assert store.verify_ledger() is None

    def test_a_refused_copy_that_is_released_went_out(self, store: Store) -> None:
        prepared = store.prepare(mail(), [owed(FIRM)])
        intent = store.intend(mail(), [allowed()])
        store.commit(prepared)
        store.conclude(intent, {FIRM: OWED})
        (claim,) = store.claim_due(Purpose.OWED)
        store.settle(claim, State.REFUSED)
        assert outcomes(store) == []
        again = store.claim_release(claim.copy.id, OFFICER)
        assert again
        store.settle(again, State.RELEASED)
        assert outcomes(store) == ["sent"]


class TestHeld:
    """What is on hold goes out on somebody's word, or not at all."""

    @pytest.mark.parametrize(
        ("state", "told"), [(State.RELEASED, ["sent"]), (State.RELEASE_FAILED, []), (State.HELD_RETRY, [])]
    )
    def test_it_is_in_the_ledger_once_it_went_out(self, store: Store, state: State, told: list[str]) -> None:
        (kept,) = held(FIRM).copies
        copy = replace(kept, disclosures=(allowed(basis="release"), allowed(basis="release", kinds=frozenset({"gpa"}))))
        store.hold(mail(), [replace(held(FIRM), copies=(copy,))])
        assert outcomes(store) == []
        claim = store.claim_release(store.held()[0].id, OFFICER)
        assert claim
        assert store.settle(claim, state)
        assert outcomes(store) == told
        assert [(entry.basis, entry.kinds) for entry in store.disclosed(ANN, OFFICER)] == [
            ("release", ("gpa", "grades", "grades:18.06")) for _ in told
        ]
        assert store.verify_ledger() is None

    def test_a_sealed_one_is_in_no_export(self, store: Store) -> None:
        (kept,) = held(FIRM).copies
        copy = replace(kept, disclosures=(allowed(basis="release", sealed=True),))
        store.hold(mail(), [replace(held(FIRM), copies=(copy,))])
        claim = store.claim_release(store.held()[0].id, OFFICER)
        assert claim
        assert store.settle(claim, State.RELEASED)
        assert outcomes(store) == []
        assert ledger(store) == ["intent", "sent"]


class TestSealed:
    """Of what rests on a sealed approval an export shows nothing: no row, no number, no gap."""

    def test_no_export_has_it(self, store: Store) -> None:
        permit = store.add_approval(replace(APPROVAL, student_id=ANN), OFFICER)
        plain = store.intend(mail("plain"), [allowed()])
        # even when whoever asks has forgotten to say so
        hidden = store.intend(
            mail("sealed"), [allowed(permit, basis="approval"), allowed(permit, BANK, basis="approval", sealed=True)]
        )
        for intent in (plain, hidden):
            store.conclude(intent, {FIRM: SENT, BANK: SENT})
        (entry,) = store.disclosed(ANN, OFFICER)
        assert entry.reference == mail("plain").envelope.reference
        assert ledger(store).count("sent") == 3
        with store._engine.connect() as connection:
            views = connection.exec_driver_sql("SELECT detail FROM audit WHERE event = 'ledger-viewed'").scalars().all()
        assert len(views) == 1
        assert "1" not in views[0].replace(store._keys.digest(f"person|{ANN}"), "")

    def test_an_open_approval_is_there(self, store: Store) -> None:
        permit = store.add_approval(replace(APPROVAL, student_id=ANN, sealed=False), OFFICER)
        store.conclude(store.intend(mail(), [allowed(permit, basis="approval")]), {FIRM: SENT})
        assert [entry.permit for entry in store.disclosed(ANN, OFFICER)] == ["A1"]


class TestChain:
    @pytest.fixture
    def history(self, store: Store) -> Store:
        """Four rows."""
        permit = once(store)
        store.conclude(store.intend(mail(), [allowed(permit), allowed(permit, BANK)]), {FIRM: SENT, BANK: UNKNOWN})
        return store

    @pytest.mark.parametrize(
        "column",
        ["event", "disclosure", "reference", "person_key", "basis", "code", "kinds", "permit", "time", "previous", "hash"],
    )
    def test_an_edited_cell_shows(self, history: Store, column: str) -> None:
        assert history.verify_ledger() is None
        self.execute(history, f"UPDATE ledger SET {column} = '7' WHERE seq = 2")
        assert history.verify_ledger() == BadAudit("main", 2, "edited")

    @pytest.mark.parametrize(
        ("statement", "bad"),
        [
            ("DELETE FROM ledger WHERE seq = 2", BadAudit("main", 2, "missing")),
            ("DELETE FROM ledger WHERE seq = 4", BadAudit("main", 4, "tail-cut")),
            (
                "UPDATE ledger_head SET hash = (SELECT hash FROM ledger WHERE seq = 4)",
                BadAudit("main", 5, "tail-cut"),
            ),
            ("UPDATE ledger SET record = NULL WHERE seq = 1", BadAudit("main", 1, "edited")),
        ],
    )
    def test_a_row_or_a_record_that_is_gone_shows(self, history: Store, statement: str, bad: BadAudit) -> None:
        self.execute(history, statement)
        assert history.verify_ledger() == bad
        assert history.verify_audit() is None

    def test_what_cannot_be_written_down_is_not_intended(self, store: Store) -> None:
        permit = once(store)
        self.execute(store, "ALTER TABLE ledger RENAME TO gone")
        with pytest.raises(Unavailable):
            store.intend(mail(), [allowed(permit)])
        assert left(store) == 1

    def execute(self, store: Store, statement: str) -> None:
        with store._engine.begin() as connection:
            connection.execute(text(statement))


@pytest.mark.servers
def test_of_several_nodes_that_want_the_last_use_one_gets_it(store: Store, url: str, data_dir: Path) -> None:
    count = 60
    store.load_consents([consent(f"C{number:03}", uses=1) for number in range(count)], START)
    nodes = Nodes("last-use", url, data_dir, ["a", "b", "c"], count)
    nodes.begin()
    told = sum(nodes.end(), Told())
    assert told == {"got": count, "too late": 2 * count}
    assert {known.uses_left for known in store.consents().consents} == {0}
    assert outcomes(store) == ["sent"] * count
    assert store.verify_ledger() is None
