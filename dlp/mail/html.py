"""HTML as text: what a reader sees, and what the source holds beside it.

Takes decoded HTML; gives two texts: the visible one (inline tags leave no trace, table cells are separated by tab, rows
and blocks by newline) and the other one (attributes that carry words, comments, style and script; an attribute's number
among the visible words around it). It tokenises as the HTML standard does (section 13.2.5) but builds no tree: tree
construction can grow a small source without bound. Linear; never fails.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from dlp.mail import placing, quotations
from dlp.mail.attributes import among_words, even, words
from dlp.mail.cutting import cutting
from dlp.mail.elements import APART, BREAKS, CELLS, HIDDEN, PLACED, RAW, ROWS, VERBATIM, VOID
from dlp.mail.generated import unescaped
from dlp.mail.quotations import NESTS, Quotations
from dlp.mail.styling import Styles, hides, turns
from dlp.mail.tables import Table, Tables
from dlp.values import Mark, Marked

# An unclosed tag or comment runs to the end, as in the standard; that also keeps every scan linear.
TOKEN = re.compile(
    r"""([^<]++)
      | <!--(-?>|.*?(?:--!?>|\Z))
      | <(/?)([A-Za-z][^\s/>]*+)
          ((?:[\s/]++|[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\s>]*+))?+)*+)(>|\Z)
      | <([!?/][^>]*+)>?
      | (<)""",
    re.VERBOSE | re.DOTALL,
)
_PIECES = re.compile(r"""["']\s*\+\s*["']""")
_REVEALED = re.compile(r"<!--\[if[^\]]{0,80}\]>|<!\[endif\]-->")
_CUT_BY_COMMENT = re.compile(r"<!--\[if(?<=\d<!--\[if)")  # begins with signs, which are found faster than a digit
_LEAST_TURNED = 5  # elements: one that floats to the right is an ornament
_NOTHING = frozenset({" ", "\n", "\r\n"})  # what mostly stands between two tags
_TAG = re.compile(r"<[^>]*+(?:>|\Z)")
_STATEFUL = (PLACED - BREAKS) | VERBATIM | RAW | {"blockquote", "bdo"}  # what such a tag does depends on more than the line
ENDS = {name: re.compile(rf"</{name}(?=[\s/>]|\Z)", re.IGNORECASE) for name in RAW}


@dataclass(frozen=True, slots=True)
class Html:
    """`visible` is the page's text, `source` one line for each attribute value, comment, style and script.

    `shown` are further readings of the text where style hides, adds or turns something within a word or number. `tables` are
    those of data, whose text stands in the visible one, too; `marked` says of its lines, once it is folded, whose they are.
    """

    visible: str
    source: str
    shown: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    marked: tuple[Marked, ...] = ()


class _Said(NamedTuple):
    """The words of one tag's attributes, each with whether it belongs among the visible ones around the tag."""

    words: tuple[tuple[str, bool], ...]
    hides: bool
    turns: bool
    places: bool
    mark: Mark | None
    only_marks: bool  # and none of what is above


@dataclass(slots=True)
class _Page:
    """Text written so far and the separator owed before the next piece of it."""

    out: list[str] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    numbers: list[tuple[int, str]] = field(default_factory=list)  # an attribute's value, and how much of `out` stands before it
    known: dict[str, _Said] = field(default_factory=dict)  # what attributes say: pages repeat them
    plain: dict[str, bool] = field(default_factory=dict)  # tags as written that say nothing, and whether they are a block's
    space: bool = False
    newline: bool = False
    tabs: int = 0
    cells: int = 0  # begun in this row
    row_has_text: bool = False
    cell_has_text: bool = False
    verbatim: int = 0
    tables: Tables = field(default_factory=Tables)
    quotations: Quotations = field(default_factory=Quotations)
    styles: Styles = field(default_factory=Styles)
    hides: bool = False  # something within a word or number
    turned: int = 0  # elements shown in another order
    placed: int = 0  # that say where they are shown
    leftwards: bool = False  # something runs from the right to the left
    ruby: bool = False

    def within(self) -> bool:
        """Whether what comes next continues a word or a number."""
        last = self.out[-1][-1:] if self.out else ""
        return last.isdigit() or (last.isalpha() and not (self.space or self.newline or self.tabs))

    def text(self, source: str) -> None:
        if self.verbatim:
            if not source.strip(" "):
                self.space = self.space or bool(source)
                return
            words, trailing = source, False
        elif source in _NOTHING:
            self.space = True
            return
        else:
            every = even(source)
            words = every.strip(" ")
            if not words:
                self.space = self.space or bool(every)
                return
            trailing = every[-1] == " "
            self.space = self.space or every[0] == " "
        if self.out:
            if self.newline or self.tabs:
                self.out.append("\n" * self.newline + "\t" * self.tabs)
            else:
                self.out.append(" " if self.space else "")
        self.out.append(words)
        self.space, self.newline, self.tabs = trailing, False, 0
        self.row_has_text = self.cell_has_text = True

    def row(self) -> None:
        self.newline, self.tabs, self.cells, self.row_has_text = True, 0, 0, False

    def block(self) -> None:
        """Where a block begins or ends a line does, but for the first block of a cell, which stays on the row's."""
        if not self.cells or self.cell_has_text:
            self.newline = True

    def cell(self) -> None:
        if self.cells:
            self.tabs += 1
            self.newline = self.newline and not self.row_has_text
        self.cells += 1
        self.cell_has_text = False

    def tag(self, name: str, attributes: str, *, closing: bool) -> None:
        """One tag of those that are no part of a line."""
        if name in BREAKS:
            self.block()
            if name in VERBATIM:
                self.verbatim = max(0, self.verbatim + (-1 if closing else 1))
        elif name in ROWS:
            self.tables.tag(name, attributes, len(self.out), closing=closing)
            self.row()
        elif name in CELLS:
            self.tables.tag(name, attributes, len(self.out), closing=closing)
            if not closing:
                self.cell()
        elif name in APART:
            self.space = True
        else:
            self.ruby = True


def read(source: str) -> Html:
    """Both texts of one HTML document or fragment."""
    page = _Page()
    _read(page, source)
    visible = "".join(page.out)
    shown = {"".join(other.split()): other for other in _otherwise(page, source, visible)}
    if shown:
        shown.pop("".join(visible.split()), None)
    tables = tuple(page.tables.of(page.out)) if page.tables.found else ()
    marked = tuple(page.quotations.lines(page.out))
    return Html(visible, "\n".join((*page.aside, *among_words(page.out, page.numbers))), tuple(shown.values()), tables, marked)


def _read(page: _Page, source: str) -> None:
    """Take all tokens; of tags that say nothing, as most, one that is written like an earlier one needs no second look."""
    plain, quotations = page.plain, page.quotations
    first, *others = source.split("<")
    page.text(html.unescape(first))
    taken, here = 0, len(first)
    for piece in others:  # behind a "<"; a comment and the like may reach into the next ones
        begins, here = here, here + 1 + len(piece)
        if begins >= taken:
            tag, closes, text = piece.partition(">")
            if closes and tag in plain and not quotations.open:
                if plain[tag]:
                    page.block()
            else:
                taken = _token(page, source, begins)
                text = source[taken:here]
        else:
            text = source[taken:here]
        if text:
            page.text(html.unescape(text) if "&" in text else text)


def _token(page: _Page, source: str, at: int) -> int:
    """Take the tag or comment there, and with it the raw content only its own end tag ends; gives where to read on."""
    match = TOKEN.match(source, at)
    assert match is not None
    _, comment, slash, tag, attributes, end, bogus, stray = match.groups()
    if tag is not None and not end:  # no reader shows it, so it is not text, but it is in the mail
        page.aside.append(attributes)
    elif tag is not None:
        name = tag.lower()
        at = _tag(page, source, match.end(), (name, bool(slash), attributes))
        if name not in _STATEFUL and _says_nothing(page, attributes):
            page.plain[match[0][1:-1]] = name in BREAKS
        return at
    elif comment is not None or bogus is not None:
        _comment(page, comment or bogus or "")
    else:
        page.text(stray)
    return match.end()


def _says_nothing(page: _Page, attributes: str) -> bool:
    """Of attributes that were looked at."""
    said = page.known.get(attributes)
    return said.only_marks and not said.mark if said else not attributes or attributes.isspace()


def _otherwise(page: _Page, source: str, visible: str) -> Iterator[str]:
    """The text without what is hidden and with what style adds; numbers in the order they are seen in."""
    if page.hides or page.styles.hiding or page.styles.added or page.styles.formats:
        yield _seen(source, page.styles.hides, page.styles.adds)
    for kind in cutting(source):
        yield _seen(source, lambda *tag, kind=kind: tag == kind, page.styles.adds)
    if _CUT_BY_COMMENT.search(source):  # Outlook shows what stands in these
        yield _seen(_REVEALED.sub("", source), page.styles.hides, page.styles.adds)
    if page.turned >= _LEAST_TURNED:
        yield from placing.turned(visible)
        if placing.OVERRIDES.search(source):
            yield placing.backwards(visible)
    if page.placed >= placing.LEAST:
        yield _seen(placing.ordered(source), page.styles.hides, page.styles.adds)
    if page.ruby:
        yield _seen(placing.above(source), page.styles.hides, page.styles.adds)
    if page.leftwards and page.tables.found:
        yield placing.leftwards(visible)


def _seen(source: str, hidden: Callable[[str, str], bool], adds: Callable[[str, str], str]) -> str:
    """The text a second time, without the elements that are hidden: each to the end tag of its name that closes it."""
    page = _Page()
    at = depth = 0
    within = ""
    while match := TOKEN.match(source, at):
        at = match.end()
        text, _, slash, tag, attributes, end, _, stray = match.groups()
        name = tag.lower() if tag else ""
        if text is not None or stray is not None:
            if not depth:
                page.text(html.unescape(text or stray))
        elif not name or not end:
            continue
        elif depth:
            depth += 0 if name != within else -1 if slash else 1
        elif not slash and name not in VOID and hidden(name, attributes):
            depth, within = 1, name
        else:
            if name in PLACED:
                page.tag(name, attributes, closing=bool(slash))
            if not slash and (added := adds(name, attributes)):
                page.text(added)
        if name in RAW and not slash and end:
            ends = ENDS[name].search(source, at)
            at = ends.start() if ends else len(source)
    return "".join(page.out)


def _tag(page: _Page, source: str, at: int, tag: tuple[str, bool, str]) -> int:
    """Take one tag, and with it the raw content only its own end tag ends; gives where to read on."""
    name, closing, attributes = tag
    mark = _attributes(page, attributes) if attributes and not attributes.isspace() else None
    if name in NESTS and (mark or page.quotations.open or name == "blockquote"):
        page.quotations.tag(name, mark, attributes, len(page.out), closing=closing)
    if name == "bdo" and not closing:
        page.turned += _LEAST_TURNED
    if name in PLACED:
        page.tag(name, attributes, closing=closing)
    if closing or name not in RAW:
        return at
    end = ENDS[name].search(source, at)
    stop = end.start() if end else len(source)
    if name in HIDDEN:
        page.aside.append(source[at:stop])
        _hidden(page, name, source[at:stop])
    else:
        page.text(html.unescape(source[at:stop]))
    return stop


def _hidden(page: _Page, name: str, content: str) -> None:
    """What a style says of elements; of a script or style the strings as they come out in the end."""
    if name == "style":
        page.styles.read(content)
        page.turned += _LEAST_TURNED * turns(content)
        if "\\" in content:
            page.aside.append(unescaped(content))
    elif _PIECES.search(content):
        page.aside.append(_PIECES.sub("", content))


def _attributes(page: _Page, attributes: str) -> Mark | None:
    """What attributes hide, turn and say; gives whose words they say stand in their element."""
    said = page.known.get(attributes)
    if said is None:
        said = page.known[attributes] = _first_look(page, attributes, attributes.lower())
    if said.only_marks:
        return said.mark
    if said.hides and not page.hides:
        page.hides = page.within()
    if said.turns:
        page.turned += 1 if "float" in attributes.lower() or "order" in attributes.lower() else _LEAST_TURNED
    page.placed += said.places
    for shown, among in said.words:
        if among:
            page.numbers.append((len(page.out), shown))
        else:
            page.aside.append(shown)
    return said.mark


def _first_look(page: _Page, attributes: str, lower: str) -> _Said:
    """What attributes say wherever they stand; what they say of the page as a whole is kept."""
    styled = "style" in lower
    hidden = (styled or "hidden" in lower or "color" in lower) and hides(attributes)
    page.leftwards = page.leftwards or "rtl" in lower
    if "data:text/css" in lower or "counter-" in lower or "mso-number-format" in lower:
        page.styles.read_attributes(html.unescape(attributes))
    turned, placed = styled and turns(attributes), styled and placing.says_place(attributes)
    told = tuple(words(attributes))
    return _Said(told, hidden, turned, placed, quotations.sign(lower), not (told or hidden or turned or placed))


def _comment(page: _Page, comment: str) -> None:
    """Kept as written, and once more without tags: some readers show what stands in a conditional comment."""
    page.aside.append(comment)
    if "<" in comment:
        page.aside.append(even(html.unescape(_TAG.sub("", comment))))
