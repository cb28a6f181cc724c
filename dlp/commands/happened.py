"""What `dlp demo` prints: what happened to each recipient and why, and what the senders were told.

Takes the stage after the mail was sent; gives text for a terminal or a pipe. Actions come from what really happened
(the sink and the store), reasons from the same rules the filter judged by. Nothing here fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from email import policy
from email.parser import BytesParser

from dlp.clock import utc_now
from dlp.commands.judging import Asked, judged
from dlp.commands.lookups import LookUps, look_ups
from dlp.commands.reading import reader_of
from dlp.commands.shared import RELEASE
from dlp.demo.samples import Sample
from dlp.demo.stage import Stage
from dlp.notices.reasons import wording
from dlp.ruleset import Rules
from dlp.sink import Delivered
from dlp.values import Action, Origin, Reason, Ruling, Texts

_REFERENCE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}")


@dataclass(frozen=True, slots=True)
class Happened:
    """One recipient's row of the table."""

    shows: str
    recipient: str
    fate: str  # delivered, delivered changed, on hold
    told: str  # the action the sender hears of
    why: str
    reference: str


def happened(stage: Stage, sent: Iterable[tuple[Sample, str]], rules: Rules) -> list[Happened]:
    """A row for each recipient of each sample and the reply it got."""
    rows = []
    known = look_ups(stage.settings)
    for sample, reply in sent:
        found = _REFERENCE.search(reply)
        reference = found[0] if found else ""
        held = {copy.recipient.address: copy for copy in stage.store.by_reference(reference)} if reference else {}
        for ruling in _rulings(sample, rules, reader_of(stage.settings), known):
            copy = held.get(ruling.recipient)
            arrived = _arrived(stage.sink.messages, sample, ruling.recipient)
            if arrived is not None:
                fate = "delivered" if arrived.raw.endswith(sample.raw) else "delivered, changed"
            else:
                fate = f"on hold; {RELEASE[copy.release]}" if copy and copy.release else f"not delivered: {reply}"
            rows.append(Happened(sample.shows, ruling.recipient, fate, ruling.action.word, _why(ruling), reference))
    return rows


def notices(stage: Stage) -> list[tuple[str, str, str]]:
    """(to, subject, plain text) of every notice that arrived at the sink."""
    found = []
    for delivered in stage.sink.messages:
        if delivered.sender:
            continue
        message = BytesParser(policy=policy.default).parsebytes(delivered.raw)
        body = message.get_body(("plain",))
        found.append((str(message["To"]), str(message["Subject"]), body.get_content().strip() if body else ""))
    return found


def _rulings(sample: Sample, rules: Rules, read: Callable[[bytes], Texts], known: LookUps) -> Sequence[Ruling]:
    asked = Asked(sample.sender, sample.recipients, Origin.SUBMISSION, login="", now=utc_now())
    return judged(sample.shows, sample.raw, asked, rules, read, known).judgement.rulings


def _why(ruling: Ruling) -> str:
    return "; ".join(dict.fromkeys(_told(reason, passes=ruling.action is Action.PASS) for reason in ruling.reasons))


def _told(reason: Reason, *, passes: bool) -> str:
    """What a pass rests on; else the rule, what is missing for it, and whom to ask."""
    said = reason.basis if passes else f'rule "{wording(reason.code).rule}"'
    further = (reason.missing, reason.refer_to and f"refer to {reason.refer_to}")
    return ", ".join(filter(None, (f"{said} ({reason.requirement})", *further)))


def _arrived(messages: Iterable[Delivered], sample: Sample, recipient: str) -> Delivered | None:
    body = sample.raw.partition(b"\r\n\r\n")[2]
    for delivered in messages:
        if delivered.raw.endswith(body) and any(each.address == recipient for each in delivered.recipients):
            return delivered
    return None
