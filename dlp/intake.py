"""What a front end asks of a transaction: the seam between a protocol and the judgement.

A listener (SMTP, LMTP) opens one `Transaction` for each MAIL FROM and calls it in protocol order;
it never sees how mail is judged, forwarded or held. Every method may raise Unavailable (answered 451/452);
anything else raised is our bug and is answered 451 too. `accept` must be run in a task the connection does not own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from dlp.values import Client, Recipient, Reply


@dataclass(frozen=True, slots=True)
class Conversation:
    """What is known before MAIL FROM: the peer, and what XFORWARD said where the peer is trusted."""

    client: Client  # the original client
    upstream_id: str  # XFORWARD IDENT, "" when none
    lmtp: bool
    helo: str  # as this peer greeted us, for our Received field
    encrypted: bool = False
    peer: Client = Client()  # noqa: RUF009  frozen. Who is connected: the MTA
    milter: bool = False  # the MTA only asks, and goes on with the message itself
    login: str = ""  # the authenticated user, where the MTA has told us

    @property
    def front(self) -> str:
        return "milter" if self.milter else "lmtp" if self.lmtp else "smtp"


@dataclass(frozen=True, slots=True)
class Features:
    """What the next hop announced: we announce no more than this (design.md, Transaction)."""

    size: int  # 0 = no limit told
    eight_bit: bool
    smtputf8: bool
    dsn: bool
    auth_param: bool = False  # the next hop announced AUTH, so AUTH= may be passed on
    xforward: tuple[str, ...] = ()


class Transaction(Protocol):
    """One mail transaction, MAIL to the reply after the final dot."""

    async def mail(self, sender: str, parameters: tuple[str, ...], ahead: tuple[Recipient, ...] = ()) -> Reply:
        """Take MAIL FROM (`sender` "" for <>) and give the next hop's answer to it.

        `ahead` are the recipients the client has named in the same breath (RFC 2920): the next hop may be told of them
        now, and `rcpt` is called for each all the same.
        """

    async def rcpt(self, recipient: Recipient) -> Reply:
        """Take one RCPT TO and give the next hop's answer; accepted ones are remembered in order."""

    async def accept(self, raw: bytes | memoryview) -> tuple[Reply, ...]:
        """Judge and settle the message (CRLF lines, no dot-stuffing): one reply over SMTP, over LMTP one per recipient."""

    def facts(self) -> Mapping[str, object]:
        """What the log may say of this transaction by now, as fields of an event."""

    async def close(self) -> None:
        """Give everything back: RSET, a new EHLO, or the connection's end. Safe to call twice."""


class Intake(Protocol):
    """Opens transactions; one for each receiver process."""

    async def features(self) -> Features:
        """What the next hop can do, cached; Unavailable when it cannot be reached."""

    def open(self, conversation: Conversation) -> Transaction: ...
