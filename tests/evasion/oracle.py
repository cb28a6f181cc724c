"""What became of one message: caught with its place, held with the reason, or passed.

Takes raw bytes; reads them as the filter does (fast lane, else every file opened) and judges with the shipped rules for one
reader outside. "caught" means a finding of the planted number sure enough to act on; "held" that what could not be read holds
the message. An exception is a crash, and told as one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

import magic

from dlp.extractors.opening import opener
from dlp.limits import Limits
from dlp.mail.reading import read, read_small
from dlp.pipeline import judge_message
from dlp.rules import load_rules
from dlp.ruleset import Campus, PolicySettings, Rules
from dlp.values import Action, Client, Envelope, Judgement, Origin, Recipient, Texts
from tests.evasion.planted import CAUGHT, EITHER, HELD, LIMIT, NUMBER, PASSES, WARNED

LIMITS = Limits()
PARTNER = "partner.example"


@dataclass(frozen=True, slots=True)
class Fate:
    """`caught` says where the number was found, `held` which reasons held the copy, `warned` which told the sender."""

    caught: tuple[str, ...]
    held: tuple[str, ...]
    warned: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.caught:
            return f"caught: {self.caught[0]}"
        if self.held:
            return f"held: {', '.join(self.held)}"
        return f"warned: {', '.join(self.warned)}" if self.warned else "PASSED"

    def meets(self, expected: str) -> bool:
        """Whether this is at least what a case expects; who expects a hold may also be caught."""
        wanted = {
            CAUGHT: bool(self.held or self.caught),  # a hold is no leak; how many are caught is counted over all cases
            HELD: bool(self.held or self.caught),
            EITHER: bool(self.held or self.caught),
            WARNED: bool(self.held or self.caught or self.warned),
            PASSES: not (self.held or self.caught or self.warned),
            LIMIT: True,
        }
        return wanted[expected]


@cache
def rules() -> Rules:
    return load_rules(campus=Campus(("campus.example",)), policy=PolicySettings(encrypted_partners=(PARTNER,)), digest=str)


@cache
def _sniffer() -> magic.Magic:
    return magic.Magic(mime=True)


def read_as_the_filter(raw: bytes, limits: Limits = LIMITS) -> Texts:
    """The Texts of a message."""
    texts = read_small(raw, limits)
    return texts or read(raw, limits, open_file=opener(limits, len(raw), _sniffer().from_buffer))


def judged(raw: bytes, reader: str, texts: Texts) -> Judgement:
    """What the shipped rules say of a message that was read, for one reader outside."""
    envelope = Envelope(
        reference="evasion",
        upstream_id="",
        sender="a.lind@campus.example",
        parameters=(),
        recipients=(Recipient(reader),),
        client=Client(),
        received_at=datetime(2026, 10, 5, 14, tzinfo=UTC),
        origin=Origin.SUBMISSION,
    )
    return judge_message(envelope, texts, rules(), raw)


def fate(raw: bytes, reader: str, limits: Limits = LIMITS) -> Fate:
    """What happens to a message for one reader outside."""
    judgement = judged(raw, reader, read_as_the_filter(raw, limits))
    act_at = rules().policy.act_at
    caught = (
        each.where
        for each in judgement.findings
        if each.kind == "id" and re.sub(r"\D", "", each.digest) == NUMBER and each.confidence >= act_at
    )
    [ruling] = judgement.rulings
    unread = tuple(dict.fromkeys(each.code for each in ruling.reasons if each.code.startswith("unscannable:")))
    held, warned = (unread if ruling.action is action else () for action in (Action.HOLD, Action.WARN))
    return Fate(tuple(dict.fromkeys(caught)), held, warned)
