"""The clerk: everything that is sent after a reply, by one process, in small rounds.

Takes work from the store (notices, owed copies, releases to repeat, overdue holds, the daily digest), gives it to the
release hop, and writes down what became of it. Trouble with the store or the hop ends a round, never the clerk; what was
claimed becomes due again when its lease ends. A notice that does not pass the filter is not sent. Of what no notice
could tell, the daily digest tells.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import groupby

from dlp import holds, letters, telling
from dlp.errors import Unavailable
from dlp.events import event, failure
from dlp.forward import Forwarder, RecipientsChanged, trace_field
from dlp.notices.compose import NoticeSite, hardest
from dlp.notices.digest import DigestEntry, digest
from dlp.notices.summary import Told
from dlp.ruleset import Rules
from dlp.stewards import Stewards
from dlp.store import Store
from dlp.store.errands import Turn
from dlp.store.records import DueNotice, HeldCopy, Notice
from dlp.store.states import ON_HOLD
from dlp.values import Client, Clock, Recipient, Reply

_LOG = logging.getLogger("dlp.clerk")

ROUND = 1.0  # seconds between rounds
_ROUND_LIMIT = 10  # notices in one round: copies that are owed or released wait for them
_DIGEST = "digest"
_STEWARDS = "stewards"
_DIGEST_PAUSE = timedelta(minutes=10)  # after a digest that was not taken
# what a notice is about, in the words of dlp_notices_total
_KINDS = {"hold": "hold", "rewrite": "rewrite", "warn": "warning", "ended": "outcome", "refused": "outcome"}
_BAD_ROW = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)
_PAUSES = (30, 120, 600, 1800, 3600, *[4 * 3600] * 30)  # seconds between attempts at a notice: five days in all


@dataclass(frozen=True, slots=True)
class Sender:
    """Hands letters to the release hop; also what `dlp held release` sends with."""

    forwarder: Forwarder
    hostname: str
    clock: Clock

    async def deliver(self, letter: holds.Letter) -> Reply:
        """The hop's answer for this one recipient. Raises Unavailable when there was none."""
        session = await self.forwarder.acquire()
        try:
            ours = Client(name=self.hostname)
            trace = trace_field(self.hostname, ours, self.hostname, "ESMTP", letter.reference, self.clock())
            (reply,) = await session.deliver(letter.sender, letter.parameters, (letter.recipient,), (trace, letter.content))
        except RecipientsChanged as refused:
            return refused.replies[0]
        else:
            return reply
        finally:
            await session.release()


@dataclass(slots=True)
class Clerk:
    """One process's clerk."""

    store: Store
    sender: Sender
    rules: Callable[[], Rules]
    site: NoticeSite
    digest_at: time
    sign: Callable[[bytes], bytes] = bytes  # what we write ourselves; Unavailable while it cannot be done
    steady: Clock | None = None  # never ahead of the machine's uptime
    stewards: Stewards | None = None  # None = nobody tells departments
    last_digest: date | None = None
    last_week: date | None = None  # the Monday of the last one in which stewards were told

    async def run(self, stopping: asyncio.Event) -> None:
        """Rounds until `stopping` is set; the round under way is finished first."""
        rounds: tuple[Callable[[], Awaitable[None]], ...] = (
            self.send_notices, self.send_owed, self.repeat_releases, self.end_holds, self.send_digest, self.tell_stewards,
        )  # fmt: skip
        while not stopping.is_set():
            for each in rounds:
                try:
                    await each()
                except Unavailable as error:
                    event(_LOG, "clerk.waiting", level=logging.WARNING, what=error.cause)
                except _BAD_ROW as error:  # it must not stop what else is owed
                    failure(_LOG, "clerk.error", error)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ROUND):
                    await stopping.wait()

    async def send_notices(self) -> None:
        """Send what the outbox holds and is due."""
        for _ in range(_ROUND_LIMIT):  # one claim at a time: a lease covers one attempt, not a queue of them
            claimed = await asyncio.to_thread(self.store.claim_notices, 1)
            if not claimed:
                break
            await self._send_notice(claimed[0])

    async def send_owed(self) -> None:
        """Send the copies an SMTP reply promised beside its own."""
        for outcome in await holds.due_owed(self.store, self.sender.deliver, self._report):
            event(_LOG, "owed.tried", ref=outcome.copy.reference, status=outcome.state, next_hop_reply=outcome.why)

    async def repeat_releases(self) -> None:
        """Try again what was released and could not be handed over."""
        for outcome in await holds.due_releases(self.store, self.sender.deliver, self._report):
            event(_LOG, "hold.tried", ref=outcome.copy.reference, status=outcome.state, next_hop_reply=outcome.why)

    async def end_holds(self) -> None:
        """End what nobody decided about in time. A wall clock that was put forward ends nothing early (`steady`)."""
        now = min(self.sender.clock(), self.steady()) if self.steady else self.sender.clock()
        for outcome in await asyncio.to_thread(holds.expire, self.store, self._report, now):
            event(_LOG, "hold.ended", ref=outcome.copy.reference, status=outcome.state)

    async def send_digest(self) -> None:
        """Once a day, tell the policy contact of the holds whose senders could not be told; one clerk of all nodes does."""
        now = self.sender.clock()
        local = now.astimezone(self.site.timezone)
        if self.last_digest == local.date() or local.time() < self.digest_at:
            return
        turn = await asyncio.to_thread(self.store.claim_errand, _DIGEST, local.date())
        if turn is Turn.WAIT:
            return
        if turn is Turn.MINE:
            if not await self._tell_contact(now):
                await asyncio.to_thread(self.store.end_errand, _DIGEST, local.date(), now + _DIGEST_PAUSE)
                return
            await asyncio.to_thread(self.store.end_errand, _DIGEST, local.date())
        self.last_digest = local.date()

    async def tell_stewards(self) -> None:
        """Once a week, from Monday's digest on, tell each department's steward of the weeks before; one clerk of all does."""
        now = self.sender.clock()
        local = now.astimezone(self.site.timezone)
        monday = local.date() - timedelta(days=local.weekday())
        if self.stewards is None or self.last_week == monday or (local.date() == monday and local.time() < self.digest_at):
            return
        turn = await asyncio.to_thread(self.store.claim_errand, _STEWARDS, monday)
        if turn is Turn.WAIT:
            return
        if turn is Turn.MINE:
            done = await self.stewards.tell(datetime.combine(monday, time(), self.site.timezone), now)
            await asyncio.to_thread(self.store.end_errand, _STEWARDS, monday, None if done else now + _DIGEST_PAUSE)
            if not done:
                return
        self.last_week = monday

    async def _tell_contact(self, now: datetime) -> bool:
        """Whether the digest was taken, or there was nothing to tell."""
        waiting = sorted(await asyncio.to_thread(self.store.undigested), key=lambda copy: copy.reference)
        if not waiting:
            return True
        entries = []
        for reference, group in groupby(waiting, key=lambda copy: copy.reference):
            copies = list(group)
            codes = tuple(sorted({code for copy in copies for code in copy.codes}))
            right = max((copy.release for copy in copies if copy.release), default=None)
            word = right.word if right else None
            began, over = min(copy.created for copy in copies), not any(copy.state in ON_HOLD for copy in copies)
            entries.append(DigestEntry(reference, began, len(copies), codes, word, over))
        message = await asyncio.to_thread(self.sign, digest(entries, self.site, now))
        letter = holds.Letter("digest", "", (), Recipient(self.site.contact), message)
        reply = await holds.answer(self.sender.deliver, letter, "notice.dot")
        event(_LOG, "digest.sent", count=len(entries), next_hop_reply=str(reply.code) if reply else "")
        if reply is None or not reply.accepted:
            return False
        await asyncio.to_thread(self.store.mark_digested, [copy.id for copy in waiting])
        return True

    async def _send_notice(self, claimed: DueNotice) -> None:
        readable = await self._readable(claimed)
        if not readable:
            return
        rows = [row for row, _ in readable]
        due = replace(rows[0], more=tuple(rows[1:]))
        message = self._draft(due, [told for _, told in readable])
        if message is None:
            await asyncio.to_thread(self.store.notice_failed, due, None)
            for each in rows:
                event(_LOG, "notice.withheld", level=logging.ERROR, ref=each.reference)
            return
        signed = await asyncio.to_thread(self.sign, message)
        letter = holds.Letter(due.reference, "", (), Recipient(due.addressee), signed)
        reply = await holds.answer(self.sender.deliver, letter, "notice.dot")
        if reply is not None and reply.accepted:
            await asyncio.to_thread(self.store.notice_sent, due)
        else:
            final = reply is not None and reply.permanent
            await asyncio.to_thread(self.store.notice_failed, due, None if final else self._retry_at(due.attempts))
        kind = "summary" if due.more else _KINDS[hardest(readable[0][1].facts)]
        code = str(reply.code) if reply else ""
        event(_LOG, "notice.tried", ref=due.reference, notice=kind, count=len(rows), next_hop_reply=code)
        for each in due.more:  # so that a search for any of them finds it
            event(_LOG, "notice.included", ref=each.reference, count=len(rows), next_hop_reply=code)

    def _report(self, copy: HeldCopy, content: bytes | None, ending: telling.Ending) -> Notice | None:
        return telling.ended(copy, content, ending, self.rules().campus)

    async def _readable(self, claimed: DueNotice) -> list[tuple[DueNotice, Told]]:
        """What is to be told, with its row; rows of another version, broken ones and what ended no attempt are given up."""
        readable = []
        for each in (replace(claimed, more=()), *claimed.more):
            try:
                if each.attempts > len(_PAUSES) + 1:  # an attempt that comes to its end settles it before
                    raise ValueError("claimed too often")
                readable.append((each, Told(letters.facts_of(each), each.deadline)))
            except ValueError as error:
                failure(_LOG, "notice.unreadable", error, ref=each.reference)
                await asyncio.to_thread(self.store.notice_failed, each, None)
                event(_LOG, "notice.withheld", level=logging.ERROR, ref=each.reference)
        return readable

    def _draft(self, due: DueNotice, told: list[Told]) -> bytes | None:
        """The best message that passes the filter, or none."""
        now, rules = self.sender.clock(), self.rules()
        drafts = letters.drafts(told, self.site, now, self.sender.hostname)
        return next((draft for draft in drafts if letters.may_leave(draft, due.addressee, rules, now)), None)

    def _retry_at(self, attempts: int) -> datetime | None:
        if attempts > len(_PAUSES):
            return None
        return self.sender.clock() + timedelta(seconds=_PAUSES[attempts - 1])
