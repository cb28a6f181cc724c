"""From judgement and outcomes to the facts a notice is written from, and to whom it goes.

Takes the envelope, the header, the judgement and what became of each recipient, or a stored copy that was refused; gives
a Notice for the outbox, or none when nobody needs or may be told. Pure: times come with what is told. Nothing here fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from dlp.mail.addresses import addresses
from dlp.mail.reading import read_header
from dlp.notices.facts import Cause, NoticeFacts, Outcome, State, to_json
from dlp.policy.judge import unread_code
from dlp.ruleset import Campus
from dlp.sender import notice_address
from dlp.store.records import MERGE_WINDOW, HeldCopy, Notice
from dlp.values import Action, Client, Envelope, HeaderField, Judgement, Limits, Origin, Reason, Ruling

CHUNK = 50  # recipients an MTA puts into one transaction; a full chunk may be followed by another


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
        changed=tuple(dict.fromkeys(edit.what for each in judgement.dispositions for edit in each.edits)),
        test=all(reason.code in ("probe", "none") for ruling in told for reason in ruling.reasons),
    )
    wait = MERGE_WINDOW if envelope.upstream_id and _more_to_come(envelope, fields, outcomes) else timedelta()
    return Notice(addressee, to_json(facts), envelope.received_at + wait)


def refusal(copy: HeldCopy, content: bytes, campus: Campus) -> Notice | None:
    """The notice that the next hop would not take a copy we owed; None when the sender may not be told.

    `copy` as it was claimed for the attempt, whole (not damaged); `content` its bytes.
    """
    envelope = Envelope(
        reference=copy.reference,
        upstream_id=copy.upstream_id,
        sender=copy.sender,
        parameters=copy.parameters,
        recipients=(copy.recipient,),
        client=Client(),
        received_at=copy.received_at or copy.created,
        origin=copy.origin or Origin.RELAY,
        login=copy.login,
    )
    addressee = notice_address(envelope, read_header(content, Limits()), campus)
    if not addressee:
        return None
    facts = NoticeFacts(
        reference=copy.reference,
        received_at=envelope.received_at,
        addressee=addressee,
        outcomes=(Outcome(copy.recipient.address, "refused"),),
        causes=(),
        changed=(),
        test=False,
    )
    return Notice(addressee, to_json(facts), copy.updated)


def _more_to_come(envelope: Envelope, fields: tuple[HeaderField, ...], outcomes: Mapping[int, State]) -> bool:
    """Whether other chunks of this message may be under way; an MTA sends them side by side, the last may come first."""
    here = len(envelope.recipients)
    return here >= CHUNK or "delayed" in outcomes.values() or len(_named(fields)) > here


def _named(fields: tuple[HeaderField, ...]) -> set[str]:
    """The addresses in To and Cc."""
    values = (field.value for field in fields if field.name.lower() in ("to", "cc"))
    return {address.lower() for value in values for _, address in addresses(value).pairs if address}


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
        neutral=reason.neutral,
    )
