"""What reading costs: text and HTML in the fast lane beside Python's e-mail parser, files in the slow lane (opening.py).

Takes nothing; prints tables, CPU milliseconds of one message each, and how much ordinary mail the fast lane reads, and puts
them into docs/performance.md between their marks. Text that the fast lane does not read is a RuntimeError: the other lane is
another measurement.
"""

from __future__ import annotations

import email
import email.policy
import os
import random
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from dlp.limits import Limits
from dlp.mail.reading import read_small
from tests.bench import opening
from tests.bench.mails import prose
from tests.bench.thread_time import milliseconds
from tests.letters import letters
from tests.rigs.document import markdown, put, when_and_where

DOCUMENT = Path(__file__).parents[2] / "docs/performance.md"
REPEATS = 100
_SIZES = (
    ("5 KB of text", 5_000, "plain"),
    ("50 KB of text", 50_000, "plain"),
    ("50 KB of HTML", 50_000, "html"),
    ("250 KB of text", 250_000, "plain"),
)
_HEAD = """\
From: Ann Mori <ann.mori@campus.example>
To: Ben Okoro <ben.okoro@campus.example>
Subject: The room on Thursday
MIME-Version: 1.0
Content-Type: text/{kind}; charset=utf-8

{text}"""


def costs() -> str:
    """The tables, in Markdown."""
    ordinary = letters()
    fast = sum(read_small(raw, Limits()) is not None for raw in ordinary.values())
    share = f"Of {len(ordinary)} ordinary letters without a file the fast lane reads {fast}.\n"
    return f"{markdown(list(_rows()))}\n{share}\n{opening.costs()}"


def _rows() -> Iterator[list[object]]:
    yield ["fast lane", "ours, ms", "MB/s", "Python's e-mail parser, ms", "ratio"]
    for name, size, kind in _SIZES:
        raw = _letter(size, kind)
        ours, bare = milliseconds(REPEATS, partial(_read, raw), partial(_parse, raw))
        yield [name, f"{ours:.2f}", f"{len(raw) / ours / 1000:.0f}", f"{bare:.2f}", f"{ours / bare:.1f}"]


def _letter(size: int, kind: str) -> bytes:
    text = prose(random.Random(size), size)
    if kind == "html":
        rows = "".join(f'<p style="margin:0"><span class="x">{line}</span></p>\n' for line in text.splitlines())
        text = f"<html><body>\n{rows[:size]}\n</body></html>\n"
    return _HEAD.format(kind=kind, text=text).replace("\n", "\r\n").encode("ascii")


def _read(raw: bytes) -> None:
    if read_small(raw, Limits()) is None:
        raise RuntimeError("the fast lane did not read a text")


def _parse(raw: bytes) -> None:
    email.message_from_bytes(raw, policy=email.policy.default).get_content()


def main() -> None:
    tables = costs()
    sys.stdout.write(tables)
    load = " / ".join(f"{figure:.1f}" for figure in os.getloadavg())
    put("reading", f"{when_and_where()} Load average at the end {load}.\n\n{tables}", DOCUMENT)


if __name__ == "__main__":
    main()
