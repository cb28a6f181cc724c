"""Fitted weights: how surely a sentence tells something of a record, and of which kind.

Takes the text of a weights file (models/statements, JSON) once; gives for the features of a sentence a calibrated probability
and the kinds. A file that is damaged, or fits another version of the features, is refused: ValueError says why.
"""

from __future__ import annotations

import hashlib
import json
import math
from bisect import bisect_right
from collections.abc import Collection, Mapping
from dataclasses import dataclass

FEATURES = 2  # version of dlp.statements.sentences.features
MISSED = 1.55  # letters stopped for nothing that one disclosure missed is worth
_SURE = 30.0
_ALSO = 0.4  # share of the likeliest kinds from which a further one counts


@dataclass(frozen=True, slots=True)
class Weights:
    """`tells` is one weight per feature; `kinds` a weight per feature and kind; `steps` turn scores into probabilities."""

    tells: Mapping[str, float]
    bias: float
    names: tuple[str, ...]
    kinds: Mapping[str, tuple[float, ...]]
    steps: tuple[tuple[float, float], ...]  # score from which, probability; rising
    digest: str

    def probability(self, found: Collection[str]) -> float:
        """That a sentence tells something, calibrated on authors who trained nothing."""
        score = self.score(found)
        at = bisect_right(self.steps, score, key=lambda step: step[0])
        return self.steps[max(0, at - 1)][1]

    def confidence(self, found: Collection[str]) -> float:
        """The probability with its odds raised by MISSED: on this scale a letter is stopped from `[policy] act_at` on."""
        probability = self.probability(found)
        return MISSED * probability / (MISSED * probability + 1 - probability)

    def score(self, found: Collection[str]) -> float:
        """Log odds, not calibrated."""
        known = [self.tells[each] for each in found if each in self.tells]
        return 4 * (sum(known) + self.bias) / math.sqrt(len(known) + 1)

    def kinds_of(self, found: Collection[str]) -> tuple[str, ...]:
        """What is told if something is: the likeliest kind, and others nearly as likely."""
        known = [row for each in found if (row := self.kinds.get(each))]
        sums = [4 * sum(column) / math.sqrt(len(known) + 1) for column in zip(*known, strict=True)] or [0.0] * len(self.names)
        highest = max(sums)
        powers = [math.exp(max(-_SURE, each - highest)) for each in sums]
        whole = sum(powers)
        ranked = sorted(zip(powers, self.names, strict=True), reverse=True)
        return tuple(name for nth, (power, name) in enumerate(ranked) if nth == 0 or power / whole >= _ALSO)


def load(text: str) -> Weights:
    """The weights of a file. ValueError when it is not one that fits this version."""
    once: dict[str, float] = {}  # the same few thousand numbers stand there a million times
    try:
        whole = json.loads(text, parse_float=lambda digits: once.setdefault(digits, float(digits)))
        if whole["features"] != FEATURES:
            raise ValueError(f"it was made for version {whole['features']} of the features, this is {FEATURES}")
        return Weights(
            {name: float(weight) for name, weight in whole["tells"].items()},
            float(whole["bias"]),
            tuple(map(str, whole["names"])),
            {name: tuple(row) for name, row in whole["kinds"].items()},
            tuple((float(score), float(share)) for score, share in whole["steps"]),
            hashlib.sha256(text.encode()).hexdigest()[:12],
        )
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise ValueError(f"it is damaged: {type(error).__name__}") from None
