"""Disclosures to rulings: the decision table applied to each recipient alone.

Takes the envelope, what was found and what could not be read, what is known of the people concerned, and the rules; gives one
Ruling per recipient, in envelope order: the hardest answer of all rows that apply to anybody who would read that copy
(applying.py). A pure function: same inputs, same rulings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from datetime import datetime
from operator import attrgetter

from dlp.campus.records import Student
from dlp.policy.applying import Reading
from dlp.policy.evidence import Evidence, Fit, Surroundings
from dlp.policy.readers import Reader, readers
from dlp.policy.worth import told_inside
from dlp.ruleset import Campus, PolicySettings, Rules
from dlp.values import Action, Allowed, Envelope, Origin, Reason, Ruling

UNREAD_INBOUND = Reason(row="inbound", code="none", requirement="R4", basis="inbound mail is not read")
NOTHING_KNOWN = Surroundings()
_SAYS = attrgetter(*(each.name for each in fields(Reason) if each.name != "findings"))  # what a reason says of all its findings


def judge(envelope: Envelope, evidence: Evidence, rules: Rules, around: Surroundings = NOTHING_KNOWN) -> tuple[Ruling, ...]:
    """One Ruling for each recipient of the envelope, in its order."""
    return rulings(decide(envelope, evidence, rules, around))


def decide(
    envelope: Envelope, evidence: Evidence, rules: Rules, around: Surroundings = NOTHING_KNOWN
) -> tuple[tuple[str, tuple[Fit, ...]], ...]:
    """Every row that applies to each recipient of the envelope, in its order; none where mail passes unread."""
    decided: dict[tuple[object, ...], tuple[Fit, ...]] = {}
    found = []
    sure = told_inside(evidence.disclosures, evidence.findings, rules.policy.act_at)
    inside = evidence if sure == evidence.disclosures else replace(evidence, disclosures=sure)
    # what somebody agreed to, or wrote, or the greeting, names one of the strangers; else they are alike
    by_name = bool(around.facts.consents or around.facts.approvals or evidence.quoted or evidence.misgreeted)
    for recipient in envelope.recipients:
        address = recipient.address
        fitting: list[Fit] = []
        partner = _is_partner(address, rules.policy)
        for reader in () if passes_unread(envelope, address, rules) else readers(address, rules.campus, around.directory):
            name = reader.address if by_name or reader.known or reader.contacts else ""
            seen_as = name, reader.inside, reader.listed, reader.through, partner
            if seen_as not in decided:
                told = inside if reader.inside else evidence
                one = reader if name else Reader("", reader.inside, reader.listed, reader.through)
                decided[seen_as] = tuple(Reading(envelope.received_at, one, partner, told, rules, around).fits())
            fitting += decided[seen_as]
        found.append((address, tuple(fitting)))
    return tuple(found)


def rulings(decided: tuple[tuple[str, tuple[Fit, ...]], ...]) -> tuple[Ruling, ...]:
    return tuple(
        _ruling(address, fitting) if fitting else Ruling(address, Action.PASS, None, (UNREAD_INBOUND,))
        for address, fitting in decided
    )


def allowed(decided: tuple[tuple[str, tuple[Fit, ...]], ...], evidence: Evidence) -> tuple[Allowed, ...]:
    """The record information each recipient would learn, and on what basis: what the ledger is told if it goes out.

    Left out: directory information, hints, what somebody says of himself, herself or fellow students, and an asker's own words.
    """
    found: dict[tuple[str, str, tuple[str, str, str, bool]], set[str]] = {}
    for address, fitting in decided:
        for fit in fitting:
            person = evidence.people.get(fit.person)
            if person is None or not fit.at.record or fit.at.weak or fit.at.about_sender or fit.at.from_fellow or fit.at.refers:
                continue
            name = person.id if isinstance(person, Student) else person.email
            permit = fit.permit.name if fit.permit else ""
            sealed = fit.permit is not None and fit.permit.sealed
            each = (address, name, (_basis(fit), fit.reason.code, permit, sealed))
            found.setdefault(each, set()).add(fit.at.kind)
    return tuple(Allowed(address, name, frozenset(kinds), *basis) for (address, name, basis), kinds in found.items())


def held_about(decided: tuple[tuple[str, tuple[Fit, ...]], ...], evidence: Evidence) -> dict[str, tuple[str, ...]]:
    """By recipient, whom that tells of which holds the copy, directory information too; of a sealed case nobody (R50)."""
    found = {}
    for address, fitting in decided:
        holding = [fit for fit in fitting if fit.action >= Action.REWRITE]
        if holding and not any(fit.permit and fit.permit.sealed for fit in fitting):
            shown = {index for fit in holding if not fit.person for index in fit.reason.findings}
            whom = {fit.person for fit in holding} | {
                item.person for item in evidence.disclosures if not shown.isdisjoint(item.findings)
            }
            people = (evidence.people.get(each) for each in whom)
            found[address] = tuple(
                sorted(person.id if isinstance(person, Student) else person.email for person in people if person)
            )
    return found


def _basis(fit: Fit) -> str:
    """The closed word for it."""
    if fit.permit is not None:
        return "consent" if fit.row.when.get("consent") == "covers" else "approval"
    if fit.at.own:
        return "own-record"
    if fit.at.need == "covered" or fit.at.class_list == "shared":
        return "need-to-know"
    return "office" if fit.action is Action.PASS else "undetermined"


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


def _ruling(address: str, fits: Sequence[Fit]) -> Ruling:
    fitting = [fit for fit in fits if not fit.row.tip]
    action = max(fit.action for fit in fitting)
    winning = [fit for fit in fitting if fit.action is action]
    rights = [fit.row.release for fit in winning if fit.row.release is not None]
    return Ruling(
        recipient=address,
        action=action,
        release=max(rights) if action is Action.HOLD else None,
        reasons=_merged(winning),
        advice=_merged([fit for fit in fitting if Action.PASS < fit.action < action]),
        tips=tuple(dict.fromkeys(fit.row.tip for fit in fits if fit.row.tip)),
    )


def _merged(fitting: list[Fit]) -> tuple[Reason, ...]:
    """One reason for each row and what it says, in the table's order, with the findings of all its statements."""
    merged: dict[object, tuple[Reason, set[int]]] = {}
    for fit in sorted(fitting, key=lambda each: each.row.order):
        merged.setdefault(_SAYS(fit.reason), (fit.reason, set()))[1].update(fit.reason.findings)
    return tuple(_showing(reason, tuple(sorted(seen))) for reason, seen in merged.values())


def _showing(reason: Reason, findings: tuple[int, ...]) -> Reason:
    return reason if reason.findings == findings else replace(reason, findings=findings)


def _is_partner(address: str, policy: PolicySettings) -> bool:
    domain = address.rpartition("@")[2]
    return bool(policy.encrypted_partners) and Campus(policy.encrypted_partners).is_inside_domain(domain)
