"""`dlp serve`: run the filter in the foreground until told to stop.

Takes the configuration, gives a process tree and one JSON event a line on standard error; `serve.ready` says that
mail is taken. Exit status: 0 stopped as asked, 1 a process could not be started, 2 the configuration is wrong.
"""

from __future__ import annotations

import logging
import signal
from pathlib import Path

import click

from dlp import failpoints
from dlp.commands import shared
from dlp.events import event, log_to_stderr

_LOG = logging.getLogger("dlp.serve")


@click.command(cls=shared.Command, statuses={0: "stopped as asked", 1: "a process could not be started"})
@shared.config_option
@click.pass_context
def serve(ctx: click.Context, *, config: Path | None, overrides: tuple[str, ...]) -> None:
    """Filter mail: listen for the MTA, judge, pass on or hold.

    Stop it with SIGTERM; what was accepted is finished first. SIGHUP reads pattern files, decision table and
    certificate again.

    \b
    Examples:
      dlp serve --config /etc/dlp/config.toml
      dlp serve --set policy.mode=observe
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})  # a reload asked for now must wait, not end the program
    from dlp import serve as tree  # noqa: PLC0415  loading it takes most of the start, and the signal is blocked first

    settings = shared.open_settings(config, overrides)
    log_to_stderr()
    if failpoints.ON:
        event(_LOG, "failpoints.on", level=logging.WARNING, remedy=f"unset {failpoints.VARIABLE} unless this is a test")
    for note in settings.not_yet():
        event(_LOG, "config.not-yet", level=logging.WARNING, key=note.key, line=note.line, what=note.what, remedy=note.remedy)
    listeners = [text for text in (settings.receive.lmtp, settings.receive.smtp, settings.milter.listen) if text]
    ctx.exit(tree.serve(settings, lambda: event(_LOG, "serve.ready", listeners=listeners)))
