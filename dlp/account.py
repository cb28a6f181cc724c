"""What the log says of a judged message: who got which verdict, what was found, how long it took, what came of it.

Takes the judged message, its settlement and the replies; gives the fields of `message.judged`. People are named by keyed
digests, which `dlp trace` finds again; everything else is a number or a closed word. Pure; nothing here fails.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any, TypeVar

from dlp.keys import Keys
from dlp.ruleset import Campus
from dlp.settlement import Settlement, Work
from dlp.values import Envelope, Finding, Reply, Ruling

_T = TypeVar("_T", bound=Hashable)

_NAMED = 100  # recipients whose digests a log line may hold; an MTA's chunk has 50


def account(work: Work, settlement: Settlement, replies: tuple[Reply, ...], stages: Mapping[str, float]) -> dict[str, Any]:
    """The fields. No reply at all means that the client tries again."""
    judgement = work.judgement
    outcomes = [*settlement.outcomes.values(), *settlement.earlier.values()]
    rulings = judgement.would_be or judgement.rulings
    kinds = _counted(finding.kind for finding in judgement.findings)
    return {
        "ref": work.envelope.reference,
        "txn": work.key.hex()[:16],
        "queue_id": work.envelope.upstream_id,
        "mode": "observe" if judgement.would_be else "enforce",
        "action": max(ruling.action for ruling in rulings).word,
        "codes": sorted({reason.code for ruling in rulings for reason in ruling.reasons}),
        "kinds": sorted(kinds),
        "students": len(judgement.disclosures),
        "recipients": len(rulings),
        "result": _result(replies),
        "verdicts": _verdicts(rulings, work.campus),
        "observed": _observed(rulings, judgement.observed) if judgement.observed else [],
        "findings": kinds,
        "patterns": {"enforce": _hits(judgement.findings, enforced=True), "observe": _hits(judgement.findings, enforced=False)},
        "unread": _counted(part.status.value for part in judgement.unread),
        "answers": settlement.answers,
        "forwarded": outcomes.count("delivered") + outcomes.count("changed"),
        "held": outcomes.count("held"),
        "deferred": outcomes.count("delayed") + (0 if replies else len(rulings) - len(outcomes)),
        "refused": outcomes.count("refused"),
        "revision": judgement.revision,
        "bytes": len(work.raw),
        "stages": stages,
        "ms": round(sum(stages.values()), 1),
    }


def people(envelope: Envelope, keys: Keys) -> dict[str, Any]:
    """Sender and recipients as the log may name them."""
    return {
        "sender_key": keys.lookup(envelope.sender),
        "sender_domain": envelope.sender.rpartition("@")[2].lower(),
        "recipient_keys": [keys.lookup(recipient.address) for recipient in envelope.recipients[:_NAMED]],
    }


def _hits(findings: tuple[Finding, ...], *, enforced: bool) -> dict[str, int]:
    return _counted(finding.pattern for finding in findings if finding.enforced is enforced)


def _counted(words: Iterable[_T]) -> dict[_T, int]:
    """How often each comes. Mostly there are none, and a Counter is slow to make."""
    found: dict[_T, int] = {}
    for word in words:
        found[word] = found.get(word, 0) + 1
    return found


def _verdicts(rulings: tuple[Ruling, ...], campus: Campus) -> list[dict[str, object]]:
    """How many recipients, inside and outside, got which verdict for which reasons."""
    alike = _counted(
        (
            ruling.action.word,
            "inside" if campus.is_inside(ruling.recipient) else "outside",
            tuple(sorted({reason.code for reason in ruling.reasons})),
        )
        for ruling in rulings
    )
    return [
        {"action": action, "scope": scope, "codes": codes, "recipients": number}
        for (action, scope, codes), number in alike.items()
    ]


def _observed(rulings: tuple[Ruling, ...], observed: tuple[Ruling, ...]) -> list[dict[str, object]]:
    """For how many recipients a row in observe mode would have decided otherwise."""
    acted = {ruling.recipient: {reason.row for reason in ruling.reasons} for ruling in rulings}
    found = _counted(
        (reason.row, ruling.action.word)
        for ruling in observed
        for reason in ruling.reasons
        if reason.row not in acted[ruling.recipient]
    )
    return [{"row": row, "action": action, "recipients": number} for (row, action), number in found.items()]


def _result(replies: tuple[Reply, ...]) -> str:
    """What the client was answered, in one word."""
    if any(reply.accepted for reply in replies):
        return "accepted"
    return "refused" if any(reply.permanent for reply in replies) else "deferred"
