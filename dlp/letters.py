"""What leaves for a sender: the notice, report or summary for a due row of the outbox, and whether it may leave.

Takes stored facts, the site and the rules; gives messages, the best first, of which the first that passes the filter may
be sent. A notice that would itself be held or changed, or that identifies anybody, never leaves (promise 8). Facts of
another version or broken ones are a ValueError. Pure, apart from Unavailable when a pattern run cannot be trusted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from typing import Any, cast

from dlp.limits import Limits
from dlp.mail.reading import read
from dlp.notices.compose import NoticeSite, compose
from dlp.notices.facts import NoticeFacts, from_json, merge
from dlp.notices.summary import Told, summary
from dlp.pipeline import judge_message
from dlp.policy.relate import counts
from dlp.ruleset import Rules
from dlp.store.records import DueNotice
from dlp.values import Action, Client, Envelope, Origin, Recipient, Role


def facts_of(due: DueNotice) -> NoticeFacts:
    """The facts of every chunk of one message, as one. ValueError when they cannot be read."""
    return reduce(merge, (from_json(cast("dict[str, Any]", each)) for each in due.facts))


def drafts(told: Sequence[Told], site: NoticeSite, now: datetime, hostname: str) -> tuple[bytes, ...]:
    """What could be sent about these messages: one gets a notice, several a summary.

    A report comes also in words only: what the sender wrote into the envelope or the Message-ID may not pass.
    """
    if len(told) > 1:
        return (summary(told, site, now),)
    facts, deadline = told[0].facts, told[0].deadline
    whole = compose(facts, site, now, deadline, hostname)
    return whole, compose(facts, site, now, deadline)


def may_leave(message: bytes, addressee: str, rules: Rules, now: datetime) -> bool:
    """Whether this would be delivered unchanged if somebody on campus had sent it to the addressee, and names nobody."""
    envelope = Envelope(
        reference="",
        upstream_id="",
        sender="",
        parameters=(),
        recipients=(Recipient(addressee),),
        client=Client(),
        received_at=now,
        origin=Origin.LOCAL,
    )
    judgement = judge_message(envelope, read(message, Limits()), rules, message)
    if any(item.role is Role.IDENTIFIES and counts(item, rules.policy.act_at) for item in judgement.findings):
        return False
    return all(ruling.action <= Action.WARN for ruling in judgement.would_be or judgement.rulings)
