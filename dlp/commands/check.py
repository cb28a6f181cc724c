"""`dlp check`: judge messages from files, with no side effect.

Takes message files and an envelope (from the options, else from the message's own header), gives a verdict for each
recipient: as a readable block, or one JSON object per message (formats.md). Exit status 0 = judged, whatever the
verdict; 2 = a file, an option or the configuration is wrong; 3 = the directory or a message cannot be read now.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from dlp.clock import utc_now
from dlp.commands import shared
from dlp.commands.lookups import NOTHING_KNOWN, LookUps, look_ups
from dlp.commands.reading import reader_of
from dlp.config import Settings
from dlp.limits import Limits
from dlp.mail.addresses import addresses
from dlp.mail.original import original_places
from dlp.notices.rendering import clean
from dlp.pipeline import Survey, alike, edits_of, hold_rewrites, judge_message, proven, survey
from dlp.rewrite.apply import apply
from dlp.ruleset import Rules
from dlp.values import Client, Envelope, Judgement, Origin, Reason, Recipient, Role, Ruling, Span, Texts


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


@click.command(cls=shared.Command, statuses={0: "judged, whatever the verdict"})
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@shared.envelope_options
@shared.json_option
@shared.config_option
def check(
    *,
    files: tuple[str, ...],
    sender: str | None,
    recipients: tuple[str, ...],
    origin: str,
    login: str,
    now: str | None,
    as_json: bool,
    config: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Judge messages and say why, recipient by recipient. Nothing is sent or stored.

    \b
    Examples:
      dlp check message.eml
      dlp check --from a.lind@campus.example --to parent@freemail.example message.eml
      dlp check --json mail/*.eml | jq .recipients
    """
    for file in files:
        must_be_there(file)  # before rules are loaded, which takes seconds
    settings = shared.settings_or_defaults(config, overrides)
    asked = Asked(sender, recipients, Origin(origin), login, moment(now, settings))
    rules = shared.rules(settings)
    known = look_ups(settings)
    read = reader_of(settings)
    for file in files:
        checked = judged(file, contents(file), asked, rules, read, known)
        if as_json:
            shared.emit_json(as_document(checked, settings.limits_value()))
        else:
            click.echo(readable(checked))


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


def as_document(checked: Checked, limits: Limits) -> dict[str, object]:
    """The JSON object of formats.md for one message, read within `limits`."""
    judgement, read = checked.judgement, checked.survey
    found = [(each.view, Span(each.start, each.end)) for each in judgement.findings]
    places = original_places(read.raw, read.texts.views, found, limits)
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
            }
            for finding, place in zip(judgement.findings, places, strict=True)
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


def readable(checked: Checked) -> str:
    """For a terminal: what a message brings along is shown without control characters."""
    judgement = checked.judgement
    lines = [clean(checked.file)]
    for ruling in judgement.would_be or judgement.rulings:
        lines.append(f"  {ruling.action.word:8}{clean(ruling.recipient)}{released(ruling)}")
        lines += [
            f"           {reason.code} (row {reason.row}, {reason.requirement}){_told(reason)}" for reason in ruling.reasons
        ]
    lines += [
        f"  found    {item.kind}, {item.where}, pattern {item.pattern}, confidence {item.confidence:.2f}, {item.masked}"
        for item in judgement.findings
    ]
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


def _told(reason: Reason) -> str:
    """What a pass rests on, what is missing, and the office to go to."""
    told = (reason.basis if reason.code != "none" else None, reason.missing, reason.refer_to and f"refer to {reason.refer_to}")
    return "".join(f"; {each}" for each in told if each)


def must_be_there(file: str) -> None:
    """A usage error for what `contents` could not read."""
    if file != "-" and not _is_pipe(file):
        _read(file, 0)


def _is_pipe(file: str) -> bool:
    """What is there, and gives what it has once: to try it would wait for somebody to write."""
    try:
        return Path(file).is_fifo()
    except OSError:  # `_read` tells
        return False


def contents(file: str) -> bytes:
    return sys.stdin.buffer.read() if file == "-" else _read(file, -1)


def _read(file: str, size: int) -> bytes:
    try:
        with Path(file).open("rb") as stream:
            return stream.read(size)
    except OSError as error:
        what = f"cannot read {click.format_filename(file)}: {error.strerror}"
        raise click.UsageError(f"{what}; give the path of a saved message (.eml), or - for standard input") from None


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


def moment(text: str | None, settings: Settings) -> datetime:
    if text is None:
        return utc_now()
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"--now {text}: not a time; write it as 2026-09-01T10:00:00-04:00") from None
    return given if given.tzinfo else given.replace(tzinfo=ZoneInfo(settings.site.timezone))
