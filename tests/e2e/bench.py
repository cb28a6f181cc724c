"""The bench: a sink as the last hop, our relay before it and, where asked for, a private Postfix in front and behind.

`bench(front=True)` puts Postfix before the relay, `behind=True` also takes mail back into Postfix on its way to the
sink; `hop` is what the relay speaks to a sink right behind it, `overrides` are its settings, `tapped` keeps what it sends
to its next hop, and `tls` is how Postfix encrypts. Everything is stopped and removed at the end. A server that does not
come up raises RuntimeError or TimeoutError with its log.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from dlp.sink import Delivered, Sink
from tests.e2e.loopback import HOST, free_ports, open_folder
from tests.e2e.postfix import PostfixPorts, PostfixTls, PrivatePostfix
from tests.e2e.relay import Relay, RelayPorts
from tests.e2e.tap import Tap

_REFERENCE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b")
_FIRST_FIELD = re.compile(rb"[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*")


@dataclass(frozen=True, slots=True)
class Bench:
    """What a test talks to. `postfix` is the one in front, when there is one."""

    sink: Sink
    relay: Relay
    tap: Tap  # on the wire to the next hop, where the bench is tapped
    _postfix: PrivatePostfix | None

    @property
    def postfix(self) -> PrivatePostfix:
        assert self._postfix is not None
        return self._postfix

    def delivered(self) -> list[Delivered]:
        """What came out at the sink, our own notices left out: they alone have a null sender."""
        return [delivery for delivery in self.sink.messages if delivery.sender]

    def reached(self) -> list[str]:
        """Every recipient of every delivery, sorted; a doubled one shows twice."""
        return sorted(recipient.address for delivery in self.delivered() for recipient in delivery.recipients)

    async def held(self) -> list[dict[str, object]]:
        return await asyncio.to_thread(self.relay.held)

    async def held_for(self) -> list[str]:
        """Whose copies are held, sorted."""
        return sorted(str(copy["recipient"]) for copy in await self.held())


@asynccontextmanager
async def bench(
    *,
    front: bool = False,
    behind: bool = False,
    hop: str = "smtp",
    receivers: int = 2,
    overrides: Sequence[str] = (),
    tapped: bool = False,
    tls: PostfixTls | None = None,
) -> AsyncIterator[Bench]:
    lmtp, smtp, submission, proxied, reinjection, last, tapping = free_ports(7)
    sink = Sink(where=f"{HOST}:{last}", lmtp=hop == "lmtp")
    await sink.start()
    onward = reinjection if behind else last
    tap = Tap(tapping, onward)
    host = "localhost" if tls and tls.own else HOST  # as the certificate has it
    next_hop = f"{'lmtp:' if sink.lmtp else ''}{host}:{tapping if tapped else onward}"
    ports = PostfixPorts(submission, proxied, reinjection, lmtp=lmtp, smtp=smtp, relay=last)
    try:
        async with AsyncExitStack() as stack:
            spool, folder = (stack.enter_context(open_folder(name)) for name in ("postfix", "relay"))
            await stack.enter_async_context(tap)
            relay = Relay(RelayPorts(lmtp, smtp), folder, next_hop=next_hop, receivers=receivers, overrides=overrides)
            postfix = PrivatePostfix(ports, spool, tls=tls) if front or behind else None
            try:
                if postfix is not None:
                    await asyncio.to_thread(postfix.start)
                await asyncio.to_thread(relay.initialise)
                await asyncio.to_thread(relay.start)
                yield Bench(sink, relay, tap, postfix)
            finally:
                await asyncio.to_thread(relay.stop)
                if postfix is not None:
                    await asyncio.to_thread(postfix.stop)
    finally:
        await sink.close()


async def eventually(condition: Callable[[], bool], within: float = 30.0) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + within
    while not await asyncio.to_thread(condition):
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.05)
    return True


def below_trace(raw: bytes) -> tuple[bytes, bytes]:
    """The topmost field, which must be our Received, and everything below it."""
    first = _FIRST_FIELD.match(raw)
    assert first is not None
    assert first[0].startswith(b"Received: ")
    return first[0], raw[first.end() :]


def reference(text: str) -> str:
    """Our reference (H7K2-9QMD) in a reply or a trace field; "" without one."""
    found = _REFERENCE.search(text)
    return found[0] if found else ""


def body(raw: bytes) -> bytes:
    return raw.partition(b"\r\n\r\n")[2]
