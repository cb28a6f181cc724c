"""The real process tree fails at a named point; the same message tried again is settled once, with nothing left over."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from dlp import failpoints
from dlp.reader import BEGUN
from dlp.sink import Sink
from tests.e2e.client import connected
from tests.e2e.loopback import free_ports, open_folder
from tests.e2e.relay import Relay, RelayPorts, serving_user

pytestmark = pytest.mark.servers

SENDER, INSIDE, OUTSIDE = "ann@campus.example", "t.ames@campus.example", "p.lane@freemail.example"
ONE_ID = b"Subject: question\r\n\r\nPlease look at student ID 912345678.\r\n"  # goes to INSIDE, held for OUTSIDE


@dataclass(frozen=True, slots=True)
class Tree:
    """A started tree whose points can be armed, in front of a sink."""

    relay: Relay
    sink: Sink
    folder: Path

    def arm(self, point: str, act: str) -> None:
        unarmed = self.folder / "points" / f".{point}"
        unarmed.write_text(act)
        if os.geteuid() == 0:
            shutil.chown(unarmed, serving_user())
        unarmed.rename(self.folder / "points" / point)

    def was_reached(self, point: str) -> bool:
        return (self.folder / "points" / f"{point}.hit").exists()

    async def send(self, raw: bytes, *recipients: str, ident: str) -> dict[str, str]:
        """Replies by recipient; none when the connection broke."""
        try:
            async with asyncio.timeout(30), connected(self.relay.ports.smtp) as peer:
                await peer.command(f"XFORWARD IDENT={ident}")
                return await peer.deliver(SENDER, recipients, raw)
        except OSError:
            return {}

    async def send_until_taken(self, raw: bytes, *recipients: str, ident: str) -> None:
        codes: set[str] = set()
        async with asyncio.timeout(20):
            while codes != {"250"}:
                await asyncio.sleep(0.1)
                codes = {reply[:3] for reply in (await self.send(raw, *recipients, ident=ident)).values()}

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(f"file:{self.folder}/var/store.sqlite?mode=ro", uri=True) as connection:
            return connection.execute(query).fetchall()


@asynccontextmanager
async def running(monkeypatch: pytest.MonkeyPatch, *, receivers: int = 1) -> AsyncIterator[Tree]:
    with open_folder("failing") as folder:
        monkeypatch.setenv(failpoints.VARIABLE, str(folder / "points"))
        (folder / "points").mkdir()
        async with Sink() as sink:
            relay = Relay(RelayPorts(*free_ports(2)), folder, next_hop=sink.hop, receivers=receivers)
            relay.initialise()
            await asyncio.to_thread(relay.start)
            try:
                yield Tree(relay, sink, folder)
            finally:
                await asyncio.to_thread(relay.stop)


async def settled_once(tree: Tree, ident: str, copies: int) -> None:
    """One hold for the one, so many copies for the other, and no byte that no copy needs."""
    held = await asyncio.to_thread(tree.relay.held)
    assert [copy["recipient"] for copy in held].count(OUTSIDE) == int(ident)
    assert [message.recipients[0].address for message in tree.sink.messages if message.sender] == [INSIDE] * copies
    assert len(tree.rows("SELECT id FROM content WHERE wrapped_key IS NOT NULL")) == int(ident)
    assert tree.rows("SELECT content FROM content_chunk WHERE content NOT IN (SELECT content FROM copy)") == []
    assert tree.rows("SELECT id FROM copy WHERE state = 'prepared'") == []


# point -> copies the next hop has in the end: two where it took one that nobody could write down any more
KILLED = {"prepare.done": 1, "forward.reply": 2, "reply.before": 1}


@pytest.mark.parametrize("point", KILLED)
async def test_a_receiver_dies_and_the_next_try_is_taken_within_seconds(monkeypatch, point):
    async with running(monkeypatch) as tree:
        tree.arm(point, "kill")
        await tree.send(ONE_ID, INSIDE, OUTSIDE, ident="1")
        assert tree.was_reached(point)
        await tree.send_until_taken(ONE_ID, INSIDE, OUTSIDE, ident="1")
        await settled_once(tree, "1", KILLED[point])
        assert '"event": "failpoints.on"' in tree.relay.log()


FAILING = {  # point, act -> first reply, copies in the end
    ("recv.dot", "error"): ("451", 1),
    ("key.lookup", "error"): ("451", 1),
    ("prepare.begin", "full"): ("452", 1),
    ("prepare.commit", "error"): ("451", 1),
    ("prepare.done", "error"): ("451", 1),
    ("forward.mail", "error"): ("250", 1),  # nothing was sent, so another connection is tried at once
    ("forward.data", "error"): ("451", 1),
    ("forward.body", "error"): ("451", 1),
    ("forward.dot", "error"): ("451", 2),
    ("forward.reply", "error"): ("451", 2),
    ("commit.begin", "error"): ("250", 1),  # asked again
    ("audit.append", "full"): ("250", 1),
    ("reply.before", "error"): ("451", 1),
}


async def test_a_step_fails_and_the_next_try_is_taken(monkeypatch):
    async with running(monkeypatch) as tree:
        all_copies = 0
        for number, ((point, act), (reply, copies)) in enumerate(FAILING.items(), 1):
            tree.arm(point, act)
            replies = await tree.send(ONE_ID, INSIDE, OUTSIDE, ident=str(number))
            assert {answer[:3] for answer in replies.values()} == {reply}, point
            assert tree.was_reached(point), point
            await tree.send_until_taken(ONE_ID, INSIDE, OUTSIDE, ident=str(number))
            all_copies += copies
            await settled_once(tree, str(number), all_copies)


PICTURE = b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
ATTACHED = (  # a picture: it takes the slow lane, and passes
    b'Subject: file\r\nMessage-ID: <1@campus.example>\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\ntext\r\n'
    b"--b\r\nContent-Type: application/octet-stream; name=list.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + PICTURE
    + b"\r\n--b--\r\n"
)


@asynccontextmanager
async def dying_children(tree: Tree) -> AsyncIterator[None]:
    """Whoever asks for a reading is hung up on when it has begun."""
    asked = tree.folder / "var" / "run" / "reader"
    away = asked.rename(asked.with_name("reader.away"))

    async def dying(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(BEGUN)
        writer.close()

    server = await asyncio.start_unix_server(dying, asked)
    asked.chmod(0o777)
    try:
        yield
    finally:
        server.close()
        away.rename(asked)


async def test_what_no_child_can_read_is_held_at_the_third_try_and_mail_flows_again(monkeypatch):
    """The children of the whole tree die: after the third the breaker is open, and closes by itself."""
    async with running(monkeypatch) as tree:
        async with dying_children(tree):
            replies = [(await tree.send(ATTACHED, INSIDE, OUTSIDE, ident=str(n)))[OUTSIDE][:3] for n in range(4)]
        assert replies == ["451", "451", "250", "451"]
        held = await asyncio.to_thread(tree.relay.held)
        assert sorted((copy["recipient"], *copy["codes"]) for copy in held) == [
            (OUTSIDE, "unscannable:error"),
            (INSIDE, "unscannable:error"),
        ]
        await tree.send_until_taken(ATTACHED, INSIDE, ident="another")
        assert len([message for message in tree.sink.messages if message.sender]) == 1
        log = tree.relay.log()
        assert log.count('"event": "breaker.opened"') == log.count('"event": "breaker.closed"') == 1
        assert '"event": "message.unreadable"' in log
