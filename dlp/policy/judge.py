"""Disclosures to rulings: the decision table applied to each recipient alone.

Takes the envelope, what was found and what could not be read, and the rules; gives one Ruling per recipient, in
envelope order. Recipients in the same situation share the work. A pure function: same inputs, same rulings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from dlp.policy.relate import counts
from dlp.policy.situation import SMALL_IMAGE, Situation, fits
from dlp.ruleset import Campus, PolicySettings, Row, Rules
from dlp.values import Action, Disclosure, Envelope, Finding, Origin, Part, Reason, Role, Ruling

UNREAD_INBOUND = Reason(row="inbound", code="none", requirement="R4", basis="inbound mail is not read")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of the message before any recipient is looked at."""

    findings: tuple[Finding, ...]
    disclosures: tuple[Disclosure, ...]
    unread: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class _Fit:
    row: Row
    action: Action
    reason: Reason


def judge(envelope: Envelope, evidence: Evidence, rules: Rules) -> tuple[Ruling, ...]:
    """One Ruling for each recipient of the envelope, in its order."""
    decided: dict[tuple[str, bool], Ruling] = {}
    rulings = []
    for recipient in envelope.recipients:
        address = recipient.address
        if passes_unread(envelope, address, rules):
            rulings.append(Ruling(address, Action.PASS, None, (UNREAD_INBOUND,)))
            continue
        scope = "inside" if rules.campus.is_inside(address) else "outside"
        key = (scope, _is_partner(address, rules.policy))
        if key not in decided:
            decided[key] = _ruling(Situation(scope=scope, partner=key[1]), evidence, rules)
        rulings.append(replace(decided[key], recipient=address))
    return tuple(rulings)


def passes_unread(envelope: Envelope, address: str, rules: Rules) -> bool:
    """Inbound mail to campus is not inspected unless the site says so (decision-table.md, Order 0)."""
    return envelope.origin is Origin.INBOUND and not rules.policy.inspect_inbound and rules.campus.is_inside(address)


def _ruling(base: Situation, evidence: Evidence, rules: Rules) -> Ruling:
    fitting = list(_fits(base, evidence, rules))
    action = max(fit.action for fit in fitting)
    winning = [fit for fit in fitting if fit.action is action]
    rights = [fit.row.release for fit in winning if fit.row.release is not None]
    return Ruling(
        recipient="",
        action=action,
        release=max(rights) if action is Action.HOLD else None,
        reasons=tuple(fit.reason for fit in winning),
        advice=tuple(fit.reason for fit in fitting if Action.PASS < fit.action < action),
    )


def _fits(base: Situation, evidence: Evidence, rules: Rules) -> Iterator[_Fit]:
    counted = [(index, finding) for index, finding in enumerate(evidence.findings) if counts(finding, rules.policy.act_at)]
    by_role = {role: tuple(index for index, finding in counted if finding.role is role) for role in Role}
    whole = replace(
        base,
        people=len(evidence.disclosures),
        export=bool(by_role[Role.LISTING]),
        header_word=bool(by_role[Role.HEADER_WORD]),
    )
    seen = _Seen(by_role, tuple(sorted({index for item in evidence.disclosures for index in item.findings})))
    statement = next(row for row in rules.table if row.stage == "statement" and fits(row, whole))
    yield _fit(statement, whole, seen, rules)
    for row in rules.table:
        if row.stage == "message":
            yield from (_fit(row, at, seen, rules) for at in _variants(row, whole, evidence) if fits(row, at))


@dataclass(frozen=True, slots=True)
class _Seen:
    by_role: dict[Role, tuple[int, ...]]
    about_people: tuple[int, ...]


def _variants(row: Row, whole: Situation, evidence: Evidence) -> Iterator[Situation]:
    """The situation once, or once for each reason a part was not read or each test string, where the row asks for one."""
    if "unread" in row.when:
        for why in dict.fromkeys(map(_why_unread, evidence.unread)):
            yield replace(whole, unread=why)
    elif "probe" in row.when:
        for pattern in dict.fromkeys(item.pattern for item in evidence.findings if item.role is Role.PROBE):
            yield replace(whole, probe=pattern.removeprefix("probe-"))
    else:
        yield whole


def unread_code(part: Part) -> str:
    """The reason code of a part that was not read."""
    return f"unscannable:{_why_unread(part)}"


def _why_unread(part: Part) -> str:
    return part.why if part.why == SMALL_IMAGE else part.status.value


def _fit(row: Row, at: Situation, seen: _Seen, rules: Rules) -> _Fit:
    action = getattr(rules.policy, row.setting) if row.setting else row.action
    reason = Reason(
        row=row.id,
        code=row.code.replace("{why}", at.unread),
        requirement=row.requirement,
        findings=_shown(row, seen),
        basis="nothing about a person found" if row.code == "none" else None,
        refer_to=row.refer_to or None,
        neutral=row.neutral,
    )
    return _Fit(row, action, reason)


def _shown(row: Row, seen: _Seen) -> tuple[int, ...]:
    """The findings a reader needs to see for this row, by what the row asks about."""
    asked: set[int] = set()
    if "people" in row.when:
        asked.update(seen.about_people)
    for word, role in (("header_word", Role.HEADER_WORD), ("export", Role.LISTING), ("probe", Role.PROBE)):
        if word in row.when:
            asked.update(seen.by_role[role])
    return tuple(sorted(asked))


def _is_partner(address: str, policy: PolicySettings) -> bool:
    domain = address.rpartition("@")[2]
    return bool(policy.encrypted_partners) and Campus(policy.encrypted_partners).is_inside_domain(domain)
