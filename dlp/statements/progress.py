"""What a sentence of advising may be for others than the advisor: progress in a subject, or distress.

Takes the tokens of a sentence. How somebody gets on those who teach the subject may know; what the reason is, or whether
somebody means to leave, they may not. Who cannot sleep or eat is a matter for the health services. Pure; never fails.
"""

from __future__ import annotations

from collections.abc import Sequence

from dlp.statements.concepts import topics

_PRIVATE = frozenset({"ADMIT", "CONDUCT", "HEALTH", "INTEGRITY", "MONEY", "STANDING", "VISA"})
_PROGRESS = frozenset({"ADVISE", "DID-BADLY", "DID-WELL"})
# what somebody struggles with that is no subject
_ELSE = frozenset(
    ("alone", "anxious", "ashamed", "breakdown", "career", "cried", "cries", "cry", "crying", "death", "depressed", "divorce",
     "embarrassed", "families", "family", "father", "friendless", "grief", "home", "homesick", "isolated", "job", "leave",
     "leaves", "leaving", "lonely", "major", "majors", "mother", "parent", "parents", "quit", "quits", "quitting", "roommate",
     "sister", "brother", "stress", "stressed", "transfer", "transferring", "unhappy", "university")
)  # fmt: skip


_DISTRESS = frozenset(
    ("breakdown", "collapse", "cries", "cry", "crying", "cut", "cuts", "cutting", "desperate", "despair", "eat", "eaten",
     "eating", "harm", "harming", "hurt", "hurting", "hurts", "panic", "panicked", "sleep", "sleeping", "slept", "tears")
)  # fmt: skip


def of_advising(tokens: Sequence[str]) -> frozenset[str]:
    """The kinds beside advising.

    >>> sorted(of_advising("STU is lagging in mechanics".split())), sorted(of_advising("PRO can't sleep or eat".split()))
    (['coursework'], ['health'])
    """
    distress = frozenset({"health"}) if not _DISTRESS.isdisjoint(tokens) else frozenset[str]()
    return distress | ({"coursework"} if is_progress(tokens) and not distress else frozenset[str]())


def is_progress(tokens: Sequence[str]) -> bool:
    """Whether that is so of a sentence that is taken for one of advising.

    >>> is_progress("STU is lagging in mechanics".split()), is_progress("STU is struggling since the divorce".split())
    (True, False)
    """
    of = frozenset(topic for each in topics(tokens) for topic in each)
    return not _PROGRESS.isdisjoint(of) and _PRIVATE.isdisjoint(of) and _ELSE.isdisjoint(tokens)
