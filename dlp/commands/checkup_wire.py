"""The checks of `dlp doctor` on the wire: next hops with TLS as configured, and our own certificate.

Takes settings; gives Checks, as the others do (checkup.py). Opens one connection to each next hop, two where TLS that
need not work does not, and sends no mail.
"""

from __future__ import annotations

import asyncio
import os
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import timedelta

from dlp.certificates import read_pair
from dlp.clock import utc_now
from dlp.commands.checkup import PATIENCE, Check, State, may, mistake
from dlp.config import Settings
from dlp.errors import ConfigError, Unavailable
from dlp.forward import Forwarder, Timeouts, TlsFailed, parse_hop, tls_of

SOON = timedelta(days=14)  # before a certificate expires: those renewed by a program are renewed earlier


def next_hops(settings: Settings) -> Iterator[Check]:
    """Whether each next hop greets us, what it announces, and whether it is reached as `[forward] tls` asks."""
    hops = {"next_hop": settings.forward.next_hop, "release_hop": settings.forward.release_hop}
    for name, text in hops.items():
        if not text:
            continue
        try:
            yield asyncio.run(_looked_at(settings, name, text))
        except ConfigError as error:
            yield from mistake(State.FAIL, name, error)
        except TlsFailed as failed:
            remedy = "give that host a certificate for this name, or tls_ca its CA; until then mail waits"
            yield Check(State.FAIL, name, f"{text}: no TLS to be trusted: {failed.what}", remedy)
        except Unavailable:
            remedy = "start the MTA's listener for filtered mail (docs/install.md), or mend the address"
            yield Check(State.FAIL, name, f"{text} does not answer", remedy)


async def _looked_at(settings: Settings, name: str, text: str) -> Check:
    tls = tls_of(settings.forward.tls, settings.next_hop_ca)
    timeouts = Timeouts(connect=PATIENCE, greeting=PATIENCE, hello=PATIENCE, tls=PATIENCE)
    forwarder = Forwarder(parse_hop(text), helo=settings.hostname, tls=tls, limit=1, timeouts=timeouts)
    try:
        wire = await forwarder.connect()
        with suppress(Unavailable):
            await wire.ask([b"QUIT"], PATIENCE)
        wire.abort()
        await asyncio.sleep(0)  # the loop ends with this check, and what closes a connection runs on it
    finally:
        forwarder.close()
    features = wire.announcement.features
    words = {
        f"SIZE {features.size}": features.size,
        "8BITMIME": features.eight_bit,
        "SMTPUTF8": features.smtputf8,
        "DSN": features.dsn,
        "XFORWARD": features.xforward,
    }
    told = ", ".join(word for word, announced in words.items() if announced) or "nothing beyond SMTP"
    if forwarder.tls_failure:
        what = f"{text}: TLS fails ({forwarder.tls_failure}), so mail goes there in clear text"
        return Check(State.WARN, name, what, 'mend its certificate, or write tls = "none"')
    return Check(State.OK, name, f"{text} announces {told}{'; encrypted' if wire.encrypted else ''}")


def certificate(settings: Settings) -> Iterator[Check]:
    """Whether our certificate can be read, by the user who will need it, and how long it is good."""
    try:
        pair = read_pair(settings)
    except ConfigError as error:
        yield from mistake(State.FAIL, "certificate", error)
        return
    if pair is None:
        return
    name = settings.site.user
    if os.geteuid() == 0 and name:
        for key in (settings.receive.tls_cert, settings.receive.tls_key):
            path = str(settings.path(key))
            if not may(name, "-r", str(path)):
                remedy = f"chgrp {name} {shlex.quote(str(path))} and chmod 0640; its folders need x for {name}"
                yield Check(State.FAIL, "certificate", f"{path} cannot be read by {name}", remedy)
                return
    until = f"valid until {pair.not_after:%Y-%m-%d}"
    fault = pair.fault(utc_now())
    if fault:
        yield Check(State.FAIL, "certificate", fault, "renew it, then send dlp serve SIGHUP")
    elif utc_now() + SOON > pair.not_after:
        yield Check(State.WARN, "certificate", until, "renew it soon, then send dlp serve SIGHUP")
    else:
        yield Check(State.OK, "certificate", until)


WIRE_CHECKS: Mapping[str, Callable[[Settings], Iterator[Check]]] = {"next_hop": next_hops, "certificate": certificate}
