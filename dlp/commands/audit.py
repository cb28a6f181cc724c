"""`dlp audit`: the record of who did what, as a list, and whether it is whole.

Takes the store. `list` gives rows of all nodes in order of time: who, what in plain words, about which message (whose copy) or
consent, and the reason as it was typed, whatever stands in it; beside that nothing of a student, and of an approval no ID.
`verify` recomputes every row of the audit chain and the ledger. Its exit status: 0 whole, 1 not, with node, row number and why:
edited, missing or tail-cut. What it cannot show: a tail cut together with an end kept from before, a chain that is gone whole.
"""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from dlp.commands import shared
from dlp.commands.consent_options import DAY
from dlp.commands.listing import NOT_TOLD, table, when
from dlp.commands.site_store import KEEP_IT, is_there, open_store, run_as
from dlp.errors import Refused
from dlp.store.records import Asked, AuditRow, Recorded

_PROGRAM = "the filter"
_WOULD = "would-"  # and an action
# what a row records, in words; a word of a newer version stands as it is
_ACTS = {
    "release": "released held mail",
    "denied": "denied held mail; it was erased",
    "note": "wrote a note beside held mail",
    "disputed": "wrote beside held mail that somebody disputes it",
    "viewed": "had held mail read again",
    "found": "saw more in held mail, with a password",
    "directory-imported": "imported the campus files",
    "consents-loaded": "imported consents",
    "approvals-loaded": "imported approvals",
    "consent-added": "recorded a consent",
    "consent-revoked": "revoked a consent",
    "approval-added": "recorded an approval",
    "approval-revoked": "revoked an approval",
    "ledger-viewed": "exported what the ledger has of one person",
    "person-notified": "wrote down that a person was told of a release under legal process",
    "held": "put mail on hold",
    "released": "handed released mail to the MTA",
    "held-retry": "could not hand over released mail yet",
    "release-failed": "could not hand over released mail: the MTA refused it",
    "returned": "erased held mail that nobody decided about in time",
    "forwarded": "sent a message on for those who may have it",
    "owed": "kept a rewritten copy to be sent",
    "sent": "handed a rewritten copy to the MTA",
    "refused": "put a rewritten copy on hold: the MTA refused it",
    "notice-sent": "sent a notice",
    "notice-dead": "gave up sending a notice",
    "probe": "saw a test message",
}
# what is told of a row beyond that: numbers and closed words of its detail
_TOLD = ("rows", "bad", "added", "changed", "restored", "withdrawn", "left", "request", "source")


@click.group(cls=shared.Group)
def audit() -> None:
    """The record of who did what.

    \b
    Examples:
      dlp audit list --since 2026-11-20
      dlp audit verify
    """


@audit.command("list")
@click.option("--since", type=DAY, metavar="DAY", help="From this day on, as in 2026-11-20.")
@click.option("--by", metavar="NAME", help="Only what this user did.")
@click.option("--about", metavar="REFERENCE", help="Only what concerns this message, or the consent with this ID.")
@click.option("--all", "everything", is_flag=True, help="Also what the filter did by itself: holds, notices, attempts.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=1000, show_default=True, help="At most so many, the newest.")
@shared.json_option
@shared.config_option
def list_(
    *,
    since: date | None,
    by: str | None,
    about: str | None,
    everything: bool,
    limit: int,
    as_json: bool,
    config: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Who did what, in order of time: releases and denials, imports, consents, who looked into the ledger, and why.

    Without --all: what people did, and how what they released ended. A reason is shown as it was typed, and of held mail
    whose copy it was; so either may name a student. Nothing else here does.

    \b
    Examples:
      dlp audit list --since 2026-11-20
      dlp audit list --about H7K2-9QMD --all
      dlp audit list --by root --json
    """
    settings = shared.open_settings(config, overrides)
    zone = settings.site.timezone
    with open_store(settings) as store:
        found = store.recorded(Asked(_first(since, zone), by, about, everything, limit))
    if as_json:
        for row in found.rows:
            shared.emit_json(_document(row, found))
        return
    if not found.rows:
        click.echo("nothing like that is recorded")
        return
    cells = [(when(row.time, zone), _who(row), _what(row), _about(row, found) or "-", row.reason or "-") for row in found.rows]
    table(("time", "who", "what", "about", "reason"), cells)
    if found.total > len(found.rows):
        click.echo(f"{len(found.rows)} of {found.total} shown, the newest; --limit shows more", err=True)


@audit.command(statuses={0: "whole", 1: "not whole"})
@shared.json_option
@shared.config_option
@click.pass_context
def verify(ctx: click.Context, *, as_json: bool, config: Path | None, overrides: tuple[str, ...]) -> None:
    """Recompute the whole audit chain and the ledger, and say where they are broken first.

    Example: dlp audit verify
    """
    settings = shared.open_settings(config, overrides)
    if not is_there(settings, run_as(settings)):
        raise Refused(f"there is no store in {settings.data_dir}: nothing was recorded here yet, or it was removed")
    with open_store(settings) as store:
        broken, rows = store.verified()
    chain, bad = broken or ("", None)
    if as_json:
        told = {"chain": chain, "node": bad.node, "seq": bad.seq, "why": bad.why} if bad else {}
        shared.emit_json({"intact": not bad} | told | {"rows": rows})
    elif bad:
        click.echo(f"broken: {chain}, node {bad.node}, row {bad.seq}: {bad.why}")
    else:
        counted = ", ".join(f"{number} of the {name}" for name, number in rows.items())
        click.echo(f"whole: every row is as it was written ({counted})")
    if bad:
        shared.warn(KEEP_IT, shared.typed("dlp backup FILE"))
        ctx.exit(shared.NOT_AS_IT_SHOULD_BE)


def _first(day: date | None, zone: str) -> datetime | None:
    """When a day begins on campus."""
    return datetime.combine(day, time(), ZoneInfo(zone)) if day else None


def _who(row: AuditRow) -> str:
    return NOT_TOLD if row.actor is None else row.actor or _PROGRAM


def _what(row: AuditRow) -> str:
    act = f"would have done: {row.event.removeprefix(_WOULD)}" if row.event.startswith(_WOULD) else row.event
    told = ", ".join(f"{name} {value}" for name, value in _told(row).items())
    return _ACTS.get(row.event, act) + (f" ({told})" if told else "")


def _told(row: AuditRow) -> dict[str, str]:
    return {name: row.detail[name] for name in _TOLD if row.detail.get(name)}


def _about(row: AuditRow, found: Recorded) -> str:
    if not row.reference:
        return found.consents.get(row.detail.get("permit", ""), "")
    return " to ".join(filter(None, (row.reference, _recipient(row, found))))


def _recipient(row: AuditRow, found: Recorded) -> str:
    return found.recipients.get(row.detail.get("copy", ""), "")


def _document(row: AuditRow, found: Recorded) -> dict[str, object]:
    return {
        "time": row.time.isoformat(),
        "node": row.node,
        "row": row.seq,
        "event": row.event,
        "by": row.actor or None,
        "by_program": row.actor == "",
        "reference": row.reference or None,
        "recipient": _recipient(row, found) or None,
        "consent_id": found.consents.get(row.detail.get("permit", "")),
        "reason": row.reason or None,
        "told": _told(row),
    }
