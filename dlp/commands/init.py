"""`dlp init`: a folder to start from: commented configuration, data folder, site key.

Takes a folder and, when asked at a terminal or given as options, the four answers a site must give; gives files and
says what it wrote. It never overwrites: what is there stays, and it says so; beside a store or people sealed with a key that is
gone it writes no other. Exit status 2 then, beside a store that the key does not open, and when an answer cannot be used or the
folder cannot be written.
"""

from __future__ import annotations

import json
import os
import pwd
import re
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from dlp import config, keys
from dlp.commands.checkup import State
from dlp.commands.shared import Command, fail, typed
from dlp.commands.site_store import sealed_here
from dlp.errors import ConfigError, ConfigErrors, Refused
from dlp.privileges import own
from dlp.shipped import shipped
from dlp.store import site, sqlite

FILE = "config.toml"


@dataclass(frozen=True, slots=True)
class Question:
    """One answer a site must give: the key it sets, and how it is asked."""

    key: str
    option: str
    text: str
    is_list: bool = False


NAME = Question("site.name", "--name", "Name of the institution, as notices say it")
DOMAIN = Question("site.domains", "--domain", "Mail domain of the campus", is_list=True)
NEXT_HOP = Question("forward.next_hop", "--next-hop", "Where filtered mail goes on to (host:port)")
CONTACT = Question("site.policy_contact", "--contact", "Address people can ask")


@click.command(cls=Command)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=".", metavar="[DIR]")
@click.option("--name", metavar="TEXT", help="Name of the institution, as notices say it.")
@click.option("--domain", metavar="DOMAIN", help="Mail domain of the campus.")
@click.option("--next-hop", metavar="HOST:PORT", help="The MTA's listener for filtered mail.")
@click.option("--contact", metavar="ADDR", help="Whom senders can ask, and who gets the daily digest.")
def init(folder: Path, name: str | None, domain: str | None, next_hop: str | None, contact: str | None) -> None:
    """Write a commented configuration, a data folder and a site key. Nothing is overwritten.

    \b
    Examples:
      dlp init
      dlp init /etc/dlp --domain campus.example --next-hop 127.0.0.1:10026 \\
        --contact privacy@campus.example
    """
    path = folder / FILE
    following = f"dlp doctor --config {shlex.quote(str(path))}"
    given = {NAME: name, DOMAIN: domain, NEXT_HOP: next_hop, CONTACT: contact}
    try:
        try:
            text = "" if path.exists() else _filled(given)
        except ConfigError as error:
            fail(error, then=f"dlp init {shlex.quote(str(folder))}, with another answer")
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        if path.exists():
            click.echo(f"kept     {path} (it was there; nothing is overwritten)")
            for question in (question for question, answer in given.items() if answer):
                click.echo(f"         not applied: {question.key}; set it in the file")
        else:
            path.write_text(text, encoding="utf-8")
            click.echo(f"written  {path}")
        try:
            _folders(config.load(path))
        except ConfigError as error:
            fail(error, then=following)
    except OSError as error:
        remedy = "choose a folder this user may write"
        raise ConfigError((error.strerror or "cannot be written").lower(), file=str(folder), remedy=remedy) from None
    click.echo(f"next: {typed(following)}")


def _filled(given: dict[Question, str | None]) -> str:
    """The example configuration with the answers in place. Raises ConfigErrors for one that cannot be used."""
    text = shipped("config.example.toml").read_text(encoding="utf-8")
    defaults = config.load(None)
    answers = {question: answer or _asked(question, defaults) for question, answer in given.items()}
    _validate(answers)
    told = {question.key: _toml(question, answer) for question, answer in answers.items() if answer}
    domain = answers[DOMAIN]
    if domain:
        told.setdefault(CONTACT.key, json.dumps(f"privacy@{domain}"))
        told["notices.sender"] = json.dumps(f"mail-guidance@{domain}")
    for key, value in told.items():
        text = _replaced(text, key.rpartition(".")[2], value)
    return text


def _validate(answers: dict[Question, str]) -> None:
    options = {question.key: question.option for question in answers}
    try:
        config.load(None, [f"{question.key}={_toml(question, answer)}" for question, answer in answers.items() if answer])
    except ConfigErrors as wrong:
        raise ConfigErrors(
            [ConfigError(error.what, key=options.get(error.key, error.key), remedy=error.remedy) for error in wrong.errors]
        ) from None


def _replaced(text: str, name: str, value: str) -> str:
    """The text with the first `name = ...` set to `value`, its comment left where it was."""
    before, assignment, after = re.split(rf"(?m)^({name} = .*?)(?=#)", text, maxsplit=1)
    return before + f"{name} = {value} ".ljust(len(assignment)) + after


def _asked(question: Question, defaults: config.Settings) -> str:
    """The answer of a person at a terminal; "" (the default stays) where nobody can be asked."""
    if not _at_a_terminal():
        return ""
    default = config.value_of(defaults, question.key)
    shown = default[0] if isinstance(default, tuple) else default
    return str(click.prompt(question.text, default=shown, type=str)).strip()


def _at_a_terminal() -> bool:
    return sys.stdin.isatty()


def _toml(question: Question, answer: str) -> str:
    quoted = json.dumps(answer, ensure_ascii=False)  # a JSON string is a TOML basic string
    return f"[{quoted}]" if question.is_list else quoted


def _folders(settings: config.Settings) -> None:
    data = settings.data_dir
    click.echo(f"kept     {data}" if data.exists() else f"made     {data} (0700)")
    own(data, _owner(settings))
    kept = sealed_here(settings)
    if kept and not (settings.keys_dir / keys.FILE).exists():
        what = f"no site key is in {settings.keys_dir}, and a new one does not open what is here"
        remedy = f"put back the key folder that belongs to it; to begin anew move {data} away first"
        raise ConfigError(what, file=str(kept), key="keys.dir", remedy=remedy)
    try:
        key = keys.create(settings.keys_dir)
    except Refused:
        _refuse_another(settings)
        click.echo(f"kept     {settings.keys_dir / keys.FILE} (held mail cannot be read without it)")
        return
    own(settings.keys_dir, _owner(settings))
    if _owner(settings):
        shutil.chown(key, _owner(settings))
    click.echo(f"written  {key} (keep it out of what is backed up with the data)")


def _refuse_another(settings: config.Settings) -> None:
    """Raises ConfigError where the store in data_dir was sealed with another key than the one that is there."""
    from dlp.commands.store_check import store  # noqa: PLC0415  slow to load

    if site.is_sqlite(settings) and (settings.data_dir / sqlite.FILE).exists():
        seen = next(store(settings))
        if seen.state is State.FAIL:
            raise ConfigError(seen.what, remedy=seen.remedy)


def _owner(settings: config.Settings) -> str:
    """The user serve becomes, when root runs this and that user exists already; "" = whoever runs this."""
    try:
        pwd.getpwnam(settings.site.user)
    except KeyError:
        return ""
    return settings.site.user if os.geteuid() == 0 else ""
