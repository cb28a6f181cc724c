"""The sink as a process of its own: it outlives every death of the tree and writes down each copy before it answers.

`python -m tests.rigs.sink PORT LEDGER [--lmtp] [--refuse N] [--keys FILE] [--delay SECONDS]`: each N-th copy is answered 451
once (so that forwarding is given up, and over LMTP that one recipient of several is delayed). With --keys, a message with
a signature is verified against that record. One JSON line a copy, `records.Arrival` and more; no message is kept.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import re
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dkim

from dlp.sink import Delivered, Sink, Step
from tests.e2e.loopback import HOST, answers
from tests.rigs.kept import serial

ROOT = Path(__file__).parents[2]
_OURS = re.compile(rb"\AReceived: [^\r\n]*\r\n\tby [^\r\n]* id ([0-9A-Z]{4}-[0-9A-Z]{4}|digest);\r\n\t[^\r\n]*\r\n")
_IN_REPLY_TO = re.compile(rb"^In-Reply-To: <note-(\d+)@", re.MULTILINE)
_REFERENCE = re.compile(rb"\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b")


class LedgerSink(Sink):
    """Keeps no message, only its line."""

    def __init__(self, port: int, ledger: Path, *, lmtp: bool, refuse: int, record: bytes, delay: float) -> None:
        super().__init__(where=f"{HOST}:{port}", lmtp=lmtp)
        self.commands = deque(maxlen=1)  # type: ignore[assignment]  # a long run has no use for them
        self._lines = ledger.open("a", encoding="utf-8", buffering=1)
        self._refuse = refuse
        self._record = record
        self._delay = delay
        self._dots = 0

    def next_step(self, *places: str) -> Step:
        if self._refuse and places and places[0].startswith("DOT"):
            self._dots += 1
            if self._dots % self._refuse == 0:
                return "451 4.3.0 not now"
        return super().next_step(*places)

    async def keep(self, message: Delivered) -> None:
        await asyncio.sleep(self._delay)
        ours = _OURS.match(message.raw)
        below = message.raw[ours.end() :] if ours else message.raw
        known: dict[str, object] = {
            "id": serial(message.raw),
            "hash": hashlib.sha256(below).hexdigest(),
            "time": time.time(),
            "live": bool(message.xforward),
            "traced": bool(ours) and not _OURS.match(below),
            "reference": ours[1].decode() if ours else "",
            "notice": not message.sender,
        }
        if known["notice"]:
            found = _REFERENCE.search(below)
            known["reference"] = found[0].decode() if found else ""
            known["id"] = _answered(message.raw)
        if self._record and b"DKIM-Signature:" in message.raw:
            known["verified"] = dkim.verify(message.raw, dnsfunc=lambda *_, **__: self._record)
        self._lines.write("".join(json.dumps(known | {"recipient": each.address}) + "\n" for each in message.recipients))


def _answered(raw: bytes) -> str:
    """Which message of the load a notice is about; "" for a summary."""
    found = _IN_REPLY_TO.search(raw)
    return found[1].decode() if found else ""


@contextmanager
def sink_process(port: int, ledger: Path, *options: str) -> Iterator[None]:
    """A sink of its own while this lasts."""
    process = subprocess.Popen([sys.executable, "-m", "tests.rigs.sink", str(port), str(ledger), *options], cwd=ROOT)
    try:
        answers(port)
        yield
    finally:
        process.terminate()
        process.wait(30)


async def _serve(options: argparse.Namespace) -> None:
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    record = options.keys.read_bytes() if options.keys else b""
    async with LedgerSink(
        options.port, options.ledger, lmtp=options.lmtp, refuse=options.refuse, record=record, delay=options.delay
    ):
        await stopping.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("ledger", type=Path)
    parser.add_argument("--lmtp", action="store_true")
    parser.add_argument("--refuse", type=int, default=0)
    parser.add_argument("--keys", type=Path)
    parser.add_argument("--delay", type=float, default=0.0)
    asyncio.run(_serve(parser.parse_args()))
