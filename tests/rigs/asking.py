"""An MTA that asks the filter as a milter, does what it is told, and sends what is its own to the last hop until that has it.

It never dies, and says "try again" to its client when the filter hangs up. Each try has a queue id of its own. `seen_to_drop`
keeps the filter believing what is true of this MTA: that it drops whom it is told to drop.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dlp import standings
from dlp.probing import Finding, Standing
from milter import commands, replies
from milter.layouts import Origin
from tests.e2e.client import connected
from tests.milter.peer import GREETING, Kept, message
from tests.milter.peer import Mta as Conversation

LISTENER = "mx.campus.example:"  # as GREETING has it
# Its clients are the site's own, so their senders are told of holds.
_GREETING = (GREETING[0], commands.Connect(b"localhost", Origin(b"4", 2525, b"127.0.0.1")), GREETING[2])
CONFIGURATION = """
[milter]
listen = "unix:{socket}"
split = "remove"
probe = ["127.0.0.1:9"]
probe_to = ["split-1@campus.example", "split-2@campus.example"]
probe_return = "127.0.0.1:{back}"
"""


@dataclass(slots=True)
class AskingMta:
    """`last` is the port of the last hop, which speaks LMTP or SMTP."""

    socket: str
    last: int
    lmtp: bool
    sending: set[asyncio.Task[None]] = field(default_factory=set)

    async def take(self, raw: bytes, sender: str, recipients: Sequence[str], queue_id: str) -> str:
        """The answer to the client, for all recipients."""
        named = [b"<%s>" % each.encode() for each in recipients]
        kept = Kept(raw, list(named))
        try:
            last = kept.take(await self._asked(raw, sender, named, queue_id))
        except (OSError, EOFError):  # milter_default_action = tempfail
            return "451 4.7.1 try again"
        if not isinstance(last, replies.Accept | replies.Discard):
            return "451 4.3.0 not now"
        if isinstance(last, replies.Accept):
            stay = [recipient for recipient, echo in zip(recipients, named, strict=True) if echo in kept.recipients]
            task = asyncio.create_task(self._send(kept.content(), sender, stay))
            self.sending.add(task)
            task.add_done_callback(self.sending.discard)
        return "250 2.0.0 queued"

    async def finish(self) -> None:
        """Wait until all that is ours has gone out."""
        await asyncio.gather(*self.sending)

    async def _asked(self, raw: bytes, sender: str, named: list[bytes], queue_id: str) -> list[object]:
        asking = Conversation(*await asyncio.open_unix_connection(self.socket))
        try:
            await asking.negotiate()
            frames = message(raw, *named, sender=b"<%s>" % sender.encode(), macros=False)
            told = commands.Macros(b"T", {b"i": queue_id.encode()})
            asking.send(*_GREETING, *(told if isinstance(each, commands.Macros) else each for each in frames))
            return await asking.settled()
        finally:
            asking.close()

    async def _send(self, raw: bytes, sender: str, recipients: list[str]) -> None:
        while recipients:
            answers: dict[str, str] = {}
            with contextlib.suppress(OSError, EOFError):
                async with connected(self.last, lmtp=self.lmtp) as peer:
                    answers = await peer.deliver(sender, recipients, raw)
            recipients = [each for each in recipients if not answers.get(each, "").startswith("2")]
            await asyncio.sleep(0.2 if recipients else 0)


async def seen_to_drop(data_dir: Path, listener: str = LISTENER) -> None:
    """Until it is cancelled, whatever a prober that has no MTA to ask writes there."""
    run = data_dir / "run"
    while True:
        with contextlib.suppress(OSError):
            owner = run.stat()
            known = Standing("127.0.0.1:9", Finding.PROVEN, "", listener, time.monotonic())
            made = run / "rig"
            standings.write(made, [known])
            os.chown(made, owner.st_uid, owner.st_gid)
            made.rename(standings.path_in(data_dir))
        await asyncio.sleep(0.02)


def with_references(client: Path, log: str) -> None:
    """Write into the client's ledger the references that the filter logged for its tries: this MTA tells its client none."""
    pairs = re.findall(r'"ref": "([0-9A-Z-]+)".*?"queue_id": "(\w+)"', log)
    known = {queue_id: reference for reference, queue_id in pairs}
    lines = [json.loads(line) for line in client.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        if line["reply"] == "2":
            line["reference"] = known.get(line["queue"], "")
    client.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
