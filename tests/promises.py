"""What must be true of one message, however it was settled: seen from outside, knowing nothing of the code.

A fate is judged by the local part: pass.., rewrite.., hold... `judged` stands in for the rules; the oracle compares who was
answered what, what the sink has and what the store shows (LOST, LEAKED, PHANTOM, MISCLASS as the reliability goals define
them). A broken promise is an AssertionError that begins with its name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dlp.clerk import Clerk
from dlp.notices.compose import NoticeSite
from dlp.store.records import Filter
from dlp.store.states import State, Told
from dlp.values import Action, ChangeHeader, Disposition, Envelope, Judgement, Reason, Release, Ruling, Texts
from tests.upstream import Post

SUBJECT = b"Subject: a plan\r\n"
EDITED = b"Subject: neutral\r\n"
RAW = SUBJECT + b"From: ann@campus.example\r\nMessage-ID: <1@campus.example>\r\n\r\nhello\r\n.\r\n..twice\r\n"


def judged(envelope: Envelope, texts: Texts, _rules: object, _raw: object, _known: object = None) -> Judgement:
    """A judgement by local part; an edited copy needs nothing more."""
    edited = any(field.value == "neutral" for field in texts.fields)
    rulings = tuple(_ruling(each.address, edited=edited) for each in envelope.recipients)
    groups: dict[Action, list[int]] = {}
    for index, ruling in enumerate(rulings):
        groups.setdefault(ruling.action, []).append(index)
    edits = (ChangeHeader("Subject", 1, "neutral", "subject", "neutral"),)
    dispositions = tuple(
        Disposition(tuple(members), action is Action.HOLD, edits if action is Action.REWRITE else ())
        for action, members in sorted(groups.items())
    )
    return Judgement("1", (), (), rulings, dispositions)


@dataclass(frozen=True)
class Surveyed:
    """What `dlp.pipeline.survey` gives, with the judgement by local part in it; one of no series, by nobody's department."""

    known: Judgement
    series: None = None
    department: str = ""

    def judgement(self) -> Judgement:
        return self.known


def surveyed(*given: Any) -> Surveyed:
    return Surveyed(judged(*given))


def _ruling(address: str, *, edited: bool) -> Ruling:
    action = Action[address.partition("@")[0].rstrip("12").upper()]
    if edited and action is Action.REWRITE:
        action = Action.PASS
    release = Release.SENDER if action is Action.HOLD else None
    return Ruling(address, action, release, (Reason("T1", "FAQ:neutral-headers", "R77"),))


class Oracle:
    """What is true of one message, seen from outside."""

    def __init__(self, post: Post, addresses: Sequence[str], raw: bytes = RAW) -> None:
        self.post = post
        self.addresses = addresses
        self.raw = raw

    def rows(self) -> dict[str, State]:
        every = self.post.tools.store.held(Filter(states=frozenset(State)))
        addresses = [copy.recipient.address for copy in every]
        assert len(addresses) == len(set(addresses)), "one row for each recipient"
        return {copy.recipient.address: copy.state for copy in every}

    def has_notice(self) -> bool:
        return any(self.post.tools.store.counts().notices.values())

    def never(self) -> None:
        """LEAKED, in any state of affairs; and nobody gets bytes that were not meant for them."""
        for address in self.addresses:
            assert not (address.startswith("hold") and self.post.arrived(address)), "LEAKED"
            for raw in self.post.arrived(address):
                below = raw[raw.index(b"Subject:") :]
                assert below == (EDITED if address.startswith("rewrite") else SUBJECT) + self.raw.removeprefix(SUBJECT)

    def kept(self, codes: Mapping[str, int], *, permanent: bool) -> None:
        """LOST: who was answered 250 has it, or it is held or owed. MISCLASS: nobody is refused for our trouble."""
        rows = self.rows()
        for address, code in codes.items():
            assert code in (250, 451) or (permanent and code == 550), "MISCLASS"
            if code != 250:
                continue
            if address.startswith("hold"):
                assert rows.get(address) is State.HELD, "LOST"
            elif not self.post.arrived(address):
                assert rows.get(address) in (State.OWED, State.SENT) or self.refused_openly(address), "LOST"

    def refused_openly(self, address: str) -> bool:
        """A copy the next hop would not have is listed, and its sender or the policy contact is told."""
        (copy,) = self.post.tools.store.held(Filter(recipient=address))
        return copy.state is State.REFUSED and copy.told in (Told.REPORTED, Told.DIGEST)

    def no_phantom(self, codes: Mapping[str, int]) -> None:
        rows = self.rows()
        refused = [address for address, code in codes.items() if code != 250]
        assert not [address for address in refused if rows.get(address) is State.HELD], "PHANTOM"
        if len(refused) == len(codes):
            assert not self.has_notice(), "PHANTOM"


async def the_clerk_sends(post: Post) -> None:
    post.clock.forward(minutes=5)
    site = NoticeSite("Example", "privacy@campus.example", "guidance@campus.example", post.clock.now.tzinfo, {})
    clerk = Clerk(post.tools.store, post.release_sender(), post.tools.rules, site, post.clock.now.time())
    await clerk.send_owed()
