"""People who stand together in a list, the text that introduces them, and the property they were chosen by (selector rule).

Takes what was read, the findings, and the disclosures whose findings show where each person stands; gives Groups, and the
disclosures with what an introduction says of everybody below it: "on academic probation:" above four names says it of each.
Pure; linear in the text. Nothing here fails.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import NamedTuple

from dlp.policy.kinds import is_record
from dlp.policy.relate import counts
from dlp.values import Channel, Disclosure, Finding, Role, Texts

_BULLET = re.compile(r"[\W\d_]*$")  # all that stands before a name at the start of a line
_INTRODUCES = re.compile(r":[^\w\n]*$")
_ENDS_A_SENTENCE = re.compile(r"[.!?][\"')]*\s*$")
_COLUMNS = re.compile(r"[,;|\t]")
_BLANK = " \t>"  # in quoted text, too
_ROW = 200  # characters of the longest row
_INTRODUCTION = 4  # lines
_GAP = 3  # lines between two rows
_RUN_ON = 3  # people of a line that is a list
_ENDS_A_CELL = re.compile(r"(?:[\t|;,:]|[ ]{2})[ \"]*$")
_BETWEEN_CELLS = re.compile(r"[\t|;,:]|[ ](?=[ ]+(?![ ]))")
_SEPARATES = re.compile(r"(?:[\W\d_]|\band\b)*")
# how many students make a listing: (below the header line of an export, with a directory to know them by)
LISTING = {(False, True): 4, (True, True): 2, (False, False): 3, (True, False): 2}


@dataclass(frozen=True, slots=True)
class Group:
    """People of one view, in their order, and the span of what introduces them, empty when nothing does."""

    view: int
    persons: tuple[str, ...]
    rows: frozenset[str]  # of them, who has a line alone, or one with others and nothing else
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Selected:
    """Disclosures with what introductions say, and the kinds by which people were chosen."""

    disclosures: tuple[Disclosure, ...]
    chosen: frozenset[str] = frozenset()


def groups(texts: Texts, findings: Sequence[Finding], disclosures: Sequence[Disclosure]) -> tuple[Group, ...]:
    """Every group of two or more people."""
    signs: dict[int, list[_Sign]] = {}
    for item in disclosures:
        for found in map(findings.__getitem__, item.findings):
            if found.role is Role.IDENTIFIES and texts.views[found.view].channel is not Channel.HEADERS:
                signs.setdefault(found.view, []).append(_Sign(found.start, found.end, item.person))
    stated: dict[int, list[int]] = {}
    for found in findings:
        if found.role is Role.STATES:
            stated.setdefault(found.view, []).append(found.start)
    return tuple(
        group
        for view, here in sorted(signs.items())
        for group in _Lines(texts.views[view].text, here, stated.get(view, ())).groups(view)
    )


def selected(
    texts: Texts, findings: Sequence[Finding], disclosures: tuple[Disclosure, ...], found: Sequence[Group], act_at: float
) -> Selected:
    """What introduces a group, or stands in the subject line, goes to everybody in it: of each kind the first statement."""
    stated: dict[int, list[int]] = {}
    told = (each for each in enumerate(findings) if each[1].role is Role.STATES)
    for index, finding in sorted(told, key=lambda each: each[1].start):
        if is_record(finding.kind) and counts(finding, act_at):
            stated.setdefault(finding.view, []).append(index)
    everywhere = [index for view, here in stated.items() if texts.views[view].field == "subject" for index in here]
    said: dict[str, dict[str, int]] = {}
    for group in found:
        here = stated.get(group.view, [])
        first = bisect_left(here, group.start, key=lambda index: findings[index].start)
        behind = bisect_left(here, group.end, key=lambda index: findings[index].start)
        kinds = {findings[index].kind: index for index in (*reversed(here[first:behind]), *everywhere)}
        for person in group.persons if kinds else ():
            said.setdefault(person, {}).update(kinds)
    chosen = frozenset(kind for kinds in said.values() for kind in kinds)
    return Selected(tuple(_with(item, said.get(item.person, {})) for item in disclosures), chosen)


def _with(item: Disclosure, said: Mapping[str, int]) -> Disclosure:
    if not said:
        return item
    return replace(item, kinds=item.kinds.union(said), findings=tuple(sorted({*item.findings, *said.values()})))


class _Sign(NamedTuple):
    """Where one sign of a person stands; a tuple, because there may be very many."""

    start: int
    end: int
    person: str


class _Lines:
    """One text by its lines, with the signs of people in it."""

    def __init__(self, text: str, signs: Collection[_Sign], stated: Collection[int]) -> None:
        self._text = text
        self._lines = text.split("\n")
        self._starts = [0, *accumulate(len(line) + 1 for line in self._lines)]
        self._on: dict[int, list[_Sign]] = {}
        for sign in sorted(signs):
            self._on.setdefault(self._line(sign.start), []).append(sign)
        self._stated = set(map(self._line, stated))

    def groups(self, view: int) -> Iterator[Group]:
        run: list[int] = []
        for line in self._on:
            if run and not self._goes_on(run[-1], line):
                yield from self._group(run, view)
                run = []
            run.append(line)
        yield from self._group(run, view)

    def _line(self, at: int) -> int:
        return bisect_right(self._starts, at) - 1

    def _is_blank(self, line: int) -> bool:
        return not self._lines[line].strip(_BLANK)

    def _goes_on(self, above: int, below: int) -> bool:
        """Whether nothing stands between two lines, or one line that belongs to the upper one, such as an address."""
        between = [line for line in range(above + 1, below) if not self._is_blank(line)]
        if below - above > _GAP or len(between) > 1:
            return False
        return not any(
            line in self._stated or _INTRODUCES.search(self._lines[line]) or _ENDS_A_SENTENCE.search(self._lines[line])
            for line in between
        )

    def _group(self, run: list[int], view: int) -> Iterator[Group]:
        """The people of these lines: those behind an introduction, in its paragraph, and those in rows."""
        if not run:
            return
        first = [line for line in run if self._is_row(line)]
        rows = {self._on[line][0].person for line in first}
        rows |= {sign.person for line in (*filter(self._is_names, run), *self._in_columns(run)) for sign in self._on[line]}
        start, end, colon = self._introduction(run[0])
        told = self._paragraph(run) if colon else first
        members = dict.fromkeys(sign.person for line in told for sign in self._on[line]) | dict.fromkeys(rows)
        if len(members) > 1:
            yield Group(view, tuple(members), frozenset(rows), start, end)

    def _is_row(self, line: int) -> bool:
        """Whether a line is about one person who stands first in it, and is no sentence."""
        return self._is_about_one(line) and bool(_BULLET.match(self._before(line)))

    def _is_about_one(self, line: int) -> bool:
        text = self._lines[line]
        return len({sign.person for sign in self._on[line]}) == 1 and len(text) <= _ROW and not _ENDS_A_SENTENCE.search(text)

    def _before(self, line: int) -> str:
        return self._text[self._starts[line] : self._on[line][0].start]

    def _in_columns(self, run: Sequence[int]) -> Iterator[int]:
        """Lines that are about one person each, in the same column behind others."""
        columns: dict[str, list[int]] = {}
        for line in filter(self._is_about_one, run):
            before = self._before(line)
            if _ENDS_A_CELL.search(before):
                columns.setdefault("".join(_BETWEEN_CELLS.findall(before)), []).append(line)
        for lines in columns.values():
            yield from lines if len(lines) >= _RUN_ON else ()

    def _is_names(self, line: int) -> bool:
        """Whether a line names several people and says nothing else, but for what introduces them."""
        signs, before, start = self._on[line], self._before(line), self._starts[line]
        if len({sign.person for sign in signs}) < _RUN_ON:
            return False
        ends = list(accumulate((sign.end for sign in signs), max))
        behind = self._text[ends[-1] : start + len(self._lines[line])]
        between = [self._text[end : sign.start] for end, sign in zip(ends, signs[1:], strict=False)]
        return all(map(_SEPARATES.fullmatch, ("" if _INTRODUCES.search(before) else before, *between, behind)))

    def _introduction(self, first: int) -> tuple[int, int, bool]:
        """The span that introduces a group, and whether a colon ends it."""
        at = self._on[first][0].start
        before = self._text[self._starts[first] : at]
        if _INTRODUCES.search(before):
            return self._starts[self._top(first)], at, True
        if not _BULLET.match(before):
            return at, at, False
        below = first
        while below > 0 and self._is_blank(below - 1):
            below -= 1
        top = self._top(below)
        if below - top == 1 and self._is_heads(top):  # the introduction stands above
            while top > 0 and self._is_blank(top - 1):
                top -= 1
            top = self._top(top)
        above = self._text[self._starts[top] : self._starts[below]]
        return self._starts[top], self._starts[below], bool(_INTRODUCES.search(above))

    def _is_heads(self, line: int) -> bool:
        """Whether a line may be the heads of columns."""
        return bool(_COLUMNS.search(self._lines[line])) and not _ENDS_A_SENTENCE.search(self._lines[line])

    def _top(self, line: int) -> int:
        """The first line of the paragraph that ends above or in this one."""
        top = line
        while top > max(0, line - _INTRODUCTION) and not self._is_blank(top - 1) and top - 1 not in self._on:
            top -= 1
        return top

    def _paragraph(self, run: list[int]) -> list[int]:
        """The lines of a group up to the first blank one."""
        kept = run[:1]
        for above, below in pairwise(run):
            if any(map(self._is_blank, range(above + 1, below))):
                break
            kept.append(below)
        return kept
