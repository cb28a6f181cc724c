"""What a row of the decision table can ask about one recipient of one message.

Takes facts already worked out, gives a frozen value; `WORDS` is the closed vocabulary of `when` and `unless`, with
the type each word is compared by, and `TEXTS` that of the words which are compared with texts. Nothing here fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from dlp.ruleset import Row
from dlp.values import PartStatus

Condition = Mapping[str, object]

SMALL_IMAGE = "inline-image"  # a logo in a signature: unread, but not worth a word to every sender


@dataclass(frozen=True, slots=True)
class Situation:
    """One recipient's view of one message. `unread` and `probe` hold one word; a row is tried for each."""

    scope: str
    people: int = 0
    export: bool = False
    header_word: bool = False
    unread: str = ""
    partner: bool = False
    probe: str = ""


WORDS: Mapping[str, str] = {field.name: str(field.type) for field in fields(Situation)}
TEXTS: Mapping[str, frozenset[str]] = {
    "scope": frozenset({"inside", "outside"}),
    "unread": frozenset({SMALL_IMAGE, *(status.value for status in PartStatus)} - {PartStatus.READ.value}),
    "probe": frozenset({"warn", "rewrite", "hold"}),
}


def fits(row: Row, situation: Situation) -> bool:
    """Whether every word of `when` holds and, if there is an `unless`, not all of its words do."""
    if not _holds(row.when, situation):
        return False
    return not (row.unless and _holds(row.unless, situation))


def _holds(condition: Condition, situation: Situation) -> bool:
    return all(_meets(getattr(situation, word), wanted) for word, wanted in condition.items())


def _meets(actual: object, wanted: object) -> bool:
    if isinstance(wanted, list):
        return actual in wanted
    if isinstance(wanted, int) and not isinstance(wanted, bool):
        return isinstance(actual, int) and actual >= wanted
    return actual == wanted
