"""A number as a spreadsheet shows it, as far as it matters to a reader: lost zeros, groups, dates, no exponent.

Takes a number as its file spells it and a format code (ECMA-376 part 1, 18.8.30 and 18.8.31); gives the text. What a code
says of colours, fractions, currencies and percent is left out: the plain number is shown then. Nothing here fails.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

# codes that files name by number alone (18.8.30), where they show more than a number
BUILT_IN: Mapping[int, str] = MappingProxyType(
    {
        14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm", 19: "h:mm:ss", 20: "h:mm", 21: "h:mm:ss",
        22: "yyyy-mm-dd h:mm", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss",
    }
)  # fmt: skip
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_DATE = re.compile(r"[ymdhs]", re.IGNORECASE)
_PLACES = re.compile(r"[0#?]")
_MASK = re.compile(r"[0#?]+")
_LONGEST = 64  # characters of a code, digits of a number
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  a sheet's days have no zone
_LAST_DAY = 2_958_465  # 9999-12-31


def shown(number: str, code: str = "") -> str:
    """`number` under a format code; as it is when it is none."""
    try:
        value = Decimal(number)
    except InvalidOperation:
        return number
    if not value.is_finite() or abs(value.adjusted()) > _LONGEST:
        return number
    plain = format(value.normalize(), "f")
    first = code.partition(";")[0][:_LONGEST]
    bare = _LITERAL.sub("", first)
    if _DATE.search(bare) and 0 < value <= _LAST_DAY:
        return _date(value, bare)
    if value == value.to_integral_value() and value >= 0 and "." not in bare and _is_mask(first, bare):
        return _masked(plain, first)
    return plain


def _is_mask(code: str, bare: str) -> bool:
    """Whether a code puts signs between digits or zeros before them."""
    return "%" not in bare and "E" not in bare and "," not in bare and (bare.count("0") > 1 or bool(_PLACES.search(code[1:])))


def _masked(number: str, code: str) -> str:
    """Digits put into the places of a mask from the right; those left over stand before the first one."""
    pieces = re.findall(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|.', code)
    digits = list(number)
    out: list[str] = []
    last = next((index for index, piece in enumerate(pieces) if piece in "0#?"), -1)
    for index in range(len(pieces) - 1, -1, -1):
        piece = pieces[index]
        if piece in ("0", "#", "?"):
            out.append(digits.pop() if digits else "0" if piece == "0" else "")
            if index == last:
                out.append("".join(digits))
        else:
            out.append(_literal(piece))
    return "".join(reversed(out)) if last >= 0 else number


def _literal(piece: str) -> str:
    if piece.startswith(('"', "\\")):
        return piece.strip('"').removeprefix("\\")[::1]
    return "" if piece[0] in "_*[" else piece


def _date(value: Decimal, code: str) -> str:
    moment = _EPOCH + timedelta(days=float(value))
    wanted = [form for form, signs in (("%Y-%m-%d", "yd"), ("%H:%M", "hs")) if any(sign in code.lower() for sign in signs)]
    return moment.strftime(" ".join(wanted) or "%Y-%m-%d")
