"""`make fidelity`: what passes is byte for byte what was sent below one Received field of ours, and signatures still verify.

Takes `--messages N`; half of them go to an SMTP next hop, half to an LMTP one, each half over both listeners of a real tree.
Prints progress and a table by shape, puts the totals into docs/reliability.md; exit status 1 when one message differs, is
refused, held, doubled or lost, or when a signature that verified does not verify any more.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.client import connected
from tests.e2e.loopback import HOST, free_ports, open_folder
from tests.e2e.relay import Relay, RelayPorts
from tests.rigs import document
from tests.rigs.shapes import Signer, message
from tests.rigs.sink import sink_process

CONNECTIONS = 8
SENDER, INSIDE = "a.mori@campus.example", "b.okafor@campus.example"
HOPS = ("smtp", "lmtp")
_MORE = '\n[policy]\nunsupported = "pass"\nimages = "pass"\n'


@dataclass(slots=True)
class Tally:
    """What came of the messages; `wrong` is shape -> why -> how many."""

    sent: Counter[str] = field(default_factory=Counter)
    wrong: Counter[tuple[str, str]] = field(default_factory=Counter)
    signed: int = 0
    seconds: float = 0.0
    bytes: int = 0

    def table(self) -> list[tuple[str, object]]:
        why = Counter(reason for (_, reason), count in self.wrong.items() for _ in range(count))
        rows: list[tuple[str, object]] = [("", "messages"), ("sent", self.sent.total()), ("shapes", len(self.sent))]
        rows += [("megabytes", round(self.bytes / 1e6)), ("with another domain's signature", self.signed)]
        reasons = ("not accepted", "lost", "doubled", "bytes differ", "not one trace field of ours", "signature broken", "held")
        return rows + [(reason, why[reason]) for reason in reasons]


@dataclass(frozen=True, slots=True)
class Sent:
    shape: str
    hash: str
    signed: bool
    reply: str


def fidelity(messages: int, tally: Tally) -> None:
    """Send them all and compare."""
    signer = Signer.make()
    for nth, hop in enumerate(HOPS):
        numbers = range(nth * messages // len(HOPS), (nth + 1) * messages // len(HOPS))
        with open_folder("fidelity") as folder:
            (folder / "record").write_bytes(signer.record)
            lmtp, smtp, last = free_ports(3)
            options = ["--keys", str(folder / "record"), *(["--lmtp"] if hop == "lmtp" else [])]
            next_hop = f"{'lmtp:' if hop == 'lmtp' else ''}{HOST}:{last}"
            relay = Relay(RelayPorts(lmtp, smtp), folder, next_hop=next_hop, overrides=["receive.nul=pass"], more=_MORE)
            began = time.monotonic()
            with sink_process(last, folder / "sink.jsonl", *options), relay:
                sent = asyncio.run(_send_all(numbers, signer, (lmtp, smtp), tally))
                held = len(relay.held())
            tally.seconds += time.monotonic() - began
            tally.wrong["", "held"] += held
            _compare(sent, folder / "sink.jsonl", tally)


async def _send_all(numbers: Sequence[int], signer: Signer, ports: tuple[int, int], tally: Tally) -> dict[str, Sent]:
    """Over CONNECTIONS connections, half of them LMTP; each sends its share one after the other."""
    sent: dict[str, Sent] = {}
    shares = [numbers[n::CONNECTIONS] for n in range(CONNECTIONS)]
    async with asyncio.TaskGroup() as connections:
        for n, share in enumerate(shares):
            connections.create_task(_send(share, signer, ports[n % 2], sent, tally, lmtp=n % 2 == 0))
    return sent


async def _send(numbers: Iterable[int], signer: Signer, port: int, sent: dict[str, Sent], tally: Tally, *, lmtp: bool) -> None:
    async with connected(port, lmtp=lmtp) as peer:
        for number in numbers:
            shape, raw = message(number, signer)
            parameters = () if raw.isascii() else ("BODY=8BITMIME",)
            replies = await peer.deliver(SENDER, [INSIDE], raw, *parameters)
            signed = raw.startswith(b"DKIM-Signature:")
            sent[str(number)] = Sent(shape, hashlib.sha256(raw).hexdigest(), signed, replies[INSIDE])
            tally.bytes += len(raw)
            if len(sent) % 1000 == 0:
                sys.stdout.write(f"  {len(sent)} messages\n")
                sys.stdout.flush()


def _compare(sent: Mapping[str, Sent], ledger: Path, tally: Tally) -> None:
    arrived: dict[str, list[dict[str, Any]]] = {}
    for line in ledger.read_text(encoding="utf-8").splitlines():
        copy = json.loads(line)
        if not copy["notice"]:
            arrived.setdefault(copy["id"], []).append(copy)
    for number, each in sent.items():
        tally.sent[each.shape] += 1
        tally.signed += each.signed
        for reason in _faults(each, arrived.get(number, [])):
            tally.wrong[each.shape, reason] += 1


def _faults(sent: Sent, copies: Sequence[Mapping[str, Any]]) -> list[str]:
    if not sent.reply.startswith("250"):
        return ["not accepted"]
    if len(copies) != 1:
        return ["doubled" if copies else "lost"]
    (copy,) = copies
    wrong = {
        "bytes differ": copy["hash"] != sent.hash,
        "not one trace field of ours": not copy["traced"],
        "signature broken": sent.signed and copy.get("verified") is not True,
    }
    return [reason for reason, is_so in wrong.items() if is_so]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=20_000)
    options = parser.parse_args()
    tally = Tally()
    fidelity(options.messages, tally)
    for (shape, reason), count in sorted(tally.wrong.items()):
        sys.stdout.write(f"{count} x {shape or 'any'}: {reason}\n" if count else "")
    sys.stdout.write(document.plain(tally.table()) + "\n")
    document.put(
        "fidelity", f"{document.when_and_where()} {tally.seconds / 60:.1f} minutes.\n\n{document.markdown(tally.table())}"
    )
    return 1 if tally.wrong.total() else 0


if __name__ == "__main__":
    sys.exit(main())
