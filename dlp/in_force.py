"""The rules one process judges by, and their replacement on SIGHUP.

Takes settings and the keyed digest; gives the rules in force when called. A reload swaps them whole, or keeps the old
ones and logs file, line and what is wrong: a bad pattern file never leaves a process without rules.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from dlp.config import Settings
from dlp.errors import ConfigError, ConfigErrors
from dlp.events import event
from dlp.rules import load_rules
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
    """Call it for the rules; raises ConfigErrors when it is made and they do not load."""

    settings: Settings
    digest: Callable[[str], str]
    _rules: Rules = field(init=False)

    def __post_init__(self) -> None:
        self._rules = rules_of(self.settings, self.digest)

    def __call__(self) -> Rules:
        return self._rules

    def reload(self) -> None:
        """Read patterns and table again."""
        try:
            self._rules = rules_of(self.settings, self.digest)
        except ConfigError as error:
            for each in error.errors if isinstance(error, ConfigErrors) else (error,):
                event(
                    _LOG, "ruleset.refused", level=logging.ERROR, what=each.what, file=each.file, line=each.line, key=each.key
                )
        else:
            event(_LOG, "ruleset.loaded", revision=self._rules.revision)
