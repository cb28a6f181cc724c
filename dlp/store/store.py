"""The store: everything durable, behind plain calls that are each one database transaction.

Takes values, gives values. Calls block: run them in a thread. Every call may raise Unavailable, and then nothing of it
has happened (or, when the database was lost while committing, a retry merges with it). Open it after the last fork.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta

from dlp.errors import Unavailable
from dlp.failpoints import reach
from dlp.store import (
    astray,
    audit,
    contents,
    copies,
    errands,
    failures,
    incidents,
    listing,
    moves,
    outbox,
    recorded,
    recovery,
    reread,
    tracing,
)
from dlp.store.access import LEASE
from dlp.store.errands import Turn
from dlp.store.incidents import Incident
from dlp.store.permissions import Permissions
from dlp.store.records import (
    Act,
    Asked,
    AuditRow,
    BadAudit,
    Bundle,
    Claim,
    Counts,
    DueNotice,
    Figures,
    Filter,
    HeldCopy,
    Kept,
    Message,
    NewCopy,
    Notice,
    Prepared,
    ProbeSeen,
    Recorded,
    Story,
)
from dlp.store.recovery import Recovered
from dlp.store.sealing import Packed, pack
from dlp.store.states import Purpose, State
from dlp.store.troubles import named_troubles, no_file
from dlp.values import Action, Judgement, Recipient


class Store(Permissions):
    """One process's access to the store. Safe to share between its threads."""

    # -- keeping copies

    def hold(self, message: Message, bundles: Sequence[Bundle], notice: Notice | None = None) -> Kept:
        """Keep copies durably and visibly, queue the notice (None: the daily digest tells of the held ones).

        A recipient settled before under the same message key keeps its state and makes no second row or notice.
        """
        parts = self._pack(message, bundles)
        with self._writing() as work:
            return copies.hold(work, message, parts, notice)

    def prepare(self, message: Message, bundles: Sequence[Bundle], lease: timedelta = LEASE) -> Prepared:
        """Keep copies durably but invisibly, before the forward. End it by `commit` or `abort`."""
        parts = self._pack(message, bundles)
        prepared = None
        try:
            with named_troubles():
                with self._writing() as work:
                    prepared = copies.prepare(work, message, parts, lease)
                reach("prepare.done")
        except Unavailable:
            if prepared is not None:  # it may have been committed all the same, and would keep the next try waiting
                with suppress(Unavailable):
                    self.abort(prepared)
            raise
        return prepared

    def commit(
        self, prepared: Prepared, sent: Iterable[Recipient] = (), notice: Notice | None = None, owed: Sequence[Bundle] = ()
    ) -> None:
        """Make prepared copies visible, keep what is owed, remember whom the message was forwarded to, queue the notice."""
        parts = self._pack(prepared.message, owed)
        with self._writing() as work:
            copies.commit(work, prepared, sent, notice, parts)

    def abort(self, prepared: Prepared) -> None:
        """Erase what was prepared."""
        with self._writing() as work:
            copies.abort(work, prepared)

    def settled(self, key: bytes, recipients: Iterable[Recipient]) -> Mapping[str, State]:
        """Addresses of this message that are held, owed, sent or decided already: answer 250 and do nothing."""
        with self._reading() as work:
            return copies.settled(self._keys, copies.states(work, key), recipients)

    def settled_at_once(self, key: bytes, recipients: Iterable[Recipient]) -> Mapping[str, State] | None:
        """The same for the event loop, waiting for nobody; None when only `settled` can tell."""
        try:
            reach("key.lookup")
        except OSError as error:
            raise no_file(error, "read") from None
        states = self._glance.states(key.hex()) if self._glance else None
        return None if states is None else copies.settled(self._keys, states, recipients)

    def count_failure(self, key: bytes) -> int:
        """Reading or judging the message with this `Keys.retry_key` failed once more; gives how often so far."""
        with self._writing() as work:
            return failures.count(work, key)

    # -- looking

    def held(self, wanted: Filter | None = None) -> tuple[HeldCopy, ...]:
        with self._reading() as work:
            return listing.find(work, wanted or Filter())

    def by_reference(self, reference: str) -> tuple[HeldCopy, ...]:
        """Every held or owed copy under a reference in its one spelling (`keys.parse_reference`), whatever its state."""
        with self._reading() as work:
            return listing.by_reference(work, reference)

    def content(self, copy: HeldCopy) -> bytes:
        """Exactly the bytes that were kept. Damaged when they are not; then nothing of them may be sent."""
        with self._reading() as work:
            return contents.read(work, copy.content)

    def counts(self) -> Counts:
        with self._reading() as work:
            return listing.counts(work)

    # -- sending kept copies

    def claim_release(self, copy_id: str, act: Act, lease: timedelta = LEASE, *, right: str | None = None) -> Claim | None:
        """Take one held or refused copy for release. None when somebody else has it, or it is released or denied.

        `right`: the one that was agreed to, "" for none; None too when more has been found since, and it is another.
        """
        with self._writing() as work:
            return moves.claim_release(work, copy_id, act, lease, right)

    def claim_due(self, purpose: Purpose, limit: int = 10, lease: timedelta = LEASE) -> tuple[Claim, ...]:
        """Take releases to be tried again (HELD) or owed copies (OWED) whose time has come."""
        with self._writing() as work:
            return moves.claim_due(work, purpose, limit, lease)

    def settle(
        self, claim: Claim, state: State, *, not_before: datetime | None = None, why: str = "", notice: Notice | None = None
    ) -> bool:
        """Write how a claimed attempt ended: RELEASED, HELD_RETRY, RELEASE_FAILED; or SENT, OWED, REFUSED.

        False when the lease ended and another process has it now. `why` is a closed word or a reply code. `notice` tells
        the sender of a refusal; without one the daily digest tells of it.
        """
        with self._writing() as work:
            return moves.settle(work, claim, state, not_before=not_before, why=why, notice=notice)

    def deny(self, copy_id: str, act: Act, notice: Notice | None = None) -> bool:
        """Give a held or refused copy up and erase its bytes; `notice` tells the sender. False when it cannot be denied."""
        with self._writing() as work:
            return moves.deny(work, copy_id, act, notice)

    def note(self, copy_id: str, act: Act, *, disputed: bool = False) -> None:
        """Write beside a copy what somebody says of it, or that a person disputes it (R63); whatever its state."""
        with self._writing() as work:
            moves.note(work, copy_id, act, disputed=disputed)

    def viewed(self, copy_id: str, act: Act) -> None:
        """Write down that somebody looks into a copy: before they do."""
        with self._writing() as work:
            moves.viewed(work, copy_id, act)

    def found(self, copy_id: str, found: NewCopy, act: Act) -> bool:
        """Put what a further reading found beside why a copy is on hold; its right only rises. False: nothing new."""
        with self._writing() as work:
            return reread.add(work, copy_id, found, act)

    def overdue(self, before: datetime, limit: int = 1000) -> tuple[HeldCopy, ...]:
        """Copies nobody decided about by their deadline, if that is not after `before`; the longest overdue first."""
        with self._reading() as work:
            return listing.overdue(work, before, limit)

    def give_back(self, copy_id: str, notice: Notice | None) -> bool:
        """End an overdue copy and erase its bytes; without a notice the daily digest tells. False when somebody decided."""
        with self._writing() as work:
            return moves.give_back(work, copy_id, notice)

    # -- telling

    def queue_notice(self, message: Message, notice: Notice) -> None:
        """Queue a notice for a message that keeps nothing, such as a warning; merged as those of `hold` are."""
        with self._writing() as work:
            outbox.queue(work, message.key, message.envelope.reference, notice)

    def claim_notices(self, limit: int = 10, lease: timedelta = LEASE) -> tuple[DueNotice, ...]:
        with self._writing() as work:
            return outbox.claim(work, limit, lease)

    def notice_sent(self, notice: DueNotice) -> bool:
        with self._writing() as work:
            return outbox.sent(work, notice)

    def notice_failed(self, notice: DueNotice, retry_at: datetime | None) -> bool:
        """Try again at `retry_at`, or give up (None): the daily digest then tells of the holds it was about."""
        with self._writing() as work:
            return outbox.failed(work, notice, retry_at)

    def undigested(self) -> tuple[HeldCopy, ...]:
        """Copies on hold whose sender could not be told and that no digest told of yet."""
        with self._reading() as work:
            return listing.undigested(work)

    def mark_digested(self, copy_ids: Collection[str]) -> None:
        with self._writing() as work:
            moves.mark_digested(work, copy_ids)

    def add_incident(self, message: Message, department: str, actions: Mapping[str, Collection[str]]) -> None:
        """Note for the steward of the sender's department what was done, with the codes of each action."""
        with self._writing() as work:
            incidents.add(work, message, department, actions)

    def incidents(self, before: datetime) -> tuple[Incident, ...]:
        """What no steward was told yet, by department, oldest first."""
        with self._reading() as work:
            return incidents.untold(work, before)

    def forget_incidents(self, ids: Collection[str]) -> None:
        with self._writing() as work:
            incidents.forget(work, ids)

    def claim_errand(self, name: str, day: date, lease: timedelta = LEASE) -> Turn:
        """Whether it is for this clerk to do what is done once a day by one of all nodes."""
        with self._writing() as work:
            return errands.claim(work, name, day, lease)

    def end_errand(self, name: str, day: date, again: datetime | None = None) -> None:
        """It is done for that day, or to be tried again then."""
        with self._writing() as work:
            errands.end(work, name, day, again)

    # -- looking after it

    def recover(self, limit: int = 100) -> Recovered:
        """Put right what processes that are gone have left behind, a bounded part of it."""
        with self._reading() as work:
            owners, late, orphans = recovery.gone(work), recovery.has_late(work), recovery.orphans(work, limit)
            old = [each for each in (failures, astray, incidents) if each.has_old(work)]
        aborted = due = doubtful = swept = 0
        if owners or late:
            with self._writing() as work:
                aborted, due, doubtful = recovery.recover(work, owners, limit)
        if orphans:
            with self._writing() as work:
                swept = recovery.sweep(work, orphans)
        for each in old:
            with self._writing() as work:
                each.sweep(work)
        self._owner.sweep()
        return Recovered(aborted, due, swept, doubtful)

    def without_bytes(self, limit: int = 100) -> tuple[tuple[str, str], ...]:
        """(id, reference) of copies whose bytes are missing although they are needed."""
        with self._reading() as work:
            return recovery.without_bytes(work, limit)

    def check(self) -> timedelta:
        """Write and sync something; gives how far this clock is behind what was written before (negative: ahead)."""
        with self._writing() as work:
            return recovery.check_in(work)

    # -- the audit chain

    def observe(self, reference: str, judgement: Judgement) -> None:
        """Record the verdicts that observe mode did not act on."""
        with self._writing() as work:
            audit.observe(work, reference, judgement)

    def record_probe(self, nonce: str, action: Action, reference: str) -> None:
        """Record that the test string carrying `nonce` arrived and led to this action."""
        with self._writing() as work:
            audit.record_probe(work, nonce, action.word, reference)

    def probes(self, nonce: str) -> tuple[ProbeSeen, ...]:
        with self._reading() as work:
            return audit.probes(work, nonce)

    def recorded(self, asked: Asked) -> Recorded:
        """What was done, and by whom, in order of time. Refused where `about` is neither a reference nor a known consent."""
        with self._reading() as work:
            return recorded.find(work, asked)

    def verify_audit(self, node: str | None = None) -> BadAudit | None:
        """The first bad row of one node's chain, or of all nodes'; None when every chain is whole."""
        with self._reading() as work:
            return audit.verify(work, node)

    # -- seeing it

    def figures(self) -> Figures:
        """What waits in the store, for the metrics page."""
        with self._reading() as work:
            return listing.figures(work)

    def audit_since(self, seq: int, limit: int = 5000) -> tuple[AuditRow, ...]:
        """This node's audit rows after `seq`, oldest first."""
        with self._reading() as work:
            return audit.since(work, seq, limit)

    def trace_address(self, address: str, since: datetime) -> tuple[Story, ...]:
        """Messages from or to this address, or of which it was told, newest first."""
        with self._reading() as work:
            return tracing.by_address(work, address, since)

    def trace_queue_id(self, queue_id: str, since: datetime) -> tuple[Story, ...]:
        """Messages that came under this MTA's queue id."""
        with self._reading() as work:
            return tracing.by_queue_id(work, queue_id, since)

    def trace_reference(self, reference: str) -> tuple[Story, ...]:
        with self._reading() as work:
            return tracing.by_reference(work, reference)

    def _pack(self, message: Message, bundles: Sequence[Bundle]) -> list[tuple[Bundle, Packed]]:
        return [(bundle, pack(self._keys, message.key.hex(), bundle.role, bundle.content)) for bundle in bundles]
