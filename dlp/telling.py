"""From judgement and outcomes to the facts a notice is written from, and to whom it goes.

Takes the envelope, the header, the judgement and what became of each recipient, or a stored copy that is not delivered; gives
a Notice for the outbox, or none when nobody needs or may be told. Pure: times come with what is told. Nothing here fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from dlp.limits import Limits
from dlp.mail.addresses import addresses
from dlp.mail.reading import read_header
from dlp.notices.facts import Cause, Failure, NoticeFacts, Outcome, State, to_json, united
from dlp.notices.places import unread_place
from dlp.policy.situation import unread_code
from dlp.ruleset import Campus
from dlp.sender import notice_address
from dlp.store.records import MERGE_WINDOW, HeldCopy, Notice
from dlp.store.states import Told
from dlp.values import Action, Client, Envelope, HeaderField, Judgement, Origin, Reason, Ruling

_XTEXT = re.compile(r"\+([0-9A-F]{2})")
_MESSAGE_ID = re.compile(r"<[\w.!#$%&'*+/=?^`{|}~-]{1,128}@[\w.-]{1,128}>", re.ASCII)

CHUNK = 50  # recipients an MTA puts into one transaction; a full chunk may be followed by another


@dataclass(frozen=True, slots=True)
class Ending:
    """How a copy ended that is not delivered: denied, returned or refused, with its enhanced status (RFC 3463)."""

    state: State
    status: str
    reply: str = ""  # the next hop's reply code


DENIED, RETURNED = Ending("denied", "5.7.1"), Ending("returned", "5.7.1")


def notice(
    envelope: Envelope,
    fields: tuple[HeaderField, ...],
    judgement: Judgement,
    outcomes: Mapping[int, State],
    campus: Campus,
) -> Notice | None:
    """The notice these outcomes (by recipient index) call for; None when all passed or the sender may not be told."""
    told = [judgement.rulings[index] for index in outcomes]
    if all(ruling.action is Action.PASS for ruling in told):
        return None
    addressee = notice_address(envelope, fields, campus)
    if not addressee:
        return None
    alike: dict[Ruling, list[str]] = {}  # hundreds of recipients, few verdicts
    for ruling in told:
        alike.setdefault(replace(ruling, recipient=""), []).append(ruling.recipient)
    facts = NoticeFacts(
        reference=envelope.reference,
        received_at=envelope.received_at,
        addressee=addressee,
        outcomes=tuple(Outcome(judgement.rulings[index].recipient, state) for index, state in sorted(outcomes.items())),
        causes=united(_causes(alike, judgement)),
        changed=tuple(dict.fromkeys(edit.what for each in judgement.dispositions for edit in each.edits)),
        test=all(reason.code in ("probe", "none") for ruling in told for reason in ruling.reasons),
        ids_only=not judgement.snapshot,
        message_id=_message_id(fields),
        tips=tuple(dict.fromkeys(tip for ruling in told for tip in ruling.tips)),
    )
    wait = MERGE_WINDOW if envelope.upstream_id and _more_to_come(envelope, fields, outcomes) else timedelta()
    return Notice(addressee, to_json(facts), envelope.received_at + wait)


def ended(copy: HeldCopy, content: bytes | None, ending: Ending, campus: Campus) -> Notice | None:
    """The report that a copy is not delivered; None when the sender may not be told or asked not to be (RFC 3461 4.1).

    `copy` as it was before, its record whole; `content` its bytes, None when they are damaged. Without them nobody knows
    whether a person sent it, unless that was looked at when the hold was told.
    """
    if not wants_report(copy) or (content is None and copy.told is not Told.SENDER):
        return None
    fields = read_header(content, Limits()) if content is not None else ()
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
    addressee = notice_address(envelope, fields, campus)
    if not addressee:
        return None
    causes = () if ending.state == "refused" else tuple(dict.fromkeys(_kept_causes(copy)))
    address = copy.recipient.address
    facts = NoticeFacts(
        reference=copy.reference,
        received_at=envelope.received_at,
        addressee=addressee,
        outcomes=(Outcome(address, ending.state),),
        causes=causes,
        changed=(),
        test=bool(causes) and all(cause.code in ("probe", "none") for cause in causes),
        failures=(Failure(address, _decoded(copy.recipient.parameters, "ORCPT"), ending.status, ending.reply),),
        envelope_id=_decoded(copy.parameters, "ENVID"),
        message_id=_message_id(fields),
    )
    return Notice(addressee, to_json(facts), copy.updated)


def wants_report(copy: HeldCopy) -> bool:
    """Whether the sender wants to know when this recipient does not get it."""
    notify = _parameter(copy.recipient.parameters, "NOTIFY").upper()
    return not notify or "FAILURE" in notify.split(",")


def _more_to_come(envelope: Envelope, fields: tuple[HeaderField, ...], outcomes: Mapping[int, State]) -> bool:
    """Whether other chunks of this message may be under way; an MTA sends them side by side, the last may come first."""
    here = len(envelope.recipients)
    return here >= CHUNK or "delayed" in outcomes.values() or len(_named(fields)) > here


def _named(fields: tuple[HeaderField, ...]) -> set[str]:
    """The addresses in To and Cc."""
    values = (field.value for field in fields if field.name.lower() in ("to", "cc"))
    return {address.lower() for value in values for _, address in addresses(value).pairs if address}


def _kept_causes(copy: HeldCopy) -> Iterable[Cause]:
    """Why it was held, from what was kept of that."""
    for reason in copy.reasons:
        shown = [copy.evidence[index] for index in reason.findings]
        yield Cause(
            code=reason.code,
            requirement=reason.requirement,
            action=Action.HOLD.word,
            release=copy.release.word if copy.release else None,
            wheres=tuple(dict.fromkeys(found.where for found in shown)),
            kinds=tuple(dict.fromkeys(found.kind for found in shown)),
            refer_to=reason.refer_to or "",
            neutral=reason.neutral,
            row=reason.row,
            whom=(copy.recipient.address,),
        )


def _message_id(fields: tuple[HeaderField, ...]) -> str:
    """The message's own id where it has one, and one of the usual shape."""
    found = next((field.value.strip() for field in fields if field.name.lower() == "message-id"), "")
    return found if _MESSAGE_ID.fullmatch(found) else ""


def _parameter(parameters: tuple[str, ...], keyword: str) -> str:
    found = (each.partition("=") for each in parameters)
    return next((value for name, _, value in found if name.upper() == keyword), "")


def _decoded(parameters: tuple[str, ...], keyword: str) -> str:
    """A parameter's value without its xtext encoding (RFC 3461 4)."""
    return _XTEXT.sub(lambda code: chr(int(code[1], 16)), _parameter(parameters, keyword))


def _causes(rulings: Mapping[Ruling, list[str]], judgement: Judgement) -> Iterable[Cause]:
    for ruling, whom in rulings.items():
        if ruling.action is Action.PASS:
            continue
        for reason in ruling.reasons:
            yield replace(_cause(reason, ruling.action, ruling, judgement), whom=tuple(whom))
        for reason in ruling.advice:
            yield replace(_cause(reason, Action.WARN, ruling, judgement), whom=tuple(whom))


def _cause(reason: Reason, action: Action, ruling: Ruling, judgement: Judgement) -> Cause:
    shown = [judgement.findings[index] for index in reason.findings]
    unread = [unread_place(part.section, part.why) for part in judgement.unread if reason.code == unread_code(part)]
    return Cause(
        code=reason.code,
        requirement=reason.requirement,
        action=action.word,
        release=ruling.release.word if ruling.release and action is Action.HOLD else None,
        wheres=tuple(dict.fromkeys([*(finding.where for finding in shown), *unread])),
        kinds=tuple(dict.fromkeys(finding.kind for finding in shown)),
        refer_to=reason.refer_to or "",
        neutral=reason.neutral,
        row=reason.row,
    )
