"""`dlp trace`: what became of mail from or to an address, under an MTA's queue id, or of one reference.

Takes what to look for and, with `--log`, the filter's own log lines (bare, behind a prefix, or as `journalctl -o json`
prints them); gives one line for each thing that happened, message by message in order of time, and who did it where a person
did. The store knows what was held, owed or told of; of mail that just passed only the log tells. Exit status: 0 found, 1
nothing found.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, cast

import click

from dlp import keys
from dlp.clock import utc_now
from dlp.commands import shared
from dlp.commands.listing import NOT_TOLD, table, when
from dlp.commands.site_store import open_store
from dlp.errors import Refused
from dlp.store import Store
from dlp.store.records import Story
from dlp.store.states import ON_HOLD, NoticeState, Purpose

Event = dict[str, Any]
_ENDED = (NoticeState.SENT, NoticeState.DEAD)  # of which an audit row tells
_SHOWN = (
    "action", "result", "codes", "forwarded", "held", "deferred", "refused", "what", "stage", "status", "next_hop_reply",
    "error_ref",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for: an address with its digests, a queue id, what a 451 said, a reference; of a short word all three."""

    address: str = ""
    digests: frozenset[str] = frozenset()
    queue_id: str = ""
    reference: str = ""

    def fits(self, event: Event) -> bool:
        if self.address:
            named = {event.get("sender_key"), *event.get("recipient_keys", ())}
            return not self.digests.isdisjoint(named)
        told = self.queue_id.upper() == event.get("error_ref")  # what a client was answered that has to try again
        return told or event.get("queue_id") == self.queue_id or (bool(self.reference) and event.get("ref") == self.reference)


@dataclass(slots=True)
class Traced:
    """One message: what the store has of it, and its log lines."""

    reference: str
    story: Story | None = None
    events: list[Event] = field(default_factory=list)


@click.command(cls=shared.Command, statuses={0: "found", 1: "nothing found"})
@click.argument("what", metavar="ADDR|QUEUEID|REFERENCE")
@click.option(
    "--log", type=click.Path(path_type=Path, allow_dash=True), metavar="FILE", help='The filter\'s log too; "-" = stdin.'
)
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True, help="How far back the store is searched.")
@shared.json_option
@shared.config_option
@click.pass_context
def trace(
    ctx: click.Context,
    *,
    what: str,
    log: Path | None,
    days: int,
    as_json: bool,
    config: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """What became of mail from or to an address, under an MTA's queue id, or of a reference.

    The short reference of an answer 451 ("try again, ref 8E8D") is found in the log alone.

    \b
    Examples:
      dlp trace p.lane@freemail.example
      dlp trace 4XyZ1abcdef
      journalctl -u dlp -o cat | dlp trace 8E8D --log -
      journalctl -u dlp -o cat --since -2d | \\
        dlp trace p.lane@freemail.example --log -
    """
    settings = shared.open_settings(config, overrides)
    with _seekable(log) as lines, open_store(settings) as store:
        sought = _sought(what, keys.load(settings.keys_dir))
        traced = _gather(_stories(store, sought, utc_now() - timedelta(days=days)), sought, lines)
    if not traced:
        click.echo(
            f"nothing found: in {days} days nothing was held, owed or told of" + (", and no log line fits" * bool(log)),
            err=True,
        )
        if log is None:
            click.echo(f"next: journalctl -u dlp -o cat | {shared.typed('dlp trace')} {what} --log -", err=True)
        else:
            click.echo("next: look for it in the MTA's own log, which names whom it gave the message to", err=True)
        ctx.exit(shared.NOT_AS_IT_SHOULD_BE)
    if as_json:
        for each in traced:
            shared.emit_json(_document(each))
        return
    zone = settings.site.timezone
    table(("reference", "time", "what", "details", "who"), [row for each in traced for row in _rows(each, zone)])
    waiting = [each.reference for each in traced if each.story and any(copy.state in ON_HOLD for copy in each.story.copies)]
    if waiting:
        shared.next_step(f"dlp held show {waiting[0]}")


def _sought(what: str, site_keys: keys.Keys) -> Sought:
    if "@" in what:
        return Sought(address=what, digests=frozenset(site_keys.lookup(each) for each in (what, what.lower())))
    try:
        reference = keys.parse_reference(what)
    except Refused:
        reference = ""
    return Sought(queue_id=what, reference=reference)


def _stories(store: Store, sought: Sought, since: datetime) -> dict[str, Story]:
    if sought.address:
        found = [store.trace_address(each, since) for each in dict.fromkeys((sought.address, sought.address.lower()))]
    else:
        found = [store.trace_queue_id(sought.queue_id, since)]
        if sought.reference:
            found.append(store.trace_reference(sought.reference))
    return {story.reference: story for stories in found for story in stories}


def _gather(stories: dict[str, Story], sought: Sought, lines: IO[str]) -> list[Traced]:
    """Messages, the newest first. The log is read twice: a line may fit only by a reference that a later one brings."""
    references = set(stories) | {event["ref"] for event in _events(lines) if "ref" in event and sought.fits(event)}
    traced = {reference: Traced(reference, stories.get(reference)) for reference in references}
    unnamed = Traced("")
    for event in _events(lines):
        if event.get("ref") in traced:
            traced[event["ref"]].events.append(event)
        elif "ref" not in event and sought.fits(event):
            unnamed.events.append(event)
    ordered = sorted(traced.values(), key=_begun, reverse=True)
    return [*ordered, unnamed] if unnamed.events else ordered


def _begun(traced: Traced) -> datetime:
    times = [_time(event) for event in traced.events]
    return min([*times, traced.story.begun] if traced.story else times)


def _seekable(log: Path | None) -> IO[str]:
    """The log to read twice; what comes through a pipe is put aside first. Refused when it cannot be read."""
    try:
        if log is not None and str(log) != "-":
            return log.open(encoding="utf-8", errors="replace")
    except OSError as error:
        raise Refused(f"{log} cannot be read: {(error.strerror or '').lower()}") from None
    aside = cast("IO[str]", TemporaryFile("w+", encoding="utf-8", errors="replace"))  # noqa: SIM115  the caller closes it
    if log is not None:
        aside.writelines(sys.stdin)
    return aside


def _events(lines: IO[str]) -> Iterator[Event]:
    """Our events among the lines, whatever stands before them."""
    lines.seek(0)
    for line in lines:
        found = _object(line[line.find("{") :])
        if isinstance(found.get("MESSAGE"), str):
            found = _object(found["MESSAGE"])
        if isinstance(found.get("event"), str) and isinstance(found.get("time"), str):
            yield found


def _object(text: str) -> Event:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _time(event: Event) -> datetime:
    try:
        return datetime.fromisoformat(event["time"])
    except ValueError:
        return datetime.fromtimestamp(0, UTC)


def _rows(traced: Traced, timezone: str) -> Iterable[tuple[str, ...]]:
    """What happened, in order of time, each thing once."""
    happened = [(_time(event), event["event"], _told(event), "") for event in traced.events]
    happened += _recorded(traced.story) if traced.story else []
    for time, name, told, who in sorted(happened, key=lambda each: each[0]):
        yield traced.reference, when(time, timezone), name, told, who


def _recorded(story: Story) -> Iterable[tuple[datetime, str, str, str]]:
    """The audit rows of a message, and how its copies and notices stand where no row says it."""
    said = {
        copy.id: "damaged"
        if copy.damaged
        else f"from {copy.sender or '<>'} to {copy.recipient.address}; {', '.join(copy.codes)}"
        for copy in story.copies
    }
    for row in story.acts:
        sent = f"with the reply; recipients not kept: {row.detail.get('copies')}" if row.event == Purpose.FORWARDED else ""
        who = NOT_TOLD if row.actor is None else row.actor
        yield row.time, row.event, said.get(row.detail.get("copy", ""), sent), who
    written = {(row.event, row.detail.get("copy", "")) for row in story.acts}
    for copy in story.copies:
        if (copy.state.value, copy.id) not in written:
            yield copy.updated, copy.state.value, said[copy.id], ""
    for sent_at in story.forwarded if (Purpose.FORWARDED.value, "") not in written else ():
        yield sent_at, "forwarded", "with the reply, to a recipient that is not kept", ""
    for notice in story.notices:
        if notice.state not in _ENDED:
            yield notice.created, f"notice {notice.state.value}", f"{notice.attempts} attempts", ""


def _told(event: Event) -> str:
    told = {name: event[name] for name in _SHOWN if event.get(name) not in (None, "", 0, [])}
    return "; ".join(
        f"{name} {', '.join(map(str, value)) if isinstance(value, list) else value}" for name, value in told.items()
    )


def _document(traced: Traced) -> dict[str, object]:
    story = traced.story
    recipients = {copy.id: copy.recipient.address or None for copy in (story.copies if story else ())}
    return {
        "reference": traced.reference,
        "copies": [
            {
                "sender": copy.sender,
                "recipient": copy.recipient.address,
                "queue_id": copy.upstream_id,
                "state": copy.state.value,
                "since": copy.created.isoformat(),
                "updated": copy.updated.isoformat(),
                "codes": list(copy.codes),
            }
            for copy in (story.copies if story else ())
        ],
        "forwarded": [when.isoformat() for when in (story.forwarded if story else ())],
        "notices": [
            {"state": notice.state.value, "since": notice.created.isoformat(), "attempts": notice.attempts}
            for notice in (story.notices if story else ())
        ],
        "audit": [
            {
                "time": row.time.isoformat(),
                "event": row.event,
                "by": row.actor or None,
                "recipient": recipients.get(row.detail.get("copy", "")),
            }
            for row in (story.acts if story else ())
        ],
        "log": traced.events,
    }
