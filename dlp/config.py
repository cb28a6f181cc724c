"""Read the configuration: a TOML file and `--set` overrides in, frozen Settings out.

All mistakes are found in one reading and raised together as ConfigErrors, each with file, line, key and remedy:
bad TOML, unknown keys (with "did you mean"), wrong types, and keys that contradict each other. Keys of a later
version are checked alike; `Settings.not_yet()` tells which of them are set.
"""

from __future__ import annotations

import re
import socket
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from dlp.contradictions import contradictions
from dlp.errors import ConfigError, ConfigErrors
from dlp.key_types import length
from dlp.settings import Sections
from dlp.spelling import did_you_mean
from dlp.toml_lines import error_line, item_line, key_line, table_line

PLACES = (Path("config.toml"), Path("/etc/dlp/config.toml"))
_PLACE_IN_SYNTAX_ERROR = re.compile(r" *\(at (line \d+, column \d+|end of document)\)")

# Remedies by pydantic's word for the mistake; a custom error brings its own.
_REMEDIES = {
    "string_type": 'text stands in quotes, as in name = "text"',
    "tuple_type": 'a list stands in brackets, as in ["one", "two"]',
    "bool_type": "write true or false, without quotes",
    "int_type": "write a whole number, without quotes",
    "model_type": "a section begins with its name in brackets on a line of its own",
    "date_from_datetime_parsing": 'write dates as "2026-12-25"',
    "date_parsing": 'write dates as "2026-12-25"',
}
_WHATS = {
    "string_type": "takes a text",
    "tuple_type": "takes a list",
    "bool_type": "takes true or false",
    "int_type": "takes a whole number",
    "model_type": "is a section",
    "string_too_short": "may not be empty",
    "string_pattern_mismatch": "not of the form this key takes",
}


@dataclass(frozen=True, slots=True)
class Source:
    """Where settings came from, to say where a mistake is."""

    file: str = ""
    text: str = ""
    overridden: frozenset[str] = frozenset()

    def error(self, key: str, what: str, remedy: str = "", item: int | None = None) -> ConfigError:
        """A ConfigError at the place `key` ("section.name"), or one item of its list, was set."""
        if key in self.overridden:
            return ConfigError(what, file="--set", key=key, remedy=remedy)
        section, _, name = key.rpartition(".")
        line = table_line(self.text, key) or (
            key_line(self.text, section, name) if item is None else item_line(self.text, section, name, item)
        )
        return ConfigError(what, file=self.file, line=line, key=key, remedy=remedy)


@dataclass(frozen=True, slots=True)
class Later:
    """A key this version accepts and does not act on; `inert` are the values that ask for nothing."""

    key: str
    inert: tuple[object, ...]
    what: str
    remedy: str = "accepted, without effect"


LATER = (
    Later("site.holidays", ((),), "days on which nobody can be asked"),
    Later("forward.tls_only_hop", ("",), "the next hop that insists on TLS"),
    Later("policy.minimise", ("warn",), "masking students' data in the text"),
    Later("policy.masking_profile", ("initials-id",), "masking students' data in the text"),
    Later("policy.require_tls", (False,), "asking for encrypted delivery"),
    Later("notices.language", ("en",), "notices in other languages"),
    Later("console.listen", ("",), "the console"),
)


class Settings(Sections):
    """The configuration of one process. `base` is the folder that relative paths start from."""

    base: Path
    source: Source

    @property
    def data_dir(self) -> Path:
        return self.path(self.site.data_dir)

    @property
    def keys_dir(self) -> Path:
        return self.path(self.keys.dir) if self.keys.dir else self.data_dir / "keys"

    @property
    def snapshots(self) -> Path:
        """Where what imports brought lies."""
        return self.data_dir / "snapshots"

    @property
    def max_snapshot_age(self) -> timedelta:
        return length(self.policy.max_snapshot_age)

    @property
    def hostname(self) -> str:
        """How we greet and name ourselves."""
        return self.receive.hostname or socket.gethostname()

    @property
    def arc_authserv_id(self) -> str:
        """What our MTA calls itself where an ARC set is wanted; "" = none is."""
        return (self.dkim.authserv_id or self.hostname).lower() if self.dkim.arc else ""

    @property
    def pattern_folders(self) -> tuple[Path, ...]:
        """The site's own pattern folders, in the order they override."""
        return tuple(self.path(name) for name in self.policy.patterns)

    @property
    def policy_table(self) -> Path | None:
        """The site's own decision table; None = the shipped one."""
        return self.path(self.policy.table) if self.policy.table else None

    @property
    def next_hop_ca(self) -> Path | None:
        """Whom we trust to vouch for a next hop; None = the system's CAs."""
        return self.path(self.forward.tls_ca) if self.forward.tls_ca else None

    def path(self, name: str) -> Path:
        """A path of the file, absolute."""
        return (self.base / name).absolute()

    def not_yet(self) -> tuple[ConfigError, ...]:
        """Notes, not mistakes: the keys that are set and that this version does not act on."""
        return tuple(
            self.source.error(later.key, f"not yet in this version: {later.what}", later.remedy)
            for later in LATER
            if value_of(self, later.key) not in later.inert
        )


def value_of(settings: Sections, key: str) -> object:
    """The value of one key, written "section.name"."""
    value: object = settings
    for name in key.split("."):
        value = getattr(value, name)
    return value


def find_config() -> Path | None:
    """The configuration a command uses when none is named: ./config.toml, else /etc/dlp/config.toml."""
    return next((place for place in PLACES if place.is_file()), None)


def load(path: Path | None, overrides: Sequence[str] = ()) -> Settings:
    """Read `path` (None: the defaults alone) with overrides "section.key=value" on top.

    Raises ConfigErrors with everything that is wrong.
    """
    file = str(path or "")
    text = _read(path) if path else ""
    data = _parse(text, file)
    assigned, errors = _overrides(overrides)
    for key, value in assigned.items():
        errors.extend(_assign(data, key, value))
    source = Source(file, text, frozenset(assigned))
    sections, mistaken, mistakes = _validate(data, source)
    errors.extend(mistakes)
    for clash in contradictions(sections):
        if not mistaken.intersection(clash.keys):
            errors.append(source.error(clash.keys[0], clash.what, clash.remedy))
    if errors:
        raise ConfigErrors(sorted(errors, key=lambda error: error.line))
    base = path.absolute().parent if path else Path.cwd()
    told = {name: getattr(sections, name) for name in Sections.model_fields}
    return Settings(**told, base=base, source=source)


def _read(path: Path) -> str:
    file = str(path)
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError("the file is not UTF-8", file=file, remedy="save it as UTF-8") from None
    except FileNotFoundError:
        raise ConfigError("there is no such file", file=file, remedy="dlp init writes one") from None
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise ConfigError(reason, file=file, remedy="name a file this user may read") from None


def _parse(text: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what = _PLACE_IN_SYNTAX_ERROR.sub("", str(error))
        remedy = "text stands in quotes, lists in brackets, each key once"
        line = error_line(error) or text.count("\n") + 1
        raise ConfigError(f"not TOML: {what[:1].lower()}{what[1:]}", file=file, line=line, remedy=remedy) from None


def _overrides(given: Sequence[str]) -> tuple[dict[str, object], list[ConfigError]]:
    assigned: dict[str, object] = {}
    errors = []
    for text in given:
        key, equals, value = text.partition("=")
        key = key.strip()
        if not equals or not re.fullmatch(r"[a-z_]+(\.[a-z_]+){1,2}", key):
            errors.append(ConfigError("not an override", file="--set", remedy="write --set section.key=value"))
            continue
        assigned[key] = _toml_value(key, value.strip())
    return assigned, errors


def _toml_value(key: str, text: str) -> object:
    """The TOML value `text` spells, else the text itself: 127.0.0.1:2525 needs no quotes on a command line, nor does 7
    where the key takes a text.
    """
    try:
        parsed = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    value = parsed["value"] if len(parsed) == 1 else text
    takes_text = False
    with suppress(AttributeError):  # of an unknown key, which is told elsewhere
        takes_text = isinstance(value_of(Sections(), key), str)
    return text if takes_text and not isinstance(value, str) else value


def _assign(data: dict[str, Any], key: str, value: object) -> Iterable[ConfigError]:
    *sections, name = key.split(".")
    for section in sections:
        data = data.setdefault(section, {})
        if not isinstance(data, dict):
            return (ConfigError("the file gives a value where a section belongs", file="--set", key=key),)
    data[name] = value
    return ()


def _validate(data: dict[str, Any], source: Source) -> tuple[Sections, frozenset[str], list[ConfigError]]:
    """Sections with defaults in place of what was wrong, the keys that were wrong, and what to say of them."""
    try:
        return Sections.model_validate(data), frozenset(), []
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
    keys = {_key(detail) for detail in details}
    errors = [_mistake(detail, source) for detail in details]
    return Sections.model_validate(_without(data, keys)), frozenset(keys), errors


def _key(detail: ErrorDetails) -> str:
    return ".".join(part for part in detail["loc"] if isinstance(part, str))


def _mistake(detail: ErrorDetails, source: Source) -> ConfigError:
    key, kind = _key(detail), detail["type"]
    item = next((part for part in detail["loc"] if isinstance(part, int)), None)
    if kind == "extra_forbidden":
        section, _, name = key.rpartition(".")
        known = _names(section)
        whole = f"[{section}] has" if section else "the file has the sections"
        remedy = did_you_mean(name, known) or f"{whole} {', '.join(known)}"
        return source.error(key, "unknown key" if section else "unknown section", remedy)
    context: Mapping[str, Any] = detail.get("ctx", {})
    what = _WHATS.get(kind, detail["msg"][:1].lower() + detail["msg"][1:])
    if kind == "literal_error":
        return source.error(key, "not one of the words this key takes", f"write {context['expected']}", item)
    return source.error(key, what, context.get("remedy", _REMEDIES.get(kind, "see config.example.toml")), item)


def _names(section: str) -> tuple[str, ...]:
    model: type[BaseModel] = Sections
    for name in filter(None, section.split(".")):
        annotation = model.model_fields[name].annotation
        model = annotation if isinstance(annotation, type) else get_args(annotation)[0]
    return tuple(model.model_fields)


def _without(data: Mapping[str, Any], keys: Iterable[str], prefix: str = "") -> dict[str, Any]:
    wrong = frozenset(keys)
    return {
        name: _without(value, wrong, f"{prefix}{name}.") if isinstance(value, dict) else value
        for name, value in data.items()
        if f"{prefix}{name}" not in wrong
    }
