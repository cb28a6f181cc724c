"""Directory fields told beside a name: the phone number and the addresses that the directory has of somebody (R18, R25, R29).

Takes what was read and the people in it; gives the people with a finding for each such value that stands in a line of a sign of
that person or in the two below, or anywhere when nobody else is named. Another's number says nothing. Pure; nothing here fails.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import replace
from typing import NamedTuple

from dlp.campus.mentions import Form
from dlp.campus.people import Identified, People, Place, Strength, is_whole, surer
from dlp.campus.places import sentence_around
from dlp.campus.records import Staff, Student
from dlp.values import Finding, Role, Texts

DETECTOR = "directory"
_MASKS = {"phone": "a phone number"}
_IN_THE_TEXT = frozenset({Place.TEXT, Place.HEADER, Place.GREETING})
_BY_ADDRESS = frozenset({"email"})  # which is a sign of its own
_BEFORE, _BEHIND = 200, 400  # characters around a sign
_BELOW = 2  # lines
_WHOLE = 20_000  # characters of a text that is about one person
_FEWEST, _LAST = 6, 7  # digits of a phone number: that tell one, and that are compared
_CONFIDENCE = 0.9
_WORD = re.compile(r"\w+")
_ADDRESSES = ("term_address", "permanent_address")
_FIRST_WORDS = (2, 3)  # of an address that begins with a number, and of any other
_NO_DIGIT = re.compile(r"\D+")


def with_fields(texts: Texts, people: People) -> People:
    """The same people, with the fields that are told of students, and those that are not told of employees."""
    known = [
        one for one in people.identified if one.record is not None and (one.strength > Strength.WEAK or is_whole(one, people))
    ]
    findings, places = list(people.findings), dict(people.places)
    shown: dict[str, list[int]] = {}
    sorts = Counter(type(one.record) for one in known if one.strength > Strength.WEAK)
    lines: dict[str, _Line] = {}  # most are read for several people, and again for each of their signs
    for one in known:
        alone = one.strength > Strength.WEAK and sorts[type(one.record)] == 1
        for index, field in _told(texts, one, people, lines, alone=alone):
            shown.setdefault(one.person, []).append(len(findings))
            places[len(findings)] = people.places.get(index, Place.TEXT)
            kind = f"directory:{field}" if isinstance(one.record, Student) else "contact"
            findings.append(_found(people.findings[index], field, kind))
    if not shown:
        return people
    fields = (field for one in known if isinstance(one.record, Student) for field in _values(one.record))
    addresses = frozenset(value for field, value in fields if field in _ADDRESSES)
    for index, each in enumerate(people.findings if addresses else ()):
        if each.kind == "home_address":
            text = texts.views[each.view].text
            start, end = sentence_around(text, each.start, each.end, _BEFORE)
            if _gives_one(text[start:end], addresses):
                findings[index] = replace(each, kind="directory:term_address")
    identified = tuple(surer(one, shown[one.person]) if one.person in shown else one for one in people.identified)
    return replace(people, findings=tuple(findings), identified=identified, places=places)


def _gives_one(text: str, addresses: Container[str]) -> bool:
    """Whether a text gives where somebody lives as the directory has it."""
    words = _Line.of(text).words.split()
    starts = ((at, size) for at in range(len(words)) for size in _FIRST_WORDS)
    return any(f" {' '.join(words[at : at + size])} " in addresses for at, size in starts)


class _Line(NamedTuple):
    """The words and the digits of a line."""

    words: str
    digits: str

    @staticmethod
    def of(text: str) -> _Line:
        return _Line(" ".join(_WORD.findall(text.casefold())), _NO_DIGIT.sub("", text))


def _told(texts: Texts, one: Identified, people: People, lines: dict[str, _Line], *, alone: bool) -> Iterator[tuple[int, str]]:
    """Each field once, with the first sign of the person beside which it stands."""
    wanted = dict(_values(one.record)) if isinstance(one.record, Student) else dict(_not_told(one.record))
    read: set[int] = set()  # views, of a message that is about one person
    before = ""
    for index in one.findings:
        sign = people.findings[index]
        if people.places.get(index, Place.TEXT) not in _IN_THE_TEXT:
            continue
        if sign.pattern == Form.ADDRESS and wanted.pop("email", ""):
            yield index, "email"
        if not wanted.keys() - _BY_ADDRESS or sign.view in read:
            continue
        if alone:
            read.add(sign.view)
        text = texts.views[sign.view].text
        around = text[:_WHOLE] if alone else _around(text, sign)
        if around == before:  # one more sign in a row
            continue
        before = around
        here = [lines.get(line) or lines.setdefault(line, _Line.of(line)) for line in around.split("\n")]
        words, digits = f" {' '.join([line.words for line in here if line.words])} ", "".join([line.digits for line in here])
        for field, value in tuple(wanted.items()):
            if field not in _BY_ADDRESS and value in (digits if field == "phone" else words):
                del wanted[field]
                yield index, field


def _found(sign: Finding, field: str, kind: str) -> Finding:
    return Finding(
        kind=kind,
        detector=DETECTOR,
        pattern=field.replace("_", "-"),
        role=Role.STATES if kind == "contact" else Role.IDENTIFIES,
        where=sign.where,
        view=sign.view,
        start=sign.start,
        end=sign.end,
        confidence=_CONFIDENCE,
        masked=_MASKS.get(field, "an address"),
        digest=sign.digest,
        enforced=sign.enforced,
    )


def _values(student: Student) -> Iterator[tuple[str, str]]:
    """What is looked for: the last digits of a phone number, the first words of an address with the street's name in them."""
    yield "email", student.email or "any"  # whichever of theirs identifies them
    digits = _NO_DIGIT.sub("", student.phone)
    if len(digits) >= _FEWEST:
        yield "phone", digits[-_LAST:]
    for field in _ADDRESSES:
        words = _WORD.findall(getattr(student, field).casefold())
        first = _FIRST_WORDS[0 if words and words[0][0].isdigit() else 1]
        if len(words) >= first:
            yield field, f" {' '.join(words[:first])} "


def _not_told(employee: Staff | None) -> Iterator[tuple[str, str]]:
    """What is not standard personnel information: where somebody who left can be reached, and an office that is exempt."""
    if employee is None:
        return
    former = employee.status == "former"
    if former and employee.email:
        yield "email", employee.email
    digits = _NO_DIGIT.sub("", employee.extension)
    if former and len(digits) >= _FEWEST:
        yield "phone", digits[-_LAST:]
    words = _WORD.findall(employee.office.casefold())
    if (former or employee.office_exempt) and len(words) > 1:
        yield "office", f" {' '.join(words)} "


def _around(text: str, sign: Finding) -> str:
    """The line of a sign and the lines below it, within bounds."""
    start = max(text.rfind("\n", 0, sign.start) + 1, sign.start - _BEFORE)
    end, behind = start - 1, sign.end + _BEHIND
    for _ in range(_BELOW + 1):
        end = text.find("\n", end + 1, behind)
        if end < 0:
            return text[start:behind]
    return text[start:end]
