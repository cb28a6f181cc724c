"""What the steward of a department is told of: noted once for each action, till it was told or a month has passed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from dlp.store import Store
from dlp.store.incidents import Incident
from tests.store.samples import START, StandingClock, mail

BATCH, NEED = "FAQ:email-batch", "FAQ:need-to-know"
LATER = START + timedelta(seconds=1)


def noted(store: Store) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(each.department, each.action, each.codes) for each in store.incidents(LATER)]


def test_each_action_on_a_message_is_noted_once_for_all_its_chunks_and_tries(
    store: Store, another: Callable[[str], Store]
) -> None:
    store.add_incident(mail(), "Physics", {"hold": {NEED, BATCH}, "warn": {NEED}})
    another("north").add_incident(mail(), "Physics", {"hold": {NEED}})
    assert sorted(noted(store)) == [("Physics", "hold", (BATCH, NEED)), ("Physics", "warn", (NEED,))]
    assert {each.reference for each in store.incidents(LATER)} == {mail().envelope.reference}


def test_they_come_by_department_and_only_what_is_old_enough(store: Store, clock: StandingClock) -> None:
    for number, department in enumerate(("Physics", "History", "physics ")):
        store.add_incident(mail(f"m{number}"), department, {"hold": {NEED}})
    names = [each.department.strip().lower() for each in store.incidents(LATER)]
    assert sorted(names) == ["history", "physics", "physics"]
    assert names.index("history") != 1
    assert store.incidents(START) == ()


def test_what_was_told_is_forgotten(store: Store) -> None:
    store.add_incident(mail("one"), "Physics", {"hold": {NEED}})
    store.add_incident(mail("two"), "History", {"hold": {NEED}})
    first: Incident = store.incidents(LATER)[0]
    store.forget_incidents([first.id])
    assert [each.id == first.id for each in store.incidents(LATER)] == [False]


def test_after_a_month_it_is_forgotten_untold(store: Store, clock: StandingClock) -> None:
    store.add_incident(mail(), "Physics", {"hold": {NEED}})
    clock.forward(days=30)
    store.recover()
    assert len(noted(store)) == 1
    clock.forward(days=2)
    store.recover()
    assert noted(store) == []


def test_the_department_stands_in_no_clear_column(store: Store) -> None:
    store.add_incident(mail(), "Department of a Name", {"hold": {NEED}})
    with store._engine.connect() as connection:
        (row,) = connection.exec_driver_sql("SELECT * FROM incident").all()
    assert b"Department of" not in b"".join(bytes(cell) if isinstance(cell, bytes) else str(cell).encode() for cell in row)
