"""`make load`: many connections for a while, many large messages at once, and more than there is room for.

Takes `--connections`, `--messages` and `--minutes` (both must be reached); prints a line every ten seconds and a table, puts it
into docs/reliability.md. Exit status 1 when a receiver grows, is too big, gains descriptors or threads, when somebody is
answered 5xx, or when overload is not told as 421, 451 or 452.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import median

from tests.e2e.client import connected
from tests.e2e.loopback import HOST, free_ports, open_folder
from tests.e2e.relay import Relay, RelayPorts
from tests.generate.messages import disclosing
from tests.generate.wording import join
from tests.rigs import document, tree
from tests.rigs.sink import sink_process

SENDER, INSIDE, OUTSIDE = "a.mori@campus.example", "b.okafor@campus.example", "guest@elsewhere.example"
MB = 1_000_000
WARM = 120.0  # seconds until a receiver must have its size
GROWTH, LIMIT = 1.10, 150 * MB
LARGE, IN_FLIGHT = 25 * MB, 64 * MB
SESSIONS = 500  # of one listener of one receiver
ROUNDS = 3  # of large messages
WEIGHTS = 16 * MB  # what the weights of sentences take (15.9 MB with 94,000 features)
COPIES = 5  # how often a receiver may have in memory what it may hold: as received, decoded, folded, looked through, being sent
PATIENCE = 300.0
OVERLOAD = frozenset({"421", "451", "452"})


@dataclass(slots=True)
class Samples:
    """The receivers, once a second."""

    began: float = field(default_factory=time.monotonic)
    seen: dict[int, list[tuple[float, tree.Size]]] = field(default_factory=dict)

    async def take(self, supervisor: int, ports: tuple[int, int]) -> None:
        """Until it is cancelled."""
        receivers = [pid for pid, role in tree.roles(supervisor, ports).items() if role == "receiver"]
        while True:
            for pid in receivers:
                if (size := tree.size(pid)) is not None:
                    self.seen.setdefault(pid, []).append((time.monotonic() - self.began, size))
            await asyncio.sleep(1)

    def peak(self, name: str = "rss") -> int:
        return max(getattr(size, name) for samples in self.seen.values() for _, size in samples)

    def grown(self, warm: float) -> float:
        """The largest size after `warm` seconds against the one at that time, of the receiver that grew most."""
        factors = []
        for samples in self.seen.values():
            then = [size.rss for at, size in samples if warm - 10 <= at <= warm + 10]
            later = [size.rss for at, size in samples if at > warm]
            factors += [max(later) / median(then)] if then and later else []
        return max(factors, default=0.0)

    def spread(self, name: str, warm: float) -> tuple[int, int]:
        """(largest around `warm`, largest in the last quarter of what follows) of descriptors or threads."""
        end = max(at for samples in self.seen.values() for at, _ in samples)
        values = [(at, getattr(size, name)) for samples in self.seen.values() for at, size in samples]
        early = [value for at, value in values if warm / 2 <= at <= warm + 10]
        late = [value for at, value in values if at > end - (end - warm) / 4]
        return max(early), max(late)


@dataclass(slots=True)
class Findings:
    """Rows of the table, and what is not as it should be."""

    rows: list[tuple[str, object]] = field(default_factory=lambda: [("", "found")])
    wrong: list[str] = field(default_factory=list)

    def add(self, what: str, found: object, *, good: bool = True) -> None:
        self.rows.append((what, found))
        if not good:
            self.wrong.append(what)
        sys.stdout.write(f"{what}: {found}{'' if good else '   <- wrong'}\n")
        sys.stdout.flush()


@asynccontextmanager
async def stage(*, more: str = "", delay: float = 0.0) -> AsyncIterator[tuple[tuple[int, int], Samples]]:
    """A tree and a sink; (LMTP port, SMTP port), and its receivers being watched."""
    lmtp, smtp, last = free_ports(3)
    with open_folder("load") as folder, sink_process(last, folder / "sink.jsonl", "--delay", str(delay)):
        relay = Relay(RelayPorts(lmtp, smtp), folder, next_hop=f"{HOST}:{last}", more=more)
        try:
            await asyncio.to_thread(relay.initialise)
            await asyncio.to_thread(relay.start)
            samples = Samples()
            sampling = asyncio.create_task(samples.take(relay.pid, (lmtp, smtp)))
            yield (lmtp, smtp), samples
            sampling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sampling
        finally:
            await asyncio.to_thread(relay.stop)


@dataclass(frozen=True, slots=True)
class Steady:
    """How long the steady part lasts: both `messages` and `seconds` are reached."""

    connections: int
    messages: int
    seconds: float
    warm: float
    limit: int = LIMIT


async def steady(findings: Findings, plan: Steady) -> None:
    """Each connection sends one message after the other: eight in ten pass, one is held, one is split."""
    async with stage() as (ports, samples):
        codes: Counter[str] = Counter()
        serials = iter(range(1_000_000))
        until = time.monotonic() + plan.seconds

        async def send(nth: int) -> None:
            lmtp = nth % 2 == 0
            async with connected(ports[not lmtp], lmtp=lmtp) as peer:
                while codes.total() < plan.messages or time.monotonic() < until:
                    serial = next(serials)
                    recipients = {8: [OUTSIDE], 9: [INSIDE, OUTSIDE]}.get(serial % 10, [INSIDE])
                    raw = _letter(serial)
                    replies = await peer.deliver(SENDER, recipients, raw)
                    codes.update(reply[:3] for reply in replies.values())

        async def progress() -> None:
            while True:
                await asyncio.sleep(10)
                sys.stdout.write(f"  {codes.total()} recipients, {samples.peak() // MB} MB\n")
                sys.stdout.flush()

        telling = asyncio.create_task(progress())
        began = time.monotonic()
        await asyncio.gather(*(send(nth) for nth in range(plan.connections)))
        telling.cancel()
        took = time.monotonic() - began
        grown, peak = samples.grown(plan.warm), samples.peak()
        findings.add(f"{plan.connections} connections, minutes", f"{took / 60:.1f}")
        findings.add("recipients answered, by code", _told(codes), good=_all_right(codes))
        findings.add("answers a second", f"{codes.total() / took:.0f}")
        findings.add("largest receiver, MB", peak // MB, good=peak < plan.limit)
        findings.add("of these its own (its share of what processes share), MB", samples.peak("own") // MB)
        findings.add(f"growth after {plan.warm:.0f} s", f"{(grown - 1) * 100:+.1f} %", good=0 < grown <= GROWTH)
        for name in ("descriptors", "threads"):
            early, late = samples.spread(name, plan.warm)
            findings.add(f"{name} of a receiver, then and at the end", f"{early}, {late}", good=late <= early * GROWTH + 2)


async def large(findings: Findings, count: int, size: int = LARGE, in_flight: int = IN_FLIGHT) -> int:
    """So many large messages at once, where a receiver may hold far less; the size of the largest receiver."""
    body = join(*(["x" * 70] * (size // 72)))
    raw = join(f"From: {SENDER}", f"To: {INSIDE}", "Subject: Large", "Message-ID: <large@campus.example>", "") + body
    async with stage(more=f"\n[limits]\nmessage = {in_flight}\nin_flight = {in_flight}\n") as (ports, samples):

        async def send(nth: int) -> str:
            async with connected(ports[1]) as peer:
                return (await peer.deliver(SENDER, [INSIDE], raw))[INSIDE][:3]

        codes = await _at_once(send, count)
        findings.add(
            f"{count} messages of {size // MB} MB at once, by code", _told(codes), good=_all_right(codes) and codes["452"] > 0
        )
        peak, allowed = samples.peak(), LIMIT + WEIGHTS + COPIES * in_flight
        findings.add(f"largest receiver meanwhile, MB (it may hold {in_flight // MB})", peak // MB, good=peak < allowed)
        return peak


async def overload(findings: Findings, sessions: int, senders: int) -> None:
    """More sessions than two receivers take; then a next hop that takes five seconds for each message."""
    async with stage(delay=5.0) as (ports, _):
        greetings: Counter[str] = Counter()
        opened = []
        for _ in range(sessions):
            reader, writer = await asyncio.open_connection(HOST, ports[1])
            opened.append(writer)
            async with asyncio.timeout(PATIENCE):
                greetings[(await reader.read(4))[:3].decode()] += 1
        for writer in opened:
            writer.close()
        findings.add(f"{sessions} sessions at once, greeted with", _told(greetings), good=set(greetings) == {"220", "421"})

        async def send(nth: int) -> str:
            async with connected(ports[nth % 2], lmtp=nth % 2 == 0) as peer:
                return (await peer.deliver(SENDER, [INSIDE], _letter(nth * 10)))[INSIDE][:3]

        codes = await _at_once(send, senders)
        findings.add(f"{senders} messages at once, next hop of 5 s, by code", _told(codes), good=_all_right(codes))


async def _at_once(send: object, count: int) -> Counter[str]:
    """Every answer; a client that is hung up on without one counts as lost."""
    async with asyncio.timeout(PATIENCE):
        found = await asyncio.gather(*(send(nth) for nth in range(count)), return_exceptions=True)  # type: ignore[operator]
    return Counter("lost" if isinstance(each, BaseException) else each for each in found)


def _letter(serial: int) -> bytes:
    return disclosing(serial, int(serial % 10 >= 8)) + join(*["a line of ordinary text, as letters have them"] * 100)


def _told(codes: Counter[str]) -> str:
    return ", ".join(f"{count} x {code}" for code, count in sorted(codes.items()))


def _all_right(codes: Counter[str]) -> bool:
    return set(codes) <= {"250", *OVERLOAD}


async def _every(options: argparse.Namespace, findings: Findings) -> None:
    seconds = options.minutes * 60
    await steady(findings, Steady(options.connections, options.messages, seconds, min(WARM, seconds / 2)))
    counts = (options.connections // 4, options.connections)
    rounds = [[await large(findings, count) for count in counts] for _ in range(ROUNDS)]
    few, many = map(max, zip(*rounds, strict=True))  # whether three or four were in work at once is chance: the most counts
    findings.add("four times as many make it larger by", f"{(many / few - 1) * 100:+.1f} %", good=many <= few * GROWTH)
    await overload(findings, 2 * SESSIONS + 100, options.connections)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, default=200)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--minutes", type=float, default=10.0)
    findings = Findings()
    asyncio.run(_every(parser.parse_args(), findings))
    document.put("load", f"{document.when_and_where()}\n\n{document.markdown(findings.rows)}")
    return 1 if findings.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
