"""Whether the writer of a message tells something of himself: "I got 13 of 20 for the lab."

Takes what was read and the weights; gives whether a sentence of the writer's own words that says "I" tells as surely as one
that somebody says of himself in a quotation must. What is quoted is another's. Bounded as candidates are; never fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, takewhile

from dlp.mail.zones import zones
from dlp.ruleset import Weighing
from dlp.statements.candidate import context
from dlp.statements.candidates import SENTENCES, may_say
from dlp.statements.quoted import said_of, speaks
from dlp.statements.sentences import features, sentences, tokens
from dlp.values import Texts, View

_OF_OTHERS = frozenset(("graded", "grading", "marking", "proctoring", "students"))  # who does that writes as who teaches
_ELSEWHERE = frozenset(("boss", "employer", "job"))
LEAST = 0.985  # as in a quotation: no training letter says "I"


def tells_of_himself(texts: Texts, weights: Weighing) -> bool:
    """Whether any sentence does."""
    views = (view for view in texts.views if not view.again and may_say(view))
    return any(weights.confidence(found) >= LEAST for view in views for found in _said(view))


def _said(view: View) -> Iterator[set[str]]:
    """The features of each sentence in which the writer says "I", as another would say it of him."""
    quoted = next((each.start for each in zones(view.text, view.marked) if each.depth), len(view.text))
    spans = takewhile(lambda span: span[0] < quoted, islice(sentences(view.text), SENTENCES))
    own = [tokens(view.text, start, end, ()) for start, end in spans]
    for words in own if all(map(_OF_OTHERS.isdisjoint, own)) else ():
        if speaks(words) and _ELSEWHERE.isdisjoint(words):
            said = tuple(said_of(words))
            yield features(said, context(said, 1, 0, addressed=False))
