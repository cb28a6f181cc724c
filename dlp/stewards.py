"""Once a week, each department's steward is told how the mail of its people fared (R5).

Takes the store, the directory in force and what letters are sent with; gives whether all is told for this week. What was told
is forgotten; where a letter could not be handed over it stays for the next try. A department without a steward is told nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from dlp import holds, letters
from dlp.campus.directory import Directory
from dlp.events import event
from dlp.notices.compose import NoticeSite
from dlp.notices.departments import Item, departments
from dlp.ruleset import Rules
from dlp.store import Store
from dlp.store.incidents import Incident
from dlp.values import Recipient

_LOG = logging.getLogger("dlp.stewards")


@dataclass(frozen=True, slots=True)
class Stewards:
    """Tells the stewards of one site."""

    store: Store
    deliver: holds.Deliver
    rules: Callable[[], Rules]
    site: NoticeSite
    directory: Callable[[], Directory | None]
    sign: Callable[[bytes], bytes]

    async def tell(self, before: datetime, now: datetime) -> bool:
        """Tell of everything older than `before`; False when some of it is to be tried again."""
        directory = self.directory()
        waiting = await asyncio.to_thread(self.store.incidents, before) if directory else ()
        done = True
        for name, group in groupby(waiting, key=lambda each: each.department):
            found = directory.department(name) if directory and name else None
            if found is not None and found.steward:
                done &= await self._tell_one(tuple(group), name, found.steward, now)
        return done

    async def _tell_one(self, incidents: tuple[Incident, ...], department: str, steward: str, now: datetime) -> bool:
        items = [Item(each.reference, each.at, each.action, each.codes) for each in incidents]
        message = departments(items, department, steward, self.site, now)
        if not letters.may_leave(message, steward, self.rules(), now):
            event(_LOG, "stewards.withheld", level=logging.ERROR, count=len(items))
            return True
        letter = holds.Letter("department", "", (), Recipient(steward), await asyncio.to_thread(self.sign, message))
        reply = await holds.answer(self.deliver, letter, "notice.dot")
        event(_LOG, "stewards.told", count=len(items), next_hop_reply=str(reply.code) if reply else "")
        if reply is not None and reply.accepted:
            await asyncio.to_thread(self.store.forget_incidents, [each.id for each in incidents])
        return reply is not None and (reply.accepted or reply.permanent)
