"""Checks on a matched value that an expression cannot express: the names `validate` may use.

Each takes the matched text and what stands directly before and after it, and says whether it can be what the pattern
looks for. A table, so that a pattern file can be checked against it. Nothing here fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

Check = Callable[[str, str, str], bool]

CONTEXT = 20  # characters given to a check on either side
_STUDENT_ID_DIGITS = 9
_SEPARATOR = re.compile(r"[^0-9]+")
_MOST_GROUPS = 3
_ODD_GROUPS = ((1, 8), (1, 4, 4), (4, 4, 1), (3, 2, 2, 2))  # beside groups of two and more: "9 1234 5678"
_RARE_SEPARATORS = frozenset(",:'\u2019~+")  # count only where they cut a number in threes
_THREES = (3, 3, 3)
_DASHED = re.compile(r"[0-9]{2}([-\u2010-\u2015\u2212])[0-9]{2}\1[0-9]{2}\1[0-9]{3}")
_POSTCODE = re.compile(r"[0-9]{5}-[0-9]{4}")
_POINT_BEFORE = re.compile(r"[0-9]\.$")
_POINT_AFTER = re.compile(r"\.[0-9]")
_MONEY = re.compile(r"[$\u20ac\xa3\xa5] ?$")
_NUMBERED = re.compile(r"(?:^|\n)[ \t]*([1-9][0-9]{0,2})\.$")  # an item of a list
_ITEM_BEFORE = re.compile(r"(?:^|\s)([1-9][0-9]{0,2})\.9[0-9]{8}\s+[0-9]+\.$")
_ITEM_AFTER = re.compile(r"\s+([1-9][0-9]{0,2})\.9[0-9]{8}(?![0-9])")
_WHOLE_BEFORE = re.compile(r"(?:^|[^0-9])9[0-9]{2}(\D)[0-9]{3}\1[0-9]{3}\1$")
_WHOLE_AFTER = re.compile(r"(\D)9[0-9]{2}\1[0-9]{3}\1[0-9]{3}(?![0-9])")
_BEFORE = {
    "whole": re.compile(r"[0-9](\.)$"),
    "singles": re.compile(r"[0-9](\D)$"),
    "groups": re.compile(r"(?:\+[0-9]+|[0-9]{3})(\D)$"),
    "threes": re.compile(r"[0-9](\D)$"),
}
_AFTER = {
    "whole": re.compile(r"(\.)(?!0(?![0-9]))[0-9]"),  # a spreadsheet may write 912345678.0
    "singles": re.compile(r"(\D)[0-9]"),
    "groups": re.compile(r"(\D)[0-9]{3}"),
    "threes": re.compile(r"(\D)[0-9]"),
}


def digits(value: str) -> str:
    """The digits of a value, nothing else."""
    if value.isascii() and value.isdecimal():
        return value
    return _SEPARATOR.sub("", value)


def is_student_id(value: str, before: str, after: str) -> bool:
    """Nine digits starting with 9, not all equal, grouped as people group a number, and no piece of a longer one.

    One digit at a time counts ("9 1 2 ..."); a row of scores ("9 12 14 15 10"), a date with a time, a ZIP+4 and
    groups that go on before or after the value do not (reliability.md E054, accuracy.md 4).
    """
    number = digits(value)
    if len(number) != _STUDENT_ID_DIGITS or number[0] != "9" or len(set(number)) == 1 or _POSTCODE.fullmatch(value):
        return False
    written = _writing(value, before)
    return bool(written) and not _goes_on(written, value, before, after)


def _writing(value: str, before: str) -> str:
    """How the number is written, or "" for a way in which nobody writes one number."""
    if value == digits(value):
        return "whole"
    lengths = tuple(len(group) for group in _SEPARATOR.split(value))
    separators = _SEPARATOR.findall(value)
    if any(_RARE_SEPARATORS & set(separator) for separator in separators):
        return "threes" if lengths == _THREES and len(set(separators)) == 1 and not _MONEY.search(before) else ""
    if separators.count(".") == 1 and not "".join(separators).strip(" \n."):
        return ""  # a decimal number: a time of the kernel's log, points of a drawing
    if ")" in value and not (before.endswith("(") and separators[0].startswith(")") and lengths[0] == _THREES[0]):
        return ""
    if len(lengths) == _STUDENT_ID_DIGITS:
        return "singles"
    in_groups = len(lengths) <= _MOST_GROUPS and min(lengths) > 1
    return "groups" if in_groups or lengths in _ODD_GROUPS or _DASHED.fullmatch(value) else ""


def _goes_on(written: str, value: str, before: str, after: str) -> bool:
    """Whether the number is cut out of a longer one: "617 912 345 678", "0.912345678", "912345678.50"."""
    if written == "whole" and "." not in before[-2:] and not after.startswith("."):
        return False
    separators = set(_SEPARATOR.findall(value)) or {"."}
    if written == "groups" and (_POINT_BEFORE.search(before) or _POINT_AFTER.match(after)):
        return True
    edges = (_BEFORE[written].search(before), _AFTER[written].match(after))
    excused = (_WHOLE_BEFORE.search(before) or _is_item(before, after), _WHOLE_AFTER.match(after))
    return any(
        edge is not None and edge.group(1) in separators and not excuse for edge, excuse in zip(edges, excused, strict=True)
    )


def _is_item(before: str, after: str) -> bool:
    """Whether the number stands in a numbered list: "1.912345678", and the next line begins with "2.9"."""
    own, previous, following = _NUMBERED.search(before), _ITEM_BEFORE.search(before), _ITEM_AFTER.match(after)
    if own is None:
        return False
    number = int(own[1])
    return (previous is not None and int(previous[1]) == number - 1) or (
        following is not None and int(following[1]) == number + 1
    )


VALIDATORS: Mapping[str, Check] = {"student-id": is_student_id}
