"""A message with several fates over a milter: what rides with the MTA, who is removed there, what becomes of it in doubt."""

from __future__ import annotations

import asyncio

import pytest

from dlp import holds
from dlp.milters import Removing, judge_with
from dlp.splitting import Way
from dlp.store.states import DisclosureState, State
from milter.session import Accepted, Discarded
from tests.promises import RAW as UNDATED
from tests.store.samples import OFFICER
from tests.test_disclosing import Books
from tests.test_milters import INSIDE, ONE_ID, OTHER, OUTSIDE, TELLING, asked, copies, over_lmtp
from tests.test_settlement import FATES
from tests.upstream import Post, below, posted

RAW = UNDATED.replace(b"Message-ID", b"Date: Sat, 21 Nov 2026 10:00:00 +0000\r\nMessage-ID")  # known again under another id
SPLIT = {name: members for name, members in FATES.items() if name in ("split", "split-rewrite", "three-fates")}
ALIKE = {name: members for name, members in FATES.items() if name not in SPLIT}
PAIR = ("split-1@campus.example", "split-2@campus.example")


class Always(Removing):
    """A site that settles all messages of several fates in its way of doubt."""

    def way(self, _):
        return self.otherwise


async def judged(post: Post, raw: bytes, *recipients: str, way: Way = Way.REMOVE, queue_id: str = "4XyZ"):
    try:
        message = asked(raw, *recipients, macros=[("i", queue_id)])
        return await judge_with(post.tools, Always(PAIR, tuple, way))(message)
    finally:
        await asyncio.gather(*post.tools.tasks)


async def owed_is_sent(post: Post) -> None:
    await holds.due_owed(post.tools.store, post.release_sender().deliver, None)


def notices(post: Post) -> int:
    return sum(post.tools.store.counts().notices.values())


@pytest.mark.parametrize(("raw", "shown"), [(ONE_ID, b"question"), (TELLING, b"")], ids=["pass and hold", "rewrite and hold"])
async def test_the_first_group_rides_and_whom_it_is_not_for_is_removed(tmp_path, raw, shown):
    async with posted(tmp_path) as post:
        outcome = await judged(post, raw, OUTSIDE, INSIDE, OTHER)
        assert outcome.left_out == (0, 2)
        assert shown in bytes(outcome.content)
        assert b"Financial hold" not in bytes(outcome.content)
        assert copies(post, State.HELD) == [OUTSIDE, OTHER]
        assert not copies(post, State.OWED)
        assert notices(post) == 1
        await owed_is_sent(post)
        assert not post.sink.messages


@pytest.mark.usefixtures("by_local_part")
@pytest.mark.parametrize("fate", FATES)
async def test_each_recipient_gets_what_lmtp_gives_it(tmp_path, fate):
    wanted, held = await over_lmtp(tmp_path / "lmtp", fate, RAW)
    async with posted(tmp_path / "milter") as post:
        outcome = await judged(post, RAW, *FATES[fate])
        await owed_is_sent(post)
        rides = {address: [] for address in FATES[fate]}
        if isinstance(outcome, Accepted):
            stay = [each for index, each in enumerate(FATES[fate]) if index not in outcome.left_out]
            rides |= {address: [bytes(outcome.content)] for address in stay}
        assert {address: [*map(below, post.arrived(address)), *rides[address]] for address in FATES[fate]} == wanted
        assert copies(post, State.HELD) == held


@pytest.mark.usefixtures("by_local_part")
@pytest.mark.parametrize("then", [Way.REMOVE, Way.STORE])
@pytest.mark.parametrize("fate", SPLIT)
async def test_a_further_try_leaves_the_same_ones_out_and_keeps_nothing_twice(tmp_path, fate, then):
    """The MTA did not take what it was told to go on with: its client sends again, under another queue id."""
    async with posted(tmp_path) as post:
        first = await judged(post, RAW, *FATES[fate])
        held, told = copies(post, State.HELD), notices(post)
        again = await judged(post, RAW, *FATES[fate], way=then, queue_id="4Xnext")
        await owed_is_sent(post)
        assert copies(post, State.HELD) == held
        assert notices(post) == told
        riders = [each for index, each in enumerate(FATES[fate]) if index not in first.left_out]
        if then is Way.REMOVE:
            assert again == first
        else:
            assert again == Discarded()
        everybody = [each for each in FATES[fate] if each not in held]
        sent = [each for each in everybody for _ in post.arrived(each)]
        assert sorted([*sent, *(riders if then is Way.REMOVE else [])]) == sorted(everybody)


async def test_what_was_released_meanwhile_is_left_out_of_a_further_try(tmp_path):
    async with posted(tmp_path) as post:
        await judged(post, ONE_ID, INSIDE, OUTSIDE)
        (copy,) = post.tools.store.held()
        await holds.release(post.tools.store, post.release_sender().deliver, copy.reference, OFFICER)
        again = await judged(post, ONE_ID, INSIDE, OUTSIDE, queue_id="4Xnext")
        assert again.left_out == (1,)
        assert len(post.arrived(OUTSIDE)) == 1


@pytest.mark.usefixtures("by_local_part")
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("fate", SPLIT)
async def test_without_the_store_nobody_gets_it(tmp_path, fate, when):
    async with posted(tmp_path, faults={"hold": when}) as post:
        outcome = await judged(post, RAW, *FATES[fate])
        assert (outcome.code, outcome.enhanced) == (451, "4.3.0")
        assert isinstance(await judged(post, RAW, *FATES[fate], queue_id="4Xnext"), Accepted)
        assert copies(post, State.HELD) == [each for each in FATES[fate] if each.startswith("hold")]
        assert notices(post) == 1


@pytest.mark.usefixtures("by_local_part")
@pytest.mark.parametrize("fate", SPLIT)
async def test_to_hold_all_is_to_hold_all(tmp_path, fate):
    async with posted(tmp_path) as post:
        assert await judged(post, RAW, *FATES[fate], way=Way.HOLD) == Discarded()
        assert copies(post, State.HELD) == sorted(FATES[fate])
        assert all(copy.release and copy.release.word == "sender" for copy in post.tools.store.held())
        assert notices(post) == 1
        await owed_is_sent(post)
        assert not post.sink.messages
        (reference,) = {copy.reference for copy in post.tools.store.held()}
        await holds.release(post.tools.store, post.release_sender().deliver, reference, OFFICER)
        for address in FATES[fate]:
            assert [(b"neutral" in raw) == address.startswith("rewrite") for raw in post.arrived(address)] == [True]


@pytest.mark.usefixtures("by_local_part")
@pytest.mark.parametrize("fate", SPLIT)
async def test_in_doubt_the_client_tries_again_and_nothing_is_kept(tmp_path, fate):
    async with posted(tmp_path) as post:
        outcome = await judged(post, RAW, *FATES[fate], way=Way.TEMPFAIL)
        assert (outcome.code, outcome.enhanced) == (451, "4.3.0")
        assert not post.tools.store.counts().copies
        assert not notices(post)


@pytest.mark.usefixtures("by_local_part")
@pytest.mark.parametrize("way", [Way.HOLD, Way.TEMPFAIL])
@pytest.mark.parametrize("fate", ALIKE)
async def test_what_all_get_alike_asks_for_no_way(tmp_path, fate, way):
    async with posted(tmp_path) as post:
        outcome = await judged(post, RAW, *ALIKE[fate], way=way)
        assert outcome == Discarded() if fate == "hold" else outcome.left_out == ()


@pytest.mark.usefixtures("by_local_part")
@pytest.mark.parametrize("way", [Way.REMOVE, Way.STORE])
async def test_what_goes_out_on_a_consent_is_in_the_ledger_before_the_answer(tmp_path, monkeypatch, way):
    async with posted(tmp_path) as post:
        books = Books(post, FATES["three-fates"], monkeypatch)
        await judged(post, RAW, *FATES["three-fates"], way=way)
        at_once = set(books.outcomes().values())
        assert at_once == ({DisclosureState.SENT, DisclosureState.OWED} if way is Way.REMOVE else {DisclosureState.OWED})
        await owed_is_sent(post)
        assert set(books.outcomes().values()) == {DisclosureState.SENT}
