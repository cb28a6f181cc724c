"""What becomes of a message an MTA asks about over a milter, where one answer stands for all recipients (decision 34).

Takes a judged message and the way in which one with several fates may be settled now; gives the reply, and what the MTA goes on
with, for whom not. What is held or owed is committed to the store before that is known to anybody. Raises Unavailable when the
client must try again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from dlp.disclosing import all_of
from dlp.errors import Unavailable
from dlp.settlement import Settlement
from dlp.store.records import Bundle
from dlp.store.states import DisclosureState, Purpose
from dlp.values import Action, Disposition, Reason, Release, Reply, Ruling

UNDIVIDED = Reason(row="undivided", code="undivided", requirement="")


class Way(StrEnum):
    """What is done where not all recipients get the same."""

    STORE = "store"  # all of it is ours, and the MTA forgets it
    REMOVE = "remove"  # the first group is the MTA's; the other recipients are removed there, and are ours
    HOLD = "hold"  # nobody gets it until it is released
    TEMPFAIL = "tempfail"  # the client tries again


@dataclass(slots=True)
class MilterSettlement(Settlement):
    """One message on its way to the one answer."""

    way: Callable[[], Way] = lambda: Way.STORE  # asked when the message turns out to be such a one
    rides: Disposition | None = None  # what the MTA goes on with
    left_out: tuple[int, ...] = ()  # whom it must drop before

    async def over_milter(self) -> tuple[Reply, ...]:
        """One answer for all. What all get alike is the MTA's; what nobody gets, or has got, is ours."""
        sends, holds = await self._open_groups()
        if len(sends) == 1 and not holds and not self.earlier:
            await self._let_ride(sends[0])
        elif sends:
            await self._divide(sends, holds)
        elif holds:
            await self._keep(sends, holds)
        return (self._done(),)

    async def _divide(self, sends: Sequence[Disposition], holds: Sequence[Disposition]) -> None:
        match self.way():
            case Way.STORE:
                await self._keep(sends, holds)
            case Way.REMOVE:
                await self._remove(sends[0], sends[1:], holds)
            case Way.HOLD:
                await self._hold_all(sends, holds)
            case Way.TEMPFAIL:
                raise Unavailable("split")

    async def _let_ride(self, group: Disposition) -> None:
        recipients = self.work.recipients(group.recipients)
        intent = await self._disclosing.intend(recipients)
        await self._disclosing.conclude(intent, all_of(recipients, DisclosureState.SENT))  # nobody tells us more
        self._note(group, group.recipients)
        self.rides = group
        await self._queue_notice()

    async def _remove(self, first: Disposition, later: Sequence[Disposition], holds: Sequence[Disposition]) -> None:
        """A further try finds the others settled and leaves them out again: their copies stay single, and not the MTA's."""
        self._note(first, first.recipients)
        await self._keep(later, holds, rides=first)
        self.left_out = tuple(index for index in range(len(self.work.envelope.recipients)) if index not in first.recipients)
        self.rides = first

    async def _hold_all(self, sends: Sequence[Disposition], holds: Sequence[Disposition]) -> None:
        """Each copy as it would have gone out: the sender's word is enough for those who may have it."""
        members = {index for group in sends for index in group.recipients}
        judgement = self.work.judgement
        rulings = tuple(_held(ruling) if index in members else ruling for index, ruling in enumerate(judgement.rulings))
        self.work = replace(self.work, judgement=replace(judgement, rulings=rulings))
        await self._keep((), [*holds, *(replace(group, held=True) for group in sends)])

    async def _keep(self, sends: Sequence[Disposition], holds: Sequence[Disposition], rides: Disposition | None = None) -> None:
        """Held and owed from one commit on, with the notice; with what rides its disclosures are written down."""
        bundles: list[Bundle] = [self._bundle(Purpose.HELD, group) for group in holds]
        bundles += [self._bundle(Purpose.OWED, group) for group in sends]
        owed = self.work.recipients(index for group in sends for index in group.recipients)
        now = self.work.recipients(rides.recipients if rides else ())
        intent = await self._disclosing.intend((*owed, *now))
        ended = all_of((*owed, *now), DisclosureState.UNKNOWN)  # what seems to fail may have come about
        try:
            if bundles:
                await asyncio.to_thread(self.store.hold, self._message, bundles, self._notice())
            ended = {**all_of(owed, DisclosureState.OWED), **all_of(now, DisclosureState.SENT)}
        finally:
            await self._disclosing.conclude(intent, ended)


def _held(ruling: Ruling) -> Ruling:
    return replace(ruling, action=Action.HOLD, release=Release.SENDER, reasons=(*ruling.reasons, UNDIVIDED))
