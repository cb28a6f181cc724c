"""Front ends agree: each message of tests/cases comes over LMTP, SMTP and a milter, on real sockets, and has one fate.

Three filters are given the same messages in the same order, each by a front end of its own. The rulings are the same, the
holds, and whom a notice goes to; and each recipient gets the same bytes below the field we may add on top. What is not the
same stands in docs/install.md, with the reasons.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from dlp import holds, transaction
from dlp.config import load
from dlp.endpoints import Endpoint
from dlp.fronts import FRONTS, open_fronts
from dlp.limits import Limits
from dlp.ruleset import Rules
from dlp.sockets import listen
from dlp.store.records import Filter
from dlp.store.states import State
from dlp.values import Texts
from milter import commands, layouts, replies
from tests.campus.imported import small_university
from tests.campus.people import People
from tests.e2e.client import connected
from tests.extractors.read import read_message
from tests.milter.peer import Kept, Mta, message
from tests.test_cases import CASES, SLUGS, case, rules
from tests.upstream import HOSTNAME, SENDER, Post, below, posted

BATCHES = 8
ALL = [0, *(pytest.param(batch, marks=pytest.mark.servers) for batch in range(1, BATCHES))]  # all of them take half a minute


@dataclass
class Current:
    """The case that is on its way, and how it was ruled."""

    slug: str = SLUGS[0]
    ruled: list[Any] = field(default_factory=list)

    def rules(self) -> Rules:
        return rules(tuple(case(self.slug).get("set", ())))[0]

    def directory(self) -> People | None:
        return small_university() if case(self.slug).get("campus") else None

    @property
    def recipients(self) -> list[str]:
        return [entry["address"] for entry in case(self.slug)["recipient"]]

    @property
    def sender(self) -> str:
        return str(case(self.slug).get("sender", SENDER)).strip("<>")

    @property
    def address(self) -> str:
        """Of a client from which mail has the origin the case wants; a login is not told."""
        return "192.0.2.7" if case(self.slug).get("origin", "submission") in ("submission", "local") else "203.0.113.5"

    @property
    def parameters(self) -> tuple[str, ...]:
        return () if "".join((self.sender, *self.recipients)).isascii() else ("SMTPUTF8",)


class ReadHere:
    """Reads each message once for all front ends, in this process."""

    limits = Limits()

    async def read(self, raw: bytes | memoryview, _head: object = None, *, until: float = 0.0) -> tuple[Texts, str]:
        return _read(bytes(raw)), "slow"


@cache
def _read(raw: bytes) -> Texts:
    return read_message(raw)


@dataclass
class Filtering:
    """A filter with one front end."""

    key: str
    port: int
    post: Post
    current: Current

    async def fate(self, raw: bytes) -> dict[str, Any]:
        """What becomes of the current case."""
        told, store, sink = self.current, self.post.tools.store, self.post.sink
        told.ruled = []
        self.post.clock.forward(minutes=1)  # the newest copies are this message's
        sink.messages.clear()
        accepted, rides = await (self._asked(raw) if self.key == "milter.listen" else self._given(raw))
        await asyncio.gather(*self.post.tools.tasks)
        await holds.due_owed(store, self.post.release_sender().deliver, None)
        arrived = {each: list(rides) for each in told.recipients}
        for copy in sink.messages:
            for recipient in copy.recipients:
                arrived[recipient.address].append(below(copy.raw))
        newest = store.held(Filter(states=frozenset({State.HELD}), limit=len(told.recipients)))
        copies = [each for each in newest if each.upstream_id == told.slug]
        return {
            "accepted": accepted,
            "rulings": told.ruled,
            "arrived": {each: found for each, found in arrived.items() if found},
            "held": {each.recipient.address: bytes(store.content(each)) for each in copies},
            "notices": [due.addressee for due in store.claim_notices()],
        }

    async def _given(self, raw: bytes) -> tuple[bool, list[bytes]]:
        """Over LMTP or SMTP."""
        told = self.current
        async with connected(self.port, lmtp=self.key == "receive.lmtp") as peer:
            await peer.command(f"XFORWARD ADDR={told.address} NAME=pc.campus.example HELO=pc IDENT={told.slug}")
            answers = await peer.deliver(told.sender, told.recipients, raw, *told.parameters)
        assert len({each[:1] for each in answers.values()}) == 1, answers
        return next(iter(answers.values())).startswith("2"), []

    async def _asked(self, raw: bytes) -> tuple[bool, list[bytes]]:
        """By an MTA that asks us, and what it sends then."""
        told = self.current
        mta = Mta(*await asyncio.open_connection("127.0.0.1", self.port))
        await mta.negotiate()
        mta.send(
            commands.Connect(b"pc.campus.example", layouts.Origin(b"4", 2525, told.address.encode())), commands.Helo(b"pc")
        )
        named = [b"<%s>" % each.encode() for each in told.recipients]
        queued = commands.Macros(b"T", {b"i": told.slug.encode()})
        frames = message(raw, *named, sender=b"<%s>" % told.sender.encode(), macros=False)
        mta.send(*(queued if isinstance(each, commands.Macros) else each for each in frames))
        kept = Kept(raw, named)
        last = kept.take(await mta.settled())
        mta.close()
        return not isinstance(last, replies.Answer | replies.TryAgain), [kept.content()] * isinstance(last, replies.Accept)


@asynccontextmanager
async def filtering(key: str, folder: Path, current: Current) -> AsyncIterator[Filtering]:
    settings = load(None, (f"receive.hostname={HOSTNAME}",))
    async with posted(folder, lmtp=key == "receive.lmtp") as post:
        tools = replace(post.tools, rules=current.rules, directory=current.directory, lanes=ReadHere())  # type: ignore[arg-type]
        post.tools = tools
        bound = listen(Endpoint(host="127.0.0.1", port=0), key)
        (listener,) = await open_fronts({key: bound}, tools, settings, None)
        try:
            yield Filtering(key, bound.getsockname()[1], post, current)
        finally:
            await listener.stop(grace=2)
            bound.close()


@pytest.fixture
def current(monkeypatch) -> Current:
    """Notes what a message was ruled where it is about to be settled."""
    told = Current()

    class Noted(transaction.Work):
        def __init__(self, **work: Any) -> None:
            told.ruled = [(each.recipient, each.action, each.release, each.reasons) for each in work["judgement"].rulings]
            super().__init__(**work)

    monkeypatch.setattr(transaction, "Work", Noted)
    return told


@pytest.mark.parametrize("batch", ALL)
async def test_each_message_has_the_same_fate_over_every_front_end(tmp_path, current, batch):
    async with AsyncExitStack() as stack:
        filters = {key: await stack.enter_async_context(filtering(key, tmp_path / key, current)) for key in FRONTS}
        for current.slug in SLUGS[batch::BATCHES]:
            raw = with_crlf((CASES / f"{current.slug}.eml").read_bytes())
            lmtp, smtp, milter = [await filters[key].fate(raw) for key in FRONTS]
            assert lmtp["accepted"], current.slug
            assert smtp == lmtp, current.slug
            assert milter == lmtp, current.slug


def with_crlf(raw: bytes) -> bytes:
    return raw if b"\r\n" in raw else raw.replace(b"\n", b"\r\n")
