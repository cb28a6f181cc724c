"""`dlp check`: judge messages from files, with no side effect.

Takes message files and an envelope (from the options, else from the message's own header), gives a verdict for each
recipient: as a readable block, or one JSON object per message (formats.md). Exit status 0 = judged, whatever the
verdict; 2 = a file (the others are judged), an option or the configuration is wrong; 3 = the directory or a message cannot
be read now.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from dlp.clock import utc_now
from dlp.commands import shared
from dlp.commands.listing import say
from dlp.values import Origin

if TYPE_CHECKING:
    from dlp.config import Settings


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
    """Judge messages and say why, recipient by recipient. Nothing is sent or stored. One that cannot be judged stops no other.

    \b
    Examples:
      dlp check message.eml
      dlp check --from a.lind@campus.example --to p.lane@freemail.example one.eml
      dlp check --json mail/*.eml | jq .recipients
    """
    alone = len(files) == 1
    there = [file for file in files if _is_there(file, alone=alone)]  # before rules are loaded, which takes seconds
    if not there:
        click.get_current_context().exit(shared.USAGE)
    from dlp.commands import judging  # noqa: PLC0415  what judges is slow to load, and --help does without
    from dlp.commands.lookups import look_ups, warn_if_old  # noqa: PLC0415
    from dlp.commands.reading import reader_of  # noqa: PLC0415

    settings = shared.settings_or_defaults(config, overrides)
    asked = judging.Asked(sender, recipients, Origin(origin), login, moment(now, settings))
    rules = shared.rules(settings)
    known = look_ups(settings)
    warn_if_old(settings, known, asked.now)
    read = reader_of(settings)
    good = len(there) == len(files)
    for file in there:
        try:
            checked = judging.judged(file, contents(file), asked, rules, read, known)
        except click.UsageError as error:
            _tell(error, alone=alone)
            good = False
            continue
        if as_json:
            shared.emit_json(judging.as_document(checked, settings.limits_value()))
        else:
            say(judging.readable(checked))
    if not good:
        click.get_current_context().exit(shared.USAGE)


def _is_there(file: str, *, alone: bool) -> bool:
    try:
        must_be_there(file)
    except click.UsageError as error:
        _tell(error, alone=alone)
        return False
    return True


def _tell(error: click.UsageError, *, alone: bool) -> None:
    """Of several messages the others are judged all the same; a bad one that is alone is a usage error."""
    if alone:
        raise error
    shared.warn(error.format_message())


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


def moment(text: str | None, settings: Settings) -> datetime:
    if text is None:
        return utc_now()
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"--now {text}: not a time; write it as 2026-09-01T10:00:00-04:00") from None
    return given if given.tzinfo else given.replace(tzinfo=ZoneInfo(settings.site.timezone))
