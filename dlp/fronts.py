"""The front ends of a receiver: whom they trust and what they accept, taken from the settings, and how they are opened.

Takes frozen settings, bound sockets by the key of their address, and what a transaction works with; gives the values that
listeners and the question who sends are made of, the running listeners, and the prober of an MTA. Nothing here fails: settings
were checked when they were read.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Mapping
from dataclasses import replace
from ipaddress import ip_network

from dlp import standings
from dlp.certificates import CertificateInForce
from dlp.clock import utc_now
from dlp.config import Settings
from dlp.forward import Forwarder, parse_hop, tls_of
from dlp.keys import Keys
from dlp.milters import Removing, judge_with
from dlp.prober import SIZE, Prober
from dlp.probing import Pair
from dlp.receive.data import Budget, DataRules
from dlp.receive.listener import Listener, start
from dlp.receive.service import ListenerOptions
from dlp.sender import IdentityRules, Network, SenderIdentity
from dlp.splitting import Way
from dlp.transaction import Relay, Tools
from milter.codec import encode
from milter.negotiation import Actions, Negotiate, Steps
from milter.server import Listener as MilterListener
from milter.server import MilterOptions
from milter.server import start as start_milter

_BEFORE_THE_MTA = 0.95  # of the time it waits; by then no try at the commit begins any more (dlp.transaction.Patience)
FRONTS = ("receive.lmtp", "receive.smtp", "milter.listen")


def hello_to(key: str) -> bytes:
    """What a client of this front end says first; an SMTP or LMTP client says nothing."""
    return encode(Negotiate(6, sum(Actions), Steps.LEADING_SPACE)) if key == "milter.listen" else b""


async def open_fronts(
    bound: Mapping[str, socket.socket], tools: Tools, settings: Settings, certificate: CertificateInForce | None
) -> list[Listener | MilterListener]:
    """All of one receiver, which share what may be in flight."""
    budget = Budget(settings.limits.in_flight)
    opened: list[Listener | MilterListener] = []
    for key, listening in bound.items():
        if key == "milter.listen":
            judge = judge_with(tools, removing(settings))
            opened.append(await start_milter([listening], judge, milter_options(settings, budget)))
        else:
            options = listener_options(settings, budget, certificate, lmtp=key == "receive.lmtp")
            opened.append(await start([listening], Relay(tools), options))
    return opened


def identity_rules(settings: Settings) -> IdentityRules:
    receive = settings.receive
    how = SenderIdentity(receive.sender_identity)
    return IdentityRules(how, _networks(receive.submission_clients), settings.campus())


def listener_options(
    settings: Settings, budget: Budget, certificate: CertificateInForce | None, *, lmtp: bool
) -> ListenerOptions:
    receive = settings.receive
    return ListenerOptions(
        hostname=settings.hostname,
        lmtp=lmtp,
        trusted=_networks(receive.trusted_clients),
        size=settings.limits.message,
        in_flight=budget,
        bare_newlines=receive.bare_newlines,
        nul=receive.nul,
        tls=certificate,
    )


def removing(settings: Settings) -> Removing | None:
    """How an MTA is told to drop recipients, where the site wants that."""
    milter, file = settings.milter, standings.path_in(settings.data_dir)
    if milter.split != "remove":
        return None
    return Removing(probe_pair(settings), lambda: standings.read(file), Way(milter.unproven))


def probe_pair(settings: Settings) -> Pair:
    first, second = settings.milter.probe_to
    return first, second


async def run_prober(
    bound: socket.socket | None, settings: Settings, keys: Keys, ready: Callable[[], None], stopping: asyncio.Event
) -> None:
    """Probe the MTA's listeners until `stopping` is set; what comes back comes to `bound`."""
    assert bound is not None, "there is no prober without an address"
    tls = tls_of("may", None)
    prober = Prober(
        keys=keys,
        pair=probe_pair(settings),
        file=standings.path_in(settings.data_dir),
        hop=lambda target: Forwarder(parse_hop(target), helo=settings.hostname, tls=tls, limit=1),
        clock=utc_now,
    )
    options = replace(listener_options(settings, Budget(4 * SIZE), None, lmtp=False), size=SIZE)
    listener = await start([bound], prober.returns(), options)
    prober.begin(settings.milter.probe)
    ready()
    await prober.run(stopping)
    await listener.stop(1.0)


def milter_options(settings: Settings, budget: Budget) -> MilterOptions:
    receive = settings.receive
    normalise, nul = receive.bare_newlines == "normalise", receive.nul == "pass"
    rules = DataRules(settings.limits.message, budget, normalise, nul)
    return MilterOptions(rules, _networks(receive.trusted_clients), patience=_BEFORE_THE_MTA * settings.milter.timeout)


def _networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ip_network(text, strict=False) for text in texts)
