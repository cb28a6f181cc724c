"""A connection without a socket: which message comes out, what is answered, and what becomes of disorder."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlp.receive.data import Budget, DataRules
from dlp.values import Client, Recipient, Reply
from milter import commands, replies
from milter.layouts import Malformed, Origin
from milter.negotiation import Actions, Negotiate, Steps
from milter.session import NEEDED, Accepted, Discarded, OutOfOrder, Session
from tests.milter.peer import EVERY_ACTION, EVERY_STEP, GREETING, OFFER, RAW, Kept, message

LATER = Reply(451, "4.3.0", "not judged, try again, ref AB12")
NO = Reply(552, "5.3.4", "message too big")


def rules(*, size=1 << 20, limit=1 << 24, normalise=False, nul=False):
    return DataRules(size, Budget(limit), normalise=normalise, nul=nul)


def opened(offer=OFFER, **more):
    """A session whose client has greeted, and what was answered to all of that."""
    session = Session(more.pop("rules", rules()), **more)
    return session, [reply for frame in (offer, *GREETING) for reply in session.take(frame)]


def given_to(session, frames):
    return [reply for frame in frames for reply in session.take(frame)]


def whole(raw=RAW, *recipients, **more):
    """A session with one message that awaits its answer."""
    session, _ = opened(**{key: more.pop(key) for key in ("offer", "rules") if key in more})
    assert given_to(session, message(raw, *recipients, **more)) == []
    assert session.message is not None
    return session


def test_everything_told_about_a_message_comes_out():
    session = whole(RAW, b"<b@campus.example>", b"c@elsewhere.example", sender=b"<A@campus.example>")
    found = session.message
    assert (found.received, found.raw) == (RAW, RAW)
    assert found.client == Client("192.0.2.7", "2525", "pc.campus.example", "client.example", "ESMTP", "REMOTE")
    assert (found.upstream_id, found.login, found.macros["{daemon_name}"]) == ("4XYZ", "ann", "mx.campus.example")
    assert found.sender == "A@campus.example"
    assert found.recipients == (Recipient("b@campus.example"), Recipient("c@elsewhere.example"))
    assert found.echoes == (b"<b@campus.example>", b"c@elsewhere.example")
    assert "Text" not in repr(found)


@pytest.mark.parametrize(
    "raw",
    [
        b"Subject:  two blanks\r\n\r\n\r\nA line.\r\n",
        b"Subject:none\r\nX: a\r\n\tb\r\n  c\r\n\r\n",
        b"\r\nOnly text.\r\n",
        b"Subject: caf\xe9\r\n\r\n\xff\xfe\r\n.\r\n..\r\nno end",
    ],
)
@pytest.mark.parametrize("chunk", [1, 65_535])
def test_the_bytes_are_those_of_the_mta(raw, chunk):
    assert whole(raw, chunk=chunk).message.raw == raw


def test_the_last_bytes_may_come_with_the_end():
    session, _ = opened()
    *before, end = message(RAW)
    assert given_to(session, [*before, commands.EndOfMessage(b"More.\r\n")]) == []
    assert session.message.raw == RAW + b"More.\r\n"
    assert end == commands.EndOfMessage()


def test_lines_of_a_field_may_end_with_cr_lf():
    session, _ = opened()
    frames = [commands.Mail(b"<a>"), commands.Rcpt(b"<b>"), commands.Header(b"X", b" 1\r\n 2"), commands.EndOfMessage()]
    assert given_to(session, frames) == []
    assert session.message.raw == b"X: 1\r\n 2\r\n\r\n"


V4, V6 = Origin(b"4", 7, b"192.0.2.1"), Origin(b"6", 7, b"IPv6:2001:db8::1")
CLIENTS = {
    "IPv6": (b"host.example", V6, Client("2001:db8::1", "7", "host.example", "me", "ESMTP", "REMOTE")),
    "no name": (b"unknown", V4, Client("192.0.2.1", "7", "", "me", "ESMTP", "REMOTE")),
    "address for a name": (b"[192.0.2.1]", V4, Client("192.0.2.1", "7", "", "me", "ESMTP", "REMOTE")),
    "loopback": (b"localhost", Origin(b"4", 7, b"127.0.0.1"), Client("127.0.0.1", "7", "localhost", "me", "ESMTP", "REMOTE")),
    "Postfix's sendmail": (b"localhost", Origin(b"4", 0, b"127.0.0.1"), Client(helo="me", source="LOCAL")),
    "Sendmail itself": (b"localhost", Origin(b"U"), Client(helo="me", source="LOCAL")),
    "Unix socket": (b"mx.example", Origin(b"L", 0, b"/run/x"), Client("", "", "mx.example", "me", "ESMTP", "REMOTE")),
    "a name that is none": (b"a\r\nb", V4, Client("192.0.2.1", "7", "", "me", "ESMTP", "REMOTE")),
}  # fmt: skip


@pytest.mark.parametrize(("name", "origin", "client"), CLIENTS.values(), ids=CLIENTS)
def test_who_the_client_is(name, origin, client):
    session = Session(rules())
    given_to(session, [OFFER, commands.Connect(name, origin), commands.Helo(b"me"), *message(RAW)])
    assert session.message.client == client


# Agreeing


def test_one_answer_for_each_message_is_agreed_on():
    _, (agreed,) = opened()
    assert agreed.actions == NEEDED | Actions.NAME_MACROS
    assert not agreed.actions & Actions.QUARANTINE
    assert agreed.steps & Steps.LEADING_SPACE
    assert b"{auth_authen}" in b" ".join(agreed.wishes.values())


@pytest.mark.parametrize("version", [6, 7, 300])
def test_of_a_newer_version_ours_is_agreed_on(version):
    _, (agreed,) = opened(Negotiate(version, EVERY_ACTION, EVERY_STEP))
    assert agreed.version == 6


@pytest.mark.parametrize(
    ("offered", "agreed"),
    [
        (Steps(0), Steps(0)),
        (Steps.DATA_256K, Steps.DATA_256K),
        (Steps.DATA_256K | Steps.DATA_1M, Steps.DATA_1M),
    ],
)
def test_the_biggest_frames_offered_are_agreed_on(offered, agreed):
    session, _ = opened(Negotiate(6, EVERY_ACTION, EVERY_STEP | offered))
    assert session.steps & (Steps.DATA_256K | Steps.DATA_1M) == agreed


def test_without_mute_steps_each_command_is_answered():
    session, (_, *answers) = opened(Negotiate(6, EVERY_ACTION, Steps.LEADING_SPACE))
    assert answers == [replies.Continue()] * 2  # to the connection and its greeting
    frames = message(RAW, b"<b>", b"<c>")
    answered = [frame for frame in frames if not isinstance(frame, commands.Macros | commands.EndOfMessage)]
    assert given_to(session, frames) == [replies.Continue()] * len(answered)
    assert session.message.raw == RAW


LACKING = {
    **{f"no {action.name}": (6, EVERY_ACTION & ~action, EVERY_STEP) for action in NEEDED},
    "no leading space": (6, EVERY_ACTION, EVERY_STEP & ~Steps.LEADING_SPACE),
    **{f"version {version}": (version, 0x3F, 0x7F) for version in (0, 1, 2, 3, 4, 5)},
    "version 1 that can all": (1, EVERY_ACTION, EVERY_STEP),
}


@pytest.mark.parametrize(("version", "actions", "steps"), LACKING.values(), ids=LACKING)
def test_an_mta_that_lacks_what_we_need_is_told_to_try_again_at_every_step(version, actions, steps):
    session, (agreed, *answers) = opened(Negotiate(version, actions, steps))
    assert agreed == Negotiate(version, 0, 0)
    assert answers == [replies.TryAgain()] * 2
    said = given_to(session, message(RAW))
    assert set(said) == {replies.TryAgain()}
    assert session.message is None


def test_so_is_one_there_is_no_room_for():
    session, (agreed, *answers) = opened(refusing=True)
    assert (agreed.actions, agreed.steps) == (0, 0)
    assert answers == [replies.TryAgain()] * 2
    assert set(given_to(session, message(RAW))) == {replies.TryAgain()}


# Settling


def test_a_message_that_passes_is_only_accepted():
    session = whole()
    assert session.settle(Accepted(session.message.raw)) == (replies.Accept(),)


def test_recipients_left_out_are_removed_by_their_own_bytes_once_each():
    session = whole(RAW, b"<b@x.example>", b"c@x.example", b"<b@x.example>", b"<d@x.example>")
    said = session.settle(Accepted(RAW, left_out=(0, 1, 2)))
    assert said == (replies.DeleteRecipient(b"<b@x.example>"), replies.DeleteRecipient(b"c@x.example"), replies.Accept())


@pytest.mark.parametrize("left_out", [(0,), (2,), (0, 1, 2)], ids=["also-stays", "stays-too", "nobody-stays"])
def test_nobody_is_removed_who_stays_and_somebody_stays(left_out):
    session = whole(RAW, b"<b@x.example>", b"<c@x.example>", b"<b@x.example>")
    with pytest.raises(ValueError, match="removed"):
        session.settle(Accepted(RAW, left_out=left_out))


def test_what_was_edited_reaches_the_mta():
    session = whole()
    wanted = b"ARC-Seal: 1\r\n" + RAW.replace(b"one", b"new").replace(b"Text", b"Word")
    kept = Kept(RAW, [])
    assert kept.take(list(session.settle(Accepted(wanted)))) == replies.Accept()
    assert kept.content() == wanted


@pytest.mark.parametrize(
    ("outcome", "sender", "said"),
    [
        (Discarded(), b"<a@x.example>", replies.Discard()),
        (Discarded(), b"<>", replies.Discard()),
        (LATER, b"<a@x.example>", replies.Answer(b"451 4.3.0 not judged, try again, ref AB12")),
        (LATER, b"<>", replies.Answer(b"451 4.3.0 not judged, try again, ref AB12")),
        (NO, b"<a@x.example>", replies.Answer(b"552 5.3.4 message too big")),
        (NO, b"<>", replies.TryAgain()),
        (NO, b"", replies.TryAgain()),
    ],
)
def test_a_message_is_settled_as_it_should(outcome, sender, said):
    assert whole(sender=sender).settle(outcome) == (said,)


def test_a_yes_in_words_is_no_outcome():
    with pytest.raises(ValueError, match="accepted"):
        whole().settle(Reply(250, "2.0.0", "ok"))


FAULTS = {
    "too big": ({"size": 60}, RAW * 2, b"552 5.3.4"),
    "no room": ({"limit": 50}, RAW, b"452 4.3.1"),
    "bare CR": ({}, RAW + b"a\rb\r\n", b"550 5.6.11"),
    "bare LF": ({}, RAW + b"a\nb\r\n", b"550 5.6.11"),
    "bare CR in a field": ({}, RAW.replace(b"one", b"o\re"), b"550 5.6.11"),
    "NUL": ({}, RAW + b"\0\r\n", b"550 5.6.0"),
}


@pytest.mark.parametrize("sender", [b"<a@x.example>", b"<>"])
@pytest.mark.parametrize(("bounds", "raw", "code"), FAULTS.values(), ids=FAULTS)
def test_what_cannot_be_taken_is_answered_at_its_end_and_keeps_nothing(bounds, raw, code, sender):
    given_rules = rules(**bounds)
    session, _ = opened(rules=given_rules)
    (said,) = given_to(session, message(raw, sender=sender))
    permanent = code.startswith(b"5")
    assert said == replies.TryAgain() if permanent and sender == b"<>" else said.reply.startswith(code)
    assert session.message is None
    assert given_rules.budget.used == 0
    session.take(commands.Mail(b"<a@x.example>"))  # the next may come


@pytest.mark.parametrize("address", [b"<\xff@x.example>", b"\xc3"])
def test_an_address_that_is_no_text_is_refused(address):
    session, _ = opened()
    (said,) = given_to(session, message(RAW, address))
    assert said.reply.startswith(b"500 ")


def test_where_the_site_wants_it_bare_newlines_become_whole_ones_and_the_mta_is_told():
    raw = RAW + b"a\rb\nc\r\n"
    session = whole(raw, rules=rules(normalise=True))
    assert session.message.raw == RAW + b"a\r\nb\r\nc\r\n"
    body = b"Text.\r\na\r\nb\r\nc\r\n"
    assert session.settle(Accepted(session.message.raw)) == (replies.ReplaceBody(body), replies.Accept())


def test_but_not_within_a_field_which_would_be_two():
    session, _ = opened(rules=rules(normalise=True))
    (said,) = given_to(session, message(RAW.replace(b"one", b"o\re")))
    assert said.reply.startswith(b"550 5.6.11")


def test_where_the_site_wants_it_nul_may_pass():
    raw = RAW + b"\0\r\n"
    assert whole(raw, rules=rules(nul=True)).message.raw == raw


def test_too_many_recipients_are_too_many(monkeypatch):
    monkeypatch.setattr("milter.message.MOST_RECIPIENTS", 2)
    session, _ = opened()
    (said,) = given_to(session, message(RAW, b"<b>", b"<c>", b"<d>"))
    assert said.reply.startswith(b"452 4.5.3")


def test_a_message_to_nobody_is_tried_again():
    session, _ = opened()
    frames = [frame for frame in message(RAW) if not isinstance(frame, commands.Rcpt)]
    assert given_to(session, frames) == [replies.TryAgain()]


# Several messages, several clients


def test_each_message_starts_from_nothing_but_its_client():
    session = whole(RAW, b"<b>")
    session.settle(Discarded())
    assert given_to(session, message(b"Second: 1\r\n\r\n", b"<c>", macros=False)) == []
    assert session.message.raw == b"Second: 1\r\n\r\n"
    assert session.message.login == ""
    assert [each.address for each in session.message.recipients] == ["c"]
    assert session.message.macros["{daemon_name}"] == "mx.campus.example"


@pytest.mark.parametrize("upto", range(2, 9))
def test_a_message_that_is_aborted_leaves_nothing(upto):
    given_rules = rules()
    session, _ = opened(rules=given_rules)
    frames = [*message(RAW, b"<b>")[:upto], commands.Abort(), *message(b"Second: 1\r\n\r\n", b"<c>", macros=False)]
    assert given_to(session, frames) == []
    assert session.message.raw == b"Second: 1\r\n\r\n"
    assert [each.address for each in session.message.recipients] == ["c"]
    session.close()
    assert given_rules.budget.used == 0


def test_the_next_client_over_a_connection_is_another():
    session = whole()
    session.settle(Discarded())
    frames = [
        commands.QuitClient(),
        commands.Connect(b"other.example", Origin(b"4", 9, b"192.0.2.9")),
        *message(RAW, macros=False),
    ]
    assert given_to(session, frames) == []
    assert session.message.client == Client("192.0.2.9", "9", "other.example", "", "ESMTP", "REMOTE")
    assert set(session.message.macros) == {"i"}


def test_good_bye_ends_it():
    session, _ = opened()
    assert session.take(commands.Quit()) == ()
    assert session.over
    with pytest.raises(OutOfOrder):
        session.take(commands.Abort())


def test_a_greeting_before_any_header_begins_anew():
    session, _ = opened()
    given_to(session, [commands.Mail(b"<old@a.example>"), commands.Rcpt(b"<old@b.example>"), commands.Helo(b"again")])
    given_to(session, message(RAW))
    assert session.message.client.helo == "again"
    assert "old" not in str(session.message.sender) + str(session.message.recipients)


DISORDER = {
    "no negotiation": [GREETING[1]],
    "negotiated twice": [OFFER, OFFER],
    "message without a client": [OFFER, commands.Mail(b"<a>")],
    "client twice": [OFFER, GREETING[1], GREETING[1]],
    "recipient without a sender": [OFFER, *GREETING, commands.Rcpt(b"<b>")],
    "sender twice": [OFFER, *GREETING, commands.Mail(b"<a>"), commands.Mail(b"<a>")],
    "header without a sender": [OFFER, *GREETING, commands.Header(b"A", b"b")],
    "body without a sender": [OFFER, *GREETING, commands.Body(b"b")],
    "end without a sender": [OFFER, *GREETING, commands.EndOfMessage()],
    "recipient after the header": [OFFER, *GREETING, *message(RAW)[:6], commands.Rcpt(b"<b>")],
    "header after the body": [OFFER, *GREETING, *message(RAW)[:-1], commands.Header(b"A", b"b")],
    "greeting behind a header": [OFFER, *GREETING, *message(RAW)[:-1], GREETING[2]],
    "more while the answer is awaited": [OFFER, *GREETING, *message(RAW), commands.Abort()],
}


@pytest.mark.parametrize("frames", DISORDER.values(), ids=DISORDER)
def test_what_cannot_come_now_is_disorder(frames):
    session = Session(rules())
    given_to(session, frames[:-1])
    with pytest.raises(OutOfOrder):
        session.take(frames[-1])


@pytest.mark.parametrize(("name", "value"), [(b"A\r\nB", b" 1"), (b"A:B", b" 1"), (b"A", b" 1\nB: 2"), (b"A", b" 1\n")])
def test_a_field_that_would_be_two_is_none(name, value):
    session, _ = opened()
    session.take(commands.Mail(b"<a>"))
    with pytest.raises(Malformed):
        session.take(commands.Header(name, value))


frames_of_any_kind = st.sampled_from([
    *GREETING, *message(RAW), commands.Unknown(b"X"), commands.EndOfMessage(b"z\r\n"), commands.Abort(), commands.QuitClient(),
])  # fmt: skip


@given(st.lists(frames_of_any_kind, max_size=60), st.sampled_from([EVERY_STEP, int(Steps.LEADING_SPACE), 0]))
def test_in_any_order_nothing_is_accepted_unasked_and_nothing_kept(frames, steps):
    given_rules = rules()
    session = Session(given_rules)
    said = list(session.take(Negotiate(6, EVERY_ACTION, steps)))
    for frame in frames:
        try:
            said += session.take(frame)
        except OutOfOrder:
            continue
        if session.message is not None:
            assert session.message.recipients
            session.settle(Discarded())
    assert {type(each) for each in said[1:]} <= {replies.Continue, replies.TryAgain}
    session.close()
    assert given_rules.budget.used == 0
