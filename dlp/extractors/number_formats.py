"""A number as a spreadsheet shows it, as far as it matters to a reader: lost zeros, groups, dates, no exponent, added text.

Takes a number as its file spells it and a format code (ECMA-376 part 1, 18.8.30 and 18.8.31); gives the text, and the plain
number beside it where the format leaves digits out. Fractions, currencies and exponents are left out: the plain number is
shown then. Nothing here fails.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from types import MappingProxyType

# codes that files name by number alone (18.8.30), where they show more than a number
BUILT_IN: Mapping[int, str] = MappingProxyType(
    {
        14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm", 19: "h:mm:ss", 20: "h:mm", 21: "h:mm:ss",
        22: "yyyy-mm-dd h:mm", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss",
    }
)  # fmt: skip
_TOKEN = re.compile(r'"[^"]*"?|\\.|_.|\*.|\[[^\]]*\]?|General|[\s\S]', re.IGNORECASE)
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)\s*(-?[0-9.]{1,20})\]")
_ELAPSED: Mapping[str, int] = MappingProxyType({"h": 24, "m": 1_440, "s": 86_400})  # in a day
_PLACES = frozenset("0#?")
_PARTED = re.compile(r"\d\W*[^\W\d][\s\S]*\d")  # words between digits
_SIGNS = frozenset("0#?%.,@;")
_LONGEST = 64  # characters of a section, digits of a number
_SECTIONS = 4  # the last one is for text
_FEW = 6  # digits: a shorter number says nothing beside what is shown for it
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  a sheet's days have no zone
_LAST_DAY = 2_958_465  # 9999-12-31
_PLAIN = frozenset({"", "General", "@"})  # codes that show what is there


def shown(number: str, code: str = "") -> str:
    """`number` under a format code; as it is when it is none."""
    if code in _PLAIN and number.isdecimal() and number[0] != "0":  # most are, and Decimal takes its time
        return number
    value = _value(number)
    if value is None:
        return number
    plain = format(value.normalize(), "f")
    if code in _PLAIN:
        return plain
    section, value = _section(value, _sections(code))
    tokens, literal, bare = _tokens(section)
    if elapsed := next((count for each in tokens if (count := _ELAPSED.get(each[1:2].lower())) and each[0] == "["), 0):
        text = _fixed(value * elapsed, 0, ROUND_DOWN if "0" in bare else ROUND_HALF_UP)
        return (
            _joined(literal, text)
            if len(text) >= _FEW
            else _joined(literal, _date(value, "h") if 0 <= value <= _LAST_DAY else plain)
        )
    if set(bare.lower()) & set("ymdhs") and 0 < value <= _LAST_DAY and not _is_number(bare):
        return _joined(literal, _date(value, bare))
    return _chosen(_filled(value, tokens), plain, literal)


def _value(number: str) -> Decimal | None:
    """None for what is no number, or one of too many digits."""
    try:
        value = Decimal(number)
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value.adjusted()) <= _LONGEST else None


def literals(code: str) -> str:
    """What a format code shows by itself, where that has several digits."""
    text = " ".join(filter(None, (_tokens(section)[1].strip() for section in _sections(code)))) if code not in _PLAIN else ""
    return text if len(_digits(text)) >= _FEW else ""


def shown_also(text: str, code: str) -> str:
    """What a cell shows under one more format, where it differs and is as long as numbers of people are."""
    other = shown(text, code) if _value(text) is not None else shown_text(text, code)
    return other if other != text and len(_digits(other)) >= _FEW else ""


def shown_text(text: str, code: str) -> str:
    """Text under a format code: its last section may say what stands around it (18.8.31)."""
    if code in _PLAIN:
        return text
    sections = _sections(code)
    if len(sections) < _SECTIONS and "@" not in _TOKEN.findall(sections[-1]):
        return text
    tokens = _TOKEN.findall(sections[-1][:_LONGEST])
    around = "".join(text if token == "@" else _literal(token) for token in tokens)  # noqa: S105  a sign of the code
    if not around.strip():
        return text
    return around if text in around else f"{around} ({text})"


@lru_cache(256)
def _sections(code: str) -> list[str]:
    sections = [""]
    for token in _TOKEN.findall(code[: _SECTIONS * _LONGEST]):
        if token == ";":  # noqa: S105  a sign of the code
            sections.append("")
        else:
            sections[-1] += token
    return sections[:_SECTIONS]


@lru_cache(256)
def _tokens(section: str) -> tuple[tuple[str, ...], str, str]:
    """Its signs, what of them stands around a number as it is, and the others."""
    tokens = tuple(_TOKEN.findall(section[:_LONGEST]))
    return tokens, "".join(map(_literal, tokens)), "".join(token for token in tokens if len(token) == 1)


def _section(value: Decimal, sections: list[str]) -> tuple[str, Decimal]:
    """The section for a number, and the number as it is shown there: one for negative numbers has its own sign."""
    conditions = [_CONDITION.search(section) for section in sections[:3]]
    if any(conditions):
        for section, condition in zip(sections, conditions, strict=False):
            if condition is None or _holds(value, condition[1], condition[2]):
                return section, value
        return sections[0], value
    numbers = sections[:3]
    if value < 0 and len(numbers) > 1:
        return numbers[1], -value
    return (numbers[2], value) if value == 0 and len(numbers) > 2 else (numbers[0], value)


def _holds(value: Decimal, sign: str, number: str) -> bool:
    try:
        other = Decimal(number)
    except InvalidOperation:
        return False
    return (value < other and "<" in sign) or (value > other and ">" in sign) or (value == other and sign in ("=", "<=", ">="))


def _filled(value: Decimal, tokens: tuple[str, ...]) -> str:
    """Digits put into the places of a section from the right; those left over stand before the first one."""
    bare = "".join(token for token in tokens if len(token) == 1)
    places = [index for index, token in enumerate(tokens) if token in _PLACES]
    if not places:
        plain = format(value.normalize(), "f")
        return "".join(plain if token.lower() == "general" else _literal(token) for token in tokens)
    if "E" in bare.upper():
        return ""
    if "/" in bare:
        return str(int(value))
    point = next((index for index, token in enumerate(tokens) if token == "."), len(tokens))  # noqa: S105
    last = max((index for index in places if index < point), default=-1)
    thousands = sum(token == "," for token in tokens[last + 1 : point])  # noqa: S105
    value = value.scaleb(2 * bare.count("%") - 3 * thousands)
    whole, _, part = _fixed(abs(value), sum(index > point for index in places), ROUND_HALF_UP).partition(".")
    out = "".join(_placed(tokens, places, point, (list(whole), list(part))))
    return f"-{out}" if value < 0 else out


def _placed(tokens: tuple[str, ...], places: list[int], point: int, digits: tuple[list[str], list[str]]) -> list[str]:
    whole, part = digits
    before = [index for index in places if index < point]
    out = []
    for index in range(len(tokens) - 1, -1, -1):
        token = tokens[index]
        if token not in _PLACES:
            out.append("%" if token == "%" else "." if index == point else _literal(token))  # noqa: S105
        elif index > point:
            out.append(part.pop() if part else "")
        else:
            out.append(whole.pop() if whole else "0" if token == "0" else "")  # noqa: S105
            if index == before[0]:
                out.append("".join(whole))
    return out[::-1]


def _chosen(text: str, plain: str, literal: str) -> str:
    """What a cell shows, the plain number, or both: no digit of a long number gets lost, none is made up of a short one."""
    digits, own = _digits(text), _digits(plain)
    if not text.strip() or (not _means(literal) and len(digits) < _FEW and "0" not in text[:1]):
        return plain
    if digits == own and not _PARTED.search(text):
        return text if "." not in plain else plain
    if not _means(literal) and own in digits:
        return plain if "." in text else text
    if len(own) < _FEW or text.endswith(plain):
        return text
    return f"{text} ({plain})" if len(digits) >= _FEW else plain


def _digits(text: str) -> str:
    return "".join(filter(str.isdecimal, text))


def _means(literal: str) -> bool:
    return any(map(str.isalnum, literal))


def _is_number(bare: str) -> bool:
    return bool(set(bare) & set("#?")) or "." in bare


def _fixed(value: Decimal, places: int, rounding: str) -> str:
    try:
        return format(value.quantize(Decimal(1).scaleb(-places), rounding), "f")
    except InvalidOperation:  # more digits than a Decimal has
        return format(value, "f")


def _joined(literal: str, text: str) -> str:
    return f"{literal} {text}" if _means(literal) else text


def _literal(token: str) -> str:
    if token.startswith(('"', "\\")):
        return token.strip('"') if token[0] == '"' else token[1:]
    if token[0] == "*":
        return token[1:] if token[1:].isdigit() else ""
    return token if len(token) == 1 and not (token in _SIGNS or token.isalpha()) else ""


def _date(value: Decimal, code: str) -> str:
    moment = _EPOCH + timedelta(days=float(value))
    wanted = [form for form, signs in (("%Y-%m-%d", "yd"), ("%H:%M", "hs")) if any(sign in code.lower() for sign in signs)]
    return moment.strftime(" ".join(wanted) or "%Y-%m-%d")
