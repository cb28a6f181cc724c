"""Fits the weights of dlp.statements: `make models`, or `python -m tests.accuracy.training`.

Takes the letters of the training authors, cast several times and read as the filter reads mail, and the sentences the filter
would weigh; fits logistic weights with them, turns scores into probabilities with the letters of other authors, and writes
weights and card. The same for the same files; some minutes on one core.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dlp.campus.identity import identify_people
from dlp.campus.people import Context
from dlp.mail.fold import fold
from dlp.statements.candidate import Candidate
from dlp.statements.candidates import candidates
from dlp.statements.telling import Near, only_child
from dlp.statements.weights import FEATURES, WORD, Weights, load
from dlp.values import Texts
from tests.accuracy.frames import LISTS, TRAINS, Frame, split
from tests.accuracy.generate import Message, plain_letters
from tests.accuracy.judging import Filter, prepared
from tests.accuracy.letters import Letter
from tests.accuracy.world import POOLS, World

OUT = Path(__file__).parents[2] / "models" / "statements"
_BY_RULE = frozenset({"number", *LISTS})  # no sentence tells what these tell
_RECOMMENDING = frozenset({"letter-with-record", "letter-without-record"})
_LEAST = 3  # sentences a feature must stand in
_ROUNDS = 24
_RATE = 0.05
_DECAY = 1e-4
_STEPS = 20
_SMALL = 0.1  # weights below are left out: a third of the file, and no letter is judged otherwise
_SMALL_KIND = 0.2  # half of them
_SMALL_PRAISE = 0.2


@dataclass(frozen=True, slots=True)
class Example:
    """One sentence of a letter: its features, whether it tells something, and what; whether it recommends."""

    author: str
    intent: str
    frame: str
    found: frozenset[str]
    tells: bool
    kind: str  # "" where the letter tells several
    praises: bool


@dataclass(frozen=True, slots=True)
class Weighed:
    """One sentence the filter would weigh, whether it tells something, and what."""

    candidate: Candidate
    tells: bool
    kind: str  # "" where the letter tells several


@dataclass(frozen=True, slots=True)
class Read:
    """One letter as the filter reads it: the sentences it would weigh."""

    frame: Frame
    sentences: tuple[Weighed, ...]

    @property
    def tells(self) -> bool | None:
        """Whether it is a disclosure; None where it is neither that nor harmless, such as praise."""
        return True if self.frame.intent.tells and _of_another(self.frame) else None if self.frame.intent.tells else False


def letters(authors: Iterable[str], world: World, sifter: Filter, seeds: Sequence[int]) -> Iterator[Read]:
    """The letters that tell by sentences or not at all, once for each seed."""
    known = sifter.known.known
    assert known.directory is not None
    for message in (message for author in authors for seed in seeds for message in plain_letters(author, world, seed)):
        if message.frame.intent.id in _BY_RULE:
            continue
        texts = sifter.read(message.raw)
        context = Context(message.sender, tuple(copy.address for copy in message.copies))
        people = identify_people(texts, sifter.rules.matcher.find(texts), known.directory, known.digest, context)
        child = only_child(Near(known.directory, known.digest, context, ()))
        found = candidates(texts, people, child=child.person if child else None)
        yield Read(message.frame, tuple(_weighed(message, texts, each) for each in found))


def _weighed(message: Message, texts: Texts, each: Candidate) -> Weighed:
    text, frame = texts.views[each.view].text, message.frame
    tells = _of_another(frame) and any(each.start < end and start < each.end for start, end in _telling(text, message.letter))
    return Weighed(each, tells, frame.kinds[0] if tells and len(frame.kinds) == 1 else "")


def examples(read: Iterable[Read]) -> Iterator[Example]:
    """Their sentences, each different one of a letter once."""
    seen = set()
    for letter in read:
        for each in letter.sentences:
            found, frame = frozenset(each.candidate.found), letter.frame
            if (frame.id, found) not in seen:
                seen.add((frame.id, found))
                praises = not each.tells and frame.intent.id in _RECOMMENDING
                yield Example(frame.author, frame.intent.id, frame.id, found, each.tells, each.kind, praises)


def _of_another(frame: Frame) -> bool:
    """Whether what the marks tell is a record of somebody else than the sender; praise is none."""
    return frame.intent.id != "about-myself" and frame.kinds not in {("directory",), ("recommendation",)}


def _telling(text: str, letter: Letter) -> Iterator[tuple[int, int]]:
    """Where what tells stands in a text as it was read."""
    for part in (letter.body, letter.rest):
        for span in part.spans:
            words = fold(part.text[span.start : span.end])
            if span.type == "TELLS" and (at := text.find(words)) >= 0:
                yield at, at + len(words)


@dataclass(frozen=True, slots=True)
class Fitted:
    """Weights by the place of a feature in `names`; the last row is the bias."""

    names: tuple[str, ...]
    tells: np.ndarray
    kinds: tuple[str, ...]
    of_kind: np.ndarray
    praise: np.ndarray

    @property
    def praising(self) -> dict[str, int]:
        """Places of the features whose weights of praise are kept."""
        return {name: at for at, name in enumerate(self.names) if abs(self.praise[at]) >= _SMALL_PRAISE}

    @property
    def telling(self) -> dict[str, int]:
        """Places of the features whose weights are kept; those of words, to know which are strange."""
        return {name: at for at, name in enumerate(self.names) if abs(self.tells[at]) >= _SMALL or name.startswith(WORD)}

    @property
    def of_kinds(self) -> dict[str, int]:
        """The same for the kinds."""
        return {name: at for at, name in enumerate(self.names) if abs(self.of_kind[at]).max() >= _SMALL_KIND}


def fit(chosen: Sequence[Example]) -> Fitted:
    """Logistic weights for telling, and softmax weights for the kind of what is told (AdaGrad)."""
    counts = Counter(feature for each in chosen for feature in each.found)
    names = tuple(sorted(feature for feature, count in counts.items() if count >= _LEAST))
    places = {name: at for at, name in enumerate(names)}
    rows = [_rows(each.found, places) for each in chosen]
    kinds = tuple(sorted({each.kind for each in chosen} - {""}))
    tells = _fit_one(rows, [float(each.tells) for each in chosen], len(names))
    praise = _fit_one(rows, [float(each.praises) for each in chosen], len(names), _ROUNDS // 3)
    telling = [at for at, each in enumerate(chosen) if each.kind]
    of_kind = _fit_kinds([rows[at] for at in telling], [kinds.index(chosen[at].kind) for at in telling], len(names), len(kinds))
    return Fitted(names, tells, kinds, of_kind, praise)


def _rows(found: Iterable[str], places: Mapping[str, int]) -> np.ndarray:
    return np.array(sorted(places[each] for each in found if each in places), dtype=np.int32)


def _scale(rows: np.ndarray) -> float:
    return 4 / math.sqrt(len(rows) + 1)


def _score(weights: np.ndarray, rows: np.ndarray) -> float:
    return float(_scale(rows) * (weights[rows].sum() + weights[-1]))


def _fit_one(rows: Sequence[np.ndarray], wanted: Sequence[float], width: int, rounds: int = _ROUNDS) -> np.ndarray:
    weights, seen = np.zeros(width + 1), np.full(width + 1, 1e-8)
    order, chance = list(range(len(rows))), random.Random(1)
    for _ in range(rounds):
        chance.shuffle(order)
        for at in order:
            where = np.append(rows[at], width)
            score = _score(weights, rows[at])
            slope = (1 / (1 + math.exp(-max(-30.0, min(30.0, score)))) - wanted[at]) * _scale(rows[at])
            step = slope + _DECAY * weights[where]
            seen[where] += step * step
            weights[where] -= _RATE * step / np.sqrt(seen[where])
    return weights


def _fit_kinds(rows: Sequence[np.ndarray], wanted: Sequence[int], width: int, count: int) -> np.ndarray:
    weights, seen = np.zeros((width, count)), np.full((width, count), 1e-8)
    order, chance = list(range(len(rows))), random.Random(1)
    for _ in range(_ROUNDS):
        chance.shuffle(order)
        for at in order:
            where = rows[at]
            scores = _scale(where) * weights[where].sum(axis=0)
            powers = np.exp(scores - scores.max())
            slope = powers / powers.sum()
            slope[wanted[at]] -= 1
            slope *= _scale(where)
            step = slope[None, :] + _DECAY * weights[where]
            seen[where] += step * step
            weights[where] -= _RATE * step / np.sqrt(seen[where])
    return weights


def calibrated(scores: Sequence[float], tells: Sequence[bool]) -> tuple[float, float]:
    """Scale and shift that turn scores into log odds: logistic regression, by Newton's method."""
    found = np.column_stack((scores, np.ones(len(scores))))
    told, both = np.array(tells, dtype=float), np.array([1.0, 0.0])
    for _ in range(_STEPS):
        shares = 1 / (1 + np.exp(-found @ both))
        bend = (found * (shares * (1 - shares))[:, None]).T @ found
        both -= np.linalg.solve(bend, found.T @ (shares - told))
    return float(both[0]), float(both[1])


def written(fitted: Fitted, scale: float = 1.0, shift: float = 0.0) -> str:
    """The weights file."""
    tells = {name: round(1_000 * float(fitted.tells[at])) for name, at in fitted.telling.items()}
    kinds = {name: [round(100 * float(weight)) for weight in fitted.of_kind[at]] for name, at in fitted.of_kinds.items()}
    praises = {name: round(1_000 * float(fitted.praise[at])) for name, at in fitted.praising.items()}
    head = {
        "features": FEATURES,
        "bias": round(float(fitted.tells[-1]), 3),
        "praise_bias": round(float(fitted.praise[-1]), 3),
        "names": fitted.kinds,
        "scale": round(scale, 3),
        "shift": round(shift, 3),
    }
    kept = tells.keys() | praises.keys() | kinds.keys()
    rows = ((name, tells.get(name, ""), praises.get(name, ""), *kinds.get(name, ())) for name in fitted.names if name in kept)
    return "\n".join((json.dumps(head), *("\t".join(map(str, row)) for row in rows))) + "\n"


@dataclass(frozen=True, slots=True)
class Scores:
    """Of sentences, and of the kinds of those that tell."""

    f1: float
    area: float  # under the curve
    kind: float


def scored(weights: Weights, chosen: Sequence[Example]) -> tuple[list[float], Scores]:
    """The score of each sentence, and how well they part those that tell from the others."""
    scores = [weights.score(each.found) for each in chosen]
    ranked = [each.tells for _, each in sorted(zip(scores, chosen, strict=True), key=lambda pair: -pair[0])]
    wanted, hits, under, best = sum(ranked), 0, 0, 0.0
    for nth, tells in enumerate(ranked, 1):
        hits += tells
        under += 0 if tells else hits
        best = max(best, 2 * hits / (nth + wanted))
    kinds = [(each.kind, weights.kinds_of(weights.leanings(each.found))[0]) for each in chosen if each.kind]
    right = sum(one == other for one, other in kinds)
    return scores, Scores(best, under / wanted / (len(ranked) - wanted), right / len(kinds))


def card(text: str, found: Mapping[str, Sequence[Example]], scores: Scores) -> str:
    """What the weights were made of and how good they are on authors who set no weight."""
    authors = split()
    return f"""# Weights of dlp.statements: how surely a sentence tells something of a record, and of which kind.
# `weights.tsv`: a line of JSON (version of the features, bias, names of the kinds, scale and shift from scores to log odds),
# then a line for each feature, with tabs: its weight and that of praise in thousandths, "" without one; one weight for each
# kind in hundredths, or none.
# Made by `make models` (python -m tests.accuracy.training) of the letters in tests/accuracy/authors.
sha256 = "{hashlib.sha256(text.encode()).hexdigest()}"
bytes = {len(text.encode())}
features = {FEATURES}
trained_on = {json.dumps([author for part in TRAINS for author in authors[part]])}
calibrated_on = {json.dumps(authors["dev"])}
sentences = {{ trained = {len(found["train"])}, of_these_tell = {sum(each.tells for each in found["train"])} }}

[scores_on_calibrating_authors]  # whose letters set no weight; whole letters of the test authors are in docs/accuracy.md
sentences = {len(found["dev"])}
of_these_tell = {sum(each.tells for each in found["dev"])}
best_f1 = {scores.f1:.3f}
area_under_the_curve = {scores.area:.3f}
kind_right = {scores.kind:.3f}
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.accuracy.training", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--folder", type=Path, default=Path("var/accuracy"))
    parser.add_argument("--out", type=Path, default=OUT)
    chosen = parser.parse_args()
    found: dict[str, list[Example]] = {}
    for name, seeds in (("train", (1, 2, 3)), ("dev", (1, 2))):
        world = World(POOLS[name])
        sifter = prepared(world, chosen.folder / name)
        authors = [author for part in (TRAINS if name == "train" else (name,)) for author in split()[part]]
        found[name] = list(examples(letters(authors, world, sifter, seeds)))
        sys.stderr.write(f"{name}: {len(found[name]):,} sentences, {sum(each.tells for each in found[name]):,} tell\n")
    fitted = fit(found["train"])
    points, scores = scored(load(written(fitted).splitlines()), found["dev"])
    text = written(fitted, *calibrated(points, [each.tells for each in found["dev"]]))
    chosen.out.mkdir(parents=True, exist_ok=True)
    (chosen.out / "weights.tsv").write_text(text, encoding="utf-8", newline="\n")
    (chosen.out / "card.toml").write_text(card(text, found, scores), encoding="utf-8")
    sys.stderr.write(f"{chosen.out}/weights.tsv: {len(text):,} characters, F1 {scores.f1:.3f}, kinds {scores.kind:.3f}\n")


if __name__ == "__main__":
    main()
