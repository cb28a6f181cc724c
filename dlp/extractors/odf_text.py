"""The text of one XML part of an OpenDocument file (ODF 1.3 part 3): letters, slides, drawings, and objects in them.

Takes bytes; gives texts and grids as a reader sees them, each slide, note, comment and box as a story of its own, tracked
deletions where they stood, hidden text, and beside them what only attributes say. XML that breaks off raises Stop behind
what came before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from urllib.parse import unquote

from dlp.extractors.content import Budget, Piece, Stop, Text
from dlp.extractors.flow import DELETED, HIDDEN, INSERTED, Flow
from dlp.extractors.odf_fields import Fields, Lists
from dlp.extractors.odf_styles import DATA_STYLES, Styles
from dlp.extractors.ods import GIVEN, Sheets
from dlp.extractors.xml_events import COMMENT, END, START, TEXT, Event, events

_PARAGRAPHS = frozenset({"p", "h"})
_CELLS = frozenset({"table-cell", "covered-table-cell"})
_STORIES: Mapping[str, str] = MappingProxyType(
    {
        "annotation": "comments",
        "text-box": "text boxes",
        "master-page": "masters",
        "notes": "notes",
        **dict.fromkeys(("header", "header-left", "header-first"), "headers"),
        **dict.fromkeys(("footer", "footer-left", "footer-first"), "footers"),
    }
)
_NOTES: Mapping[str, str] = MappingProxyType({"footnote": "footnotes", "endnote": "endnotes"})
_WORDS = frozenset(  # attributes that hold words whatever element they stand at
    {"name", "display-name", "string-value", "description", "help-text", "title", "label", "current-value", "value", "author"}
    | {"prefix", "suffix", "initials", "string-value-if-true", "string-value-if-false", "string-value-phonetic", "text"}
)
_MEASURES = frozenset(
    {"d", "points", "viewBox", "path", "enhanced-path", "transform", "formula", "stroke-dasharray", "font-family", "margin"}
    | {"style-name", "glue-points", "modifiers", "text-areas", "schemaLocation", "content-validation-name", "char"}
    | {"border", "border-top", "border-bottom", "border-left", "border-right", "border-line-width", "padding", "shadow"}
    | {"text-underline-style", "font-size-complex", "rel-width", "country", "language", "column-width", "text-shadow"}
)
_NUMBER = re.compile(r'(?:[a-z]{1,9}:)?=?"?[0-9]{7,12}"?')  # a value that is nothing else
_MATH = frozenset({"mi", "mn", "mo", "ms", "mtext"})
_WHITE = ("#ffffff", "#fefefe")
_TINY = 2.0  # points nobody can read
_SIZE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,9})?)pt")
_OF_STYLES = frozenset({"map", "number", "text-content", "list-style", "list-level-style-number"} | DATA_STYLES)
_MOST_BLANKS = 1_000
_WIDEST = 63


def book(data: bytes, budget: Budget, styles: Styles | None = None) -> Iterator[Piece]:
    """A spreadsheet's sheets as grids, and what stands beside their cells."""
    part, sheets = _Part("", "page", styles, budget.text), Sheets(budget, styles or Styles())

    def beside(pieces: Iterator[Piece]) -> Iterator[Piece]:
        return (piece for piece in pieces if isinstance(piece, Text) and piece.place)

    try:
        for event in events(data, budget):
            yield from sheets.take(event)
            if event.name in _CELLS and event.attributes:
                left = {key: value for key, value in event.attributes.items() if key not in GIVEN}
                part.take(event._replace(attributes=left))
            else:
                part.take(event)
    except Stop:
        yield from (*sheets.ended(), *beside(part.flow.ended()))
        raise
    yield from (*sheets.ended(), *beside(part.flow.ended()))


def texts(data: bytes, place: str, budget: Budget, page: str = "slide", styles: Styles | None = None) -> Iterator[Piece]:
    """One part's text. `page`: what a page is called; `styles`: those known, to which its own are added."""
    part = _Part(place, page, styles, budget.text)
    try:
        for event in events(data, budget):
            part.take(event)
            if event.kind is END and event.name in ("table", "page"):
                yield from part.flow.taken()
    except Stop:
        yield from part.flow.ended()
        raise
    yield from part.flow.ended()


class _Part:
    """One part while it is read."""

    def __init__(self, place: str, page: str, styles: Styles | None, room: int) -> None:
        self.flow = Flow(place, room)
        self._place = place
        self._page = page
        self._pages = 0
        self._path: list[str] = []
        self._stories: list[int] = []  # depths at which one began
        self._paragraphs = 0
        self._styles = styles or Styles()
        self.lists = Lists(self._styles)
        self._fields = Fields(self._styles)
        self._style = ""
        self._hidden: list[int] = []  # depths of what is hidden
        self._region = ""  # a tracked change being described
        self._deleted: dict[str, list[str]] = {}
        self._inserted: set[str] = set()
        self._inserting = 0
        self._label = ""

    def take(self, event: Event) -> None:
        """The next event."""
        if event.kind is TEXT:
            self._text(event.text)
        elif event.kind is START:
            self._path.append(event.name)
            self._start(event.name, event.attributes)
        elif event.kind is END:
            self._end(event.name)
            self._path.pop()
        elif event.kind is COMMENT:
            self._line("markup", event.text)

    def _text(self, text: str) -> None:
        name = self._path[-1] if self._path else ""
        if self._paragraphs and name not in ("title", "desc", "script") and not self._of_annotation(name):
            self.write(text)
        elif self._path[-2:-1] and self._path[-2].endswith("-style") and name == "text":
            self._styles.text(text)
        elif text.isspace():
            return
        elif name in _MATH:
            self.flow.text(f"{text} " if name == "mtext" else text)
        elif name in ("title", "desc") and self._place != "properties":
            self._line("descriptions", text)
        elif self._place == "properties":
            self.flow.text(f"{self._label}: {text}" if self._label else text)
            self._label = ""
        elif self._place != "settings" or " " in text.strip():  # of settings there are hundreds, most of them words of programs
            self._line("markup", text)

    def _of_annotation(self, name: str) -> bool:
        return name not in _PARAGRAPHS and self._path[-2:-1] == ["annotation"]

    def write(self, text: str) -> None:
        """Characters of the flow, or of a deletion."""
        self._fields.asides.text(text)
        if self._region:
            self._deleted.setdefault(self._region, []).append(text)
        else:
            self.flow.text(text, (HIDDEN if self._hidden else 0) | (INSERTED if self._inserting else 0))

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name in _PARAGRAPHS:
            self._paragraphs += 1
        elif name in _CELLS:
            self.flow.open_cell()
        elif handler := _STARTS.get(name):
            handler(self, attributes)
        elif name in _OF_STYLES:
            self._styles.start(name, attributes)
        elif attributes and self._paragraphs:
            self._fields.begin(len(self._path), name, attributes)
        if story := self._story(name, attributes):
            self._stories.append(len(self._path))
            self.flow.open_story(story)
        if name == "ruby-text" or (attributes.get("style-name", "") in self._styles.hiding and name in ("span", "p", "h")):
            self._hidden.append(len(self._path))
        self._label = attributes.get("name", name)
        self._attributes(attributes)

    def _end(self, name: str) -> None:
        if name in _PARAGRAPHS:
            self._paragraphs -= 1
            if self._region:
                self._deleted.setdefault(self._region, []).append("\n")
            else:
                self.flow.paragraph()
        elif name in _CELLS:
            self.flow.close_cell()
        elif handler := _ENDS.get(name):
            handler(self)
        elif self._place == "properties":
            self.flow.new_line()
        for depths, close in ((self._stories, self.flow.close_story), (self._hidden, lambda: None)):
            if depths and depths[-1] == len(self._path):
                depths.pop()
                close()
        for value in self._fields.asides.ended(len(self._path)):
            self.flow.text(f" {value} ", HIDDEN)

    def _story(self, name: str, attributes: Mapping[str, str]) -> str:
        if name == "page":
            self._pages += 1
            return f"{self._page} {self._pages}"
        if name == "note":
            return _NOTES.get(attributes.get("note-class", ""), "footnotes")
        if self._pages:  # a box is how slides hold their text
            return "" if name in ("text-box", "header", "footer") or name not in _STORIES else self._of_page(_STORIES[name])
        return "" if name in ("text-box", "notes") and "master-page" in self._path else _STORIES.get(name, "")

    def _of_page(self, what: str) -> str:
        return f"{what} of {self._page} {self._pages}"

    def _attributes(self, attributes: Mapping[str, str]) -> None:
        for key, value in attributes.items():
            if key.endswith("href"):
                self._line("links", value)
                self._line("links", unquote(value))
            elif (
                (key == "formula" and self._path[-1] != "equation")
                or (_NUMBER.fullmatch(value) and not key.endswith(("rsid", "repeated")) and key not in GIVEN)
                or (key in _WORDS and self._place != "settings")
                or ((" " in value or "@" in value) and key.rpartition("}")[2] not in _MEASURES)
            ):
                self._line("markup", value)

    def _line(self, kind: str, text: str) -> None:
        self.flow.line(", ".join(filter(None, (self._place, kind))), text)

    def variable(self, attributes: Mapping[str, str]) -> None:
        value = attributes.get("string-value") or attributes.get("value", "")
        self._styles.variables[attributes.get("name", "")] = value

    def style(self, attributes: Mapping[str, str]) -> None:
        self._styles.start("style", attributes)
        self._style = attributes.get("name", "")
        if attributes.get("parent-style-name", "") in self._styles.hiding:
            self._styles.hiding.add(self._style)

    def text_properties(self, attributes: Mapping[str, str]) -> None:
        size = _SIZE.fullmatch(attributes.get("font-size", ""))
        white = attributes.get("color", "").lower() in _WHITE
        if attributes.get("display") == "none" or white or (size and float(size[1]) < _TINY):
            self._styles.hiding.add(self._style)

    def end_format(self) -> None:
        self._styles.end_format()

    def blanks(self, attributes: Mapping[str, str]) -> None:
        count = attributes.get("c", "1")
        self.write(" " * min(int(count[:6]) if count.isdecimal() else 1, _MOST_BLANKS))

    def region(self, attributes: Mapping[str, str]) -> None:
        self._style = attributes.get("id", "")  # of the change, until its kind is known

    def insertion(self, _attributes: Mapping[str, str]) -> None:
        self._inserted.add(self._style)

    def deletion(self, _attributes: Mapping[str, str]) -> None:
        self._region = self._style

    def end_deletion(self) -> None:
        self._region = ""

    def change(self, attributes: Mapping[str, str]) -> None:
        deleted = self._deleted.pop(attributes.get("change-id", ""), None)
        if deleted:
            self.flow.text("".join(deleted).removesuffix("\n"), DELETED)

    def change_start(self, attributes: Mapping[str, str]) -> None:
        self._inserting += attributes.get("change-id", "") in self._inserted

    def change_end(self, attributes: Mapping[str, str]) -> None:
        self._inserting -= attributes.get("change-id", "") in self._inserted

    def hidden_text(self, attributes: Mapping[str, str]) -> None:
        self._hidden.append(len(self._path))
        self.flow.text(attributes.get("string-value", ""), HIDDEN)

    def end_body(self) -> None:
        """Deletions that stood nowhere."""
        for deleted in self._deleted.values():
            self.flow.text("".join(deleted), DELETED)
        self._deleted.clear()


_STARTS: Mapping[str, Callable[[_Part, Mapping[str, str]], None]] = MappingProxyType(
    {
        "tab": lambda part, _: part.write("\t"),
        "line-break": lambda part, _: part.write("\n"),
        "s": _Part.blanks,
        "table": lambda part, _: part.flow.open_table(),
        "table-row": lambda part, _: part.flow.open_row(),
        "style": _Part.style,
        "text-properties": _Part.text_properties,
        "changed-region": _Part.region,
        "insertion": _Part.insertion,
        "deletion": _Part.deletion,
        "change": _Part.change,
        "change-start": _Part.change_start,
        "change-end": _Part.change_end,
        "hidden-text": _Part.hidden_text,
        "hidden-paragraph": _Part.hidden_text,
        "user-field-decl": _Part.variable,
        "list": lambda part, of: part.lists.begin(of),
        "list-item": lambda part, of: part.flow.text(part.lists.label(of)),
    }
)
_ENDS: Mapping[str, Callable[[_Part], None]] = MappingProxyType(
    {
        "table": lambda part: part.flow.close_table(),
        "table-row": lambda part: part.flow.close_row(),
        "deletion": _Part.end_deletion,
        "note-citation": lambda part: part.write("\t"),
        "body": _Part.end_body,
        **dict.fromkeys(DATA_STYLES, lambda part: part.end_format()),
        "list": lambda part: part.lists.end(),
    }
)
