"""What `dlp doctor` says of `[dkim]`: whether each key can be used, the DNS record to publish for it, and whom ARC sets quote.

Takes settings; gives Checks. Asks no DNS: the record is shown to be compared.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from dlp import signing
from dlp.commands.checkup import Check, State, mistake, owned
from dlp.config import Settings
from dlp.errors import ConfigError

_STRING = 255  # characters


def _quoted(record: str) -> str:
    """As a zone file wants it: strings of at most 255 characters (RFC 1035 3.3), which receivers join."""
    return " ".join(f'"{record[at : at + _STRING]}"' for at in range(0, len(record), _STRING))


def dkim(settings: Settings) -> Iterator[Check]:
    """A row for each key; none when nothing is to be signed."""
    domain = settings.dkim.domain
    for named in signing.named(settings) if domain else ():
        try:
            (key,) = signing.load(domain, [named]).keys
        except ConfigError as error:
            yield from mistake(State.FAIL, "dkim", error)
            continue
        name, record = key.record(domain)
        if not owned(settings, named.file):
            yield Check(
                State.FAIL,
                "dkim",
                f"{named.file} belongs to another user",
                f"chown {settings.site.user} {shlex.quote(str(named.file))}",
            )
        elif key.is_weak:
            yield Check(
                State.WARN, "dkim", f"{named.file} is shorter than 2048 bits", "make a longer one, under a new selector"
            )
        yield Check(State.OK, "dkim", f"{name} TXT {_quoted(record)}")
    if believed := settings.arc_authserv_id:
        yield Check(State.OK, "arc", f"sets repeat the Authentication-Results of {believed}")
