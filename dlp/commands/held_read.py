"""`dlp held read`: have held mail read again with the password of a locked file, and see what would be decided.

Takes a reference and a password, from standard input or a prompt: never from the command line, where every user of the
machine would see it. The message is read in a child like all others and judged as it would be now; shown is what `dlp check`
shows, masked. Written down, before anything is read: who looked, and that a password was tried. Nothing else changes.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import click

from dlp import holds
from dlp.clock import utc_now
from dlp.commands import check, shared
from dlp.commands.lookups import look_ups
from dlp.commands.site_store import act, open_store
from dlp.config import Settings
from dlp.errors import Refused
from dlp.pipeline import survey
from dlp.reader import ChildLimits, read_apart
from dlp.store import Store
from dlp.store.records import HeldCopy
from dlp.store.states import NEEDS_NO_CONTENT, Damaged
from dlp.values import Client, Envelope, Origin

_MOST = 20  # passwords
_TRIED = "a password was tried"


@dataclass(frozen=True, slots=True)
class _Stored:
    """One message on hold: its copies, and the bytes they share."""

    copies: tuple[HeldCopy, ...]
    content: bytes


@click.command(cls=shared.Command)
@click.argument("reference")
@click.option("--to", "recipient", metavar="ADDR", help="Judge it for this recipient only.")
@click.option("--password-stdin", is_flag=True, help="Take the password from standard input, one a line if there are several.")
@shared.json_option
@shared.config_option
def read(
    *,
    reference: str,
    recipient: str | None,
    password_stdin: bool,
    as_json: bool,
    config: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Read a held message again with the password of a locked file in it, and show what would be decided.

    Nothing is released or changed; that you looked is written down. The password is kept nowhere.

    \b
    Examples:
      dlp held read H7K2-9QMD
      pass show exam-files | dlp held read H7K2-9QMD --password-stdin
    """
    settings = shared.open_settings(config, overrides)
    passwords = _passwords(from_input=password_stdin)
    with open_store(settings) as store:
        stored = _stored(store, reference, recipient)
        for copy in stored.copies:
            store.viewed(copy.id, act(_TRIED))
    checked = _judged(settings, stored, passwords)
    if as_json:
        shared.emit_json(check.as_document(checked, settings.limits_value()))
        return
    click.echo(check.readable(checked))
    found = stored.copies[0].reference
    shared.next_step(f'dlp held release {found} --reason "..."', f"dlp held deny {found}")


def _passwords(*, from_input: bool) -> tuple[str, ...]:
    if from_input:
        lines = sys.stdin.read().splitlines()
        given = tuple(filter(None, lines))[:_MOST]
    else:
        given = (click.prompt("Password of the file", hide_input=True, err=True),)
    if not given:
        raise click.UsageError("standard input holds no password")
    return given


def _stored(store: Store, reference: str, recipient: str | None) -> _Stored:
    copies = tuple(
        copy for copy in holds.show(store, reference, recipient) if copy.state not in NEEDS_NO_CONTENT and not copy.damaged
    )
    if not copies:
        raise Refused("nothing of this message is stored any more that could be read")
    if len({(copy.key, copy.content) for copy in copies}) > 1:
        raise Refused("its recipients do not get the same bytes; name one of them with --to ADDR")
    try:
        return _Stored(copies, store.content(copies[0]))
    except Damaged:
        raise Refused("the stored copy is damaged and cannot be read") from None


def _judged(settings: Settings, stored: _Stored, passwords: tuple[str, ...]) -> check.Checked:
    """Read and judged as the filter would now."""
    first, limits = stored.copies[0], settings.limits_value()
    started = time.perf_counter()
    texts = read_apart(stored.content, limits, ChildLimits.of(settings), passwords, shared.recogniser(settings))
    envelope = Envelope(
        reference=first.reference,
        upstream_id=first.upstream_id,
        sender=first.sender,
        parameters=first.parameters,
        recipients=tuple(copy.recipient for copy in stored.copies),
        client=Client(),
        received_at=first.received_at or utc_now(),
        origin=first.origin or Origin.SUBMISSION,
        login=first.login,
    )
    known = look_ups(settings)
    judgement, surveyed = known.settled(survey(envelope, texts, shared.rules(settings), stored.content, known.known))
    return check.Checked(first.reference, judgement, (time.perf_counter() - started) * 1000, surveyed)
