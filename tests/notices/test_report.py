"""A delivery report as RFC 3464 and RFC 6522 want it, and in words a person can use."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dlp.notices.compose import compose
from dlp.notices.facts import Failure, NoticeFacts, Outcome, from_json, merge, to_json

NOW = datetime(2026, 11, 21, 15, 45, tzinfo=UTC)
HOST = "relay.campus.example"
OUTSIDE = "p.lane@freemail.example"


@pytest.fixture
def ended(facts, cause) -> NoticeFacts:
    """A hold for one person that was denied."""
    failure = Failure(OUTSIDE, "rfc822;P.Lane@freemail.example", "5.7.1", "")
    told = facts({OUTSIDE: "denied"}, cause(), failures=(failure,), envelope_id="QQ 31")
    return replace(told, message_id="<1.2@desk.campus.example>")


def parts(raw: bytes) -> list[email.message.Message]:
    message = email.message_from_bytes(raw, policy=email.policy.compat32)
    assert message.get_content_type() == "multipart/report"
    assert message.get_param("report-type") == "delivery-status"
    return message.get_payload()


def groups(raw: bytes) -> list[dict[str, str]]:
    return [dict(group.items()) for group in parts(raw)[1].get_payload()]


def test_two_parts_and_no_third_with_the_message_or_its_header(ended, site) -> None:
    words, status = parts(compose(ended, site, NOW, None, HOST))
    assert words.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in words.get_payload()] == ["text/plain", "text/html"]
    assert status.get_content_type() == "message/delivery-status"


def test_the_fields_of_the_message_and_of_each_recipient(ended, site) -> None:
    other = Failure("x@y.example", "", "5.1.1", "550")
    raw = compose(replace(ended, failures=(*ended.failures, other)), site, NOW, None, HOST)
    assert groups(raw) == [
        {
            "Original-Envelope-Id": "QQ 31",
            "Reporting-MTA": f"dns; {HOST}",
            "Arrival-Date": "Sat, 21 Nov 2026 15:42:00 +0000",
        },
        {
            "Original-Recipient": "rfc822;P.Lane@freemail.example",
            "Final-Recipient": f"rfc822; {OUTSIDE}",
            "Action": "failed",
            "Status": "5.7.1",
        },
        {
            "Final-Recipient": "rfc822; x@y.example",
            "Action": "failed",
            "Status": "5.1.1",
            "Diagnostic-Code": "smtp; 550 5.1.1",
        },
    ]


def test_it_answers_the_message_and_is_known_when_sent_twice(ended, site) -> None:
    one, two = (email.message_from_bytes(compose(ended, site, NOW, None, HOST)) for _ in range(2))
    assert one["In-Reply-To"] == one["References"] == "<1.2@desk.campus.example>"
    assert one["Message-ID"] == two["Message-ID"]
    assert one["Auto-Submitted"] == "auto-replied"


@pytest.mark.parametrize(
    "changed",
    [
        {"recipient": "912345678@freemail.example", "original": "rfc822;912345678@freemail.example"},
        {"original": "rfc822;912345678@freemail.example"},
        {"original": "rfc822;x\r\nAction: delivered"},
        {"original": "rfc822;x\nfoo"},
        {"status": "5.1.1\r\nAction: delivered", "reply": "550"},
        {"status": "nonsense", "reply": "550 P. Lane is unknown"},
    ],
)
def test_nothing_but_fields_of_known_shape_gets_in(ended, site, changed) -> None:
    failure = replace(ended.failures[0], **changed)
    raw = compose(replace(ended, failures=(failure,)), site, NOW, None, HOST)
    for unwanted in (b"912345678", b"delivered\r\n", b"foo", b"Lane is", b"nonsense"):
        assert unwanted not in raw
    if "recipient" in changed:
        assert email.message_from_bytes(raw).get_content_type() == "multipart/alternative"
    else:
        assert groups(raw)[1]["Action"] == "failed"


def test_an_address_beyond_ascii_is_written_in_ascii(ended, site) -> None:
    failure = Failure("zoë@freemail.example", "", "5.7.1", "")
    raw = compose(replace(ended, failures=(failure,)), site, NOW, None, HOST)
    assert groups(raw)[1]["Final-Recipient"] == "utf-8; zo\\x{EB}@freemail.example"


def test_a_plain_notice_is_no_report(facts, cause, site) -> None:
    for state in ("held", "changed", "delivered"):
        raw = compose(facts({OUTSIDE: state}, cause()), site, NOW, None, HOST)
        assert email.message_from_bytes(raw).get_content_type() == "multipart/alternative"


def test_reports_of_several_recipients_become_one(ended) -> None:
    other = replace(
        ended, outcomes=(Outcome("x@y.example", "denied"),), failures=(Failure("x@y.example", "", "5.7.1", ""),), message_id=""
    )
    both = from_json(to_json(merge(from_json(to_json(other)), ended)))
    assert [failure.recipient for failure in both.failures] == ["x@y.example", OUTSIDE]
    assert [outcome.state for outcome in both.outcomes] == ["denied", "denied"]
    assert both.message_id == ended.message_id


def test_facts_of_an_earlier_release_are_read(ended) -> None:
    stored = {key: value for key, value in to_json(ended).items() if key not in ("failures", "envelope_id", "message_id")}
    assert from_json(stored) == replace(ended, failures=(), envelope_id="", message_id="")


@pytest.mark.parametrize(
    ("states", "start"),
    [
        (
            {OUTSIDE: "denied"},
            f"Your message from 10:42 today was not delivered to {OUTSIDE}. It was on hold, and the decision was not to",
        ),
        (
            {OUTSIDE: "returned", "x@y.example": "returned"},
            f"Your message from 10:42 today was not delivered to {OUTSIDE} and x@y.example. It was on hold, and nobody decided",
        ),
        (
            {OUTSIDE: "denied", "x@y.example": "returned"},
            f"Your message from 10:42 today was not delivered to {OUTSIDE} and x@y.example. For {OUTSIDE} the decision was",
        ),
        (
            {"a@y.example": "delivered", OUTSIDE: "returned"},
            f"Your message from 10:42 today reached 1 of 2 people. For {OUTSIDE} nobody decided in time, so it is not sent.",
        ),
        (
            {"a@y.example": "held", OUTSIDE: "denied"},
            "Your message from 10:42 today reached 0 of 2 people. For a@y.example it is on hold, not sent.",
        ),
    ],
)
def test_it_begins_with_who_did_not_get_it_and_how_that_came(facts, cause, notice, states, start) -> None:
    assert notice(facts(states, cause())).flat.startswith(start)


@pytest.mark.parametrize("state", ["denied", "returned"])
def test_the_seven_answers_of_a_hold_that_ended(facts, cause, notice, state) -> None:
    read = notice(facts({OUTSIDE: state}, cause(refer_to="registrar")))
    assert read.message["Subject"] == "Not delivered to 1 person: your message of 10:42 today [H7K2-9QMD]"
    for answer in (
        f"was not delivered to {OUTSIDE}",
        "We saw an ID number.",
        "Where: part 1, line 6.",
        "Why: It gives an outside reader details about a person.",
        "You can: - Send it again without these details. - Pass the question to the Registrar",
        "It is over: we keep no copy, and nothing more goes out.",
        "Write to privacy@campus.example about H7K2-9QMD.",
    ):
        assert answer in read.flat


@pytest.mark.parametrize("state", ["denied", "returned"])
def test_reasons_that_may_not_be_told_apart_give_the_same_report(facts, cause, site, state) -> None:
    """Line 14 as far as it goes without a directory: one text for a withheld, an unknown and any other person."""
    causes = [
        cause("FAQ:directory-suppressed", requirement="R20", kinds=("directory",), neutral=True),
        cause("11.2.5", requirement="R54", kinds=("immigration",), refer_to="provost", neutral=True),
        cause("FAQ:outside-consent", requirement="R26", kinds=("id",), neutral=True),
    ]
    failure = Failure(OUTSIDE, "", "5.7.1", "")
    assert len({compose(facts({OUTSIDE: state}, each, failures=(failure,)), site, NOW, None, HOST) for each in causes}) == 1
