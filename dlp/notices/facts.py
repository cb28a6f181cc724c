"""What a notice may know, and no more: who got the message, why, and where in it.

Takes what the judgement decided; gives frozen values that live in the outbox as versioned JSON and can be merged
when later chunks of one message come in. There is no place for a subject, a matched text or a file name. Anything
malformed from the store is a ValueError without its content.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal, get_args

VERSION = 1

State = Literal["delivered", "changed", "held", "delayed", "refused", "denied", "returned"]
STATES: tuple[State, ...] = get_args(State)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one recipient's copy; `recipient` exactly as the sender gave it."""

    recipient: str
    state: State


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason: row code, policy lines, action and release words, places in words, record kinds, office keys.

    `refer_to` holds keys of `[site.offices]` separated by commas, or "". `neutral` means the reason may not be named.
    """

    code: str
    requirement: str
    action: str  # warn, rewrite or hold
    release: str | None
    wheres: tuple[str, ...]  # "part 1, line 6", never a file name
    kinds: tuple[str, ...]
    refer_to: str
    neutral: bool
    row: str = ""  # of the decision table; it only chooses among the words for a code
    whom: tuple[str, ...] = ()  # the recipients it is of, as the outcomes have them; () where that is not known


@dataclass(frozen=True, slots=True)
class Failure:
    """A recipient who will not get the message, for the part of a report that programs read (RFC 3464)."""

    recipient: str
    original: str  # as ORCPT told it, decoded: "rfc822;p.lane@freemail.example"; "" without one
    status: str  # "5.7.1"
    reply: str  # the next hop's reply code, or ""


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """All that one notice about one message is written from. `changed` says what was edited, such as "subject".

    With `failures` it is a delivery report. `envelope_id` and `message_id` are the sender's own words for the message.
    """

    reference: str
    received_at: datetime
    addressee: str
    outcomes: tuple[Outcome, ...]
    causes: tuple[Cause, ...]
    changed: tuple[str, ...]
    test: bool  # one of the harmless test strings is the cause
    failures: tuple[Failure, ...] = ()
    envelope_id: str = ""
    message_id: str = ""
    ids_only: bool = True  # no directory of people is loaded
    tips: tuple[str, ...] = ()  # keys of words.TIPS


def merge(earlier: NoticeFacts, later: NoticeFacts) -> NoticeFacts:
    """One set of facts for two chunks of one message: the union, the earlier time; a recipient's later answer stands.

    "delayed" gives way to any other state, whichever came first. Raises ValueError when reference or addressee differ.
    """
    if (earlier.reference, earlier.addressee) != (later.reference, later.addressee):
        raise ValueError("facts of two different messages")
    states: dict[str, State] = {outcome.recipient: outcome.state for outcome in earlier.outcomes}
    for outcome in later.outcomes:
        if outcome.state != "delayed" or outcome.recipient not in states:
            states[outcome.recipient] = outcome.state
    return NoticeFacts(
        reference=earlier.reference,
        received_at=min(earlier.received_at, later.received_at),
        addressee=earlier.addressee,
        outcomes=tuple(Outcome(recipient, state) for recipient, state in states.items()),
        causes=united(earlier.causes + later.causes),
        changed=tuple(dict.fromkeys(earlier.changed + later.changed)),
        test=earlier.test and later.test,
        failures=tuple({failure.recipient: failure for failure in earlier.failures + later.failures}.values()),
        envelope_id=earlier.envelope_id or later.envelope_id,
        message_id=earlier.message_id or later.message_id,
        ids_only=earlier.ids_only and later.ids_only,
        tips=tuple(dict.fromkeys(earlier.tips + later.tips)),
    )


def united(causes: Iterable[Cause]) -> tuple[Cause, ...]:
    """Each once, with everybody it is of; nobody knows where one of the same did not."""
    told: dict[Cause, list[tuple[str, ...]]] = {}
    for cause in causes:
        told.setdefault(replace(cause, whom=()), []).append(cause.whom)
    known = {
        cause: dict.fromkeys(each for some in every for each in some) if all(every) else () for cause, every in told.items()
    }
    return tuple(replace(cause, whom=tuple(who)) for cause, who in known.items())


def to_json(facts: NoticeFacts) -> dict[str, Any]:
    """Plain values for the outbox, with a version."""
    return {"version": VERSION, **asdict(facts), "received_at": facts.received_at.isoformat()}


def from_json(stored: Mapping[str, Any]) -> NoticeFacts:
    """The facts as stored; ValueError when the version is unknown or anything is missing or of the wrong type."""
    try:
        if stored["version"] != VERSION:
            raise ValueError("notice facts of an unknown version")
        return NoticeFacts(
            reference=_text(stored["reference"]),
            received_at=_aware(stored["received_at"]),
            addressee=_text(stored["addressee"]),
            outcomes=tuple(_outcome(item) for item in stored["outcomes"]),
            causes=tuple(_cause(item) for item in stored["causes"]),
            changed=_texts(stored["changed"]),
            test=_flag(stored["test"]),
            failures=tuple(_failure(item) for item in stored.get("failures", ())),  # a row of an earlier release has none
            envelope_id=_text(stored.get("envelope_id", "")),
            message_id=_text(stored.get("message_id", "")),
            ids_only=_flag(stored.get("ids_only", True)),
            tips=_texts(stored.get("tips", ())),
        )
    except (KeyError, TypeError, AttributeError):
        raise ValueError("malformed notice facts") from None


def _outcome(item: Mapping[str, Any]) -> Outcome:
    if item["state"] not in STATES:
        raise ValueError("unknown state in notice facts")
    return Outcome(_text(item["recipient"]), item["state"])


def _cause(item: Mapping[str, Any]) -> Cause:
    return Cause(
        code=_text(item["code"]),
        requirement=_text(item["requirement"]),
        action=_text(item["action"]),
        release=None if item["release"] is None else _text(item["release"]),
        wheres=_texts(item["wheres"]),
        kinds=_texts(item["kinds"]),
        refer_to=_text(item["refer_to"]),
        neutral=_flag(item["neutral"]),
        row=_text(item.get("row", "")),  # a row of an earlier release has none
        whom=_texts(item.get("whom", ())),  # as above
    )


def _failure(item: Mapping[str, Any]) -> Failure:
    return Failure(*(_text(item[name]) for name in ("recipient", "original", "status", "reply")))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise TypeError
    return tuple(_text(item) for item in value)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _aware(value: object) -> datetime:
    """A time with its offset; fromisoformat's own error would repeat what it was given."""
    try:
        moment = datetime.fromisoformat(_text(value))
    except ValueError:
        raise ValueError("malformed time in notice facts") from None
    if moment.tzinfo is None:
        raise ValueError("time without offset in notice facts")
    return moment
