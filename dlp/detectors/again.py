"""Tables that were read twice, as text and as a grid: one finding for what stands in both, and the cell it stands in.

Takes findings and the views they were found in. `once` gives them without those a grid repeats: the text's own is then as
sure as the grid's, because there a heading stands above its column. `placed` says of those in the text which cell that is, once
everything that goes by lines is done. Linear; nothing here fails.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from dlp.detectors.surroundings import column_name
from dlp.values import Finding, View

_Key = tuple[str, str, str]
_SEPARATOR = re.compile(r"[\t\n]")


def once(findings: Sequence[Finding], views: Sequence[View]) -> list[Finding]:
    """Findings of all views without those that a grid told again has of what its text has, too."""
    if not any(view.again for view in views):
        return list(findings)
    first: set[_Key] = set()
    kept: list[Finding] = []
    sure: dict[_Key, float] = {}
    for each in findings:
        view = views[each.view]
        key = view.section, each.pattern, each.digest
        if not view.again:
            first.add(key)
        elif key in first:
            sure[key] = max(sure.get(key, 0.0), each.confidence)
            continue
        kept.append(each)
    return [_as_sure(each, sure.get((views[each.view].section, each.pattern, each.digest), 0.0)) for each in kept]


def _as_sure(finding: Finding, confidence: float) -> Finding:
    return replace(finding, confidence=confidence) if confidence > finding.confidence else finding


def placed(findings: Sequence[Finding], views: Sequence[View]) -> tuple[Finding, ...]:
    """The same findings; those in a cell of a table that is a grid as well say which."""
    grids: dict[str, dict[str, list[str]]] = {}  # by the label of the text: what stands in a cell, and the names of such cells
    for view in views:
        if view.again:
            named = grids.setdefault(view.label.rpartition(", table ")[0], {})
            for text, cell in _cells(view):
                named.setdefault(text, []).append(cell)
    seen = {each.view for each in findings} if grids else ()
    where = {index: _named(views[index].text, grids[views[index].label]) for index in seen if views[index].label in grids}
    return tuple(replace(each, where=where[each.view](each)) if each.view in where else each for each in findings)


def _cells(view: View) -> Iterator[tuple[str, str]]:
    """What each cell holds, and where it stands."""
    top, left = view.grid or (1, 1)
    for row, line in enumerate(view.text.split("\n"), top):
        for column, text in enumerate(line.split("\t"), left):
            yield text.strip(), f"{view.label}, {column_name(column)}{row}"


def _named(text: str, cells: Mapping[str, Sequence[str]]) -> Callable[[Finding], str]:
    """For findings in a text: the name of their cell. Of several alike the first is the first, where both have as many."""
    starts = [0, *(match.end() for match in _SEPARATOR.finditer(text))]
    pieces = _SEPARATOR.split(text)
    many = Counter(map(str.strip, pieces))
    met: Counter[str] = Counter()
    names: list[str] = []
    for piece in map(str.strip, pieces):
        named = cells.get(piece, ())
        names.append(named[met[piece]] if named and many[piece] in (1, len(named)) else "")
        met[piece] += 1

    def name(finding: Finding) -> str:
        at = bisect_right(starts, finding.start) - 1
        whole = finding.end <= starts[at] + len(pieces[at])
        return (names[at] if whole else "") or finding.where

    return name
