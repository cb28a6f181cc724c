"""What becomes of a message an MTA asks about over its milter interface.

Takes what a transaction works with; gives the judge that the milter's server asks, and the server's options. Who logged in is
what the MTA says; the topmost Received field is the client's, as the MTA's own is not shown. What cannot be judged is 451 or
452, and told in the log; anything else raised is our bug, which the server answers.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from dlp.errors import Unavailable
from dlp.events import event
from dlp.intake import Conversation
from dlp.probing import Pair, Standing, answered, listener_of, proves
from dlp.receive import replies
from dlp.sender import SenderIdentity
from dlp.splitting import Way
from dlp.transaction import MailTransaction, Tools
from dlp.values import Reply
from milter.message import Message
from milter.server import Judge
from milter.session import Accepted, Discarded, Outcome

_LOG = logging.getLogger("dlp.milters")


@dataclass(frozen=True, slots=True)
class Removing:
    """Of a site whose MTA may drop recipients: the addresses that are probed, what that showed, and what is done in doubt."""

    pair: Pair
    standings: Callable[[], Iterable[Standing]]
    otherwise: Way

    def way(self, message: Message) -> Way:
        """How to settle this one where not all recipients get the same."""
        return Way.REMOVE if proves(self.standings(), _listener(message), time.monotonic()) else self.otherwise


def judge_with(tools: Tools, removing: Removing | None = None) -> Judge:
    """Judges one message, and keeps it or lets the MTA go on."""
    told = replace(tools, identity=replace(tools.identity, how=SenderIdentity.NONE))

    async def judge(message: Message) -> Outcome:
        named = [recipient.address for recipient in message.recipients]
        transaction = MailTransaction(told, _conversation(message), message.sender, message.parameters, [*message.recipients])
        if removing is not None:
            if probe := answered(message.received, named, removing.pair, tools.keys, _listener(message)):
                return Accepted(probe[0], (probe[1],))
            transaction.way = lambda: removing.way(message)
        try:
            await tools.admission.ask()
            (reply,) = await transaction.accept(message.raw)
        except Unavailable as error:
            return _deferred(error, transaction)
        if not reply.accepted:
            return reply
        return Discarded() if transaction.goes_on is None else Accepted(transaction.goes_on, transaction.left_out)

    return judge


def _listener(message: Message) -> str:
    return listener_of(message.macros.get("{daemon_name}", ""), message.macros.get("{daemon_port}", ""))


def _conversation(message: Message) -> Conversation:
    return Conversation(
        client=message.client,
        upstream_id=message.upstream_id,
        lmtp=False,
        helo=message.client.helo,
        encrypted="{tls_version}" in message.macros,
        peer=message.client,
        milter=True,
        login=message.login,
    )


def _deferred(error: Unavailable, transaction: MailTransaction) -> Reply:
    reference = secrets.token_hex(2).upper()
    facts = dict(transaction.facts())
    event(_LOG, "message.deferred", level=logging.WARNING, what=error.cause, front="milter", error_ref=reference, **facts)
    return replies.later(error, facts.get("stage"), reference)
