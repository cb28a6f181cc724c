"""An option's mail address, as an envelope has it: one, without a name, in the form local@domain.

Takes what was typed; gives it back, or a usage error. What is judged for an address that none of the files can have would be
judged as a stranger's, and nobody would see why.
"""

from __future__ import annotations

import re
from typing import Any

import click

_PLAIN = re.compile(r'(?:"[^"<>]*"|[^\s<>()",;:@]+)@[^\s<>(),;@]+')
_NOBODY = frozenset({"", "<>"})  # the sender of a report


def plain_address(_ctx: click.Context, option: click.Parameter, given: Any) -> Any:
    """For `callback=` of an option that takes an address, or several."""
    for each in given if isinstance(given, tuple) else (given,):
        if each is not None and not _PLAIN.fullmatch(each) and not (each in _NOBODY and not option.multiple):
            raise click.BadParameter(f"{each!r}: write one plain address, as parent@freemail.example")
    return given
