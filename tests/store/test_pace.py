"""Ten notices an hour to one addressee; what comes too soon goes out together, once, whatever fails."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from dlp.errors import Unavailable
from dlp.store import Store, database, pace
from dlp.store.records import DueNotice, Notice
from dlp.store.schema import outbox
from dlp.store.states import NoticeState
from tests.store.samples import START, StandingClock, held, mail, notice

HOUR = timedelta(hours=1)


@pytest.fixture
def data_dir(quick_folder: Path) -> Path:
    return quick_folder / "var"


def _queue(store: Store, count: int, addressee: str = "ann@campus.example", first: int = 0) -> None:
    for number in range(first, first + count):
        store.queue_notice(mail(f"4{addressee}{number}"), Notice(addressee, number, START))


def _all(store: Store) -> list[DueNotice]:
    claimed = []
    while due := store.claim_notices(1):
        claimed += due
    return claimed


def _send_all(store: Store) -> list[DueNotice]:
    claimed = _all(store)
    assert all(store.notice_sent(due) for due in claimed)
    return claimed


def _numbers(due: DueNotice) -> list[int]:
    return sorted(fact for each in (due, *due.more) for fact in each.facts if isinstance(fact, int))


def test_ten_go_at_once_and_the_rest_together_when_the_hour_is_over(store: Store, clock: StandingClock) -> None:
    _queue(store, 14)
    assert [_numbers(due) for due in _send_all(store)] == [[number] for number in range(10)]
    clock.now = START + HOUR - timedelta(microseconds=1)
    assert _all(store) == []
    clock.now = START + HOUR
    (summary,) = _all(store)
    assert _numbers(summary) == [10, 11, 12, 13]
    assert store.notice_sent(summary)
    assert store.counts().notices == {NoticeState.SENT: 14}


def test_one_that_had_to_wait_alone_is_a_notice_like_any_other(store: Store, clock: StandingClock) -> None:
    _queue(store, 11)
    _send_all(store)
    clock.forward(hours=1)
    (due,) = _all(store)
    assert (_numbers(due), due.more) == ([10], ())


def test_others_do_not_wait_for_somebody_who_gets_many(store: Store) -> None:
    _queue(store, 30)
    _queue(store, 3, "bob@campus.example")
    assert Counter(due.addressee for due in _all(store)) == {"ann@campus.example": 10, "bob@campus.example": 3}


def test_an_attempt_that_failed_gives_its_place_back(store: Store, clock: StandingClock) -> None:
    _queue(store, 10)
    first, *others = _all(store)
    assert all(store.notice_sent(due) for due in others)
    assert store.notice_failed(first, START + timedelta(minutes=5))
    _queue(store, 1, first=10)
    assert [_numbers(due) for due in _send_all(store)] == [[10]]
    clock.forward(minutes=5)
    assert _all(store) == []
    clock.forward(minutes=55)
    assert [_numbers(due) for due in _all(store)] == [[0]]


def test_a_summary_takes_one_place(store: Store, clock: StandingClock) -> None:
    _queue(store, 20)
    _send_all(store)
    clock.forward(hours=1)
    (summary,) = _send_all(store)
    assert _numbers(summary) == list(range(10, 20))
    _queue(store, 10, first=20)
    assert [_numbers(due) for due in _all(store)] == [[number] for number in range(20, 29)]


def test_a_summary_left_by_a_dead_process_is_taken_again_whole(store: Store, clock: StandingClock) -> None:
    _queue(store, 13)
    _send_all(store)
    clock.forward(hours=1)
    (late,) = _all(store)
    clock.forward(minutes=15)
    (again,) = _all(store)
    assert _numbers(again) == _numbers(late) == [10, 11, 12]
    assert [each.id for each in (again, *again.more)] == [each.id for each in (late, *late.more)]
    assert not store.notice_sent(late)
    assert not store.notice_failed(late, None)
    assert store.notice_sent(again)


def test_a_summary_that_was_not_taken_is_tried_again_and_given_up_whole(store: Store, clock: StandingClock) -> None:
    _queue(store, 10)
    _send_all(store)
    for upstream in ("4a", "4b"):
        store.hold(mail(upstream), [held("eve@outside.example")], notice())
    _all(store)
    clock.forward(hours=1)
    (summary,) = _all(store)
    assert store.notice_failed(summary, clock.now + HOUR)
    clock.forward(hours=1)
    (summary,) = _all(store)
    assert (summary.attempts, len(summary.more)) == (2, 1)
    assert store.notice_failed(summary, None)
    assert len(store.undigested()) == 2


def test_a_row_that_does_not_open_is_given_up_and_the_summary_goes_without_it(store: Store, clock: StandingClock) -> None:
    _queue(store, 13)
    _send_all(store)
    with database.writing(store._engine) as connection:
        one = select(func.min(outbox.c.id)).where(outbox.c.deferred).scalar_subquery()
        connection.execute(update(outbox).where(outbox.c.id == one).values(record=b"\x01\x02"))
    clock.forward(hours=1)
    (summary,) = _all(store)
    assert len(_numbers(summary)) == 2
    assert store.counts().notices[NoticeState.DEAD] == 1


def test_a_clock_that_was_wrong_for_a_while_stops_nobody_s_notices(store: Store, clock: StandingClock) -> None:
    clock.forward(days=365)
    _queue(store, 10)
    _all(store)
    clock.now = START + timedelta(minutes=1)
    _queue(store, 3, first=10)
    assert len(_all(store)) == 3


def test_of_many_clerks_at_once_ten_get_one_each(store: Store, another: Callable[[str], Store]) -> None:
    _queue(store, 40)
    clerks = [store, another("second")] * 20
    with ThreadPoolExecutor(16) as pool:
        claimed = [due for claims in pool.map(_claimed, clerks) for due in claims]
    assert len({due.id for due in claimed}) == len(claimed) <= pace.LIMIT
    claimed += _all(store)  # what a clerk found taken comes in its next round
    assert len({due.id for due in claimed}) == len(claimed) == pace.LIMIT


def _claimed(store: Store) -> tuple[DueNotice, ...]:
    try:
        return store.claim_notices(1)
    except Unavailable:
        return ()


@pytest.mark.parametrize("seed", range(6))
def test_in_no_hour_come_more_than_ten_and_each_is_told_once(store: Store, clock: StandingClock, seed: int) -> None:
    """Bursts, failures and dead clerks for a day and a half; a notice that a dead clerk sends twice is one notice."""
    dice = random.Random(seed)
    handed: list[datetime] = []
    told: Counter[int] = Counter()
    queued = 0
    for _ in range(150):
        if dice.random() < 0.4 and clock.now < START + timedelta(hours=24):
            burst = dice.choice((1, 2, 9, 25))
            for number in range(queued, queued + burst):
                store.queue_notice(mail(f"4{number}"), Notice("ann@campus.example", number, clock.now))
            queued += burst
        for due in _all(store):
            fate = dice.choice(("sent", "sent", "sent", "refused now", "died"))
            if fate == "refused now":
                store.notice_failed(due, clock.now + timedelta(minutes=dice.choice((1, 30, 240))))
                continue
            if fate == "sent":
                handed.append(clock.now)
                assert store.notice_sent(due)
                told.update(_numbers(due))
        clock.forward(minutes=dice.choice((0, 1, 7, 16, 40)))
    for _ in range(20):
        clock.forward(hours=4)
        for due in _all(store):
            told.update(_numbers(due))
            assert store.notice_sent(due)
    assert told == Counter(range(queued))
    counts = [bisect_right(handed, moment) - bisect_right(handed, moment - HOUR) for moment in handed]
    assert max(counts) <= pace.LIMIT
