"""The rules one process judges by, and their replacement on SIGHUP.

Takes settings, the keyed digest and the rules the tree was started with; gives the rules in force when called. A reload
swaps them whole, or keeps the old ones and logs file, line and what is wrong: a bad pattern file never leaves a process
without rules, nor one that is started again while the file is bad.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dlp import fitted
from dlp.config import Settings, load
from dlp.errors import ConfigError, all_of
from dlp.events import event
from dlp.rules import load_rules, sources
from dlp.ruleset import Rules

_LOG = logging.getLogger("dlp.rules")


def rules_of(settings: Settings, digest: Callable[[str], str]) -> Rules:
    """The rules these settings name. Raises ConfigErrors."""
    return load_rules(
        campus=settings.campus(),
        policy=settings.policy_settings(),
        digest=digest,
        folders=settings.pattern_folders,
        table=settings.policy_table,
    )


@dataclass(slots=True)
class RulesInForce:
    """Call it for the rules: those on disk when it is made, or `rules` as given when they do not load."""

    settings: Settings
    digest: Callable[[str], str]
    rules: Rules

    def __post_init__(self) -> None:
        self._load()  # a process that died after a reload comes back with what was reloaded, not with what once was
        self._say_loaded()  # the files' or, beside bad files, those it was given

    def __call__(self) -> Rules:
        return self.rules

    def reload(self) -> None:
        """Read patterns and table again; of a changed configuration file the log says that it is not used, or cannot be."""
        source = self.settings.source
        with contextlib.suppress(OSError):
            if source.file and Path(source.file).read_text(encoding="utf-8-sig", errors="replace") != source.text:
                self._say_changed(Path(source.file))
        if self._load():
            self._say_loaded()

    def _say_changed(self, file: Path) -> None:
        try:
            load(file)
        except ConfigError as error:
            wrong = [each for each in all_of(error) if each.key not in self.settings.source.overridden]
        else:
            wrong = []
        if not wrong:
            event(_LOG, "config.changed", level=logging.WARNING, file=str(file), remedy="restart dlp serve to use it")
        for each in wrong:
            event(_LOG, "config.refused", level=logging.ERROR, what=each.what, file=each.file, line=each.line, key=each.key)

    def _say_loaded(self) -> None:
        event(_LOG, "ruleset.loaded", revision=self.rules.revision)
        if self.rules.unweighed:
            event(_LOG, "ruleset.without_sentences", level=logging.ERROR, what=self.rules.unweighed, remedy=fitted.REMEDY)
        if self.rules.unverified:
            event(_LOG, "ruleset.unverified", level=logging.ERROR, what=self.rules.unverified, remedy=fitted.WITHOUT_VERIFIER)

    def _load(self) -> bool:
        """Whether the rules on disk are in force now; what is wrong with them is logged."""
        unchanged = self.rules.sources
        if unchanged and unchanged == sources(self.settings.pattern_folders, self.settings.policy_table):
            return True  # loading takes most of a second, and memory that the processes no longer share
        try:
            self.rules = rules_of(self.settings, self.digest)
        except ConfigError as error:
            for each in all_of(error):
                event(
                    _LOG, "ruleset.refused", level=logging.ERROR, what=each.what, file=each.file, line=each.line, key=each.key
                )
            return False
        return True
