"""The authors' files: letters with slots (authors/README.md), and the intents they were written for (intents.toml).

Gives Frames and Intents. A file that does not keep the rules is refused with a ValueError that names author, intent and frame.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
AUTHORS = HERE / "authors"
SLOT = re.compile(r"\{([\w.]*)\}")
_NAMED = ("student", "second", "third", "reader", "sender", "employee", "colleague")
SLOTS = frozenset(
    {f"{who}{part}" for who in _NAMED for part in ("", ".first", ".last")}
    | {"reader.title", "sender.title", "student.id", "student.email", "child", "major", "year", "course", "course.title"}
    | {
        "she",
        "She",
        "her",
        "Her",
        "him",
        "herself",
        "grade",
        "score",
        "percent",
        "gpa",
        "money",
        "date",
        "day",
        "month",
        "time",
    }
    | {"room", "phone", "invoice", "tracking", "serial", "org", "place", "rows", "earlier"}
)
_ALONE = ("rows", "earlier")
TRAINS = ("train", "harmless", "pairs")  # parts of the split whose letters fit weights
LISTS = frozenset({"grade-list", "roster", "id-list", "other-list"})  # intents whose letters come with a list


@dataclass(frozen=True, slots=True)
class Intent:
    """What letters are to tell, of whom, by whom."""

    id: str
    kinds: tuple[str, ...]
    sender: str
    says: str
    reader: str = ""
    about: str = "student"
    students: int = 1
    frames: int = 12

    @property
    def tells(self) -> bool:
        """Whether a record item is told: its letters mark what tells it."""
        return bool(self.kinds) and self.kinds != ("directory",)


@dataclass(frozen=True, slots=True)
class Frame:
    """One letter of an author. `number` counts the author's frames of that intent from 1."""

    author: str
    intent: Intent
    number: int
    subject: str
    text: str
    kinds: tuple[str, ...]

    @property
    def id(self) -> str:
        return f"{self.author}-{self.intent.id}-{self.number}"


@cache
def intents() -> Mapping[str, Intent]:
    rows = tomllib.loads((HERE / "intents.toml").read_text(encoding="utf-8"))["intent"]
    return {row["id"]: Intent(**{**row, "kinds": tuple(row["kinds"])}) for row in rows}


@cache
def split() -> Mapping[str, tuple[str, ...]]:
    """Authors by what they are for: train, dev, test."""
    return {name: tuple(authors) for name, authors in tomllib.loads((AUTHORS / "split.toml").read_text("utf-8")).items()}


@cache
def frames(author: str) -> tuple[Frame, ...]:
    """Everything one author wrote."""
    return tuple(_read(author, tomllib.loads((AUTHORS / f"{author}.toml").read_text(encoding="utf-8"))["frame"]))


def _read(author: str, rows: list[dict[str, object]]) -> Iterator[Frame]:
    count: Counter[str] = Counter()
    for row in rows:
        intent = intents()[str(row["intent"])]
        count[intent.id] += 1
        kinds = row.get("kinds", intent.kinds)
        assert isinstance(kinds, list | tuple)
        frame = Frame(
            author, intent, count[intent.id], str(row.get("subject", "")), str(row["text"]).strip("\n"), tuple(map(str, kinds))
        )
        if fault := _fault(frame):
            raise ValueError(f"author {author}, {intent.id}, frame {frame.number}: {fault}")
        yield frame


def _fault(frame: Frame) -> str:
    text = frame.text
    unknown = {slot for slot in SLOT.findall(frame.subject + text) if slot not in SLOTS}
    if unknown:
        return f"there is no slot {min(unknown)!r}"
    if text.count("<<") != text.count(">>"):
        return "a mark << has no >>"
    listed = frame.intent.id in LISTS
    if not listed and frame.intent.kinds != ("directory",) and frame.intent.tells != ("<<" in text):
        return "what tells the record item must be marked, and nothing else"
    if any(f"{{{slot}}}" in line and line.strip() != f"{{{slot}}}" for line in text.split("\n") for slot in _ALONE):
        return "{rows} and {earlier} stand alone in their line"
    return ""
