"""Disclosures to rulings: the decision table applied to each recipient alone.

Takes the envelope, what was found and what could not be read, what is known of the people concerned, and the rules; gives one
Ruling per recipient, in envelope order: the hardest answer of all rows that apply to anybody who would read that copy
(applying.py). A pure function: same inputs, same rulings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from dlp.policy.applying import Evidence, Fit, Reading, Surroundings
from dlp.policy.readers import Reader, readers
from dlp.ruleset import Campus, PolicySettings, Rules
from dlp.values import Action, Envelope, Origin, Reason, Ruling

UNREAD_INBOUND = Reason(row="inbound", code="none", requirement="R4", basis="inbound mail is not read")
NOTHING_KNOWN = Surroundings()


def judge(envelope: Envelope, evidence: Evidence, rules: Rules, around: Surroundings = NOTHING_KNOWN) -> tuple[Ruling, ...]:
    """One Ruling for each recipient of the envelope, in its order."""
    decided: dict[tuple[Reader, bool], tuple[Fit, ...]] = {}
    rulings = []
    for recipient in envelope.recipients:
        address = recipient.address
        if passes_unread(envelope, address, rules):
            rulings.append(Ruling(address, Action.PASS, None, (UNREAD_INBOUND,)))
            continue
        partner = _is_partner(address, rules.policy)
        fitting: list[Fit] = []
        for reader in readers(address, rules.campus, around.directory):
            seen_as = reader if reader.known or reader.contacts else replace(reader, address="")  # strangers are alike
            if (seen_as, partner) not in decided:
                decided[seen_as, partner] = tuple(
                    Reading(envelope.received_at, seen_as, partner, evidence, rules, around).fits()
                )
            fitting += decided[seen_as, partner]
        rulings.append(_ruling(address, fitting))
    return tuple(rulings)


def readings(
    at: datetime, address: str, evidence: Evidence, rules: Rules, around: Surroundings = NOTHING_KNOWN
) -> Iterator[tuple[Reader, tuple[Fit, ...]]]:
    """Every row that applies, for everybody who would read what goes to an address: what `judge` decides by."""
    partner = _is_partner(address, rules.policy)
    for reader in readers(address, rules.campus, around.directory):
        yield reader, tuple(Reading(at, reader, partner, evidence, rules, around).fits())


def passes_unread(envelope: Envelope, address: str, rules: Rules) -> bool:
    """Inbound mail to campus is not inspected unless the site says so (decision-table.md, Order 0)."""
    return envelope.origin is Origin.INBOUND and not rules.policy.inspect_inbound and rules.campus.is_inside(address)


def _ruling(address: str, fitting: list[Fit]) -> Ruling:
    action = max(fit.action for fit in fitting)
    winning = [fit for fit in fitting if fit.action is action]
    rights = [fit.row.release for fit in winning if fit.row.release is not None]
    return Ruling(
        recipient=address,
        action=action,
        release=max(rights) if action is Action.HOLD else None,
        reasons=_merged(winning),
        advice=_merged([fit for fit in fitting if Action.PASS < fit.action < action]),
    )


def _merged(fitting: list[Fit]) -> tuple[Reason, ...]:
    """One reason for each row and what it says, in the table's order, with the findings of all its statements."""
    merged: dict[Reason, set[int]] = {}
    for fit in sorted(fitting, key=lambda each: each.row.order):
        merged.setdefault(replace(fit.reason, findings=()), set()).update(fit.reason.findings)
    return tuple(replace(reason, findings=tuple(sorted(seen))) for reason, seen in merged.items())


def _is_partner(address: str, policy: PolicySettings) -> bool:
    domain = address.rpartition("@")[2]
    return bool(policy.encrypted_partners) and Campus(policy.encrypted_partners).is_inside_domain(domain)
