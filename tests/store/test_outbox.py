"""The notice outbox: merging, leases, ends."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from dlp.store import Store
from dlp.store.records import MERGE_WINDOW, Notice
from dlp.store.schema import outbox
from dlp.store.states import NoticeState, Told
from tests.store.samples import START, StandingClock, held, mail, notice


def test_facts_of_later_chunks_join_the_waiting_notice_and_its_time_stands(store: Store, clock: StandingClock) -> None:
    later = START.replace(minute=2)
    store.queue_notice(mail(), Notice("ann@campus.example", {"n": 1}, later))
    store.queue_notice(mail(), Notice("ann@campus.example", {"n": 2}, START.replace(hour=20)))
    assert store.claim_notices() == ()
    clock.forward(minutes=2)
    (due,) = store.claim_notices()
    assert (due.addressee, due.facts, due.attempts) == ("ann@campus.example", ({"n": 1}, {"n": 2}), 1)
    assert due.reference == mail().envelope.reference


def test_a_waiting_notice_is_put_off_for_later_chunks_within_the_window_of_the_first(
    store: Store, clock: StandingClock
) -> None:
    """A small chunk may come before a large one that expects more."""
    store.queue_notice(mail(), notice(0))
    for number, seconds in enumerate((20, 60), 1):
        clock.now = START + timedelta(seconds=seconds)
        store.queue_notice(mail(), Notice("ann@campus.example", number, clock.now + MERGE_WINDOW))
    clock.now = START + MERGE_WINDOW - timedelta(seconds=1)
    assert store.claim_notices() == ()
    clock.forward(seconds=1)
    assert [due.facts for due in store.claim_notices()] == [(0, 1, 2)]


def test_a_later_chunk_does_not_hasten_a_notice_that_waits_for_its_next_attempt(store: Store, clock: StandingClock) -> None:
    store.queue_notice(mail(), notice(1))
    (due,) = store.claim_notices()
    store.notice_failed(due, START.replace(hour=12))
    store.queue_notice(mail(), notice(2))
    clock.forward(hours=1)
    assert store.claim_notices() == ()
    clock.forward(hours=1)
    assert [due.facts for due in store.claim_notices()] == [(1, 2)]


def test_the_same_facts_are_told_once(store: Store) -> None:
    store.queue_notice(mail(), notice({"n": 1}))
    store.queue_notice(mail(), notice({"n": 1}))
    assert [due.facts for due in store.claim_notices()] == [({"n": 1},)]


def test_facts_that_come_while_a_notice_is_on_its_way_make_a_second(store: Store) -> None:
    store.queue_notice(mail(), notice(1))
    (first,) = store.claim_notices()
    store.queue_notice(mail(), notice(2))
    assert store.notice_sent(first)
    store.queue_notice(mail(), notice(3))
    assert [due.facts for due in store.claim_notices()] == [(2, 3)]


def test_messages_and_addressees_have_their_own_notices(store: Store) -> None:
    store.queue_notice(mail("4Aaa"), notice(1))
    store.queue_notice(mail("4Bbb"), notice(2))
    store.queue_notice(mail("4Aaa"), notice(3, "dean@campus.example"))
    assert sorted(due.facts for due in store.claim_notices()) == [(1,), (2,), (3,)]


def test_a_failed_notice_waits_for_its_next_time(store: Store, clock: StandingClock) -> None:
    store.queue_notice(mail(), notice())
    (due,) = store.claim_notices()
    assert store.notice_failed(due, START.replace(minute=1))
    assert store.claim_notices() == ()
    clock.forward(minutes=1)
    (again,) = store.claim_notices()
    assert again.attempts == 2


def test_ended_notices_are_not_sent_again_and_keep_no_facts(store: Store, clock: StandingClock) -> None:
    store.queue_notice(mail("4Aaa"), notice())
    store.queue_notice(mail("4Bbb"), notice())
    sent, dead = store.claim_notices()
    assert store.notice_sent(sent)
    assert store.notice_failed(dead, None)
    clock.forward(days=9)
    assert store.claim_notices() == ()
    assert store.counts().notices == {NoticeState.SENT: 1, NoticeState.DEAD: 1}
    with store._engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(record) FROM outbox").scalar() == 0


def test_a_dead_owner_s_notice_goes_to_another_and_its_late_word_counts_no_more(store: Store, clock: StandingClock) -> None:
    store.queue_notice(mail(), notice())
    (late,) = store.claim_notices()
    assert store.claim_notices() == ()
    clock.forward(minutes=15)
    (due,) = store.claim_notices()
    assert not store.notice_sent(late)
    assert not store.notice_failed(late, None)
    assert store.notice_sent(due)


def test_a_notice_that_does_not_open_is_given_up_and_stops_no_other(store: Store) -> None:
    store.queue_notice(mail("4Aaa"), notice(1))
    with store._engine.begin() as connection:
        connection.execute(update(outbox).values(record=b"\1\2"))
    store.queue_notice(mail("4Aaa"), notice(2))
    assert [due.facts for due in store.claim_notices()] == [(2,)]
    assert store.counts().notices == {NoticeState.SENDING: 1, NoticeState.DEAD: 1}


def test_a_given_up_notice_hands_its_message_s_holds_to_the_digest(store: Store) -> None:
    store.hold(mail("4Aaa"), [held("bob@outside.example")], notice(1))
    (dead,) = store.claim_notices()
    store.hold(mail("4Bbb"), [held("eve@outside.example")], notice(2))
    store.notice_failed(dead, None)
    assert {copy.recipient.address: copy.told for copy in store.held()} == {
        "bob@outside.example": Told.DIGEST,
        "eve@outside.example": Told.SENDER,
    }
    (untold,) = store.undigested()
    store.mark_digested([untold.id])
    assert store.undigested() == ()
