"""An option's words that are kept for others to read: a reason, a purpose, a note. Blank ones say nothing.

Takes what was typed; gives it without blanks around it, or a usage error. A reason is on record for good, as it was typed, and
many may read it: `without_ids` refuses one with the ID of a student whom the directory has. A name in it nothing sees, and
where the directory cannot be read, nothing is looked up: a reason stops nobody.
"""

from __future__ import annotations

import re
from typing import Any

import click

from dlp import keys
from dlp.commands.lookups import directory
from dlp.config import Settings
from dlp.errors import ConfigError, Refused, Unavailable

_FIGURES = re.compile(r"\d+(?:[ ./-]\d+)*")  # written together, or in groups
_GROUP = re.compile(r"\d+")
_GROUPS = 9  # of an ID
_LEAST = 5  # digits of one: fewer are a year


class _Written(click.ParamType[str]):
    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not any(sign.isalnum() for sign in value):
            self.fail("says nothing; write it in a few words", param, ctx)
        return str(value).strip()


WRITTEN = _Written()


def without_ids(settings: Settings, reason: str) -> str:
    """The reason. Refused where it has a student's ID, in whatever groups its digits stand."""
    found = _numbers(reason)
    if not found:
        return reason
    try:
        people = directory(settings, keys.load(settings.keys_dir))
        known = people is not None and any(people.student(each) is not None for each in found)
    except (ConfigError, Unavailable):
        return reason
    if known:
        raise Refused(
            "the reason has the ID of a student in it, and stays as it is typed in the record of who did what, for good;\n"
            "nothing was done: say it without the ID (the record knows which message or consent it is)"
        )
    return reason


def _numbers(text: str) -> set[str]:
    """Whatever may be an ID in it: figures, and figures in groups that follow each other."""
    groups = [_GROUP.findall(figures[0]) for figures in _FIGURES.finditer(text)]
    joined = {
        "".join(each[first:last])
        for each in groups
        for first in range(len(each))
        for last in range(first + 1, first + 1 + _GROUPS)
    }
    return {each for each in joined if len(each) >= _LEAST}
