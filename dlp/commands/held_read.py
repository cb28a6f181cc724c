"""`dlp held read`: have held mail read again, with the password of a locked file in it, and see what would be decided.

Takes a reference and, where a file is locked with one, a password, from standard input or a prompt: never from the command
line, where every user of the machine would see it. The message is read in a child like all others and judged as it would be
now; shown is what `dlp check` shows, masked, and what no password opens; with `--text` also the sentence or row around each
finding. Written down, before anything is read: who looked, whether a password was tried and the text asked for; and
afterwards what a password let see, which may raise the right to release.
"""

from __future__ import annotations

import shlex
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import click

from dlp import holds
from dlp.clock import utc_now
from dlp.commands import described, found, judging, rights, shared
from dlp.commands.listing import say
from dlp.commands.lookups import look_ups
from dlp.commands.site_store import act, open_store, readable_again
from dlp.config import Settings
from dlp.errors import ConfigErrors, Refused
from dlp.notices.rendering import clean
from dlp.pipeline import survey
from dlp.reader import ChildLimits, read_apart
from dlp.store import Store
from dlp.store.records import HeldCopy, NewCopy
from dlp.store.states import Damaged
from dlp.values import Client, Envelope, Origin, Texts

_MOST = 20  # passwords
_TRIED, _LOOKED, _FOUND = "a password was tried", "read again", "seen with a password"
_SHOWN = ", with the text around what is found"
# what is said of parts that stay closed, by why
_CLOSED = {
    "password": "what a password locks cannot be read without it",
    "encrypted": "what is encrypted to somebody's key is read by nobody else: ask the sender what it is",
}


@dataclass(frozen=True, slots=True)
class _Stored:
    """One message on hold: its copies, and the bytes they share."""

    copies: tuple[HeldCopy, ...]
    content: bytes


@click.command(cls=shared.Command, statuses={1: "what a password locks stayed unread"})
@click.argument("reference")
@click.option("--to", "recipient", metavar="ADDR", help="Judge it for this recipient only.")
@click.option("--password-stdin", is_flag=True, help="Take the password from standard input, one a line if there are several.")
@click.option("--text", is_flag=True, help="Also show the sentence or row of each finding; that is written down.")
@shared.json_option
@shared.config_option
def read(
    *,
    reference: str,
    recipient: str | None,
    password_stdin: bool,
    text: bool,
    as_json: bool,
    config: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Read a held message again and show what is found, masked, and what would be decided.

    With --text each finding is shown in its sentence, or its row of a table, >>marked<<, and no more of the message.

    You are asked for a password where a file in it is locked with one; it is kept nowhere. Nothing is released; that you
    looked is written down, and what a password lets see is kept with the hold.

    \b
    Examples:
      dlp held read H7K2-9QMD
      dlp held read H7K2-9QMD --text
      pass show exam-files | dlp held read H7K2-9QMD --password-stdin
    """
    settings = shared.open_settings(config, overrides)
    passwords = _piped() if password_stdin else ()
    with open_store(settings) as store:
        stored = _stored(store, reference, recipient)
        locked = any(part.why == "password" for copy in stored.copies for part in copy.unread)
        if locked and not passwords:
            passwords = (_typed(),)
        for copy in stored.copies:
            store.viewed(copy.id, act(f"{_TRIED if passwords else _LOOKED}{_SHOWN if text else ''}"))
    checked = _judged(settings, stored, passwords)
    if passwords and _opened(settings, stored, checked):
        _keep(settings, stored, checked)
    excerpts = tuple(found.excerpts(checked.judgement.findings, checked.survey.texts.views)) if text else ()
    if as_json:
        shared.emit_json(judging.as_document(checked, settings.limits_value(), excerpts) | {"on_record": _on_record(checked)})
    else:
        _show(stored, checked, excerpts, passwords, locked=locked)
    if passwords and _locked(checked.survey.texts):
        click.get_current_context().exit(shared.NOT_AS_IT_SHOULD_BE)


def _show(
    stored: _Stored, checked: judging.Checked, excerpts: tuple[str, ...], passwords: tuple[str, ...], *, locked: bool
) -> None:
    """For a person: what was found, what stayed closed, and what to type next."""
    records = [f"  record   {clean(address)}: {each}" for address, told in _on_record(checked).items() for each in told]
    say("\n".join([judging.readable(checked, excerpts), *records]))
    closed = {part.why for part in checked.judgement.unread} & _CLOSED.keys()
    for part in checked.judgement.unread if passwords else ():
        if part.why == "password":
            failed = "none of these passwords opens" if len(passwords) > 1 else "this password does not open"
            click.echo(f"{failed} part {part.section}")
    for why in sorted(closed):
        click.echo(_CLOSED[why])
    one = stored.copies[0].reference
    if "password" in closed:  # a copy that was kept without being read does not say that it is locked
        shared.next_step(f"dlp held read {one}{'' if locked else ' --password-stdin'}")
    if checked.judgement.findings and not excerpts:
        shared.next_step(f"dlp held read {one} --text")
    shared.next_step(*rights.typed_for(stored.copies))


def _on_record(checked: judging.Checked) -> dict[str, list[str]]:
    """By which consent or relation each reader may be told something now, or what there is that does not cover it."""
    surveyed = checked.survey
    records: dict[str, list[str]] = {}
    for ruling in checked.judgement.rulings:
        fits = [(reader, fit) for reader, fits in surveyed.readings(ruling.recipient) for fit in fits]
        told = [described.need(fit, reader, surveyed.evidence, surveyed.around.directory) for reader, fit in fits]
        told += [described.consent(fit, surveyed.around.facts) for _, fit in fits]
        records[ruling.recipient] = list(dict.fromkeys(each.removeprefix("on record: ") for lines in told for each in lines))
    return records


def _typed() -> str:
    """Asked for, unseen, where there is somebody to ask."""
    if not _at_a_terminal():
        raise click.UsageError("a file in it is locked with a password; without a terminal give it with --password-stdin")
    return str(click.prompt("Password of the file", hide_input=True, err=True))


def _at_a_terminal() -> bool:
    return sys.stdin.isatty()


def _piped() -> tuple[str, ...]:
    given = tuple(filter(None, sys.stdin.read().splitlines()))[:_MOST]
    if not given:
        raise click.UsageError("standard input holds no password")
    return given


def _stored(store: Store, reference: str, recipient: str | None) -> _Stored:
    copies = tuple(copy for copy in holds.show(store, reference, recipient) if readable_again(copy))
    if not copies:
        raise Refused("nothing of this message is stored any more that could be read")
    if len({(copy.key, copy.content) for copy in copies}) > 1:
        raise Refused("its recipients do not get the same bytes; name one of them with --to ADDR")
    try:
        return _Stored(copies, store.content(copies[0]))
    except Damaged:
        raise Refused("the stored copy is damaged and cannot be read") from None


def _opened(settings: Settings, stored: _Stored, checked: judging.Checked) -> bool:
    """Whether a password opened what is locked without: as it is read now, for a copy does not keep all that was locked."""
    return bool(_locked(_texts(settings, stored, ())) - _locked(checked.survey.texts))


def _locked(texts: Texts) -> set[str]:
    return {part.section for part in texts.unread if part.why == "password"}


def _keep(settings: Settings, stored: _Stored, checked: judging.Checked) -> None:
    """What a password let see is known from now on to whoever releases it, to `held list --about` and to the ledger."""
    judgement = checked.judgement
    rulings = {ruling.recipient: ruling for ruling in judgement.would_be or judgement.rulings}
    with open_store(settings) as store:
        for copy in stored.copies:
            ruling = rulings[copy.recipient.address]
            told = tuple(each for each in judgement.allowed if each.recipient == ruling.recipient)
            about = judgement.held_about.get(ruling.recipient, ())
            store.found(copy.id, NewCopy(copy.recipient, ruling, judgement.findings, told, about=about), act(_FOUND))


def _texts(settings: Settings, stored: _Stored, passwords: tuple[str, ...]) -> Texts:
    return read_apart(stored.content, settings.limits_value(), ChildLimits.of(settings), passwords, shared.recogniser(settings))


def _left_out(error: ConfigErrors) -> None:
    """What is held is to be read all the same: as long as the file is wrong, the running filter keeps the rules it has."""
    more = "this file is left out: what its patterns alone find is not shown here; the running filter keeps the rules it has"
    shared.warn(f"{error}\n{more}", shared.typed(f"dlp patterns test {shlex.quote(error.file)}"))


def _judged(settings: Settings, stored: _Stored, passwords: tuple[str, ...]) -> judging.Checked:
    """Read and judged as the filter would now."""
    first = stored.copies[0]
    started = time.perf_counter()
    texts = _texts(settings, stored, passwords)
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
    judgement, surveyed = known.settled(survey(envelope, texts, shared.rules(settings, _left_out), stored.content, known.known))
    return judging.Checked(first.reference, judgement, (time.perf_counter() - started) * 1000, surveyed)
