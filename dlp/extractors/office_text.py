"""The text of one XML part of an Office document (ECMA-376 part 1: WordprocessingML, DrawingML, charts, diagrams, VML).

Takes bytes; gives texts and grids as a reader sees them, tracked deletions and hidden runs too, and beside them what only
attributes say: descriptions of pictures, codes of fields, names. An element that is not known is text all the same, so
custom XML is read as well. XML that breaks off raises Stop behind what came before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from dlp.extractors.asides import Asides
from dlp.extractors.content import Budget, Piece, Stop
from dlp.extractors.flow import DELETED, HIDDEN, INSERTED, OTHER, SHOWN, TAKEN, Flow
from dlp.extractors.office_words import is_long_number, said
from dlp.extractors.word_fields import PAGE, Fields
from dlp.extractors.word_shared import Letter, hides
from dlp.extractors.xml_events import COMMENT, END, START, TEXT, Event, events

_INLINE = frozenset({"t", "delText"})
_CODES = frozenset({"instrText", "delInstrText"})
_SKIPPED = frozenset({"posOffset", "pctWidth", "pctHeight", "pctPosHOffset", "pctPosVOffset", "align", "tableStyleId"})
_SIGNS: Mapping[str, str] = MappingProxyType({"br": "\n", "cr": "\n", "tab": "\t", "ptab": "\t", "noBreakHyphen": "-"})
_TRACKED: Mapping[str, int] = MappingProxyType(
    {"del": DELETED, "moveFrom": DELETED, "ins": INSERTED, "moveTo": INSERTED}  # 17.13.5
)
_STORIES: Mapping[str, str] = MappingProxyType({"txbxContent": "text boxes", "rt": "ruby"})
# what programs of today know, by the prefixes that Office itself writes (ECMA-376 part 3, 7.6)
_KNOWN = re.compile(r"(?:wp[sgci]|w1[4-9]\w*|a14|a16\w*|p1[4-9]\w*|x1[4-9]\w*|xr\w*|cx\d?|c1[4-6]|v|am3d|aink|asvg|adec|\s)+")
_HIGH_PAGE = 4  # digits of a first page's number that no book has
_SYMBOLS = MappingProxyType({0xF000 + code: chr(code) for code in range(0x20, 0x100)})  # 17.3.3.30: of symbol fonts


def texts(data: bytes, place: str, budget: Budget, *, custom: bool = False, letter: Letter | None = None) -> Iterator[Piece]:
    """One part's text. `custom`: the XML is a person's own, in which any attribute may hold words. `letter`: it is part of."""
    part = _Part(Flow(place, budget.text), place, custom=custom, letter=letter or Letter())
    try:
        for event in events(data, budget):
            part.take(event)
            if event.kind is END and event.name == "tbl":
                yield from part.flow.taken()
        part.end_fields()
    except Stop:
        yield from part.flow.ended()
        raise
    yield from part.flow.ended()


class _Part:
    """One part while it is read."""

    def __init__(self, flow: Flow, place: str, *, custom: bool, letter: Letter) -> None:
        self._letter = letter
        self._fields = Fields(letter.variables)
        self._list = ("", 0)  # of the paragraph: its list and level
        self._bound = Asides()
        self._turned: list[tuple[int, int]] = []  # overrides of direction that are open: how deep, where they begin
        self._inline: list[str] = []  # what stands in them
        self._branches: list[int] = []  # of each alternative that is open: the mark of its branch, 0 before the first one
        self._took: list[bool] = []  # and whether one of its branches is shown
        self.flow = flow
        self._place = place
        self._custom = custom
        self._path: list[str] = []
        self._spans: list[int] = []
        self._hidden: list[bool] = []
        self._in_unseen = False  # in a paragraph whose style hides it
        self._marks = {DELETED: 0, INSERTED: 0, TAKEN: 0, OTHER: 0}
        self._loose: list[bool] = []  # for each of the path: it is not known, and holds text itself

    def take(self, event: Event) -> None:
        """The next event."""
        if event.kind is TEXT:
            self._text(event.text)
        elif event.kind is START:
            self._path.append(event.name)
            self._loose.append(False)
            self._start(event.name, event.attributes)
        elif event.kind is END:
            self._path.pop()
            self._end(event.name)
        elif event.kind is COMMENT:
            self._line("markup", event.text)

    def end_fields(self) -> None:
        """The part is at its end: codes of fields that have none."""
        while self._fields.open:
            self.end_field()

    def field(self, attributes: Mapping[str, str]) -> None:
        kind = attributes.get("fldCharType", "")
        if kind == "begin":
            self._fields.begin()
        elif kind == "separate":
            self._line("field codes", self._fields.separate())
        else:
            self.end_field()

    def simple_field(self, attributes: Mapping[str, str]) -> None:
        self._fields.begin()
        self._fields.code(attributes.get("instr", ""))
        self._fields.separate()

    def end_field(self) -> None:
        code, value, has_result = self._fields.end()
        self._line("field codes", code)
        if value:
            self.flow.text(f" {value} " if has_result else value, self._mark() | (HIDDEN if has_result else 0))

    def _text(self, text: str) -> None:
        name = self._path[-1] if self._path else ""
        if name in _INLINE:
            text = text if text.isascii() else text.translate(_SYMBOLS)
            self.flow.text(text, self._mark() | (HIDDEN if self._fields.in_code else 0))
            self._fields.text(text)
            self._bound.text(text)
            if self._turned:
                self._inline.append(text)
        elif name in _CODES:
            self._fields.code(text)
        elif self._path[-3:-1] == ["p", "r"] and not self._custom:  # nobody knows it, nobody shows it
            self._line("markup", text)
        elif name not in _SKIPPED and not text.isspace():
            if not any(self._loose[-2:]):
                self.flow.new_line()
            self.flow.text(text, self._mark())
            self._loose[-1:] = [True]

    def _mark(self) -> int:
        marks = HIDDEN if self._hidden and self._hidden[-1] else SHOWN
        return marks | sum(mark for mark, depth in self._marks.items() if depth)

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name in _SIGNS and self._path[-2:-1] != ["tabs"]:
            self.flow.text(_SIGNS[name], self._mark())
        elif handler := _STARTS.get(name):
            handler(self, attributes)
        elif name in _TRACKED:
            self._marks[_TRACKED[name]] += 1
        elif self._path[-2:-1] == ["AlternateContent"]:
            self._branch(attributes.get("Requires"))
        elif name in _STORIES:
            self.flow.open_story(", ".join(filter(None, (self._place, _STORIES[name]))))
        if attributes and name != "lsdException":
            self._attributes(name, attributes)

    def _end(self, name: str) -> None:
        if self._loose.pop() and not any(self._loose[-1:]):
            self.flow.new_line()
        if handler := _ENDS.get(name):
            handler(self)
        elif name in _TRACKED:
            self._marks[_TRACKED[name]] -= 1
        elif self._path[-1:] == ["AlternateContent"] and self._branches and self._branches[-1]:
            self._marks[self._branches[-1]] -= 1
        elif name in _STORIES:
            self.flow.close_story()
        elif name == "AlternateContent":
            self._branches.pop()
            self._took.pop()

    def _branch(self, requires: str | None) -> None:
        """A branch is shown when it is the first whose namespaces are known; the last, without any, when none was."""
        took = self._took[-1]
        self._branches[-1] = OTHER if took or (requires is not None and not _KNOWN.fullmatch(requires)) else TAKEN
        self._took[-1] = took or self._branches[-1] == TAKEN
        self._marks[self._branches[-1]] += 1

    def _attributes(self, name: str, attributes: Mapping[str, str]) -> None:
        for kind, value in said(name, attributes, custom=self._custom):
            self._line(kind, value)
            if "p" in self._path and is_long_number(value):  # of a choice, a picture of letters: shown here, or not
                self.flow.text(f" {value} ", HIDDEN)

    def _line(self, kind: str, text: str) -> None:
        self.flow.line(", ".join(filter(None, (self._place, kind))), text)

    def open_alternatives(self, _attributes: Mapping[str, str]) -> None:
        self._branches.append(0)
        self._took.append(False)

    def open_paragraph(self, _attributes: Mapping[str, str]) -> None:
        self._in_unseen = False
        self._list = ("", 0)

    def list(self, attributes: Mapping[str, str]) -> None:
        if "pPrChange" not in self._path:
            self._list = attributes.get("val", ""), self._list[1]

    def level(self, attributes: Mapping[str, str]) -> None:
        value = attributes.get("val", "")
        if "pPrChange" not in self._path:
            self._list = self._list[0], int(value) if value.isascii() and value.isdecimal() and len(value) == 1 else 0

    def close_properties(self) -> None:
        """Of a paragraph: its number stands before its text."""
        if self._list[0] and self._path[-1:] == ["p"]:
            self.flow.text(self._letter.numbers.label(*self._list), self._mark())

    def first_page(self, attributes: Mapping[str, str]) -> None:
        if len(number := attributes.get("start", "")) >= _HIGH_PAGE:
            self._letter.variables[PAGE] = number

    def bullet(self, attributes: Mapping[str, str]) -> None:
        """Of a slide's paragraph (21.1.2.4): a sign with digits, or a count that begins high."""
        number, sign = attributes.get("startAt", ""), attributes.get("char", "")
        if len(number) >= _HIGH_PAGE or any(map(str.isdigit, sign)):
            self.flow.text(number or sign, self._mark())

    def turn(self, attributes: Mapping[str, str]) -> None:
        """An override of direction (17.3.2.3): what stands in it is seen from its end."""
        if attributes.get("val") == "rtl":
            self._turned.append((len(self._path), len(self._inline)))

    def close_turned(self) -> None:
        if self._turned and self._turned[-1][0] > len(self._path):
            text = "".join(self._inline[self._turned.pop()[1] :])
            self.flow.text(f" {text[::-1]} ", self._mark() | HIDDEN)
            if not self._turned:
                self._inline.clear()

    def bind(self, attributes: Mapping[str, str]) -> None:
        self._bound.begin(len(self._path), self._letter.bound(attributes.get("xpath", "")))

    def close_bound(self) -> None:
        """A control that data may be seen in, which does not stand there."""
        for value in self._bound.ended(len(self._path) + 1):
            self.flow.text(f" {value} ", self._mark() | HIDDEN)

    def open_run(self, _attributes: Mapping[str, str]) -> None:
        self._hidden.append(self._in_unseen)

    def run_style(self, attributes: Mapping[str, str]) -> None:
        self._hide(attributes.get("val", "") in self._letter.unseen)

    def paragraph_style(self, attributes: Mapping[str, str]) -> None:
        style = attributes.get("val", "")
        self._in_unseen = style in self._letter.unseen
        self._list = self._letter.numbers.of_styles.get(style, self._list)

    def close_run(self) -> None:
        self._hidden.pop()

    def vanish(self, attributes: Mapping[str, str]) -> None:
        self._hide(hides("vanish", attributes))

    def colour(self, attributes: Mapping[str, str]) -> None:
        self._hide(hides("color", attributes))

    def size(self, attributes: Mapping[str, str]) -> None:
        self._hide(hides("sz", attributes))

    def width(self, attributes: Mapping[str, str]) -> None:
        self._hide(hides("w", attributes))

    def no_fill(self, _attributes: Mapping[str, str]) -> None:
        if self._path[-4:-1] == ["r", "rPr", "textFill"] and self._hidden:
            self._hidden[-1] = True

    def _hide(self, hides: bool) -> None:  # noqa: FBT001
        if hides and self._hidden and self._path[-3:-1] == ["r", "rPr"]:
            self._hidden[-1] = True

    def symbol(self, attributes: Mapping[str, str]) -> None:
        code = attributes.get("char", "")
        try:
            self.flow.text(chr(int(code, 16)).translate(_SYMBOLS), self._mark())
        except (ValueError, OverflowError):
            self._line("markup", code)

    def open_cell(self, attributes: Mapping[str, str]) -> None:
        self._spans.append(1)
        self.flow.open_cell()
        del attributes

    def span(self, attributes: Mapping[str, str]) -> None:
        value = attributes.get("val", "")
        if self._spans and value.isdecimal():
            self._spans[-1] = max(int(value[:2]), 1)

    def close_cell(self) -> None:
        self.flow.close_cell(self._spans.pop())


_STARTS: Mapping[str, Callable[[_Part, Mapping[str, str]], None]] = MappingProxyType(
    {
        "r": _Part.open_run,
        "vanish": _Part.vanish,
        "color": _Part.colour,
        "sz": _Part.size,
        "w": _Part.width,
        "noFill": _Part.no_fill,
        "rStyle": _Part.run_style,
        "pStyle": _Part.paragraph_style,
        "p": _Part.open_paragraph,
        "AlternateContent": _Part.open_alternatives,
        "sym": _Part.symbol,
        "tbl": lambda part, _: part.flow.open_table(),
        "tr": lambda part, _: part.flow.open_row(),
        "tc": _Part.open_cell,
        "gridSpan": _Part.span,
        "fldChar": _Part.field,
        "fldSimple": _Part.simple_field,
        "numId": _Part.list,
        "ilvl": _Part.level,
        "pgNumType": _Part.first_page,
        "buAutoNum": _Part.bullet,
        "buChar": _Part.bullet,
        "bdo": _Part.turn,
        "dataBinding": _Part.bind,
    }
)
_ENDS: Mapping[str, Callable[[_Part], None]] = MappingProxyType(
    {
        "r": _Part.close_run,
        "p": lambda part: part.flow.paragraph(),
        "pPr": _Part.close_properties,
        "fldSimple": _Part.end_field,
        "bdo": _Part.close_turned,
        "sdt": _Part.close_bound,
        "tbl": lambda part: part.flow.close_table(),
        "tr": lambda part: part.flow.close_row(),
        "tc": _Part.close_cell,
    }
)
