"""Starts and stops listening for SMTP or LMTP on sockets somebody else has bound.

Takes TCP sockets made with IPPROTO_TCP (else asyncio leaves Nagle on: 40 ms a message) or Unix sockets, an Intake and
ListenerOptions; gives a Listener. The caller keeps the sockets' files. OSError when a socket is not one to listen on.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from collections.abc import Callable, Iterable

from dlp.intake import Intake
from dlp.receive.service import ListenerOptions, Service
from dlp.receive.session import LmtpSession, SmtpSession
from dlp.sockets import BACKLOG


class Listener:
    """Running servers that share one Service."""

    def __init__(self, servers: tuple[asyncio.Server, ...], service: Service) -> None:
        self._servers = servers
        self._service = service

    async def stop(self, grace: float = 30.0) -> None:
        """Accept no more clients, dismiss those that wait, let transactions being settled end within `grace` seconds."""
        for server in self._servers:
            server.close()
        await self._service.stop(grace)


async def start(sockets: Iterable[socket.socket], intake: Intake, options: ListenerOptions) -> Listener:
    """Listen on these sockets until `stop`."""
    _silence_aiosmtpd()
    service = Service(intake, options)
    kind = LmtpSession if options.lmtp else SmtpSession
    servers = [await _serve(bound, lambda: kind(service)) for bound in sockets]
    return Listener(tuple(servers), service)


async def _serve(bound: socket.socket, session: Callable[[], asyncio.Protocol]) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    if bound.family != socket.AF_UNIX:
        return await loop.create_server(session, sock=bound, backlog=BACKLOG)
    if sys.version_info >= (3, 13):  # it would remove the file the other receivers listen on
        return await loop.create_unix_server(session, sock=bound, backlog=BACKLOG, cleanup_socket=False)
    return await loop.create_unix_server(session, sock=bound, backlog=BACKLOG)


def _silence_aiosmtpd() -> None:
    """aiosmtpd logs every command, address and line of data; the filter holds whatever level somebody sets."""
    stock = logging.getLogger("mail.log")
    stock.setLevel(logging.CRITICAL + 1)
    if not stock.filters:
        stock.addFilter(_nothing)


def _nothing(_record: logging.LogRecord) -> bool:
    return False
