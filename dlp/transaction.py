"""One mail transaction: read, judge, split, then forward, hold or owe, and only then reply.

Takes the conversation a front end had and the message; gives its replies. 250 means forwarded and acknowledged,
durably held, or durably owed, and nothing else. Our own trouble is Unavailable (451). The unit of identity is
(upstream id, recipient): a retry finds what was already settled and does neither hold nor send it twice.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from dlp.account import account, people
from dlp.admission import Admission
from dlp.arc import sealed
from dlp.campus.directory import Directory
from dlp.errors import Unavailable
from dlp.events import event, failure
from dlp.forward import Deadline, Forwarder, NextHopSession, has_smtputf8, hops, mirror, trace_field
from dlp.intake import Conversation, Features
from dlp.keys import Keys, reference
from dlp.lanes import Lanes, at_once
from dlp.mail.reading import Head, read_head
from dlp.pipeline import Known, Survey, alike, edits_of, hold_rewrites, hold_unreadable, proven, survey
from dlp.policy.facts import Facts
from dlp.policy.judge import passes_unread
from dlp.recording import Aside, first, record, to_record
from dlp.rewrite.apply import apply, without
from dlp.rewrite.signatures import broken_by
from dlp.ruleset import Rules
from dlp.sender import IdentityRules, identify
from dlp.settlement import Content, Settlement, Work
from dlp.signing import CannotSign, Signer
from dlp.splitting import MilterSettlement, Way
from dlp.store import Store
from dlp.values import Clock, Envelope, HeaderField, Judgement, Recipient, Reply, Texts

_LOG = logging.getLogger("dlp.transaction")

OUR_HOPS, ALL_HOPS = 25, 50  # Received fields a message may carry (reliability.md g.1)
_HASHED = 16  # times as many bytes are hashed in the time others are read
TRIES = 3  # of a message that cannot be judged; then it is held
_BLAMED = frozenset({"scan", "deadline"})  # causes that may lie in the message
LOOP = Reply(554, "5.4.6", "this message has been here too often")


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds the client waits for the answer to its dot, and what of that we use (reliability.md f.1)."""

    lmtp: float
    smtp: float
    milter: float = 300.0

    def shares(self, began: float, front: str) -> tuple[float, Deadline, float]:
        """Until when to read, the deadline of forwarding, and until when to begin another try at writing down how it ended."""
        total: float = getattr(self, front)
        return began + 0.4 * total, Deadline(began + 0.7 * total, began + 0.8 * total), began + 0.9 * total


@dataclass(frozen=True, slots=True)
class _Judged:
    """What was found out about a message."""

    fields: tuple[HeaderField, ...]
    judgement: Judgement
    edited: Content
    lane: str
    aside: Aside = Aside()  # noqa: RUF009  frozen


@dataclass(frozen=True, slots=True)
class Tools:
    """What a transaction works with; `rules` gives those in force now."""

    rules: Callable[[], Rules]
    identity: IdentityRules
    lanes: Lanes
    forwarder: Forwarder
    store: Store
    keys: Keys
    clock: Clock
    hostname: str
    admission: Admission
    patience: Patience
    signer: Callable[[], Signer] | None = None  # raises Unavailable while its keys cannot be read; None = nothing is signed
    directory: Callable[[], Directory | None] = lambda: None  # the campus snapshot in force; None = nobody is known
    arc: str = ""  # the authserv-id whose results an ARC set on a changed message repeats; "" = no such set
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def later(self, work: Coroutine[None, None, None]) -> None:
        """Do this beside the reply; what is lost when the process ends was only for the record."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


@dataclass(frozen=True, slots=True)
class Relay:
    """Opens transactions for the front ends (dlp.intake.Intake)."""

    tools: Tools

    async def features(self) -> Features:
        return await self.tools.forwarder.features()

    def open(self, conversation: Conversation) -> MailTransaction:
        return MailTransaction(self.tools, conversation)


@dataclass(slots=True)
class MailTransaction:
    """State of one transaction between MAIL and the reply after the dot (dlp.intake.Transaction)."""

    tools: Tools
    conversation: Conversation
    sender: str = ""
    parameters: tuple[str, ...] = ()
    recipients: list[Recipient] = field(default_factory=list)
    session: NextHopSession | None = None
    envelope: Envelope | None = None  # once the message is here
    stage: str = "envelope"  # then reading, settling: where it is
    reached: float = 0.0  # when the message was here, then when the last stage ended
    stages: dict[str, float] = field(default_factory=dict)  # milliseconds each of them took
    way: Callable[[], Way] = lambda: Way.STORE  # over a milter, where not all recipients get the same
    goes_on: Content | None = None  # over a milter: what the MTA goes on with; None = the message is ours
    left_out: tuple[int, ...] = ()  # and the recipients who are not the MTA's

    def facts(self) -> Mapping[str, object]:
        known: dict[str, object] = {"queue_id": self.conversation.upstream_id, "stage": self.stage}
        if self.recipients:
            known["recipients"] = len(self.recipients)
        if self.envelope is not None:
            known |= {"ref": self.envelope.reference} | people(self.envelope, self.tools.keys)
        return known

    async def mail(self, sender: str, parameters: tuple[str, ...], ahead: tuple[Recipient, ...] = ()) -> Reply:
        """The next hop's answer to MAIL FROM, in our words. Raises Unavailable."""
        await self.tools.admission.ask()
        self.sender, self.parameters = sender, parameters
        self.session = await self.tools.forwarder.acquire()
        self.session.xforward(self.conversation.client, self.conversation.upstream_id)
        return mirror(await self.session.mail(sender, parameters, ahead))

    async def rcpt(self, recipient: Recipient) -> Reply:
        """The next hop's answer to RCPT TO, in our words. Raises Unavailable."""
        assert self.session is not None, "MAIL comes first"
        reply = mirror(await self.session.rcpt(recipient))
        if reply.accepted:
            self.recipients.append(recipient)
        return reply

    async def accept(self, raw: Content) -> tuple[Reply, ...]:
        """Judge and settle. Raises Unavailable for what concerns the whole message."""
        self.reached, self.stage, front = asyncio.get_running_loop().time(), "reading", self.conversation.front
        read_until, deadline, commit_until = self.tools.patience.shares(self.reached, front)
        head = read_head(raw, self.tools.lanes.limits)
        fields = head.fields
        key, envelope = await at_once(lambda: self._identify(raw, fields), len(raw) / _HASHED)
        self.envelope = envelope
        if _loops(fields, self.tools.hostname):
            return (LOOP,) * (len(self.recipients) if self.conversation.lmtp else 1)
        rules = self.tools.rules()
        try:
            judged = await self._judge(key, envelope, raw, head, rules, read_until)
        except Exception as error:  # noqa: BLE001  our own code stumbling over this message, every time
            judged = await self._hold_third_time(error, envelope, raw, fields, rules)
        self._timed("judge")
        work = Work(
            key=key,
            envelope=envelope,
            fields=judged.fields,
            judgement=judged.judgement,
            raw=raw,
            edited=judged.edited,
            trace=b"" if front == "milter" else self._trace(envelope),
            campus=rules.campus,
            disclosures=judged.judgement.allowed,
        )
        session, self.session = self.session, None
        told = (self.tools.store, self.tools.forwarder, work, session, deadline, commit_until)
        asked = MilterSettlement(*told, way=self.way) if front == "milter" else None
        settlement = asked or Settlement(*told)
        self.stage = "settling"
        replies: tuple[Reply, ...] = ()
        try:
            if asked is not None:
                replies = await asked.over_milter()
                self.goes_on, self.left_out = work.content(asked.rides) if asked.rides else None, asked.left_out
            else:
                replies = await (settlement.over_lmtp() if front == "lmtp" else settlement.over_smtp())
        finally:
            self._timed("settle")
            facts = account(work, settlement, replies, self.stages) | people(envelope, self.tools.keys)
            event(_LOG, "message.judged", front=front, lane=judged.lane, **facts)
            new = any(reply.accepted for reply in replies) and bool(set(settlement.outcomes.values()) - {"delayed", "refused"})
            if writes := to_record(self.tools.store, work, judged.aside if new else Aside()):
                self.tools.later(record(writes, envelope.reference))
        return replies

    async def close(self) -> None:
        """Give the next-hop connection back. Safe to call twice."""
        session, self.session = self.session, None
        if session is not None:
            await session.release()

    def _identify(self, raw: Content, fields: tuple[HeaderField, ...]) -> tuple[bytes, Envelope]:
        upstream = self.conversation.upstream_id
        told = _told(raw, fields)
        key = self.tools.keys.message_key(self._same_at_every_try(*told), self.sender, *told)
        origin, login = identify(self.sender, self.conversation.client, fields, self.tools.identity, self.conversation.login)
        return key, Envelope(
            reference=reference(key),
            upstream_id=upstream,
            sender=self.sender,
            parameters=self.parameters,
            recipients=tuple(self.recipients),
            client=self.conversation.client,
            received_at=self.tools.clock(),
            origin=origin,
            login=login,
        )

    def _same_at_every_try(self, message_id: str, date: str, _body: Content) -> str:
        """What a further try of the client has in common with this one, and no other message has: the upstream id.

        The MTA of a milter gives each try a queue id of its own. There it is the recipients, all of whom are named again, where
        the message has a Message-ID and a Date: who sends the same text a second time gives it others.
        """
        if self.conversation.milter and message_id and date:
            return "\n".join(["milter", *sorted(each.address for each in self.recipients)])
        return self.conversation.upstream_id

    async def _judge(self, key: bytes, envelope: Envelope, raw: Content, head: Head, rules: Rules, until: float) -> _Judged:
        """Read and judge; an edited copy is read and judged again before it counts."""
        if all(passes_unread(envelope, recipient.address, rules) for recipient in self.recipients):
            texts, lane = Texts(head.fields, (), ()), "unread"
        else:
            texts, lane = await self.tools.lanes.read(raw, head, until=until)
        self._timed("read")
        known = Known(self.tools.directory(), self.tools.keys.digest)
        size = math.inf if rules.matcher.backtracks else len(raw)  # with such patterns it may take long, whatever the size
        surveyed, judgement = await at_once(lambda: _judged(survey(envelope, texts, rules, raw, known)), size)
        if judgement.concerned or surveyed.series:
            addresses = tuple(recipient.address for recipient in self.recipients)
            asked = partial(self.tools.store.facts, judgement.concerned, addresses, key, surveyed.series)
            known = replace(known, facts=await asyncio.to_thread(asked))
        if known.facts != Facts():
            knowing = partial(surveyed.knowing, known.facts)
            surveyed, judgement = await at_once(lambda: _judged(knowing()), size)
        aside = Aside(surveyed.series, surveyed.department)
        edits = edits_of(judgement)
        if not edits:
            return _Judged(texts.fields, judgement, raw, lane, aside)
        edited = apply(raw, (*texts.fields, *texts.part_fields), edits)
        doubt = "read otherwise"
        if await at_once(lambda: alike(raw, edited, edits), len(raw)):
            doubt = "still telling"
            again, _ = await self.tools.lanes.read(edited, until=until)
            if proven(judgement, await at_once(lambda: survey(envelope, again, rules, edited, known).judgement(), size)):
                broken = broken_by(edits, again.fields, rules.campus.is_inside_domain)
                signed = await self._signed_again(edited, broken)
                if signed:
                    return _Judged(texts.fields, judgement, signed, lane, aside)
                doubt = "cannot be signed"
        event(_LOG, "rewrite.given_up", level=logging.WARNING, ref=envelope.reference, what=doubt)
        return _Judged(texts.fields, hold_rewrites(judgement), raw, lane, aside)

    async def _hold_third_time(
        self, error: Exception, envelope: Envelope, raw: Content, fields: tuple[HeaderField, ...], rules: Rules
    ) -> _Judged:
        """Count what failed on this message, and hold it at the third time. Raises Unavailable until then.

        Counted by content, so that it is found again under another upstream id, and for each chunk of recipients. What
        is no fault of this message's is not counted. There is no way from here to "pass".
        """
        cause = error.cause if isinstance(error, Unavailable) else "scan"
        if cause not in _BLAMED:
            raise error
        if not isinstance(error, Unavailable):
            failure(_LOG, "error", error, ref=envelope.reference)
        tried = await asyncio.to_thread(self._count_failure, raw, fields)
        if tried < TRIES:
            raise Unavailable(cause)
        event(_LOG, "message.unreadable", level=logging.ERROR, ref=envelope.reference, what=cause, count=tried)
        return _Judged(fields, hold_unreadable(envelope, rules), raw, "none")

    def _count_failure(self, raw: Content, fields: tuple[HeaderField, ...]) -> int:
        first = min(recipient.address for recipient in self.recipients)
        return self.tools.store.count_failure(self.tools.keys.retry_key(self.sender, first, *_told(raw, fields)))

    async def _signed_again(self, edited: bytes, broken: tuple[HeaderField, ...]) -> bytes:
        """The copy with our signature in place of those the edits broke, and our ARC set above where the site wants one.

        b"" when it cannot have the signature; the set is only a help to the receiver. Raises Unavailable.
        """
        if not broken and not self.tools.arc:
            return edited
        if self.tools.signer is None:
            return b""
        signer = await asyncio.to_thread(self.tools.signer)
        try:
            signed = await asyncio.to_thread(signer.signed, without(edited, broken)) if broken else edited
        except CannotSign:
            return b""
        if not self.tools.arc:
            return signed
        try:
            return await asyncio.to_thread(sealed, signed, signer, self.tools.arc)
        except CannotSign:
            return signed

    def _trace(self, envelope: Envelope) -> bytes:
        told = self.conversation
        extended = told.peer.protocol != "SMTP"
        protocol = told.peer.protocol + ("S" if told.encrypted and extended else "")  # RFC 3848 has no SMTPS
        if has_smtputf8(envelope.parameters):
            protocol = f"UTF8{protocol.removeprefix('E')}"  # RFC 6531 4.3
        return trace_field(told.helo, told.peer, self.tools.hostname, protocol, envelope.reference, envelope.received_at)

    def _timed(self, stage: str) -> None:
        """Note how long this stage took."""
        before, self.reached = self.reached, asyncio.get_running_loop().time()
        self.stages[stage] = round((self.reached - before) * 1000, 3)


def _judged(surveyed: Survey) -> tuple[Survey, Judgement]:
    return surveyed, surveyed.judgement()


def _told(raw: Content, fields: tuple[HeaderField, ...]) -> tuple[str, str, Content]:
    """What stays the same at every try: Message-ID, Date, and what follows the header."""
    return first(fields, "message-id"), first(fields, "date"), raw[fields[-1].span.end if fields else 0 :]


def _loops(fields: tuple[HeaderField, ...], hostname: str) -> bool:
    ours, every = hops(fields, hostname)
    return ours > OUR_HOPS or every > ALL_HOPS
