"""No notice to anybody but a known sender on campus, whatever a message says of itself (R13, W41)."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from ipaddress import ip_network

import pytest

from dlp import telling
from dlp.limits import Limits
from dlp.mail.reading import read, read_header
from dlp.pipeline import judge_message
from dlp.sender import IdentityRules, SenderIdentity, identify
from dlp.store.records import HeldCopy
from dlp.store.states import Purpose, State, Told
from dlp.values import Client, Envelope, Recipient, Texts
from tests.upstream import CAMPUS, shipped_rules

COUNT = 10_000
AT = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
DESK, ELSEWHERE = "192.0.2.7", "198.51.100.9"  # a submission client, and anybody
PEOPLE = ["a.lind@campus.example", "t.ames@sub.campus.example"]
STRANGERS = [
    "p.lane@freemail.example",
    "a.lind@campus.example.evil.example",
    "a.lind@notcampus.example",
    "@campus.example:p.lane@freemail.example",
    "a.lind%campus.example@freemail.example",
    '"a.lind@campus.example"@freemail.example',
    "SRS0=abc=de=campus.example=a.lind@freemail.example",
]
BY_PROGRAMS = [
    "Auto-Submitted: auto-generated",
    "Auto-Submitted: auto-replied; reason=away",
    "auto-submitted: AUTO-NOTIFIED",
    "Auto-Submitted: nonsense",
    "Precedence: bulk",
    "Precedence: LIST",
    "Precedence: junk",
    "List-Id: <staff.campus.example>",
    "List-Unsubscribe: <mailto:x@campus.example>",
    "List-Post: NO",
]
CLAIMS = [  # what a sender may write to look like somebody else
    "From: a.lind@campus.example",
    "Reply-To: victim@campus.example",
    "Return-Path: <victim@campus.example>",
    "Sender: victim@campus.example",
    "Errors-To: victim@freemail.example",
    "Return-Receipt-To: victim@freemail.example",
    "Disposition-Notification-To: victim@freemail.example",
    "Received: from x (Authenticated sender: victim@campus.example) by evil.example",
    "X-Original-From: victim@campus.example",
]


@dataclass(frozen=True)
class Sent:
    envelope: Envelope
    raw: bytes
    allowed: str  # the only address that may be told, "" for none


def sent(dice: random.Random, kind: str) -> Sent:
    """One message of a kind; all but "known" must tell nobody."""
    automatic = kind == "automatic"
    sender = {"null": "", "outside": dice.choice(STRANGERS)}.get(kind, dice.choice(PEOPLE))
    client = Client(address=ELSEWHERE if kind in ("spoofed", "outside") else DESK)
    lines = dice.sample(CLAIMS, dice.randrange(4))
    if automatic:
        lines.insert(dice.randrange(len(lines) + 1), dice.choice(BY_PROGRAMS))
    if dice.random() < 0.2:
        lines.append("Auto-Submitted: no")
    raw = "\r\n".join([*lines, "Subject: a note", "", "Student ID 912345678 has a grade of C.", ""]).encode()
    fields = read_header(raw, Limits())
    how = SenderIdentity.RECEIVED if dice.random() < 0.3 else SenderIdentity.NONE
    if any(line.startswith("Received") for line in lines):
        how = SenderIdentity.NONE  # where it is believed, the MTA's own field stands on top
    origin, login = identify(sender, client, fields, IdentityRules(how, (ip_network("192.0.2.0/24"),), CAMPUS))
    recipients = tuple(Recipient(f"p{number}@freemail.example") for number in range(dice.randrange(1, 4)))
    envelope = Envelope("H7K2-9QMD", "4ABC", sender, (), recipients, client, AT, origin, login)
    return Sent(envelope, raw, sender if kind == "known" else "")


def told(message: Sent) -> list[str]:
    """Everybody a notice would go to, by the real decision: when it is judged, and when its hold ends."""
    envelope, rules = message.envelope, shipped_rules()
    fields = read_header(message.raw, Limits())
    text = VIEWS[message.raw.partition(b"\r\n\r\n")[2]]
    judgement = judge_message(envelope, replace(text, fields=fields), rules, message.raw)
    outcomes = dict.fromkeys(range(len(envelope.recipients)), "held")
    now = telling.notice(envelope, fields, judgement, outcomes, rules.campus)  # type: ignore[arg-type]
    later = telling.ended(kept(envelope), message.raw, telling.RETURNED, rules.campus)
    return [notice.addressee for notice in (now, later) if notice]


def kept(envelope: Envelope) -> HeldCopy:
    return HeldCopy(
        id="1", key=b"k", reference=envelope.reference, state=State.HELD, purpose=Purpose.HELD, release=None,
        codes=(), kinds=(), created=AT, updated=AT, not_before=AT, attempts=0, told=Told.DIGEST, content="2",
        sender=envelope.sender, recipient=envelope.recipients[0], received_at=AT, origin=envelope.origin, login=envelope.login,
    )  # fmt: skip


class _Views(dict[bytes, Texts]):
    """The text all of them have, read once."""

    def __missing__(self, body: bytes) -> Texts:
        self[body] = read(b"Subject: a note\r\n\r\n" + body, Limits())
        return self[body]


VIEWS = _Views()


@pytest.mark.parametrize("kind", ["spoofed", "null", "automatic", "outside"])
def test_ten_thousand_messages_that_may_tell_nobody_tell_nobody(kind):
    dice = random.Random(kind)
    messages = [sent(dice, kind) for _ in range(COUNT // 4)]
    assert Counter(address for message in messages for address in told(message)) == Counter()


def test_the_same_messages_from_a_known_sender_tell_that_sender_and_nobody_else():
    """So the silence above is not for want of something to tell."""
    dice = random.Random("known")
    for _ in range(500):
        message = sent(dice, "known")
        assert told(message) == [message.allowed] * 2
