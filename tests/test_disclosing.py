"""The ledger tells of all that went out on a basis, and of nothing else, however next hop, store and client behave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from dlp import holds
from dlp.campus.records import Consent
from dlp.store import Store
from dlp.store.disclosures import Intent
from dlp.store.states import DisclosureState
from dlp.values import Allowed
from tests.promises import RAW, Surveyed, judged, the_clerk_sends
from tests.store.samples import OFFICER, START, mail
from tests.test_settlement import FATES, HOPS, WAYS, Hop
from tests.upstream import Post, posted

pytestmark = pytest.mark.usefixtures("by_local_part")

SOME_FATES = ("pass", "three-fates")  # one group alone, and all that can come together


def telling(monkeypatch: pytest.MonkeyPatch, *allowed: Allowed) -> None:
    """A judgement by local part that finds this in every message."""
    monkeypatch.setattr("dlp.transaction.survey", lambda *given: Surveyed(replace(judged(*given), allowed=allowed)))


def agreed(store: Store, address: str) -> Allowed:
    """This person's consent to be told of to that address, once."""
    person = str(900_000_000 + sum(address.encode()))
    kinds = frozenset({"grades"})
    permit = store.add_consent(Consent(f"C-{address}", person, kinds, address, START.date(), uses=1), OFFICER)
    return Allowed(address, person, kinds, "consent", "FAQ:outside-consent", permit)


class Books:
    """What the store says of each recipient, against what the sink has."""

    def __init__(self, post: Post, addresses: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
        self.post = post
        self.store: Store = post.tools.store._store  # type: ignore[attr-defined]
        self.allowed = {address: agreed(self.store, address) for address in addresses if not address.startswith("hold")}
        telling(monkeypatch, *self.allowed.values())

    def outcomes(self) -> Mapping[str, DisclosureState]:
        told = [entry for each in self.allowed.values() for entry in self.store.disclosed(each.person, OFFICER)]
        assert len({entry.recipient for entry in told}) == len(told)
        return {entry.recipient: entry.outcome for entry in told}

    def agree(self, *, ended: bool) -> None:
        """At any time all that arrived is told; in the end what is told as sent arrived, and every other use is there again."""
        outcomes = self.outcomes()
        for address, each in self.allowed.items():
            arrived = bool(self.post.arrived(address))
            assert not arrived or address in outcomes, "went out and is not in the ledger"
            (known,) = self.store.facts([each.person], []).consents
            assert known.uses_left == (0 if address in outcomes else 1)
            if outcomes.get(address) is DisclosureState.SENT:
                assert arrived, "is in the ledger and did not go out"
            if ended:
                assert outcomes.get(address) in (None, DisclosureState.SENT, DisclosureState.UNKNOWN)
        assert self.store.verify_ledger() is None


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("hop", HOPS)
@pytest.mark.parametrize("fate", SOME_FATES)
async def test_the_ledger_and_the_next_hop_agree(quick_folder, monkeypatch, fate, hop, way):
    """A first try under trouble, then two more, then the clerk."""
    await _two_tries(quick_folder, monkeypatch, fate, way, HOPS[hop], {})


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "fault", [("intend", "before"), ("intend", "after"), ("conclude", "before"), ("conclude", "after"), ("commit", "after")]
)
@pytest.mark.parametrize("hop", ["ok", "dot-4xx-one", "dot-drop"])
async def test_they_agree_when_the_store_stumbles(quick_folder, monkeypatch, hop, fault, way):
    monkeypatch.setattr("dlp.disclosing._PAUSES", (0.0, 0.01))
    await _two_tries(quick_folder, monkeypatch, "three-fates", way, HOPS[hop], dict([fault]))


async def _two_tries(folder, monkeypatch, fate: str, way: str, hop: Hop, faults: dict[str, str]) -> None:
    lmtp, next_lmtp = WAYS[way]
    async with posted(folder, lmtp=lmtp, next_lmtp=next_lmtp, faults=faults) as post:
        books = Books(post, FATES[fate], monkeypatch)
        post.sink.play(hop.script)
        codes = await post.send(FATES[fate], RAW)
        books.agree(ended=False)
        post.sink.play({})
        for _ in range(2):
            post.clock.forward(minutes=20)  # longer than a lease: what an unknown commit left behind is found
            books.store.recover()
            again = [address for address, code in codes.items() if code == 451]
            codes |= await post.send(again, RAW) if again else {}
            books.agree(ended=False)
        await the_clerk_sends(post)
        books.agree(ended=True)


@pytest.mark.parametrize("lmtp", [False, True], ids=["smtp", "lmtp"])
async def test_what_was_on_hold_is_told_once_it_is_released(tmp_path, monkeypatch, lmtp):
    async with posted(tmp_path, lmtp=lmtp) as post:
        store: Store = post.tools.store._store
        held = FATES["hold"][0]
        about = Allowed(held, "912345670", frozenset({"conduct"}), "release", "FAQ:outside-consent")
        telling(monkeypatch, about)
        assert set((await post.send(FATES["three-fates"], RAW)).values()) == {250}
        assert not store.disclosed(about.person, OFFICER)
        (copy,) = store.held()
        await holds.release(store, post.release_sender().deliver, copy.reference, OFFICER)
        assert post.arrived(held)
        assert [(entry.recipient, entry.outcome) for entry in store.disclosed(about.person, OFFICER)] == [(held, "sent")]


async def test_mail_without_a_disclosure_writes_nothing(tmp_path):
    async with posted(tmp_path, faults={"intend": "before", "conclude": "before"}) as post:
        assert set((await post.send(FATES["pass"], RAW)).values()) == {250}
        assert post.tools.store.faults == {"intend": "before", "conclude": "before"}  # nobody asked


async def test_a_consent_used_up_between_judgement_and_dot_sends_nothing(tmp_path, monkeypatch):
    async with posted(tmp_path) as post:
        books = Books(post, FATES["pass"], monkeypatch)
        (permit, *_) = (each.permit for each in books.allowed.values())
        other = replace(next(iter(books.allowed.values())), recipient="else@campus.example", permit=permit)
        taken = books.store.intend(mail("another"), [other])
        assert isinstance(taken, Intent)
        assert set((await post.send(FATES["pass"], RAW)).values()) == {451}
        assert not post.sink.messages
