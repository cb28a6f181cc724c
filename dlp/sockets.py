"""Listening sockets, bound before privileges are dropped and inherited by the receivers.

Takes an Endpoint (and, for a Unix socket, group and mode), gives a listening non-blocking socket. An address that
cannot be had is a ConfigError naming the key; a socket file somebody still listens on is never taken away.
"""

from __future__ import annotations

import contextlib
import grp
import os
import socket
import struct
from pathlib import Path

from dlp.endpoints import Endpoint
from dlp.errors import ConfigError

BACKLOG = 512


_OTHER = "stop that one, or give this one another"


class _InUse(Exception):  # noqa: N818  says what is the matter with it
    """A socket file on which somebody listens."""

    def __init__(self, pid: int) -> None:
        super().__init__(pid)
        self.pid = pid


def must_be_alone(path: Path, key: str, who: str) -> None:
    """Refused while somebody listens on this socket file, which nobody but another `who` makes."""
    with contextlib.suppress(OSError):  # a folder that shuts us out is told where it is needed
        if (pid := _listener(path)) is not None:
            raise ConfigError(f"another {who} (pid {pid}) uses it", key=key, remedy=_OTHER)


def listen(endpoint: Endpoint, key: str, *, group: str = "", mode: int = 0o660) -> socket.socket:
    """A listening socket on this address. `key` names the setting in errors."""
    try:
        bound = _unix(Path(endpoint.path), group, mode) if endpoint.path else _tcp(endpoint)
    except _InUse as taken:
        raise ConfigError(f"cannot listen on {endpoint}: in use by process {taken.pid}", key=key, remedy=_OTHER) from None
    except (OSError, KeyError) as error:
        reason = error.strerror or str(error) if isinstance(error, OSError) else "no such group"
        remedy = "see what uses it with: ss -ltnp" if not endpoint.path else f"check the folder, and the group {group!r}"
        raise ConfigError(f"cannot listen on {endpoint}: {reason}", key=key, remedy=remedy) from None
    bound.listen(BACKLOG)
    bound.setblocking(False)
    return bound


def _tcp(endpoint: Endpoint) -> socket.socket:
    family, kind, _, _, address = socket.getaddrinfo(
        endpoint.host, endpoint.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    # With the protocol left at 0 asyncio would not set TCP_NODELAY on accepted sockets: 40 ms a message.
    bound = socket.socket(family, kind, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound


def _unix(path: Path, group: str, mode: int) -> socket.socket:
    _remove_stale(path)
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        bound.bind(str(path))
        if group and os.geteuid() == 0:
            os.chown(path, -1, grp.getgrnam(group).gr_gid)
        path.chmod(mode)
    except (OSError, KeyError):
        bound.close()
        raise
    finally:
        os.umask(before)
    return bound


def _remove_stale(path: Path) -> None:
    if (pid := _listener(path)) is not None:
        raise _InUse(pid)
    if path.is_socket():
        path.unlink()


def _listener(path: Path) -> int | None:
    """The process that began to listen on a socket file, 0 where that is one we cannot see; None where nobody does."""
    if not path.is_socket():
        return None
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe, contextlib.suppress(ConnectionRefusedError):
        probe.connect(str(path))
        credentials = probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        return int(struct.unpack("3i", credentials)[0])
    return None
