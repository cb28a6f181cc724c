"""Deadlines of holds: set when waiting begins, the same for one message, and ended once, never early."""

from __future__ import annotations

import errno
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command

from dlp import holds
from dlp.errors import Unavailable
from dlp.store import Store, database
from dlp.store.migrate import migrate, scripts
from dlp.store.records import HOLD_FOR, HeldCopy
from dlp.store.states import MOVES, NoticeState, Purpose, State, Told
from tests.store.samples import BODY, KEYS, OFFICER, START, URL, StandingClock, held, mail, notice, owed

BOB, EVE = "bob@outside.example", "eve@outside.example"
FAR = datetime(2036, 1, 1, tzinfo=UTC)


def _copy(store: Store, address: str = BOB) -> HeldCopy:
    return next(copy for copy in store.by_reference(mail().envelope.reference) if copy.recipient.address == address)


def _left_failed(store: Store, state: State) -> None:
    """BOB's copy, refused by the next hop as owed or as released."""
    if state is State.REFUSED:
        store.hold(mail(), [owed(BOB)])
        (claim,) = store.claim_due(Purpose.OWED)
    else:
        store.hold(mail(), [held(BOB)])
        taken = store.claim_release(store.held()[0].id, OFFICER)
        assert taken
        claim = taken
    store.settle(claim, state, why="550")


@pytest.mark.parametrize("seconds", [0, 0.000001, 30, 59.999999])
def test_a_deadline_is_a_whole_minute_and_never_early(store: Store, clock: StandingClock, seconds: float) -> None:
    clock.forward(seconds=seconds)
    store.hold(mail(), [held(BOB)])
    deadline = _copy(store).deadline
    assert deadline is not None
    assert (deadline.second, deadline.microsecond) == (0, 0)
    assert timedelta() <= deadline - (clock.now + HOLD_FOR) < timedelta(minutes=1)


def test_the_site_says_how_long_a_hold_waits(store: Store, url: str, data_dir: Path, clock: StandingClock) -> None:
    patient = Store.open(url, data_dir, KEYS, clock=clock, hold_for=timedelta(days=30))
    patient.hold(mail(), [held(BOB)])
    patient.close()
    assert _copy(store).deadline == START + timedelta(days=30)


def test_a_prepared_hold_gets_its_deadline_when_it_becomes_visible(store: Store, clock: StandingClock) -> None:
    prepared = store.prepare(mail(), [held(BOB), owed(EVE)])
    clock.forward(minutes=3)
    store.commit(prepared)
    assert _copy(store).deadline == clock.now + HOLD_FOR
    assert _copy(store, EVE).deadline is None


def test_a_later_chunk_puts_off_the_whole_message_and_a_retry_does_not(store: Store, clock: StandingClock) -> None:
    store.hold(mail(), [held(BOB)])
    store.hold(mail("4Other"), [held(BOB)])
    clock.forward(minutes=1)
    store.hold(mail(), [held(BOB)])
    assert _copy(store).deadline == START + HOLD_FOR
    store.hold(mail(), [held(EVE)])
    assert {_copy(store).deadline, _copy(store, EVE).deadline} == {clock.now + HOLD_FOR}
    assert {copy.deadline for copy in store.held()} == {START + HOLD_FOR, clock.now + HOLD_FOR}


@pytest.mark.parametrize("state", [State.REFUSED, State.RELEASE_FAILED])
def test_what_the_next_hop_refused_waits_anew(store: Store, clock: StandingClock, state: State) -> None:
    clock.forward(days=6)
    _left_failed(store, state)
    assert _copy(store).deadline == clock.now + HOLD_FOR
    clock.forward(days=7)
    assert store.give_back(_copy(store).id, None)


def test_nothing_is_given_back_before_its_deadline(store: Store, clock: StandingClock) -> None:
    store.hold(mail(), [held(BOB)])
    clock.now = START + HOLD_FOR - timedelta(microseconds=1)
    assert store.overdue(FAR) == ()
    assert not store.give_back(_copy(store).id, None)
    clock.forward(seconds=1)
    assert store.overdue(START) == ()  # the asker's own clock has not come so far
    (due,) = store.overdue(FAR)
    assert store.give_back(due.id, None)
    assert not store.give_back(due.id, None)
    assert _copy(store).state is State.RETURNED


def test_the_longest_overdue_comes_first(store: Store, clock: StandingClock) -> None:
    for upstream in ("4One", "4Two", "4Three"):
        store.hold(mail(upstream), [held(BOB)])
        clock.forward(minutes=5)
    clock.forward(days=8)
    expected = [mail(upstream).envelope.reference for upstream in ("4One", "4Two")]
    assert [copy.reference for copy in store.overdue(FAR, 2)] == expected


@pytest.mark.parametrize("state", sorted(state for state, targets in MOVES.items() if State.RETURNED not in targets))
def test_only_what_waits_for_a_person_is_given_back(store: Store, clock: StandingClock, state: State) -> None:
    store.hold(mail(), [held(BOB)])
    identity = _copy(store).id
    with store._engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE copy SET state = '{state}'")
    clock.forward(days=8)
    assert store.overdue(FAR) == ()
    assert not store.give_back(identity, None)


def test_what_is_given_back_is_erased_and_audited(store: Store, clock: StandingClock) -> None:
    store.hold(mail(), [held(BOB, EVE)])
    clock.forward(days=7)
    for copy in store.overdue(FAR):
        store.give_back(copy.id, notice())
    with store._engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM content_chunk").scalar() == 0
        assert connection.exec_driver_sql("SELECT count(wrapped_key) FROM content").scalar() == 0
        assert connection.exec_driver_sql("SELECT count(*) FROM audit WHERE event = 'returned'").scalar() == 2
    assert store.verify_audit() is None


@pytest.mark.parametrize(("told", "digested"), [(True, 0), (False, 1)])
def test_the_digest_tells_of_what_ended_untold(store: Store, clock: StandingClock, *, told: bool, digested: int) -> None:
    store.hold(mail(), [held(BOB)])
    store.mark_digested([copy.id for copy in store.undigested()])
    clock.forward(days=7)
    store.give_back(_copy(store).id, notice() if told else None)
    assert [copy.state for copy in store.undigested()] == [State.RETURNED] * digested
    if told:
        clock.forward(seconds=10)
        (due,) = store.claim_notices()
        store.notice_failed(due, None)
        assert [copy.state for copy in store.undigested()] == [State.RETURNED]


@pytest.mark.parametrize("end", ["denied", "returned"])
def test_a_sender_who_was_told_of_a_failure_stays_told(store: Store, clock: StandingClock, end: str) -> None:
    store.hold(mail(), [owed(BOB)])
    (claim,) = store.claim_due(Purpose.OWED)
    store.settle(claim, State.REFUSED, why="550", notice=notice())
    clock.forward(days=7)
    identity = _copy(store).id
    assert store.deny(identity, OFFICER) if end == "denied" else store.give_back(identity, None)
    assert _copy(store).told is Told.REPORTED


def test_of_a_release_and_an_end_at_once_one_wins(store: Store, clock: StandingClock) -> None:
    store.hold(mail(), [held(*(f"r{n}@outside.example" for n in range(20)))])
    clock.forward(days=7)

    def either(copy: HeldCopy) -> tuple[bool, bool]:
        with ThreadPoolExecutor(2) as pair:
            released = pair.submit(store.claim_release, copy.id, OFFICER)
            returned = pair.submit(store.give_back, copy.id, None)
        return released.result() is not None, returned.result()

    with ThreadPoolExecutor(4) as pool:
        assert {sum(both) for both in pool.map(either, store.held())} == {1}


def test_two_clerks_end_each_copy_once_and_tell_once(
    store: Store, another: Callable[[str], Store], clock: StandingClock
) -> None:
    store.hold(mail(), [held(*(f"r{n}@outside.example" for n in range(10)))])
    clock.forward(days=7)

    def end(clerk: Store) -> int:
        outcomes = holds.expire(clerk, lambda *_: notice(), FAR)
        return sum(outcome.done for outcome in outcomes)

    with ThreadPoolExecutor(2) as pair:
        assert sum(pair.map(end, (store, another("second")))) == 10
    assert {copy.state for copy in store.by_reference(mail().envelope.reference)} == {State.RETURNED}
    clock.forward(seconds=10)
    (due,) = store.claim_notices()
    assert due.more == ()
    assert store.verify_audit() is None


@pytest.mark.parametrize("point", ["deny.erase", "expire.erase", "audit.append"])
def test_an_end_that_fails_half_way_has_not_happened(
    store: Store, clock: StandingClock, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    store.hold(mail(), [held(BOB)])
    clock.forward(days=7)

    def trouble(name: str) -> None:
        if name == point:
            raise OSError(errno.ENOSPC, "full")

    def end() -> bool:
        identity = _copy(store).id
        return store.deny(identity, OFFICER, notice()) if point == "deny.erase" else store.give_back(identity, notice())

    with monkeypatch.context() as failing:
        failing.setattr("dlp.store.moves.reach", trouble)
        failing.setattr("dlp.store.audit.reach", trouble)
        with pytest.raises(Unavailable):
            end()
    assert _copy(store).state is State.HELD
    assert store.content(_copy(store)) == BODY
    assert store.counts().notices == {}
    assert end()
    assert store.counts().notices == {NoticeState.WAITING: 1}


def test_holds_of_a_version_without_deadlines_get_one_from_the_migration_on(data_dir: Path) -> None:
    config = scripts()
    engine = database.connect(URL, data_dir)
    with database.migrating(engine) as connection:
        config.attributes |= {"connection": connection, "hold_for": HOLD_FOR}
        command.upgrade(config, "0002")
        for number, state in enumerate(State):
            connection.exec_driver_sql("INSERT INTO message VALUES (?, 'AAAA-AAAA', '', 0, x'00')", (str(number),))
            values = (str(number), str(number), state)
            connection.exec_driver_sql(
                "INSERT INTO copy VALUES (?, ?, '', ?, 'held', NULL, '', '', '', 0, 0, 1, '', 0, 0, 0, 'none', NULL, NULL)",
                values,
            )
    migrate(URL, data_dir, timedelta(days=30))
    wanted = datetime.now(UTC) + timedelta(days=30)
    with database.reading(engine) as connection:
        found = dict(connection.exec_driver_sql("SELECT state, deadline FROM copy").all())
    waiting = {state for state, targets in MOVES.items() if State.RETURNED in targets}
    assert {state for state, deadline in found.items() if deadline} == waiting
    for state in waiting:
        assert found[state] % 60_000_000 == 0
        assert abs(datetime.fromtimestamp(found[state] / 1e6, UTC) - wanted) < timedelta(minutes=2)
    engine.dispose()
