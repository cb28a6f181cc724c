"""What the bench measures, side by side on loopback: the sink, the filter before it, and Postfix with and without the filter.

`stage()` starts smtp-sink, two filters with a directory of 12,000 students, one Postfix and, where it is installed, rspamd,
and gives the targets; everything is stopped and removed at the end. A server that does not come up raises RuntimeError or
TimeoutError with its log, and so do, at the end, messages that were not passed.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench import rspamd
from tests.bench.latency import RECIPIENT, SENDER
from tests.bench.rspamd import PrivateRspamd
from tests.e2e.client import connected
from tests.e2e.loopback import HOST, answers, free_ports, open_folder
from tests.e2e.postfix import PostfixPorts, PrivatePostfix
from tests.e2e.relay import Relay, RelayPorts
from tests.generate.campus import Campus, write

SINK, STRAIGHT = "sink alone", "filter"
BARE, TO_ITSELF = "Postfix", "Postfix, re-injecting to itself"
AFTER_QUEUE, BEFORE_QUEUE, MILTER = "Postfix, filter after-queue", "Postfix, filter before-queue", "Postfix, filter as a milter"
RSPAMD = "Postfix, rspamd as a milter"
PEOPLE = 12_000

# Beside what tests/e2e/postfix.py configures: a listener without any filter, one whose filter is Postfix itself, and
# ones that ask the filter and rspamd as milters, over Unix sockets.
_SERVICES = """\
{bare} inet n - n - - smtpd
{itself} inet n - n - - smtpd
  -o content_filter=itself:[127.0.0.1]:{reinjection}
  -o receive_override_options=no_address_mappings
{asking} inet n - n - - smtpd
  -o smtpd_milters=unix:dlp/milter
  -o milter_default_action=tempfail
  -o milter_protocol=6
{other} inet n - n - - smtpd
  -o smtpd_milters=unix:{rspamd}
  -o milter_default_action=tempfail
  -o milter_protocol=6
itself unix - - n - 10 smtp
  -o smtp_send_xforward_command=yes
  -o disable_dns_lookups=yes
"""
_NO_NOTICES = ("policy.unsupported=pass",)  # the 1 MB mail is to pass, not to be held


@dataclass(frozen=True, slots=True)
class Target:
    """One way from a client to the sink. `pids`: whose CPU time it costs; `queue`: where Postfix keeps what it accepted."""

    name: str
    port: int
    pids: tuple[int, ...]
    queue: Path | None = None


@contextmanager
def stage() -> Iterator[list[Target]]:
    """The targets, in the order of the table."""
    sink, straight, unused, lmtp, smtp, submission, proxied, reinjection, bare, itself, asking, other = free_ports(12)
    with ExitStack() as stack:
        folder, spool, first, second = (
            stack.enter_context(open_folder(name)) for name in ("peer", "postfix", "straight", "queued")
        )
        peer = PrivateRspamd(folder)
        if not rspamd.missing():
            sys.stderr.write("rspamd compiles its expressions, for a minute ...\n")
            stack.enter_context(peer)
        program = subprocess.Popen(["smtp-sink", "-u", "nobody", "-m", "4000", f"{HOST}:{sink}", "512"])
        stack.callback(program.wait)
        stack.callback(program.terminate)
        answers(sink)
        alone = Relay(RelayPorts(unused, straight), first, next_hop=f"{HOST}:{sink}", overrides=_NO_NOTICES)
        (spool / "queue/dlp").mkdir(parents=True)
        milter = f'[milter]\nlisten = "unix:{spool}/queue/dlp/milter"\n'
        queued = Relay(RelayPorts(lmtp, smtp), second, next_hop=f"{HOST}:{reinjection}", overrides=_NO_NOTICES, more=milter)
        ports = PostfixPorts(submission, proxied, reinjection, lmtp=lmtp, smtp=smtp, relay=sink)
        services = _SERVICES.format(
            bare=bare, itself=itself, reinjection=reinjection, asking=asking, other=other, rspamd=peer.socket
        )
        postfix = stack.enter_context(PrivatePostfix(ports, spool, services=services))
        for relay, here in ((alone, first), (queued, second)):
            _serve_with_directory(relay, here, stack)
        both, queue = (postfix.pid, queued.pid), postfix.queue_folder
        targets = [
            Target(SINK, sink, (program.pid,)),
            Target(STRAIGHT, straight, (alone.pid,)),
            Target(BARE, bare, (postfix.pid,), queue),
            Target(TO_ITSELF, itself, (postfix.pid,), queue),
            Target(AFTER_QUEUE, submission, both, queue),
            Target(BEFORE_QUEUE, proxied, both, queue),
            Target(MILTER, asking, both, queue),
        ]
        if not rspamd.missing():
            asyncio.run(_asked(other, peer))
            targets.append(Target(RSPAMD, other, (postfix.pid, peer.pid), queue))
        yield targets
        if not all(passed(relay.log()) for relay in (alone, queued)):
            raise RuntimeError("a filter did not pass all of the messages: these figures are of no use")


def _serve_with_directory(relay: Relay, folder: Path, stack: ExitStack) -> None:
    """Start it with an invented campus imported, to which those who write and read the mails belong."""
    relay.initialise()
    write(folder / "files", Campus(PEOPLE))
    with (folder / "files/staff.csv").open("a", encoding="utf-8", newline="") as file:
        for address in (SENDER, RECIPIENT):
            given, family = (word.capitalize() for word in address.partition("@")[0].split("."))
            file.write(f"{address},en,{given},{family},faculty,Lecturer,Music,,active,2015-07-01\r\n")
    relay.command("import", str(folder / "files"))
    relay.start(within=120)
    stack.callback(relay.stop)


async def _asked(port: int, peer: PrivateRspamd) -> None:
    """That rspamd is asked, and finds what its expressions are for; what finds nothing is quick."""
    async with connected(port) as client:
        await client.deliver(SENDER, [RECIPIENT], rspamd.telling())
    if not peer.saw(rspamd.rules()):
        raise RuntimeError(f"rspamd did not find its examples:\n{peer.log()}")


def passed(log: str) -> bool:
    """A filter that put mail off, or did anything but pass it, did not do the work that was measured."""
    passed = log.count('"action": "pass", "codes"')
    return '"message.deferred"' not in log and 0 < passed == log.count('"message.judged"')
