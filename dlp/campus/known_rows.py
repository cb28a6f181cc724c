"""Rows of a large sheet whose student is known by the ID: their names and addresses need not be looked up.

Takes the text of a view and where IDs of students stand in it; gives the text with those rows blank, each place where it was,
once there are so many students that nothing a name adds could matter: it is a list of all of these. Linear; never fails.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dlp.values import Finding, Texts, View

MANY = 300  # students, and rows


def without_known_rows(texts: Texts, ids: Iterable[Finding]) -> Texts:
    """The same texts while there are few; `ids` are those of students on file."""
    starts: dict[int, list[int]] = {}
    whose: dict[int, set[str]] = {}
    for each in ids:
        starts.setdefault(each.view, []).append(each.start)
        whose.setdefault(each.view, set()).add(each.digest)
    many = {index for index, students in whose.items() if len(students) >= MANY}
    views = (_without(view, starts[index]) if index in many else view for index, view in enumerate(texts.views))
    return replace(texts, views=tuple(views))


def _without(view: View, ids: list[int]) -> View:
    text, lines, end = view.text, list[tuple[int, int]](), -1
    for at in sorted(ids):
        if at > end:
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            lines.append((text.rfind("\n", 0, at) + 1, end))
    if len(lines) < MANY:
        return view
    pieces, done = list[str](), 0
    for begin, end in lines:
        pieces += (text[done:begin], " " * (end - begin))
        done = end
    return replace(view, text="".join((*pieces, text[done:])))
