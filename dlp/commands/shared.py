"""What every command does alike: find the configuration, report a mistake, say what comes next.

Takes click's callbacks and the program's errors; gives options as decorators, and groups some of whose commands are loaded
only when asked for. JSON stands alone, for programs; lists are printed by dlp.commands.listing.
An error becomes "dlp: what, where, remedy" on standard error, the next command, and an exit status; never a traceback.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click
from click.core import ParameterSource

from dlp import privileges
from dlp.commands.plain_address import plain_address
from dlp.errors import ConfigError, ConfigErrors, Refused, Unavailable
from dlp.spelling import nearest
from dlp.values import Origin, Release

# What is slow to load is loaded by the functions that need it: --help of whatever command waits for this module.
if TYPE_CHECKING:
    from dlp.config import Settings
    from dlp.recogniser import Recogniser
    from dlp.ruleset import Rules
    from dlp.store.records import Unread

NOT_AS_IT_SHOULD_BE = 1
USAGE = 2
COULD_NOT_ASK = 3
INTERRUPTED = 130

# What --help says of them all; a command says itself what 0 and 1 mean, where that is more, and only then has 1.
STATUSES: Mapping[int, str] = {
    0: "done",
    NOT_AS_IT_SHOULD_BE: "not as it should be",
    USAGE: "usage or configuration is wrong, or it is refused",
    COULD_NOT_ASK: "trouble with store, disk, directory or reading: try again",
    INTERRUPTED: "interrupted",
}

# Exit status and the next command, by whose fault it is.
_STATUS: tuple[tuple[type[Exception], int, str], ...] = (
    (ConfigError, USAGE, "dlp doctor"),
    (Unavailable, COULD_NOT_ASK, "dlp doctor"),
    (Refused, USAGE, ""),
)

_UNAVAILABLE = {
    "directory": "the directory of people cannot be read, so nothing is judged: dlp import FOLDER makes it again",
    "store": "the store does not answer; try again, or ask dlp doctor",
    "disk": "the disk is full: free some space where the store lies (data_dir, or the database server)",
    "keys": "the signing key cannot be read; dlp doctor says why",
    "next_hop": "the next hop does not answer; try again when the MTA is up",
    "scan": "the message could not be read to its end; try again",
    "reader": "nobody could read the message now; try again",
    "deadline": "reading the message took too long; try again",
}

# What it takes to let held mail go. A sender has no command in this version: an officer types it when the sender asks.
RELEASE = {
    Release.SENDER: "released when the sender asks",
    Release.OFFICER: "an officer may release",
    Release.SENIOR: "a senior officer may release",
}


_Callback = TypeVar("_Callback", bound=Callable[..., Any])


def config_option(command: _Callback) -> _Callback:
    """Add `--config` and `--set`; the callback takes `config: Path | None, overrides: tuple[str, ...]`."""
    command = click.option(
        "--set",
        "overrides",
        multiple=True,
        metavar="SECTION.KEY=VALUE",
        help="Set one key, on top of the file. May be repeated.",
    )(command)
    return click.option(
        "--config",
        type=click.Path(path_type=Path),
        envvar="DLP_CONFIG",
        metavar="FILE",
        help="Configuration file; else $DLP_CONFIG, ./config.toml or /etc/dlp/config.toml.",
    )(command)


def envelope_options(command: _Callback) -> _Callback:
    """Add `--from`, `--to`, `--origin`, `--login` and `--now`: the envelope of a message that is judged from a file.

    The callback takes `sender: str | None, recipients: tuple[str, ...], origin: str, login: str, now: str | None`.
    """
    for option in (
        click.option("--now", metavar="TIME", help="Judge as of this time (ISO 8601)."),
        click.option("--login", default="", metavar="ADDR", callback=plain_address, help="The user who signed in to send it."),
        click.option("--origin", type=click.Choice([each.value for each in Origin]), default="submission", show_default=True),
        click.option(
            "--to",
            "recipients",
            multiple=True,
            metavar="ADDR",
            callback=plain_address,
            help="A recipient; may be repeated. Else To, Cc and Bcc.",
        ),
        click.option("--from", "sender", metavar="ADDR", callback=plain_address, help="Envelope sender; else the From field."),
    ):
        command = option(command)
    return command


def json_option(command: _Callback) -> _Callback:
    """Add `--json`; the callback takes `as_json: bool`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")(command)


def open_settings(config: Path | None, overrides: Sequence[str]) -> Settings:
    """The settings a command works with. Raises ConfigError, also when there is no configuration at all."""
    from dlp.config import PLACES, find_config, load  # noqa: PLC0415

    path = config or find_config()
    if path is None:
        places = " nor ".join(str(place) for place in PLACES)
        raise ConfigError(f"there is no configuration: neither {places}", remedy="dlp init writes one")
    return load(path, overrides)


def settings_or_defaults(config: Path | None, overrides: Sequence[str]) -> Settings:
    """For commands that only judge: without any file the shipped defaults, said so on standard error."""
    from dlp.config import find_config, load  # noqa: PLC0415

    if config is None and find_config() is None:
        click.echo("dlp: no configuration here; using the shipped defaults (dlp init writes one)", err=True)
        return load(None, overrides)
    return open_settings(config, overrides)


def recogniser(settings: Settings) -> Recogniser | None:
    """What reads text in pictures, where the site wants it."""
    from dlp.recogniser import ready  # noqa: PLC0415

    return ready(settings.workers.ocr, Path(settings.workers.ocr_data))


def become_owner(settings: Settings) -> None:
    """Root becomes the site's user, to leave nothing of its own in the data folder; where that is root's own it stays root."""
    with suppress(FileNotFoundError):
        if os.geteuid() == 0 and settings.data_dir.stat().st_uid == 0:
            return
    privileges.become(settings.site.user)


def rules(settings: Settings, left_out: Callable[[ConfigErrors], None] | None = None) -> Rules:
    """The rules for a command that only shows verdicts; digests get a key of their own, for nobody keeps them.

    With `left_out` a pattern file that is wrong is no trouble: that is told of it.
    """
    from dlp.fitted import REMEDY, WITHOUT_VERIFIER  # noqa: PLC0415
    from dlp.rules import load_rules  # noqa: PLC0415

    key = secrets.token_bytes(32)
    loaded = load_rules(
        campus=settings.campus(),
        policy=settings.policy_settings(),
        digest=lambda text: hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256").hex(),
        folders=settings.pattern_folders,
        table=settings.policy_table,
        left_out=left_out,
    )
    if loaded.unweighed:
        warn(f"sentences are not weighed: {loaded.unweighed}", REMEDY)
    if loaded.unverified:
        warn(f"sentences are not verified: {loaded.unverified}", WITHOUT_VERIFIER)
    return loaded


def fail(error: Exception, *, status: int = 0, then: str = "") -> NoReturn:
    """Print the error and the next command to standard error and leave with its status."""
    known = next(((code, after) for kind, code, after in _STATUS if isinstance(error, kind)), (USAGE, ""))
    text = _UNAVAILABLE.get(error.cause, error.cause) if isinstance(error, Unavailable) else str(error)
    following = then or known[1]
    warn(text, typed(following) if following else "")
    click.get_current_context().exit(status or known[0])


def warn(text: str, following: str = "") -> None:
    """Say on standard error what is not as it should be, and what to do next."""
    for line in text.splitlines():
        click.echo(f"dlp: {line}", err=True)
    if following:
        click.echo(f"next: {following}", err=True)


def emit_json(value: object) -> None:
    """Print one JSON object on one line."""
    click.echo(json.dumps(value, ensure_ascii=False, separators=(", ", ": ")))


def unread_part(part: Unread) -> str:
    """ "part 2/3: encrypted (password)": which part was not read, and why."""
    more = f" ({part.why})" if part.why not in ("", part.status) else ""
    return unread(part.section, part.why, f"{part.status}{more}")


def unread(section: str, why: str, said: str) -> str:
    """Where something was not read, and what is `said` of it, where the place does not say it."""
    from dlp.notices.places import REST, unread_place  # noqa: PLC0415

    where = unread_place(section, why)
    return where if where == REST else f"{where}: {said}"


def next_step(*commands: str) -> None:
    """Say at a terminal what to type next, each on a line; a pipe gets records only."""
    if sys.stdout.isatty():
        for command in commands:
            click.echo(f"next: {typed(command)}")


def typed(command: str) -> str:
    """A command as this reader can type it: "dlp ..." with the path this program was called by, where it needs one, and the
    configuration it was given.
    """
    program = Path(sys.argv[0])
    found = shutil.which("dlp")
    if program.name == "dlp" and not (found and Path(found).samefile(program)):
        command = f"{shlex.quote(str(program))} {command.removeprefix('dlp ')}"
    context = click.get_current_context(silent=True)
    if context and context.get_parameter_source("config") is ParameterSource.COMMANDLINE:
        command = f"{command} --config {shlex.quote(str(context.params['config']))}"
    return command


@contextmanager
def _did_you_mean() -> Iterator[None]:
    """Name the nearest command or option for a mistyped one, of whatever command below."""
    try:
        yield
    except click.NoSuchOption as error:
        options = error.ctx.command.get_params(error.ctx) if error.ctx else []
        known = [name for option in options for name in option.opts if name.startswith("--")]
        raise click.NoSuchOption(error.option_name, possibilities=_nearest(error.option_name, known), ctx=error.ctx) from None
    except click.exceptions.NoSuchCommand as error:
        group = error.ctx.command if error.ctx else None
        known = group.list_commands(error.ctx) if isinstance(group, click.Group) and error.ctx else []
        raise click.exceptions.NoSuchCommand(
            error.command_name, possibilities=_nearest(error.command_name, known), ctx=error.ctx
        ) from None


def _nearest(typed: str, known: Sequence[str]) -> list[str]:
    return [word for word in (nearest(typed, known),) if word]


class _Answering(click.Command):
    def __init__(self, name: str | None = None, *, statuses: Mapping[int, str], **more: Any) -> None:
        told = "; ".join(f"{status} {says}" for status, says in sorted(statuses.items()))
        super().__init__(name, epilog=f"Exit status: {told}.", **more)

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        with _did_you_mean():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with _did_you_mean():
                return super().invoke(ctx)
        except (ConfigError, Refused, Unavailable) as error:
            fail(error)
        except click.Abort:  # at a question, on whose line the cursor still is; every command asks before it does anything
            click.echo("\ndlp: interrupted, nothing changed", err=True)
            ctx.exit(INTERRUPTED)
        except KeyboardInterrupt:
            click.echo("dlp: interrupted", err=True)
            ctx.exit(INTERRUPTED)


class Command(_Answering):
    """A command whose errors become texts and statuses, and whose mistyped options get "did you mean"."""

    def __init__(self, name: str | None = None, *, statuses: Mapping[int, str] | None = None, **more: Any) -> None:
        every = {status: says for status, says in STATUSES.items() if status != NOT_AS_IT_SHOULD_BE}
        super().__init__(name, statuses=every | dict(statuses or {}), **more)


@dataclass(frozen=True, slots=True)
class Entry:
    """A command that is loaded when it is asked for: where it lives, and what it is for."""

    module: str
    attribute: str
    purpose: str


_WHOLE = 1000  # characters of a first sentence; it is wrapped, and no sentence ends in dots


class Group(_Answering, click.Group):
    """The same for a group and every command in it; those of `entries` come first."""

    command_class = Command

    def __init__(self, name: str | None = None, *, entries: Mapping[str, Entry] | None = None, **more: Any) -> None:
        super().__init__(name, statuses=STATUSES, **more)
        self.entries = dict(entries or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*self.entries, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = self.entries.get(cmd_name)
        if entry is None:
            return super().get_command(ctx, cmd_name)
        command = getattr(import_module(entry.module), entry.attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        told = {name: entry.purpose for name, entry in self.entries.items()}
        names = self.list_commands(ctx)
        told |= {name: command.get_short_help_str(_WHOLE) for name, command in self.commands.items()}
        with formatter.section("Commands"):
            formatter.write_dl([(name, told[name]) for name in names])
