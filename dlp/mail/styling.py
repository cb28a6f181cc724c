"""What style does to the text of a page: hides it, adds to it, turns its order.

Takes attributes as written and the source of <style>; says of each element what applies. It knows what people hide text with
in mail, not CSS: simple selectors alone, and no value that needs a layout to be known. Linear; never fails.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import re2

_HIDING_SHAPES = (
    r"display\s*:\s*none",
    r"visibility\s*:\s*(?:hidden|collapse)",
    r"mso-hide\s*:\s*all",
    r"(?:font-size|opacity|zoom|width|height)\s*:\s*0*\.?0*(?:px|pt|em|rem|%)?\s*(?:!|;|\"|'|\}|\z)",
    r"font-size\s*:\s*0?\.?[01](?:px|pt)",
    r"(?:left|right|top|bottom|text-indent|margin(?:-\w+)?)\s*:\s*-\d{3}",
    r"clip\s*:\s*rect\(|clip-path\s*:|scale\(\s*0",
    r"(?:^|[^-\w])color\s*[:=]\s*[\"']?(?:#fff(?:fff)?(?:\W|\z)|white|transparent|rgba?\((?:\s*255\s*,?){3})",
    r"(?:^|[^-\w])color\s*:\s*rgba\([^)]{0,40},\s*0\s*\)",
    r"(?:^|\s)(?:hidden|aria-hidden\s*=\s*[\"']?true)(?:[\s\"'/>=]|\z)",
)
_HIDING = re2.compile(f"(?i){'|'.join(_HIDING_SHAPES)}")
_TURNING = re.compile(r"row-reverse|column-reverse|bidi-override|float\s*:\s*right|(?<![-\w])order\s*:", re.IGNORECASE)
_CLASSES = re.compile(r"(?<![^\s\"'])(class|id)\s*=\s*(?:\"([^\"]*)|'([^']*)|([^\s>]+))", re.IGNORECASE)
_RULE = re.compile(r"(?<![^{}])([^{}]++)\{([^{}]*+)\}")
_SIMPLE = re.compile(r"(?:\A|[\s>+~])([\w-]*[.#]?[\w-]+)(?:::?(before|after))?\s*\Z", re.IGNORECASE)
_CONTENT = re.compile(r"content\s*:\s*(?:\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)')", re.IGNORECASE)
_ESCAPE = re.compile(r"\\(?:([0-9A-Fa-f]{1,6})\s?|(.))", re.DOTALL)
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_MOST_RULES = 2_000
_LONGEST_SELECTOR = 200


@dataclass(slots=True)
class Styles:
    """What the rules of a page say, by the last simple selector: "p", ".x", "#x", or "p.x" as ".x"."""

    hiding: set[str] = field(default_factory=set)
    added: dict[str, str] = field(default_factory=dict)

    def read(self, style: str) -> None:
        """Add the rules of one <style>."""
        for number, (selectors, body) in enumerate(_RULE.findall(_COMMENT.sub("", style))):
            if number == _MOST_RULES:
                return
            said = _CONTENT.search(body)
            hides = bool(_HIDING.search(body))
            if not (said or hides):
                continue
            for selector in selectors.split(","):
                if simple := _SIMPLE.search(selector[-_LONGEST_SELECTOR:]):
                    self._add(simple[1].lower(), unescaped(said[1] or said[2] or "") if said and simple[2] else "", hides=hides)

    def _add(self, selector: str, text: str, *, hides: bool) -> None:
        name = selector[max(selector.find("."), selector.find("#"), 0) :]
        if text:
            self.added[name] = text
        elif hides:
            self.hiding.add(name)

    def hides(self, name: str, attributes: str) -> bool:
        """Whether an element is not seen."""
        return hides(attributes) or bool(self.hiding and not self.hiding.isdisjoint(_names(name, attributes)))

    def adds(self, name: str, attributes: str) -> str:
        """Text that is shown with an element and stands in the style alone."""
        return "".join(filter(None, map(self.added.get, _names(name, attributes)))) if self.added else ""


def hides(attributes: str) -> bool:
    """Whether attributes alone keep an element from being seen."""
    return bool(_HIDING.search(attributes))


def turns(attributes: str) -> bool:
    """Whether attributes show what follows in another order than it is written in."""
    return bool(_TURNING.search(attributes))


def unescaped(text: str) -> str:
    """A CSS string's text (CSS Syntax 3, 4.3.7)."""
    return _ESCAPE.sub(lambda match: chr(min(int(match[1], 16), 0x10FFFF)) if match[1] else match[2], text)


def _names(name: str, attributes: str) -> list[str]:
    found = [name]
    for kind, *values in _CLASSES.findall(attributes):
        sign = "." if kind.lower() == "class" else "#"
        found += [f"{sign}{each.lower()}" for each in "".join(values).split()]
    return found
