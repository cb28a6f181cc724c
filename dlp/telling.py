"""From judgement and outcomes to the facts a notice is written from, and to whom it goes.

Takes the envelope, the header, the judgement and what became of each recipient; gives a Notice for the outbox, or
none when nobody needs or may be told. Pure: the time is the envelope's. Nothing here fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from dlp.notices.facts import Cause, NoticeFacts, Outcome, State, to_json
from dlp.policy.judge import unread_code
from dlp.ruleset import Campus
from dlp.sender import notice_address
from dlp.store.records import Notice
from dlp.values import Action, Envelope, HeaderField, Judgement, Reason, Ruling

CHUNK = 50  # recipients an MTA puts into one transaction; a full chunk may be followed by another
MERGE_WINDOW = timedelta(seconds=90)


def notice(
    envelope: Envelope,
    fields: tuple[HeaderField, ...],
    judgement: Judgement,
    outcomes: Mapping[int, State],
    campus: Campus,
) -> Notice | None:
    """The notice these outcomes (by recipient index) call for; None when all passed or the sender may not be told."""
    addressee = notice_address(envelope, fields, campus)
    told = [judgement.rulings[index] for index in outcomes]
    if not addressee or all(ruling.action is Action.PASS for ruling in told):
        return None
    facts = NoticeFacts(
        reference=envelope.reference,
        received_at=envelope.received_at,
        addressee=addressee,
        outcomes=tuple(Outcome(judgement.rulings[index].recipient, state) for index, state in sorted(outcomes.items())),
        causes=tuple(dict.fromkeys(_causes(told, judgement))),
        changed=tuple(dict.fromkeys(edit.name for each in judgement.dispositions for edit in each.edits)),
        test=all(reason.code in ("probe", "none") for ruling in told for reason in ruling.reasons),
    )
    more_to_come = len(envelope.recipients) >= CHUNK or "delayed" in outcomes.values()
    wait = MERGE_WINDOW if more_to_come and envelope.upstream_id else timedelta()
    return Notice(addressee, to_json(facts), envelope.received_at + wait)


def _causes(rulings: Iterable[Ruling], judgement: Judgement) -> Iterable[Cause]:
    for ruling in rulings:
        if ruling.action is Action.PASS:
            continue
        for reason in ruling.reasons:
            yield _cause(reason, ruling.action, ruling, judgement)
        for reason in ruling.advice:
            yield _cause(reason, Action.WARN, ruling, judgement)


def _cause(reason: Reason, action: Action, ruling: Ruling, judgement: Judgement) -> Cause:
    shown = [judgement.findings[index] for index in reason.findings]
    unread = [f"part {part.section}" for part in judgement.unread if reason.code == unread_code(part)]
    return Cause(
        code=reason.code,
        requirement=reason.requirement,
        action=action.word,
        release=ruling.release.word if ruling.release and action is Action.HOLD else None,
        wheres=tuple(dict.fromkeys([*(finding.where for finding in shown), *unread])),
        kinds=tuple(dict.fromkeys(finding.kind for finding in shown)),
        refer_to=reason.refer_to or "",
        neutral=False,
    )
