"""An option's words that are kept for others to read: a reason, a purpose, a note. Blank ones say nothing.

Takes what was typed; gives it without blanks around it, or a usage error.
"""

from __future__ import annotations

from typing import Any

import click


class _Written(click.ParamType[str]):
    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not any(sign.isalnum() for sign in value):
            self.fail("says nothing; write it in a few words", param, ctx)
        return str(value).strip()


WRITTEN = _Written()
