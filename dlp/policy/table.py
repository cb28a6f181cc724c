"""The decision table as data: TOML text to frozen rows.

Takes the text of a table file and its name for messages, gives rows in file order; of a file that only says which rows are
observed, the shipped ones. Everything an administrator can get wrong (unknown word, wrong type, a hold nobody may release, two
rows of one name, a row nothing reaches) is a ConfigError with file and line; nothing is guessed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator

from dlp.campus.folding import folded_word
from dlp.errors import ConfigError
from dlp.policy.reach import hidden
from dlp.policy.situation import TEXTS, WORDS, needs
from dlp.ruleset import Observed, Row
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
_SEE = {"row": "compare it with the shipped table", "observe": "docs/table.md shows one"}
Model = TypeVar("Model", bound=BaseModel)


class _Entry(BaseModel):
    """One `[[row]]` as written. Its validators raise ValueError(what, remedy), both for the administrator."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: str
    title: str = ""
    gate: Literal[1, 2]
    stage: Literal["statement", "message"]
    when: dict[str, Any]
    unless: dict[str, Any] = {}
    action: Literal["pass", "warn", "rewrite", "hold"] | None = None
    setting: Literal["", "unsupported", "images"] = ""
    release: Literal["sender", "officer", "senior"] | None = None
    code: str
    requirement: str
    basis: str = ""
    refer_to: str = ""
    neutral: bool = False
    tip: Literal["", "oral", "named", "purpose", "notes"] = ""

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
        if self.tip and (self.action != "pass" or self.stage != "message"):
            raise ValueError("a tip that decides something", 'make the action "pass" and the stage "message"')
        if self.release is not None and not may_hold:
            raise ValueError("only a hold is released", 'remove release, or make the action "hold"')
        return self

    def row(self, order: int) -> Row:
        given = self.model_dump(exclude={"action", "release"})
        action = Action[(self.action or "pass").upper()]
        if action is Action.PASS and not self.basis:
            given["basis"] = _NOTHING
        release = Release[self.release.upper()] if self.release else None
        return Row(**given, order=order, action=action, release=release, needs=needs(self.when))


class _Observe(BaseModel):
    """One `[[observe]]` as written: rows that are counted, not acted on."""

    model_config = ConfigDict(extra="forbid", strict=True)

    rows: list[str]
    departments: list[str] = []
    enforce_departments: list[str] = []
    enforce_share: float = 0.0

    @field_validator("departments", "enforce_departments")
    @classmethod
    def _named(cls, names: list[str]) -> list[str]:
        if not all(map(folded_word, names)):
            raise ValueError("a department without a name", "write it as in staff.csv, or leave it out")
        return names

    @model_validator(mode="after")
    def _whole(self) -> _Observe:
        if not self.rows:
            raise ValueError("no row is named", 'name them: rows = ["I3"]')
        if not 0 <= self.enforce_share < 1:
            raise ValueError(
                "enforce_share is no share", "write 0.25 for a quarter of the senders; for all, take the entry out"
            )
        if self.departments and self.enforce_departments:
            raise ValueError("departments and enforce_departments exclude each other", "keep one of them")
        return self

    def observed(self) -> Observed:
        ours, theirs = (frozenset(map(folded_word, names)) for names in (self.departments, self.enforce_departments))
        return Observed(ours, theirs, self.enforce_share)


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


def load_table(text: str, file: str, shipped: str = "") -> tuple[Row, ...]:
    """Rows in file order; of the `shipped` text when the file has none. Raises ConfigError for the first mistake found."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"not TOML: {error}", file=file, line=error_line(error), remedy="correct the syntax") from None
    if not document or document.keys() - {"row", "observe"}:
        raise _no_table(file)
    if "row" in document:
        entries = _entries(document, text, "row", file)
        rows = [_validated(_Entry, entry, "row", file, line).row(order) for order, (entry, line) in enumerate(entries)]
        lines = [line for _, line in entries]
        _check_names(rows, file, lines)
    else:
        rows, lines = list(load_table(shipped, "the shipped table")), []
    if "observe" in document:
        rows = _with_observed(rows, _entries(document, text, "observe", file), file)
    _check_end(rows, file)
    if lines:
        _check_reach(rows, file, lines)
    return tuple(rows)


def _entries(document: Mapping[str, Any], text: str, header: str, file: str) -> list[tuple[Any, int]]:
    """The entries of one array of tables, and the lines they begin on."""
    entries, lines = document[header], table_lines(text, header)
    if not isinstance(entries, list) or len(entries) != len(lines):
        raise _no_table(file)
    return list(zip(entries, lines, strict=True))


def _no_table(file: str) -> ConfigError:
    what = "must hold [[row]] or [[observe]] entries and nothing else"
    return ConfigError(what, file=file, remedy="start from the shipped table")


def _validated(model: type[Model], entry: object, header: str, file: str, line: int) -> Model:
    try:
        return model.model_validate(entry)
    except ValidationError as error:
        first = min(error.errors(), key=lambda each: each["type"] != "extra_forbidden")  # a misspelt key is missing as well
        key = ".".join([header, *(str(step) for step in first["loc"])])
        what, remedy = first["msg"], _SEE[header]
        if first["type"] == "extra_forbidden":
            what, remedy = "unknown key", _did_you_mean(str(first["loc"][-1]), model.model_fields)
        elif first["type"] == "value_error":  # one of ours
            what, remedy = first["ctx"]["error"].args
        raise ConfigError(what, file=file, line=line, key=key, remedy=remedy) from None


def _with_observed(rows: Sequence[Row], entries: Sequence[tuple[Any, int]], file: str) -> list[Row]:
    """The rows, those that are named marked as observed."""
    known = {row.id: row for row in rows}
    for entry, line in entries:
        given = _validated(_Observe, entry, "observe", file, line)
        for name in given.rows:
            row = known.get(name)
            if row is None:
                remedy = _did_you_mean(name, known)
                raise ConfigError(f"there is no row {name!r}", file=file, line=line, key="observe.rows", remedy=remedy)
            if row.observed is not None:
                what = f"row {name!r} is observed twice"
                raise ConfigError(what, file=file, line=line, key="observe.rows", remedy="keep one of the entries")
            known[name] = replace(row, observed=given.observed())
    return list(known.values())


def _check_names(rows: Sequence[Row], file: str, lines: Sequence[int]) -> None:
    seen: dict[str, int] = {}
    for row, line in zip(rows, lines, strict=True):
        if row.id in seen:
            raise ConfigError(f"row {row.id!r} is there twice", file=file, line=line, remedy=f"see line {seen[row.id]}")
        seen[row.id] = line


def _check_end(rows: Sequence[Row], file: str) -> None:
    """Some statement row always fits, and is acted on."""
    if not any(row.stage == "statement" and not row.when and not row.unless and row.observed is None for row in rows):
        remedy = "end the statements with a row whose when is empty, and do not observe it"
        raise ConfigError("no statement row fits everything", file=file, remedy=remedy)


def _check_reach(rows: Sequence[Row], file: str, lines: Sequence[int]) -> None:
    """Every row is the first to fit something."""
    at = {row.id: line for row, line in zip(rows, lines, strict=True)}
    for each in hidden(rows):
        takers = " and ".join(f"{row.id!r} (line {at[row.id]})" for row in each.rows)
        taken = [f"{takers} {'takes' if len(each.rows) == 1 else 'together take'} all it could fit"] if each.rows else []
        why = ", and ".join([*taken, *each.facts]) or "its own words exclude each other"
        move = f"move it above {each.rows[0].id!r}" if each.rows else "correct its words"
        raise ConfigError(
            f"row {each.row.id!r} can never fit: {why}", file=file, line=at[each.row.id], remedy=f"{move}, or take it out"
        )


def _did_you_mean(word: str, known: Collection[str]) -> str:
    return did_you_mean(word, known) or f"known: {', '.join(known)}"
