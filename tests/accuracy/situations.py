"""Which situations an intent's letters are sent in, and what must become of each copy: situations.toml, read.

`expected` adds what the decision table says of the letter itself, whoever reads it: a listed word in the Subject (T1), name and
number side by side (T4). Written from the table, not from the filter's code.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.accuracy.frames import HERE, Intent, intents
from tests.accuracy.letters import Letter

_ALONE = {
    "letter-with-record", "letter-without-record", "three-in-prose", "parent", "own-record", "subject-word", "about-myself",
    "grade-list", "roster", "id-list", "employee",
}  # fmt: skip
_PATTERNS = Path(__file__).parents[2] / "patterns" / "header-words.toml"
_ENDS = (("e", "e|es|ed|ing"), ("y", "y|ies|ied|ying"), ("", "|s|es|ed|ing"))
PURVIEWS: Mapping[str, str] = {
    "financial": "financial",
    "health": "health",
    "accommodation": "health",
    "conduct": "conduct",
    "integrity": "conduct",
    "immigration": "immigration",
}


@dataclass(frozen=True, slots=True)
class Situation:
    """One reader, what is on record, and what must become of the copy."""

    id: str
    reader: str
    action: str
    codes: tuple[str, ...]
    twin_of: str = ""
    consent: str = ""
    student: str = ""
    rows: str = ""
    nameless: bool = False
    also: tuple[str, ...] = ()

    @property
    def setting(self) -> tuple[str, str, str, bool]:
        """What copies of one message share."""
        return self.consent, self.student, self.rows, self.nameless


@dataclass(frozen=True, slots=True)
class Expected:
    action: str
    codes: tuple[str, ...]
    also: tuple[str, ...] = ()


@cache
def situations() -> Mapping[str, tuple[Situation, ...]]:
    """By intent."""
    found: dict[str, list[Situation]] = {name: [] for name in intents()}
    for row in tomllib.loads((HERE / "situations.toml").read_text(encoding="utf-8"))["situation"]:
        groups = row.pop("for")
        made = Situation(**{key: tuple(value) if isinstance(value, list) else value for key, value in row.items()})
        for intent in intents().values():
            if intent.id in groups or group(intent) in groups:
                found[intent.id].append(made)
    return {name: tuple(rows) for name, rows in found.items()}


def group(intent: Intent) -> str:
    """The group an intent belongs to, beside its own name."""
    if intent.id in _ALONE:
        return ""
    if intent.tells:
        return "telling"
    return "" if intent.kinds or intent.id in {"refusal", "other-list"} else "harmless"


@cache
def listed() -> re.Pattern[str]:
    """The listed words (T1: "the list is a pattern file"), whole, with their inflections; acronyms in capitals only."""
    found = []
    for pattern in tomllib.loads(_PATTERNS.read_text(encoding="utf-8"))["pattern"]:
        for word in pattern["words"]:
            *first, last = word.split()
            exact = pattern.get("case") == "exact"
            stem, ends = next((last.removesuffix(end), ends) for end, ends in _ENDS if last.endswith(end))
            forms = f"{last}s?" if exact else f"(?i:{stem}(?:{ends}))"
            found.append("[ _-]".join([*(f"(?i:{each})" for each in first), forms]))
    return re.compile(rf"(?<![^\W\d_])(?:{'|'.join(found)})(?![^\W\d_])")


def expected(situation: Situation, letter: Letter) -> Expected:
    """What must become of a copy."""
    plain = Expected(situation.action, situation.codes, situation.also)
    if not letter.frame.intent.tells or situation.nameless or situation.action not in {"pass", "warn"}:
        return plain
    if letter.frame.intent.about != "student":
        return plain
    own = letter.frame.intent.id == "about-myself"
    if listed().search(letter.subject.text):
        return Expected("rewrite", ("FAQ:email-subject",), ("pass",) if own else ())
    if own:
        return plain
    if situation.action == "pass" and _is_name_and_number(letter):
        return Expected("warn", ("FAQ:email-minimise",), ("pass",))
    return plain


def _is_name_and_number(letter: Letter) -> bool:
    labels = {(span.type, span.student) for text in (letter.subject, letter.body, letter.rest) for span in text.spans}
    return any(("PERSON", student) in labels for label, student in labels if label == "STUDENT_ID")
