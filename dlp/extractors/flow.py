"""Text of a document as it flows: paragraphs, tables, stories beside the main one, and what is deleted or hidden.

Takes what a format's reader finds, in order; gives a Text for each story in every reading of it, and a Grid for each table.
Runs join without a gap, so that an identifier in two fonts is one. Readings: as shown; with the hidden text; as it was
before tracked changes; and as programs show it that know less. Raises Stop where there is more text than room for it: a
file may have its values shown any number of times.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import MappingProxyType

from dlp.extractors.content import Grid, Piece, Stop, Text
from dlp.values import PartStatus

SHOWN, DELETED, INSERTED, HIDDEN = 0, 1, 2, 4  # of a run, to be added up
_BREAK = 8  # of a paragraph's end
TAKEN, OTHER = 16, 32  # a branch that programs of today show, and one that only others do
_DEEPEST = 8  # tables in tables; each deeper one would cost its text once more
_WIDEST = 63  # columns a table of Word may have
_ANY = 1 << 40  # characters: no file has as many, unless it shows some twice
_READINGS = (
    ("", DELETED | HIDDEN | OTHER),
    ("with hidden text", DELETED | OTHER),
    ("before changes", INSERTED | OTHER),
    ("in another program", DELETED | HIDDEN | TAKEN),
)
# the marks without which a reading would be the first one again
_TELLS = MappingProxyType(
    {"with hidden text": HIDDEN, "before changes": DELETED | INSERTED, "in another program": TAKEN | OTHER}
)


@dataclass(slots=True)
class _Table:
    """A table that is open: rows done, cells of the row, where row and cell begin among the runs."""

    rows: list[list[str]] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    row_at: int = 0
    cell_at: int = 0


@dataclass(slots=True)
class _Story:
    place: str
    runs: list[tuple[str, int]] = field(default_factory=list)
    tables: list[_Table] = field(default_factory=list)
    marks: int = 0
    beyond: int = 0  # tables open that are too deep to be tables

    @property
    def table(self) -> _Table | None:
        """The innermost one, unless what is read stands too deep."""
        return self.tables[-1] if self.tables and not self.beyond else None


class Flow:
    """One part of a document being read."""

    def __init__(self, place: str = "", room: int = _ANY) -> None:
        self._stories = [_Story(place)]
        self._room = room  # characters
        self._pieces: list[Piece] = []
        self._tables = 0
        self._seen: set[tuple[str, str]] = set()  # a box is there twice, for programs old and new
        self._lines: dict[str, dict[str, None]] = {}

    def text(self, text: str, marks: int = SHOWN) -> None:
        """Characters, joined to those before."""
        story = self._stories[-1]
        story.runs.append((text[: self._room], marks))
        story.marks |= marks
        self._room -= len(text)
        if self._room < 0:
            self._room = 0
            raise Stop(PartStatus.TRUNCATED, "text")

    def paragraph(self) -> None:
        """The end of a paragraph."""
        self._stories[-1].runs.append(("\n", _BREAK))

    def new_line(self) -> None:
        """The end of a paragraph, unless one has just ended."""
        story = self._stories[-1]
        if story.runs and not story.runs[-1][0].endswith(("\n", "\t")):
            self.paragraph()

    def line(self, place: str, text: str) -> None:
        """What is not in the flow: a description, a field's code; each is given once."""
        if text and not text.isspace():
            self._lines.setdefault(place, {})[text.strip()] = None

    def open_story(self, place: str) -> None:
        """A text of its own within the text: a box, a note."""
        self._stories.append(_Story(place))

    def close_story(self) -> None:
        """Back to the story around it; the first one ends with the part."""
        if len(self._stories) > 1:
            self._end(self._stories.pop())

    def open_table(self) -> None:
        """A table, in the story or in a cell of it."""
        self.new_line()
        if len(self._stories[-1].tables) < _DEEPEST:
            self._stories[-1].tables.append(_Table())
        else:
            self._stories[-1].beyond += 1

    def open_row(self) -> None:
        """The next row of the innermost table."""
        table = self._stories[-1].table
        if table:
            table.cells, table.row_at = [], len(self._stories[-1].runs)
            table.cell_at = table.row_at

    def open_cell(self) -> None:
        """The next cell of the row."""
        table = self._stories[-1].table
        if table:
            if table.cells:
                self.text("\t")
            table.cell_at = len(self._stories[-1].runs)

    def close_cell(self, span: int = 1) -> None:
        """The cell's text is whole; it takes `span` columns."""
        story = self._stories[-1]
        if table := story.table:
            while len(story.runs) > table.cell_at and story.runs[-1][1] & _BREAK:
                story.runs.pop()
            table.cells.append("".join(text for text, marks in story.runs[table.cell_at :] if not marks & (DELETED | OTHER)))
            further = min(span, _WIDEST) - 1
            table.cells += [""] * further
            self.text("\t" * further)

    def close_row(self) -> None:
        """A row is one line; where it has several cells, their paragraphs go on in it."""
        story = self._stories[-1]
        if table := story.table:
            if len(table.cells) > 1:
                row = story.runs[table.row_at :]
                story.runs[table.row_at :] = [(" ", SHOWN) if run == ("\n", _BREAK) else run for run in row]
            table.rows.append(table.cells)
            story.runs.append(("\n", SHOWN))

    def close_table(self) -> None:
        """Gives its Grid, unless it only frames text."""
        if self._stories[-1].beyond:
            self._stories[-1].beyond -= 1
        elif self._stories[-1].tables:
            rows = self._stories[-1].tables.pop().rows
            self._tables += 1
            if len(rows) > 1:
                self._pieces.append(Grid(rows, self._place(f"table {self._tables}")))

    def taken(self) -> Iterator[Piece]:
        """What is whole by now."""
        pieces, self._pieces = self._pieces, []
        return iter(pieces)

    def ended(self) -> Iterator[Piece]:
        """Everything, when the part is at its end, or as far as it could be read."""
        while self._stories:
            self._end(self._stories.pop())
        self._pieces += [Text("\n".join(lines), place) for place, lines in self._lines.items()]
        return self.taken()

    def _end(self, story: _Story) -> None:
        for name, without in _READINGS:
            if not name or story.marks & _TELLS[name]:
                text = "".join(text for text, marks in story.runs if not marks & without)
                if (story.place, text) not in self._seen:
                    self._pieces.append(Text(text, ", ".join(filter(None, (story.place, name)))))
                self._seen.add((story.place, text))

    def _place(self, name: str) -> str:
        return ", ".join(filter(None, (self._stories[-1].place, name)))


class Rows:
    """Tables of formats that only mark where a cell and a row end: what begins is told by the next text."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._table = self._row = self._cell = False

    def place(self, *, inside: bool) -> None:
        """Text comes, inside a table or behind it."""
        if not inside:
            self.end()
            return
        if not self._table:
            self._flow.open_table()
        if not self._row:
            self._flow.open_row()
        if not self._cell:
            self._flow.open_cell()
        self._table = self._row = self._cell = True

    def end_cell(self) -> None:
        """A cell is whole, empty or not."""
        self.place(inside=True)
        self._flow.close_cell()
        self._cell = False

    def end_row(self) -> None:
        """So is a row."""
        if self._row:
            if self._cell:
                self._flow.close_cell()
            self._flow.close_row()
            self._row = self._cell = False

    def end(self) -> None:
        """And the table, if there is one."""
        self.end_row()
        if self._table:
            self._flow.close_table()
            self._table = False
