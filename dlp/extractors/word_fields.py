"""Fields of a letter: what each shows when a program works out its code anew (ECMA-376 part 1, 17.16).

Takes the codes and results of fields as they come, nested ones too; gives each code when it is whole, and its value when the
field ends, as far as it follows from the code and the document alone: quotations, both sides of conditions, formulas of
constants, document variables and properties, signs. Nothing here fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from dlp.extractors.constants import constant
from dlp.extractors.number_formats import shown

_ARGUMENT = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')
_SWITCH = re.compile(r"\\[a-zA-Z*#@!]\d*")
_SYMBOL = re.compile(r"0x[0-9A-Fa-f]{1,6}|[0-9]{1,7}")
_COUNTED = re.compile(r"\\[rs]\s*([0-9]{1,18})\b", re.IGNORECASE)
_DEEPEST = 32
_LONGEST = 10_000  # characters of a code that is worked out
PAGE = "\0page"  # the variable that holds the number of a section's first page


@dataclass(slots=True)
class _Field:
    code: list[str] = field(default_factory=list)
    whole: bool = False
    result: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Fields:
    """The fields of one part that are open. `variables`: what fields may show, by names in lower case; they add to them."""

    variables: dict[str, str] = field(default_factory=dict)
    open: list[_Field] = field(default_factory=list)

    @property
    def in_code(self) -> bool:
        """What is read is part of a code, not of the text."""
        return any(not each.whole for each in self.open)

    def begin(self) -> None:
        """A field's code follows."""
        if len(self.open) < _DEEPEST:
            self.open.append(_Field())

    def code(self, text: str) -> None:
        """Characters of a code; of a field that nobody began, too."""
        if not self.open or self.open[-1].whole:
            self.begin()
        self.open[-1].code.append(text)

    def text(self, text: str) -> None:
        """Characters that are shown: a result, which may be part of the code around."""
        if self.open:
            (self.open[-1].result if self.open[-1].whole else self.open[-1].code).append(text)

    def separate(self) -> str:
        """Gives the code, which is whole; what follows is its result."""
        if not self.open or self.open[-1].whole:
            return ""
        self.open[-1].whole = True
        return "".join(self.open[-1].code)

    def end(self) -> tuple[str, str, bool]:
        """Gives the code if that was not given, what the field shows besides its result, and whether it has a result."""
        if not self.open:
            return "", "", False
        closed = self.open.pop()
        code, result = "".join(closed.code), "".join(closed.result)
        value = _value(code[:_LONGEST], self.variables)
        if self.open:
            self.text(result or value)
        return ("" if closed.whole else code), (value if value not in result else ""), bool(result.strip())


def _value(code: str, variables: dict[str, str]) -> str:
    code = code.strip()
    if code.startswith("="):
        return _formula(code)
    words = [quoted or bare for quoted, bare in _ARGUMENT.findall(_SWITCH.sub(" ", code))]
    name, arguments = (words[0].upper(), words[1:]) if words else ("", [])
    if handler := _SHOWN.get(name):
        return handler(arguments, code, variables)
    return variables.get(name.lower(), "")  # also what a bookmark is called that another field set


def _formula(code: str) -> str:
    expression, _, form = code[1:].partition("\\#")
    number = constant(expression.strip().removeprefix("(").removesuffix(")"))
    form = form.strip().strip('"').replace("'", '"')
    return shown(number, form) if number and form else number


def _set(arguments: list[str], _code: str, variables: dict[str, str]) -> str:
    if arguments:
        variables[arguments[0].lower()] = " ".join(arguments[1:])
    return ""


def _named(arguments: list[str], _code: str, variables: dict[str, str]) -> str:
    return variables.get(arguments[0].lower(), "") if arguments else ""


def _counted(_arguments: list[str], code: str, _variables: dict[str, str]) -> str:
    found = _COUNTED.search(code)
    return found[1] if found else ""


def _symbol(arguments: list[str], _code: str, _variables: dict[str, str]) -> str:
    if not arguments or not _SYMBOL.fullmatch(arguments[0]):
        return ""
    return chr(min(int(arguments[0], 16 if "x" in arguments[0] else 10), 0x10FFFF))


_Shown = Callable[[list[str], str, dict[str, str]], str]
_SHOWN: Mapping[str, _Shown] = MappingProxyType(
    {
        "QUOTE": lambda arguments, *_: "".join(arguments),
        "EQ": lambda arguments, *_: " ".join(arguments),
        "IF": lambda arguments, *_: " ".join(arguments[3:]),
        **dict.fromkeys(("MACROBUTTON", "GOTOBUTTON"), lambda arguments, *_: " ".join(arguments[1:])),
        **dict.fromkeys(("FILLIN", "ASK"), lambda arguments, *_: " ".join(arguments)),
        **dict.fromkeys(("REF", "DOCVARIABLE", "DOCPROPERTY", "INFO"), _named),
        **dict.fromkeys(("SEQ", "LISTNUM", "AUTONUM"), _counted),
        "PAGE": lambda _arguments, _code, variables: variables.get(PAGE, ""),
        "SET": _set,
        "SYMBOL": _symbol,
    }
)
