"""The front ends of a receiver: whom they trust and what they accept, taken from the settings, and how they are opened.

Takes frozen settings, bound sockets by the key of their address, and what a transaction works with; gives the values that
listeners and the question who sends are made of, and the running listeners. Nothing here fails: settings were checked when
they were read.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from ipaddress import ip_network

from dlp.certificates import CertificateInForce
from dlp.config import Settings
from dlp.milters import judge_with
from dlp.receive.data import Budget, DataRules
from dlp.receive.listener import Listener, start
from dlp.receive.service import ListenerOptions
from dlp.sender import IdentityRules, Network, SenderIdentity
from dlp.transaction import Relay, Tools
from milter.server import Listener as MilterListener
from milter.server import MilterOptions
from milter.server import start as start_milter

FRONTS = ("receive.lmtp", "receive.smtp", "milter.listen")


async def open_fronts(
    bound: Mapping[str, socket.socket], tools: Tools, settings: Settings, certificate: CertificateInForce | None
) -> list[Listener | MilterListener]:
    """All of one receiver, which share what may be in flight."""
    budget = Budget(settings.limits.in_flight)
    opened: list[Listener | MilterListener] = []
    for key, listening in bound.items():
        if key == "milter.listen":
            opened.append(await start_milter([listening], judge_with(tools), milter_options(settings, budget)))
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


def milter_options(settings: Settings, budget: Budget) -> MilterOptions:
    receive = settings.receive
    normalise, nul = receive.bare_newlines == "normalise", receive.nul == "pass"
    return MilterOptions(DataRules(settings.limits.message, budget, normalise, nul), _networks(receive.trusted_clients))


def _networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ip_network(text, strict=False) for text in texts)
