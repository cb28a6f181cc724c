"""Our own certificate: read and checked at start, read again on SIGHUP.

Takes settings; gives the TLS context in force when called. A pair that cannot be read, does not fit together or is no
PEM is a ConfigError at start; on a reload it is logged, and the old one goes on serving. An expired certificate is
served when there is no other: most MTAs encrypt with it all the same, and clear text would be no better.
"""

from __future__ import annotations

import logging
import ssl
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509

from dlp.clock import utc_now
from dlp.config import Settings
from dlp.errors import ConfigError
from dlp.events import event

_LOG = logging.getLogger("dlp.tls")
_CERT, _KEY = "receive.tls_cert", "receive.tls_key"


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its key, ready to serve."""

    context: ssl.SSLContext
    not_before: datetime
    not_after: datetime

    def fault(self, now: datetime) -> str:
        """Why it should not serve now, "" when it may."""
        if now < self.not_before:
            return f"not valid before {self.not_before:%Y-%m-%d}"
        return f"expired on {self.not_after:%Y-%m-%d}" if now > self.not_after else ""


def read_pair(settings: Settings) -> Pair | None:
    """The pair that `[receive]` names, None when TLS is off. Raises ConfigError."""
    if not settings.receive.tls_cert:
        return None
    cert, key = settings.path(settings.receive.tls_cert), settings.path(settings.receive.tls_key)
    leaf = _leaf(cert)
    _read(key, _KEY)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)  # TLS 1.2 or newer
    try:
        context.load_cert_chain(cert, key, password=lambda: _no_password(key))
    except ssl.SSLError as error:
        what = (error.reason or "not a PEM key").replace("_", " ").lower()
        remedy = "name the key this certificate was made for, in PEM form"
        raise ConfigError(f"of no use with its certificate: {what}", file=str(key), key=_KEY, remedy=remedy) from None
    return Pair(context, leaf.not_valid_before_utc, leaf.not_valid_after_utc)


@dataclass(slots=True)
class CertificateInForce:
    """Call it for the context that new connections get: the files' when it was made or reloaded, else the one before."""

    settings: Settings
    pair: Pair

    def __post_init__(self) -> None:
        self._load()  # as with the rules: a process that is started again has what was reloaded meanwhile

    def __call__(self) -> ssl.SSLContext:
        return self.pair.context

    def reload(self) -> None:
        """Read certificate and key again."""
        if self._load():
            event(_LOG, "tls.loaded", what=f"valid until {self.pair.not_after:%Y-%m-%d}")

    def _load(self) -> bool:
        """Whether the files are in force now; why not is logged."""
        try:
            pair = read_pair(self.settings)
        except ConfigError as error:
            _refused(error)
            return False
        if pair is None:
            return False
        if fault := pair.fault(utc_now()):
            _refused(ConfigError(fault, file=self.settings.receive.tls_cert, key=_CERT, remedy="renew it, then send SIGHUP"))
            return False
        self.pair = pair
        return True


def _refused(error: ConfigError) -> None:
    where = {"file": error.file, "key": error.key, "remedy": error.remedy}
    event(_LOG, "tls.refused", level=logging.ERROR, what=error.what, **where)


def _leaf(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificates(_read(path, _CERT))[0]
    except ValueError:
        remedy = "name a PEM file: our certificate first, then those between it and the root"
        raise ConfigError("holds no certificate", file=str(path), key=_CERT, remedy=remedy) from None


def _read(path: Path, key: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        remedy = "the user of [site] must be able to read it: chgrp and chmod 0640"
        raise ConfigError(reason, file=str(path), key=key, remedy=remedy) from None


def _no_password(path: Path) -> str:
    raise ConfigError(
        "needs a password", file=str(path), key=_KEY, remedy="write it without one: openssl pkey -in OLD -out NEW"
    )
