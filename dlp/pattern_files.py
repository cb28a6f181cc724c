"""Pattern files: TOML text to checked patterns (formats.md, Pattern files).

Takes the text of one file and its name for messages, gives frozen Patterns in file order. Everything wrong in the file is
collected and raised together as ConfigErrors with file, line, key and remedy: unknown keys, wrong values, expressions
that do not compile or are not linear. Examples are run by dlp.rules.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import re2
import regex
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from dlp.campus.vocabulary import Told
from dlp.detectors.patterns import compile_linear
from dlp.detectors.validators import VALIDATORS
from dlp.detectors.words import expression
from dlp.errors import ConfigError, ConfigErrors
from dlp.ruleset import Pattern
from dlp.spelling import did_you_mean
from dlp.toml_lines import error_line, item_line, key_line, table_line, table_lines
from dlp.values import Channel, Role

Word = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"\w")]
Sureness = Annotated[float, Field(ge=0, le=1)]

SURE = 0.9  # the confidence of a pattern that names no near words
UNSURE = 0.5  # and of one that does, before one is seen

_LONGEST_REACH = 500
_TRIAL_SECONDS = 0.1  # of one text: what is right takes a thousandth
_TRIAL_LENGTH = 2_000  # characters
_MOST_TRIALS = 60
_SIGNS = (
    "a",
    "0",
    " ",
    "\t",
    "\n",
    "A",
    "x",
    ".",
    ",",
    "-",
    "_",
    "/",
    "<",
    "=",
    '"',
    "@",
    "a ",
    "a,",
    "0 ",
    "aA0",
    "ab",
    "a1",
    "a\n",
)
_NUMBERS = f"a confidence is a number from 0 to 1, as in 0.5; near_distance a whole number from 1 to {_LONGEST_REACH}"
# What is wrong with a value, by the checker's name for it, and what to write: the checker's own words are for programmers.
_MISTAKEN = {
    "string_type": ("it takes a text", 'text stands in quotes, as in title = "text"'),
    "list_type": ("it takes a list", 'a list stands in brackets, as in ["one", "two"]'),
    "too_short": ("it takes at least one word", "name one, or leave the key out"),
    "missing": ("it is required", "every pattern needs it"),
    "string_pattern_mismatch": (
        "it does not match the form of this key",
        "write words of letters or digits; an id is in kebab-case: small letters, digits, single dashes",
    ),
    "float_type": ("it takes a number", _NUMBERS),
    "int_type": ("it takes a whole number", _NUMBERS),
    "greater_than_equal": ("it takes a greater number", _NUMBERS),
    "less_than_equal": ("it takes a smaller number", _NUMBERS),
}


class _Entry(BaseModel):
    """One `[[pattern]]` as written."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    title: str = ""
    kind: Told
    role: Literal["identifies", "states", "header-word", "listing"] | None = None
    regex: str = ""
    words: list[Word] = []
    case: Literal["any", "exact"] = "any"
    engine: Literal["linear", "backtracking"] = "linear"
    prefilter: str = ""
    validators: list[str] = Field(default=[], alias="validate")
    near: list[Word] = []
    not_near: list[Word] = []
    near_distance: Annotated[int, Field(ge=1, le=_LONGEST_REACH)] = 40
    confidence: Sureness | None = None
    confidence_near: Sureness | None = None
    applies_to: Annotated[list[Literal["headers", "text", "attachments"]], Field(min_length=1)] = [
        "headers",
        "text",
        "attachments",
    ]
    mode: Literal["enforce", "observe"] = "enforce"
    neutral: str = ""
    references: list[str] = []
    match: list[str] = []
    no_match: list[str] = []
    todo_match: list[str] = []
    todo_no_match: list[str] = []
    known_wrong: list[str] = []

    @field_validator("validators")
    @classmethod
    def _known_validators(cls, names: list[str]) -> list[str]:
        for name in names:
            if name not in VALIDATORS:
                raise _wrong(f'there is no validator "{name}"', did_you_mean(name, VALIDATORS) or _known(VALIDATORS))
        return names

    @model_validator(mode="after")
    def _whole(self) -> _Entry:
        if bool(self.regex) == bool(self.words):
            raise _wrong("a pattern needs a regex or words", "give exactly one of the two")
        if "\b" in self.regex:
            raise _wrong(r"the regex holds a backspace: in double quotes \b is one", "write the regex in single quotes")
        if self.engine == "backtracking" and not (self.regex and self.prefilter):
            raise _wrong("a backtracking pattern needs a prefilter", "give a linear expression that every match contains")
        if self.prefilter and self.engine == "linear":
            raise _wrong("only a backtracking pattern has a prefilter", 'set engine = "backtracking" or leave it out')
        if self.neutral and self.resolved_role() is not Role.HEADER_WORD:
            raise _wrong("only a header word has a neutral word", 'set applies_to = ["headers"] or leave it out')
        return self

    def resolved_role(self) -> Role:
        if self.role:
            return Role(self.role)
        if self.kind == "id":
            return Role.IDENTIFIES
        return Role.HEADER_WORD if self.applies_to == ["headers"] else Role.STATES

    def source(self) -> str:
        """The one expression that runs."""
        if self.words:
            return expression(self.words, exact=self.case == "exact")
        return self.regex if self.case == "exact" else f"(?i){self.regex}"

    def pattern(self, file: str, line: int) -> Pattern:
        confidence = self.confidence if self.confidence is not None else UNSURE if self.near else SURE
        return Pattern(
            id=self.id,
            title=self.title or self.id.replace("-", " "),
            kind=self.kind,
            role=self.resolved_role(),
            regex=self.source(),
            channels=frozenset(map(Channel, self.applies_to)),
            backtracking=self.engine == "backtracking",
            prefilter=f"(?i){self.prefilter}" if self.prefilter else "",
            validate=tuple(self.validators),
            confidence=confidence,
            confidence_near=self.confidence_near if self.confidence_near is not None else max(SURE, confidence),
            near_distance=self.near_distance,
            enforced=self.mode == "enforce",
            neutral=self.neutral,
            file=file,
            line=line,
            **{name: tuple(getattr(self, name)) for name in _LISTS},
        )


_LISTS = ("near", "not_near", "references", "match", "no_match", "todo_match", "todo_no_match", "known_wrong")
_KEYS = tuple(field.alias or name for name, field in _Entry.model_fields.items())


def parse(text: str, file: str) -> tuple[Pattern, ...]:
    """Patterns in file order. Raises ConfigErrors with every mistake found."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what = f"not TOML: {re.sub(r' *[(]at .*[)]', '', str(error))}"
        raise ConfigErrors([ConfigError(what, file=file, line=error_line(error), remedy="correct the syntax")]) from None
    errors = [
        ConfigError(
            "unknown key", file, key_line(text, "", key) or table_line(text, key), key, "a pattern file holds [[pattern]]"
        )
        for key in document
        if key != "pattern"
    ]
    entries = document.get("pattern", [])
    lines = table_lines(text, "pattern")
    if not isinstance(entries, list) or len(entries) != len(lines):
        remedy = "begin each pattern with [[pattern]] on a line of its own"
        raise ConfigErrors(
            [*errors, ConfigError("pattern is not a list of tables", file, table_line(text, "pattern"), remedy=remedy)]
        )
    patterns = []
    first_line: dict[str, int] = {}
    for index, (entry, line) in enumerate(zip(entries, lines, strict=True)):
        mistakes = _Mistakes(text, file, index, line)
        pattern = mistakes.checked(entry)
        errors += mistakes.found
        if pattern is None:
            continue
        if pattern.id in first_line:
            errors.append(
                mistakes.error("id", f'a pattern "{pattern.id}" is there already', f"see line {first_line[pattern.id]}")
            )
        first_line.setdefault(pattern.id, pattern.line)
        patterns.append(pattern)
    if errors:
        raise ConfigErrors(errors)
    return tuple(patterns)


class _Mistakes:
    """Checks one entry and collects what is wrong with it, each with its line."""

    def __init__(self, text: str, file: str, index: int, line: int) -> None:
        self._text = text
        self._file = file
        self._index = index
        self._line = line
        self.found: list[ConfigError] = []

    def error(self, key: str, what: str, remedy: str, item: int | None = None) -> ConfigError:
        if item is None:
            line = key_line(self._text, "pattern", key, self._index)
        else:
            line = item_line(self._text, "pattern", key, item, self._index)
        return ConfigError(what, self._file, line, key, remedy)

    def checked(self, entry: dict[str, Any]) -> Pattern | None:
        """The pattern, or None when the entry has no form at all."""
        try:
            checked = _Entry.model_validate(entry)
        except ValidationError as error:
            self.found += [self._from_pydantic(dict(each)) for each in error.errors()]
            return None
        pattern = checked.pattern(self._file, self._line)
        self._check_sureness(checked, pattern)
        self._check_linear("prefilter", pattern.prefilter)
        if not pattern.backtracking:
            self._check_linear("words" if checked.words else "regex", pattern.regex)
        else:
            self._check_backtracking(pattern)
        return pattern

    def _from_pydantic(self, error: dict[str, Any]) -> ConfigError:
        place, kind, context = error["loc"], error["type"], error.get("ctx", {})
        key = str(place[0]) if place else "pattern"
        item = place[1] if len(place) > 1 and isinstance(place[1], int) else None
        if kind == "extra_forbidden":
            return self.error(key, "unknown key", did_you_mean(key, _KEYS) or _known(_KEYS))
        if kind == "literal_error":
            known = re.findall(r"'([^']*)'", context["expected"])
            remedy = did_you_mean(str(error["input"]), known) or _known(known)
            return self.error(key, "this is not one of the known words", remedy, item)
        what, remedy = _MISTAKEN.get(kind, (error["msg"], context.get("remedy", "")))
        return self.error(key, what, remedy, item)

    def _check_sureness(self, entry: _Entry, pattern: Pattern) -> None:
        if pattern.confidence_near < pattern.confidence:
            key = "confidence_near" if entry.confidence_near is not None else "confidence"
            self.found.append(self.error(key, "a near word would lower the confidence", "confidence_near is the higher one"))

    def _check_linear(self, key: str, source: str) -> None:
        if not source:
            return
        try:
            if compile_linear(source).search(b""):
                self.found.append(self.error(key, "it matches the empty text", "require at least one character"))
        except re2.error as error:
            reason = error.args[0].decode("utf-8", "replace") if isinstance(error.args[0], bytes) else str(error)
            self.found.append(self.error(key, *_not_linear(source, reason)))

    def _check_backtracking(self, pattern: Pattern) -> None:
        """Compiled, and tried on texts that make expressions go back without end: a runaway is found here, not by mail."""
        try:
            compiled = regex.compile(pattern.regex)
        except regex.error as error:
            self.found.append(self.error("regex", f"not an expression: {error.msg}", "correct it at the place named"))
            return
        try:
            for text in _pumped(pattern):
                any(compiled.finditer(text, timeout=_TRIAL_SECONDS))
        except TimeoutError:
            remedy = "let nothing repeat that repeats itself, such as (a+)+, and make alternatives begin differently"
            self.found.append(self.error("regex", "it goes back without end on a text that repeats itself", remedy))


def _pumped(pattern: Pattern) -> Iterator[str]:
    """Pieces of what it should match, and signs most expressions repeat, each over and over, then an end that fits nothing."""
    words = {word for example in pattern.match for word in (example, *example.split())}
    signs = {sign for example in pattern.match for sign in example}
    for piece in sorted({*_SIGNS, *words, *signs})[:_MOST_TRIALS]:
        for before in ("", *pattern.match[:1]):
            yield before + piece * (_TRIAL_LENGTH // len(piece)) + "\x00"


def _not_linear(source: str, reason: str) -> tuple[str, str]:
    """What is wrong, and the remedy. Of what is no expression at all another engine tells more truly: of a [ left open, say."""
    try:
        regex.compile(source)
    except regex.error as error:
        return f"not an expression: {error.msg}", "correct the expression (RE2 syntax)"
    remedy = 'needs look-around or back-references: rewrite it, or set engine = "backtracking" with a prefilter'
    return f"not a linear expression: {reason}", remedy


def _wrong(what: str, remedy: str) -> PydanticCustomError:
    return PydanticCustomError("pattern", what, {"remedy": remedy})


def _known(words: Any) -> str:
    return "known: " + ", ".join(words)
