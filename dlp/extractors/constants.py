"""Formulas of a spreadsheet that hold nothing but constants: what a program shows that calculates them when it opens the file.

Takes a formula without its equals sign; gives its value as text, "" where it refers to anything or does more than to join, add,
subtract, multiply and divide (ECMA-376 part 1, 18.17). Nothing here fails.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

_LONGEST = 8_192  # characters, which is what Excel takes
_DIGITS = 20
_JOIN = re.compile(r"(?:_xlfn\.)?(?:CONCATENATE|CONCAT)\((.*)\)", re.IGNORECASE | re.DOTALL)
_PIECE = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([-+]?[0-9.][-+*/0-9.eE ]*))\s*([&,;]|\Z)')
_CODE = re.compile(r'"(?:[^"]|"")*"|\b(?:_xlfn\.)?(?:UNI)?CHAR\(\s*([0-9]{1,6})\s*\)', re.IGNORECASE)
_WITH_SIGN = re.compile(
    r'(?:_xlfn\.)?TEXTJOIN\(\s*"((?:[^"]|"")*)"\s*[,;]\s*(?:TRUE|FALSE|[01])(?:\(\))?\s*[,;]\s*(.*)\)',
    re.IGNORECASE | re.DOTALL,
)
_ARRAY = re.compile(r"\{(.*)\}", re.DOTALL)
_TEXT = re.compile(r'"((?:[^"]|"")*)"')
_NUMBER = re.compile(r"([-+*/]|\A)\s*([-+]?\s*[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]{1,2})?)\s*")


def constant(formula: str) -> str:
    """Its value, "" where only a calculation over the sheet would tell it."""
    if len(formula) > _LONGEST:
        return ""
    formula = formula.strip().removeprefix("=").strip()
    formula = _CODE.sub(_sign, formula)
    between, joined = "", _JOIN.fullmatch(formula)
    if apart := _WITH_SIGN.fullmatch(formula):
        between, formula = apart[1].replace('""', '"'), apart[2]
    elif joined:
        formula = joined[1]
    array = _ARRAY.fullmatch(formula)
    formula = array[1] if array else formula
    out, at = [], 0
    while at < len(formula):
        piece = _PIECE.match(formula, at)
        if piece is None or (piece[3] in {",", ";"} and not (joined or apart)):
            return ""
        out.append(_sum(piece[2]) if piece[2] else piece[1].replace('""', '"'))
        out += [between] if piece[3] in {",", ";"} else []
        at = piece.end()
    return "".join(out)


def _sign(match: re.Match[str]) -> str:
    """A character by its number, as a constant; texts are kept."""
    sign = chr(min(int(match[1]), 0x10FFFF)) if match[1] else ""
    return '"{}"'.format(sign.replace('"', '""')) if match[1] else match[0]


def texts_of(formula: str) -> str:
    """The texts in any formula, joined, which is what most of those that join show."""
    return "".join(_TEXT.findall(formula))


def _sum(text: str) -> str:
    """Products added up; "" where it is no such thing, or no whole number."""
    total, product = Decimal(0), Decimal(0)
    at = 0
    try:
        while at < len(text):
            match = _NUMBER.match(text, at)
            if match is None:
                return ""
            number = Decimal(match[2].replace(" ", ""))
            if match[1] == "*":
                product *= number
            elif match[1] == "/":
                product /= number
            else:
                total, product = total + product, -number if match[1] == "-" else number
            at = match.end()
        total += product
        return format(total.normalize(), "f") if total == total.to_integral_value() and total.adjusted() < _DIGITS else ""
    except (InvalidOperation, ArithmeticError):
        return ""
