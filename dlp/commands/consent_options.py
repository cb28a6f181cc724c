"""The options of `dlp consent` that say how far a consent goes, the same for `add` and `ingest`.

Takes what was typed, checked as the same cell of an import is; gives the values of a record, or a usage error with what to
write instead.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from dlp.campus import cells
from dlp.commands.written import WRITTEN
from dlp.policy.idle import names_nobody

_Callback = TypeVar("_Callback", bound=Callable[..., Any])
_KINDS = "What may be told, separated by ; as in grades;conduct, or grades:18.06 for one subject; docs/campus.md has all."
_RECIPIENT = "To whom: an address, @domain, or class:employer (or another contact type)."
_PURPOSE = "What for: employment, admission, scholarship, award, payments, investigation, correspondence, or free words."


class _Cell(click.ParamType[Any]):
    """A value checked as the same cell of an import is."""

    def __init__(self, name: str, reader: Callable[[str], Any]) -> None:
        self.name = name
        self.reader = reader

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return self.reader(value.strip()) or self.fail("must not be empty", param, ctx)
        except cells.WrongCell as wrong:
            self.fail(f"{wrong.what}; {wrong.remedy}", param, ctx)


def _recipient(text: str) -> str:
    """As in an import, and somebody in particular."""
    recipient = cells.reader_of_consent(text)
    if names_nobody(recipient):
        raise cells.WrongCell("names nobody in particular", "write an address, a whole domain, or another type of contact")
    return recipient


def _kinds(text: str) -> frozenset[str]:
    """As in an import, and the one that is none is named."""
    for each in map(str.strip, text.split(";")):
        try:
            cells.kinds(each)
        except cells.WrongCell as wrong:
            raise cells.WrongCell(f"{each!r} is {wrong.what}", f"{wrong.remedy}; separate several by ;") from None
    return cells.kinds(text)


KINDS = _Cell("kinds", _kinds)
RECIPIENT = _Cell("recipient", _recipient)
DAY = _Cell("day", cells.day)


def said_options(command: _Callback) -> _Callback:
    """The options that say how far a consent goes; the same for `add` and `ingest`."""
    for option in (
        click.option("--id", "consent_id", default="", metavar="ID", help="Its ID; else one is made."),
        click.option("--case", default="", metavar="TEXT", help="The case, for an investigation."),
        click.option("--uses", type=click.IntRange(1), help="For so many messages only; else standing."),
        click.option("--expires-on", type=DAY, metavar="DAY", help="Its last day, as in 2027-06-30."),
        click.option("--mail-risk/--no-mail-risk", default=False, help="Whether the person accepted the risk of e-mail."),
        click.option("--purpose", required=True, prompt=sys.stdin.isatty(), type=WRITTEN, metavar="TEXT", help=_PURPOSE),
        click.option("--recipient", required=True, prompt=sys.stdin.isatty(), type=RECIPIENT, metavar="ADDR", help=_RECIPIENT),
        click.option("--kinds", required=True, prompt=sys.stdin.isatty(), type=KINDS, metavar="KINDS", help=_KINDS),
    ):
        command = option(command)
    return command
