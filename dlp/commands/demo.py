"""`dlp demo`: a sample campus judged by the real filter, on this machine alone, with nothing to set up.

Takes nothing; starts the filter and a sink as its next hop on loopback, sends sample mail through real SMTP, prints
what happened to each recipient and why, and what senders were told. `--serve` stays until Ctrl-C and shows what else
is sent; `--send` hands it a message from another terminal. Exit status: 0, or 2 when the filter did not start.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterable
from pathlib import Path

import click

from dlp import keys
from dlp.commands import shared
from dlp.commands.happened import Happened, happened, notices
from dlp.commands.listing import table
from dlp.demo.samples import Sample, samples
from dlp.demo.stage import PORT, Stage, send, stage
from dlp.in_force import rules_of

_SHOWN_NOTICES = ("On hold", "Delivered with a changed", "Delivered, with a tip")


@click.command(cls=shared.Command)
@click.option("--serve", "stay", is_flag=True, help="Keep serving until Ctrl-C and show what else is sent.")
@click.option("--all-notices", is_flag=True, help="Print every notice, not one of each kind.")
@click.option("--send", "message", type=click.Path(path_type=Path), metavar="FILE", help="Send a message to a running demo.")
@click.option(
    "--from", "sender", default="you@campus.example", show_default=True, metavar="ADDR", help="With --send: the sender."
)
@click.option("--to", "recipients", multiple=True, metavar="ADDR", help="With --send: a recipient; may be repeated.")
@click.option("--port", default=PORT, show_default=True, help="With --send: where the demo takes mail.")
@shared.json_option
def demo(
    *,
    stay: bool,
    all_notices: bool,
    message: Path | None,
    sender: str,
    recipients: tuple[str, ...],
    port: int,
    as_json: bool,
) -> None:
    """Judge sample mail on this machine, nothing to set up.

    \b
    Examples:
      dlp demo
      dlp demo --serve
      dlp demo --send message.eml --to parent@freemail.example
    """
    if message is None:
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends like Ctrl-C: the filter is stopped, the folder goes
        try:
            asyncio.run(_play(stay=stay, all_notices=all_notices, as_json=as_json))
        except KeyboardInterrupt:
            click.echo("\nstopped; the demo's folder is gone")
        return
    if not recipients:
        raise click.UsageError("say who gets it: --to parent@freemail.example")
    try:
        raw = message.read_bytes()
    except OSError as error:
        raise click.UsageError(f"cannot read {message}: {error.strerror}; give the path of a message (.eml)") from None
    raw = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    click.echo(send(port, Sample("", sender, recipients, raw)))


async def _play(*, stay: bool, all_notices: bool, as_json: bool) -> None:
    async with stage() as ready:
        sent = [(sample, await ready.send(sample)) for sample in samples()]
        await ready.settle()
        rules = rules_of(ready.settings, keys.load(ready.settings.keys_dir).digest)
        rows = await asyncio.to_thread(happened, ready, sent, rules)
        if as_json:
            for row in rows:
                shared.emit_json({name: getattr(row, name) for name in Happened.__slots__})
        else:
            _print(ready, rows, all_notices=all_notices)
        if stay:
            await _stay(ready)


def _print(ready: Stage, rows: Iterable[Happened], *, all_notices: bool) -> None:
    shown = [(row.shows, row.recipient, row.fate, row.told, row.why, row.reference) for row in rows]
    table(("message", "recipient", "what happened", "action", "why", "reference"), shown)
    told = notices(ready)
    picked = (
        told if all_notices else [next((each for each in told if each[1].startswith(kind)), None) for kind in _SHOWN_NOTICES]
    )
    for notice in filter(None, picked):
        _print_notice(*notice)
    if not all_notices:
        every = shared.typed("dlp demo --all-notices")
        click.echo(f"\n{len(told)} notices were sent in all; {every} prints each of them")


async def _stay(ready: Stage) -> None:
    ready.on_event = _tell
    example = shared.typed(f"dlp demo --port {ready.port} --send message.eml --to parent@freemail.example")
    click.echo(f"\nserving on 127.0.0.1:{ready.port} until Ctrl-C; send your own from another terminal:\n  {example}")
    listed = shared.typed(f"dlp held list --config {ready.settings.source.file}")
    click.echo(f"what is on hold:\n  {listed}")
    shown = len(notices(ready))
    while True:
        count = len(ready.sink.messages)
        for notice in notices(ready)[shown:]:
            _print_notice(*notice)
            shown += 1
        await ready.sink.arrival(count)


def _print_notice(addressee: str, subject: str, text: str) -> None:
    click.echo(f"\n--- what {addressee} was told: {subject}\n")
    click.echo("\n".join(f"    {line}" for line in text.splitlines()))


def _tell(event: dict[str, object]) -> None:
    if event["event"] == "message.judged":
        codes = ", ".join(map(str, event["codes"])) if isinstance(event["codes"], list) else ""
        count = f"{event['recipients']} recipient{'' if event['recipients'] == 1 else 's'}"
        click.echo(f"{event['ref']}  {event['action']}  {codes}  {count}, {event['held']} held")
