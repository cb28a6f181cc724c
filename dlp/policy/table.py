"""The decision table as data: TOML text to frozen rows.

Takes the text of a table file and its name for messages, gives rows in file order. Everything an administrator can
get wrong (unknown word, wrong type, a hold nobody may release, two rows of one name, a row nothing reaches) is a
ConfigError with file and line; nothing is guessed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator

from dlp.errors import ConfigError
from dlp.policy.reach import hidden
from dlp.policy.situation import TEXTS, WORDS
from dlp.ruleset import Row
from dlp.spelling import did_you_mean
from dlp.toml_lines import error_line, table_lines
from dlp.values import Action, Release

_TYPES: Mapping[str, tuple[type, ...]] = {
    "str": (str, list),
    "frozenset[str]": (str, list),  # fits when one of them is among those of the message
    "int": (int,),
    "bool": (bool,),
}
_TEXTS = "write a text or a list of texts"
_REMEDIES = {"str": _TEXTS, "frozenset[str]": _TEXTS, "int": "write a number", "bool": "write true or false"}
_NOTHING = "nothing about a person found"
_SEE_SHIPPED = "compare it with the shipped table"


class _Entry(BaseModel):
    """One `[[row]]` as written. Its validators raise ValueError(what, remedy), both for the administrator."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: str
    gate: Literal[1, 2]
    stage: Literal["statement", "message"]
    when: dict[str, Any]
    unless: dict[str, Any] = {}
    action: Literal["pass", "warn", "rewrite", "hold"] | None = None
    setting: Literal["", "unsupported"] = ""
    release: Literal["sender", "officer", "senior"] | None = None
    code: str
    requirement: str
    basis: str = ""
    refer_to: str = ""
    neutral: bool = False

    @field_validator("when", "unless")
    @classmethod
    def _known_words(cls, condition: dict[str, Any]) -> dict[str, Any]:
        for word, wanted in condition.items():
            if word not in WORDS:
                raise ValueError(f"unknown word {word!r}", _did_you_mean(word, WORDS))
            _check_wanted(word, wanted)
        return condition

    @model_validator(mode="after")
    def _whole(self) -> _Entry:
        if (self.action is None) == (not self.setting):
            raise ValueError("an action or a setting is needed, and not both", "keep one of them")
        may_hold = self.action == "hold" or bool(self.setting)
        if may_hold and self.release is None:
            raise ValueError("a hold nobody may release", "add release: sender, officer or senior")
        if self.action == "pass" and not self.basis and self.code != "none":
            raise ValueError("a pass that names no basis", 'add basis: what it rests on, such as "own record"')
        if self.release is not None and not may_hold:
            raise ValueError("only a hold is released", 'remove release, or make the action "hold"')
        return self

    def row(self, order: int) -> Row:
        given = self.model_dump(exclude={"action", "release"})
        action = Action[(self.action or "pass").upper()]
        if action is Action.PASS and not self.basis:
            given["basis"] = _NOTHING
        return Row(**given, order=order, action=action, release=Release[self.release.upper()] if self.release else None)


def _check_wanted(word: str, wanted: object) -> None:
    """A value that could never be met, or would always be, is a mistake nobody sees in the running filter."""
    kind = WORDS[word]
    if not isinstance(wanted, _TYPES[kind]) or (kind == "int" and isinstance(wanted, bool)):
        raise ValueError(f"{word!r} cannot be compared with {wanted!r}", _REMEDIES[kind])
    if isinstance(wanted, int) and kind == "int" and wanted < 1:
        raise ValueError(f"{word!r} of at least {wanted} always fits", "write 1 or more, or leave the word out")
    if kind.endswith(("str", "str]")):
        for text in wanted if isinstance(wanted, list) else [wanted]:
            if text not in TEXTS[word]:
                raise ValueError(f"{word!r} is never {text!r}", _did_you_mean(str(text), sorted(TEXTS[word])))


def load_table(text: str, file: str) -> tuple[Row, ...]:
    """Rows in file order. Raises ConfigError for the first mistake found."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"not TOML: {error}", file=file, line=error_line(error), remedy="correct the syntax") from None
    lines = table_lines(text, "row")
    entries = document.get("row")
    if set(document) != {"row"} or not isinstance(entries, list) or len(entries) != len(lines):
        raise ConfigError("must hold [[row]] entries and nothing else", file=file, remedy="start from the shipped table")
    rows = [_row(entry, order, file, line) for order, (entry, line) in enumerate(zip(entries, lines, strict=True))]
    _check_whole(rows, file, lines)
    return tuple(rows)


def _row(entry: Mapping[str, object], order: int, file: str, line: int) -> Row:
    try:
        return _Entry.model_validate(entry).row(order)
    except ValidationError as error:
        first = min(error.errors(), key=lambda each: each["type"] != "extra_forbidden")  # a misspelt key is missing as well
        key = ".".join(["row", *(str(step) for step in first["loc"])])
        what, remedy = first["msg"], _SEE_SHIPPED
        if first["type"] == "extra_forbidden":
            what, remedy = "unknown key", _did_you_mean(str(first["loc"][-1]), _Entry.model_fields)
        elif first["type"] == "value_error":  # one of ours
            what, remedy = first["ctx"]["error"].args
        raise ConfigError(what, file=file, line=line, key=key, remedy=remedy) from None


def _check_whole(rows: Sequence[Row], file: str, lines: tuple[int, ...]) -> None:
    """Names are unique, some statement row always fits, and every row is the first to fit something."""
    seen: dict[str, int] = {}
    for row, line in zip(rows, lines, strict=True):
        if row.id in seen:
            raise ConfigError(f"row {row.id!r} is there twice", file=file, line=line, remedy=f"see line {seen[row.id]}")
        seen[row.id] = line
    if not any(row.stage == "statement" and not row.when and not row.unless for row in rows):
        remedy = "end the statements with a row whose when is empty"
        raise ConfigError("no statement row fits everything", file=file, remedy=remedy)
    for each in hidden(rows):
        takers = " and ".join(f"{row.id!r} (line {seen[row.id]})" for row in each.rows)
        taken = [f"{takers} {'takes' if len(each.rows) == 1 else 'together take'} all it could fit"] if each.rows else []
        why = ", and ".join([*taken, *each.facts]) or "its own words exclude each other"
        move = f"move it above {each.rows[0].id!r}" if each.rows else "correct its words"
        raise ConfigError(
            f"row {each.row.id!r} can never fit: {why}", file=file, line=seen[each.row.id], remedy=f"{move}, or take it out"
        )


def _did_you_mean(word: str, known: Collection[str]) -> str:
    return did_you_mean(word, known) or f"known: {', '.join(known)}"
