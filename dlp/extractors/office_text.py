"""The text of one XML part of an Office document (ECMA-376 part 1: WordprocessingML, DrawingML, charts, diagrams, VML).

Takes bytes; gives texts and grids as a reader sees them, tracked deletions and hidden runs too, and beside them what only
attributes say: descriptions of pictures, codes of fields, names. An element that is not known is text all the same, so
custom XML is read as well. XML that breaks off raises Stop behind what came before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from dlp.extractors.content import Budget, Piece, Stop
from dlp.extractors.flow import DELETED, HIDDEN, INSERTED, SHOWN, Flow
from dlp.extractors.xml_events import COMMENT, END, START, TEXT, Event, events

_INLINE = frozenset({"t", "delText"})
_CODES = frozenset({"instrText", "delInstrText"})
_SKIPPED = frozenset({"posOffset", "pctWidth", "pctHeight", "pctPosHOffset", "pctPosVOffset", "align", "tableStyleId"})
_SIGNS: Mapping[str, str] = MappingProxyType({"br": "\n", "cr": "\n", "tab": "\t", "ptab": "\t", "noBreakHyphen": "-"})
_TRACKED: Mapping[str, int] = MappingProxyType(
    {"del": DELETED, "moveFrom": DELETED, "ins": INSERTED, "moveTo": INSERTED}  # 17.13.5
)
_STORIES: Mapping[str, str] = MappingProxyType({"txbxContent": "text boxes"})
_OFF = frozenset({"0", "false", "off"})
_DESCRIPTIONS = frozenset({"descr", "title", "alt"})
# attributes that hold words whatever element they stand at
_WORDS = frozenset(
    {"name", "author", "initials", "tooltip", "instr", "displayText", "string", "userId", "HelpText", "StatusText", "text"}
)
# elements whose `val` holds words
_VALUED = frozenset(
    {"alias", "tag", "docVar", "lvlText", "caption", "tblCaption", "tblDescription", "description", "name", "listEntry"}
    | {"default", "helpText", "statusText", "title", "docPart", "category", "separator"}
)
# attributes that never do, though they may hold blanks
_MEASURES = frozenset(
    {
        "style",
        "fmla",
        "path",
        "points",
        "coordsize",
        "coordorigin",
        "adj",
        "eqn",
        "gfxdata",
        "Ignorable",
        "Requires",
        "typeface",
    }
    | {"schemaLocation", "script", "spt", "filter", "dashstyle", "ascii", "hAnsi", "eastAsia", "cs", "panose", "formatCode"}
    | {"limo", "connectlocs", "textboxrect", "connectangles", "from", "to", "control1", "control2", "progId", "spans"}
)
_SYMBOLS = MappingProxyType({0xF000 + code: chr(code) for code in range(0x20, 0x100)})  # 17.3.3.30: of symbol fonts
_SMALLEST = 4  # half points; what is smaller is not seen


def texts(data: bytes, place: str, budget: Budget, *, custom: bool = False) -> Iterator[Piece]:
    """One part's text. `custom`: the XML is a person's own, in which any attribute may hold words."""
    part = _Part(place, custom=custom)
    try:
        for event in events(data, budget):
            part.take(event)
            if event.kind is END and event.name == "tbl":
                yield from part.flow.taken()
    except Stop:
        yield from part.flow.ended()
        raise
    part.end_code()
    yield from part.flow.ended()


def _is_prose(key: str, value: str) -> bool:
    return (" " in value or "@" in value) and key not in _MEASURES


class _Part:
    """One part while it is read."""

    def __init__(self, place: str, *, custom: bool) -> None:
        self.flow = Flow(place)
        self._place = place
        self._custom = custom
        self._path: list[str] = []
        self._spans: list[int] = []
        self._hidden: list[bool] = []
        self._marks = {DELETED: 0, INSERTED: 0}
        self._code: list[str] = []
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

    def end_code(self) -> None:
        """A field's code is whole."""
        self._line("field codes", "".join(self._code))
        self._code.clear()

    def _text(self, text: str) -> None:
        name = self._path[-1] if self._path else ""
        if name in _INLINE:
            self.flow.text(text if text.isascii() else text.translate(_SYMBOLS), self._mark())
        elif name in _CODES:
            self._code.append(text)
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
        elif name in _STORIES:
            self.flow.close_story()

    def _attributes(self, name: str, attributes: Mapping[str, str]) -> None:
        for key, value in attributes.items():
            if key in _DESCRIPTIONS:
                self._line("descriptions", value)
            elif self._custom or key in _WORDS or (key == "val" and name in _VALUED) or _is_prose(key, value):
                self._line("markup", value)

    def _line(self, kind: str, text: str) -> None:
        self.flow.line(", ".join(filter(None, (self._place, kind))), text)

    def open_run(self, _attributes: Mapping[str, str]) -> None:
        self._hidden.append(False)

    def close_run(self) -> None:
        self._hidden.pop()

    def vanish(self, attributes: Mapping[str, str]) -> None:
        self._hide(attributes.get("val", "") not in _OFF)

    def colour(self, attributes: Mapping[str, str]) -> None:
        self._hide(attributes.get("val", "").upper() == "FFFFFF")

    def size(self, attributes: Mapping[str, str]) -> None:
        value = attributes.get("val", "")
        self._hide(value.isdecimal() and int(value[:9]) <= _SMALLEST)

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
        "sym": _Part.symbol,
        "tbl": lambda part, _: part.flow.open_table(),
        "tr": lambda part, _: part.flow.open_row(),
        "tc": _Part.open_cell,
        "gridSpan": _Part.span,
        "fldChar": lambda part, _: part.end_code(),
    }
)
_ENDS: Mapping[str, Callable[[_Part], None]] = MappingProxyType(
    {
        "r": _Part.close_run,
        "p": lambda part: part.flow.paragraph(),
        "tbl": lambda part: part.flow.close_table(),
        "tr": lambda part: part.flow.close_row(),
        "tc": _Part.close_cell,
    }
)
