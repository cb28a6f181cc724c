"""Find, relate, judge, edit: the stages in order, for one message that has been read.

Takes the envelope, its Texts and the rules; gives the Judgement. Pure, apart from Unavailable when a pattern run cannot
be trusted. A rewrite that cannot be made whole (a word in a file name, our own signature over the header) becomes a
hold for the sender, and `proven` says whether an edited copy, read again, is free of what was edited away.
"""

from __future__ import annotations

from dataclasses import replace

from dlp.mail.headers import encode
from dlp.policy.judge import Evidence, judge
from dlp.policy.relate import counts, relate
from dlp.rewrite.signatures import signed_by_campus
from dlp.rewrite.subject import neutralise
from dlp.ruleset import Rules
from dlp.values import (
    Action,
    Disposition,
    Edit,
    Envelope,
    Finding,
    Judgement,
    Release,
    Ruling,
    Texts,
)


def judge_message(envelope: Envelope, texts: Texts, rules: Rules) -> Judgement:
    """Everything decided about one message. Raises Unavailable("scan") when the patterns did not run."""
    findings = rules.matcher.find(texts)
    disclosures = relate(findings, rules.policy.act_at)
    rulings = judge(envelope, Evidence(findings, disclosures, texts.unread), rules)
    edits: tuple[Edit, ...] = ()
    if any(ruling.action is Action.REWRITE for ruling in rulings):
        edits = _edits(texts, findings, rules)
        if not edits:
            rulings = tuple(map(_held_for_sender, rulings))
    judgement = Judgement(rules.revision, findings, disclosures, rulings, (), texts.unread)
    if rules.policy.observe:
        passed = tuple(replace(ruling, action=Action.PASS, release=None) for ruling in rulings)
        judgement = replace(judgement, rulings=passed, would_be=rulings)
    return replace(judgement, dispositions=_dispositions(judgement.rulings, edits))


def hold_rewrites(judgement: Judgement) -> Judgement:
    """The same judgement with every rewrite turned into a hold: for an edited copy that did not prove clean."""
    rulings = tuple(map(_held_for_sender, judgement.rulings))
    return replace(judgement, rulings=rulings, dispositions=_dispositions(rulings, ()))


def proven(before: Judgement, again: Judgement) -> bool:
    """Whether an edited copy, read and judged again, needs nothing more for those it goes to (promise 4)."""
    pairs = zip(before.rulings, again.rulings, strict=True)
    return all(now.action <= Action.WARN for then, now in pairs if then.action is Action.REWRITE)


def _edits(texts: Texts, findings: tuple[Finding, ...], rules: Rules) -> tuple[Edit, ...]:
    """The edits that make the headers harmless, or none when they cannot be made or would break our own signature."""
    counted = [finding for finding in findings if counts(finding, rules.policy.act_at)]
    neutral = {pattern.id: pattern.neutral for pattern in rules.patterns}
    outcome = neutralise(texts, counted, neutral, encode)
    if outcome.left_over:
        return ()
    signed = signed_by_campus(texts.fields, (edit.name for edit in outcome.edits), rules.campus.is_inside_domain)
    return () if signed else outcome.edits


def _held_for_sender(ruling: Ruling) -> Ruling:
    if ruling.action is not Action.REWRITE:
        return ruling
    return replace(ruling, action=Action.HOLD, release=Release.SENDER)


def _dispositions(rulings: tuple[Ruling, ...], edits: tuple[Edit, ...]) -> tuple[Disposition, ...]:
    """Recipients grouped by fate; what leaves unchanged first, what is held last."""
    groups: dict[tuple[bool, bool], list[int]] = {}
    for index, ruling in enumerate(rulings):
        groups.setdefault((ruling.action is Action.HOLD, ruling.action is Action.REWRITE), []).append(index)
    return tuple(
        Disposition(tuple(members), held, edits if edited else ()) for (held, edited), members in sorted(groups.items())
    )
