"""What the filter makes of generated messages: the world imported as `dlp import` does it, each copy's ruling noted.

Takes a world and messages; gives Outcomes, one per copy, on several processes. Nothing but the consents of each message is in
the store. Raises what the commands raise.
"""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path

from dlp.commands import shared
from dlp.commands.judging import Asked, Checked, judged
from dlp.commands.lookups import LookUps, look_ups
from dlp.commands.reading import reader_of
from dlp.config import load
from dlp.policy.facts import Facts
from dlp.ruleset import Rules
from dlp.values import Origin, Texts
from tests.accuracy import opponents
from tests.accuracy.files import write
from tests.accuracy.generate import Message
from tests.accuracy.progress import counted
from tests.accuracy.world import Person, World
from tests.campus.imported import permits

NOW = datetime.fromisoformat("2026-10-05T10:00:00-04:00")
_AS_OF = "2026-10-04"
_DLP = (sys.executable, "-m", "dlp.cli")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One copy: what should become of it and what did."""

    message: str
    frame: str
    author: str
    intent: str
    situation: str
    twin_of: str
    kinds: tuple[str, ...]
    culture: str
    shape: str
    layout: str
    rows: int
    outside: bool
    expected: str
    also: tuple[str, ...]
    codes: tuple[str, ...]
    action: str
    given: tuple[str, ...]  # reason codes
    people: int  # disclosures
    confidence: float  # of the surest finding the ruling rests on; 0 where it rests on none
    milliseconds: float
    stopped_by: tuple[str, ...] = ()  # opponents
    form: str = ""  # a list travels in

    @property
    def right(self) -> bool:
        return self.action in (self.expected, *self.also)


@dataclass(frozen=True)
class Filter:
    """The rules and the directory of one world, ready to judge."""

    rules: Rules
    read: Callable[[bytes], Texts]
    known: LookUps

    def check(self, message: Message) -> Checked:
        facts = Facts(_consents(message))
        look = LookUps(self.known.known, lambda *_: facts)
        asked = Asked(message.sender, tuple(copy.address for copy in message.copies), Origin.SUBMISSION, "", NOW)
        return judged(message.id, message.raw, asked, self.rules, self.read, look)


def prepared(world: World, folder: Path, more: Sequence[Person] = ()) -> Filter:
    """A filter of its own in a folder, the world and `more` students imported; what is there already is used."""
    site, files = folder / "site", folder / "files"
    if not (site / "config.toml").exists():
        write(world, files, more)
        _run("init", str(site))
        of_any_age = ("--set", "policy.max_snapshot_age=36500d")  # the university is of a day that goes by
        _run("import", "--config", str(site / "config.toml"), *of_any_age, "--as-of", _AS_OF, str(files))
    return opened(site / "config.toml")


def opened(config: Path) -> Filter:
    settings = load(config)
    return Filter(shared.rules(settings), reader_of(settings), look_ups(settings))


def outcomes(config: Path, messages: Sequence[Message], processes: int = 2) -> Iterator[Outcome]:
    """Every copy of every message."""
    with get_context("fork").Pool(processes, _open, (config,)) as pool:
        for found in counted(pool.imap(_judge, messages, chunksize=50), len(messages), "messages judged"):
            yield from found


_filter: list[Filter] = []  # of this process


def _open(config: Path) -> None:
    _filter[:] = [opened(config)]


def _judge(message: Message) -> tuple[Outcome, ...]:
    started = time.process_time()
    checked = _filter[0].check(message)
    taken = (time.process_time() - started) * 1000
    judgement = checked.judgement
    stopped_by = tuple(opponents.stopping(view.text for view in checked.survey.texts.views))
    return tuple(
        Outcome(
            message.id,
            message.frame.id,
            message.frame.author,
            message.frame.intent.id,
            copy.situation.id,
            copy.situation.twin_of,
            message.frame.kinds,
            message.students[0].name.culture if message.students else "",
            message.shape,
            message.layout,
            len(message.students),
            not copy.address.endswith("@campus.example"),
            copy.expected.action,
            copy.expected.also,
            copy.expected.codes,
            ruling.action.word,
            tuple(reason.code for reason in ruling.reasons),
            len(judgement.disclosures),
            max((judgement.findings[at].confidence for reason in ruling.reasons for at in reason.findings), default=0.0),
            taken,
            stopped_by,
            message.form,
        )
        for copy, ruling in zip(message.copies, judgement.rulings, strict=True)
    )


def _consents(message: Message) -> tuple[object, ...]:
    if not message.consents:
        return ()
    out = io.StringIO()
    writer = csv.DictWriter(out, list(message.consents[0]))
    writer.writeheader()
    writer.writerows(message.consents)
    return permits("consents", out.getvalue().encode())


def _run(*arguments: str) -> None:
    subprocess.run((*_DLP, *arguments), check=True, stdout=subprocess.DEVNULL, timeout=600)
