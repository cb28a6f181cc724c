"""What the clerk or an officer sends, and thirteen ways the hop may answer: the state follows the answer (R12, F66, F70).

Letters: S sent (released), W waits for the next try, F failed and visible. Then the hop is well again: what waited is sent
as the same mail, what failed stays, and nothing counts as sent without a 2xx.
"""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import product

import pytest

from dlp import holds
from dlp.clerk import Clerk
from dlp.forward import Hop
from dlp.notices.compose import NoticeSite
from dlp.sink import Fault, Script
from dlp.store.records import Filter
from dlp.store.states import NoticeState, State
from tests.promises import RAW
from tests.store.samples import OFFICER
from tests.upstream import QUICK, SENDER, Post, posted

pytestmark = pytest.mark.usefixtures("by_local_part")

HOLD, REWRITE = "hold1@out.example", "rewrite1@campus.example"
NO, NEVER = "451 4.3.0 not now", "550 5.7.1 never"


@dataclass(frozen=True, slots=True)
class Answer:
    """`letter`: what must come of it; `lost`: the hop may have the copy all the same."""

    letter: str
    script: Script
    lost: bool = False
    unreachable: bool = False


ANSWERS: Mapping[str, Answer] = {
    "250": Answer("S", {}),
    "another 2xx": Answer("S", {"DOT": "251 2.0.0 will do"}),
    "MAIL 4xx": Answer("W", {"MAIL": NO}),
    "RCPT 4xx": Answer("W", {"RCPT": NO}),
    "dot 4xx": Answer("W", {"DOT": NO}),
    "dot 421": Answer("W", {"DOT": "421 4.3.2 going down"}),
    "MAIL 5xx": Answer("F", {"MAIL": NEVER}),
    "RCPT 5xx": Answer("F", {"RCPT": NEVER}),
    "dot 5xx": Answer("F", {"DOT": NEVER}),
    "nobody listens": Answer("W", {}, unreachable=True),
    "354 to the dot": Answer("W", {"DOT": "354 go on"}, lost=True),
    "lost after the dot": Answer("W", {"DOT": Fault.DROP}, lost=True),
    "too late": Answer("W", {"DOT": Fault.SILENT}, lost=True),
}
LETTERS: Mapping[State | NoticeState, str] = {
    State.RELEASED: "S",
    State.HELD_RETRY: "W",
    State.RELEASE_FAILED: "F",
    State.SENT: "S",
    State.OWED: "W",
    State.REFUSED: "F",
    NoticeState.SENT: "S",
    NoticeState.WAITING: "W",
    NoticeState.DEAD: "F",
}
KINDS: Mapping[str, tuple[str, ...]] = {"release": (HOLD,), "owed": ("pass1@campus.example", REWRITE), "notice": (HOLD,)}


class Desk:
    """One thing to send, tried once by `attempt` and again by `clerk_rounds`."""

    def __init__(self, post: Post, kind: str) -> None:
        self.post = post
        self.kind = kind
        self.store = post.tools.store
        site = NoticeSite("Example", "privacy@campus.example", "guidance@campus.example", post.clock.now.tzinfo, {})
        self.clerk = Clerk(self.store, post.release_sender(), post.tools.rules, site, post.clock.now.time())

    async def attempt(self) -> None:
        if self.kind == "release":
            (copy,) = self.store.held()
            await holds.release(self.store, self.clerk.sender.deliver, copy.reference, OFFICER)
        else:
            await (self.clerk.send_owed() if self.kind == "owed" else self.clerk.send_notices())

    async def clerk_rounds(self) -> None:
        for _ in range(3):
            self.post.clock.forward(minutes=20)
            await self.clerk.send_notices()
            await self.clerk.send_owed()
            await self.clerk.repeat_releases()

    def letter(self) -> str:
        if self.kind == "notice":
            (state,) = self.store.counts().notices
            return LETTERS[state]
        address = KINDS[self.kind][-1]
        (copy,) = self.store.held(Filter(states=frozenset(State), recipient=address))
        return LETTERS[copy.state]

    def sent(self) -> list[bytes]:
        """Every copy the hop has, below our trace field; of a notice, which is dated anew, its Message-ID."""
        wanted = SENDER if self.kind == "notice" else KINDS[self.kind][-1]
        copies = [each for each in self.post.sink.messages if wanted in {to.address for to in each.recipients}]
        mail = [each.raw.partition(b"id ")[2].partition(b"+0000\r\n")[2] for each in copies]
        if self.kind == "notice":
            return [raw.partition(b"\r\nMessage-ID: ")[2].partition(b"\r\n")[0] for raw in mail]
        return mail


@asynccontextmanager
async def answering(post: Post, answer: Answer) -> AsyncIterator[None]:
    forwarder = post.tools.forwarder
    hop, patient = forwarder.hop, forwarder.timeouts
    post.sink.play(answer.script)
    with socket.socket() as nobody:  # bound, not listening
        nobody.bind(("127.0.0.1", 0))
        if answer.unreachable:
            for wire in list(forwarder._idle):
                forwarder._expire(wire)
            forwarder.hop = Hop(hop.kind, "127.0.0.1", nobody.getsockname()[1])
        forwarder.timeouts = replace(QUICK, dot=0.2)
        yield
    forwarder.hop, forwarder.timeouts = hop, patient
    post.sink.play({})


@pytest.mark.parametrize(("name", "kind", "hop"), list(product(ANSWERS, KINDS, ("smtp", "lmtp"))))
async def test_sending(quick_folder, cell, name, kind, hop):
    answer = ANSWERS[name]
    async with posted(quick_folder, next_lmtp=hop == "lmtp") as post:
        post.tools.forwarder.timeouts = replace(QUICK, dot=5)
        codes = await post.send(KINDS[kind], RAW)
        assert set(codes.values()) == {250}
        desk = Desk(post, kind)
        async with answering(post, answer):
            await desk.attempt()
            letter = desk.letter()
        cell("answers to what is sent later", name, f"{kind}, {hop}", letter)
        assert letter == answer.letter
        told = len(desk.sent())
        assert told == 1 if letter == "S" else told <= answer.lost, "sent without a 2xx, or not sent with one"
        await desk.clerk_rounds()
        assert desk.letter() == ("F" if answer.letter == "F" else "S")
        copies = desk.sent()
        assert len(copies) == (0 if answer.letter == "F" else 1 + told * (answer.letter == "W"))
        assert len(set(copies)) <= 1, "every try sends the same mail"
