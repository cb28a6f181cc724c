"""The commands of SMTP (RFC 5321) and LMTP (RFC 2033) as we speak them.

Takes a Service; gives the Intake one transaction for each MAIL, in protocol order, and the client its answers: after the
data one over SMTP, over LMTP one for each accepted recipient, duplicates included. We announce what the next hop
announced and refuse the rest. What the client does wrong is raised as Rejection and answered by the connection.
"""

# ruff: noqa: N802  aiosmtpd finds commands by these names

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from itertools import islice

from aiosmtpd.smtp import TLSSetupException

from dlp.errors import Unavailable
from dlp.failpoints import reach
from dlp.intake import Conversation, Features, Transaction
from dlp.receive import replies, xforward
from dlp.receive.connection import Connection, SessionOver
from dlp.receive.data import MessageData
from dlp.receive.parameters import parse_mail, parse_rcpt
from dlp.receive.replies import Rejection
from dlp.receive.service import Service
from dlp.values import Client, Recipient, Reply

_OURS = 10_240  # bytes of the next hop's SIZE we keep for our Received field and header edits
_HELO = re.compile(r"[A-Za-z0-9_\[][A-Za-z0-9._:\]-]{0,254}")  # nothing that could end a comment in a Received field
_NO_EXTENSIONS = Features(size=0, eight_bit=False, smtputf8=False, dsn=False)

# The base class has methods for some of these, and they repeat what the client sent.
_REFUSED: Mapping[str, Reply] = {
    "VRFY": replies.CANNOT_VERIFY,
    "EXPN": replies.NOT_IMPLEMENTED,
    "HELP": replies.NOT_IMPLEMENTED,
    "AUTH": replies.NOT_IMPLEMENTED,
    "XCLIENT": replies.NOT_IMPLEMENTED,
}


class SmtpSession(Connection):
    """One SMTP client."""

    def __init__(self, service: Service) -> None:
        super().__init__(service)
        self._helo = ""
        self._protocol = ""
        self._features: Features | None = None  # None: not greeted, or the next hop could not be asked
        self._forwarded: Mapping[str, str] = {}
        self._transaction: Transaction | None = None
        self._accepted = 0
        self._smtputf8 = False

    async def _obey(self, verb: str, argument: str) -> None:
        if verb in _REFUSED:
            raise Rejection(_REFUSED[verb])
        method = self._smtp_methods.get(verb)
        if method is None:
            raise Rejection(replies.UNKNOWN_COMMAND)
        await method(argument)

    async def _end_transaction(self) -> None:
        transaction = self._hand_over()
        if transaction is not None:
            await self._service.close(transaction)

    def _facts(self) -> Mapping[str, object]:
        return self._transaction.facts() if self._transaction else {"queue_id": self._forwarded.get("IDENT", "")}

    def _hand_over(self) -> Transaction | None:
        """The transaction, no longer this session's, which forgets all about it (XFORWARD too, as Postfix does)."""
        transaction, self._transaction = self._transaction, None
        self._forwarded = {}
        self._accepted = 0
        return transaction

    # Greetings

    async def smtp_HELO(self, argument: str) -> None:
        await self._greeted(_checked(argument), "SMTP", _NO_EXTENSIONS)
        await self.push(f"250 {self.hostname}")

    async def smtp_EHLO(self, argument: str) -> None:
        await self._extended(argument, "ESMTP")

    async def _greeted(self, name: str, protocol: str, features: Features) -> None:
        await self._end_transaction()
        self._helo, self._protocol, self._features = name, protocol, features

    async def _extended(self, argument: str, protocol: str) -> None:
        name = _checked(argument)
        if not self._helo:  # without features yet: should they not be had, what follows is deferred instead of refused
            self._helo, self._protocol = name, protocol
        try:
            features = await self._service.intake.features()
        except Unavailable as error:
            self._service.deferred(error, {"stage": "greeting"})
            # A minimum of extensions would make the client bounce what needs one; this makes it come back.
            raise SessionOver(replies.NO_NEXT_HOP) from None
        await self._greeted(name, protocol, features)  # only now: one that fails leaves an open transaction alone
        words = [self.hostname, *self._extensions(features)]
        await self.push("\r\n".join([*(f"250-{word}" for word in words[:-1]), f"250 {words[-1]}"]))

    def _extensions(self, features: Features) -> list[str]:
        """No more than the next hop announced, so nothing need be dropped on the way."""
        # For ourselves, whatever the next hop takes: a retry is known by its IDENT, a submission by its client.
        attributes = xforward.ATTRIBUTES if self._trusted else ()
        starttls = self._service.options.tls is not None and self._tls_protocol is None
        offered = {
            "PIPELINING": True,
            f"SIZE {self._size(features)}": True,
            "8BITMIME": features.eight_bit,
            "SMTPUTF8": features.smtputf8,
            "DSN": features.dsn,
            "STARTTLS": starttls,
            f"XFORWARD {' '.join(attributes)}": bool(attributes),
            "ENHANCEDSTATUSCODES": True,
        }
        return [word for word, is_offered in offered.items() if is_offered]

    def _size(self, features: Features) -> int:
        ours = self._service.options.size
        return min(ours, max(features.size - _OURS, 1)) if features.size else ours

    async def _known_features(self) -> Features:
        """What the next hop can do. Raises Rejection before a greeting, Unavailable when it cannot be asked."""
        if not self._helo:
            raise Rejection(replies.GREET_FIRST)
        if self._features is None:
            self._features = await self._service.intake.features()
        return self._features

    # Transactions

    async def smtp_XFORWARD(self, argument: str) -> None:
        if not self._trusted:
            raise Rejection(replies.XFORWARD_DENIED)
        if not self._helo:
            raise Rejection(replies.GREET_FIRST)
        if self._transaction is not None:
            raise Rejection(replies.IN_TRANSACTION)
        self._forwarded = xforward.parse(argument, self._forwarded)
        await self.push(replies.OK)

    async def smtp_MAIL(self, argument: str) -> None:
        features = await self._known_features()
        if self._transaction is not None:
            raise Rejection(replies.NESTED_MAIL)
        path = parse_mail(argument, features, self._size(features))
        transaction = self._service.open(self._conversation(), trusted=self._trusted)
        reply: Reply | None = None
        try:
            ahead = self._recipients_ahead(features, smtputf8=path.smtputf8)
            reply = await transaction.mail(path.address, path.parameters, ahead)
        finally:
            if reply is None or not reply.accepted:
                await self._service.close(transaction)
        if reply.accepted:
            self._transaction, self._smtputf8 = transaction, path.smtputf8
        await self.push(reply)

    def _recipients_ahead(self, features: Features, *, smtputf8: bool) -> tuple[Recipient, ...]:
        """Those the client has pipelined, up to the first command that needs an answer of its own."""
        found: list[Recipient] = []
        for line in islice(self._stream.lines_ahead(), self._service.options.recipients):
            try:
                verb, argument = self._parsed(line)
                path = parse_rcpt(argument, features, smtputf8=smtputf8)
            except Rejection:
                break
            if verb != "RCPT":
                break
            found.append(Recipient(path.address, path.parameters))
        return tuple(found)

    def _conversation(self) -> Conversation:
        told = self._forwarded
        peer = Client(address=self._peer.address, port=self._peer.port, helo=self._helo, protocol=self._protocol)
        return Conversation(
            client=xforward.client(told) if told else peer,
            upstream_id=told.get("IDENT", ""),
            lmtp=self._service.options.lmtp,
            helo=self._helo,
            encrypted=self._tls_protocol is not None,
            peer=peer,
        )

    async def smtp_RCPT(self, argument: str) -> None:
        if self._transaction is None:
            raise Rejection(replies.MAIL_FIRST)
        path = parse_rcpt(argument, await self._known_features(), smtputf8=self._smtputf8)
        if self._accepted >= self._service.options.recipients:
            await self.push(replies.TOO_MANY_RECIPIENTS)
            return
        reply = await self._transaction.rcpt(Recipient(path.address, path.parameters))
        if not self._trusted:
            raise Rejection(reply)
        self._accepted += reply.accepted
        await self.push(reply)

    async def smtp_DATA(self, argument: str) -> None:
        features = await self._known_features()
        if self._transaction is None:
            raise Rejection(replies.MAIL_FIRST)
        if not self._accepted:
            raise Rejection(replies.RCPT_FIRST)
        if argument:
            raise Rejection(replies.SYNTAX)
        await self.push(replies.SEND_DATA)
        data = await self._message(MessageData(self._service.options.data_rules(self._size(features))))
        expected = self._replies_expected()
        if data.fault is not None:
            await self._end_transaction()
            given: tuple[Reply, ...] = (data.fault,) * expected
        else:
            transaction = self._hand_over()
            assert transaction is not None
            given = await self._service.settle(transaction, data, expected)
        await self.push("\r\n".join(map(str, given)))
        try:
            reach("reply.written")
        except OSError:  # as when the write fails: the client is gone
            raise SessionOver from None

    def _replies_expected(self) -> int:
        return 1

    async def _message(self, data: MessageData) -> MessageData:
        try:
            while (rest := data.feed(await self._block())) is None:
                if data.hopeless:
                    raise SessionOver(data.fault)
        except BaseException:
            data.release()
            raise
        self._stream.put_back(rest)
        return data

    async def smtp_RSET(self, argument: str) -> None:
        if argument:
            raise Rejection(replies.SYNTAX)
        await self._end_transaction()
        await self.push(replies.OK)

    # The rest

    async def smtp_NOOP(self, argument: str) -> None:  # noqa: ARG002  RFC 5321 4.1.1.9 lets it have one
        await self.push(replies.OK)

    async def smtp_QUIT(self, argument: str) -> None:
        if argument:
            raise Rejection(replies.SYNTAX)
        raise SessionOver(replies.BYE)

    async def smtp_BDAT(self, argument: str) -> None:  # noqa: ARG002
        # The bytes of the chunk come unasked and would be read as commands (RFC 3030 2).
        raise SessionOver(replies.NOT_IMPLEMENTED)

    async def smtp_STARTTLS(self, argument: str) -> None:
        if self._service.options.tls is None:
            raise Rejection(replies.NOT_IMPLEMENTED)
        if argument:
            raise Rejection(replies.SYNTAX)
        if self._tls_protocol is not None:
            raise Rejection(replies.ENCRYPTED_ALREADY)
        await self._end_transaction()
        self._helo, self._features = "", None  # RFC 3207 4.2: what was said in clear does not count
        self._stream.clear()
        try:
            async with asyncio.timeout(self._service.options.idle):
                await super().smtp_STARTTLS("")
        except TimeoutError:
            raise TLSSetupException from None
        self._stream.clear()


class LmtpSession(SmtpSession):
    """One LMTP client."""

    def _replies_expected(self) -> int:
        return self._accepted

    async def smtp_LHLO(self, argument: str) -> None:
        await self._extended(argument, "LMTP")

    async def smtp_HELO(self, argument: str) -> None:  # noqa: ARG002  RFC 2033 4.1
        raise Rejection(replies.UNKNOWN_COMMAND)

    async def smtp_EHLO(self, argument: str) -> None:  # noqa: ARG002  RFC 2033 4.1
        raise Rejection(replies.UNKNOWN_COMMAND)


def _checked(name: str) -> str:
    """The argument of a greeting. Raises Rejection."""
    if _HELO.fullmatch(name) is None:
        raise Rejection(replies.SYNTAX)
    return name
