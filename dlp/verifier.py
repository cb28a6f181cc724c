"""A second look at sentences whose weights leave it open: a small spaCy pipeline, checked against its card.

Takes the folder `models/verifier`: `pipeline`, as spaCy writes one, and `card.toml`, which has the hash of its files and the
three numbers that turn its score into a confidence. Gives a Verifier. Where spaCy (extra `ml`) is not installed, or a file is
missing or altered, raises UnfitError: the filter then judges by the weights alone, and says so. spaCy is not imported unless
the site asks for it with `[policy] sentences = "verified"`.
"""

from __future__ import annotations

import hashlib
import math
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dlp.fitted import UnfitError
from dlp.shipped import shipped
from dlp.statements.concepts import topics

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

UNSURE = (0.35, 0.97)  # confidences that a second look may change
_BEFORE, _MOST = 30, 80  # tokens of the sentence before, and of the sentence, that are looked at
_BETWEEN = "<s>"
_TINY = 1e-4


@dataclass(frozen=True, slots=True)
class Verifier:
    """`settling`: how much the log odds of the weights and those of the pipeline count, and what is added."""

    language: Language
    settling: tuple[float, float, float]
    digest: str

    def settled(self, confidence: float, words: Sequence[str], before: Sequence[str]) -> float:
        """The confidence that a sentence tells something, after a second look where the first left it open."""
        if not UNSURE[0] <= confidence < UNSURE[1]:
            return confidence
        [seen] = looked_at(self.language, [document(self.language.vocab, words, before)])
        return settle(self.settling, confidence, seen)


def settle(settling: tuple[float, float, float], confidence: float, seen: float) -> float:
    """What the first look and the second make together."""
    own, other, more = settling
    return 1 / (1 + math.exp(-(own * log_odds(confidence) + other * seen + more)))


def log_odds(share: float) -> float:
    return math.log((share + _TINY) / (1 - share + _TINY))


def document(vocab: Vocab, words: Sequence[str], before: Sequence[str]) -> Doc:
    """A sentence after the one before it, as the pipeline is shown them: each token with its first topic as its tag."""
    from spacy.tokens import Doc  # noqa: PLC0415  half a second and 90 MB, for those who ask for it

    earlier, here = before[-_BEFORE:], words[:_MOST]
    of = [*topics(earlier), (), *topics(here)]
    return Doc(vocab, words=[*earlier, _BETWEEN, *here], tags=[each[0] if each else "_" for each in of])


def looked_at(language: Language, documents: Sequence[Doc]) -> list[float]:
    """The log odds, by the pipeline, that each tells something."""
    return [log_odds(float(row[0])) for row in language.get_pipe("textcat").predict(documents)]  # type: ignore[attr-defined]


def folder() -> Path:
    """Where pipeline and card lie."""
    return shipped("models") / "verifier"


def files() -> list[Path]:
    """What `verifier` reads, as far as it is there."""
    return [file for file in (folder() / "card.toml",) if file.exists()] + _pipeline(folder())


def _pipeline(place: Path) -> list[Path]:
    return sorted(file for file in (place / "pipeline").rglob("*") if file.is_file())


def hashed(place: Path) -> str:
    """The hash of a pipeline: names and contents of its files."""
    whole = hashlib.sha256()
    for file in _pipeline(place):
        whole.update(repr((file.relative_to(place).as_posix(), file.read_bytes())).encode())
    return whole.hexdigest()


def verifier() -> Verifier:
    """The pipeline that comes with the program. Raises UnfitError."""
    place = folder()
    try:
        card = tomllib.loads((place / "card.toml").read_text(encoding="utf-8"))
        described, settling = str(card["sha256"]), _three(card["settling"])
        found = hashed(place)
    except OSError as error:
        raise UnfitError(f"{error.filename}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise UnfitError(f"{place / 'card.toml'}: it is damaged") from None
    if found != described:
        raise UnfitError(f"{place / 'pipeline'}: its files are not those its card describes")
    try:
        import spacy  # noqa: PLC0415  as above
    except ImportError:
        raise UnfitError("spaCy is not installed") from None
    try:
        language = spacy.load(place / "pipeline", exclude=["tokenizer", "vocab"])
    except (OSError, ValueError, KeyError) as error:
        raise UnfitError(f"{place / 'pipeline'}: this spaCy cannot load it ({type(error).__name__})") from None
    return Verifier(language, settling, found[:12])


def _three(numbers: Iterable[object]) -> tuple[float, float, float]:
    own, other, more = (float(str(each)) for each in numbers)
    return own, other, more
