"""A rig's last result in docs/reliability.md, between its marks; and tables as text.

Takes rows of text; the first row is the head. A rig without marks in the document is a KeyError: its place is chosen by
whoever writes the document, its content only by its make target.
"""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs/reliability.md"

Rows = Sequence[Sequence[object]]


def put(rig: str, text: str, document: Path = DOCUMENT) -> None:
    """Replace what stands between the rig's marks."""
    begin, end = f"<!-- {rig}: begin -->\n", f"<!-- {rig}: end -->\n"
    before, found, rest = document.read_text(encoding="utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise KeyError(rig)
    document.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")


def markdown(rows: Rows) -> str:
    head, *body = rows
    lines = [_line(head), _line(["---", *["---:"] * (len(head) - 1)]), *map(_line, body)]
    return "\n".join(lines) + "\n"


def plain(rows: Rows) -> str:
    """Columns for a terminal."""
    texts = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in texts)


def when_and_where() -> str:
    """The line above a result: date, version, machine."""
    git = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip() or "unknown"
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M}Z, commit {commit}, {os.cpu_count()} cores, Python {platform.python_version()}."


def _line(cells: Sequence[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"
