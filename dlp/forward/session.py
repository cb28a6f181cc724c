"""One delivery's hold on the next hop: the live transaction, then exactly one group's recipients and the message.

Takes envelope parts and message pieces, gives mirrored replies: one for an SMTP hop, one per recipient for LMTP.
Raises Interrupted (the connection broke; `after_dot` tells when) and RecipientsChanged (an SMTP hop now refuses what
it accepted before; no dot was sent). `release` must always be called, and is safe to call twice.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Protocol

from dlp.errors import Unavailable
from dlp.forward.answers import Answer, Interrupted, RecipientsChanged, mirror
from dlp.forward.esmtp import declared_size, has_smtputf8, mail_line, rcpt_line, xforward_lines
from dlp.forward.hop import Deadline, Hop, Timeouts
from dlp.forward.wire import Piece, Wire
from dlp.values import Client, Recipient, Reply

_TRACE_ALLOWANCE = 1_024  # our Received field is not written yet when MAIL is sent live
_TAKEN = mirror(Reply(250, "2.0.0", ""))
_NO_DEADLINE = Deadline()
LOST = Reply(451, "4.4.2", "the next hop's answer was lost, try again later")


class Connections(Protocol):
    """Where a session's connection comes from and goes back to (the pool)."""

    @property
    def hop(self) -> Hop: ...
    @property
    def timeouts(self) -> Timeouts: ...
    async def connect(self) -> Wire: ...
    def give_back(self, wire: Wire) -> None: ...


@dataclass(frozen=True, slots=True)
class _Open:
    """A mail transaction as the next hop has it: what was accepted, in order."""

    sender: str
    parameters: tuple[str, ...]
    recipients: tuple[Recipient, ...]


class NextHopSession:
    """One connection, lent by the pool to one transaction at a time."""

    def __init__(self, connections: Connections, wire: Wire) -> None:
        self._connections = connections
        self._wire = wire
        self._timeouts = connections.timeouts
        self._client: tuple[Client, str] | None = None
        self._open: _Open | None = None
        self._answered: deque[tuple[Recipient, Reply]] = deque()  # recipients offered ahead of their RCPT
        self._released = False

    def xforward(self, client: Client, ident: str) -> None:
        """Name the original client to the next hop with each MAIL from now on, where it announces XFORWARD.

        Sent anew before each MAIL, because Postfix forgets the attributes at RSET and at the end of a message.
        """
        self._client = (client, ident)

    async def mail(self, sender: str, parameters: tuple[str, ...], ahead: tuple[Recipient, ...] = ()) -> Reply:
        """Open the live transaction. A SIZE is passed on with room for our Received field.

        The recipients `ahead` are offered with it, and their answers kept for `rcpt`.
        """
        size = declared_size(parameters)
        mail, *rcpts = await self._begin(_Open(sender, parameters, ahead), None if size is None else size + _TRACE_ALLOWANCE)
        self._answered = deque(zip(ahead, rcpts, strict=False))  # none when MAIL is refused
        return mail

    async def rcpt(self, recipient: Recipient) -> Reply:
        """Offer one recipient in the live transaction; accepted ones are remembered in order."""
        if self._open is None:
            raise ValueError("RCPT without an accepted MAIL")
        if self._answered and self._answered[0][0] == recipient:
            return self._answered.popleft()[1]
        line = rcpt_line(recipient, self._wire.announcement.features, smtputf8=has_smtputf8(self._open.parameters))
        if isinstance(line, Reply):
            return line
        self._wire.pass_point("forward.rcpt")
        (answer,) = await self._wire.ask([line], self._timeouts.rcpt)
        reply = self._settle(answer)
        if reply.accepted:
            self._open = _Open(self._open.sender, self._open.parameters, (*self._open.recipients, recipient))
        return reply

    async def rset(self) -> None:
        """End the live transaction, if there is one."""
        if self._open is None:
            return
        (answer,) = await self._wire.ask([b"RSET"], self._timeouts.rset)
        if not self._settle(answer).accepted:
            self._wire.abort()
            raise Interrupted("closed")  # by us: nothing was sent, so a fresh connection will do
        self._open = None

    async def deliver(
        self,
        sender: str,
        parameters: tuple[str, ...],
        recipients: Sequence[Recipient],
        pieces: Sequence[Piece],
        deadline: Deadline = _NO_DEADLINE,
    ) -> tuple[Reply, ...]:
        """Send the message to exactly these recipients, by the live transaction where it is just that one.

        `pieces` are CRLF text without dot-stuffing, sent byte for byte. Over LMTP an answer that got lost after others
        had come is a 451 of its own; with no answer at all Interrupted is raised.
        """
        wanted = _Open(sender, parameters, tuple(recipients))
        if not wanted.recipients:
            raise ValueError("a delivery needs a recipient")
        replies = [_TAKEN] * len(wanted.recipients)
        if wanted != self._open:
            size = sum(len(piece) for piece in pieces)
            async with self._until(deadline.dot):
                mail, *replies = await self._begin(wanted, size)
            replies = replies if mail.accepted else [mail] * len(wanted.recipients)
        lmtp = self._connections.hop.lmtp
        accepted = sum(reply.accepted for reply in replies)
        if not lmtp and accepted < len(replies):
            self._wire.abort()
            raise RecipientsChanged(tuple(replies))
        if not accepted:
            return tuple(replies)
        finals = iter(await self._send(pieces, accepted if lmtp else 1, deadline))
        return tuple(next(finals) if reply.accepted else reply for reply in replies) if lmtp else tuple(finals)

    async def release(self) -> None:
        """Give the connection back, after RSET where a transaction is open; closed if its state is in doubt."""
        if self._released:
            return
        self._released = True
        try:
            if self._wire.clean:
                with suppress(Unavailable):
                    await self.rset()
        finally:  # after a failed or cancelled RSET the wire is not clean, so it is not kept
            self._connections.give_back(self._wire)

    async def _begin(self, wanted: _Open, size: int | None) -> list[Reply]:
        """XFORWARD, MAIL and the RCPTs; once more on a fresh connection when the peer has left this one meanwhile.

        Nothing of the message has been sent yet, so trying again can neither lose nor double it.
        """
        try:
            return await self._offer(wanted, size)
        except Interrupted as interruption:
            if interruption.why != "closed":
                raise
        self._open = None
        self._wire.abort()
        self._wire = await self._connections.connect()
        return await self._offer(wanted, size)

    async def _offer(self, wanted: _Open, size: int | None) -> list[Reply]:
        """The answer to MAIL, then, if that was accepted, one for each recipient."""
        await self.rset()
        self._wire.pass_point("forward.mail")
        if wanted.recipients:
            self._wire.pass_point("forward.rcpt")
        announcement = self._wire.announcement
        mail = mail_line(wanted.sender, wanted.parameters, size, announcement)
        if isinstance(mail, Reply):
            return [mail]
        naming = self._naming()
        utf8 = has_smtputf8(wanted.parameters)
        rcpts = [rcpt_line(recipient, announcement.features, smtputf8=utf8) for recipient in wanted.recipients]
        lines = [*naming, mail, *(line for line in rcpts if isinstance(line, bytes))]
        seconds = self._timeouts.rcpt if rcpts else self._timeouts.mail
        answers = iter(await self._wire.ask(lines, seconds, needed=len(naming) + 1))
        for _ in naming:
            if not self._settle(next(answers)).accepted:
                self._wire.abort()  # attributes half told would be mixed into somebody else's mail
                raise Interrupted("garbage")
        first = self._settle(next(answers))
        if not first.accepted:
            return [first]
        replies = [line if isinstance(line, Reply) else self._settle(next(answers)) for line in rcpts]
        offered = zip(wanted.recipients, replies, strict=True)
        taken = tuple(recipient for recipient, reply in offered if reply.accepted)
        self._open = _Open(wanted.sender, wanted.parameters, taken)
        return [first, *replies]

    def _naming(self) -> list[bytes]:
        offered = self._wire.announcement.features.xforward
        return xforward_lines(*self._client, offered) if self._client else []

    async def _send(self, pieces: Sequence[Piece], count: int, deadline: Deadline) -> list[Reply]:
        """DATA, the message, the dot: `count` final answers."""
        self._wire.pass_point("forward.data")
        async with self._until(deadline.dot):
            (answer,) = await self._wire.ask([b"DATA"], self._timeouts.data)
            if answer.code != 354:
                reply = self._settle(answer)
                if reply.accepted:
                    self._wire.abort()
                    raise Interrupted("garbage")
                return [reply] * count
            await self._wire.send_message(pieces, count, self._timeouts.block, deadline.dot)
        return await self._finals(count, deadline.answer)

    async def _finals(self, count: int, until: float) -> list[Reply]:
        """The answers to the dot."""
        now = asyncio.get_running_loop().time
        self._open = None
        finals: list[Reply] = []
        try:
            self._wire.pass_point("forward.dot")
            while len(finals) < count:
                answer = await self._wire.answer(min(self._timeouts.dot, until - now()))
                self._wire.pass_point("forward.reply")
                finals.append(answer.final)
        except Interrupted as interruption:
            self._wire.abort()
            if not finals:
                raise Interrupted(interruption.why, after_dot=True) from None
        return finals + [LOST] * (count - len(finals))

    @asynccontextmanager
    async def _until(self, moment: float) -> AsyncIterator[None]:
        """What is not done at this moment of the loop's time is given up."""
        try:
            async with asyncio.timeout_at(moment):
                yield
        except TimeoutError:
            self._wire.abort()
            raise Interrupted("late") from None

    def _settle(self, answer: Answer) -> Reply:
        try:
            return answer.reply
        except Interrupted:
            self._wire.abort()
            raise
