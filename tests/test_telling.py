"""From judgement and outcomes to the facts of a notice, and whether anybody may be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dlp.notices.facts import Cause, Failure, NoticeFacts, Outcome, State, from_json
from dlp.notices.places import places
from dlp.pipeline import UNFINISHED
from dlp.ruleset import Campus
from dlp.store.records import MERGE_WINDOW, Evidence, HeldCopy
from dlp.store.states import Purpose, Told
from dlp.store.states import State as StoredState
from dlp.telling import CHUNK, DENIED, RETURNED, Ending, ended, notice
from dlp.values import (
    Action,
    ChangeHeader,
    Client,
    Disposition,
    Envelope,
    Finding,
    HeaderField,
    Judgement,
    Origin,
    Part,
    PartStatus,
    Reason,
    Recipient,
    Release,
    Role,
    Ruling,
    Span,
)

SENDER, INSIDE, OUTSIDE = "a.lind@campus.example", "t.ames@campus.example", "p.lane@freemail.example"
CAMPUS = Campus(("campus.example",))
AT = datetime(2026, 10, 5, 14, 0, tzinfo=UTC)
NO_ONE = Reason("O18", "none", "R15")
TOLD = Reason("I3", "FAQ:need-to-know-undetermined", "R8", (0,))
STOPPED = Reason("O1", "FAQ:outside-consent", "R26", (0, 1), refer_to="registrar")
UNREAD = Reason("T6-outside", "unscannable:broken", "R71")
CHANGED = Reason("T1", "FAQ:email-subject", "R77", (1,))
TEST = Reason("probe-hold", "probe", "probe")
FINDINGS = tuple(
    Finding(kind, "pattern", "p", Role.STATES, where, 0, 0, 1, 0.9, "masked-value", "digest-value")
    for kind, where in (("id", "part 1, line 6"), ("grades", "subject line"))
)
BROKEN = Part("2", "text/plain", Span(0, 0), Span(0, 0), "secret-name.pdf", PartStatus.BROKEN)
TRUNCATED = replace(BROKEN, section="3", status=PartStatus.TRUNCATED)

PASSED = Ruling(INSIDE, Action.PASS, None, (NO_ONE,))
WARNED = Ruling(INSIDE, Action.WARN, None, (TOLD,))
HELD = Ruling(OUTSIDE, Action.HOLD, Release.OFFICER, (STOPPED,), (TOLD,))
REWRITTEN = Ruling(INSIDE, Action.REWRITE, None, (CHANGED,), (TOLD,))


def envelope(count: int = 2, *, upstream: str = "4ABC", origin: Origin = Origin.SUBMISSION, sender: str = SENDER) -> Envelope:
    recipients = (Recipient(INSIDE), Recipient(OUTSIDE), *(Recipient(f"x{n}@campus.example") for n in range(count - 2)))
    return Envelope("H7K2-9QMD", upstream, sender, (), recipients[:count], Client(), AT, origin)


def judgement(*rulings: Ruling, edits: tuple[ChangeHeader, ...] = ()) -> Judgement:
    dispositions = (Disposition((0,), held=False, edits=edits),)
    return Judgement("r", FINDINGS, (), rulings, dispositions, (BROKEN, TRUNCATED))


def facts(given: Judgement, outcomes: Mapping[int, State]) -> NoticeFacts:
    made = notice(envelope(), (), given, outcomes, CAMPUS)
    assert made is not None
    assert made.addressee == SENDER
    return from_json(made.facts)  # type: ignore[arg-type]


def test_who_got_it_and_who_did_not_in_the_order_of_the_envelope() -> None:
    told = facts(judgement(WARNED, HELD), {1: "held", 0: "delivered"})
    assert [(each.recipient, each.state) for each in told.outcomes] == [(INSIDE, "delivered"), (OUTSIDE, "held")]
    assert (told.reference, told.received_at, told.addressee, told.test) == ("H7K2-9QMD", AT, SENDER, False)


def test_a_cause_says_what_the_reader_needs_and_nothing_it_may_not_see() -> None:
    told = facts(judgement(PASSED, HELD), {1: "held"})
    assert told.causes == (
        Cause(
            code="FAQ:outside-consent",
            requirement="R26",
            action="hold",
            release="officer",
            wheres=("part 1, line 6", "subject line"),
            kinds=("id", "grades"),
            refer_to="registrar",
            neutral=False,
            row="O1",
            whom=(OUTSIDE,),
        ),
        Cause(
            "FAQ:need-to-know-undetermined", "R8", "warn", None, ("part 1, line 6",), ("id",), "",
            neutral=False, row="I3", whom=(OUTSIDE,),
        ),
    )  # fmt: skip
    assert not [word for word in ("masked-value", "digest-value", "secret-name") if word in str(told)]


def test_the_same_cause_for_two_people_is_told_once() -> None:
    other = replace(WARNED, recipient="x@campus.example")
    assert len(facts(judgement(WARNED, other), {0: "delivered", 1: "delivered"}).causes) == 1


def test_a_cause_says_whom_it_is_of() -> None:
    more = replace(WARNED, recipient="x@campus.example")
    given = facts(judgement(WARNED, HELD, more), {0: "delivered", 1: "held", 2: "delivered"})
    whom = {(each.action, each.code): each.whom for each in given.causes}
    assert whom == {
        ("hold", "FAQ:outside-consent"): (OUTSIDE,),
        ("warn", "FAQ:need-to-know-undetermined"): (INSIDE, "x@campus.example", OUTSIDE),
    }


def test_tips_go_with_what_is_told() -> None:
    rulings = replace(WARNED, tips=("named", "oral")), replace(HELD, tips=("oral",))
    assert facts(judgement(*rulings), {0: "delivered", 1: "held"}).tips == ("named", "oral")
    assert facts(judgement(*rulings), {1: "held"}).tips == ("oral",)


def test_an_unread_part_is_named_by_its_number_where_its_reason_is_told() -> None:
    held = replace(HELD, release=Release.SENDER, reasons=(UNREAD,), advice=())
    assert facts(judgement(PASSED, held), {1: "held"}).causes[0].wheres == ("part 2",)


def test_of_more_people_than_are_looked_at_the_rest_is_named_and_no_part() -> None:
    truncated = replace(UNREAD, code="unscannable:truncated")
    held = replace(HELD, release=Release.SENDER, reasons=(truncated,), advice=())
    given = replace(judgement(PASSED, held), unread=(UNFINISHED,))
    (told,) = facts(given, {1: "held"}).causes[0].wheres
    assert told == places([told], 1) == "the rest of it: more people than are looked at"


def test_the_changed_fields_are_named_once() -> None:
    edits = tuple(
        ChangeHeader(name, number, "x", name.lower(), "x")
        for name, number in (("Subject", 1), ("Keywords", 1), ("Keywords", 2))
    )
    assert facts(judgement(REWRITTEN, PASSED, edits=edits), {0: "changed"}).changed == ("subject", "keywords")


TESTS = [
    ("test-string-only", (TEST,), True),
    ("test-string-and-more", (TEST, UNREAD), False),
    ("no-test-string", (UNREAD,), False),
]


@pytest.mark.parametrize(("reasons", "expected"), [pytest.param(*case[1:], id=case[0]) for case in TESTS])
def test_a_notice_about_a_test_string_says_so(reasons: tuple[Reason, ...], *, expected: bool) -> None:
    held = replace(HELD, reasons=reasons, advice=())
    assert facts(judgement(PASSED, held), {0: "delivered", 1: "held"}).test is expected


def test_only_those_in_the_outcomes_are_told_about() -> None:
    """A chunk that was settled before is not told again."""
    assert notice(envelope(), (), judgement(PASSED, HELD), {0: "delivered"}, CAMPUS) is None
    told = facts(judgement(WARNED, HELD), {0: "delivered"})
    assert [each.code for each in told.causes] == ["FAQ:need-to-know-undetermined"]


LIST = (HeaderField("List-Id", 1, Span(0, 1), "<staff.campus.example>"),)
SILENT = [
    ("all-passed", envelope(), (), (PASSED, replace(PASSED, recipient=OUTSIDE))),
    ("a-tip-alone", envelope(), (), (replace(PASSED, tips=("named",)), replace(PASSED, recipient=OUTSIDE))),
    ("null-sender", envelope(sender=""), (), (PASSED, HELD)),
    ("inbound", envelope(origin=Origin.INBOUND, sender=OUTSIDE), (), (PASSED, HELD)),
    ("relay-of-an-unknown-sender", envelope(origin=Origin.RELAY), (), (PASSED, HELD)),
    ("list-mail", envelope(), LIST, (PASSED, HELD)),
]


@pytest.mark.parametrize(("given", "fields", "rulings"), [pytest.param(*case[1:], id=case[0]) for case in SILENT])
def test_nobody_is_told(given: Envelope, fields: tuple[HeaderField, ...], rulings: tuple[Ruling, ...]) -> None:
    assert notice(given, fields, judgement(*rulings), {0: "delivered", 1: "held"}, CAMPUS) is None


def test_observe_mode_tells_nobody() -> None:
    observed = replace(judgement(PASSED, replace(HELD, action=Action.PASS, release=None)), would_be=(PASSED, HELD))
    assert notice(envelope(), (), observed, {0: "delivered", 1: "delivered"}, CAMPUS) is None


WAITS = [
    ("few-recipients", 2, "4ABC", "held", timedelta()),
    ("one-less-than-a-chunk", CHUNK - 1, "4ABC", "held", timedelta()),
    ("a-full-chunk", CHUNK, "4ABC", "held", MERGE_WINDOW),
    ("a-full-chunk-nobody-can-join", CHUNK, "", "held", timedelta()),
    ("somebody-delayed", 2, "4ABC", "delayed", MERGE_WINDOW),
]


def header(name: str, value: str) -> HeaderField:
    return HeaderField(name, 1, Span(0, 1), value)


THREE = "Ann <a@x.example>, b@x.example, c@x.example"
NAMED = [
    ("more-in-to", (header("To", THREE),), "4ABC", MERGE_WINDOW),
    ("more-in-to-and-cc", (header("TO", "a@x.example, b@x.example"), header("cc", "c@x.example")), "4ABC", MERGE_WINDOW),
    ("as-many", (header("To", "a@x.example"), header("Cc", "b@x.example")), "4ABC", timedelta()),
    ("the-same-twice", (header("To", "a@x.example, b@x.example"), header("Cc", "A@X.example")), "4ABC", timedelta()),
    ("nobody-named", (header("To", "undisclosed recipients:;"),), "4ABC", timedelta()),
    ("named-elsewhere", (header("Reply-To", THREE),), "4ABC", timedelta()),
    ("nobody-can-join", (header("To", THREE),), "", timedelta()),
]


@pytest.mark.parametrize(("fields", "upstream", "wait"), [pytest.param(*case[1:], id=case[0]) for case in NAMED])
def test_a_notice_waits_when_the_header_names_more_than_this_chunk_has(
    fields: tuple[HeaderField, ...], upstream: str, wait: timedelta
) -> None:
    made = notice(envelope(upstream=upstream), fields, judgement(PASSED, HELD), {0: "delivered", 1: "held"}, CAMPUS)
    assert made is not None
    assert made.not_before == AT + wait


def test_a_reason_that_may_not_be_named_stays_so() -> None:
    held = replace(HELD, reasons=(replace(STOPPED, neutral=True), UNREAD))
    assert [cause.neutral for cause in facts(judgement(PASSED, held), {1: "held"}).causes] == [True, False, False]


REFUSED = HeldCopy(
    id="1",
    key=b"k",
    reference="H7K2-9QMD",
    state=StoredState.SENDING,
    purpose=Purpose.OWED,
    release=None,
    codes=(),
    kinds=(),
    created=AT,
    updated=AT + timedelta(hours=1),
    not_before=AT,
    attempts=1,
    told=Told.NONE,
    content="2",
    sender=SENDER,
    parameters=("BODY=8BITMIME", "ENVID=QQ+2031"),
    recipient=Recipient(OUTSIDE, ("ORCPT=rfc822;P.Lane+3Dx@freemail.example",)),
    received_at=AT,
    origin=Origin.RELAY,
    login=INSIDE,
)
PERSONAL = b"From: x@campus.example\r\n\r\nx\r\n"


def test_of_a_refused_copy_its_sender_is_told_and_nothing_more() -> None:
    made = ended(REFUSED, PERSONAL, Ending("refused", "5.1.1", "550"), CAMPUS)
    assert made is not None
    assert made.not_before == REFUSED.updated
    told = from_json(made.facts)  # type: ignore[arg-type]
    failure = Failure(OUTSIDE, "rfc822;P.Lane=x@freemail.example", "5.1.1", "550")
    outcomes = (Outcome(OUTSIDE, "refused"),)
    assert told == NoticeFacts("H7K2-9QMD", AT, INSIDE, outcomes, (), (), test=False, failures=(failure,), envelope_id="QQ 31")


NOT_TOLD = [
    ("nobody-known", replace(REFUSED, login=""), PERSONAL),
    ("outside-sender", replace(REFUSED, login="", origin=Origin.INBOUND, sender=OUTSIDE), PERSONAL),
    ("null-sender", replace(REFUSED, sender=""), PERSONAL),
    ("a-list", REFUSED, b"List-Id: <staff.campus.example>\r\n" + PERSONAL),
    ("a-program", REFUSED, b"Auto-Submitted: auto-replied\r\n" + PERSONAL),
]


@pytest.mark.parametrize(("copy", "content"), [pytest.param(*case[1:], id=case[0]) for case in NOT_TOLD])
def test_of_a_copy_that_is_not_delivered_nobody_is_told(copy: HeldCopy, content: bytes) -> None:
    assert ended(copy, content, Ending("refused", "5.1.1"), CAMPUS) is None
    assert ended(copy, content, DENIED, CAMPUS) is None


@pytest.mark.parametrize(("count", "upstream", "state", "wait"), [pytest.param(*case[1:], id=case[0]) for case in WAITS])
def test_a_notice_waits_while_more_chunks_may_come(count: int, upstream: str, state: State, wait: timedelta) -> None:
    rulings = (PASSED, HELD, *(PASSED,) * (count - 2))
    made = notice(envelope(count, upstream=upstream), (), judgement(*rulings), {0: "delivered", 1: state}, CAMPUS)
    assert made is not None
    assert made.not_before == AT + wait


KEPT = replace(
    REFUSED,
    state=StoredState.HELD,
    purpose=Purpose.HELD,
    release=Release.OFFICER,
    told=Told.SENDER,
    reasons=(STOPPED, replace(UNREAD, neutral=True)),
    evidence=(Evidence("id", "student-id", "part 1, line 2", "•••27"), Evidence("grades", "grade", "part 1, line 3", "•••")),
)


@pytest.mark.parametrize("ending", [DENIED, RETURNED], ids=lambda ending: ending.state)
def test_of_a_hold_that_ended_the_sender_learns_the_reason_again(ending: Ending) -> None:
    made = ended(KEPT, b"Message-ID: <1.2@desk.campus.example>\r\n" + PERSONAL, ending, CAMPUS)
    assert made is not None
    told = from_json(made.facts)  # type: ignore[arg-type]
    assert told.outcomes == (Outcome(OUTSIDE, ending.state),)
    assert [failure.status for failure in told.failures] == ["5.7.1"]
    assert told.message_id == "<1.2@desk.campus.example>"
    first, second = told.causes
    assert first.whom == second.whom == (KEPT.recipient.address,)
    assert (first.code, first.action, first.release, first.refer_to) == ("FAQ:outside-consent", "hold", "officer", "registrar")
    assert (first.wheres, first.kinds) == (("part 1, line 2", "part 1, line 3"), ("id", "grades"))
    assert (second.neutral, second.wheres) == (True, ())


@pytest.mark.parametrize(
    ("notify", "told"),
    [
        ("", True),
        ("NOTIFY=FAILURE", True),
        ("NOTIFY=success,failure", True),
        ("NOTIFY=DELAY,FAILURE", True),
        ("NOTIFY=NEVER", False),
        ("notify=never", False),
        ("NOTIFY=SUCCESS", False),
        ("NOTIFY=SUCCESS,DELAY", False),
    ],
)
def test_each_recipient_s_notify_decides_whether_there_is_a_report(notify: str, told: bool) -> None:  # noqa: FBT001
    copy = replace(KEPT, recipient=Recipient(OUTSIDE, tuple(filter(None, ("ORCPT=rfc822;x", notify)))))
    for ending in (DENIED, RETURNED, Ending("refused", "5.1.1")):
        assert (ended(copy, PERSONAL, ending, CAMPUS) is not None) is told


@pytest.mark.parametrize(
    ("before", "told"), [(Told.SENDER, True), (Told.DIGEST, False), (Told.DIGESTED, False), (Told.NONE, False)]
)
def test_without_the_bytes_only_a_sender_who_was_told_before_is_told(before: Told, told: bool) -> None:  # noqa: FBT001
    assert (ended(replace(KEPT, told=before), None, RETURNED, CAMPUS) is not None) is told


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("<1@campus.example>", True),
        ("<a.b+c=d$e@desk.campus.example>", True),
        ("<a b@campus.example>", False),
        ("<a@campus.example> Grades of Ann", False),
        ("grades of Ann", False),
        ("<a@b>\r\nBcc: x@y.example", False),
        (f"<{'x' * 200}@campus.example>", False),
    ],
)
def test_only_a_message_id_of_the_usual_shape_is_answered(value: str, kept: bool) -> None:  # noqa: FBT001
    fields = (HeaderField("Message-Id", 1, Span(0, 0), value),)
    made = notice(envelope(2), fields, judgement(PASSED, HELD), {0: "delivered", 1: "held"}, CAMPUS)
    assert made is not None
    assert from_json(made.facts).message_id == (value if kept else "")  # type: ignore[arg-type]
