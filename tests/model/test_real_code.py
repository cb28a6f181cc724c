"""The real code under the moves the model knows: Hypothesis chooses messages, troubles, deaths, releases and rounds.

A node that dies loses its connection and its locks, and another takes its place on the same store. After each step, and once
more when all trouble is over, nothing is lost, leaked, left behind, or doubled more often than the troubles between our dot
and our reply allow.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections import Counter
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import func, select

from dlp import holds
from dlp.errors import Refused, Unavailable
from dlp.sink import Script
from dlp.store import Store
from dlp.store.records import Filter
from dlp.store.schema import content, copy
from dlp.store.states import State
from tests.promises import RAW, surveyed
from tests.store.samples import KEYS, OFFICER, URL
from tests.test_settlement import FATES, HOPS
from tests.upstream import FaultyStore, Post, posted

pytestmark = pytest.mark.servers  # none is started, but it takes too long for `make check`

PROGRAMS = int(os.environ.get("PROGRAMS", "60"))
CALLS = ("hold", "prepare", "commit", "abort", "settled", "queue_notice")
SENT = frozenset({State.SENT, State.RELEASED})
ENDED = frozenset(
    {State.DENIED, State.RETURNED, State.REFUSED}
)  # by somebody's word or nobody's, or because the next hop would not take it
LATER_TROUBLES = ("ok", "ok", "fresh-mail-4xx", "data-drop", "dot-4xx", "dot-5xx", "dot-drop", "dot-nonsense")
TROUBLES = tuple(name for name in HOPS if name != "dot-silent")  # it costs a time-out each


class NodeDies(Exception):  # noqa: N818  an event
    """SIGKILL, as far as one process can play it: nothing of this transaction runs on."""


class MortalStore(FaultyStore):
    """`faults` may also be "dies" (before its work) or "dies-after"."""

    def __getattr__(self, name: str) -> Any:
        if not self.faults.get(name, "").startswith("dies"):
            return super().__getattr__(name)
        after = self.faults.pop(name) == "dies-after"
        real = getattr(self._store, name)

        def dying(*arguments: object, **named: object) -> None:
            if after:
                real(*arguments, **named)
            raise NodeDies

        return dying


@dataclass(slots=True)
class Mail:
    """One message of the client: whom it still owes, and how often a copy may be doubled."""

    upstream_id: str
    recipients: tuple[str, ...]
    codes: dict[str, int] = field(default_factory=dict)
    doubles: int = 0
    released: set[str] = field(default_factory=set)

    def waiting(self) -> list[str]:
        return [each for each in self.recipients if self.codes.get(each, 451) == 451]


class Filtering(RuleBasedStateMachine):
    """One client, nodes that come and go, one next hop."""

    lmtp = False

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.stack = AsyncExitStack()
        self.folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.post: Post = self.run(self.stack.enter_async_context(posted(self.folder, lmtp=self.lmtp)))
        self.post.tools = replace(self.post.tools, store=MortalStore(self.store, {}))
        self.mails: list[Mail] = []

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(asyncio.wait_for(work, 60))

    @property
    def store(self) -> Store:
        """The store of the node that takes the next message."""
        kept: Any = self.post.tools.store
        return kept._store if isinstance(kept, FaultyStore) else kept

    def teardown(self) -> None:
        """All trouble is over: what was promised arrives, what is held stays."""
        try:
            self.trouble({})
            for _ in range(4):
                for mail in self.mails:
                    self.attempt(mail, {}, {})
                self.post.clock.forward(hours=5)
                self.recover()
                self.clerk()
            self.nothing_is_lost_leaked_or_doubled()
            self.nothing_is_left_behind()
            for mail in self.mails:
                for address in mail.recipients:
                    assert mail.codes[address] in (250, 550), "the client never came to an end"
                    if mail.codes[address] == 250 and not address.startswith("hold"):
                        assert self.copies(mail, address) or self.decided(mail, address), "LOST"
        finally:
            self.replace_node()
            self.store.close()
            self.run(self.stack.aclose())
            self.loop.close()

    # What happens

    @rule(fate=st.sampled_from(sorted(FATES)))
    @precondition(lambda self: len(self.mails) < 3)
    def a_message_comes(self, fate: str) -> None:
        self.mails.append(Mail(f"Q{len(self.mails)}", FATES[fate]))

    @rule(
        which=st.integers(0, 2),
        hop=st.sampled_from(("ok", "ok", *TROUBLES)),
        call=st.sampled_from(("", "", *CALLS)),
        how=st.sampled_from(("before", "after", "dies", "dies-after")),
    )
    @precondition(lambda self: any(mail.waiting() for mail in self.mails))
    def the_client_tries(self, which: int, hop: str, call: str, how: str) -> None:
        waiting = [mail for mail in self.mails if mail.waiting()]
        mail = waiting[which % len(waiting)]
        unwritten = call == "commit" and how in ("before", "dies")
        mail.doubles += HOPS[hop].lost or unwritten or (call == "queue_notice" and how.startswith("dies"))
        self.attempt(mail, HOPS[hop].script, {call: how} if call else {})

    @rule(which=st.integers(0, 2), hop=st.sampled_from(LATER_TROUBLES))
    @precondition(lambda self: self.mails)
    def an_officer_releases(self, which: int, hop: str) -> None:
        mail = self.mails[which % len(self.mails)]
        self.trouble(HOPS[hop].script)
        for held in self.held_of(mail):
            mail.doubles += HOPS[hop].lost
            mail.released.add(held.recipient.address)
            sender = self.post.release_sender()
            self.suppressed(holds.release(self.store, sender.deliver, held.reference, OFFICER, held.recipient.address))
        self.trouble({})

    @rule(which=st.integers(0, 2))
    @precondition(lambda self: self.mails)
    def an_officer_denies(self, which: int) -> None:
        for held in self.held_of(self.mails[which % len(self.mails)])[:1]:
            holds.deny(self.store, held.reference, OFFICER, held.recipient.address)

    @rule()
    @precondition(lambda self: self.mails)
    def nobody_decides_in_time(self) -> None:
        self.post.clock.forward(days=8)
        holds.expire(self.store, holds.nobody, self.post.clock.now)

    @rule(minutes=st.sampled_from((1, 20, 300)))
    def time_passes(self, minutes: int) -> None:
        self.post.clock.forward(minutes=minutes)

    @rule()
    def recover(self) -> None:
        self.store.recover(100)

    @rule(hop=st.sampled_from(LATER_TROUBLES))
    def the_clerk_works(self, hop: str) -> None:
        for mail in self.mails:
            mail.doubles += HOPS[hop].lost
        self.trouble(HOPS[hop].script)
        self.clerk()
        self.trouble({})

    def clerk(self) -> None:
        sender = self.post.release_sender()
        self.suppressed(holds.due_owed(self.store, sender.deliver, holds.nobody))
        self.suppressed(holds.due_releases(self.store, sender.deliver))

    # What must hold

    @invariant()
    def nothing_is_lost_leaked_or_doubled(self) -> None:
        for mail in self.mails:
            rows = self.rows(mail)
            for address in mail.recipients:
                copies = self.copies(mail, address)
                if mail.codes.get(address) == 250:
                    assert copies or rows.get(address, State.SENT) not in SENT, "LOST"
                if address.startswith("hold"):
                    assert not copies or address in mail.released, "LEAKED"
                assert copies <= 1 + mail.doubles, "DUP"

    def nothing_is_left_behind(self) -> None:
        with self.store._engine.connect() as connection:
            prepared = connection.scalar(select(func.count()).select_from(copy).where(copy.c.state == State.PREPARED))
            used = select(copy.c.content).where(copy.c.content.is_not(None))
            unused = connection.scalar(select(func.count()).select_from(content).where(content.c.id.not_in(used)))
        assert not prepared, "a prepared copy of nobody"
        assert not unused, "ORPHAN"

    # How

    def attempt(self, mail: Mail, script: Script, faults: dict[str, str]) -> None:
        waiting = mail.waiting()
        if not waiting:
            return
        self.trouble(script)
        self.post.tools.store.faults.update(faults)
        try:
            codes = self.run(self.post.send(waiting, raw_of(mail), upstream_id=mail.upstream_id))
        except NodeDies:
            codes = dict.fromkeys(waiting, 451)
            self.replace_node()
        self.post.tools.store.faults.clear()
        self.trouble({})
        mail.codes |= codes

    def replace_node(self) -> None:
        """The dead one's locks are gone with it; another process takes over."""
        dead: Any = self.store
        dead.close()
        dead.close = lambda: None  # the end of the test closes the first one
        fresh = Store.open(URL, self.folder, KEYS, clock=self.post.clock)
        self.post.tools = replace(self.post.tools, store=MortalStore(fresh, {}))

    def trouble(self, script: Script) -> None:
        self.post.sink.play(script)

    def suppressed(self, work: Any) -> None:
        with suppress(Unavailable, Refused):
            self.run(work)

    def held_of(self, mail: Mail) -> list[Any]:
        found = self.store.held(Filter(states=frozenset({State.HELD, State.REFUSED, State.RELEASE_FAILED})))
        return [each for each in found if each.upstream_id == mail.upstream_id]

    def rows(self, mail: Mail) -> dict[str, State]:
        every = self.store.held(Filter(states=frozenset(State)))
        return {each.recipient.address: each.state for each in every if each.upstream_id == mail.upstream_id}

    def decided(self, mail: Mail, address: str) -> bool:
        return self.rows(mail).get(address) in ENDED

    def copies(self, mail: Mail, address: str) -> int:
        mine = Counter(raw.partition(b"Message-ID: ")[2].partition(b"\r\n")[0] for raw in self.post.arrived(address))
        return mine[message_id(mail)]


class FilteringLmtp(Filtering):
    lmtp = True


def message_id(mail: Mail) -> bytes:
    return f"<{mail.upstream_id}@campus.example>".encode()


def raw_of(mail: Mail) -> bytes:
    return RAW.replace(b"<1@campus.example>", message_id(mail))


@pytest.fixture(autouse=True)
def by_local_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dlp.transaction.survey", surveyed)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("machine", [Filtering, FilteringLmtp], ids=["smtp", "lmtp"])
def test_every_program_keeps_the_promises(machine: type[Filtering]) -> None:
    settled = settings(max_examples=PROGRAMS, stateful_step_count=25, suppress_health_check=list(HealthCheck), derandomize=True)
    run_state_machine_as_test(machine, settings=settled)
