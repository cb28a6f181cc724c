"""One message judged as the filter would, with no side effect, and what `dlp check` shows of it.

Takes the bytes of a message, the envelope as far as the command line gives it, rules, a reader and what is known of people;
gives a Checked, and that as a readable block or as the JSON object of formats.md. A message that names nobody who gets it is a
usage error.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import click

from dlp.commands import described, found, shared
from dlp.commands.lookups import NOTHING_KNOWN, LookUps
from dlp.limits import Limits
from dlp.mail.addresses import addresses
from dlp.mail.original import original_places
from dlp.notices.rendering import clean
from dlp.pipeline import Survey, alike, edits_of, hold_rewrites, judge_message, proven, survey
from dlp.rewrite.apply import apply
from dlp.ruleset import Rules
from dlp.values import Action, Client, Envelope, Judgement, Origin, Reason, Recipient, Role, Ruling, Span, Texts

_NAMED = 4  # people told by their number


@dataclass(frozen=True, slots=True)
class Asked:
    """The envelope as far as the command line gives it."""

    sender: str | None
    recipients: tuple[str, ...]
    origin: Origin
    login: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Checked:
    """One judged message."""

    file: str
    judgement: Judgement
    elapsed_ms: float
    survey: Survey


def judged(
    file: str,
    raw: bytes,
    asked: Asked,
    rules: Rules,
    read: Callable[[bytes], Texts],
    look_ups: LookUps = NOTHING_KNOWN,
) -> Checked:
    """Read, judge and prove one message as the filter would. Raises UsageError when nobody is to get it."""
    started = time.perf_counter()
    texts = read(raw)
    envelope = _envelope(asked, texts, file)
    judgement, surveyed = look_ups.settled(survey(envelope, texts, rules, raw, look_ups.known))
    if edits := edits_of(judgement):
        edited = apply(raw, (*texts.fields, *texts.part_fields), edits)
        known = replace(look_ups.known, facts=surveyed.around.facts)
        again = judge_message(envelope, read(edited), rules, edited, known)
        if not (alike(raw, edited, edits) and proven(judgement, again)):
            judgement = hold_rewrites(judgement)
    name = click.format_filename(file)
    return Checked(name, judgement, (time.perf_counter() - started) * 1000, surveyed)


def as_document(checked: Checked, limits: Limits, excerpts: Sequence[str] = ()) -> dict[str, object]:
    """The JSON object of formats.md for one message, read within `limits`; with an excerpt for each finding, if given."""
    judgement, read = checked.judgement, checked.survey
    spans = [(each.view, Span(each.start, each.end)) for each in judgement.findings]
    places = original_places(read.raw, read.texts.views, spans, limits)
    return {
        "file": checked.file,
        "revision": judgement.revision,
        "snapshot": judgement.snapshot or None,
        "elapsed_ms": round(checked.elapsed_ms, 2),
        "recipients": {ruling.recipient: _ruling(ruling) for ruling in judgement.rulings},
        "findings": [
            {
                "kind": finding.kind,
                "detector": finding.detector,
                "pattern": finding.pattern,
                "where": finding.where,
                "bytes": [place.span.start, place.span.end],
                "bytes_of": place.of,
                "students": int(finding.role is Role.IDENTIFIES),
                "confidence": round(finding.confidence, 2),
                "masked": finding.masked,
                **({"text": excerpts[number]} if excerpts else {}),
            }
            for number, (finding, place) in enumerate(zip(judgement.findings, places, strict=True))
        ],
        "unscannable": [{"part": part.section, "why": part.why or part.status.value} for part in judgement.unread],
        "edits": [
            {
                "recipients": [judgement.rulings[index].recipient for index in disposition.recipients],
                "what": edit.what,
                "after": edit.shown,
            }
            for disposition in judgement.dispositions
            for edit in disposition.edits
        ],
        **({"would_be": {item.recipient: _ruling(item) for item in judgement.would_be}} if judgement.would_be else {}),
        **({"observed": {item.recipient: _ruling(item) for item in judgement.observed}} if judgement.observed else {}),
    }


def _ruling(ruling: Ruling) -> dict[str, object]:
    return {
        "action": ruling.action.word,
        "release": ruling.release.word if ruling.release else None,
        "reasons": [
            {
                "code": reason.code,
                "requirement": reason.requirement,
                "refer_to": reason.refer_to,
                "missing": reason.missing,
                "basis": reason.basis,
                "findings": list(reason.findings),
                "row": reason.row,
            }
            for reason in ruling.reasons
        ],
        "tips": list(ruling.tips),
    }


def readable(checked: Checked, excerpts: Sequence[str] = ()) -> str:
    """For a terminal: what a message brings along is shown without control characters. `excerpts`: one for each finding."""
    judgement = checked.judgement
    lines = [clean(checked.file)]
    for ruling in judgement.would_be or judgement.rulings:
        lines.append(f"  {ruling.action.word:8}{clean(ruling.recipient)}{released(ruling)}")
        stops = ruling.action is not Action.PASS
        told = found.reasons(ruling.reasons, partial(_of_whom, checked.survey, ruling.recipient), stops=stops)
        lines += [f"           {each}" for each in told]
    seen = [found.Seen.of(item, checked.survey.texts) for item in judgement.findings]
    if excerpts:  # each is shown with its sentence
        for one, excerpt in zip(seen, excerpts, strict=True):
            lines += [f"  found    {said}" for said in found.together([one])] + [f"           {excerpt}"]
    else:
        lines += [f"  found    {said}" for said in found.together(seen)]
    for ruling in judgement.observed:
        rows = ", ".join(dict.fromkeys(reason.row for reason in ruling.reasons))
        lines.append(f"  observed {clean(ruling.recipient)}: would {ruling.action.word}{released(ruling)}, by {rows}")
    lines += [f"  unread   {shared.unread(part.section, part.why, part.why or part.status.value)}" for part in judgement.unread]
    lines += [f"  edit     {edit.what}: {clean(edit.shown)}" for item in judgement.dispositions for edit in item.edits]
    if judgement.would_be:
        lines.append("  observe mode: everything passes; this is what enforce would do")
    return "\n".join(lines)


def released(ruling: Ruling) -> str:
    """Who may let a held copy go."""
    return f"; {shared.RELEASE[ruling.release]}" if ruling.release else ""


def _of_whom(surveyed: Survey, recipient: str, reason: Reason) -> str:
    """ " (person 2, person 5)", as `dlp explain` numbers them; " (12 people)"."""
    fits = (fit for _, fits in surveyed.readings(recipient) for fit in fits)
    lacking = (reason.row, reason.code, reason.missing)
    people = {fit.person for fit in fits if fit.person and (fit.reason.row, fit.reason.code, fit.reason.missing) == lacking}
    names = [name for person, name in described.names(surveyed.evidence).items() if person in people]
    if not names:
        return ""
    return f" ({', '.join(names) if len(names) <= _NAMED else f'{len(names)} people'})"


def _envelope(asked: Asked, texts: Texts, file: str) -> Envelope:
    sender = asked.sender if asked.sender is not None else next(iter(_header(texts, ("from",))), "")
    recipients = asked.recipients or tuple(dict.fromkeys(_header(texts, ("to", "cc", "bcc"))))
    if not recipients:
        raise click.UsageError(
            f"{click.format_filename(file)} names no recipient in To, Cc or Bcc; say who gets it with --to ADDR"
        )
    return Envelope(
        reference="",
        upstream_id="",
        sender="" if sender == "<>" else sender,
        parameters=(),
        recipients=tuple(Recipient(address) for address in recipients),
        client=Client(),
        received_at=asked.now,
        origin=asked.origin,
        login=asked.login,
    )


def _header(texts: Texts, names: Sequence[str]) -> list[str]:
    return [
        address
        for field in texts.fields
        if field.name.lower() in names
        for _, address in addresses(field.value).pairs
        if address
    ]
