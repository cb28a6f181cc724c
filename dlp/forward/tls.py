"""TLS towards a next hop: what `[forward] tls` asks for, and what is said when it fails.

Takes the level and the file of trusted CAs; gives a `Tls`. A file that cannot be used is a ConfigError. A handshake
that fails is TlsFailed, whose `what` is fit for a log and an administrator: it names no person.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dlp.errors import ConfigError
from dlp.forward.answers import Interrupted


class TlsFailed(Interrupted):
    """No encrypted connection could be had, or not one we may trust."""

    def __init__(self, what: str) -> None:
        super().__init__("tls")
        self.what = what

    @classmethod
    def because(cls, error: OSError) -> TlsFailed:
        """In OpenSSL's fixed words, where it has some."""
        if isinstance(error, ssl.SSLCertVerificationError):
            return cls(error.verify_message.lower().rstrip("."))
        if isinstance(error, ssl.SSLError):
            return cls(f"no handshake: {(error.reason or 'not TLS').replace('_', ' ').lower()}")
        return cls("no handshake in time" if isinstance(error, ConnectionAbortedError) else "the hop hung up")


@dataclass(frozen=True, slots=True)
class Tls:
    """`context` None: TLS is never asked for. `required`: nothing is sent without it."""

    context: ssl.SSLContext | None = None
    required: bool = False


def tls_of(level: Literal["none", "may", "verify"], ca: Path | None) -> Tls:
    """What the configuration asks for; `ca` None = the system's CAs. Raises ConfigError."""
    if level == "none":
        return Tls()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # TLS 1.2 or newer; chain and name are checked
    if level == "may":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return Tls(context)
    try:
        if ca is None:
            context.load_default_certs()
        else:
            context.load_verify_locations(ca)
    except OSError as error:  # SSLError is one
        what = "holds no certificate" if isinstance(error, ssl.SSLError) else (error.strerror or "cannot be read").lower()
        remedy = "name a PEM file that the user of [site] can read"
        raise ConfigError(what, file=str(ca), key="forward.tls_ca", remedy=remedy) from None
    return Tls(context, required=True)
