"""What tables, lists and forms give students, by a label or beside the name, where no pattern knows the value (R7).

Takes what was read and the people found in it; gives findings for values that are no directory information, whom each is about,
and who has a row with an attribute. Only where at least half the rows name a student. Pure; linear in the text.
Not seen: cells that span lines or columns, labels below their values.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, chain, groupby
from operator import itemgetter
from typing import NamedTuple

from dlp.campus.beside import lists
from dlp.campus.grids import Lines, Row, Said, Sign, blocks, tables
from dlp.campus.keyed import LEAST, keyed
from dlp.campus.labels import NAMES, PLAIN, UNLISTED, UNLISTED_KIND, meaning
from dlp.campus.people import People, Strength
from dlp.campus.records import Staff
from dlp.values import Channel, Finding, Role, Texts, View

UNLISTED_LABEL = "unlisted-label"
CONFIDENCE = 0.8
_LABEL = re.compile(  # not the hour of "On 5 December at 09:14, Hana Kim wrote:"
    r"[> *\u2022-]*([^\W\d_][^:=\n]{0,39}?)\s*(?:=|:(?!(?<=\d:)[0-5]\d))\s*(\S.{0,399})$"
)
_CELL = re.compile(r"\t|\A[^:=\n]{1,40}[:=] *\S")
_EMPLOYEE = re.compile(r"\W*(?:employee|name|staff member)\b[^:=\t\n]{0,20}[:=\t]", re.IGNORECASE)
_BULLET = re.compile(r"[\W\d_]*$")
_ATTRIBUTE = re.compile(r"[ ]*(?:[:;|\t\u2013\u2014=]|,(?= ?\S+(?: \S+){0,3}$)| -+ )[ \t]*\w")
_ROW = 400  # characters of the longest line that is looked at
_LINES = 20_000  # of one view
_GAP = 2  # lines from one label of a form to the next: there may be a blank one between


@dataclass(frozen=True, slots=True)
class Labelled:
    """`people` with more findings; whom a finding in a form is about; the persons with a row of their own; and the kinds of
    which the sentence behind a finding may be as well.
    """

    people: People
    about: Mapping[int, str] = field(default_factory=dict)
    rows: frozenset[str] = frozenset()
    instead: Mapping[int, frozenset[str]] = field(default_factory=dict)


def labelled(texts: Texts, people: People) -> Labelled:
    """What is told by labels beside what `people` has."""
    students = {one.person for one in people.students if one.strength > Strength.WEAK}
    signs: dict[int, list[Sign]] = {}
    for one in people.identified:
        if one.person in students or isinstance(one.record, Staff):
            for found in map(people.findings.__getitem__, one.findings):
                signs.setdefault(found.view, []).append(Sign(found.start, found.end, one.person))
    headings: dict[int, list[int]] = {}
    for found in people.findings:
        if found.role is Role.LISTING:
            headings.setdefault(found.view, []).append(found.start)
    findings = list(people.findings)
    about = _of_an_employee(texts, people)
    rows: set[str] = set()
    sheets: list[_Sheet] = []
    for index, here in signs.items():
        view = texts.views[index]
        if view.channel is Channel.HEADERS or not any(sign.person in students for sign in here):
            continue
        sheet = _Sheet.of(index, view, here, students)
        sheets.append(sheet)
        exports = {sheet.page.line(at) for at in headings.get(index, ())}
        grids, forms = tuple(tables(sheet.page, sheet.blocks, exports)), tuple(sheet.forms())
        said = chain.from_iterable((*grids, *lists(sheet.page)))
        about |= sheet.stated(forms, people.findings)
        for value in dict.fromkeys(sheet.values(said, forms)):
            about[len(findings)] = value.person
            findings.append(sheet.finding(value))
        rows |= sheet.rows(grids)
    for sheet, value in _of_other_tables(texts, sheets, students):
        about[len(findings)] = value.person
        findings.append(sheet.finding(value))
        rows.add(value.person)
    return Labelled(replace(people, findings=tuple(findings)), about, frozenset(rows))


def _of_an_employee(texts: Texts, people: People) -> dict[int, str]:
    """What patterns found behind a label or in a cell, where one employee alone is named who is not of the thread, or alone
    behind a label that says so: "Employee: Klara Brandt", "Reviewer: Astrid Lind".
    """
    thread = {one.person for one in people.on_thread}
    employees = [one for one in people.identified if one.person not in thread]
    if len(employees) > 1:
        employees = [one for one in employees if any(_is_of_employee(people.findings[at], texts) for at in one.findings)]
    if len(employees) != 1 or not isinstance(employees[0].record, Staff):
        return {}
    return {
        at: employees[0].person
        for at, found in enumerate(people.findings)
        if found.role is Role.STATES and _CELL.search(_line(texts.views[found.view].text, found))
    }


def _is_of_employee(sign: Finding, texts: Texts) -> bool:
    return _EMPLOYEE.match(_line(texts.views[sign.view].text, sign)) is not None


def _line(text: str, found: Finding) -> str:
    end = text.find("\n", found.end)
    return text[text.rfind("\n", 0, found.start) + 1 : len(text) if end < 0 else end][:_ROW]


def _of_other_tables(texts: Texts, sheets: list[_Sheet], students: set[str]) -> Iterator[tuple[_Sheet, _Value]]:
    """What is said in tables that name nobody, where another says who has which row."""
    if not any(len(sheet.page.signs) >= LEAST for sheet in sheets):
        return
    seen = {sheet.index for sheet in sheets}
    others = (at for at, view in enumerate(texts.views) if at not in seen and not view.again)
    sheets += (_Sheet.of(at, texts.views[at], (), students) for at in others if texts.views[at].channel is not Channel.HEADERS)
    for at, said in keyed([(sheet.page, sheet.blocks) for sheet in sheets]):
        for value in sheets[at].values((said,), ()):
            yield sheets[at], value


class _Value(NamedTuple):
    """One labelled value: the line it stands in, what it is, whose it is."""

    line: int
    kind: str
    person: str


@dataclass(frozen=True, slots=True)
class _Form:
    """A student, and the lines below and beside the name: each by its number, and what its label means."""

    person: str = ""
    lines: list[tuple[int, str]] = field(default_factory=list)
    signed: bool = False  # the name stands without a label

    def whole(self) -> Iterator[_Form]:
        """Itself, when it is about somebody and says something."""
        if self.person and len(self.lines) > 1:
            yield self


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One view by its lines, with the signs of people on each."""

    index: int
    view: View
    page: Lines
    blocks: Sequence[list[Row]]

    @staticmethod
    def of(index: int, view: View, found: Sequence[Sign], students: set[str]) -> _Sheet:
        lines = view.text.split("\n")[:_LINES]
        starts = [0, *accumulate(len(line) + 1 for line in lines)]
        signs: dict[int, list[Sign]] = {}
        at = 0
        for each in sorted(each for each in found if each.start < starts[-1]):
            while at + 1 < len(lines) and starts[at + 1] <= each.start:
                at += 1
            signs.setdefault(at, []).append(each)
        page = Lines(lines, starts, signs, frozenset(students), view.grid is not None)
        return _Sheet(index, view, page, tuple(blocks(page)))

    def values(self, said: Iterable[Said], forms: Sequence[_Form]) -> Iterator[_Value]:
        """Everything that is no directory information."""
        for each in said:
            if each.kind not in (NAMES, PLAIN):
                yield _Value(each.line, each.kind, each.person)
        for form in forms:
            for line, kind in form.lines:
                if kind not in (NAMES, PLAIN):
                    yield _Value(line, kind, form.person)

    def rows(self, tables: Sequence[Sequence[Said]]) -> set[str]:
        """Who has a row with something beside the name, where two or more have."""
        found: set[str] = set()
        for table in tables:
            given = {each.person for each in table if each.kind != NAMES}
            found |= given if len(given) > 1 else set()
        page = self.page
        filled = map(bool, map(str.strip, page.lines if len(page.signs) > 1 else ()))
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
            and (line := bisect_right(self.page.starts, found.start) - 1) in whose
        }

    def finding(self, value: _Value) -> Finding:
        return Finding(
            kind=UNLISTED_KIND if value.kind == UNLISTED else value.kind,
            detector="label",
            pattern=UNLISTED_LABEL if value.kind == UNLISTED else "listed-label",
            role=Role.STATES,
            where=self._where(value.line),
            view=self.index,
            start=self.page.starts[value.line],
            end=self.page.starts[value.line] + len(self.page.lines[value.line]),
            confidence=CONFIDENCE,
            masked="a labelled value",
            digest=value.person,
        )

    def _where(self, line: int) -> str:
        if self.view.grid is None:
            return f"{self.view.label}, line {line + 1}"
        return f"{self.view.label}, row {self.view.grid[0] + line}"

    def _any_named(self, signs: str) -> bool:
        """Whether one of these stands in a line with somebody in it, or below: without it there is nothing to look for."""
        return any(
            sign in text for line in self.page.signs for text in self.page.lines[line : line + 1 + _GAP] for sign in signs
        )

    def _student(self, line: int) -> str:
        """The one student a line names, "" for none or several."""
        named = {sign.person for sign in self.page.signs.get(line, ()) if sign.person in self.page.students}
        return next(iter(named)) if len(named) == 1 else ""

    def _alone(self, line: int) -> str:
        """The one student whose name is all of a line, "" where there is more or none."""
        found, start = self.page.signs.get(line, ()), self.page.starts[line]
        text = self.page.lines[line]
        rest = text[: found[0].start - start] + text[found[-1].end - start :] if found else "more"
        return "" if any(map(str.isalnum, rest)) else self._student(line)

    def forms(self) -> Iterator[_Form]:
        """Every form about one student; the line that names the next one begins another.

        So does a name that stands alone, and of what is below it those labels count which are listed: it may be a signature.
        """
        if not self._any_named(":="):
            return
        form, last = _Form(), -1
        for line, text in enumerate(self.page.lines):
            match = _LABEL.match(text) if len(text) <= _ROW else None
            if match is None:
                if alone := self._alone(line):
                    yield from form.whole()
                    form, last = _Form(alone, [(line, NAMES)], signed=True), line
                elif text.strip(" >"):
                    last = -_ROW  # the next label begins anew
                continue
            kind = meaning(match[1])
            named = self._student(line) if kind == NAMES else ""
            if line - last > _GAP or (named and form.person not in ("", named)):
                yield from form.whole()
                form = _Form()
            if kind == UNLISTED and form.person and self._student(line) == form.person:
                kind = NAMES  # a number under a name of the site's
            form = replace(form, person=form.person or named, signed=form.signed and not named)
            if kind != UNLISTED or not form.signed:
                form.lines.append((line, kind))
            last = line
        yield from form.whole()

    def _is_row(self, line: int) -> bool:
        """Whether a line begins with a student and gives an attribute behind."""
        text, found = self.page.lines[line], self.page.signs.get(line, ())
        if not found or len(text) > _ROW:
            return False
        start, end = found[0].start - self.page.starts[line], found[0].end - self.page.starts[line]
        return _BULLET.match(text[:start]) is not None and _ATTRIBUTE.match(text, end) is not None
