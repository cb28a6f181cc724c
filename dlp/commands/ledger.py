"""`dlp ledger`: what was disclosed about one person, for an access request; who is to be told of a release under legal process.

Takes a student ID or a staff address; gives when, to whom, which kinds, on what basis, by which consent, and how sure it is
that it went out. Directory information is not in the ledger. That somebody looked, and for which request, is written into the
audit chain; that somebody was told, into the ledger. Sealed cases show nowhere.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click

from dlp.commands import shared
from dlp.commands.listing import table, when
from dlp.commands.lookups import person_meant, say_if_nobody
from dlp.commands.site_store import act, open_store
from dlp.commands.written import WRITTEN, without_ids
from dlp.errors import Refused
from dlp.keys import parse_reference
from dlp.store.ledger import Entry
from dlp.store.notifying import Due
from dlp.store.states import DisclosureState

_SAID = {
    DisclosureState.SENT: "went out",
    DisclosureState.OWED: "is being sent",
    DisclosureState.UNKNOWN: "may have gone out",
    DisclosureState.INTENDED: "may have gone out",
}
_ACCESS = "access request"  # why somebody looks who names one
_UNSAID = "no reason was given"
# a number of a request and nothing that could be a name or an ID: it stands readable in the audit chain
_REQUEST = re.compile(r"(?=.{1,24}$)[A-Za-z]{0,6}(?:[-/.]?[0-9]{1,6}){1,4}")


@click.group(cls=shared.Group)
def ledger() -> None:
    """What was disclosed about whom.

    \b
    Examples:
      dlp ledger export --student 912345678 --request AR-2026-17
      dlp ledger due
    """


@ledger.command(statuses={1: "nothing was disclosed, and nobody in the directory has this ID"})
@click.option("--student", "person", required=True, metavar="ID", help="A student ID, or a staff member's address.")
@click.option("--request", metavar="REF", help="Number of the written request this answers, as AR-2026-17.")
@click.option("--reason", type=WRITTEN, metavar="TEXT", help="Why you look, without a written request; recorded as typed.")
@shared.json_option
@shared.config_option
def export(
    *, person: str, request: str | None, reason: str | None, as_json: bool, config: Path | None, overrides: tuple[str, ...]
) -> None:
    """Everything about one person that went out, oldest first. Directory information is left out on purpose.

    \b
    Examples:
      dlp ledger export --student 912345678 --request AR-2026-17
      dlp ledger export --student 912345678 --reason "a complaint" --json
    """
    if request is not None and reason is not None:
        raise click.UsageError("give --request for a written request, or --reason without one; not both")
    if request is not None and not _is_number_of_a_request(request):
        raise click.UsageError(
            "--request takes the number of a request, as AR-2026-17: up to six letters and some figures, no name and no ID"
        )
    settings = shared.open_settings(config, overrides)
    request, reason = _why(request, reason)
    with open_store(settings) as store:
        person = person_meant(settings, person)
        entries = store.disclosed(person, act(without_ids(settings, reason)), request)
    if not entries and say_if_nobody(settings, person):
        click.get_current_context().exit(shared.NOT_AS_IT_SHOULD_BE)
    if as_json:
        for entry in entries:
            shared.emit_json(_document(entry))
        return
    if not entries:
        click.echo("nothing was disclosed")
        return
    columns = ("when", "reference", "to", "kinds", "basis", "consent", "outcome")
    table(columns, [_cells(entry, settings.site.timezone) for entry in entries])


@ledger.command("due")
@shared.json_option
@shared.config_option
def due_(*, as_json: bool, config: Path | None, overrides: tuple[str, ...]) -> None:
    """Who is still to be told that their information went out under legal process, the earliest day first.

    What rests on a sealed approval is not here. Write down that somebody was told with `dlp ledger notified`.

    Example: dlp ledger due
    """
    settings = shared.open_settings(config, overrides)
    with open_store(settings) as store:
        found = store.due_to_be_told()
    if as_json:
        for each in found:
            shared.emit_json(_due_document(each))
        return
    if not found:
        click.echo("nobody is to be told anything")
        return
    columns = ("by", "went out", "reference", "person", "to", "kinds", "approval")
    table(columns, [_due_cells(each, settings.site.timezone) for each in found])
    shared.next_step(f'dlp ledger notified {found[0].reference} --student {found[0].person} --reason "by letter"')


@ledger.command()
@click.argument("reference")
@click.option("--student", "person", required=True, metavar="ID", help="A student ID, or a staff member's address.")
@click.option("--reason", required=True, type=WRITTEN, metavar="TEXT", help="How they were told, or why not; kept as typed.")
@shared.json_option
@shared.config_option
def notified(
    *, reference: str, person: str, reason: str, as_json: bool, config: Path | None, overrides: tuple[str, ...]
) -> None:
    """Write down that a person was told of what went out about them. What goes out later is due again.

    Example: dlp ledger notified H7K2-9QMD --student 912345678 --reason "by letter of 3 March"
    """
    settings = shared.open_settings(config, overrides)
    reference, person = parse_reference(reference), person_meant(settings, person)
    with open_store(settings) as store:
        if not store.end_due(reference, person, act(without_ids(settings, reason))):
            raise Refused("nothing is due under this reference about this person; dlp ledger due shows what is")
    if as_json:
        shared.emit_json({"reference": reference, "person": person, "due": False})
    else:
        click.echo("written down; it is no longer due")


def _is_number_of_a_request(text: str) -> bool:
    return _REQUEST.fullmatch(text) is not None and sum(map(str.isdigit, text)) < 9  # an ID has nine


def _why(request: str | None, reason: str | None) -> tuple[str, str]:
    """The request and the reason that are recorded. Who gives neither is asked at a terminal, and warned in a script."""
    if not (request or reason):
        if _at_a_terminal():
            said = str(click.prompt("Number of the written request, or why you look (it is recorded)", type=WRITTEN, err=True))
            return (said, _ACCESS) if _is_number_of_a_request(said) else ("", said)
        shared.warn(f"recorded: {_UNSAID}; give --request for a written request, or --reason without one")
        return "", _UNSAID
    return request or "", reason or _ACCESS


def _at_a_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _due_cells(due: Due, timezone: str) -> tuple[str, ...]:
    by, went_out = due.by.isoformat() if due.by else "at once", when(due.since, timezone)
    return by, went_out, due.reference, due.person, ", ".join(due.recipients), ", ".join(due.kinds), due.approval or "-"


def _due_document(due: Due) -> dict[str, object]:
    return {
        "by": due.by.isoformat() if due.by else None,
        "went_out": due.since.isoformat(),
        "reference": due.reference,
        "person": due.person,
        "recipients": list(due.recipients),
        "kinds": list(due.kinds),
        "approval_id": due.approval or None,
    }


def _cells(entry: Entry, timezone: str) -> tuple[str, ...]:
    kinds, said = ", ".join(entry.kinds), _SAID[entry.outcome]
    return (
        when(entry.at, timezone),
        entry.reference,
        entry.recipient or "(damaged)",
        kinds,
        entry.basis,
        entry.permit or "-",
        said,
    )


def _document(entry: Entry) -> dict[str, object]:
    return {
        "at": entry.at.isoformat(),
        "reference": entry.reference,
        "recipient": entry.recipient,
        "kinds": list(entry.kinds),
        "basis": entry.basis,
        "code": entry.code,
        "consent_id": entry.permit or None,
        "outcome": "unknown" if entry.outcome is DisclosureState.INTENDED else entry.outcome.value,
    }
