"""Checks on a matched value that an expression cannot express: the names `validate` may use.

Each takes the matched text and what stands directly before and after it, and says whether it can be what the pattern
looks for. A table, so that a pattern file can be checked against it. Nothing here fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

Check = Callable[[str, str, str], bool]

CONTEXT = 8  # characters given to a check on either side
_STUDENT_ID_DIGITS = 9
_SEPARATOR = re.compile(r"[^0-9]+")
_MOST_GROUPS = 3
_ODD_GROUPS = ((1, 8), (1, 4, 4))  # beside groups of two and more: "9 1234 5678"
_POSTCODE = re.compile(r"[0-9]{5}-[0-9]{4}")
_BEFORE = {
    "whole": re.compile(r"[0-9](\.)$"),
    "singles": re.compile(r"[0-9](\D)$"),
    "groups": re.compile(r"(?:\+[0-9]+|[0-9]{3})(\D)$"),
}
_AFTER = {"whole": re.compile(r"^(\.)[0-9]"), "singles": re.compile(r"^(\D)[0-9]"), "groups": re.compile(r"^(\D)[0-9]{3}")}


def digits(value: str) -> str:
    """The digits of a value, nothing else."""
    return _SEPARATOR.sub("", value)


def is_student_id(value: str, before: str, after: str) -> bool:
    """Nine digits starting with 9, not all equal, grouped as people group a number, and no piece of a longer one.

    One digit at a time counts ("9 1 2 ..."); a row of scores ("9 12 14 15 10"), a date with a time, a ZIP+4 and
    groups that go on before or after the value do not (reliability.md E054, accuracy.md 4).
    """
    number = digits(value)
    if len(number) != _STUDENT_ID_DIGITS or number[0] != "9" or len(set(number)) == 1 or _POSTCODE.fullmatch(value):
        return False
    lengths = tuple(len(group) for group in _SEPARATOR.split(value))
    written = _writing(lengths)
    return bool(written) and not _goes_on(written, value, before, after)


def _writing(lengths: tuple[int, ...]) -> str:
    """How the number is written, or "" for a way in which nobody writes one number."""
    if len(lengths) == 1:
        return "whole"
    if len(lengths) == _STUDENT_ID_DIGITS:
        return "singles"
    in_groups = len(lengths) <= _MOST_GROUPS and min(lengths) > 1
    return "groups" if in_groups or lengths in _ODD_GROUPS else ""


def _goes_on(written: str, value: str, before: str, after: str) -> bool:
    """Whether the number is cut out of a longer one: "617 912 345 678", "0.912345678", "912345678.50"."""
    separators = set(_SEPARATOR.findall(value)) or {"."}
    edges = (_BEFORE[written].search(before), _AFTER[written].search(after))
    return any(edge is not None and edge.group(1) in separators for edge in edges)


VALIDATORS: Mapping[str, Check] = {"student-id": is_student_id}
