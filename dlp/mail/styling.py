"""What style does to the text of a page: hides it, adds to it, turns its order.

Takes attributes as written and the source of <style>; says of each element what applies. It knows what people hide text with
in mail, not CSS: simple selectors alone, and no value that needs a layout to be known. Linear; never fails.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from itertools import chain

import re2

from dlp.mail import generated
from dlp.mail.generated import Items, unescaped

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
_TURNING = re.compile(
    r"row-reverse|column-reverse|(?:bidi|isolate)-override|float\s*:\s*right|(?<![-\w])order\s*:", re.IGNORECASE
)
_CLASSES = re.compile(r"(?<![^\s\"'])(class|id)\s*=\s*(?:\"([^\"]*)|'([^']*)|([^\s>]+))", re.IGNORECASE)
_RULE = re.compile(r"(?<![^{}])([^{}]++)\{([^{}]*+)\}")
_SIMPLE = re.compile(r"(?:\A|[\s>+~])([\w-]*[.#]?[\w-]+)(?:::?(before|after))?\s*\Z", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_MOST_RULES = 2_000
_MOST_ADDED = 200_000  # characters on one page: each element may show the same again
_LONGEST_SELECTOR = 200


@dataclass(slots=True)
class Styles:
    """What the rules of a page say, by the last simple selector: "p", ".x", "#x", or "p.x" as ".x"."""

    hiding: set[str] = field(default_factory=set)
    added: dict[str, Items] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    left: int = _MOST_ADDED
    formats: bool = False  # some attributes add figures to what they stand with

    def read(self, style: str) -> None:
        """Add the rules of one <style>, and of the sheets it takes in."""
        self._count(style)
        sheets = generated.sheets(style) if "@import" in style.lower() else ()
        for number, (selectors, body) in enumerate(_RULE.findall(_COMMENT.sub("", "".join((*sheets, style))))):
            if number == _MOST_RULES:
                return
            self._rule(selectors, body)

    def read_attributes(self, attributes: str) -> None:
        """Add what attributes say of more than their element: a sheet in a link, counters, formats of numbers."""
        for sheet in generated.sheets(attributes):
            self.read(sheet)
        self._count(attributes)
        self.formats = self.formats or bool(generated.number_format(attributes))

    def _count(self, style: str) -> None:
        for name, number in generated.counts(style):
            self.counters[name] = self.counters.get(name, 0) + number

    def _rule(self, selectors: str, body: str) -> None:
        said, hidden, figures = generated.content(body), hides(body), generated.number_format(body)
        if not (said or hidden or figures):
            return
        for selector in selectors.split(","):
            if simple := _SIMPLE.search(selector[-_LONGEST_SELECTOR:]):
                items = said if said and simple[2] else (("text", figures),) if figures else ()
                self._add(simple[1].lower(), items, hides=hidden)

    def _add(self, selector: str, items: Items, *, hides: bool) -> None:
        name = selector[max(selector.find("."), selector.find("#"), 0) :]
        if items:
            self.added[name] = items
        elif hides:
            self.hiding.add(name)

    def hides(self, name: str, attributes: str) -> bool:
        """Whether an element is not seen."""
        return hides(attributes) or bool(self.hiding and not self.hiding.isdisjoint(_names(name, attributes)))

    def adds(self, name: str, attributes: str) -> str:
        """Text that is shown with an element and stands in the style alone."""
        if self.left < 0:
            return ""
        said = [self.added.get(each, ()) for each in dict.fromkeys(_names(name, attributes))] if self.added else []
        items = tuple(chain.from_iterable(said))[: self.left]
        text = generated.shown(items, attributes, self.counters)
        if self.formats:
            text += generated.number_format(html.unescape(attributes))
        self.left -= len(text) + len(items)
        return text


def hides(attributes: str) -> bool:
    """Whether attributes, or the body of a rule, keep an element from being seen."""
    return bool(_HIDING.search(attributes)) or (
        ("\\" in attributes or "/*" in attributes) and bool(_HIDING.search(unescaped(_COMMENT.sub("", attributes))))
    )


def turns(attributes: str) -> bool:
    """Whether attributes show what follows in another order than it is written in."""
    return bool(_TURNING.search(attributes))


def _names(name: str, attributes: str) -> list[str]:
    found = [name]
    for kind, *values in _CLASSES.findall(attributes):
        sign = "." if kind.lower() == "class" else "#"
        found += [f"{sign}{each.lower()}" for each in "".join(values).split()]
    return found
