"""What a row of the decision table can ask about one reader, one statement and the whole message.

Takes facts already worked out, gives a frozen value; `WORDS` is the closed vocabulary of `when` and `unless`, with
the type each word is compared by, and `TEXTS` that of the words which are compared with texts. Nothing here fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import compress
from typing import NamedTuple

from dlp.campus.vocabulary import CONTACT_TYPES, FIELDS, KINDS
from dlp.ruleset import Row
from dlp.values import Part, PartStatus

Condition = Mapping[str, object]

SMALL_IMAGE = "inline-image"  # a logo in a signature: unread, but not worth a word to every sender
IMAGE = "image"  # a picture or photograph, whose text nobody has read


class Situation(NamedTuple):  # every copy of every message has some, and with so many fields a dataclass is slow to make
    """One reader's view of one statement and of the message. `unread` and `probe` hold one word; a row is tried for each."""

    # the reader
    scope: str
    reader: str = "unknown"
    contact: frozenset[str] = frozenset()  # what an outside address is to us
    listed: bool = False
    mine: bool = False
    partner: bool = False
    # the statement
    person: str = "nobody"
    kind: str = ""
    record: bool = False
    own: str = ""
    need: str = "unrecorded"
    withheld: bool = False
    weak: bool = False
    chosen: bool = False
    letter: bool = False
    excused: bool = False  # told with an absence or accommodation, of which the reader needs to know
    international: str = ""
    consent: str = ""
    mail_risk: bool = False
    approval: str = ""
    # the message
    directory: bool = False
    stale: bool = False
    about_sender: bool = False
    from_fellow: bool = False
    from_student: bool = False
    speaks: frozenset[str] = frozenset()  # offices the sender may speak for
    about: bool = False
    tells: bool = False
    people: int = 0
    listing: bool = False
    batch: int = 0
    others: int = 0
    visible: int = 0
    states: bool = False
    legal: bool = False
    refers: bool = False
    named_before: bool = False
    off_purpose: bool = False
    asks: bool = False
    notes: bool = False
    recommends: bool = False
    risk: bool = False
    misgreeted: bool = False
    astray: int = 0
    waived: bool = False
    full_and_id: bool = False
    sensitive: bool = False
    class_list: str = ""
    export: bool = False
    header_word: bool = False
    unread: str = ""
    probe: str = ""

    @property
    def said(self) -> frozenset[str]:
        """The words that are not empty, 0 or false."""
        return frozenset(compress(self._fields, self))


WORDS: Mapping[str, str] = {word: type_.__forward_arg__ for word, type_ in Situation.__annotations__.items()}
TEXTS: Mapping[str, frozenset[str]] = {
    "scope": frozenset({"inside", "outside"}),
    "reader": frozenset({"staff", "student", "list", "unknown", "outsider"}),
    "contact": frozenset(CONTACT_TYPES),
    "person": frozenset({"student", "employee", "unknown", "nobody"}),
    "kind": frozenset({"", *KINDS, *FIELDS}),
    "own": frozenset({"", "campus", "alternate", "elsewhere"}),
    "need": frozenset({"covered", "uncovered", "unrecorded"}),
    "international": frozenset({"", "yes", "no", "maybe"}),
    "consent": frozenset({"", "covers", "lacking"}),
    "approval": frozenset({"", "covers"}),
    "class_list": frozenset({"", "shared", "elsewhere", "passed_on", "other_use"}),
    "speaks": frozenset({"registrar", "dean_undergraduate", "dean_graduate", "news", "provost", "counsel"}),
    "unread": frozenset({SMALL_IMAGE, IMAGE, *(status.value for status in PartStatus)} - {PartStatus.READ.value}),
    "probe": frozenset({"warn", "rewrite", "hold"}),
}


def needs(when: Condition) -> frozenset[str]:
    """The words of a condition that are met by nothing empty: it cannot hold where one of them is not among those said."""
    return frozenset(word for word, wanted in when.items() if wanted and not (isinstance(wanted, list) and "" in wanted))


def fits(row: Row, situation: Situation) -> bool:
    """Whether every word of `when` holds and, if there is an `unless`, not all of its words do."""
    if not _holds(row.when, situation):
        return False
    return not (row.unless and _holds(row.unless, situation))


def unmet(row: Row, situation: Situation) -> str:
    """The first word of a row that does not fit, and what it is; "" when the row fits."""
    for word, wanted in row.when.items():
        if not _meets(getattr(situation, word), wanted):
            return f"{word} is {_said(getattr(situation, word))}"
    return "" if fits(row, situation) else f"unless {', '.join(row.unless)}"


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, frozenset):
        return ", ".join(sorted(value)) or "none"
    return str(value) or "none"


def _holds(condition: Condition, situation: Situation) -> bool:
    for word, wanted in condition.items():  # noqa: SIM110  a third of deciding, and all() takes twice as long
        if not _meets(getattr(situation, word), wanted):
            return False
    return True


def _meets(actual: object, wanted: object) -> bool:
    if isinstance(actual, frozenset):
        return not actual.isdisjoint(wanted if isinstance(wanted, list) else [wanted])
    if isinstance(wanted, list):
        return actual in wanted
    if isinstance(wanted, int) and not isinstance(wanted, bool):
        return isinstance(actual, int) and actual >= wanted
    return actual == wanted


def unread_code(part: Part) -> str:
    """The reason code of a part that was not read."""
    return f"unscannable:{why_unread(part)}"


def why_unread(part: Part) -> str:
    """In one word."""
    return part.why if part.why in (SMALL_IMAGE, IMAGE) else part.status.value
