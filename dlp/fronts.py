"""What the front ends of a receiver go by, taken from the settings: whom they trust, and what they accept.

Takes frozen settings; gives the values that listeners and the question who sends are made of. Nothing here fails: settings
were checked when they were read.
"""

from __future__ import annotations

from ipaddress import ip_network

from dlp.certificates import CertificateInForce
from dlp.config import Settings
from dlp.receive.data import Budget
from dlp.receive.service import ListenerOptions
from dlp.sender import IdentityRules, Network, SenderIdentity


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


def _networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ip_network(text, strict=False) for text in texts)
