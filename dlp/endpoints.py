"""Addresses to listen on and to connect to, as the configuration spells them.

Takes "127.0.0.1:10024", "[::1]:10024" or "unix:/path"; gives an Endpoint that can be compared: two listeners on one
address, a next hop that is one of our own listeners. Names are not looked up, except localhost. A spelling that
cannot be used raises ValueError with a text fit for an administrator.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address

UNIX_PATH_LIMIT = 107  # bytes of sun_path on Linux, less the final NUL
LOOPBACK_NAME = "localhost"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address: either `host` and `port`, or `path` of a Unix socket."""

    host: str = ""
    port: int = 0
    path: str = ""

    @property
    def is_loopback(self) -> bool:
        """True for a Unix socket and for addresses only this machine can reach."""
        if self.path or self.host == LOOPBACK_NAME:
            return True
        return _is_numeric(self.host) and ip_address(self.host).is_loopback

    @property
    def is_wildcard(self) -> bool:
        return _is_numeric(self.host) and ip_address(self.host).is_unspecified

    def blocks(self, other: Endpoint) -> bool:
        """True when two listeners cannot be had at both addresses."""
        same_port = not self.path and not other.path and self.port == other.port
        return self.reaches(other) or (same_port and (self.is_wildcard or other.is_wildcard))

    def reaches(self, listener: Endpoint) -> bool:
        """True when connecting here is answered by that listener, as far as the spelling tells."""
        if self.path or listener.path:
            return self.path == listener.path
        if self.port != listener.port:
            return False
        if self.is_loopback and (listener.is_wildcard or LOOPBACK_NAME in (self.host, listener.host)):
            return listener.is_wildcard or listener.is_loopback
        return self.host == listener.host

    def __str__(self) -> str:
        if self.path:
            return f"unix:{self.path}"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_endpoint(text: str) -> Endpoint:
    """Read one address. ValueError says what is missing."""
    kind, colon, rest = text.partition(":")
    if colon and kind == "unix":
        return _unix(rest)
    if colon and kind == "inet":
        text = rest
    host, colon, port = text.rpartition(":")
    if not colon or not host:
        raise ValueError('an address needs a host and a port, as in "127.0.0.1:10024"')
    if not (port.isascii() and port.isdigit()) or not 0 < int(port) < 65536:
        raise ValueError("the port is a number from 1 to 65535")
    return Endpoint(host=_host(host), port=int(port))


def _unix(path: str) -> Endpoint:
    if not path.startswith("/"):
        raise ValueError("a Unix socket needs its whole path, beginning with /")
    if len(path.encode()) > UNIX_PATH_LIMIT:
        raise ValueError(f"the path of a Unix socket may have {UNIX_PATH_LIMIT} bytes")
    return Endpoint(path=path)


def _host(text: str) -> str:
    bracketed = text.startswith("[") and text.endswith("]")
    host = text[1:-1] if bracketed else text
    if bracketed != (":" in host):
        raise ValueError('an IPv6 address stands in brackets, as in "[::1]:10024"')
    if _is_numeric(host):
        return ip_address(host).compressed
    if ":" in host or not all(label and label.replace("-", "").isalnum() and label.isascii() for label in host.split(".")):
        raise ValueError("the host is a name or an IP address")
    if all(label.isdigit() for label in host.split(".")):
        raise ValueError("the host is a name or an IP address")
    return host.lower()


def _is_numeric(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
