"""Three detectors of the dumb kind, as permanent opponents: what products without a directory amount to.

Each takes the texts a reader sees and says whether it would stop the message. They know of no recipient, no consent and no
student, so they are scored on copies to outside alone, where stopping is all there is to decide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

_NUMBER = re.compile(r"\b9\d{8}\b")
_NEAR_NUMBER = re.compile(r"(?i)\b(?:student|ID|number|grades?|record)\b")
_KEYWORDS = re.compile(
    r"(?i)\b(?:grades?|GPA|probation|academic warning|transcript|financial hold|disciplinary|suspended|expelled|failed|failing|"
    r"diagnos\w+|accommodations?|tuition|balance due|visa|student ID)\b"
)
_RECORD_WORDS = re.compile(
    r"(?i)\b(?:grades?|GPA|scores?|points|probation|warning|transcript|hold|balance|aid|leave|fail(?:s|ed|ing)?|pass(?:ed)?|"
    r"disciplin\w+|hearing|health|ill|hospital|disabilit\w+|absen\w+|visa|admission)\b"
)
_CAPITALISED_PAIR = re.compile(r"\b[A-Z][\w'-]+ [A-Z][\w'-]+\b")


def _number_and_keyword(text: str) -> bool:
    return any(_NEAR_NUMBER.search(text, max(0, hit.start() - 60), hit.end() + 60) for hit in _NUMBER.finditer(text))


def _keyword(text: str) -> bool:
    return bool(_KEYWORDS.search(text))


def _pair_and_word(text: str) -> bool:
    return any(_CAPITALISED_PAIR.search(sentence) and _RECORD_WORDS.search(sentence) for sentence in re.split(r"[.!?\n]", text))


OPPONENTS: Mapping[str, Callable[[str], bool]] = {
    "ID pattern and keyword": _number_and_keyword,
    "keyword list": _keyword,
    "capitalised pair and record word": _pair_and_word,
}


def stopping(texts: Iterable[str]) -> Iterator[str]:
    """The names of those that would."""
    seen = list(texts)
    return (name for name, detector in OPPONENTS.items() if any(map(detector, seen)))
