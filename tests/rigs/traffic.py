"""Mail as an MTA brings it: a mixed load with the fate of each recipient known, each try written down as it happens.

`mails(seed)` gives six in ten that pass, two that are held, two that are split (half of those owe a rewritten copy over
SMTP). `Mta` offers them at a rate, tries again what was answered 4xx or not at all until all is accepted or `give_up`, and
syncs a line for each try and recipient (`records.Attempt`) before it goes on. A broken connection is a reply
that did not come.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import hashlib
import json
import os
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from tests.e2e.bench import reference
from tests.e2e.client import Peer, connected
from tests.generate.messages import LISTED_WORD, disclosing
from tests.generate.wording import join, wrapped_base64
from tests.rigs.asking import AskingMta

SUBJECT = f"Your {LISTED_WORD}"
NEUTRAL = "Your course matter"
PARTNER = "partner.example"
_TABLE = Path(__file__).parents[2] / "dlp/policy/decision-table.toml"
SESSIONS = 8  # at once: what waits after a death is not offered in one burst
ONE_TRY = 60.0  # seconds
"""Longer than the filter's own patience, as an MTA's is."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One message, and for each recipient what must become of it and the hash of what arrives or is kept."""

    serial: int
    sender: str
    raw: bytes
    fates: dict[str, tuple[str, str]]
    lmtp: bool
    upstream: str


def table() -> str:
    """The shipped decision table with one change: a rewrite is for inside readers, a partner gets the mail as it is."""
    shipped = _TABLE.read_text(encoding="utf-8")
    partner = (
        '[[row]]\nid = "P1"\ngate = 1\nstage = "statement"\nwhen = { scope = "outside", record = true, partner = true }\n'
        'action = "warn"\ncode = "FAQ:need-to-know-undetermined"\nrequirement = "R8"\n\n'
    )
    when = "when = { header_word = true, tells = true"
    inside = shipped.replace(f"{when} }}", f'{when}, scope = "inside" }}')
    before = '[[row]]\nid = "O1"\n'
    assert inside != shipped
    assert before in inside
    return inside.replace(before, partner + before)


def mails(seed: int) -> Iterator[Mail]:
    """Without an end; the same for the same seed."""
    source = random.Random(seed)
    for serial in range(1_000_000):
        yield _mail(serial, source)


def _mail(serial: int, source: random.Random) -> Mail:
    inside = tuple(f"reader{n}@campus.example" for n in range(source.randint(1, 3)))
    outside = tuple(f"guest{n}@elsewhere.example" for n in range(source.randint(1, 2)))
    partner = f"peer@{PARTNER}"
    kind = source.choices(("pass", "hold", "split", "owed"), weights=(60, 20, 10, 10))[0]
    sender = f"sender{source.randrange(2_000)}@campus.example"
    raw = disclosing(serial, int(kind != "pass"), subject=SUBJECT if kind == "owed" else "About Thursday", sender=sender)
    if source.random() < 0.2:
        raw = _attached(raw, source)
    as_is, edited = _hash(raw), _hash(raw.replace(f"Subject: {SUBJECT}".encode(), f"Subject: {NEUTRAL}".encode(), 1))
    fates = {
        "pass": dict.fromkeys((*inside, *outside[1:]), ("deliver", as_is)),
        "hold": dict.fromkeys(outside, ("hold", as_is)),
        "split": dict.fromkeys(inside, ("deliver", as_is)) | dict.fromkeys(outside, ("hold", as_is)),
        "owed": {partner: ("deliver", as_is)}
        | dict.fromkeys(inside, ("deliver", edited))
        | dict.fromkeys(outside[1:], ("hold", as_is)),
    }[kind]
    upstream = f"rig{serial}" if source.random() < 0.7 else ""
    return Mail(serial, sender, raw, fates, source.random() < 0.5, upstream)


def _attached(raw: bytes, source: random.Random) -> bytes:
    """The same with an attachment, which a child of the reader server must read."""
    fields, _, text = raw.partition(b"\r\n\r\n")
    kind = join(
        "MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="cut"', "", "--cut", "Content-Type: text/plain", ""
    )
    attached = join("--cut", "Content-Type: application/octet-stream", "Content-Transfer-Encoding: base64", "")
    data = wrapped_base64(gzip.compress(source.randbytes(source.randint(500, 20_000)), 1, mtime=0))
    return fields + b"\r\n" + kind + text + attached + data + join("--cut--")


def _hash(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


class Journal:
    """A ledger file whose lines are on the disk before the writer goes on."""

    def __init__(self, path: Path) -> None:
        self._file: IO[str] = path.open("a", encoding="utf-8")
        self._turn = asyncio.Lock()

    def close(self) -> None:
        self._file.close()

    async def write(self, lines: Sequence[dict[str, object]]) -> None:
        async with self._turn:
            await asyncio.to_thread(self._write, lines)

    def _write(self, lines: Sequence[dict[str, object]]) -> None:
        self._file.write("".join(json.dumps(line) + "\n" for line in lines))
        self._file.flush()
        os.fsync(self._file.fileno())


@dataclass(slots=True)
class Mta:
    """Offers mail until told to stop, and each message until it is taken or `give_up` is set."""

    ports: dict[bool, int]  # over LMTP? -> port
    journal: Journal
    seed: int
    give_up: asyncio.Event = field(default_factory=asyncio.Event)
    sessions: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(SESSIONS))
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(500))
    sent: int = 0
    open: set[asyncio.Task[None]] = field(default_factory=set)
    failed: list[BaseException] = field(default_factory=list)  # our own mistakes
    held: list[str] = field(default_factory=list)  # references to decide on
    asking: AskingMta | None = None  # by which all mail goes, instead of to the ports

    async def offer(self, rate: float, stopping: asyncio.Event) -> None:
        """So many messages a second, fewer while there is no room for more that wait for their next try."""
        source = random.Random(self.seed)
        for mail in mails(self.seed):
            if stopping.is_set():
                return
            await self.room.acquire()
            task = asyncio.create_task(self._settle(mail))
            self.open.add(task)
            task.add_done_callback(self._done)
            self.sent += 1
            await asyncio.sleep(source.expovariate(rate))

    async def finish(self, within: float) -> int:
        """Wait until all is taken; how many messages were given up."""
        waiting = set(self.open)
        if waiting:
            await asyncio.wait(waiting, timeout=within)
        left = len(self.open)
        self.give_up.set()
        await asyncio.gather(*self.open)
        if self.asking is not None:
            await self.asking.finish()
        for error in self.failed:
            raise error
        return left

    def _done(self, task: asyncio.Task[None]) -> None:
        self.open.discard(task)
        self.room.release()
        error = task.exception()
        if error is not None:
            self.failed.append(error)

    async def _settle(self, mail: Mail) -> None:
        pending, pause, tries = tuple(mail.fates), 0.3, 0
        while pending and not self.give_up.is_set():
            async with self.sessions:
                began, tries = time.time(), tries + 1
                queue = f"rig{mail.serial}n{tries}"
                if self.asking is not None:
                    replies = dict.fromkeys(pending, await self.asking.take(mail.raw, mail.sender, pending, queue))
                    await self._write_down(mail, pending, replies, began, queue)
                else:
                    replies = await self._tried(mail, pending, began)
            pending = tuple(each for each in pending if replies.get(each, "")[:1] not in {"2", "5"})
            if pending:
                await asyncio.sleep(pause + random.random() * pause)
                pause = min(pause * 1.5, 3.0)

    async def _tried(self, mail: Mail, pending: Sequence[str], began: float) -> dict[str, str]:
        replies: dict[str, str] = {}
        with contextlib.suppress(OSError, EOFError):  # TimeoutError is one
            async with asyncio.timeout(ONE_TRY), connected(self.ports[mail.lmtp], lmtp=mail.lmtp) as peer:
                await _hand_over(peer, mail, pending, replies)
        await self._write_down(mail, pending, replies, began)
        return replies

    async def _write_down(
        self, mail: Mail, pending: Sequence[str], replies: dict[str, str], began: float, queue: str = ""
    ) -> None:
        """With a queue id of its own a try is known as the same message all the same."""
        upstream = queue.partition("n")[0] or mail.upstream
        known: dict[str, object] = {"id": str(mail.serial), "upstream": upstream, "began": began, "ended": time.time()}
        known |= {"queue": queue} if queue else {}
        lines = []
        for recipient in pending:
            fate, expected = mail.fates[recipient]
            reply = replies.get(recipient, "")
            told = {"reply": reply[:1], "text": reply[:9], "reference": reference(reply) if reply[:1] == "2" else ""}
            lines.append(known | told | {"recipient": recipient, "fate": fate, "hash": expected})
            if fate == "hold" and reply[:1] == "2":
                lines.append(known | told | {"recipient": mail.sender, "fate": "notice", "hash": ""})
                self.held += [reference(reply)] if reference(reply) else []
        await self.journal.write(lines)


async def _hand_over(peer: Peer, mail: Mail, pending: Sequence[str], replies: dict[str, str]) -> None:
    """One transaction; `replies` fills as they come, so that what was answered before a connection broke counts."""
    if mail.upstream:
        await peer.command(f"XFORWARD IDENT={mail.upstream}")
    first = await peer.command(f"MAIL FROM:<{mail.sender}>")
    if not first.startswith("250"):
        replies |= dict.fromkeys(pending, first)
        return
    accepted = []
    for recipient in pending:
        answer = await peer.command(f"RCPT TO:<{recipient}>")
        if answer.startswith("25"):
            accepted.append(recipient)
        else:
            replies[recipient] = answer
    if not accepted:
        return
    go_ahead = await peer.command("DATA")
    if not go_ahead.startswith("354"):
        replies |= dict.fromkeys(accepted, go_ahead)
        return
    peer.writer.write(mail.raw.replace(b"\r\n.", b"\r\n..") + b".\r\n")
    if mail.lmtp:
        for recipient in accepted:
            replies[recipient] = await peer.reply()
    else:
        replies |= dict.fromkeys(accepted, await peer.reply())
