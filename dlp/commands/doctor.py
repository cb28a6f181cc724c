"""`dlp doctor`: what is missing or wrong on this machine, and the line that mends it.

Takes the configuration, broken or not; gives one row for each check: ok, warn or fail, what was seen, the remedy. It
changes nothing. Exit status 0 when nothing fails, 1 when something does, whatever it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from dlp.commands.checkup import MACHINE_CHECKS, SITE_CHECKS, Check, State, mistake
from dlp.commands.checkup_wire import WIRE_CHECKS
from dlp.commands.consents_seen import check as consents
from dlp.commands.directory_check import directory
from dlp.commands.jail_check import reading_children
from dlp.commands.listing import table
from dlp.commands.postfix_check import POSTFIX_CHECKS
from dlp.commands.readiness import metrics
from dlp.commands.running_check import judging
from dlp.commands.shared import (
    NOT_AS_IT_SHOULD_BE,
    Command,
    config_option,
    emit_json,
    json_option,
    next_step,
    open_settings,
)
from dlp.commands.signing_check import dkim
from dlp.commands.site_check import own_words, told_senders
from dlp.commands.split_check import split
from dlp.commands.store_check import store
from dlp.config import Settings
from dlp.errors import ConfigError


@click.command(cls=Command, statuses={0: "nothing fails", 1: "something does"})
@config_option
@json_option
@click.pass_context
def doctor(ctx: click.Context, config: Path | None, overrides: tuple[str, ...], *, as_json: bool) -> None:
    """Look at machine, configuration, data folder, store, next hop and listeners; say what to mend. Changes nothing.

    \b
    Examples:
      dlp doctor
      dlp doctor --config /etc/dlp/config.toml --json
    """
    checks = list(_examine(config, overrides))
    if as_json:
        for check in checks:
            emit_json({"state": check.state.value, "check": check.name, "what": check.what, "remedy": check.remedy})
    else:
        table(("", "check", "what", "remedy"), [(check.state.value, check.name, check.what, check.remedy) for check in checks])
    if any(check.state is State.FAIL for check in checks):
        ctx.exit(NOT_AS_IT_SHOULD_BE)
    if not as_json:
        next_step("dlp serve")


def _examine(config: Path | None, overrides: tuple[str, ...]) -> Iterator[Check]:
    for examine in MACHINE_CHECKS:
        yield examine()
    try:
        settings = open_settings(config, overrides)
    except ConfigError as error:
        yield from mistake(State.FAIL, "configuration", error)
        return
    yield Check(State.OK, "configuration", settings.source.file)
    for note in settings.not_yet():
        yield from mistake(State.WARN, "configuration", note)
    yield from _examine_site(settings)


def _examine_site(settings: Settings) -> Iterator[Check]:
    for name, examine in {
        **SITE_CHECKS,
        **POSTFIX_CHECKS,
        **WIRE_CHECKS,
        "site": own_words,
        "senders": told_senders,
        "directory": directory,
        "dkim": dkim,
        "split": split,
        "store": store,
        "consents": consents,
        "metrics": metrics,
        "running rules": judging,
        "jail": reading_children,
    }.items():
        try:
            yield from examine(settings)
        except PermissionError:
            yield Check(State.WARN, name, "this user may not look", f"run it as root, or as {settings.site.user}")
