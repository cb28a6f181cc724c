"""Whether a letter recommends somebody, as its sentences sound, where no pattern says so.

Takes the sentences that would be weighed, with their features, and the fitted weights; gives the one that praises most, if the
loudest together are praise enough, and what is told with a finding more for each whom that one is about. Never fails.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from heapq import nlargest

from dlp.campus.labelled import Labelled
from dlp.campus.places import Places
from dlp.ruleset import Weighing
from dlp.statements.candidate import Candidate
from dlp.statements.sentences import EMPLOYEE, STUDENT
from dlp.values import Texts

_PEOPLE = frozenset({STUDENT, EMPLOYEE, "PRO", "PROS", "THEY", "THEYS"})  # a sentence without one praises nobody
_LETTER = 0.75  # probabilities of praise, in its loudest sentences together, from which a letter recommends
_LOUDEST = 3


def praise(sentences: Sequence[tuple[Candidate, Collection[str]]], weights: Weighing) -> Candidate | None:
    """The sentence that praises most in a letter that recommends somebody."""
    shares = [(weights.praise(found), nth) for nth, (each, found) in enumerate(sentences) if not _PEOPLE.isdisjoint(each.words)]
    most = nlargest(_LOUDEST, shares)
    return sentences[most[0][1]][0] if sum(share for share, _ in most) >= _LETTER else None


def with_praise(texts: Texts, told: Labelled, sentence: Candidate) -> Labelled:
    """What is told, with the recommendation."""
    where = Places(texts.views[sentence.view]).where(sentence.start)
    further = [sentence.finding("recommendation", person, _LETTER, where) for person in sentence.people]
    about = {len(told.people.findings) + nth: each.digest for nth, each in enumerate(further)}
    people = replace(told.people, findings=(*told.people.findings, *further))
    return replace(told, people=people, about={**told.about, **about})
