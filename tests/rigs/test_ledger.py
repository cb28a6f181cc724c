"""The ledger finds each kind of broken promise when one is planted, and nothing in a run as it should be."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.rigs.ledger import Broken, Evidence, compare, named, read_lines, report
from tests.rigs.records import Arrival, Attempt, Kept, Kill, Row

ANN, GUEST, SENDER = "ann@campus.example", "guest@elsewhere.example", "a.mori@campus.example"


def attempt(identity: str, recipient: str, fate: str, reply: str, began: float, **more: str) -> Attempt:
    hashed = "" if fate == "notice" else "h" + identity
    return Attempt(identity, f"q{identity}", recipient, fate, reply, began, began + 1, hashed, **more)


def as_promised() -> Evidence:
    """One message passes, one is held, one is owed, one was released; a receiver dies between the dot and the reply."""
    return Evidence(
        attempts=[
            attempt("1", ANN, "deliver", "2", 10),
            attempt("2", GUEST, "hold", "4", 10),
            attempt("2", GUEST, "hold", "2", 20, reference="REF2"),
            attempt("2", SENDER, "notice", "2", 20, reference="REF2"),
            attempt("3", ANN, "deliver", "2", 10),
            attempt("4", GUEST, "hold", "2", 10, reference="REF4"),
            attempt("5", ANN, "deliver", "", 30),
            attempt("5", ANN, "deliver", "2", 40),
        ],
        arrivals=[
            Arrival("1", ANN, "h1", 10.5, live=True),
            Arrival("4", GUEST, "h4", 15, live=False),
            Arrival("5", ANN, "h5", 30.5, live=True),
            Arrival("5", ANN, "h5", 40.5, live=True),
            Arrival("", SENDER, "n", 25, live=False, reference="REF2", notice=True),
        ],
        kills=[Kill(30.6, "receiver")],
        kept=Kept(
            rows=(
                Row("2", GUEST, "held", "REF2", "h2"),
                Row("3", ANN, "owed", "REF3", "h3"),
                Row("4", GUEST, "released", "REF4", released=True),
            )
        ),
    )


def without_attempts(run: Evidence, identity: str) -> Evidence:
    return replace(run, attempts=[each for each in run.attempts if each.id != identity])


def without_arrival(run: Evidence, identity: str) -> Evidence:
    return replace(run, arrivals=[each for each in run.arrivals if each.id != identity])


def arrives(run: Evidence, *more: Arrival) -> Evidence:
    return replace(run, arrivals=[*run.arrivals, *more])


def row(run: Evidence, identity: str, **changed: object) -> Evidence:
    rows = tuple(replace(each, **changed) if each.id == identity else each for each in run.kept.rows)
    return replace(run, kept=replace(run.kept, rows=rows))


def without_row(run: Evidence, identity: str) -> Evidence:
    return replace(run, kept=replace(run.kept, rows=tuple(each for each in run.kept.rows if each.id != identity)))


def answered(run: Evidence, identity: str, reply: str) -> Evidence:
    return replace(run, attempts=[replace(each, reply=reply) if each.id == identity else each for each in run.attempts])


FAULTS: dict[str, tuple[Callable[[Evidence], Evidence], Broken]] = {
    "accepted and nowhere": (lambda run: without_arrival(run, "1"), Broken("LOST", "1")),
    "a hold without its row": (lambda run: without_row(run, "2"), Broken("LOST", "2")),
    "a hold whose bytes do not open": (lambda run: row(run, "2", state="damaged"), Broken("LOST", "2")),
    "called sent, not delivered": (lambda run: row(run, "3", state="sent"), Broken("LOST", "3")),
    "called released, not delivered": (lambda run: without_arrival(run, "4"), Broken("LOST", "4")),
    "a hold arrives": (lambda run: arrives(run, Arrival("2", GUEST, "h2", 30, live=True)), Broken("LEAKED", "2")),
    "a hold arrives without a release on record": (lambda run: row(run, "4", released=False), Broken("LEAKED", "4")),
    "two copies, nobody died": (lambda run: replace(run, kills=[]), Broken("DUP", "5")),
    "two copies, another died": (lambda run: replace(run, kills=[Kill(30.6, "reader")]), Broken("DUP", "5")),
    "two copies, the death came before the dot": (lambda run: replace(run, kills=[Kill(20, "receiver")]), Broken("DUP", "5")),
    "two copies, the first try was answered": (lambda run: answered(run, "5", "2"), Broken("DUP", "5")),
    "two copies of what is sent later": (
        lambda run: arrives(run, Arrival("4", GUEST, "h4", 18, live=False)),
        Broken("DUP", "4"),
    ),
    "one hold kept twice": (
        lambda run: replace(run, kept=replace(run.kept, rows=(*run.kept.rows, Row("2", GUEST, "held", "REF2", "h2")))),
        Broken("DUP", "2"),
    ),
    "bytes without a copy": (
        lambda run: replace(run, kept=replace(run.kept, orphans=("content 7",))),
        Broken("ORPHAN", "content 7"),
    ),
    "a hold of what was never accepted": (lambda run: answered(run, "2", "4"), Broken("PHANTOM", "2")),
    "a hold nobody sent": (lambda run: without_attempts(run, "2"), Broken("PHANTOM", "2")),
    "a copy nobody sent": (lambda run: without_attempts(run, "1"), Broken("PHANTOM", "1")),
    "a notice of what was never accepted": (
        lambda run: arrives(run, Arrival("", SENDER, "n", 25, live=False, reference="REF9", notice=True)),
        Broken("PHANTOM", "REF9"),
    ),
    "never accepted": (lambda run: without_row(answered(run, "3", "4"), "3"), Broken("STUCK", "3")),
    "refused for good": (lambda run: answered(run, "1", "5"), Broken("MISCLASS", "1")),
    "other bytes arrive": (
        lambda run: arrives(without_arrival(run, "1"), Arrival("1", ANN, "h2", 10.5, live=True)),
        Broken("ALTERED", "1"),
    ),
    "other bytes are kept": (lambda run: row(run, "2", hash="h3"), Broken("ALTERED", "2")),
    "nobody is told of a hold": (lambda run: without_arrival(run, ""), Broken("UNTOLD", "2")),
    "the audit chain is broken": (lambda run: replace(run, kept=replace(run.kept, chain="main 7")), Broken("CHAIN", "main 7")),
}


def test_a_run_as_promised_breaks_no_rule():
    assert compare(as_promised()) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault):
    plant, expected = FAULTS[fault]
    assert expected in compare(plant(as_promised()))


def test_a_second_copy_sent_later_is_allowed_where_the_clerk_died():
    doubled = arrives(as_promised(), Arrival("4", GUEST, "h4", 18, live=False))
    assert compare(replace(doubled, kills=[*doubled.kills, Kill(15.2, "clerk")])) == []
    assert Broken("DUP", "4") in compare(replace(doubled, kills=[*doubled.kills, Kill(40, "clerk")]))


def test_a_report_counts_what_it_saw():
    found = report(as_promised())
    assert (found["messages"], found["recipients"], found["unanswered"], found["doubled"]) == (5, 5, 1, 1)
    assert found["broken"] == []


def owed_twice(*kills: Kill) -> Evidence:
    """Without an upstream id: the first try was owed and never answered, the second owed a copy of its own."""
    tries = (("", 10, ""), ("2", 20, "REF7"))
    return Evidence(
        attempts=[replace(attempt("7", ANN, "deliver", reply, at, reference=told), upstream="") for reply, at, told in tries],
        arrivals=[Arrival("7", ANN, "h7", at, live=False, reference=told) for at, told in ((15, "REF6"), (25, "REF7"))],
        kills=list(kills),
        kept=Kept(),
    )


def test_a_copy_owed_twice_is_allowed_only_where_a_receiver_died_before_its_reply():
    assert compare(owed_twice(Kill(10.5, "receiver"))) == []
    assert compare(owed_twice()) == [Broken("DUP", "7")]
    with_id = owed_twice(Kill(10.5, "receiver"))
    with_id = replace(with_id, attempts=[replace(each, upstream="q7") for each in with_id.attempts])
    assert compare(with_id) == [Broken("DUP", "7")]


def doubled_by_one_death(messages: int, deaths: int) -> Evidence:
    """Each message is sent twice around the last death; all others are of a process that was doing nothing."""
    sent = range(100, 100 + messages)
    tries = [attempt(str(each), ANN, "deliver", reply, began) for each in sent for reply, began in (("", 30), ("2", 40))]
    copies = [Arrival(str(each), ANN, f"h{each}", time, live=True) for each in sent for time in (30.5, 40.5)]
    kills = [Kill(each, "reader") for each in range(deaths - 1)] + [Kill(30.6, "receiver")]
    return Evidence(tries, copies, kills, Kept())


def test_over_many_deaths_no_more_messages_are_doubled_than_processes_died():
    assert compare(doubled_by_one_death(20, deaths=20)) == []
    assert compare(doubled_by_one_death(21, deaths=20)) == [Broken("DUP", "more than one for each kill")]
    assert compare(doubled_by_one_death(3, deaths=1)) == []


def test_rows_without_bytes_are_known_by_their_reference():
    gone = [Row("", GUEST, "released", "REF4"), Row("", ANN, "sent", "REF6"), Row("", GUEST, "denied", "REF9")]
    assert [each.id for each in named(gone[:1], as_promised())] == ["4"]
    assert [each.id for each in named(gone[1:], owed_twice())] == ["7", "REF9"]


def held_twice(reply: str) -> Evidence:
    """Without an upstream id: the hold of a try that was never answered has ended, the next try was answered `reply`."""
    tries = (("", 10, ""), (reply, 20, "REF2"))
    return Evidence(
        attempts=[replace(attempt("8", GUEST, "hold", each, at, reference=told), upstream="") for each, at, told in tries],
        arrivals=[Arrival("8", SENDER, "n", 15, live=False, reference="REF1", notice=True)],
        kills=[Kill(10.5, "receiver")],
        kept=Kept(rows=(Row("", GUEST, "returned", "REF1"), Row("8", GUEST, "held", "REF2", "h8"))),
    )


def test_a_notice_of_a_hold_that_was_never_answered_is_a_phantom_unless_a_later_try_was():
    for reply, broken in (("2", []), ("4", [Broken("PHANTOM", "8"), Broken("PHANTOM", "REF1")])):
        run = held_twice(reply)
        kept = replace(run.kept, rows=named(run.kept.rows, run))
        assert compare(replace(run, kept=kept)) == broken


def test_a_line_cut_by_a_death_is_no_line(tmp_path):
    ledger = tmp_path / "kills.jsonl"
    ledger.write_text(json.dumps({"time": 1.0, "target": "clerk", "point": ""}) + '\n{"time": 2.')
    assert read_lines(ledger, Kill) == [Kill(1.0, "clerk")]
