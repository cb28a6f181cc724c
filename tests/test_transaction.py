"""One transaction with the shipped rules: chunks and retries of one upstream id, loops, observe mode, probes, sessions."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from unittest.mock import Mock

import pytest

from dlp import holds
from dlp.admission import Admission, Room
from dlp.detectors import probe
from dlp.errors import Unavailable
from dlp.forward import Deadline
from dlp.intake import Conversation
from dlp.limits import Limits
from dlp.policy.table import load_table
from dlp.rules import _SHIPPED_TABLE
from dlp.sink import Fault
from dlp.store.records import Filter
from dlp.store.states import State
from dlp.transaction import ALL_HOPS, OUR_HOPS, Patience, Relay
from dlp.values import Client, Recipient, Release
from tests.store.samples import OFFICER
from tests.upstream import HOSTNAME, PLACES, QUICK, SENDER, Post, posted, shipped_rules

INSIDE, OUTSIDE = "t.ames@campus.example", "p.lane@freemail.example"
HEAD = b"From: ann@campus.example\r\nMessage-ID: <1@campus.example>\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\n"
PLAIN = HEAD + b"Subject: lunch\r\n\r\nShall we?\r\n"
ONE_ID = HEAD + b"Subject: question\r\n\r\nPlease look at student ID 912345678.\r\n"
TELLING = HEAD + b"Subject: Financial hold and grades\r\n\r\nstudent ID 912345678 cannot register.\r\n"


def held(post: Post) -> list[str]:
    return sorted(copy.recipient.address for copy in post.tools.store.held())


async def test_mail_about_nobody_goes_on_below_one_received_field(tmp_path):
    async with posted(tmp_path) as post:
        assert await post.send([INSIDE, OUTSIDE], PLAIN) == {INSIDE: 250, OUTSIDE: 250}
        (raw,) = post.arrived(OUTSIDE)
        assert raw.endswith(PLAIN)
        assert raw.startswith(b"Received:")
        assert raw.count(b"\r\nFrom:") == 1
        assert not post.tools.store.counts().copies
        assert not post.tools.store.counts().notices


@pytest.mark.parametrize("lmtp", [False, True], ids=["smtp", "lmtp"])
async def test_the_same_recipient_twice_is_answered_twice_and_held_once(tmp_path, lmtp):
    async with posted(tmp_path, lmtp=lmtp) as post:
        replies = await post.replies([OUTSIDE, INSIDE, OUTSIDE, INSIDE], ONE_ID)
        assert [reply.code for reply in replies] == [250] * 4
        assert held(post) == [OUTSIDE]
        assert all(raw.endswith(ONE_ID) for raw in post.arrived(INSIDE))


async def test_fifty_recipient_chunks_of_one_id_make_one_notice_for_all(tmp_path):
    """Postfix sends 120 recipients as three transactions under one queue id."""
    everybody = [f"p{n}@freemail.example" for n in range(120)]
    async with posted(tmp_path) as post:
        for start in range(0, 120, 50):
            assert set((await post.send(everybody[start : start + 50], ONE_ID)).values()) == {250}
            assert post.tools.store.claim_notices() == ()
        assert held(post) == sorted(everybody)
        post.clock.forward(seconds=91)
        (due,) = post.tools.store.claim_notices()
        assert due.addressee == SENDER
        told = [outcome["recipient"] for facts in due.facts for outcome in facts["outcomes"]]
        assert sorted(told) == sorted(everybody)


async def test_a_small_chunk_that_comes_first_waits_for_the_full_one(tmp_path):
    """Postfix delivers the chunks of a message side by side."""
    everybody = [f"p{n}@freemail.example" for n in range(55)]
    raw = f"To: {', '.join(everybody)}\r\n".encode() + ONE_ID
    async with posted(tmp_path) as post:
        for chunk in (everybody[50:], everybody[:50]):
            await post.send(chunk, raw)
            post.clock.forward(seconds=40)
            assert post.tools.store.claim_notices() == ()
        post.clock.forward(seconds=10)
        (due,) = post.tools.store.claim_notices()
        assert sum(len(facts["outcomes"]) for facts in due.facts) == 55


async def test_the_same_text_sent_again_without_an_upstream_id_is_another_message(tmp_path):
    async with posted(tmp_path) as post:
        for _ in range(2):
            await post.send([OUTSIDE], ONE_ID, upstream_id="")
        assert held(post) == [OUTSIDE, OUTSIDE]
        assert len({copy.reference for copy in post.tools.store.held()}) == 2


async def test_each_try_under_one_upstream_id_is_judged_on_its_own_bytes(tmp_path):
    """E105: a clean try tells nothing about the next one."""
    async with posted(tmp_path) as post:
        await post.send([OUTSIDE], HEAD + b"Subject: question\r\n\r\nThe form opens on Monday.\r\n", upstream_id="4XyZ")
        await post.send([OUTSIDE], ONE_ID, upstream_id="4XyZ")
        assert held(post) == [OUTSIDE]
        assert len(post.arrived(OUTSIDE)) == 1


@pytest.mark.parametrize("lmtp", [False, True], ids=["smtp", "lmtp"])
@pytest.mark.parametrize(
    ("host", "count", "code"),
    [
        (HOSTNAME, OUR_HOPS, 250),
        (HOSTNAME, OUR_HOPS + 1, 554),
        ("mx.other.example", ALL_HOPS, 250),
        ("mx.other.example", ALL_HOPS + 1, 554),
    ],
    ids=["ours-at-limit", "ours-over", "all-at-limit", "all-over"],
)
async def test_loops_end(tmp_path, lmtp, host, count, code):
    field = f"Received: from a.example by {host} (campus-dlp) with ESMTP; Sat, 21 Nov 2026 10:00:00 +0000\r\n".encode()
    async with posted(tmp_path, lmtp=lmtp) as post:
        replies = await post.replies([INSIDE, OUTSIDE], field * count + PLAIN)
        assert [reply.code for reply in replies] == [code, code]
        assert bool(post.sink.messages) == (code == 250)
        assert all(reply.enhanced == "5.4.6" for reply in replies if code == 554)
        assert post.free_places == PLACES


async def test_observe_mode_records_and_passes(tmp_path):
    async with posted(tmp_path, rules=lambda: shipped_rules(observe=True)) as post:
        assert await post.send([OUTSIDE], ONE_ID) == {OUTSIDE: 250}
        assert post.arrived(OUTSIDE)[0].endswith(ONE_ID)
        assert not held(post)
        assert not post.tools.store.counts().notices
        assert audited(post) == ["would-hold"]


async def test_a_row_that_is_observed_is_recorded_and_not_acted_on(tmp_path, caplog):
    caplog.set_level("INFO", "dlp.transaction")
    table = load_table('[[observe]]\nrows = ["O1"]\n', "table.toml", _SHIPPED_TABLE.read_text(encoding="utf-8"))
    rules = replace(shipped_rules(), table=table)
    async with posted(tmp_path, rules=lambda: rules) as post:
        assert await post.send([OUTSIDE, INSIDE], ONE_ID) == {OUTSIDE: 250, INSIDE: 250}
        assert post.arrived(OUTSIDE)[0].endswith(ONE_ID)
        assert not held(post)
        assert audited(post) == ["would-hold"]
    told = next(record.values for record in caplog.records if record.getMessage() == "message.judged")
    assert told["observed"] == [{"row": "O1", "action": "hold", "recipients": 1}]
    assert told["mode"] == "enforce"


def audited(post: Post) -> list[str]:
    store = post.tools.store._store
    with store._engine.connect() as connection:
        return [row[0] for row in connection.exec_driver_sql("SELECT event FROM audit ORDER BY seq")]


@pytest.mark.parametrize("word", ["warn", "rewrite", "hold"])
async def test_a_probe_is_recorded_with_what_was_done(tmp_path, word):
    raw = HEAD + f"Subject: {probe.STRINGS['probe-' + word]}\r\n\r\nA test.\r\n".encode()
    async with posted(tmp_path) as post:
        await post.send([INSIDE], raw)
        (seen,) = post.tools.store.probes("<1@campus.example>")
        assert seen.action == word
        assert bool(held(post)) == (word == "hold")


@pytest.mark.parametrize("fault", ["observe", "record_probe"])
async def test_a_lost_record_changes_no_reply(tmp_path, fault):
    """Records are written after the message is settled; 451 then would send it twice."""
    raw = HEAD + f"Subject: {probe.WARN}\r\n\r\nA test.\r\n".encode()
    observe = fault == "observe"
    async with posted(tmp_path, faults={fault: "before"}, rules=lambda: shipped_rules(observe=observe)) as post:
        assert await post.send([INSIDE], raw) == {INSIDE: 250}
        assert len(post.arrived(INSIDE)) == 1


async def test_a_telling_subject_is_edited_read_again_and_sent(tmp_path):
    async with posted(tmp_path) as post:
        assert await post.send([INSIDE], TELLING) == {INSIDE: 250}
        (raw,) = post.arrived(INSIDE)
        assert b"Financial hold" not in raw
        assert raw.endswith(TELLING.partition(b"\r\n\r\n")[2])


async def test_an_edited_copy_that_is_not_proven_is_held_instead(tmp_path, monkeypatch):
    monkeypatch.setattr("dlp.transaction.proven", lambda *_: False)
    async with posted(tmp_path) as post:
        assert await post.send([INSIDE], TELLING) == {INSIDE: 250}
        assert held(post) == [INSIDE]
        (copy,) = post.tools.store.held()
        assert post.tools.store.content(copy) == TELLING
        assert not post.arrived(INSIDE)


class Breaking:
    """Lanes that cannot read: our trouble, or a bug of ours."""

    limits = Limits()

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def read(self, _raw: bytes, _head: object, *, until: float) -> None:
        raise self.error


FAILURES = {"dead-child": Unavailable("scan"), "late-child": Unavailable("deadline"), "bug": RuntimeError("a bug")}


@pytest.mark.parametrize("error", FAILURES.values(), ids=FAILURES)
async def test_what_cannot_be_read_is_not_sent_and_gives_its_session_back(tmp_path, error):
    async with posted(tmp_path) as post:
        object.__setattr__(post.tools, "lanes", Breaking(error))
        for n in range(2 * PLACES):
            assert await post.send([INSIDE], PLAIN + b"%d\r\n" % n) == {INSIDE: 451}
        assert post.free_places == PLACES
        assert not post.sink.messages
        assert not held(post)


@pytest.mark.parametrize("observe", [False, True], ids=["enforce", "observe"])
@pytest.mark.parametrize("lmtp", [False, True], ids=["smtp", "lmtp"])
@pytest.mark.parametrize("error", FAILURES.values(), ids=FAILURES)
async def test_what_cannot_be_judged_three_times_is_held_for_everybody(tmp_path, error, lmtp, observe):
    """Under another upstream id each time; nothing of it is ever sent, and its sender is told."""
    async with posted(tmp_path, lmtp=lmtp, rules=lambda: shipped_rules(observe=observe)) as post:
        object.__setattr__(post.tools, "lanes", Breaking(error))
        tries = [await post.send([INSIDE, OUTSIDE], PLAIN, upstream_id=f"id{n}") for n in range(3)]
        assert tries == [{INSIDE: 451, OUTSIDE: 451}] * 2 + [{INSIDE: 250, OUTSIDE: 250}]
        assert await post.send([INSIDE, OUTSIDE], PLAIN, upstream_id="id2") == {INSIDE: 250, OUTSIDE: 250}
        copies = post.tools.store.held()
        assert sorted(copy.recipient.address for copy in copies) == [OUTSIDE, INSIDE]
        assert {(copy.codes, copy.release) for copy in copies} == {(("unscannable:error",), Release.OFFICER)}
        assert {post.tools.store.content(copy) for copy in copies} == {PLAIN}
        assert not post.sink.messages
        assert [due.addressee for due in post.tools.store.claim_notices()] == [SENDER]


@pytest.mark.parametrize("stage", ["survey", "apply", "alike", "proven"])
async def test_a_bug_in_any_stage_counts(tmp_path, monkeypatch, stage):
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(f"dlp.transaction.{stage}", broken)
    async with posted(tmp_path) as post:
        assert [(await post.send([INSIDE], TELLING))[INSIDE] for _ in range(3)] == [451, 451, 250]
        assert held(post) == [INSIDE]
        assert not post.sink.messages


async def test_while_people_on_file_cannot_be_read_mail_is_put_off_and_no_message_blamed(tmp_path):
    def unreadable() -> None:
        raise Unavailable("directory")

    async with posted(tmp_path) as post:
        object.__setattr__(post.tools, "directory", unreadable)
        assert [(await post.send([INSIDE], TELLING))[INSIDE] for _ in range(5)] == [451] * 5
        assert not post.sink.messages
        assert not held(post)


async def test_chunks_of_one_message_that_fail_side_by_side_are_not_three_tries(tmp_path):
    async with posted(tmp_path) as post:
        object.__setattr__(post.tools, "lanes", Breaking(Unavailable("scan")))
        chunks = [[f"p{chunk}{n}@campus.example" for n in range(2)] for chunk in range(4)]
        tries = [{code for chunk in chunks for code in (await post.send(chunk, PLAIN)).values()} for _ in range(3)]
        assert tries == [{451}, {451}, {250}]
        assert not post.sink.messages


async def test_trouble_of_store_or_next_hop_is_no_fault_of_the_message(tmp_path):
    async with posted(tmp_path) as post:
        for script, fault in (({"DOT": "451 4.3.0 no"}, ""), ({"MAIL": "451 4.3.0 no"}, ""), ({}, "hold")) * 2:
            post.sink.play(script)
            if fault:
                post.tools.store.faults[fault] = "before"
            assert set((await post.send([OUTSIDE], ONE_ID if fault else PLAIN)).values()) == {451}
        object.__setattr__(post.tools, "lanes", Breaking(Unavailable("scan")))
        assert await post.send([OUTSIDE], PLAIN) == {OUTSIDE: 451}
        assert not held(post)


async def test_a_count_that_cannot_be_written_down_is_no_count(tmp_path):
    async with posted(tmp_path) as post:
        object.__setattr__(post.tools, "lanes", Breaking(Unavailable("scan")))
        for _ in range(4):
            post.tools.store.faults["count_failure"] = "before"
            assert await post.send([OUTSIDE], PLAIN) == {OUTSIDE: 451}
        assert not held(post)


async def test_mail_that_is_put_off_at_the_start_reaches_nobody(tmp_path):
    async with posted(tmp_path) as post:
        object.__setattr__(post.tools, "admission", Admission(Room(tmp_path, 1 << 60)))
        assert await post.send([INSIDE], PLAIN) == {INSIDE: 451}
        assert not post.sink.commands
        assert post.free_places == PLACES


def test_the_client_is_answered_within_its_patience():
    """reliability.md f.1: reading gets 0.4 of it, our dot leaves before 0.7, its answer is here before the rest is over."""
    assert Patience(lmtp=600, smtp=100).shares(1000, "smtp") == (1040, Deadline(1070, 1080), 1090)
    assert Patience(lmtp=600, smtp=100).shares(0, "lmtp") == (240, Deadline(420, 480), 540)


@pytest.mark.parametrize("lmtp", [False, True], ids=["smtp", "lmtp"])
@pytest.mark.parametrize("raw", [PLAIN, ONE_ID], ids=["pass", "hold"])
async def test_past_the_deadline_nothing_is_sent_and_nothing_kept(tmp_path, lmtp, raw):
    async with posted(tmp_path, lmtp=lmtp) as post:
        object.__setattr__(post.tools, "patience", Patience(0, 0))
        assert await post.send([OUTSIDE], raw) == {OUTSIDE: 451}
        assert not post.sink.messages
        assert not post.tools.store.counts().copies


async def test_an_answer_that_does_not_come_in_time_is_not_waited_for(tmp_path):
    """The client is answered before it gives up; the copies prepared beside the lost one are forgotten."""
    async with posted(tmp_path) as post:
        post.sink.play({"DOT": Fault.SILENT})
        post.tools.forwarder.timeouts = replace(QUICK, dot=600)
        object.__setattr__(post.tools, "patience", Patience(1, 1))
        async with asyncio.timeout(20):
            assert await post.send([INSIDE, OUTSIDE], ONE_ID) == {INSIDE: 451, OUTSIDE: 451}
        assert not held(post)
        assert not post.tools.store.counts().copies


@pytest.mark.parametrize("after", ["mail", "rcpt", "nothing"])
async def test_a_client_that_leaves_leaves_no_session_behind(tmp_path, after):
    async with posted(tmp_path) as post:
        for _ in range(2 * PLACES):
            transaction = Relay(post.tools).open(Conversation(Client(), "", lmtp=False, helo="a.example"))
            if after != "nothing":
                await transaction.mail(SENDER, ())
            if after == "rcpt":
                await transaction.rcpt(Recipient(INSIDE))
            await transaction.close()
            await transaction.close()
        assert post.free_places == PLACES


async def test_a_cancelled_mail_command_leaves_no_session_behind(tmp_path):
    async with posted(tmp_path) as post:
        for _ in range(2 * PLACES):
            transaction = Relay(post.tools).open(Conversation(Client(), "", lmtp=False, helo="a.example"))
            asking = asyncio.create_task(transaction.mail(SENDER, ()))
            await asyncio.sleep(0)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            await transaction.close()
            await post.sink_is_idle()
        assert post.free_places == PLACES


async def test_a_hundred_releases_at_once_send_exactly_the_bytes_once(tmp_path):
    async with posted(tmp_path) as post:
        await post.send([OUTSIDE], ONE_ID)
        (copy,) = post.tools.store.held()
        store, sender = post.tools.store, post.release_sender()
        tries = [holds.release(store, sender.deliver, copy.reference, OFFICER) for _ in range(100)]
        outcomes = [outcome for each in await asyncio.gather(*tries) for outcome in each]
        assert sum(outcome.done for outcome in outcomes) == 1
        (raw,) = post.arrived(OUTSIDE)
        assert raw.endswith(b"\r\n" + ONE_ID)
        assert [each.state for each in store.held(Filter(states=frozenset(State)))] == [State.RELEASED]


async def test_twenty_messages_at_once_are_each_settled_alone(tmp_path):
    """More than the next hop has places for: they wait for one, and none is mixed with another."""
    async with posted(tmp_path) as post:
        bodies = [ONE_ID + f"message {n}\r\n".encode() for n in range(20)]
        sending = [post.send([INSIDE, OUTSIDE], body, upstream_id=f"4X{n}") for n, body in enumerate(bodies)]
        answers = await asyncio.gather(*sending)
        assert all(code == 250 for answer in answers for code in answer.values())
        assert sorted(raw[raw.index(HEAD) :] for raw in post.arrived(INSIDE)) == sorted(bodies)
        assert len(held(post)) == 20
        assert not post.arrived(OUTSIDE)
        assert post.sink.peak <= PLACES


@pytest.mark.parametrize("lmtp", [False, True], ids=["smtp", "lmtp"])
async def test_the_reply_says_what_became_of_the_recipient(tmp_path, lmtp):
    async with posted(tmp_path, lmtp=lmtp) as post:
        for _ in range(2):  # a retry under the same upstream id is answered alike
            replies = [str(reply)[:-10] for reply in await post.replies([INSIDE, OUTSIDE], ONE_ID)]
            apart = ["250 2.0.0 forwarded", "250 2.0.0 held"]
            together = ["250 2.0.0 forwarded, 1 held"] * 2
            assert replies == (apart if lmtp else together)


async def test_a_held_recipient_is_not_told_that_somebody_else_was_deferred(tmp_path):
    async with posted(tmp_path, lmtp=True) as post:
        post.sink.play({"DOT": "451 4.3.0 later"})
        replies = [str(reply)[:-10] for reply in await post.replies([INSIDE, OUTSIDE], ONE_ID)]
        assert replies[0].startswith("451 ")
        assert replies[1] == "250 2.0.0 held"


@pytest.mark.parametrize("lmtp", [False, True], ids=["smtp", "lmtp"])
@pytest.mark.parametrize(
    ("script", "fails", "wanted"),
    [
        ({"DOT": "451 4.3.0 later"}, False, ("deferred", 0, 2, 0)),
        ({"DOT": "550 5.7.1 never"}, False, ("refused", 0, 0, 2)),
        ({"DOT": Fault.DROP}, False, ("deferred", 0, 2, 0)),
        ({}, True, ("deferred", 0, 2, 0)),
        ({}, False, ("accepted", 1, 0, 0)),
    ],
    ids=["later", "never", "lost", "no-store", "taken"],
)
async def test_the_log_counts_those_the_client_has_to_try_again(tmp_path, caplog, monkeypatch, lmtp, script, fails, wanted):
    caplog.set_level("INFO", "dlp.transaction")
    async with posted(tmp_path, lmtp=lmtp) as post:
        post.sink.play(script)
        if fails:
            no = Unavailable("store")
            for name in ("prepare", "settled_at_once", "settled", "hold"):
                monkeypatch.setattr(post.tools.store, name, Mock(side_effect=no))
        with contextlib.suppress(Unavailable):
            await post.replies([INSIDE, OUTSIDE], ONE_ID)
    told = next(record.values for record in caplog.records if record.getMessage() == "message.judged")
    counted = [told[name] for name in ("forwarded", "held", "deferred", "refused")]
    assert sum(counted) == told["recipients"] == 2
    if not lmtp or fails or not script:  # else each has an answer of its own
        assert (told["result"], told["held"], told["deferred"], told["refused"]) == wanted


WITH = {"LMTP": "LMTPS", "ESMTP": "ESMTPS", "SMTP": "SMTP"}


@pytest.mark.parametrize(("protocol", "encrypted"), WITH.items(), ids=WITH)
async def test_the_trace_says_what_was_encrypted(tmp_path, protocol, encrypted):
    """RFC 3848 has no word for TLS after HELO."""
    async with posted(tmp_path) as post:
        for is_encrypted in (False, True):
            peer = Client(address="127.0.0.1", protocol=protocol)
            told = Conversation(peer, "", lmtp=False, helo="mta.campus.example", encrypted=is_encrypted, peer=peer)
            transaction = Relay(post.tools).open(told)
            await transaction.mail("ann@campus.example", ())
            await transaction.rcpt(Recipient(INSIDE))
            assert (await transaction.accept(PLAIN))[0].accepted
            await transaction.close()
        words = [raw.partition(b" with ")[2].split()[0].decode() for raw in post.arrived(INSIDE)]
        assert words == [protocol, encrypted]


@pytest.mark.parametrize(("protocol", "word"), [("LMTP", "UTF8LMTPS"), ("ESMTP", "UTF8SMTPS")])
async def test_the_trace_says_that_addresses_may_be_of_any_letters(tmp_path, protocol, word):
    """RFC 6531 4.3."""
    async with posted(tmp_path) as post:
        peer = Client(address="127.0.0.1", protocol=protocol)
        told = Conversation(peer, "", lmtp=False, helo="mta.campus.example", encrypted=True, peer=peer)
        transaction = Relay(post.tools).open(told)
        await transaction.mail("ann@campus.example", ("SMTPUTF8",))
        await transaction.rcpt(Recipient(INSIDE))
        assert (await transaction.accept(PLAIN))[0].accepted
        await transaction.close()
        (raw,) = post.arrived(INSIDE)
    assert raw.partition(b" with ")[2].split()[0].decode() == word
