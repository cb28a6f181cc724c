"""Text that says it is flowed (RFC 3676): lines joined that were broken only because they were long.

Takes decoded text of a part that declares format=flowed; gives it as a reader sees it that knows the format, and stretch by
stretch where each character stood. Many readers know nothing of it and show the lines as they are. So a short line stays, a
row of columns stays, and of DelSp only the blank is left out that would stand doubled: these say the same to both. Linear;
never fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dlp.mail.stretches import Stretch

_LONG = 45  # characters; nobody breaks a shorter line for its length
# the end of a long line that goes on, the quote marks of the next, and the blank it may be stuffed with (RFC 3676 4.4)
_SOFT_BREAK = re.compile(rf"(?<=[^\r\n]{{{_LONG - 1}}} )\r?\n(>*+) ?(?=[^\r\n])(?!-- ?\r?$)", re.MULTILINE)
_MARKS = re.compile(">*+")
_COLUMNS = re.compile(r"[\t|]|[^\s.:!?>\")] {2,}+\S")  # two blanks, and not those behind a sentence


def joined(text: str, *, delsp: bool) -> str:
    """The text with its paragraphs in one line each; with `delsp` a blank before the break is no part of it."""
    return "".join(text[start:end] for start, end in _kept(text, delsp=delsp))


def joining(text: str, *, delsp: bool) -> Iterator[Stretch]:
    """`joined`, by what it leaves of the text."""
    for start, end in _kept(text, delsp=delsp):
        yield Stretch(end - start, start, end, plain=True)


def _kept(text: str, *, delsp: bool) -> Iterator[tuple[int, int]]:
    at = 0
    for soft in _SOFT_BREAK.finditer(text):
        begins = text.rfind("\n", 0, soft.start()) + 1
        marks = _MARKS.match(text, begins)
        if (marks is not None and marks[0] != soft[1]) or _COLUMNS.search(text, begins, soft.start()):
            continue
        if delsp and not text.endswith("  ", begins, soft.start()):
            continue
        yield at, soft.start() - delsp
        at = soft.end()
    yield at, len(text)
