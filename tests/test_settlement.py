"""Promises 1 and 2 for every way a message may be settled: next hop and store behave and misbehave, and the client retries.

A fate is judged by the local part and the oracle knows nothing of the code (tests/promises.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

import pytest

from dlp import holds
from dlp.errors import Unavailable
from dlp.forward import Deadline
from dlp.intake import Conversation
from dlp.sink import Fault, Script
from dlp.store.records import Filter
from dlp.store.states import State
from dlp.transaction import Patience, Relay
from dlp.values import Recipient
from tests.promises import RAW, Oracle, the_clerk_sends
from tests.store.samples import OFFICER
from tests.upstream import DESK, PLACES, SENDER, Post, posted

FATES = {
    "pass": ("pass1@campus.example", "pass2@campus.example"),
    "hold": ("hold1@out.example", "hold2@out.example"),
    "rewrite": ("rewrite1@campus.example", "rewrite2@campus.example"),
    "split": ("pass1@campus.example", "hold1@out.example"),
    "split-rewrite": ("hold1@out.example", "rewrite1@campus.example"),
    "three-fates": ("pass1@campus.example", "rewrite1@campus.example", "hold1@out.example", "pass2@campus.example"),
}


@dataclass(frozen=True, slots=True)
class Hop:
    """How the next hop behaves on the first try; `permanent`: a client may be told 5xx."""

    script: Script
    permanent: bool = False
    lost: bool = False  # the next hop may have the message without our knowing


NO, NEVER = "451 4.3.0 not now", "550 5.7.1 never"
FIRST_PASS, FIRST_REWRITE = "pass1@campus.example", "rewrite1@campus.example"
HOPS: Mapping[str, Hop] = {
    "ok": Hop({}),
    "mail-4xx": Hop({"MAIL": NO}),
    "mail-5xx": Hop({"MAIL": NEVER}, permanent=True),
    "fresh-mail-4xx": Hop({"MAIL": (None, NO)}),
    "fresh-mail-5xx": Hop({"MAIL": (None, NEVER, NEVER, NEVER)}, permanent=True),
    "rcpt-4xx": Hop({f"RCPT {FIRST_PASS}": NO, f"RCPT {FIRST_REWRITE}": NO}),
    "rcpt-5xx": Hop({f"RCPT {FIRST_PASS}": NEVER, f"RCPT {FIRST_REWRITE}": NEVER}, permanent=True),
    "fresh-rcpt-4xx": Hop({f"RCPT {FIRST_PASS}": (None, NO), f"RCPT {FIRST_REWRITE}": (None, NO)}),
    "fresh-rcpt-5xx": Hop({f"RCPT {FIRST_PASS}": (None, NEVER), f"RCPT {FIRST_REWRITE}": (None, NEVER)}, permanent=True),
    "data-4xx": Hop({"DATA": NO}),
    "data-5xx": Hop({"DATA": NEVER}, permanent=True),
    "data-drop": Hop({"DATA": Fault.DROP}),
    "data-hang-up": Hop({"DATA": Fault.HANG_UP}),
    "dot-4xx": Hop({"DOT": NO}),
    "dot-5xx": Hop({"DOT": NEVER}, permanent=True),
    "dot-4xx-one": Hop({f"DOT {FIRST_PASS}": NO, f"DOT {FIRST_REWRITE}": NO}),
    "dot-5xx-one": Hop({f"DOT {FIRST_PASS}": NEVER, f"DOT {FIRST_REWRITE}": NEVER}, permanent=True),
    "dot-4xx-first": Hop({"DOT": (NO,)}),
    "dot-drop": Hop({"DOT": Fault.DROP}, lost=True),
    "dot-silent": Hop({"DOT": Fault.SILENT}, lost=True),
    "dot-421": Hop({"DOT": "421 4.3.2 going down"}),
    "dot-nonsense": Hop({"DOT": b"nonsense\r\n"}, lost=True),
}

STORES: Mapping[str, dict[str, str]] = {
    "well": {},
    "hold-fails": {"hold": "before"},
    "hold-unknown": {"hold": "after"},
    "prepare-fails": {"prepare": "before"},
    "prepare-unknown": {"prepare": "after"},
    "commit-fails": {"commit": "before"},
    "commit-unknown": {"commit": "after"},
    "abort-fails": {"abort": "before"},
    "settled-fails": {"settled": "before"},
    "notice-fails": {"queue_notice": "before"},
}
LEASED = frozenset({"prepare-unknown", "abort-fails"})  # what is left over keeps a retry waiting until its lease ends
WAYS = {"smtp-smtp": (False, False), "smtp-lmtp": (False, True), "lmtp-smtp": (True, False), "lmtp-lmtp": (True, True)}


pytestmark = pytest.mark.usefixtures("by_local_part")

SPLIT = frozenset({"split", "split-rewrite", "three-fates"})
MEETS: Mapping[str, frozenset[str]] = {  # which fates come across a fault of this call; the others any
    "prepare": SPLIT,
    "commit": SPLIT | {"pass", "rewrite"},  # the latter where an LMTP next hop takes only some
    "abort": SPLIT,
    "queue_notice": frozenset({"rewrite", "three-fates"}),
}


def cells() -> Iterator[tuple[str, str, str]]:
    """Every next hop with a store that is well; every store fault with the fates and next hops that meet it."""
    for fate, hop in product(FATES, HOPS):
        yield fate, hop, "well"
    for fate, hop, store in product(FATES, ("ok", "dot-4xx-one", "fresh-rcpt-5xx", "dot-drop"), list(STORES)[1:]):
        (call,) = STORES[store]
        if fate in MEETS.get(call, FATES):
            yield fate, hop, store


async def retry(post: Post, codes: Mapping[str, int]) -> dict[str, int]:
    """As the upstream does: over LMTP those that got 4xx, over SMTP all of them; under the same upstream id."""
    again = [address for address, code in codes.items() if code == 451]
    return await post.send(again, RAW) if again else {}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("fate", "hop", "store"), list(cells()))
async def test_promises(quick_folder, way, fate, hop, store):
    """First try under trouble, two retries at once or, where need be, after every lease has ended; then the clerk."""
    lmtp, next_lmtp = WAYS[way]
    behaviour = HOPS[hop]
    async with posted(quick_folder, lmtp=lmtp, next_lmtp=next_lmtp, faults=dict(STORES[store])) as post:
        oracle = Oracle(post, FATES[fate])
        post.sink.play(behaviour.script)
        codes = await post.send(FATES[fate], RAW)
        oracle.never()
        oracle.kept(codes, permanent=behaviour.permanent)
        if not store.endswith("-unknown"):
            oracle.no_phantom(codes)
        assert post.free_places == PLACES, "a session was not given back"
        most = 1 + behaviour.lost
        post.sink.play({})
        ended = dict(codes)
        for minutes in (1, 20, 20) if store in LEASED else (1, 1):
            ended |= await retry(post, ended)
            oracle.never()
            oracle.kept(ended, permanent=behaviour.permanent)
            post.clock.forward(minutes=minutes)
        assert set(ended.values()) <= {250, 550}
        await the_clerk_sends(post)
        oracle.never()
        rows = oracle.rows()
        for address, code in ended.items():
            copies = len(post.arrived(address))
            if address.startswith("hold"):
                assert rows.get(address) == (State.HELD if code == 250 else None)
            elif code == 250:
                assert 1 <= copies <= most, "LOST or DUP"
        assert sum(post.tools.store.counts().notices.values()) <= 1, "one notice for each message"


@pytest.mark.parametrize("next_lmtp", [False, True], ids=["smtp", "lmtp"])
async def test_an_owed_copy_that_is_refused_is_told_listed_and_can_be_released(tmp_path, next_lmtp):
    async with posted(tmp_path, next_lmtp=next_lmtp) as post:
        oracle = Oracle(post, FATES["three-fates"])
        codes = await post.send(FATES["three-fates"], RAW)
        post.sink.play({f"RCPT {FIRST_REWRITE}": NEVER})
        await the_clerk_sends(post)
        assert oracle.rows()[FIRST_REWRITE] is State.REFUSED
        oracle.kept(codes, permanent=False)
        post.sink.play({})
        store, sender = post.tools.store, post.release_sender()
        (refused,) = store.held(Filter(states=frozenset({State.REFUSED})))
        await holds.release(store, sender.deliver, refused.reference, OFFICER, FIRST_REWRITE)
        oracle.never()
        assert len(post.arrived(FIRST_REWRITE)) == 1


async def test_over_lmtp_a_full_disk_is_452_for_the_recipients_it_concerns(tmp_path, monkeypatch):
    async with posted(tmp_path, lmtp=True) as post:

        def full(*_: object) -> None:
            raise Unavailable("disk", storage=True)

        monkeypatch.setattr(post.tools.store._store, "hold", full)
        assert await post.send(FATES["split"], RAW) == dict(zip(FATES["split"], (250, 452), strict=True))


async def test_a_disk_that_is_full_at_the_commit_is_said_so(tmp_path, monkeypatch):
    """All tries: the client hears of a full disk, 452, and not of a store in trouble."""
    monkeypatch.setattr("dlp.settlement._COMMIT_PAUSES", (0.0, 0.01))
    async with posted(tmp_path) as post:

        def full(*_: object) -> None:
            raise Unavailable("disk", storage=True)

        monkeypatch.setattr(post.tools.store._store, "commit", full)
        relay = Relay(post.tools).open(Conversation(DESK, "4XyZ", lmtp=False, helo="mta.campus.example"))
        await relay.mail(SENDER, ())
        for address in FATES["split"]:
            await relay.rcpt(Recipient(address))
        with pytest.raises(Unavailable) as raised:
            await relay.accept(RAW)
        await relay.close()
        assert raised.value.storage


@dataclass(frozen=True, slots=True)
class Hurried:
    """Time enough for the next hop, and so many seconds for the commit."""

    seconds: float

    def shares(self, began: float, front: str) -> tuple[float, Deadline, float]:
        until, deadline, _ = Patience(600, 600).shares(began, front)
        return until, deadline, began + self.seconds


@pytest.mark.parametrize(("seconds", "tries"), [(100.0, 3), (0.0, 1)])
async def test_no_further_try_at_the_commit_begins_when_the_client_is_about_to_give_up(tmp_path, monkeypatch, seconds, tries):
    monkeypatch.setattr("dlp.settlement._COMMIT_PAUSES", (0.0, 0.01, 0.01))
    async with posted(tmp_path) as post:
        begun = []

        def failing(*_: object) -> None:
            begun.append(1)
            raise Unavailable("store")

        monkeypatch.setattr(post.tools.store._store, "commit", failing)
        post.tools = replace(post.tools, patience=Hurried(seconds))
        assert set((await post.send(FATES["split"], RAW)).values()) == {451}
        assert len(begun) == tries
