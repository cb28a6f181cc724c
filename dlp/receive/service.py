"""What all sessions of one listener share: options, who is connected, and the transactions being settled.

Takes an Intake and ListenerOptions. A transaction is settled in a task of this service, not of the connection, so no
time-out, half-close or reset can cancel it between the next hop's yes and our bookkeeping; `stop` waits for it. This
is the transaction boundary: Unavailable becomes 451 or 452, and any other exception a 451 that tells a reference only.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import ssl
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Literal, Protocol

from dlp.errors import Unavailable
from dlp.events import event, failure
from dlp.failpoints import reach
from dlp.intake import Conversation, Intake, Transaction
from dlp.receive import replies
from dlp.receive.data import Budget, DataRules, MessageData
from dlp.values import Recipient, Reply

_LOG = logging.getLogger("dlp.receive")


@dataclass(frozen=True, slots=True)
class ListenerOptions:
    """How one listener behaves. Sizes in bytes, times in seconds."""

    hostname: str
    lmtp: bool
    trusted: tuple[IPv4Network | IPv6Network, ...]  # a Unix peer is trusted by the mode of the socket's file
    size: int
    in_flight: Budget  # of the process: shared by its listeners
    bare_newlines: Literal["refuse", "normalise"] = "refuse"
    nul: Literal["refuse", "pass"] = "refuse"
    idle: float = 300.0
    session: float = 1800.0
    sessions: int = 500
    sessions_per_peer: int = 50  # of one we do not trust: all the MTA's mail comes from one address
    recipients: int = 500
    command_line: int = 4096
    errors: int = 20
    tls: Callable[[], ssl.SSLContext] | None = None  # what a new connection gets; None: no STARTTLS

    def data_rules(self, size: int) -> DataRules:
        return DataRules(size, self.in_flight, normalise=self.bare_newlines == "normalise", nul=self.nul == "pass")


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is connected: an address in its plain form, or "" for a local process on a Unix socket."""

    address: str
    port: str
    local: bool

    @classmethod
    def of(cls, name: tuple[str, int] | str | None, *, local: bool) -> Peer:
        """From the transport's `peername`, which is None when the client left before it was asked."""
        if local or not isinstance(name, tuple):
            return cls("", "", local)
        address = ip_address(name[0])
        mapped = address.ipv4_mapped if address.version == 6 else None
        return cls(str(mapped or address), str(name[1]), local=False)

    def within(self, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
        if self.local or not self.address:
            return self.local
        address = ip_address(self.address)
        return any(address in network for network in networks)


class Session(Protocol):
    """What the service needs of a connection."""

    def dismiss(self) -> None:
        """Stop waiting for the client and say 421."""


class RelayDenied:
    """The transaction of a client we do not trust: it costs nothing and leads nowhere."""

    async def mail(self, sender: str, parameters: tuple[str, ...], ahead: tuple[Recipient, ...] = ()) -> Reply:  # noqa: ARG002
        return replies.OK

    async def rcpt(self, recipient: Recipient) -> Reply:  # noqa: ARG002
        return replies.RELAY_DENIED

    async def accept(self, raw: bytes | memoryview) -> tuple[Reply, ...]:  # noqa: ARG002
        return (replies.RELAY_DENIED,)

    def facts(self) -> Mapping[str, object]:
        return {}

    async def close(self) -> None:
        return


class Service:
    """The shared part of one listener."""

    def __init__(self, intake: Intake, options: ListenerOptions) -> None:
        self.intake = intake
        self.options = options
        self.stopping = False
        self._sessions: dict[asyncio.Task[None], Session] = {}
        self._per_peer: Counter[str] = Counter()
        self._settling: set[asyncio.Task[tuple[Reply, ...]]] = set()

    @contextlib.contextmanager
    def place(self, session: Session, peer: Peer, task: asyncio.Task[None]) -> Iterator[bool]:
        """Count the session while it lasts; gives False when there is no room for it."""
        options = self.options
        crowded = self._per_peer[peer.address] >= options.sessions_per_peer and not peer.within(options.trusted)
        room = len(self._sessions) < options.sessions and not crowded
        self._sessions[task] = session
        self._per_peer[peer.address] += 1
        try:
            yield room and not self.stopping
        finally:
            del self._sessions[task]
            self._per_peer -= Counter({peer.address: 1})

    def open(self, conversation: Conversation, *, trusted: bool) -> Transaction:
        return self.intake.open(conversation) if trusted else RelayDenied()

    async def settle(self, transaction: Transaction, data: MessageData, expected: int) -> tuple[Reply, ...]:
        """Let the transaction take the message, and close it. Gives `expected` replies, whatever happens."""
        task = asyncio.create_task(self._settled(transaction, data, expected))
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)
        return await asyncio.shield(task)

    async def close(self, transaction: Transaction) -> None:
        try:
            await transaction.close()
        except Exception as error:  # noqa: BLE001  the transaction boundary
            self.record(error)

    def deferred(self, error: Unavailable, facts: Mapping[str, object]) -> Reply:
        """Log why something must be tried again, and give the answer that says so."""
        reference = secrets.token_hex(2).upper()
        known = {"front": "lmtp" if self.options.lmtp else "smtp", "stage": "envelope"} | dict(facts)
        event(_LOG, "message.deferred", level=logging.WARNING, what=error.cause, error_ref=reference, **known)
        return replies.later(error, known["stage"], reference)

    def record(self, error: Exception) -> str:
        """Log our own fault by class and place, and give the reference the client is told. Cannot raise."""
        reference = secrets.token_hex(2).upper()
        with contextlib.suppress(Exception):  # a log filter may fail, the answer must not
            failure(_LOG, "error", error, error_ref=reference)
        return reference

    async def stop(self, grace: float) -> None:
        """Dismiss who waits; let what is being settled end and be answered, for `grace` seconds at most."""
        self.stopping = True
        for session in self._sessions.values():
            session.dismiss()
        if self._running():
            await asyncio.wait(self._running(), timeout=grace)
        late = self._running()
        for task in late:
            task.cancel()
        if late:
            event(_LOG, "stopped_unsettled", level=logging.WARNING, count=len(self._settling))
            await asyncio.wait(late)

    def _running(self) -> set[asyncio.Task[None] | asyncio.Task[tuple[Reply, ...]]]:
        return {*self._settling, *self._sessions}

    async def _settled(self, transaction: Transaction, data: MessageData, expected: int) -> tuple[Reply, ...]:
        try:
            reach("recv.dot")
            given = await transaction.accept(data.message())
            if len(given) != expected:
                raise RuntimeError("as many replies as were asked for are needed")
            reach("reply.before")
            return given
        except Unavailable as error:
            return (self.deferred(error, transaction.facts()),) * expected
        except Exception as error:  # noqa: BLE001  the transaction boundary
            return (replies.unjudged(self.record(error)),) * expected
        finally:
            data.release()
            await self.close(transaction)
