"""Whether values are grades where no label says so: letters, points, percentages, parts of one whole; or marks of a register.

Takes the values of one column, or those behind the names of a list; gives a verdict. Row numbers, years of study, dates, times,
rooms and telephone numbers are none. Nothing here fails.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

LETTER = r"[A-DF](?:[+\u2212\u2013-]|[ -](?:plus|minus))?"
NUMBER = r"[0-9]{1,3}(?:\.[0-9]{1,3})?"
VALUE = (
    rf"(?:{LETTER}|{NUMBER}(?:[ ]?/[ ]?[0-9]{{1,3}}|[ ]?%|[ ]?(?:points|point|pts|percent)\b)?"
    r"|(?i:pass(?:ed)?|fail(?:ed)?|absent|no show))"
)
_WHOLE = re.compile(VALUE)
_LETTER = re.compile(LETTER)
_PART = re.compile(r"[0-9.]+[ ]?/[ ]?([0-9]+)$")
_SAYS = re.compile(r"%|[a-z]", re.IGNORECASE)  # a unit, a word or a letter: no number of anything else
_MARKS = frozenset(
    (
        "x",
        "\u2713",
        "\u2714",
        "\u2717",
        "\u2718",
        "-",
        "\u2013",
        "\u2014",
        "p",
        "a",
        "l",
        "e",
        "present",
        "absent",
        "late",
        "excused",
    )
)
_YEARS_OF_STUDY = frozenset("123456")


def are_grades(values: Sequence[str]) -> bool:
    """Whether four in five of these are a grade, and together no other kind of number."""
    found = [value for value in values if _WHOLE.fullmatch(value)]
    if not found or 5 * len(found) < 4 * len(values):
        return False
    parts = [match[1] for match in map(_PART.match, found) if match]
    if parts:  # of one whole; days and months are not
        return len(parts) == len(found) and len(set(parts)) == 1
    if all(map(_LETTER.fullmatch, found)):
        return len(set(found)) > 1
    if any(map(_SAYS.search, found)):
        return True
    return not set(found) <= _YEARS_OF_STUDY and not _are_in_turn(found) and len(set(found)) > 1


def are_marks(values: Sequence[str]) -> bool:
    """Whether these say who was there: crosses, ticks, the letters of a register."""
    return bool(values) and all(value.casefold() in _MARKS for value in values)


def _are_in_turn(values: Sequence[str]) -> bool:
    """Row numbers, or places in a race."""
    whole = [int(value) for value in values if value.isdecimal()]
    return len(whole) == len(values) and whole == list(range(whole[0], whole[0] + len(whole)))
