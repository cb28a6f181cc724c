"""For whom each reason of a notice is, where the recipients of one message did not get the same answer for the same reason.

Takes causes, with the recipients each is of; gives the recipients of each wording, of a step and of an office. Nobody is told
apart where all reasons are everybody's, where it is not known of one (facts of an earlier release), and beside a reason that
may not be named: whom that is of would tell something of it. Fails on nothing the facts can hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from dlp.notices import reasons
from dlp.notices.facts import Cause, NoticeFacts


def worded(cause: Cause) -> reasons.Wording:
    return reasons.wording(cause.code, row=cause.row, neutral=cause.neutral)


@dataclass(frozen=True, slots=True)
class Groups:
    """The recipients of each wording, and of each office by its key, that is not everybody's."""

    of: Mapping[reasons.Wording, tuple[str, ...]] = field(default_factory=dict)
    asked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    everybody: frozenset[str] = frozenset()

    def needed(self, wordings: Iterable[reasons.Wording]) -> tuple[reasons.Wording, ...]:
        """Those without which somebody's reason would not be told, in their order."""
        chosen: list[reasons.Wording] = []
        covered: set[str] = set()
        for wording in wordings:
            whose = set(self.of.get(wording, self.everybody))
            if not chosen or not whose <= covered:
                chosen.append(wording)
                covered |= whose
        return tuple(chosen)

    def referred(self, offices: Iterable[str]) -> tuple[str, ...]:
        """Whose question one of these offices takes; () for everybody's."""
        return self._some(recipient for key in offices for recipient in self.asked.get(key, ()))

    def steps(self, wordings: Iterable[reasons.Wording], beside: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """The best way on of each reason and for whom it is, () for everybody; without those who are sent elsewhere."""
        told: dict[str, dict[str, None]] = {}
        for wording in wordings:
            whose = self.of.get(wording, tuple(self.everybody))
            if not set(whose) <= set(beside):
                told.setdefault(wording.instead[0], {}).update(dict.fromkeys(whose))
        return {step: self._some(whose) for step, whose in told.items()}

    def _some(self, recipients: Iterable[str]) -> tuple[str, ...]:
        some = tuple(dict.fromkeys(recipients))
        return () if self.everybody.issubset(some) else some


def grouped(facts: NoticeFacts, causes: Sequence[Cause]) -> Groups:
    """Who has to be told apart; nobody, where the reasons are the same."""
    if any(cause.neutral for cause in facts.causes) or not all(cause.whom for cause in causes):
        return Groups()
    of: dict[reasons.Wording, dict[str, None]] = {}
    asked: dict[str, dict[str, None]] = {}
    for cause in causes:
        of.setdefault(worded(cause), {}).update(dict.fromkeys(cause.whom))
        for key in cause.refer_to.split(","):
            asked.setdefault(key.strip(), {}).update(dict.fromkeys(cause.whom))
    every = frozenset(recipient for cause in causes for recipient in cause.whom)
    some = {wording: tuple(whose) for wording, whose in of.items() if not every.issubset(whose)}
    return Groups(some, {key: tuple(whose) for key, whose in asked.items()}, every)
