"""What stands beside names in lists without columns: "Kim ..... 14/20", "Kim 14; Marek 17", "B+: Kim, Marek", "Kim x x".

Takes the lines of one view with the signs of people; gives for each list what it says of whom. A list has three students or
more, each with a value behind the name, or all behind one. Pure; linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from dlp.campus.amounts import VALUE, are_grades, are_marks
from dlp.campus.grids import Lines, Said, Sign

GRADES, ATTENDANCE = "grades", "attendance"
_LEAST = 3
_APART = 6  # lines from one person of a list to the next
_REACH = 120  # characters
_BEHIND = re.compile(
    r"(?:['\u2019]s)?[\s.:_\u00b7\u2026\u2022>=()\[\],;|*\u2010-\u2015-]{0,80}?"
    r"(?:(?:got|gets|has|had|have|scored|received|earned|with|made|at|is|was)\s+)?(?:(?:an?|the|grade|score|mark|result)[\s:]+){0,2}"
    rf"\b(?P<value>{VALUE})(?![\w:%$/@-]|\.[0-9]|\s+[a-z]{{3}})"
)
_AHEAD = re.compile(rf"(?:^|[>\s*\u2022-])(?P<value>{VALUE})(?: ?\([0-9]{{1,3}}\))?\s*[:=\u2013\u2014-]\s*$")


def lists(page: Lines) -> Iterator[tuple[Said, ...]]:
    """What each list says."""
    for people in _runs(page):
        behind = [(sign, _value_behind(page, sign, after)) for sign, after in people]
        yield _told([(sign, value) for sign, value in behind if value], len(people), page)
        yield tuple(_marked(page, [sign for sign, _ in people]))
    yield tuple(_grouped(page))


def _runs(page: Lines) -> Iterator[list[tuple[Sign, int]]]:
    """People near each other, each once in a row, and where the next one begins."""
    run: list[tuple[Sign, int]] = []
    last = -_APART
    for line, signs in sorted(page.signs.items()):
        if run and line - last > _APART:
            yield run
            run = []
        end = page.starts[line] + len(page.lines[line])
        merged = _merged(signs)
        for one, other in pairwise([*merged, None]):
            assert one is not None
            run.append((one, other.start if other else end))
        last = line
    if run:
        yield run


def _merged(signs: Sequence[Sign]) -> list[Sign]:
    """Signs of one person side by side are one."""
    found: list[Sign] = []
    for sign in signs:
        if found and (found[-1].person == sign.person or sign.start < found[-1].end):
            found[-1] = Sign(found[-1].start, max(found[-1].end, sign.end), found[-1].person)
        else:
            found.append(sign)
    return found


def _value_behind(page: Lines, sign: Sign, end: int) -> str:
    line = page.line(sign.start)
    start = sign.end - page.starts[line]
    match = _BEHIND.match(page.lines[line][: end - page.starts[line]], start, min(start + _REACH, end - page.starts[line]))
    return match["value"] if match else ""


def _marked(page: Lines, people: Sequence[Sign]) -> Iterator[Said]:
    """Lines of a register: behind most names of students stand marks and nothing else, in some several.

    Nothing else stands behind the last name of a line at most, so only that one is looked at: a line may name thousands.
    """
    last = {page.line(sign.start): sign for sign in people}
    behind = [(sign, page.lines[line][sign.end - page.starts[line] :].split()) for line, sign in last.items()]
    marked = [(sign, marks) for sign, marks in behind if are_marks(marks) and sign.person in page.students]
    if len(marked) >= _LEAST and 3 * len(marked) >= 2 * len(people) and any(len(marks) > 1 for _, marks in marked):
        yield from (Said(page.line(sign.start), sign.person, ATTENDANCE) for sign, _ in marked)


def _told(found: Sequence[tuple[Sign, str]], people: int, page: Lines) -> tuple[Said, ...]:
    told = [(sign, value) for sign, value in found if sign.person in page.students]
    if len({sign.person for sign, _ in told}) < _LEAST or 2 * len(told) < people:
        return ()
    if not are_grades([value for _, value in found]):
        return ()
    return tuple(Said(page.line(sign.start), sign.person, GRADES) for sign, _ in told)


def _grouped(page: Lines) -> Iterator[Said]:
    """Lines that begin with a value and name everybody who has it."""
    found = [
        (line, match["value"], signs)
        for line, signs in page.signs.items()
        if (match := _AHEAD.search(page.lines[line][: signs[0].start - page.starts[line]]))
    ]
    everybody = {sign.person for _, _, signs in found for sign in signs}
    students = everybody & page.students
    if len(students) >= _LEAST and 2 * len(students) >= len(everybody) and are_grades([value for _, value, _ in found]):
        for line, _, signs in found:
            yield from (Said(line, person, GRADES) for person in {sign.person for sign in signs} & page.students)
