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
            rows = range(int(top), int(bottom or top) + 1)
            columns = range(column_number(first), column_number(last or first) + 1)
            budget.take("elements", len(cells.rows))
            for row in [row for row in cells.rows if row in rows]:
                budget.take("elements", len(cells.rows[row]) * len(codes))
                for column, text in [each for each in cells.rows[row].items() if each[0] in columns]:
                    for other in filter(None, (shown_also(text, code) for code in codes)):
                        cells.put(row, column, other)
