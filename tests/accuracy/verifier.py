"""Trains the second look at sentences and tests whether it may be let in: `python -m tests.accuracy.verifier`.

Takes the letters of the training authors, read as the filter reads mail; trains a spaCy text categoriser of two labels from
nothing on sentences in which nobody is named, settles its scores with the letters of the development authors, and writes
pipeline and card into `models/verifier`. Then the admission test: letters found and letters stopped for nothing, with and
without it, each development author judged by what the others settled; with `--folds 5` also pairs of training authors whose
letters trained nothing. One core, fixed seed, the same for the same files.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import spacy
from spacy.language import Language
from spacy.training import Example as Pair
from thinc.api import fix_random_seed

from dlp import fitted
from dlp.policy.worth import raised
from dlp.statements.weights import Weights, load
from dlp.verifier import UNSURE, document, hashed, log_odds, looked_at, settle
from tests.accuracy import training
from tests.accuracy.frames import split
from tests.accuracy.judging import prepared
from tests.accuracy.measures import Rate
from tests.accuracy.training import Read, Weighed
from tests.accuracy.world import POOLS, World

OUT = Path(__file__).parents[2] / "models" / "verifier"
GONE, MORE = 0.3 - 1e-9, 0.002 + 1e-9  # the admission test
ACT_AT = 0.7  # [policy] act_at
ROUNDS = 5
_BATCH = 64
_DROPPED = 0.12  # share of words not shown while training, so that topics count where a word is new
_KEPT = frozenset({"STU", "EMP", "PRO", "PROS", "THEY", "THEYS", "KIN"})
_TOK2VEC = {
    "@architectures": "spacy.Tok2Vec.v2",
    "embed": {
        "@architectures": "spacy.MultiHashEmbed.v2",
        "width": 64,
        "attrs": ["NORM", "SUFFIX", "TAG"],
        "rows": [2000, 1000, 200],
        "include_static_vectors": False,
    },
    "encode": {
        "@architectures": "spacy.MaxoutWindowEncoder.v2",
        "width": 64,
        "depth": 2,
        "window_size": 1,
        "maxout_pieces": 3,
    },
}
_MODEL = {
    "@architectures": "spacy.TextCatReduce.v1",
    "exclusive_classes": True,
    "tok2vec": _TOK2VEC,
    "use_reduce_first": False,
    "use_reduce_last": False,
    "use_reduce_max": True,
    "use_reduce_mean": True,
}

Settling = tuple[float, float, float]


def sentences(read: Iterable[Read]) -> list[Weighed]:
    """What a pipeline is trained on: each different sentence once."""
    found = {(each.candidate.words, each.candidate.before): each for letter in read for each in letter.sentences}
    return list(found.values())


def trained(chosen: Sequence[Weighed], rounds: int = ROUNDS) -> Language:
    """A pipeline that tells sentences that tell something from others, from nothing."""
    fix_random_seed(1)
    chance, language = random.Random(1), spacy.blank("en")
    categoriser = language.add_pipe("textcat", config={"model": _MODEL})
    for label in ("TELLS", "NOT"):
        categoriser.add_label(label)  # type: ignore[attr-defined]
    optimiser = language.initialize(lambda: [_pair(language, each, None) for each in chosen[:_BATCH]])
    order = list(chosen)
    for _ in range(rounds):
        chance.shuffle(order)
        for at in range(0, len(order), _BATCH):
            pairs = [_pair(language, each, chance) for each in order[at : at + _BATCH]]
            categoriser.update(pairs, sgd=optimiser, drop=0.2)  # type: ignore[attr-defined]
    return language


def _pair(language: Language, each: Weighed, chance: random.Random | None) -> Pair:
    words, before = each.candidate.words, each.candidate.before
    shown = document(language.vocab, words, before)
    wanted = document(language.vocab, words, before)
    wanted.cats = {"TELLS": float(each.tells), "NOT": float(not each.tells)}
    if chance:
        kept = [token.text if token.text in _KEPT or chance.random() > _DROPPED else "_" for token in shown]
        shown = type(shown)(language.vocab, words=kept, tags=[token.tag_ for token in shown])
    return Pair(shown, wanted)


@dataclass(frozen=True, slots=True)
class Looked:
    """One sentence: whether it tells, how sure the weights are, what the pipeline sees (log odds)."""

    tells: bool
    confidence: float
    seen: float

    @property
    def unsure(self) -> bool:
        return UNSURE[0] <= self.confidence < UNSURE[1]

    def sure(self, settling: Settling | None) -> float:
        """The confidence in the end; without a second look where there is no settling."""
        return settle(settling, self.confidence, self.seen) if settling and self.unsure else self.confidence


@dataclass(frozen=True, slots=True)
class Judged:
    """One letter with its sentences. `tells` as in training.Read."""

    author: str
    tells: bool | None
    sentences: tuple[Looked, ...]


def judged(read: Sequence[Read], weights: Weights, language: Language) -> list[Judged]:
    """Letters with both scores of each sentence."""
    every = [each for letter in read for each in letter.sentences]
    seen: list[float] = []
    for at in range(0, len(every), 256):
        batch = [document(language.vocab, each.candidate.words, each.candidate.before) for each in every[at : at + 256]]
        seen += looked_at(language, batch)
    odds, out = iter(seen), []
    for letter in read:
        looks = [Looked(each.tells, weights.confidence(each.candidate.found), next(odds)) for each in letter.sentences]
        out.append(Judged(letter.frame.author, letter.tells, tuple(looks)))
    return out


def settled(chosen: Iterable[Judged]) -> Settling:
    """How both log odds make one confidence: a logistic fit over sentences the weights leave open (Newton's steps)."""
    unsure = [each for letter in chosen for each in letter.sentences if each.unsure]
    rows = np.array([[log_odds(each.confidence), each.seen, 1.0] for each in unsure])
    wanted = np.array([float(each.tells) for each in unsure])
    raise_by = log_odds(raised(0.5))
    found = np.array([1.0, 0.0, -raise_by])
    for _ in range(20):
        likely = 1 / (1 + np.exp(-rows @ found))
        slope = rows.T @ (likely - wanted) + 0.1 * found
        bend = (rows * (likely * (1 - likely))[:, None]).T @ rows + 0.1 * np.eye(3)
        found -= np.linalg.solve(bend, slope)
    own, other, more = (float(each) for each in found)
    return own, other, more + raise_by  # on the scale of Weights.confidence


@dataclass(frozen=True, slots=True)
class Counts:
    """Letters: what is found of those that tell, and stopped of those that do not."""

    found: Rate
    stopped: Rate


def counts(chosen: Sequence[Judged], settling: Settling | None) -> Counts:
    """By letter: one sentence from ACT_AT on is enough."""
    rates = []
    for side in (True, False):
        acted = [any(each.sure(settling) >= ACT_AT for each in letter.sentences) for letter in chosen if letter.tells is side]
        rates.append(Rate(sum(acted), len(acted)))
    return Counts(*rates)


@dataclass(frozen=True, slots=True)
class Admission:
    """Letters without the second look and with it."""

    without: Counts
    with_it: Counts

    @property
    def removes(self) -> float:
        """Share of the letters stopped for nothing that no longer are."""
        return 1 - self.with_it.stopped.k / max(1, self.without.stopped.k)

    @property
    def recovers(self) -> float:
        """Share of the misses that are found."""
        missed = self.without.found.n - self.without.found.k
        return (self.with_it.found.k - self.without.found.k) / max(1, missed)

    @property
    def passed(self) -> bool:
        """Three tenths of one kind of error gone, and at most 0.2 points of the other more."""
        lost = self.without.found.share - self.with_it.found.share
        more = self.with_it.stopped.share - self.without.stopped.share
        return (self.removes >= GONE and lost <= MORE) or (self.recovers >= GONE and more <= MORE)

    def lines(self) -> Iterator[str]:
        yield f"letters that tell, found: {self.without.found} without, {self.with_it.found} with it"
        yield f"letters that tell nothing, stopped: {self.without.stopped} without, {self.with_it.stopped} with it"
        yield f"removes {self.removes:.1%} of the wrong stops, recovers {self.recovers:.1%} of the misses"
        yield f"admission test: {'passed' if self.passed else 'NOT passed'}"


def admission(chosen: Sequence[Judged]) -> Admission:
    """Each author judged with what the letters of the others settled."""
    without, with_it = [], []
    for author in sorted({each.author for each in chosen}):
        settling = settled(each for each in chosen if each.author != author)
        own = [each for each in chosen if each.author == author]
        without.append(counts(own, None))
        with_it.append(counts(own, settling))
    return Admission(_sum(without), _sum(with_it))


def _sum(parts: Sequence[Counts]) -> Counts:
    found, stopped = [each.found for each in parts], [each.stopped for each in parts]
    return Counts(*(Rate(sum(each.k for each in rates), sum(each.n for each in rates)) for rates in (found, stopped)))


def area(chosen: Iterable[Judged], score: Callable[[Looked], float]) -> float:
    """Under the curve: how often a sentence that tells scores above one that does not."""
    every = [each for letter in chosen for each in letter.sentences]
    hits, under = 0, 0
    for each in sorted(every, key=lambda each: -score(each)):
        hits += each.tells
        under += 0 if each.tells else hits
    return under / max(1, hits * (len(every) - hits))


def fold(read: Sequence[Read], out: Collection[str]) -> list[Judged]:
    """The letters of these authors, seen by weights and a pipeline that never saw them."""
    inside, outside = ([each for each in read if (each.frame.author in out) is side] for side in (False, True))
    found = training.fit(list(training.examples(inside)))
    held = list(training.examples(outside))
    points, _ = training.scored(load(training.written(found, ()).splitlines()), held)
    text = training.written(found, training.calibrated(points, [each.tells for each in held]))
    return judged(outside, load(text.splitlines()), trained(sentences(inside)))


def looked_at_share(chosen: Iterable[Judged]) -> Rate:
    """Harmless letters with a sentence that reaches the pipeline."""
    reached = [any(each.unsure for each in letter.sentences) for letter in chosen if letter.tells is False]
    return Rate(sum(reached), len(reached))


def saved(language: Language, place: Path) -> None:
    """The pipeline without its words: it knows them by hash, and none is needed to use it."""
    shutil.rmtree(place / "pipeline", ignore_errors=True)
    place.mkdir(parents=True, exist_ok=True)
    language.to_disk(place / "pipeline", exclude=["tokenizer", "vocab"])


def card(
    place: Path, settling: Settling, figures: Sequence[tuple[str, float]], result: Admission, took: tuple[float, float]
) -> str:
    """What the pipeline was made of and how good it is on authors who trained nothing."""
    authors = split()
    size = sum(file.stat().st_size for file in (place / "pipeline").rglob("*") if file.is_file())
    scores = "\n".join(f"{name} = {share:.3f}" for name, share in figures)
    return f"""# The second look of dlp.verifier: whether a sentence tells something, where the weights leave it open.
# Made by `python -m tests.accuracy.verifier` of the letters in tests/accuracy/authors. Off unless [policy] sentences is
# "verified".
sha256 = "{hashed(place)}"
bytes = {size}
spacy = "{spacy.__version__}"
settling = {json.dumps([round(each, 3) for each in settling])}
trained_on = {json.dumps(authors["train"])}
settled_on = {json.dumps(authors["dev"])}
training_seconds = {took[0]:.0f}
sentences_per_second = {took[1]:.0f}
admitted = {str(result.passed).lower()}

[scores]
{scores}
letters_that_tell_found = {{ without = {_of(result.without.found)}, with_it = {_of(result.with_it.found)} }}
letters_that_tell_nothing_stopped = {{ without = {_of(result.without.stopped)}, with_it = {_of(result.with_it.stopped)} }}
"""


def _of(rate: Rate) -> str:
    return f"[{rate.k}, {rate.n}]"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.accuracy.verifier", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--folder", type=Path, default=Path("var/accuracy"))
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--folds", type=int, default=0, help="a second look: so many pairs of training authors left out")
    chosen = parser.parse_args()
    read: dict[str, list[Read]] = {}
    for name, seeds in (("train", (1,)), ("dev", (1, 2))):
        world = World(POOLS[name])
        sifter = prepared(world, chosen.folder / name)
        read[name] = list(training.letters(split()[name], world, sifter, seeds))
        _say(f"{name}: {len(read[name]):,} letters, {len(sentences(read[name])):,} sentences")
    weights = fitted.weights()
    began = time.process_time()
    language = trained(sentences(read["train"]))
    seconds = time.process_time() - began
    began = time.process_time()
    found = judged(read["dev"], weights, language)
    speed = sum(len(each.sentences) for each in found) / (time.process_time() - began)
    same = judged(read["train"], weights, language)
    figures = [
        ("same_letters_area", area(same, lambda each: each.seen)),
        ("unseen_authors_area", area(found, lambda each: each.seen)),
        ("unseen_authors_area_of_the_weights", area(found, lambda each: each.confidence)),
        ("harmless_letters_looked_at", looked_at_share(found).share),
    ]
    result = admission(found)
    settling = settled(found)
    saved(language, chosen.out)
    (chosen.out / "card.toml").write_text(card(chosen.out, settling, figures, result, (seconds, speed)), encoding="utf-8")
    _say("\n".join((*(f"{name}: {share:.3f}" for name, share in figures), "development authors:", *result.lines())))
    authors = split()["train"]
    for at in range(0, min(2 * chosen.folds, len(authors)), 2):
        out = authors[at : at + 2]
        _say("\n".join((f"left out {', '.join(out)}:", *admission(fold(read["train"], out)).lines())))


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    main()
