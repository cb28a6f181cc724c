"""What the bench measures, side by side on loopback: the sink, the filter before it, and Postfix with and without the filter.

`stage()` starts smtp-sink, two filters and one Postfix, and gives the targets; everything is stopped and removed at
the end. A server that does not come up raises RuntimeError or TimeoutError with its log.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.loopback import HOST, answers, free_ports, open_folder
from tests.e2e.postfix import PostfixPorts, PrivatePostfix
from tests.e2e.relay import Relay, RelayPorts

SINK, STRAIGHT = "sink alone", "filter"
BARE, TO_ITSELF = "Postfix", "Postfix, re-injecting to itself"
AFTER_QUEUE, BEFORE_QUEUE, MILTER = "Postfix, filter after-queue", "Postfix, filter before-queue", "Postfix, filter as a milter"

# Beside what tests/e2e/postfix.py configures: a listener without any filter, one whose filter is Postfix itself, and
# one that asks the filter as a milter, over a Unix socket.
_SERVICES = """\
{bare} inet n - n - - smtpd
{itself} inet n - n - - smtpd
  -o content_filter=itself:[127.0.0.1]:{reinjection}
  -o receive_override_options=no_address_mappings
{asking} inet n - n - - smtpd
  -o smtpd_milters=unix:dlp/milter
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
    sink, straight, unused, lmtp, smtp, submission, proxied, reinjection, bare, itself, asking = free_ports(11)
    with ExitStack() as stack:
        program = subprocess.Popen(["smtp-sink", "-u", "nobody", "-m", "4000", f"{HOST}:{sink}", "512"])
        stack.callback(program.wait)
        stack.callback(program.terminate)
        answers(sink)
        spool, first, second = (stack.enter_context(open_folder(name)) for name in ("postfix", "straight", "queued"))
        alone = Relay(RelayPorts(unused, straight), first, next_hop=f"{HOST}:{sink}", overrides=_NO_NOTICES)
        (spool / "queue/dlp").mkdir(parents=True)
        milter = f'[milter]\nlisten = "unix:{spool}/queue/dlp/milter"\n'
        queued = Relay(RelayPorts(lmtp, smtp), second, next_hop=f"{HOST}:{reinjection}", overrides=_NO_NOTICES, more=milter)
        ports = PostfixPorts(submission, proxied, reinjection, lmtp=lmtp, smtp=smtp, relay=sink)
        services = _SERVICES.format(bare=bare, itself=itself, reinjection=reinjection, asking=asking)
        postfix = stack.enter_context(PrivatePostfix(ports, spool, services=services))
        for relay in (alone, queued):
            stack.enter_context(relay)
        both, queue = (postfix.pid, queued.pid), postfix.queue_folder
        yield [
            Target(SINK, sink, (program.pid,)),
            Target(STRAIGHT, straight, (alone.pid,)),
            Target(BARE, bare, (postfix.pid,), queue),
            Target(TO_ITSELF, itself, (postfix.pid,), queue),
            Target(AFTER_QUEUE, submission, both, queue),
            Target(BEFORE_QUEUE, proxied, both, queue),
            Target(MILTER, asking, both, queue),
        ]
        deferred = sum(relay.log().count('"message.deferred"') for relay in (alone, queued))
        if deferred:
            raise RuntimeError(f"{deferred} messages were deferred: these figures are of no use")
