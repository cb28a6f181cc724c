"""`dlp held`: look at mail on hold, let it go or give it up, end what waited too long.

Takes references as a notice shows them; gives tables (or JSON), and what became of each copy. Never shown: text, subject,
matched values, but by `dlp held read --text`. A release is sent at once to the release hop, exactly the stored bytes to exactly
that recipient; what cannot be handed over now the running filter tries again. Exit status 1: not all could be done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dlp import holds, telling
from dlp.clock import utc_now
from dlp.commands import held_shown, rights, shared
from dlp.commands.listing import say, table
from dlp.commands.lookups import person_meant, say_if_nobody
from dlp.commands.site_store import act, open_store, readable_again
from dlp.commands.written import WRITTEN, without_ids
from dlp.config import Settings
from dlp.store.records import Filter
from dlp.store.states import State
from dlp.values import Release

if TYPE_CHECKING:
    from dlp.clerk import Sender

_SAID = {
    State.RELEASED: "released and handed to the MTA",
    State.HELD_RETRY: "released; the MTA does not take it now, and it is tried again by itself",
    State.RELEASE_FAILED: "released, but the MTA refused it; it stays on hold and can be released again",
    State.DENIED: "denied and erased; it was never sent",
    State.RETURNED: "nobody decided in time: erased; it was never sent",
}
_GIVEN_UP = frozenset({State.DENIED, State.RETURNED})
_OVER = _GIVEN_UP | {State.RELEASED}
_ALL = click.option("--all", "every", is_flag=True, help="All copies, though they are not held for the same.")
_NOT_ALL = {shared.NOT_AS_IT_SHOULD_BE: "not all could be done now"}
_LEFT = {0: "all that was left was decided", shared.NOT_AS_IT_SHOULD_BE: "nothing was left, or not all could be done now"}


_READ = shared.Entry("dlp.commands.held_read", "read", "Read one again, with a password or for its text.")


@click.group(cls=shared.Group, entries={"read": _READ})
def held() -> None:
    """Mail on hold: look, read with a password, release, deny, expire.

    \b
    Examples:
      dlp held list
      dlp held release H7K2-9QMD --reason "permission on file"
    """


@held.command("list", statuses={1: "nothing tells of this person, and nobody in the directory has this ID"})
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=1000, show_default=True, help="At most so many, newest first."
)
@click.option(
    "--about",
    metavar="ID",
    help="Only what tells of this person, or is held for naming them: a student ID, or a staff address.",
)
@shared.json_option
@shared.config_option
def list_(*, limit: int, about: str | None, as_json: bool, config: Path | None, overrides: tuple[str, ...]) -> None:
    """What waits for a decision, newest first.

    Example: dlp held list --json
    """
    settings = shared.open_settings(config, overrides)
    with open_store(settings) as store:
        about = person_meant(settings, about) if about is not None else ""
        copies = holds.list_held(store, Filter(limit=limit), about)
        total = holds.count_held(store, about) if len(copies) == limit else len(copies)
    if about and not copies and say_if_nobody(settings, about):
        click.get_current_context().exit(shared.NOT_AS_IT_SHOULD_BE)
    if total > len(copies):
        click.echo(f"{len(copies)} of {total} shown, the newest; --limit shows more", err=True)
    if as_json:
        for copy in copies:
            shared.emit_json(held_shown.document(copy))
        return
    if not copies:
        click.echo("nothing on hold tells of this person" if about else "nothing is on hold")
        return
    table(held_shown.COLUMNS, (held_shown.cells(copy, settings.site.timezone) for copy in copies))
    shared.next_step(f"dlp held show {copies[0].reference}")


@held.command()
@click.argument("reference")
@shared.json_option
@shared.config_option
def show(*, reference: str, as_json: bool, config: Path | None, overrides: tuple[str, ...]) -> None:
    """One message on hold: who it is for, why, what was found where, and what was done so far.

    Example: dlp held show H7K2-9QMD
    """
    settings = shared.open_settings(config, overrides)
    with open_store(settings) as store:
        copies = holds.show(store, reference)
    for copy in copies:
        if as_json:
            shared.emit_json(held_shown.document(copy))
        else:
            say(held_shown.readable(copy, settings.site.timezone))
    if not as_json and any(map(readable_again, copies)):
        one = copies[0].reference
        if any(copy.evidence for copy in copies):
            command = shared.typed(f"dlp held read {one} --text")
            click.echo(f"in which sentence or row each finding stands, and that you saw it is written down: {command}")
        else:
            shared.next_step(f"dlp held read {one}")
        shared.next_step(*rights.typed_for(copies))


@held.command(statuses=_LEFT)
@click.argument("reference")
@click.option("--to", "recipient", metavar="ADDR", help="Only this recipient's copy.")
@_ALL
@click.option("--reason", required=True, type=WRITTEN, metavar="TEXT", help="Why it may go; kept as typed.")
@click.option(
    "--word-of",
    type=click.Choice([right.word for right in Release]),
    help="On whose word, where that is asked for; kept with the reason.",
)
@shared.json_option
@shared.config_option
def release(
    *,
    reference: str,
    recipient: str | None,
    every: bool,
    reason: str,
    word_of: str | None,
    as_json: bool,
    config: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Send what is on hold, exactly as it came, once.

    Copies that are not held for the same reasons, or go on different words, are released one by one with --to, or with
    --all. What only a senior officer may release wants --word-of senior; so is the word wanted for what showed more with a
    password than when it was held.

    \b
    Examples:
      dlp held release H7K2-9QMD --reason "written permission on file"
      dlp held release H7K2-9QMD --to p.lane@freemail.example --reason "an error"
      dlp held release H7K2-9QMD --word-of senior --reason "the registrar rang"
    """
    every = _is_clear(recipient, every=every)
    from dlp.serve import release_sender  # noqa: PLC0415  slow; before this process is the site's user, who may not read it

    settings = shared.open_settings(config, overrides)
    with open_store(settings) as store:
        reason = without_ids(settings, reason)
        why = act(f"{reason} (on the word of: {word_of})" if word_of else reason)
        tell, agree = _teller(settings), partial(rights.must_suffice, word=word_of, every=every)
        sent = partial(holds.release, reference=reference, act=why, recipient=recipient, tell=tell, agree=agree)
        outcomes = asyncio.run(_release_now(partial(release_sender, settings), partial(sent, store)))
    _report(outcomes, as_json=as_json)


@held.command(statuses=_LEFT)
@click.argument("reference")
@click.option("--to", "recipient", metavar="ADDR", help="Only this recipient's copy.")
@_ALL
@click.option("--reason", required=True, type=WRITTEN, metavar="TEXT", help="Why it may not go; kept as typed.")
@shared.json_option
@shared.config_option
def deny(
    *,
    reference: str,
    recipient: str | None,
    every: bool,
    reason: str,
    as_json: bool,
    config: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Give up what is on hold: it is erased and never sent, and the sender is told that, not why.

    It cannot be undone, so copies that are not held for the same reasons, or go on different words, are denied one by one
    with --to, or with --all, as they are released. What was released and the MTA did not take yet (held-retry) can be denied
    between two tries.

    Example: dlp held deny H7K2-9QMD --reason "use the shared folder"
    """
    every = _is_clear(recipient, every=every)
    settings = shared.open_settings(config, overrides)
    with open_store(settings) as store:
        why, agree = act(without_ids(settings, reason)), partial(rights.must_be_clear, every=every, retried=True)
        outcomes = holds.deny(store, reference, why, recipient, tell=_teller(settings), agree=agree)
    _report(outcomes, as_json=as_json)


@held.command()
@click.argument("reference")
@click.option("--to", "recipient", metavar="ADDR", help="Only this recipient's copy.")
@click.option("--reason", required=True, type=WRITTEN, metavar="TEXT", help="What is said of it; kept as typed.")
@click.option("--disputed", is_flag=True, help="A person says that what is recorded here is wrong.")
@shared.json_option
@shared.config_option
def note(
    *,
    reference: str,
    recipient: str | None,
    reason: str,
    disputed: bool,
    as_json: bool,
    config: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Write a note beside a hold, or that somebody disputes it. It changes nothing else, and stays when the hold is over.

    \b
    Examples:
      dlp held note H7K2-9QMD --reason "asked the department"
      dlp held note H7K2-9QMD --disputed --reason "it is an invoice number"
    """
    settings = shared.open_settings(config, overrides)
    with open_store(settings) as store:
        copies = holds.note(store, reference, act(without_ids(settings, reason)), recipient, disputed=disputed)
    for copy in copies:
        if as_json:
            shared.emit_json(held_shown.document(copy))
        else:
            click.echo(
                f"{copy.reference}  {copy.recipient.address}  {'disputed' if disputed else 'noted'}; it is {copy.state.value}"
            )


@held.command(statuses=_NOT_ALL)
@click.option("--dry-run", is_flag=True, help="Only show what would end.")
@shared.json_option
@shared.config_option
def expire(*, dry_run: bool, as_json: bool, config: Path | None, overrides: tuple[str, ...]) -> None:
    """End what nobody decided about by its deadline: it is erased and never sent, and the sender is told.

    The running filter does the same by itself.

    Example: dlp held expire --dry-run
    """
    settings = shared.open_settings(config, overrides)
    with open_store(settings) as store:
        outcomes = holds.expire(store, _teller(settings), utc_now(), dry_run=dry_run)
    if not outcomes and not as_json:
        click.echo("nothing is overdue")
    _report(outcomes, as_json=as_json, expected=not dry_run)


def _is_clear(recipient: str | None, *, every: bool) -> bool:
    """Whether it was said which copies are meant."""
    if every and recipient is not None:
        raise click.UsageError("give --to for one copy, or --all for all of them; not both")
    return every or recipient is not None


async def _release_now(
    sending: Callable[[], Sender], release: Callable[[holds.Deliver], Awaitable[tuple[holds.Outcome, ...]]]
) -> tuple[holds.Outcome, ...]:
    sender = sending()
    try:
        return await release(sender.deliver)
    finally:
        sender.forwarder.close()


def _teller(settings: Settings) -> holds.Tell:
    """Whom a sender's report goes to, as the running filter decides it."""
    return partial(telling.ended, campus=settings.campus())


def _report(outcomes: tuple[holds.Outcome, ...], *, as_json: bool, expected: bool = True) -> None:
    """What became of each copy; exit status 1 unless all was done that was `expected`, beside what was decided before."""
    for outcome in outcomes:
        if as_json:
            became = {"state": outcome.state.value, "done": outcome.done, "why": outcome.why, "told": outcome.told}
            shared.emit_json(held_shown.document(outcome.copy) | became)
        else:
            click.echo(f"{outcome.copy.reference}  {outcome.copy.recipient.address}  {_said(outcome)}")
    done = not outcomes or any(outcome.done for outcome in outcomes)
    if expected and not (done and all(outcome.state in _OVER for outcome in outcomes)):
        click.get_current_context().exit(shared.NOT_AS_IT_SHOULD_BE)


def _said(outcome: holds.Outcome) -> str:
    if not outcome.done:
        return f"unchanged: it is {outcome.state.value}"
    said = _SAID.get(outcome.state, outcome.state.value)
    return f"{said}; {_told(outcome)}" if outcome.state in _GIVEN_UP else said


def _told(outcome: holds.Outcome) -> str:
    """Whether the sender learns of it, and why not."""
    if outcome.told:
        return "the sender is told"
    if not outcome.copy.damaged and not telling.wants_report(outcome.copy):
        return "the sender is not told, as asked (NOTIFY)"
    return "the sender is not told: no person on campus is known to have sent it"
