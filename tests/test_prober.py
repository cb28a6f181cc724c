"""The prober against an MTA that is played: one that drops whom it is told to, one that does not, and many that say nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from dlp import standings
from dlp.forward import Forwarder, Timeouts, parse_hop
from dlp.intake import Conversation
from dlp.milters import Removing, judge_with
from dlp.prober import Prober
from dlp.probing import Finding, Pace, proves
from dlp.sink import Delivered, Sink
from dlp.splitting import Way
from dlp.store.states import State
from dlp.values import Client, Recipient
from milter.session import Accepted, Discarded
from tests.store.samples import KEYS, StandingClock
from tests.test_milters import INSIDE, ONE_ID, OUTSIDE, asked, copies
from tests.upstream import Post, posted

PAIR = ("split-1@campus.example", "split-2@campus.example")
NAMED = (("i", "4XyZ"), ("{daemon_name}", "mx.campus.example"), ("{daemon_port}", "25"))
MX = "mx.campus.example:25"
QUICK = Pace(every=0.3, again=0.1, patience=1.0, quiet=0.1)
PEER = Conversation(Client(), "", lmtp=False, helo="mx.campus.example")


class PlayedMta(Sink):
    """Asks about each message, does what it is told as far as `drops`, and rewrites addresses when it delivers."""

    def __init__(self, post: Post, prober: Prober, removing: Removing) -> None:
        super().__init__()
        self.drops, self.rewrites, self.asks, self.delivers, self.once, self.delay = True, True, True, True, False, 0.0
        self.macros = NAMED
        self._judge = judge_with(post.tools, removing)
        self._prober = prober
        self.late: list[asyncio.Task[None]] = []

    async def keep(self, message: Delivered) -> None:
        named = [each.address for each in message.recipients]
        content, gone = message.raw, ()
        if self.asks:
            outcome = await self._judge(asked(message.raw, *named, sender=message.sender, macros=self.macros))
            assert isinstance(outcome, Accepted)
            content, gone = bytes(outcome.content), outcome.left_out
        shared: set[int] = set()
        for place, address in enumerate(named):
            if self.once and not shared:
                shared.add(place)  # the address both lead to is its first's, and goes with it
            if self.delivers and (place not in gone or not self.drops):
                to = address.replace("@campus", "@returns.campus") if self.rewrites else address
                pause = self.delay if place in gone else 0.0
                self.late.append(asyncio.create_task(self._deliver(message.sender, to, content, pause)))
                if not self.once or place in shared:
                    both = self._deliver(message.sender, "split-both@returns.campus.example", content, pause)
                    self.late.append(asyncio.create_task(both))
        await super().keep(message)

    async def _deliver(self, sender: str, to: str, content: bytes, pause: float) -> None:
        await asyncio.sleep(pause)
        back = self._prober.returns().open(PEER)
        await back.mail(sender, ())
        await back.rcpt(Recipient(to))
        (reply,) = await back.accept(b"Received: by mx.campus.example\r\n" + content)
        assert reply.accepted


@asynccontextmanager
async def probing(
    tmp_path, change: Callable[[PlayedMta], None] = lambda _: None
) -> AsyncIterator[tuple[Post, Prober, PlayedMta]]:
    async with posted(tmp_path) as post:
        file = tmp_path / "split"
        soon = Timeouts(place=1, connect=1, greeting=1, hello=1, mail=1, rcpt=1, data=1, block=1, dot=1, rset=1)
        hop = lambda target: Forwarder(parse_hop(target), helo="filter.campus.example", timeouts=soon)  # noqa: E731
        prober = Prober(KEYS, PAIR, file, hop, StandingClock(), QUICK)
        removing = Removing(PAIR, lambda: standings.read(file), Way.STORE)
        async with PlayedMta(post, prober, removing) as mta:
            change(mta)
            prober.begin([mta.hop])
            stopping = asyncio.Event()
            running = asyncio.create_task(prober.run(stopping))
            try:
                yield post, prober, mta
            finally:
                stopping.set()
                await running
                for task in mta.late:
                    task.cancel()


def found(prober: Prober) -> Finding:
    (standing,) = standings.read(prober.file)
    return standing.finding


async def until(condition: Callable[[], bool], within: float = 20.0) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(within):
            while not condition():  # noqa: ASYNC110  nobody tells
                await asyncio.sleep(0.02)
    return condition()


async def settled(post: Post, prober: Prober, macros=NAMED):
    removing = Removing(PAIR, lambda: standings.read(prober.file), Way.STORE)
    outcome = await judge_with(post.tools, removing)(asked(ONE_ID, INSIDE, OUTSIDE, macros=macros))
    await asyncio.gather(*post.tools.tasks)
    return outcome


async def test_an_mta_that_drops_them_is_told_to(tmp_path):
    async with probing(tmp_path) as (post, prober, _):
        assert found(prober) is Finding.UNPROVEN
        assert await until(lambda: found(prober) is Finding.PROVEN)
        assert await settled(post, prober) == Accepted(ONE_ID, (1,))
        assert copies(post, State.HELD) == [OUTSIDE]


@pytest.mark.parametrize(
    "macros", [NAMED[:1], NAMED[:2], (*NAMED[:2], ("{daemon_port}", "587"))], ids=["nameless", "no-port", "another"]
)
async def test_what_another_listener_takes_is_ours_as_before(tmp_path, macros):
    async with probing(tmp_path) as (post, prober, _):
        assert await until(lambda: found(prober) is Finding.PROVEN)
        assert await settled(post, prober, macros) == Discarded()


def deaf(mta: PlayedMta) -> None:
    mta.drops = False


def once(mta: PlayedMta) -> None:
    mta.once = True


SAY_NOTHING = {
    "not-asking": lambda mta: setattr(mta, "asks", False),
    "not-delivering": lambda mta: setattr(mta, "delivers", False),
    "not-rewriting": lambda mta: setattr(mta, "rewrites", False),
    "nameless": lambda mta: setattr(mta, "macros", NAMED[:1]),
    "refusing-one": lambda mta: mta.play({f"RCPT {PAIR[1]}": "550 5.1.1 nobody"}),
    "refusing": lambda mta: mta.play({"DOT": "451 4.3.0 not now"}),
    "silent": lambda mta: mta.play({"GREETING": "421 4.3.2 full"}),
}


@pytest.mark.parametrize("how", [deaf, once])
async def test_an_mta_that_delivers_a_dropped_copy_or_loses_another_is_found_out(tmp_path, caplog, how):
    async with probing(tmp_path, how) as (post, prober, _):
        assert await until(lambda: found(prober) is Finding.DISPROVEN)
        assert await settled(post, prober) == Discarded()
    (told,) = [record for record in caplog.records if record.getMessage() == "split.changed"]
    assert (told.levelname, told.values["status"]) == ("ERROR", "disproven")


@pytest.mark.parametrize("how", SAY_NOTHING)
async def test_what_shows_nothing_proves_nothing(tmp_path, how):
    async with probing(tmp_path, SAY_NOTHING[how]) as (post, prober, mta):
        assert await until(lambda: standings.read(prober.file)[0].why not in ("", "no round yet"))
        began = mta.connections
        assert await until(lambda: mta.connections > began)  # it is tried again
        assert found(prober) is Finding.UNPROVEN
        assert await settled(post, prober) == Discarded()


async def test_a_copy_that_comes_late_disproves_it_all_the_same(tmp_path):
    def late(mta: PlayedMta) -> None:
        mta.drops, mta.delay = False, 0.6

    async with probing(tmp_path, late) as (_, prober, _):
        assert await until(lambda: found(prober) is Finding.PROVEN)
        assert await until(lambda: found(prober) is Finding.DISPROVEN)


async def test_one_that_is_mended_must_do_well_three_times(tmp_path):
    async with probing(tmp_path, deaf) as (_, prober, mta):
        assert await until(lambda: found(prober) is Finding.DISPROVEN)
        mta.drops = True
        before = len(mta.messages)
        assert await until(lambda: found(prober) is Finding.PROVEN)
        assert len(mta.messages) - before >= 6


async def test_without_a_file_nothing_is_proven(tmp_path, monkeypatch):
    async with probing(tmp_path) as (_, prober, _):
        assert await until(lambda: found(prober) is Finding.PROVEN)

        def full(*_: object) -> None:
            raise OSError

        monkeypatch.setattr("dlp.standings.write", full)
        assert await until(lambda: not prober.file.exists())
        assert not proves(standings.read(prober.file), MX, 0.0)


async def test_mail_of_others_is_refused_where_test_messages_come_back(tmp_path):
    async with probing(tmp_path) as (_, prober, _):
        codes = {}
        for sender in ("a.mori@campus.example", ""):
            back = prober.returns().open(PEER)
            await back.mail(sender, ())
            await back.rcpt(Recipient(PAIR[0]))
            (reply,) = await back.accept(b"Subject: hello\r\n\r\n")
            codes[sender] = reply.code
        assert codes == {"a.mori@campus.example": 550, "": 250}  # a report about a test message has no sender
