"""The audit chain: what is recorded, and that every kind of tampering shows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select

from dlp.errors import Unavailable
from dlp.store import Store
from dlp.store.records import BadAudit, ProbeSeen
from dlp.store.schema import audit
from dlp.store.states import State
from dlp.values import Action, Judgement, Recipient
from tests.store.samples import KEYS, OFFICER, START, StandingClock, held, mail, new_copy, new_store, notice

BOB, EVE = "bob@outside.example", "eve@outside.example"


def _execute(store: Store, *statements: str) -> None:
    with store._engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def _events(store: Store) -> list[str]:
    with store._engine.connect() as connection:
        return [row.event for row in connection.exec_driver_sql("SELECT event FROM audit ORDER BY seq")]


@pytest.fixture
def history(store: Store, clock: StandingClock) -> Store:
    """Five rows: held twice, forwarded, release, released."""
    store.commit(store.prepare(mail(), [held(BOB, EVE)]), [Recipient("kim@outside.example")], notice())
    clock.forward(hours=1)
    claim = store.claim_release(store.held()[0].id, OFFICER)
    assert claim
    store.settle(claim, State.RELEASED, why="250")
    return store


def test_every_act_has_its_row(history: Store) -> None:
    identity = history.held()[0].id
    history.note(identity, OFFICER, disputed=True)
    history.deny(identity, OFFICER)
    history.notice_sent(history.claim_notices()[0])
    assert _events(history) == ["held", "held", "forwarded", "release", "released", "disputed", "denied", "notice-sent"]
    assert history.verify_audit() is None


def test_an_empty_chain_is_whole(store: Store) -> None:
    assert store.verify_audit() is None
    assert store.verify_audit("main") is None


def test_a_row_names_the_actor_and_the_reason_by_keyed_digest_only(history: Store) -> None:
    with history._engine.connect() as connection:
        row = connection.exec_driver_sql("SELECT * FROM audit WHERE event = 'release'").one()
    assert (row.actor, row.reason) == (KEYS.digest(OFFICER.actor), KEYS.digest(OFFICER.reason))
    assert row.reference == mail().envelope.reference


@pytest.mark.parametrize("column", ["event", "reference", "actor", "reason", "detail", "previous", "hash", "time", "version"])
def test_an_edited_cell_shows(history: Store, column: str) -> None:
    assert history.verify_audit() is None
    _execute(history, f"UPDATE audit SET {column} = 7 WHERE seq = 3")
    assert history.verify_audit() == BadAudit("main", 3, "edited")


@pytest.mark.parametrize(
    ("statements", "bad"),
    [
        (["DELETE FROM audit WHERE seq = 1"], BadAudit("main", 1, "missing")),
        (["DELETE FROM audit WHERE seq = 3"], BadAudit("main", 3, "missing")),
        (["DELETE FROM audit WHERE seq = 5"], BadAudit("main", 5, "tail-cut")),
        (["DELETE FROM audit"], BadAudit("main", 1, "tail-cut")),
        (
            [
                "DELETE FROM audit WHERE seq > 3",
                "UPDATE audit_head SET seq = 3, hash = (SELECT hash FROM audit WHERE seq = 3)",
            ],
            BadAudit("main", 4, "tail-cut"),
        ),
        (["DELETE FROM audit", f"UPDATE audit_head SET seq = 0, hash = '{'0' * 64}'"], BadAudit("main", 1, "tail-cut")),
        (["DELETE FROM audit_head"], BadAudit("main", 6, "tail-cut")),
        (["DELETE FROM audit WHERE seq = 3", "UPDATE audit SET seq = seq - 1 WHERE seq > 3"], BadAudit("main", 3, "edited")),
        (
            [
                "UPDATE audit SET seq = 9 WHERE seq = 2",
                "UPDATE audit SET seq = 2 WHERE seq = 3",
                "UPDATE audit SET seq = 3 WHERE seq = 9",
            ],
            BadAudit("main", 2, "edited"),
        ),
        (["UPDATE audit SET node = 'other'", "UPDATE audit_head SET node = 'other'"], BadAudit("other", 1, "edited")),
    ],
    ids=[
        "first gone",
        "one gone",
        "last gone",
        "all gone",
        "end forged",
        "end forged for none",
        "head gone",
        "gap closed",
        "two swapped",
        "given to another node",
    ],
)
def test_tampering_shows(history: Store, statements: list[str], bad: BadAudit) -> None:
    assert history.verify_audit() is None
    _execute(history, *statements)
    assert history.verify_audit() == bad


def test_a_row_of_another_history_shows(history: Store, clock: StandingClock, tmp_path: Path) -> None:
    """A genuine row under its own number, from a backup that went another way."""
    other = new_store(tmp_path / "other", clock)
    other.hold(mail("4Other"), [held(BOB, EVE)])
    with other._engine.connect() as connection:
        row = connection.execute(select(audit).where(audit.c.seq == 2)).one()
    other.close()
    with history._engine.begin() as connection:
        connection.execute(delete(audit).where(audit.c.seq == 2))
        connection.execute(insert(audit).values(row._asdict()))
    assert history.verify_audit() == BadAudit("main", 2, "edited")


def test_an_act_that_cannot_be_recorded_does_not_happen(store: Store) -> None:
    store.hold(mail(), [held(BOB)])
    identity = store.held()[0].id
    _execute(store, "DROP TABLE audit")
    with pytest.raises(Unavailable):
        store.deny(identity, OFFICER)
    with pytest.raises(Unavailable):
        store.claim_release(identity, OFFICER)
    assert store.held()[0].state is State.HELD


def test_observed_verdicts_are_recorded_without_addresses(store: Store) -> None:
    ruling = new_copy(BOB).ruling
    store.observe("H7K2-9QMD", Judgement("r1", (), (), (), (), would_be=(ruling, ruling)))
    with store._engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM audit").all()
    assert [(row.event, row.reference) for row in rows] == [("would-hold", "H7K2-9QMD")] * 2
    assert json.loads(rows[0].detail) == {
        "revision": "r1",
        "recipient": KEYS.lookup(BOB),
        "release": "officer",
        "rows": ["O1"],
        "codes": ["FAQ:outside-consent"],
        "requirements": ["R26"],
    }
    assert store.held() == ()


def test_probes_are_found_by_their_nonce(store: Store) -> None:
    for action in (Action.WARN, Action.REWRITE, Action.HOLD):
        store.record_probe("n0nce", action, "H7K2-9QMD")
    store.record_probe("another", Action.HOLD, "0000-0000")
    assert store.probes("n0nce") == tuple(ProbeSeen(START, "H7K2-9QMD", word) for word in ("warn", "rewrite", "hold"))
    assert store.probes("never sent") == ()
