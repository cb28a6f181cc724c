"""Where the next hop is and how long we wait for it.

Takes the text of a configuration key, gives a frozen `Hop`. A text that names no place is a ValueError whose words
are fit for the administrator; configuration adds file, line and key.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

_LMTP = "lmtp:"
_UNIX = "unix:"
_TCP = re.compile(r"(?:\[(?P<literal>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9._-]+)):(?P<port>[0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class Hop:
    """One SMTP or LMTP server: `host` and `port`, or `path` of a Unix socket."""

    kind: Literal["smtp", "lmtp"]
    host: str = ""
    port: int = 0
    path: str = ""

    @property
    def lmtp(self) -> bool:
        return self.kind == "lmtp"

    @property
    def address(self) -> str:
        """`host:port`, `[::1]:port` or `unix:/path`, as it is written in the configuration."""
        if self.path:
            return _UNIX + self.path
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait for each step; the defaults follow RFC 5321 4.5.3.2. `place` is the wait for a pool place."""

    place: float = 10
    connect: float = 30
    greeting: float = 300
    hello: float = 300
    tls: float = 30  # STARTTLS, and the handshake
    mail: float = 300  # also XFORWARD
    rcpt: float = 300
    data: float = 120
    block: float = 180
    dot: float = 600
    rset: float = 20


@dataclass(frozen=True, slots=True)
class Deadline:
    """When, in the event loop's time, our dot must have left, and when its answer must be here; after that we give up."""

    dot: float = math.inf
    answer: float = math.inf


def parse_hop(text: str) -> Hop:
    """Read `host:port`, `[::1]:port` or `unix:/path`, each with or without `lmtp:` in front; ValueError otherwise."""
    place = text.removeprefix(_LMTP)
    kind: Literal["smtp", "lmtp"] = "smtp" if place == text else "lmtp"
    if place.startswith(_UNIX):
        path = place.removeprefix(_UNIX)
        if not path.startswith("/") or "\0" in path:
            raise ValueError("a Unix socket is written unix:/absolute/path")
        return Hop(kind, path=path)
    found = _TCP.fullmatch(place)
    if not found:
        raise ValueError("a next hop is written host:port, [::1]:port or unix:/path, with lmtp: in front for LMTP")
    port = int(found["port"])
    if not 1 <= port <= 65_535:
        raise ValueError("a port is a number from 1 to 65535")
    return Hop(kind, host=found["literal"] or found["name"], port=port)
