"""Keeping copies: at once, or prepared and committed; chunks and retries merge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text, update

from dlp.errors import Unavailable
from dlp.store import Store
from dlp.store.copies import copy_row
from dlp.store.database import reading
from dlp.store.records import Evidence, Filter
from dlp.store.schema import copy as copies
from dlp.store.sealing import seal, unseal
from dlp.store.states import Damaged, Purpose, State, Told
from dlp.values import Origin, Recipient, Release
from tests.store.samples import BODY, KEYS, OFFICER, START, StandingClock, finding, held, mail, new_copy, notice, owed

BOB, EVE, KIM = "bob@outside.example", "eve@outside.example", "kim@outside.example"


def _number(store: Store, table: str) -> int:
    with reading(store._engine) as connection:
        return connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()


def _release(store: Store) -> None:
    (copy,) = store.held()
    claim = store.claim_release(copy.id, OFFICER)
    assert claim
    assert store.settle(claim, State.RELEASED)


def _deny(store: Store) -> None:
    (copy,) = store.held()
    assert store.deny(copy.id, OFFICER)


def test_a_held_copy_comes_back_as_it_was_given(store: Store) -> None:
    kept = store.hold(mail(), [held(BOB)], notice())
    (copy,) = store.held()
    assert kept.states == {BOB: State.HELD}
    assert kept.new == {BOB}
    assert store.content(copy) == BODY
    assert (copy.reference, copy.key, copy.state, copy.purpose) == (
        mail().envelope.reference,
        mail().key,
        State.HELD,
        Purpose.HELD,
    )
    assert (copy.release, copy.codes, copy.kinds) == (Release.OFFICER, ("FAQ:outside-consent",), ("id",))
    assert (copy.sender, copy.parameters) == ("ann@campus.example", ("BODY=8BITMIME", "RET=HDRS"))
    assert copy.recipient == Recipient(BOB, ("NOTIFY=FAILURE", "ORCPT=rfc822;" + BOB))
    assert (copy.login, copy.origin, copy.received_at) == ("ann@campus.example", Origin.SUBMISSION, START)
    assert copy.reasons == new_copy(BOB).ruling.reasons
    assert copy.evidence == (Evidence("id", "student-id", "part 1, line 2", "•••27"),)
    assert (copy.told, copy.attempts, copy.acts, copy.damaged) == (Told.SENDER, 0, (), False)


def test_of_very_many_findings_the_first_of_each_kind_are_kept(store: Store) -> None:
    """Each of hundreds of recipients has a record of its own."""
    findings = tuple(replace(finding(where=f"line {n}"), kind="grades" if n == 9_999 else "id") for n in range(10_000))
    reason = replace(new_copy(BOB).ruling.reasons[0], findings=tuple(range(5, 10_000)))
    copy = replace(new_copy(BOB), ruling=replace(new_copy(BOB).ruling, reasons=(reason,)), findings=findings)
    store.hold(mail(), [replace(held(BOB), copies=(copy,))], notice())
    (kept,) = store.held()
    assert kept.kinds == ("grades", "id")
    assert [kept.evidence[index].where for index in kept.reasons[0].findings] == [
        *(f"line {n}" for n in range(5, 25)),
        "line 9999",
    ]


@pytest.mark.parametrize(
    "content",
    [b"", b"x", bytes(range(256)) * 4, b"\r\n" * 3_000_000],
    ids=["empty", "one byte", "every byte", "6 MB that shrink"],
)
def test_content_is_exact(store: Store, content: bytes) -> None:
    store.hold(mail(), [held(BOB, content=content)])
    assert store.content(store.held()[0]) == content


def test_copies_of_a_bundle_share_their_bytes(store: Store) -> None:
    store.hold(mail(), [held(BOB, EVE), owed(KIM, content=b"edited")])
    assert _number(store, "content") == 2
    assert {copy.recipient.address: store.content(copy) for copy in store.by_reference(mail().envelope.reference)} == {
        BOB: BODY,
        EVE: BODY,
        KIM: b"edited",
    }


def test_a_message_may_be_a_memoryview(store: Store) -> None:
    message, bundle = mail(), held(BOB, content=memoryview(BODY))  # type: ignore[arg-type]
    store.hold(message, [bundle])
    assert store.content(store.held()[0]) == BODY


def test_what_is_prepared_is_invisible_until_committed(store: Store) -> None:
    prepared = store.prepare(mail(), [held(BOB)])
    assert store.held() == ()
    assert store.by_reference(mail().envelope.reference) == ()
    assert store.settled(mail().key, [Recipient(BOB)]) == {}
    assert (store.counts().copies, store.counts().notices, store.undigested()) == ({}, {}, ())
    store.commit(prepared, [Recipient(KIM)], notice())
    assert [copy.recipient.address for copy in store.held()] == [BOB]
    assert store.settled(mail().key, [Recipient(BOB), Recipient(KIM), Recipient(EVE)]) == {BOB: State.HELD, KIM: State.SENT}
    assert len(store.claim_notices()) == 1


def test_a_forwarded_recipient_is_no_held_copy(store: Store) -> None:
    store.commit(store.prepare(mail(), [held(BOB)]), [Recipient(KIM)])
    assert [copy.recipient.address for copy in store.held(Filter(states=frozenset(State)))] == [BOB]


def test_abort_erases_and_a_retry_starts_anew(store: Store) -> None:
    store.abort(store.prepare(mail(), [held(BOB)]))
    assert _number(store, "content_chunk") == 0
    assert store.hold(mail(), [held(BOB)]).new == {BOB}
    assert store.content(store.held()[0]) == BODY


def test_abort_after_commit_changes_nothing(store: Store) -> None:
    prepared = store.prepare(mail(), [held(BOB)])
    store.commit(prepared)
    store.abort(prepared)
    assert store.content(store.held()[0]) == BODY


@pytest.mark.parametrize("again", [lambda store: store.hold, lambda store: store.prepare], ids=["hold", "prepare"])
def test_a_second_try_waits_while_the_first_may_still_run(
    store: Store, again: Callable[[Store], Callable[..., object]]
) -> None:
    prepared = store.prepare(mail(), [held(BOB)])
    with pytest.raises(Unavailable, match="busy"):
        again(store)(mail(), [held(BOB)])
    store.commit(prepared)
    assert len(store.held()) == 1


def test_a_left_over_is_taken_over_and_its_owner_can_no_longer_commit(store: Store, clock: StandingClock) -> None:
    late = store.prepare(mail(), [held(BOB)])
    clock.forward(minutes=16)
    prepared = store.prepare(mail(), [held(BOB)])
    with pytest.raises(Unavailable):
        store.commit(late, [Recipient(KIM)], notice())
    assert store.settled(mail().key, [Recipient(KIM)]) == {}
    store.commit(prepared)
    assert len(store.held()) == 1
    assert _number(store, "content_chunk") == 1


@pytest.mark.parametrize(
    ("decide", "state"),
    [(lambda _: None, State.HELD), (_release, State.RELEASED), (_deny, State.DENIED)],
    ids=["held", "released", "denied"],
)
@pytest.mark.parametrize("live", [False, True], ids=["hold", "prepare and commit"])
def test_a_retry_merges_and_the_first_state_stands(
    store: Store, decide: Callable[[Store], None], state: State, *, live: bool
) -> None:
    store.hold(mail(), [held(BOB)], notice("first"))
    decide(store)
    if live:
        prepared = store.prepare(mail(), [held(BOB)])
        store.commit(prepared, (), notice("second"))
        kept = prepared.kept
    else:
        kept = store.hold(mail(), [held(BOB)], notice("second"))
    assert kept.states == {BOB: state}
    assert kept.new == frozenset()
    assert [copy.state for copy in store.by_reference(mail().envelope.reference)] == [state]
    assert _number(store, "content") == 1
    assert [due.facts for due in store.claim_notices()] == [("first",)]


def test_a_try_that_was_overtaken_between_its_look_and_its_prepare_shows_it(store: Store) -> None:
    """The other one may have forwarded to the recipients that this one would forward to as well."""
    assert not store.settled(mail().key, [Recipient(BOB), Recipient(KIM)])
    store.commit(store.prepare(mail(), [held(BOB)]), [Recipient(KIM)])
    assert store.prepare(mail(), [held(BOB)]).overtaken
    assert not store.prepare(mail(), [held(EVE, EVE, "eve@OUTSIDE.example")]).overtaken


def test_a_recipient_forwarded_before_is_not_held_afterwards(store: Store) -> None:
    store.commit(store.prepare(mail(), [held(BOB)]), [Recipient(KIM)])
    assert store.hold(mail(), [held(KIM)], notice()).states == {KIM: State.SENT}
    assert len(store.held()) == 1


def test_a_recipient_named_twice_has_one_copy(store: Store) -> None:
    store.hold(mail(), [held(BOB, BOB, "bob@OUTSIDE.example")])
    assert len(store.held()) == 1


def test_local_parts_that_differ_in_case_are_two_recipients(store: Store) -> None:
    """RFC 5321 2.4: only the next hop knows whether they are one mailbox."""
    store.hold(mail(), [held(BOB, "BOB@outside.example")])
    assert len(store.held()) == 2


def test_chunks_of_one_message_share_its_row_and_its_notice(store: Store) -> None:
    for chunk in range(3):
        addresses = [f"r{chunk * 50 + n}@outside.example" for n in range(50)]
        store.hold(mail(), [held(*addresses)], notice({"chunk": chunk}))
    assert len(store.by_reference(mail().envelope.reference)) == 150
    assert _number(store, "message") == 1
    assert [due.facts for due in store.claim_notices()] == [({"chunk": 0}, {"chunk": 1}, {"chunk": 2})]


def test_two_messages_do_not_merge(store: Store) -> None:
    store.hold(mail("4Aaa"), [held(BOB)])
    store.hold(mail("4Bbb"), [held(BOB)])
    assert len(store.held()) == 2


def test_a_hold_nobody_is_told_of_goes_to_the_digest_once(store: Store) -> None:
    store.hold(mail(), [held(BOB), owed(KIM)])
    (copy,) = store.undigested()
    assert (copy.recipient.address, store.counts().undigested) == (BOB, 1)
    store.mark_digested([copy.id])
    assert store.undigested() == ()
    assert store.held()[0].told is Told.DIGESTED


@pytest.mark.parametrize("decide", [_release, _deny], ids=["released", "denied"])
def test_the_digest_does_not_tell_of_what_is_decided(store: Store, decide: Callable[[Store], None]) -> None:
    store.hold(mail(), [held(BOB)])
    assert len(store.undigested()) == store.counts().undigested == 1
    decide(store)
    assert (store.undigested(), store.counts().undigested) == ((), 0)


def test_a_reason_keeps_whether_it_may_be_named(store: Store) -> None:
    """A record written before there was such a word has none of it."""
    plain = new_copy(BOB)
    reasons = tuple(replace(reason, neutral=True) for reason in plain.ruling.reasons)
    silent = replace(plain, ruling=replace(plain.ruling, reasons=reasons))
    store.hold(mail(), [replace(held(BOB), copies=(silent,))])
    (copy,) = store.held()
    assert copy.reasons == reasons
    with store._engine.begin() as connection:
        ((identity, key, recipient, content, record),) = connection.exec_driver_sql(
            "SELECT id, message, recipient_key, content, record FROM copy"
        )
        row = copy_row(identity, key, recipient, content)
        older: Any = unseal(KEYS, record, row)
        del older["reasons"][0]["neutral"]
        connection.execute(update(copies).values(record=seal(KEYS, older, row)))
    assert store.held()[0].reasons == plain.ruling.reasons


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Filter(), {BOB, EVE}),
        (Filter(recipient=BOB), {BOB}),
        (Filter(recipient="bob@Outside.Example"), {BOB}),
        (Filter(sender="ann@campus.example"), {BOB}),
        (Filter(states=frozenset({State.OWED})), {KIM}),
        (Filter(since=START.replace(hour=11)), {EVE}),
        (Filter(limit=1), {EVE}),
        (Filter(sender="nobody@campus.example"), set()),
    ],
    ids=["all", "recipient", "domain in any case", "sender", "owed", "since", "newest", "none"],
)
def test_holds_are_found_by(store: Store, clock: StandingClock, wanted: Filter, found: set[str]) -> None:
    store.hold(mail(), [held(BOB), owed(KIM)])
    clock.forward(hours=2)
    store.hold(mail(sender="zoe@campus.example"), [held(EVE)])
    assert {copy.recipient.address for copy in store.held(wanted)} == found


def test_erased_bytes_do_not_come_back(store: Store) -> None:
    """A denied copy keeps its row, its bytes and their key are gone; a copy that shares them keeps them."""
    store.hold(mail(), [held(BOB, EVE)])
    bob, eve = sorted(store.held(), key=lambda copy: copy.recipient.address)
    store.deny(bob.id, OFFICER)
    assert store.content(eve) == BODY
    store.deny(eve.id, OFFICER)
    with pytest.raises(Damaged):
        store.content(eve)
    assert _number(store, "content_chunk") == 0
