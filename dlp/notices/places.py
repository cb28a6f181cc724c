"""Places, times and addresses as a sender reads them.

Takes what a finding or an envelope said; gives words. Whatever is not plainly a place (a number, a cell, a word of
the closed list) is left out, so a file name can never slip into a notice as a place. Fails on nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from dlp.notices.rendering import clean

_PLACE_WORDS = frozenset(
    (
        *("part", "line", "page", "sheet", "cell", "row", "column", "slide", "note", "of", "name", "file"),
        *("message", "body", "text", "html", "header", "field", "attachment", "display", "attributes"),
        *("markup", "between", "the", "parts", "description"),
        *("subject", "from", "to", "cc", "sender", "reply-to", "keywords", "comments", "thread-topic", "topic", "thread"),
    )
)
REST = "the rest of it: more people than are looked at"
_DIGITS = re.compile(r"\d(?:(?:[^\w@]|_){0,3}\d){4,}")  # in an address: so many may be somebody's number
_MASK = "•••"
_NUMBER_OR_CELL = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,4}){0,5}|[A-Z]{1,3}[1-9][0-9]{0,6}", re.ASCII)


def places(wheres: Iterable[str], shown: int) -> str:
    """ "part 1, line 6; subject line; 4 more", or "" when no place is safe to name."""
    safe = list(dict.fromkeys(where for where in wheres if _is_place(where)))
    more = len(safe) - shown
    return "; ".join([*safe[:shown], *([f"{more} more"] if more > 0 else [])])


def unread_place(section: str, why: str) -> str:
    """ "part 2", "the message", or what is left of it where it names more people than are looked at."""
    if section != "0":
        return f"part {section}"
    return REST if why == "people" else "the message"


def people(addresses: Sequence[str], shown: int) -> str:
    """Addresses as typed, the long tail as a number: "a@x.example, b@x.example and 7 more people".

    Five digits or more, a few signs between them or none, are masked.
    """
    more = len(addresses) - shown
    named = [_DIGITS.sub(_MASK, clean(address)) for address in addresses[:shown]]
    return listed([*named, *([f"{more} more {'person' if more == 1 else 'people'}"] if more > 0 else [])])


def headcount(number: int) -> str:
    """ "1 person", "3 people"."""
    return "1 person" if number == 1 else f"{number} people"


def listed(items: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, (", ".join(items[:-1]), *items[-1:])))


def moment(at: datetime, now: datetime) -> str:
    """ "10:42 today", "10:42 yesterday", else with weekday and date. Both times already in the reader's zone."""
    return f"{at:%H:%M} {_day(at.date(), now.date())}"


def _day(day: date, today: date) -> str:
    named = {0: "today", 1: "yesterday"}.get((today - day).days)
    return named or f"on {day:%A} {day.day} {day:%B}"


def until(deadline: datetime) -> str:
    """ "Thursday 3 December, 17:00 EST": to the minute, with the zone. The time already in the reader's zone."""
    zone = deadline.tzname() or ""
    named = zone if zone[:1].isalpha() else f"UTC{zone}"
    return f"{deadline:%A} {deadline.day} {deadline:%B}, {deadline:%H:%M} {named}"


def has_number(address: str) -> bool:
    """Whether `people` would mask a part of this address."""
    return _DIGITS.search(address) is not None


def _is_place(where: str) -> bool:
    if where == REST:
        return True
    words = where.replace(",", " ").split(" ")
    return bool(where.strip()) and all(
        not word or word.lower() in _PLACE_WORDS or _NUMBER_OR_CELL.fullmatch(word) for word in words
    )
