"""Words of a record in a sentence that surely tells nothing: a gas supply that was suspended, an oven on probation.

Takes what patterns found, the sentences of the message and the weights; gives the same with what such a sentence states taken
for a hint at most. A pattern knows the word, the weights what stands around it. Praise they do not know, what a table or label
says is no sentence, what stands beside a name is said of that person, and a pattern of CERTAIN stays. Pure; never fails.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from itertools import dropwhile

from dlp.campus.labelled import Labelled
from dlp.policy.kinds import is_record
from dlp.ruleset import Weighing
from dlp.statements.candidate import Candidate, context
from dlp.statements.missed import is_excuse
from dlp.statements.sentences import STUDENT, features, tokens
from dlp.values import Finding, Role, Texts

_SURELY_NOT = 0.1  # a confidence below which no letter of the authors who set thresholds told anything
_STRANGE = 4  # one word in so many may be one that no letter had which trained: of more the weights say nothing
_HINT = 0.1
_SURELY = 0.9  # tells something
_LIKELY = 0.5
_MARKS = re.compile(r"[,;()\u2013\u2014]")  # between clauses
_VERBS = frozenset(("are", "got", "had", "has", "is", "was", "were", "will"))
_OURS = re.compile(
    r"(?:our|i'm|we're|(?:i|we) (?:am|are|got an?|had an?|owe|was|were)|(?:i've|we've|(?:i|we) ha(?:d|ve)) been)\b(?! \w+ing\b)"
)
_ANYBODY = frozenset(("PRO", "PROS", STUDENT, "THEY", "THEYS", "you", "your"))
_OF_ONE = frozenset(("PRO", "again", "also", "currently", "now", "still", "who"))  # before it
CERTAIN = 0.9  # confidence of a pattern that no sentence overrules
_BESIDE = 5  # characters between a name and what is said of it: "Hana Kim (on probation)"
_BEGIN = 4  # tokens that show whom a sentence is about
_JOINED = frozenset((" ", ", ", ": "))  # between that and a name behind it
_PATTERN = "pattern"  # the detector
_UNKNOWN = frozenset({"biographical", "contact", "coursework", "photo", "recommendation"})  # no weights are for these


def overruled(texts: Texts, told: Labelled, every: Iterable[tuple[Candidate, Collection[str]]], weights: Weighing) -> Labelled:
    """`every` are the sentences with their features."""
    findings = list(told.people.findings)
    stated = sorted(
        (one.view, one.start, at)
        for at, one in enumerate(findings)
        if one.role is Role.STATES and one.detector == _PATTERN and is_record(one.kind) and one.kind not in _UNKNOWN
        if one.confidence < CERTAIN
    )
    signs = [one for one in findings if one.role is Role.IDENTIFIES] if stated else []
    ends, starts = sorted((one.view, one.end) for one in signs), sorted((one.view, one.start) for one in signs)
    for each, found in every if stated else ():
        first = bisect_left(stated, (each.view, each.start))
        here = (at for _, _, at in stated[first : bisect_left(stated, (each.view, each.end))])
        text = texts.views[each.view].text
        within = [at for at in here if at not in told.about and not _is_beside(text, findings[at], ends, starts)]
        surely = _LIKELY if _is_of_the_writers(each.words) else _SURELY_NOT
        if within and is_excuse(each.words) and weights.confidence(found) >= _SURELY:
            for at in (at for at in within if findings[at].kind == "health"):  # the sentence tells the excuse itself
                findings[at] = replace(findings[at], confidence=_HINT)
        if within and weights.confidence(found) < surely and _is_understood(each.words, weights):
            for at in within:
                if STUDENT in each.words and _tells_alone(text, each, findings[at], weights):
                    continue
                findings[at] = replace(findings[at], confidence=min(_HINT, findings[at].confidence))
    return replace(told, people=replace(told.people, findings=tuple(findings)))


def _tells_alone(text: str, each: Candidate, found: Finding, weights: Weighing) -> bool:
    """Whether the clause of a pattern begins with a verb, or with "who" or "now", and tells something of a student: Hana, the
    tall one, is on leave.
    """
    before = [mark.end() for mark in _MARKS.finditer(text, each.start, found.start)]
    behind = _MARKS.search(text, found.end, each.end)
    clause = tokens(text, before[-1] if before else each.start, behind.start() if behind else each.end, ())
    words = tuple(dropwhile(_OF_ONE.__contains__, clause))
    if not words or (words[0] not in _VERBS and len(words) == len(clause)):
        return False
    said = (STUDENT, *words)
    return weights.confidence(features(said, context(said, 1, 0, addressed=False))) >= _LIKELY


def _is_of_the_writers(words: Sequence[str]) -> bool:
    """Whether a sentence says how the writer's own side is, and names nobody else: we have been in good standing since 1998.

    What the writer did is done to somebody: I put the kid on probation.
    """
    if not _ANYBODY.isdisjoint(words):
        return False
    return _OURS.match(" ".join(words[:_BEGIN])) is not None


def _is_beside(text: str, found: Finding, ends: Sequence[tuple[int, int]], starts: Sequence[tuple[int, int]]) -> bool:
    """Whether a name ends just before what a pattern found, or begins just behind: "our friend on probation, Hana Kim"."""
    before, behind = bisect_right(ends, (found.view, found.start)) - 1, bisect_left(starts, (found.view, found.end))
    if before >= 0 and ends[before] >= (found.view, found.start - _BESIDE):
        return True
    follows = behind < len(starts) and starts[behind][0] == found.view
    return follows and text[found.end : starts[behind][1]] in _JOINED


def _is_understood(words: Sequence[str], weights: Weighing) -> bool:
    """Whether nearly all words are known, so that little sureness means something: not another language, nor typing errors."""
    plain = [word for word in words if word.islower()]
    return sum(not weights.knows(word) for word in plain) * _STRANGE <= len(plain)
