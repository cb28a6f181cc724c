"""An upstream MTA and a store with faults, as the tests of the transaction play them.

`Post` is a filter in this process: the real store and forwarder, a scripted sink as next hop, and one message sent the way
a front end does it. `FaultyStore` fails once where it is told to, before or after the work is done.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from dlp.admission import Admission, Room
from dlp.clerk import Sender
from dlp.errors import Unavailable
from dlp.forward import Forwarder, Timeouts, parse_hop
from dlp.intake import Conversation
from dlp.lanes import Lanes
from dlp.limits import Limits
from dlp.rules import load_rules
from dlp.ruleset import Campus, PolicySettings, Rules
from dlp.sender import IdentityRules, SenderIdentity
from dlp.signing import Signer
from dlp.sink import Sink
from dlp.store import Store
from dlp.store.migrate import migrate
from dlp.store.sqlite import FILE
from dlp.transaction import Patience, Relay, Tools
from dlp.values import Client, Recipient, Reply
from tests.store.samples import KEYS, URL, StandingClock

SENDER = "ann@campus.example"
DESK = Client(address="192.0.2.7", name="desk.campus.example")
CAMPUS = Campus(("campus.example",))
QUICK = Timeouts(place=2, connect=2, greeting=2, hello=2, mail=2, rcpt=2, data=2, block=2, dot=0.1, rset=2)
PLACES = 4
TRY_AGAIN = Reply(451, "4.3.0", "not judged, try again")
HOSTNAME = "filter.campus.example"
_OURS = re.compile(rb"\AReceived: [^\r]*\r\n(?:\t[^\r]*\r\n)*?\tby %s [^\r]*\r\n(?:\t[^\r]*\r\n)*" % HOSTNAME.encode())


class FaultyStore:
    """The real store; `faults` maps a method to "before" or "after": it raises Unavailable once, without or with its work.

    While "settled" is to fail the store cannot tell at once either.
    """

    def __init__(self, store: Store, faults: dict[str, str]) -> None:
        self._store = store
        self.faults = faults

    def __getattr__(self, name: str) -> Any:
        if name == "settled_at_once" and "settled" in self.faults:
            return lambda *_: None
        real = getattr(self._store, name)
        when = self.faults.pop(name, "")
        if not when:
            return real

        def failing(*arguments: object, **named: object) -> None:
            if when == "after":
                real(*arguments, **named)
            raise Unavailable("store")

        return failing


@dataclass(slots=True)
class Post:
    """A filter between the test and a sink."""

    tools: Tools
    sink: Sink
    clock: StandingClock
    lmtp: bool

    async def send(self, recipients: Sequence[str], raw: bytes, **told: Any) -> dict[str, int]:
        """One transaction as a front end runs it; each recipient's final reply code. `told` as `replies` takes it."""
        replies = await self.replies(recipients, raw, **told)
        return {address: reply.code for address, reply in zip(recipients, replies, strict=True)}

    async def replies(
        self,
        recipients: Sequence[str],
        raw: bytes,
        *,
        upstream_id: str = "4XyZ",
        sender: str = SENDER,
        parameters: tuple[str, ...] = (),
        client: Client = DESK,
    ) -> list[Reply]:
        """The same, whole replies in the order of the recipients."""
        transaction = Relay(self.tools).open(Conversation(client, upstream_id, self.lmtp, "mta.campus.example"))
        try:
            mail = await transaction.mail(sender, parameters)
            if not mail.accepted:
                return [mail] * len(recipients)
            answers = [await transaction.rcpt(Recipient(address)) for address in recipients]
            taken = sum(answer.accepted for answer in answers)
            if not taken:
                return answers
            given = await _settled(transaction.accept(raw))
            if len(given) == 1:
                given *= taken
            assert len(given) == taken
            finals = iter(given)
            return [next(finals) if answer.accepted else answer for answer in answers]
        except Unavailable:
            return [TRY_AGAIN] * len(recipients)
        finally:
            await transaction.close()
            await asyncio.gather(*self.tools.tasks)

    @property
    def free_places(self) -> int:
        """How many sessions of the next hop can be lent now."""
        return self.tools.forwarder._places._value

    def release_sender(self) -> Sender:
        """What the clerk sends with: the same hop, places of its own."""
        return Sender(self.tools.forwarder, HOSTNAME, self.clock)

    async def sink_is_idle(self) -> None:
        """Nobody is connected to the sink, nor about to be."""
        await asyncio.sleep(0.01)  # a connection that was given up may still wait to be accepted
        while self.sink.open:  # noqa: ASYNC110  the sink tells nobody when it is idle
            await asyncio.sleep(0.01)

    def arrived(self, address: str) -> list[bytes]:
        """The bytes of every copy the sink has for an address, notices left out."""
        mail = [each for each in self.sink.messages if each.sender]
        return [each.raw for each in mail for recipient in each.recipients if recipient.address == address]


async def _settled(accepting: Any) -> tuple[Reply, ...]:
    """As the service runs it: in a task of its own."""
    try:
        return await asyncio.create_task(accepting)
    except Unavailable:
        return (TRY_AGAIN,)


@cache
def _empty_store() -> bytes:
    """A migrated store as a file: to migrate each time would take longer than what is tested."""
    with tempfile.TemporaryDirectory() as folder:
        migrate(URL, Path(folder))
        return (Path(folder) / FILE).read_bytes()


def fresh_store(folder: Path, clock: StandingClock) -> Store:
    """An empty store in this folder."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / FILE).write_bytes(_empty_store())
    return Store.open(URL, folder, KEYS, clock=clock)


@cache
def shipped_rules(*, observe: bool = False, dkim_domain: str = "") -> Rules:
    """The shipped patterns and table for campus.example."""
    policy = PolicySettings(observe=observe, dkim_domain=dkim_domain)
    return load_rules(campus=CAMPUS, policy=policy, digest=KEYS.digest, folders=(), table=None)


def tools_for(folder: Path, store: Any, forwarder: Forwarder, clock: StandingClock, rules: Callable[[], Rules]) -> Tools:
    """What a transaction works with, for a campus whose clients are on 192.0.2.0/24."""
    return Tools(
        rules=rules,
        identity=IdentityRules(SenderIdentity.NONE, (ip_network("192.0.2.0/24"),), CAMPUS),
        lanes=Lanes(Limits(), str(folder / "nobody-reads-here")),
        forwarder=forwarder,
        store=store,
        keys=KEYS,
        clock=clock,
        hostname=HOSTNAME,
        admission=Admission(Room(folder, 0)),
        patience=Patience(600, 100),
    )


@asynccontextmanager
async def posted(
    folder: Path,
    *,
    lmtp: bool = False,
    next_lmtp: bool = False,
    faults: dict[str, str] | None = None,
    rules: Callable[[], Rules] = shipped_rules,
    signer: Callable[[], Signer] | None = None,
    arc: str = "",
) -> AsyncIterator[Post]:
    """A filter, for the length of a test."""
    clock = StandingClock()
    store = fresh_store(folder, clock)
    async with Sink(lmtp=next_lmtp) as sink:
        forwarder = Forwarder(parse_hop(sink.hop), helo=HOSTNAME, limit=PLACES, timeouts=QUICK)
        stumbling = FaultyStore(store, faults if faults is not None else {})
        tools = tools_for(folder, stumbling, forwarder, clock, rules)
        tools = replace(tools, signer=signer, arc=arc)
        try:
            yield Post(tools, sink, clock, lmtp)
        finally:
            forwarder.close()
            store.close()


def below(raw: bytes) -> bytes:
    """The message without the field we add on top."""
    return _OURS.sub(b"", raw, count=1)
