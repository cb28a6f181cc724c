"""What goes out on a consent or another basis is written down before our dot, and how it ended after the answer.

Takes the disclosures of one message, mostly none: then nothing is written. Raises Unavailable when it cannot be written down
before; what cannot be written down after, recovery closes as unknown, and a use of a consent stays spent.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dlp.errors import Unavailable
from dlp.events import failure
from dlp.forward import LOST, Interrupted
from dlp.store import Store
from dlp.store.disclosures import Intent
from dlp.store.records import Message
from dlp.store.states import DisclosureState
from dlp.values import Allowed, Recipient, Reply

_LOG = logging.getLogger("dlp.disclosing")

_PAUSES = (0.0, 0.2, 1.0)  # seconds before each try

Outcomes = Mapping[str, DisclosureState]  # by recipient address


@dataclass(slots=True)
class Disclosing:
    """The disclosures of one message on their way."""

    store: Store
    message: Message
    allowed: Sequence[Allowed]
    until: float = math.inf  # in the event loop's time: no further try at the conclusion begins later

    async def intend(self, recipients: Iterable[Recipient]) -> Intent | None:
        """Write down what is about to go to these recipients; None when nothing is. Raises Unavailable."""
        addresses = {recipient.address for recipient in recipients} if self.allowed else set()
        wanted = [each for each in self.allowed if each.recipient in addresses]
        return await asyncio.to_thread(self.store.intend, self.message, wanted) if wanted else None

    async def conclude(self, intent: Intent | None, outcomes: Outcomes) -> None:
        """Write down how it ended. Never raises: the message is on its way, or is the client's again."""
        if intent is None:
            return None
        trouble = Unavailable("store")
        for pause in _PAUSES:
            if pause and asyncio.get_running_loop().time() + pause >= self.until:
                break
            await asyncio.sleep(pause)
            try:
                return await asyncio.to_thread(self.store.conclude, intent, outcomes)
            except Unavailable as error:
                trouble = error
        return failure(_LOG, "ledger.open", trouble, ref=self.message.envelope.reference)


def answered(recipients: Iterable[Recipient], replies: Iterable[Reply]) -> Outcomes:
    """What the next hop's answers mean: taken, refused, or lost after the dot."""
    return {recipient.address: _of(reply) for recipient, reply in zip(recipients, replies, strict=True)}


def interrupted(error: Exception, recipients: Iterable[Recipient]) -> Outcomes:
    """What a delivery without an answer means: unknown after the dot, else nothing was sent."""
    unsure = error.after_dot if isinstance(error, Interrupted) else not isinstance(error, Unavailable)
    return all_of(recipients, DisclosureState.UNKNOWN if unsure else DisclosureState.REFUSED)


def all_of(recipients: Iterable[Recipient], outcome: DisclosureState) -> Outcomes:
    return {recipient.address: outcome for recipient in recipients}


def _of(reply: Reply) -> DisclosureState:
    if reply == LOST:
        return DisclosureState.UNKNOWN
    return DisclosureState.SENT if reply.accepted else DisclosureState.REFUSED
