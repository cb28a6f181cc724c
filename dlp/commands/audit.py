"""`dlp audit verify`: whether the audit chain and the ledger are whole.

Takes the store; recomputes every row of every chain. Exit status: 0 whole, 1 not, with node, row number and why: edited,
missing or tail-cut. What it cannot show: a tail cut together with an end kept from before, a chain that is gone as a whole.
"""

from __future__ import annotations

from pathlib import Path

import click

from dlp.commands import shared
from dlp.commands.site_store import open_store


@click.group(cls=shared.Group)
def audit() -> None:
    """The record of who did what.

    Example: dlp audit verify
    """


@audit.command(statuses={0: "whole", 1: "not whole"})
@shared.json_option
@shared.config_option
@click.pass_context
def verify(ctx: click.Context, *, as_json: bool, config: Path | None, overrides: tuple[str, ...]) -> None:
    """Recompute the whole audit chain and the ledger, and say where they are broken first.

    Example: dlp audit verify
    """
    with open_store(shared.open_settings(config, overrides)) as store:
        found = (("audit", store.verify_audit()), ("ledger", store.verify_ledger()))
    chain, bad = next(((name, bad) for name, bad in found if bad), ("", None))
    told = {"chain": chain, "node": bad.node, "seq": bad.seq, "why": bad.why} if bad else {}
    if as_json:
        shared.emit_json({"intact": not bad} | told)
    elif bad:
        click.echo(f"broken: {chain}, node {bad.node}, row {bad.seq}: {bad.why}")
    else:
        click.echo("whole: every row is as it was written")
    if bad:
        ctx.exit(shared.NOT_AS_IT_SHOULD_BE)
