"""What tables, lists and forms give students by a label, where no pattern knows the value (default deny, R7).

Takes what was read and the people found in it; gives findings for labelled values that are no directory information, whom each
is about, and who has a row with an attribute. Only where at least half the rows name a student. Pure; linear in the text.
Not seen: cells that span lines or columns, tables laid out with blanks, names as column headings, labels below their values.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, groupby
from operator import itemgetter

from dlp.campus.labels import NAMES, PLAIN, UNLISTED, UNLISTED_KIND, meaning
from dlp.campus.people import People, Strength
from dlp.campus.records import Staff
from dlp.values import Channel, Finding, Role, Texts, View

UNLISTED_LABEL = "unlisted-label"
CONFIDENCE = 0.8
_SEPARATORS = "\t|;,"
_CELLS = {sign: re.compile(rf'[ ]*("(?:[^"]|"")*"|[^{re.escape(sign)}]*)(?:{re.escape(sign)}|$)') for sign in _SEPARATORS}
_QUOTED = re.compile(r"[> ]*")
_RULE = re.compile(r"[\s|:+=-]+$")  # below the heading of a table of bars
_LABEL = re.compile(r"[> *\u2022-]*([^\W\d_][^:=\n]{0,39}?)\s*[:=]\s*(\S.{0,399})$")
_BULLET = re.compile(r"[\W\d_]*$")
_ATTRIBUTE = re.compile(r"[ ]*(?:[:;|\t\u2013\u2014=]|,(?= ?\S+(?: \S+){0,3}$)| -+ )[ \t]*\w")
_ROW = 400  # characters of the longest line that is looked at
_SHEET_ROW = 4_000  # and of one of a sheet
_LABEL_LENGTH = 40
_LINES = 20_000  # of one view
_GAP = 2  # lines from one label of a form to the next: there may be a blank one between


@dataclass(frozen=True, slots=True)
class Labelled:
    """`people` with more findings; whom a finding in a form is about; the persons with a row of their own."""

    people: People
    about: Mapping[int, str] = field(default_factory=dict)
    rows: frozenset[str] = frozenset()


def labelled(texts: Texts, people: People) -> Labelled:
    """What is told by labels beside what `people` has."""
    students = {one.person for one in people.students if one.strength > Strength.WEAK}
    signs: dict[int, list[_Sign]] = {}
    for one in people.identified:
        if one.person in students or isinstance(one.record, Staff):
            for found in map(people.findings.__getitem__, one.findings):
                signs.setdefault(found.view, []).append(_Sign(found.start, found.end, one.person))
    findings = list(people.findings)
    about: dict[int, str] = {}
    rows: set[str] = set()
    for index, here in signs.items():
        view = texts.views[index]
        if view.channel is Channel.HEADERS or not any(sign.person in students for sign in here):
            continue
        sheet = _Sheet.of(index, view, here, students)
        tables, forms = tuple(sheet.tables()), tuple(sheet.forms())
        about |= sheet.stated(forms, people.findings)
        for value in dict.fromkeys(sheet.values(tables, forms)):
            about[len(findings)] = value.person
            findings.append(sheet.finding(value))
        rows |= sheet.rows(tables)
    return Labelled(replace(people, findings=tuple(findings)), about, frozenset(rows))


@dataclass(frozen=True, slots=True, order=True)
class _Sign:
    """Where something stands that shows a person."""

    start: int
    end: int
    person: str


@dataclass(frozen=True, slots=True)
class _Value:
    """One labelled value: the line it stands in, what it is, whose it is."""

    line: int
    kind: str
    person: str


@dataclass(frozen=True, slots=True)
class _Table:
    """What each column means, and the rows below: line and cells."""

    meanings: tuple[str, ...]
    body: Sequence[tuple[int, list[str]]]

    def tells(self, cells: Sequence[str]) -> bool:
        """Whether a row has something beside the name."""
        return any(cell and kind != NAMES for kind, cell in zip(self.meanings, cells, strict=True))


@dataclass(frozen=True, slots=True)
class _Form:
    """A student, and the lines below and beside the name: each by its number, and what its label means."""

    person: str = ""
    lines: list[tuple[int, str]] = field(default_factory=list)

    def whole(self) -> Iterator[_Form]:
        """Itself, when it is about somebody and says something."""
        if self.person and len(self.lines) > 1:
            yield self


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One view by its lines, with the signs of people on each."""

    index: int
    view: View
    lines: Sequence[str]
    starts: Sequence[int]
    signs: Mapping[int, Sequence[_Sign]]
    students: frozenset[str]

    @staticmethod
    def of(index: int, view: View, found: Sequence[_Sign], students: set[str]) -> _Sheet:
        lines = view.text.split("\n")[:_LINES]
        starts = [0, *accumulate(len(line) + 1 for line in lines)]
        signs: dict[int, list[_Sign]] = {}
        at = 0
        for each in sorted(found):
            while at + 1 < len(lines) and starts[at + 1] <= each.start:
                at += 1
            signs.setdefault(at, []).append(each)
        return _Sheet(index, view, lines, starts, signs, frozenset(students))

    def values(self, tables: Sequence[_Table], forms: Sequence[_Form]) -> Iterator[_Value]:
        """Everything under a label that is no directory information."""
        for table in tables:
            for line, cells in table.body:
                person = self._student(line)
                for kind, cell in zip(table.meanings, cells, strict=True):
                    if person and cell and kind not in (NAMES, PLAIN):
                        yield _Value(line, kind, person)
        for form in forms:
            for line, kind in form.lines:
                if kind not in (NAMES, PLAIN):
                    yield _Value(line, kind, form.person)

    def rows(self, tables: Sequence[_Table]) -> set[str]:
        """Who has a row with something beside the name, where two or more have."""
        found: set[str] = set()
        for table in tables:
            lines = [line for line, cells in table.body if table.tells(cells)]
            given = {self._student(line) for line in lines} - {""}
            found |= given if len(given) > 1 else set()
        filled = map(bool, map(str.strip, self.lines if len(self.signs) > 1 else ()))
        for _, run in groupby(enumerate(filled), key=itemgetter(1)):
            numbers = [line for line, _ in run]
            given = {self._student(line) for line in numbers if self._is_row(line)} - {""}
            if len(given) > 1 and 2 * len(given) >= len(numbers):
                found |= given
        return found

    def stated(self, forms: Sequence[_Form], findings: Sequence[Finding]) -> dict[int, str]:
        """What patterns found within somebody's form is about that person."""
        whose = {line: form.person for form in forms for line, _ in form.lines}
        return {
            at: whose[line]
            for at, found in enumerate(findings if whose else ())
            if found.view == self.index
            and found.role is Role.STATES
            and (line := bisect_right(self.starts, found.start) - 1) in whose
        }

    def finding(self, value: _Value) -> Finding:
        return Finding(
            kind=UNLISTED_KIND if value.kind == UNLISTED else value.kind,
            detector="label",
            pattern=UNLISTED_LABEL if value.kind == UNLISTED else "listed-label",
            role=Role.STATES,
            where=self._where(value.line),
            view=self.index,
            start=self.starts[value.line],
            end=self.starts[value.line] + len(self.lines[value.line]),
            confidence=CONFIDENCE,
            masked="a labelled value",
            digest=value.person,
        )

    def _where(self, line: int) -> str:
        if self.view.grid is None:
            return f"{self.view.label}, line {line + 1}"
        return f"{self.view.label}, row {self.view.grid[0] + line}"

    def _any_named(self, signs: str) -> bool:
        """Whether one of these stands in a line with somebody in it: without it there is nothing to look for."""
        return any(sign in self.lines[line] for line in self.signs for sign in signs)

    def _student(self, line: int) -> str:
        """The one student a line names, "" for none or several."""
        named = {sign.person for sign in self.signs.get(line, ()) if sign.person in self.students}
        return next(iter(named)) if len(named) == 1 else ""

    def tables(self) -> Iterator[_Table]:
        """Every table of students: lines of as many cells, the first of which names nobody."""
        if not self._any_named(_SEPARATORS):
            return
        for separator, run in groupby(range(len(self.lines)), key=self._separator):
            if not separator:
                continue
            rows = self._rows(run, separator)
            for _, same in groupby(rows, key=lambda row: len(row[1])):
                (top, heading), *body = same
                students = sum(any(sign.person in self.students for sign in self.signs.get(line, ())) for line, _ in body)
                if body and 2 * students >= len(body) and top not in self.signs and _is_heading(heading, separator):
                    yield _Table(tuple(map(meaning, heading)), body)

    def _rows(self, run: Iterable[int], separator: str) -> list[tuple[int, list[str]]]:
        """Lines and their cells; a sheet leaves out the last ones of a row where they are blank."""
        if self.view.grid is None:
            return [(line, _cells(self.lines[line], separator)) for line in run if not _RULE.match(self.lines[line])]
        rows = [(line, [cell.strip() for cell in self.lines[line].split("\t")]) for line in run]
        width = max(len(cells) for _, cells in rows)
        return [(line, cells + [""] * (width - len(cells))) for line, cells in rows]

    def _separator(self, line: int) -> str:
        text = self.lines[line]
        if self.view.grid is not None:
            return "\t" if text.strip() and len(text) <= _SHEET_ROW else ""
        return next((sign for sign in _SEPARATORS if sign in text.strip(" >|")), "") if len(text) <= _ROW else ""

    def forms(self) -> Iterator[_Form]:
        """Every form about one student; the line that names the next one begins another."""
        if not self._any_named(":="):
            return
        form, last = _Form(), -1
        for line, text in enumerate(self.lines):
            match = _LABEL.match(text) if len(text) <= _ROW else None
            if match is None:
                if text.strip(" >"):
                    last = -_ROW  # the next label begins anew
                continue
            kind = meaning(match[1])
            named = self._student(line) if kind == NAMES else ""
            if line - last > _GAP or (named and form.person not in ("", named)):
                yield from form.whole()
                form = _Form()
            form = replace(form, person=form.person or named)
            form.lines.append((line, kind))
            last = line
        yield from form.whole()

    def _is_row(self, line: int) -> bool:
        """Whether a line begins with a student and gives an attribute behind."""
        text, found = self.lines[line], self.signs.get(line, ())
        if not found or len(text) > _ROW:
            return False
        start, end = found[0].start - self.starts[line], found[0].end - self.starts[line]
        return _BULLET.match(text[:start]) is not None and _ATTRIBUTE.match(text, end) is not None


def _cells(line: str, sign: str) -> list[str]:
    text = line[_QUOTED.match(line).end() :].strip(" |" if sign == "|" else " ")  # type: ignore[union-attr]
    found = [match[1].strip(' "') for match in _CELLS[sign].finditer(text)]
    return found[:-1] if found and not found[-1] and not text.endswith(sign) else found


def _is_heading(cells: Sequence[str], sign: str) -> bool:
    """Whether these are labels; between commas, where prose stands as well, one of them must say who is meant."""
    filled = [cell for cell in cells if cell]
    if not filled or any(len(cell) > _LABEL_LENGTH or not cell[0].isalpha() for cell in filled if cell != "#"):
        return False
    return sign in "\t|" or any(meaning(cell) == NAMES for cell in filled)
