"""Formats of cells that depend on a condition: what a cell may show besides (ECMA-376 part 1, 18.3.1.18 and 18.8.14).

Takes the elements of one sheet behind its cells; where such a format has a number format, what the cells in its ranges show
under it is put beside what they show, whether the condition holds or not. Nothing here fails but the budget.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from dlp.extractors.content import Budget
from dlp.extractors.number_formats import shown_also
from dlp.extractors.sheets import Cells, column_number

_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})(?::\$?([A-Z]{1,3})\$?([0-9]{1,7}))?")

_LONG = 50  # characters that cost as much as an element


@dataclass(slots=True)
class Condition:
    """The block of conditions that is open."""

    ranges: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)

    def start(self, name: str, of: Mapping[str, str], conditional: list[str]) -> None:
        """An element. `conditional`: the codes of the book's formats, to which rules refer by number."""
        if name == "conditionalFormatting":
            self.ranges, self.codes = [of.get("sqref", "")], []
        elif name == "cfRule" and (number := of.get("dxfId", "")).isdecimal() and int(number[:9]) < len(conditional):
            self.codes.append(conditional[int(number[:9])])
        elif name == "numFmt":
            self.codes.append(of.get("formatCode", ""))

    def end(self, cells: Cells, budget: Budget) -> None:
        """The block is whole."""
        codes = list(dict.fromkeys(filter(None, self.codes)))
        for first, top, last, bottom in _RANGE.findall(" ".join(self.ranges)) if codes else ():
            columns = range(column_number(first), column_number(last or first) + 1)
            for row in _within(range(int(top), int(bottom or top) + 1), cells.rows, budget):
                for column in _within(columns, cells.rows[row], budget):
                    text = cells.rows[row][column]
                    budget.take("elements", len(codes) * (1 + len(text) // _LONG))
                    for other in filter(None, (shown_also(text, code) for code in codes)):
                        cells.put(row, column, other)


def _within(numbers: range, filled: Mapping[int, object], budget: Budget) -> list[int]:
    """Those of a range that hold anything, whichever way is shorter."""
    budget.take("elements", min(len(numbers), len(filled)))
    shorter, other = (numbers, filled) if len(numbers) < len(filled) else (filled, numbers)
    return [number for number in shorter if number in other]
