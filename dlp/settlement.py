"""What is done about a judged message before its reply: forward, hold, owe (design.md, Transaction).

Takes a judged message and a live next-hop session; gives the replies. LMTP answers each recipient, so each group is
settled alone. SMTP has one answer for all: prepare invisible, forward the first group, commit visible, reply; further
groups are owed. Raises Unavailable when the whole message must be tried again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from dlp.disclosing import Disclosing, all_of, answered, interrupted
from dlp.errors import Unavailable
from dlp.events import event, failure
from dlp.forward import Deadline, Forwarder, NextHopSession, mirror
from dlp.notices.facts import State as Outcome
from dlp.ruleset import Campus
from dlp.store import Store
from dlp.store.records import Bundle, Kept, Message, NewCopy, Notice, Prepared
from dlp.store.states import ContentRole, DisclosureState, Purpose, State
from dlp.telling import notice
from dlp.values import Allowed, Disposition, Envelope, HeaderField, Judgement, Recipient, Reply

_LOG = logging.getLogger("dlp.settlement")

Content = bytes | memoryview
_COMMIT_PAUSES = (0.0, 0.2, 1.0)  # seconds before each try
_GONE = frozenset({State.SENT, State.OWED, State.SENDING, State.REFUSED, State.RELEASED})
TRY_AGAIN = "not passed on, try again"


@dataclass(frozen=True, slots=True)
class Work:
    """One judged message: `raw` as received, `edited` for the groups with edits, `trace` our Received field."""

    key: bytes
    envelope: Envelope
    fields: tuple[HeaderField, ...]
    judgement: Judgement
    raw: Content
    edited: Content
    trace: bytes
    campus: Campus
    disclosures: tuple[Allowed, ...] = ()  # what goes out on a basis, or when it is released; no directory information

    def content(self, group: Disposition) -> Content:
        return self.edited if group.edits else self.raw

    def recipients(self, members: Iterable[int]) -> tuple[Recipient, ...]:
        return tuple(self.envelope.recipients[index] for index in members)

    def bundle(self, purpose: Purpose, group: Disposition, members: Iterable[int]) -> Bundle:
        """Copies of one group, to be held or owed."""
        role = ContentRole.EDITED if group.edits else ContentRole.ORIGINAL
        judgement, recipients = self.judgement, self.envelope.recipients
        known = self.disclosures if purpose is Purpose.HELD else ()  # what is owed is intended before the reply
        copies = []
        for index in members:
            address = recipients[index].address
            told = tuple(each for each in known if each.recipient == address)
            about = tuple(sorted(set(judgement.held_about.get(address, ())) - {each.person for each in told}))
            copies.append(
                NewCopy(recipients[index], judgement.rulings[index], judgement.findings, told, judgement.unread, about)
            )
        return Bundle(purpose, role, self.content(group), tuple(copies))


@dataclass(slots=True)
class Settlement:
    """One message on its way to its replies. Owns the next-hop session and gives it back."""

    store: Store
    forwarder: Forwarder
    work: Work
    session: NextHopSession | None
    deadline: Deadline = Deadline()  # noqa: RUF009  frozen
    commit_until: float = math.inf  # in the event loop's time: no further try at the commit begins later
    outcomes: dict[int, Outcome] = field(default_factory=dict)  # by recipient index, of this try
    earlier: dict[int, Outcome] = field(default_factory=dict)  # of the recipients an earlier try has settled
    answers: Counter[str] = field(default_factory=Counter)  # of the next hop to the message, by class of reply

    async def over_smtp(self) -> tuple[Reply, ...]:
        """One reply for all recipients."""
        try:
            reply = await self._all_at_once()
            if not reply.accepted:
                self._came_to_nothing("refused" if reply.permanent else "delayed")
            return (reply,)
        except Exception:
            if not self.answers["2xx"]:  # else the next hop has it, though the client does not hear so
                self._came_to_nothing("delayed")
            raise
        finally:
            await self._let_go()

    async def _all_at_once(self) -> Reply:
        sends, holds = await self._open_groups()
        if sends:
            return await self._send_first(sends, holds)
        if holds:
            bundles = [self._bundle(Purpose.HELD, group) for group in holds]
            await asyncio.to_thread(self.store.hold, self._message, bundles, self._notice())
        return self._done()

    def _came_to_nothing(self, outcome: Outcome) -> None:
        """For all of this try, also those of whom something was prepared."""
        everybody = range(len(self.work.envelope.recipients))
        self.outcomes = {index: outcome for index in everybody if index not in self.earlier}

    async def over_lmtp(self) -> tuple[Reply, ...]:
        """One reply for each recipient, in envelope order (RFC 2033 4.2)."""
        replies: dict[int, Reply] = {}
        try:
            sends, holds = await self._open_groups()
            for group in sends:
                replies |= await self._send_alone(group)
            replies |= await self._hold_alone(holds)
        finally:
            await self._let_go()
        return tuple(replies.get(index) or self._done(index) for index in range(len(self.work.envelope.recipients)))

    async def _send_first(self, sends: Sequence[Disposition], holds: Sequence[Disposition]) -> Reply:
        """Prepare what must last, forward the first group, commit (reliability.md f.3, A to E)."""
        first, later = sends[0], sends[1:]
        bundles = [self._bundle(Purpose.HELD, group) for group in holds]
        bundles += [self._bundle(Purpose.OWED, group) for group in later]
        prepared = await asyncio.to_thread(self.store.prepare, self._message, bundles) if bundles else None
        now = self.work.recipients(first.recipients)
        after = self.work.recipients(index for group in later for index in group.recipients)
        ended = all_of(after, DisclosureState.REFUSED)
        intent = None
        try:
            if prepared and prepared.overtaken:
                raise Unavailable("busy")  # the client's next try finds how the other one ended
            intent = await self._disclosing.intend((*now, *after))
            answers = await self._deliver(first)
        except Exception as error:
            if prepared:  # nobody is answered 250 for it, so the next try prepares anew
                await asyncio.to_thread(self.store.abort, prepared)
            await self._disclosing.conclude(intent, {**ended, **interrupted(error, now)})
            raise
        refused = tuple(index for index, answer in answers.items() if not answer.accepted)
        ended = {**ended, **answered(now, answers.values())}
        if len(refused) == len(answers):
            if prepared:
                await asyncio.to_thread(self.store.abort, prepared)
            await self._disclosing.conclude(intent, ended)
            return mirror(min(answers.values(), key=lambda answer: answer.code))
        self._note(first, (index for index in answers if index not in refused))
        owed: list[Bundle] = []
        if refused:  # an LMTP next hop took some: one SMTP reply cannot say so, and the clerk tries the rest again
            owed.append(self._bundle(Purpose.OWED, Disposition(refused, held=False, edits=first.edits)))
            self.outcomes |= dict.fromkeys(refused, "delayed")
            prepared = prepared or Prepared(self._message, (), Kept({}, frozenset()))
        promised = (*after, *self.work.recipients(refused)) if prepared else ()
        state = DisclosureState.UNKNOWN  # a commit that seems to fail may have come about
        try:
            if prepared:
                await self._commit(prepared, self.work.recipients(index for index in answers if index not in refused), owed)
                state = DisclosureState.OWED
        finally:
            await self._disclosing.conclude(intent, {**ended, **all_of(promised, state)})
        if not prepared:
            await self._queue_notice()
        return self._done()

    async def _commit(self, prepared: Prepared, sent: tuple[Recipient, ...], owed: Sequence[Bundle]) -> None:
        """Make visible what was prepared. The first group is out already, so a store that stumbles is asked again.

        Not once the client is about to give up: it would not hear the answer.
        """
        trouble = Unavailable("store")
        for pause in _COMMIT_PAUSES:
            if pause and asyncio.get_running_loop().time() + pause >= self.commit_until:
                break
            await asyncio.sleep(pause)
            try:
                return await asyncio.to_thread(self.store.commit, prepared, sent, self._notice(), owed)
            except Unavailable as error:
                trouble = error
        with contextlib.suppress(Unavailable):
            await asyncio.to_thread(self.store.abort, prepared)
        raise trouble

    async def _send_alone(self, group: Disposition) -> dict[int, Reply]:
        """Forward one group; gives the next hop's own answer for each recipient it did not take."""
        recipients = self.work.recipients(group.recipients)
        intent = None
        try:
            intent = await self._disclosing.intend(recipients)
            answers = await self._deliver(group)
        except Unavailable as error:
            await self._disclosing.conclude(intent, interrupted(error, recipients))
            return self._put_off(error, group.recipients)
        await self._disclosing.conclude(intent, answered(recipients, answers.values()))
        taken = [index for index, answer in answers.items() if answer.accepted]
        self._note(group, taken)
        for index in answers.keys() - set(taken):
            self.outcomes[index] = "refused" if answers[index].permanent else "delayed"
        return {index: mirror(answer) for index, answer in answers.items() if not answer.accepted}

    async def _hold_alone(self, holds: Sequence[Disposition]) -> dict[int, Reply]:
        """Hold, and queue the notice with it; without anything to hold the notice is queued by itself."""
        if not holds:
            if set(self.outcomes.values()) - {"delayed", "refused"}:
                await self._queue_notice()  # else all of it is still the client's, and there is nothing to tell
            return {}
        members = [index for group in holds for index in group.recipients]
        bundles = [self._bundle(Purpose.HELD, group) for group in holds]
        try:
            await asyncio.to_thread(self.store.hold, self._message, bundles, self._notice())
        except Unavailable as error:
            return self._put_off(error, members)
        return {}

    def _put_off(self, error: Unavailable, members: Sequence[int]) -> dict[int, Reply]:
        """The client tries these recipients again."""
        envelope = self.work.envelope
        event(
            _LOG,
            "message.deferred",
            level=logging.WARNING,
            what=error.cause,
            stage="settling",
            ref=envelope.reference,
            queue_id=envelope.upstream_id,
            recipients=len(members),
        )
        self.outcomes |= dict.fromkeys(members, "delayed")
        return dict.fromkeys(members, self._again(error))

    async def _open_groups(self) -> tuple[list[Disposition], list[Disposition]]:
        """(to send, to hold): the dispositions, without the recipients an earlier try has settled.

        Unavailable when it is too late for either: the client is about to give up, and would not hear the answer.
        """
        if asyncio.get_running_loop().time() >= self.deadline.dot:
            raise Unavailable("deadline")
        recipients = self.work.envelope.recipients
        if self.work.envelope.upstream_id:
            known = self.store.settled_at_once(self.work.key, recipients)
            if known is None:
                known = await asyncio.to_thread(self.store.settled, self.work.key, recipients)
            states = {index: known[each.address] for index, each in enumerate(recipients) if each.address in known}
            self.earlier = {index: "delivered" if state in _GONE else "held" for index, state in states.items()}
        groups = []
        for group in self.work.judgement.dispositions:
            members = tuple(index for index in group.recipients if index not in self.earlier)
            if members:
                groups.append(Disposition(members, group.held, group.edits))
        return [group for group in groups if not group.held], [group for group in groups if group.held]

    def _bundle(self, purpose: Purpose, group: Disposition) -> Bundle:
        state: Outcome = "held" if purpose is Purpose.HELD else "changed" if group.edits else "delivered"
        self.outcomes |= dict.fromkeys(group.recipients, state)
        return self.work.bundle(purpose, group, group.recipients)

    def _note(self, group: Disposition, taken: Iterable[int]) -> None:
        self.outcomes |= dict.fromkeys(taken, "changed" if group.edits else "delivered")

    async def _deliver(self, group: Disposition) -> dict[int, Reply]:
        """The next hop's answer for each recipient of the group. Raises Unavailable."""
        if self.session is None:
            self.session = await self._another_session()
        work = self.work
        try:
            answers = await self.session.deliver(
                work.envelope.sender,
                work.envelope.parameters,
                work.recipients(group.recipients),
                (work.trace, work.content(group)),
                self.deadline,
            )
        except Unavailable:
            self.answers["lost"] += 1
            raise
        self.answers.update(f"{answer.code // 100}xx" for answer in answers)
        each = answers if len(answers) == len(group.recipients) else answers * len(group.recipients)
        return dict(zip(group.recipients, each, strict=True))

    async def _another_session(self) -> NextHopSession:
        try:
            async with asyncio.timeout_at(self.deadline.dot):
                return await self.forwarder.acquire()
        except TimeoutError:
            raise Unavailable("deadline") from None

    async def _queue_notice(self) -> None:
        """After the message is settled: a store that fails now must not make the client send it again."""
        waiting = self._notice()
        if waiting is None:
            return
        try:
            await asyncio.to_thread(self.store.queue_notice, self._message, waiting)
        except Unavailable as error:
            failure(_LOG, "notice.lost", error, ref=self.work.envelope.reference)

    async def _let_go(self) -> None:
        session, self.session = self.session, None
        if session is not None:
            await session.release()

    def _notice(self) -> Notice | None:
        work = self.work
        return notice(work.envelope, work.fields, work.judgement, self.outcomes, work.campus)

    @property
    def _disclosing(self) -> Disclosing:
        return Disclosing(self.store, self._message, self.work.disclosures, self.commit_until)

    @property
    def _message(self) -> Message:
        return Message(self.work.key, self.work.envelope)

    def _done(self, index: int | None = None) -> Reply:
        """What became of one recipient, or of all, now or in an earlier try."""
        all_states = self.earlier | self.outcomes
        states = list(all_states.values()) if index is None else [all_states[index]]
        held = states.count("held")
        what = "changed and forwarded" if "changed" in states else "forwarded"
        if held:
            what = "held" if held == len(states) else f"{what}, {held} held"
        return Reply(250, "2.0.0", f"{what} {self.work.envelope.reference}")

    def _again(self, error: Unavailable) -> Reply:
        code, enhanced = (452, "4.3.1") if error.storage else (451, "4.3.0")
        return Reply(code, enhanced, f"{TRY_AGAIN}, ref {self.work.envelope.reference}")
