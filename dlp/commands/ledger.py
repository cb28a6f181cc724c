"""`dlp ledger export`: what was disclosed about one person, for an access request.

Takes a student ID or a staff address; gives when, to whom, which kinds, on what basis, by which consent, and how sure it is
that it went out. Directory information is not in the ledger. That somebody looked is written into the audit chain.
"""

from __future__ import annotations

from pathlib import Path

import click

from dlp.commands import shared
from dlp.commands.held import act, open_store
from dlp.store.ledger import Entry
from dlp.store.states import DisclosureState

_SAID = {
    DisclosureState.SENT: "went out",
    DisclosureState.OWED: "is being sent",
    DisclosureState.UNKNOWN: "may have gone out",
    DisclosureState.INTENDED: "may have gone out",
}


@click.group(cls=shared.Group)
def ledger() -> None:
    """What was disclosed about whom.

    Example: dlp ledger export --student 912345678
    """


@ledger.command()
@click.option("--student", "person", required=True, metavar="ID", help="A student ID, or a staff member's address.")
@click.option("--reason", default="access request", show_default=True, metavar="TEXT", help="Why you look; it is recorded.")
@shared.json_option
@shared.config_option
def export(*, person: str, reason: str, as_json: bool, config: Path | None, overrides: tuple[str, ...]) -> None:
    """Everything about one person that went out, oldest first. Directory information is left out on purpose.

    \b
    Examples:
      dlp ledger export --student 912345678 --reason "request of 3 March"
      dlp ledger export --student 912345678 --json
    """
    with open_store(shared.open_settings(config, overrides)) as store:
        entries = store.disclosed(person, act(reason))
    if as_json:
        for entry in entries:
            shared.emit_json(_document(entry))
        return
    if not entries:
        click.echo("nothing was disclosed")
        return
    columns = ("when", "reference", "to", "kinds", "basis", "consent", "outcome")
    shared.table(columns, [_cells(entry) for entry in entries])


def _cells(entry: Entry) -> tuple[str, ...]:
    when = f"{entry.at:%Y-%m-%d %H:%M}Z"
    kinds, said = ", ".join(entry.kinds), _SAID[entry.outcome]
    return when, entry.reference, entry.recipient or "(damaged)", kinds, entry.basis, entry.permit or "-", said


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
