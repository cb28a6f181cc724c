"""Patterns to findings: the method "pattern".

Takes checked patterns and a keyed digest, gives a Matcher. One google-re2 Set pass over each view says which patterns
can hit; only those run again for their places, and of very many places enough are kept (see dlp.detectors.enough). A
canary that hits everything rides in each Set: when it is missing the pass did not run, and Unavailable("scan") is
raised, as it is for a backtracking pattern over its time; these run without the interpreter's lock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import re2
import regex

from dlp.detectors import probe
from dlp.detectors.again import once
from dlp.detectors.enough import MOST_WEIGHED, enough, room
from dlp.detectors.nearness import Nearness
from dlp.detectors.surroundings import Span, Surroundings
from dlp.detectors.validators import CONTEXT, VALIDATORS, digits
from dlp.detectors.wording import near_words
from dlp.detectors.words import expression
from dlp.errors import Unavailable
from dlp.ruleset import Pattern
from dlp.values import Channel, Finding, Role, Texts

DETECTOR = "pattern"
BACKTRACKING_SECONDS = 0.5  # of all backtracking expressions in all of one message
_LEAST_SECONDS = 0.002  # of one in a view, however small: a machine that pauses is no loop
_CANARY = b""  # hits every text, the empty one too
_SET_MEMORY = 64 << 20
_MASKED_DIGITS_SHOWN = 2


@dataclass(frozen=True, slots=True)
class Trial:
    """One place where a pattern's shape fits. `rejected_by` names the validator that refused it, "" = it is a finding."""

    pattern: Pattern
    view: int
    start: int
    end: int
    confidence: float
    rejected_by: str = ""


class PatternSet:
    """Patterns made ready to run; a Matcher (see dlp.ruleset).

    Raises re2.error or regex.error when an expression cannot be compiled: dlp.pattern_files checks each one before.
    """

    def __init__(self, patterns: Iterable[Pattern], digest: Callable[[str], str]) -> None:
        self._digest = digest
        rules = tuple(_Rule(pattern) for pattern in patterns)
        self._slow = sum(rule.pattern.backtracking for rule in rules)
        by_channel = {channel: tuple(rule for rule in rules if channel in rule.pattern.channels) for channel in Channel}
        gates = {members: _Gate(members) for members in set(by_channel.values())}
        self._gates = {channel: gates[members] for channel, members in by_channel.items()}

    @property
    def backtracks(self) -> bool:
        """Whether any of them is a backtracking one."""
        return self._slow > 0

    def find(self, texts: Texts) -> tuple[Finding, ...]:
        """All findings, in the order of views and of each view's text. Raises Unavailable("scan")."""
        found: list[Finding] = []
        for around, trials in self._views(texts):
            here = [self._finding(trial, around) for trial in trials if not trial.rejected_by]
            here += probe.find(around.view, around.index, self._digest)
            found += sorted(here, key=lambda finding: (finding.start, finding.end))
        return tuple(once(found, texts.views))

    def trials(self, texts: Texts) -> tuple[Trial, ...]:
        """Every place where a shape fits, with what became of it: how `dlp patterns` explains itself."""
        return tuple(trial for _, trials in self._views(texts) for trial in trials)

    def _views(self, texts: Texts) -> Iterator[tuple[Surroundings, list[Trial]]]:
        subject = next((view.text for view in texts.views if view.field == "subject"), "")
        kept: Counter[str] = Counter()
        characters = sum(len(view.text) for view in texts.views) if self._slow else 0
        a_character = BACKTRACKING_SECONDS / max(1, self._slow * characters)
        for index, view in enumerate(texts.views):
            around = Surroundings(view, index, subject, max(a_character * len(view.text), _LEAST_SECONDS))
            yield around, self._trials(around, kept)

    def _trials(self, around: Surroundings, kept: Counter[str]) -> list[Trial]:
        """Who is identified comes first: of very many statements those on a person's line are the ones to keep."""
        trials: list[Trial] = []
        rules = self._gates[around.view.channel].admitted(around.data)
        for rule in sorted(rules, key=lambda rule: rule.pattern.role is not Role.IDENTIFIES):
            found = rule.trials(around, room(kept[rule.pattern.id]), trials)
            kept[rule.pattern.id] += len(found)
            trials += found
        return trials

    def _finding(self, trial: Trial, around: Surroundings) -> Finding:
        pattern = trial.pattern
        value = around.text[trial.start : trial.end]
        return Finding(
            kind=pattern.kind,
            detector=DETECTOR,
            pattern=pattern.id,
            role=pattern.role,
            where=around.where(trial.start),
            view=trial.view,
            start=trial.start,
            end=trial.end,
            confidence=trial.confidence,
            masked=masked(pattern, value),
            digest=self._digest(normalised(pattern, value)),
            enforced=pattern.enforced,
        )


def compile_linear(source: str) -> Any:
    """Compile for google-re2, quietly. Raises re2.error for what is wrong or not linear."""
    return re2.compile(source.encode(), _options())


def normalised(pattern: Pattern, value: str) -> str:
    """The value as its digest sees it: the digits of an ID however written, else the text without case."""
    number = digits(value) if pattern.kind == "id" else ""
    return number or " ".join(value.casefold().split())


def masked(pattern: Pattern, value: str) -> str:
    """What officers may see of a match: at most the last two digits of an ID, else the pattern's title."""
    number = digits(value) if pattern.kind == "id" else ""
    if len(number) <= 2 * _MASKED_DIGITS_SHOWN:
        return pattern.title
    return "•" * (len(number) - _MASKED_DIGITS_SHOWN) + number[-_MASKED_DIGITS_SHOWN:]


class _Rule:
    """One pattern with everything compiled."""

    def __init__(self, pattern: Pattern) -> None:
        self.pattern = pattern
        self.gate = pattern.prefilter if pattern.backtracking else pattern.regex
        self._linear = None if pattern.backtracking else compile_linear(pattern.regex)
        self._backtracking = regex.compile(pattern.regex) if pattern.backtracking else None
        self._words = near_words(pattern, _words)

    def trials(self, around: Surroundings, most: int, before: Iterable[Trial]) -> list[Trial]:
        """What becomes of each place where the shape fits, or of enough of them; `before` is what others found here."""
        hits, trials = self._fitting(around, most)
        if self.pattern.role is Role.STATES and len(hits) == most:
            hits += self._beside(around, before, hits[-1][1])
        sure = Nearness(self.pattern, self._words, around).confidences(hits[:MOST_WEIGHED])
        sure += [self.pattern.confidence_near] * (len(hits) - len(sure))
        if self.pattern.role is Role.IDENTIFIES:
            values = (normalised(self.pattern, around.text[slice(*hit)]) for hit in hits)
            kept = enough(list(zip(sure, values, strict=True)), most)
        else:
            kept = list(range(len(hits)))
        trials += [Trial(self.pattern, around.index, *hits[place], sure[place]) for place in kept]
        return sorted(trials, key=lambda trial: (trial.start, trial.end))

    def _fitting(self, around: Surroundings, most: int) -> tuple[list[Span], list[Trial]]:
        """The hits to weigh, and `most` of those that a validator refused."""
        hits: list[Span] = []
        refused: list[Trial] = []
        bound = most + MOST_WEIGHED if self.pattern.role is Role.IDENTIFIES else most
        for hit in self._spans(around):
            rejected_by = self._rejected_by(around.text, hit)
            if not rejected_by:
                hits.append(hit)
            elif len(refused) < most:
                refused.append(Trial(self.pattern, around.index, *hit, 0.0, rejected_by))
            if len(hits) == bound:
                break
        return hits, refused

    def _beside(self, around: Surroundings, before: Iterable[Trial], behind: int) -> Iterator[Span]:
        """From `behind` on, the first hit on each line that identifies somebody: only there does one more say anything."""
        people = (trial.start for trial in before if trial.pattern.role is Role.IDENTIFIES and not trial.rejected_by)
        for line in sorted({around.line(start) for start in people}):
            start, end = around.line_span(line)
            start = max(start, behind)
            alone = Surroundings(replace(around.view, text=around.text[start:end]), patience=around.patience)
            yield from ((start + first, start + last) for first, last in islice(self._spans(alone), 1))

    def _spans(self, around: Surroundings) -> Iterator[Span]:
        if self._backtracking is None:
            yield from around.spans(self._linear)
            return
        group = "hit" if "hit" in self._backtracking.groupindex else 0
        try:
            for match in self._backtracking.finditer(around.text, timeout=around.patience, concurrent=True):
                if match.end(group) > match.start(group):
                    yield match.span(group)
        except TimeoutError:
            raise Unavailable("scan") from None

    def _rejected_by(self, text: str, hit: Span) -> str:
        value, before, after = text[slice(*hit)], text[max(0, hit[0] - CONTEXT) : hit[0]], text[hit[1] : hit[1] + CONTEXT]
        return next((name for name in self.pattern.validate if not VALIDATORS[name](value, before, after)), "")


class _Gate:
    """One Set for one channel: which patterns can hit at all."""

    def __init__(self, rules: tuple[_Rule, ...]) -> None:
        self._rules = rules
        self._set = re2.Set.SearchSet(_options(_SET_MEMORY))
        for rule in rules:
            self._set.Add(rule.gate.encode())
        self._canary = self._set.Add(_CANARY)
        self._set.Compile()

    def admitted(self, data: bytes) -> list[_Rule]:
        """The rules that can hit, in their order. Raises Unavailable("scan") when the canary did not."""
        hits = self._set.Match(data)
        if hits is None or self._canary not in hits:
            raise Unavailable("scan")
        return [self._rules[index] for index in sorted(hits) if index != self._canary]


def _words(words: tuple[str, ...]) -> Any:
    return compile_linear(expression(words)) if words else None


def _options(memory: int = 8 << 20) -> Any:
    options = re2.Options()
    options.max_mem = memory
    options.log_errors = False  # it would write to stderr; the error is raised as well
    return options
