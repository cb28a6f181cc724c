"""What a sentence of advising may be for others than the advisor: progress in a subject, or distress.

Takes the tokens of a sentence. How somebody gets on those who teach the subject may know; what the reason is, or whether
somebody means to leave, they may not. Who cannot sleep or eat is a matter for the health services. Pure; never fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from dlp.statements.concepts import topics
from dlp.statements.studies import SUBJECT, WORK

PROGRESS, DISTRESS = "progress", "distress"  # patterns of findings
_PRIVATE = frozenset({"ADMIT", "CONDUCT", "HEALTH", "INTEGRITY", "MONEY", "STANDING", "VISA"})
_PROGRESS = frozenset({"ADVISE", "DID-BADLY", "DID-WELL"})
# what stands behind one of these is a reason, unless it is of the subject
_BEHIND = frozenset(("about", "after", "because", "due", "over", "since", "when", "while", "with"))
_WITH = frozenset(("PRO", "everybody", "me", "them", "us", "you"))  # nobody struggles with these
_REACH = 4  # tokens
_OF_STUDIES = frozenset({"COURSE", "DID-BADLY", "DID-WELL", "TERM", "WORK"})
_ELSE = frozenset(("career", "else", "elsewhere", "home", "leave", "leaving", "other", "others", "quit", "quits", "quitting"))
_SELF = frozenset(("cut", "cuts", "cutting", "harm", "harming", "harms", "hurt", "hurting", "hurts"))
_CANNOT = frozenset(("can't", "cannot", "couldn't", "doesn't", "hardly", "hasn't", "never", "no", "not", "barely"))
_NEEDS = frozenset(("eat", "eaten", "eating", "sleep", "sleeping", "slept"))
_BREAKS_DOWN = frozenset(("cried", "cries", "crying", "despair", "desperate", "panic", "sobbed", "sobbing", "tears"))


def of_advising(tokens: Sequence[str]) -> str:
    """PROGRESS, DISTRESS, or "" where it is neither.

    >>> of_advising("STU is lagging in mechanics".split()), of_advising("PRO can't sleep or eat".split())
    ('progress', 'distress')
    >>> of_advising("STU is struggling since the divorce".split()), of_advising("budget cuts hurt physics".split())
    ('', '')
    """
    if _is_in_distress(tokens):
        return DISTRESS
    of = topics(tokens)
    every = frozenset(topic for each in of for topic in each)
    if _PROGRESS.isdisjoint(every) or not _PRIVATE.isdisjoint(every) or not _ELSE.isdisjoint(tokens):
        return ""
    named = not SUBJECT.isdisjoint(tokens)  # struggling with eigenvalues in my recitation
    reasons = (at for at, word in enumerate(tokens) if word in _BEHIND and not (named and word == "with"))
    return PROGRESS if all(_is_of_studies(tokens[at + 1 :][:_REACH], of[at + 1 :][:_REACH]) for at in reasons) else ""


def _is_in_distress(tokens: Sequence[str]) -> bool:
    if not _BREAKS_DOWN.isdisjoint(tokens) or any(one in _SELF and other == "PRO" for one, other in pairwise(tokens)):
        return True
    return any(not _CANNOT.isdisjoint(tokens[max(0, at - 2) : at]) for at, token in enumerate(tokens) if token in _NEEDS)


def _is_of_studies(tokens: Sequence[str], of: Sequence[Sequence[str]]) -> bool:
    words = not (SUBJECT | WORK).isdisjoint(tokens) or not _WITH.isdisjoint(tokens[:1]) or tuple(tokens) == ("PROS",)
    return words or any(not _OF_STUDIES.isdisjoint(each) for each in of)
