"""Fitted weights: how surely a sentence tells something of a record, and of which kind, and how surely it recommends somebody.

Takes the lines of a weights file (models/statements) once; gives for the features of a sentence a calibrated probability, the
kinds, and a probability of praise. The first line is JSON: `features`, `bias`, `praise_bias`, `names` of the kinds, `scale`,
`shift`. Each further one is a feature, its weight and that of praise in thousandths, then one for each kind in hundredths, with
tabs between: "" for the first two, or no more cells, where there are none. A file that is damaged, or fits another version of
the features, is refused: ValueError says why.
"""

from __future__ import annotations

import json
import math
import struct
from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dlp.policy.worth import raised
from dlp.statements.concepts import topics

FEATURES = 7  # version of dlp.statements.sentences.features
_THOUSANDTHS, _HUNDREDTHS = 1_000, 100
_ZERO = 1 << 15  # what stands for 0 in a lane, so that none borrows from the next
WORD = "w "  # how features begin that are a word
_STRANGE = 8.0  # of a sentence all of whose words are new
_SURE = 30.0
_BESIDE = 0.5  # what another sentence of the letter weighs
_ALSO = 0.45  # share of a kind from which it counts beside the likeliest
_PERHAPS = 0.1  # and from which a sentence may be of it instead
_TRACE = math.log(0.03)
_CLEAR = 0.8  # unless its likeliest kind has this share


@dataclass(frozen=True, slots=True)
class Weights:
    """`tells` and `praises` are one weight per feature, in thousandths; `kinds` one for each kind, in hundredths, as `lanes`
    gives them. `scale` and `shift` turn scores into probabilities.
    """

    tells: Mapping[str, int]
    bias: float
    names: tuple[str, ...]
    kinds: Mapping[str, int]
    scale: float
    shift: float
    digest: str
    praises: Mapping[str, int] = field(default_factory=dict)
    praise_bias: float = -_SURE

    def probability(self, found: Collection[str]) -> float:
        """That a sentence tells something, calibrated on authors who trained nothing."""
        score = self.scale * self.score(found) + self.shift
        return 1 / (1 + math.exp(-max(-_SURE, min(_SURE, score))))

    def confidence(self, found: Collection[str]) -> float:
        """The same on the scale of what a miss is worth (`dlp.policy.worth`)."""
        return raised(self.probability(found))

    def score(self, found: Collection[str]) -> float:
        """Log odds, not calibrated; the lower the more of the words no letter had that trained, and no topic has: of these
        nothing is known.
        """
        known = [weight for weight in map(self.tells.get, found) if weight is not None]
        words = [each for each in found if each.startswith(WORD)]
        new = [each[len(WORD) :] for each in words if each not in self.tells]
        strange = sum(not topic for topic in topics(new)) / max(1, len(words)) if new else 0.0
        return 4 * (sum(known) / _THOUSANDTHS + self.bias) / math.sqrt(len(known) + 1) - _STRANGE * strange

    def praise(self, found: Collection[str]) -> float:
        """That a sentence which tells nothing of a record is one of a letter of recommendation, not calibrated."""
        known = [weight for weight in map(self.praises.get, found) if weight is not None]
        score = 4 * (sum(known) / _THOUSANDTHS + self.praise_bias) / math.sqrt(len(known) + 1)
        return 1 / (1 + math.exp(-max(-_SURE, min(_SURE, score))))

    def leanings(self, found: Collection[str]) -> tuple[float, ...]:
        """To which kinds a sentence leans, if it tells something: a logarithm of the share of each of `names`."""
        known = list(filter(None, map(self.kinds.get, found)))
        scale, zero = 4 / _HUNDREDTHS / math.sqrt(len(known) + 1), _ZERO * len(known)
        sums = [scale * (lane - zero) for lane in _of_lanes(sum(known), len(self.names))]
        most = max(sums)
        whole = math.log(sum(math.exp(max(-_SURE, each - most)) for each in sums)) + most
        return tuple(max(-_SURE, each - whole) for each in sums)

    def kinds_of(self, leanings: Sequence[float], others: Sequence[Sequence[float]] = ()) -> tuple[str, ...]:
        """The likeliest kind, and others nearly as likely. `others` are the leanings of what else is told of the same person:
        a letter tells one or two kinds.
        """
        ranked = self._ranked(leanings, others)
        return tuple(name for nth, (share, name) in enumerate(ranked) if nth == 0 or share >= _ALSO)

    def may_be(self, leanings: Sequence[float]) -> frozenset[str]:
        """Every kind a sentence may be of that leaves it open, by itself; none where it is clear."""
        ranked = self._ranked(leanings, ())
        return frozenset(name for share, name in ranked if share >= _PERHAPS) if ranked[0][0] < _CLEAR else frozenset()

    def knows(self, word: str) -> bool:
        """Whether letters that trained have a word in small letters; their names were taken out."""
        return WORD + word in self.tells

    def _ranked(self, leanings: Sequence[float], others: Sequence[Sequence[float]]) -> list[tuple[float, str]]:
        """The kinds with their shares, the likeliest first."""
        # others settle what is open: none gets a kind from them of which it shows no trace itself
        least = min(max(leanings), _TRACE) if others else -math.inf
        sums = [one + _BESIDE * sum(more) if one >= least else -math.inf for one, *more in zip(leanings, *others, strict=True)]
        most = max(sums)
        powers = [math.exp(each - most) for each in sums]
        whole = sum(powers)
        return sorted(((power / whole, name) for power, name in zip(powers, self.names, strict=True)), reverse=True)


def lanes(weights: Iterable[int]) -> int:
    """Weights side by side in one number, 32 bits each, so that rows are added in one go. OverflowError beyond 16 bits."""
    shifted = [each + _ZERO for each in array("h", weights)]
    return int.from_bytes(struct.pack(f"<{len(shifted)}I", *shifted), "little")


def _of_lanes(row: int, count: int) -> tuple[int, ...]:
    return struct.unpack(f"<{count}I", row.to_bytes(4 * count, "little"))


def load(lines: Iterable[str], digest: str = "") -> Weights:
    """The weights of a file with this digest. ValueError when it is not one that fits this version."""
    every = iter(lines)
    try:
        head = json.loads(next(every, ""))
        made_for = head["features"]
        if made_for == FEATURES:
            return _loaded(head, every, digest)
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise ValueError(f"it is damaged: {type(error).__name__}") from None
    raise ValueError(f"it was made for version {made_for} of the features, this is {FEATURES}")


def _loaded(head: Mapping[str, Any], lines: Iterable[str], digest: str) -> Weights:
    """Line by line, and what is equal is kept once: every process of the filter holds this."""
    names = tuple(map(str, head["names"]))
    tells: dict[str, int] = {}
    praises: dict[str, int] = {}
    kinds: dict[str, int] = {}
    numbers: dict[str, int] = {}
    rows: dict[int, int] = {}
    for line in lines:
        name, weight, praise, *of_kinds = line.rstrip("\n").split("\t")
        if weight:
            tells[name] = numbers.setdefault(weight, int(weight))
        if praise:
            praises[name] = numbers.setdefault(praise, int(praise))
        if of_kinds:
            row = lanes(map(int, of_kinds))
            if len(of_kinds) != len(names):
                raise ValueError
            kinds[name] = rows.setdefault(row, row)
    scale, shift, praise_bias = (float(head[each]) for each in ("scale", "shift", "praise_bias"))
    return Weights(tells, float(head["bias"]), names, kinds, scale, shift, digest, praises, praise_bias)
