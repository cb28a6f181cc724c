"""The three harmless test strings: built in, always on, one for each action (formats.md, `dlp probe`).

Takes a view, gives findings with role PROBE whose pattern id names the action asked for. They are found in the
Subject and in text, as written. Nothing here fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dlp.detectors.surroundings import Surroundings
from dlp.values import Channel, Finding, Role, View

WARN = "CAMPUS-DLP-TEST-WARN-7QXM4KZT9RHW2BVN6JCP"
REWRITE = "CAMPUS-DLP-TEST-REWRITE-3FDW8PGK5YLS7TXA2MRQ"
HOLD = "CAMPUS-DLP-TEST-HOLD-9JVB6NCE4UZH8KQW3SDF"

STRINGS = {"probe-warn": WARN, "probe-rewrite": REWRITE, "probe-hold": HOLD}


def find(view: View, index: int, digest: Callable[[str], str]) -> Iterator[Finding]:
    """Every test string in one view; `index` is the view's place in Texts.views."""
    if view.channel is Channel.ATTACHMENTS or (view.channel is Channel.HEADERS and view.field != "subject"):
        return
    for pattern, string in STRINGS.items():
        start = view.text.find(string)
        while start >= 0:
            yield Finding(
                kind="directory",
                detector="pattern",
                pattern=pattern,
                role=Role.PROBE,
                where=Surroundings(view).where(start),
                view=index,
                start=start,
                end=start + len(string),
                confidence=1.0,
                masked="test string",
                digest=digest(string.casefold()),
            )
            start = view.text.find(string, start + len(string))
