"""`dlp probe`: three harmless test strings that warn, rewrite and hold, and the proof that the live path knows them.

Takes nothing to print them; with `--send`, the MTA to hand three test messages to. It waits until the filter has
recorded each of them, prints a tick for each, and gives up its own hold. No personal data is involved. Exit status:
0 all three came and did what they must (in observe mode: would have), 1 one did not, 2 the MTA did not take them.
"""

from __future__ import annotations

import re
import secrets
import smtplib
import time
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import click

from dlp import holds
from dlp.commands import shared
from dlp.commands.site_store import act, open_store
from dlp.detectors.probe import STRINGS
from dlp.errors import Refused
from dlp.store import Store

WAIT = 60.0  # seconds
PROBES = {pattern.removeprefix("probe-"): string for pattern, string in STRINGS.items()}


@dataclass(frozen=True, slots=True)
class Seen:
    """What the filter recorded of one message: the verdict, and whether a copy was on hold."""

    action: str
    held: bool


@click.command(cls=shared.Command, statuses={1: "a test message did not come, or not as it must"})
@click.option("--send", is_flag=True, help="Send the three messages through the MTA and watch them arrive.")
@click.option("--via", default="127.0.0.1:25", show_default=True, metavar="HOST:PORT", help="Where the MTA takes mail.")
@click.option("--from", "sender", metavar="ADDR", help="A campus address. Default: [notices] sender.")
@click.option("--to", "recipient", metavar="ADDR", help="Who gets the messages. Default: [site] policy_contact.")
@shared.json_option
@shared.config_option
@click.pass_context
def probe(
    ctx: click.Context,
    *,
    send: bool,
    via: str,
    sender: str | None,
    recipient: str | None,
    as_json: bool,
    config: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Three harmless test strings, for a Subject line: one warns, one rewrites, one holds.

    \b
    Examples:
      dlp probe
      dlp probe --send --via 127.0.0.1:25 --to postmaster@campus.example
    """
    if not send:
        for action, text in PROBES.items():
            if as_json:
                shared.emit_json({"action": action, "string": text})
            else:
                click.echo(f"{action:8}{text}")
        click.echo("put one into the Subject of a message, or let dlp send all three: dlp probe --send", err=True)
        return
    settings = shared.open_settings(config, overrides)
    sender, recipient = sender or settings.notices.sender, recipient or settings.site.policy_contact
    if not all(re.fullmatch(r"[!-~]+@[!-~]+", address) for address in (sender, recipient)):
        raise click.UsageError("--from and --to take one plain address each, such as postmaster@campus.example")
    with open_store(settings) as store:
        sent = {action: _send(via, sender, recipient, text) for action, text in PROBES.items()}
        seen = _watch(store, sent)
    observed = settings.policy.mode == "observe"
    told = {action: _told(action, seen.get(action), observed=observed) for action in PROBES}
    for action, (good, what) in told.items():
        if as_json:
            shared.emit_json({"action": action, "ok": good, "what": what})
        else:
            click.echo(f"[{'ok' if good else '--'}] {action:8}{what}")
    if not all(good for good, _ in told.values()):
        shared.next_step("dlp doctor")
        ctx.exit(shared.NOT_AS_IT_SHOULD_BE)


def _send(via: str, sender: str, recipient: str, text: str) -> str:
    """Hand one test message to the MTA; gives its Message-ID."""
    host, _, port = via.rpartition(":")
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, recipient, text
    message["Message-ID"] = identity = f"<probe-{secrets.token_hex(12)}@{sender.rpartition('@')[2]}>"
    message.set_content("This is a test of the mail filter. Nobody needs to do anything.\n")
    try:
        with smtplib.SMTP(host.strip("[]"), int(port), timeout=30) as mta:
            mta.send_message(message, sender, [recipient])
    except (OSError, smtplib.SMTPException, ValueError):
        raise Refused(f"the MTA at {via} did not take the test message; say where it listens with --via HOST:PORT") from None
    return identity


def _told(wanted: str, seen: Seen | None, *, observed: bool) -> tuple[bool, str]:
    """Whether that is as it should be, and what to say of it."""
    if seen is None:
        return False, "did not come"
    if observed:
        return seen.action == wanted, f"came; observe mode: would {seen.action}"
    if seen.action != wanted:
        return False, f"came, but: {seen.action}"
    if wanted == "hold" and not seen.held:
        return False, "came, but nothing is on hold: is dlp serve running in observe mode?"
    return True, "came and did so"


def _watch(store: Store, sent: dict[str, str]) -> dict[str, Seen]:
    """What the filter did with each message, as far as it came within WAIT seconds; holds of ours are given up."""
    seen: dict[str, Seen] = {}
    deadline = time.monotonic() + WAIT
    while len(seen) < len(sent) and time.monotonic() < deadline:
        for action, identity in sent.items():
            if action in seen:
                continue
            for record in store.probes(identity):
                seen[action] = Seen(record.action, held=_given_up(store, record.reference))
        time.sleep(0.2)
    return seen


def _given_up(store: Store, reference: str) -> bool:
    """Give up what is on hold under this reference; whether there was anything."""
    try:
        return any(outcome.done for outcome in holds.deny(store, reference, act("probe")))
    except Refused:
        return False
