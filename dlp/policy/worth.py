"""What a disclosure missed is worth, in letters stopped for nothing: by whom it would reach, and by its kind.

Takes probabilities of sentences; gives confidences, on the scale on which `[policy] act_at` is where a letter to outside is
stopped, and what is told to those inside, for whom it must be surer. Lists, IDs and what patterns find act as they are. Pure;
never fails.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from dlp.values import Disclosure, Finding

WEIGHED = "statement"  # the detector whose confidences stand for probabilities
_OUTSIDE, _INSIDE = 7.0, 5.0  # what has left cannot be called back; who is inside is bound by the same rules
# told of fewest, and not to be mended; and what most of a campus sees for itself
_OF_KIND: Mapping[str, float] = MappingProxyType(
    {"health": 1.5, "accommodation": 1.5, "immigration": 1.5, "conduct": 1.5, "enrolment": 0.7, "attendance": 0.7}
)


def raised(probability: float) -> float:
    """The confidence that stands for a probability: its odds times what is lost by a miss to outside."""
    return _times(probability, _OUTSIDE)


def of_kind(confidence: float, kind: str) -> float:
    """The same confidence once it is known what is told."""
    return _times(confidence, _OF_KIND.get(kind, 1.0))


def told_inside(disclosures: tuple[Disclosure, ...], findings: Sequence[Finding], act_at: float) -> tuple[Disclosure, ...]:
    """What is told to those inside: without the kinds that only sentences say which are not sure enough for them."""
    doubtful = {
        index
        for index, each in enumerate(findings)
        if each.detector == WEIGHED and _times(each.confidence, _INSIDE / _OUTSIDE) < act_at
    }
    return tuple(_without(item, findings, doubtful) for item in disclosures) if doubtful else disclosures


def _without(item: Disclosure, findings: Sequence[Finding], doubtful: Collection[int]) -> Disclosure:
    kept = tuple(index for index in item.findings if index not in doubtful)
    gone = {findings[index].kind for index in item.findings} - {findings[index].kind for index in kept}
    return replace(item, kinds=item.kinds - gone, findings=kept) if gone else item


def _times(share: float, by: float) -> float:
    """A probability whose odds are so many times as high."""
    return by * share / (by * share + 1 - share)
