"""One sentence that may tell something of somebody, and the features of where it stands.

A value and what is said of it in the words that weights are fitted to: how many are named, how far behind a name, how long.
Nothing here fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dlp.policy.worth import WEIGHED, of_kind
from dlp.statements.sentences import features
from dlp.values import Finding, Role

REACH = 4  # sentences after one that names somebody which may still be about the same person
BEFORE = -1  # the distance of what stands before the first name
FAR = frozenset({f"distance {BEFORE}", "distance far"})
YOU = frozenset({"you", "your", "you're", "you've", "you'll", "you'd", "yours", "yourself"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """One sentence that may tell something of these people: its tokens, and where it stands."""

    view: int
    start: int
    end: int
    people: tuple[str, ...]
    words: tuple[str, ...]
    context: tuple[str, ...]
    before: tuple[str, ...] = ()  # tokens of the sentence before
    heading: tuple[str, ...] = ()  # and of the Subject
    quoted: bool = False  # whom it is about says it of himself
    plain: tuple[str, ...] = ()  # its tokens without fields of the directory, where it gives any

    @property
    def found(self) -> set[str]:
        """Its features."""
        return features(self.words, self.context, self.before, self.heading)

    @property
    def found_plain(self) -> set[str] | None:
        """Those it has without fields of the directory, if it gives any."""
        return features(self.plain, self.context, self.before, self.heading) if self.plain else None

    def finding(self, kind: str, person: str, confidence: float, where: str, pattern: str = "statement") -> Finding:
        """That it states something of a kind about somebody."""
        return Finding(
            kind=kind,
            detector=WEIGHED,
            pattern=pattern,
            role=Role.STATES,
            where=where,
            view=self.view,
            start=self.start,
            end=self.end,
            confidence=of_kind(confidence, kind),
            masked="a sentence",
            digest=person,
        )


def context(words: Sequence[str], named: int, distance: int, addressed: bool) -> Iterator[str]:  # noqa: FBT001  a plain fact
    """Features of where a sentence stands."""
    yield f"named {min(named, 3)}"
    yield f"distance {distance if distance <= REACH else 'far'}"
    yield f"length {min(len(words) // 6, 4)}"
    if addressed:
        yield "addressed"
    if "?" in words:
        yield "asks"
