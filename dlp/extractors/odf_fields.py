"""Fields and lists of an OpenDocument text: what they show when a program works them out anew (ODF 1.3 part 3, 5.3, 7).

Takes the elements of a text and its Styles; gives values that follow from the document alone, and labels of list items that say
more than how many there are. Nothing here fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dlp.extractors.asides import Asides
from dlp.extractors.constants import constant
from dlp.extractors.odf_styles import Styles
from dlp.extractors.office_words import count, is_long_number


@dataclass(slots=True)
class Fields:
    """Those of one part that are open."""

    styles: Styles
    asides: Asides = field(default_factory=Asides)

    def begin(self, depth: int, name: str, of: Mapping[str, str]) -> None:
        """An element of a text that stands so deep; most are no field."""
        values = [value for key, value in of.items() if is_long_number(value) and not key.endswith(("href", "id"))]
        worked_out = constant(of.get("formula", "").rpartition(":")[2])
        value = of.get("string-value") or of.get("value") or worked_out
        if name == "variable-set":
            self.styles.variables[of.get("name", "")] = value
        shown = self.styles.variables.get(of.get("name", ""), "") if name.endswith("-get") else ""
        values += filter(None, (worked_out, shown, *self.styles.also(of.get("data-style-name", ""), value)))
        if values:
            self.asides.begin(depth, values)


@dataclass(slots=True)
class Lists:
    """Those that are open: style, number of the last item."""

    styles: Styles
    _open: list[tuple[str, int | None]] = field(default_factory=list)

    def begin(self, of: Mapping[str, str]) -> None:
        """A list, or one in a list, which has the style of that one if none of its own."""
        self._open.append((of.get("style-name", self._open[-1][0] if self._open else ""), None))

    def end(self) -> None:
        """The innermost one is at its end."""
        del self._open[-1:]

    def label(self, of: Mapping[str, str]) -> str:
        """Of the next item."""
        if not self._open:
            return ""
        style, last = self._open[-1]
        number = count(of.get("start-value", ""), self.styles.first(style, len(self._open)) if last is None else last + 1)
        self._open[-1] = style, number
        return self.styles.label(style, len(self._open), number)
