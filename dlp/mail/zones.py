"""Who says what in a text: its own lines, what is quoted or forwarded in it and whose that is, signature, disclaimer.

Takes one decoded, folded text, and what the markup it was written in says of its lines; gives Stretches of whole lines that
follow each other and together are the text. A quotation is lines behind `>` (RFC 3676 4.5) or marked so, or all that follows
an attribution or the header of an earlier message. What says whose it is stays in its own words, for the caller to weigh; of a
marked one below nothing of the kind it is MARKUP. Linear in the text; never fails: what is not recognised is new.

    >>> [(each.zone.value, each.by) for each in zones("Ask them.\\n\\nOn 24 Nov, A <a@x.example> wrote:\\n> May I?\\n")]
    [('new', ''), ('quoted', 'On 24 Nov, A <a@x.example> wrote:')]
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import accumulate

from dlp.mail import thread_words as words
from dlp.values import Mark, Marked

MARKUP = "\0"  # no name is in it; nobody sees a mark before such a line: it alone proves nothing


class Zone(StrEnum):
    """Signature and disclaimer are those of the text's own writer; a quoted one is quoted."""

    NEW = "new"
    QUOTED = "quoted"
    FORWARDED = "forwarded"
    SIGNATURE = "signature"
    DISCLAIMER = "disclaimer"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines of one zone: characters [start, end).

    `depth`: how many messages lie one within the other here, 0 for the writer's own words. `by`: the attribution, marker or
    From line above what is quoted, "" where nothing says whose it is.
    """

    zone: Zone
    start: int
    end: int
    depth: int = 0
    by: str = ""


def zones(text: str, marked: Sequence[Marked] = ()) -> tuple[Stretch, ...]:
    """The stretches of a text, in its order."""
    found: list[Stretch] = []
    lines = text.split("\n")
    markup = _Markup.of(marked, len(lines))
    at_marks = [(marks + deeper, line) for (marks, line), deeper in zip(map(_at, lines), markup.deeper, strict=True)]
    start = at = 0
    before: _Kind | None = None
    for line, kind in zip(lines, _Thread(at_marks, markup).read(), strict=True):
        if before is not None and kind != before and at > start:
            found.append(_stretch(before, start, at))
            start = at
        before, at = kind, min(at + len(line) + 1, len(text))
    if before is not None and at > start:
        found.append(_stretch(before, start, at))
    return tuple(found)


def _stretch(kind: _Kind, start: int, end: int) -> Stretch:
    zone, depth, by = kind
    return Stretch(zone, start, end, depth, by)


_Kind = tuple[Zone, int, str]
_REACH = 200  # characters of a line that are looked at
_WRAPPED = 3  # lines an attribution may take
_HEADER = 12  # lines of a quoted header
_LEAST_LABELS = 3  # of one in a language we may not know


def _either(phrases: Iterable[str]) -> str:
    longest_first = sorted(set(phrases), key=len, reverse=True)
    return "(?:" + "|".join(re.escape(phrase).replace(r"\ ", r"\s+") for phrase in longest_first) + ")"


_MARKS = re.compile(r"[ \t]{0,3}((?:>[ \t]?)++)")
_DELIMITER = "--"  # and a blank, which is often lost (RFC 3676 4.3)
_RULE = r"[\s*_=-]{0,40}+"  # around a marker
_ORIGINAL = re.compile(rf"{_RULE}{_either(words.ORIGINAL_MARKERS)}\s*:?{_RULE}", re.IGNORECASE)
_FORWARDED = re.compile(rf"{_RULE}{_either(words.FORWARDED_MARKERS)}\s*:?{_RULE}", re.IGNORECASE)
_FROM = re.compile(rf"\s*\*?{_either(words.FROM_LABELS)}\s*\*?\s*:", re.IGNORECASE)
_SUBJECT = re.compile(rf"\s*\*?{_either(words.SUBJECT_LABELS)}\s*\*?\s*:", re.IGNORECASE)
_LABEL = re.compile(r"\s*\*?[^\W\d_][^\n:]{0,20}:")
_OPENINGS = tuple(f"{each.casefold()} " for row in words.ATTRIBUTIONS.values() for each in row[0])
_VERB = re.compile(_either(each for row in words.ATTRIBUTIONS.values() for each in row[1]), re.IGNORECASE)
_DATED = re.compile("[0-9]{1,2}[:.h][0-9]{2}|@")
_DISCLAIMERS = tuple(map(str.casefold, words.DISCLAIMER_OPENINGS))
_SENT_FROM = tuple(map(str.casefold, words.SENT_FROM))
_DASHES = " \t*_=-"
_ENDS = (":", "-", "_", "*", "=")  # of the line a marker stands in


@dataclass(frozen=True, slots=True)
class _Markup:
    """What markup says, by line: how deep it is quoted, what opens a quotation and for how many lines, what is signature."""

    deeper: Sequence[int]
    openings: Mapping[int, tuple[Mark, int]]
    signed: Collection[int]

    @staticmethod
    def of(marked: Sequence[Marked], lines: int) -> _Markup:
        ends = [0] * (lines + 1)
        openings: dict[int, tuple[Mark, int]] = {}
        signed: set[int] = set()
        for each in marked:
            first, last = min(each.first, lines), min(each.last, lines)
            if each.mark is Mark.QUOTE:
                ends[first] += 1
                ends[last] -= 1
            elif each.mark is Mark.SIGNATURE:
                signed.update(range(first, last))
            else:
                openings[first] = each.mark, last - first
        return _Markup(list(accumulate(ends[:-1])), openings, signed)


@dataclass(slots=True)
class _Thread:
    """Reads a text line by line. `rest` is what a line without marks is now; `authors` says whose each depth of marks is."""

    lines: list[tuple[int, str]]
    markup: _Markup
    rest: _Kind = (Zone.NEW, 0, "")
    authors: dict[int, str] = field(default_factory=dict)
    colons: set[int] = field(default_factory=set)  # lines from which an attribution may come to its colon

    def __post_init__(self) -> None:
        ends = [number for number, (_, line) in enumerate(self.lines) if line.endswith(":")]
        self.colons.update(number - before for number in ends for before in range(_WRAPPED))

    def read(self) -> Iterator[_Kind]:
        """The kind of each line."""
        kind, until = self.rest, 0
        for number, (marks, line) in enumerate(self.lines):
            if number < until:  # a further line of what opens a quotation
                yield kind
                continue
            taken = self._opens(number, marks, line)
            until = number + taken
            if number in self.markup.signed and not (marks or taken or self.rest[1]):
                yield Zone.SIGNATURE, 0, ""
                continue
            if taken or line:
                kind = self._kind(kind, number, line, opens=bool(taken))
            yield kind  # a blank line goes with the one before it
            if not line and kind[0] is Zone.DISCLAIMER:
                kind = self.rest

    def _kind(self, before: _Kind, number: int, line: str, *, opens: bool) -> _Kind:
        (zone, depth, _), marks = self.rest, self.lines[number][0]
        if marks or (opens and zone is Zone.NEW):
            quoted = Zone.QUOTED if zone is Zone.NEW else zone
            level = marks or 1
            return quoted, depth + level, self.authors.get(level, MARKUP if self.markup.deeper[number] else "")
        if zone is not Zone.NEW or opens:
            return self.rest
        return _own(before[0], line), 0, ""

    def _opens(self, number: int, marks: int, line: str) -> int:
        """How many lines here, if any, say that an earlier message follows; that message's author is then known."""
        if number in self.markup.openings and (size := self._marked(number, marks)):
            return size
        if number not in self.colons and ":" not in line and not line.endswith(_ENDS):
            return 0
        if line.endswith(_ENDS):
            if _FORWARDED.fullmatch(line):
                self._begin(marks, line, Zone.FORWARDED)
                return 1
            if _ORIGINAL.fullmatch(line):
                self._begin(marks, line)
                return 1
        if ":" in line and _FROM.match(line) and (size := self._header(number, marks)):
            self._begin(marks, line)
            return size
        return self._attribution(number, marks) if number in self.colons else 0

    def _marked(self, number: int, marks: int) -> int:
        """The lines that the markup calls an attribution or a header, where they may be that in whatever language."""
        mark, size = self.markup.openings[number]
        near = [line for depth, line in self.lines[number : number + size] if depth == marks and line]
        if mark is Mark.ATTRIBUTION and len(near) <= _WRAPPED and self._next_marks(number + size) > marks:
            self._said_of(marks + 1, " ".join(near))
            return size
        if mark is Mark.HEADER and len(near) <= _HEADER and sum(map(bool, map(_LABEL.match, near))) >= _LEAST_LABELS:
            self._begin(marks, near[0])
            return size
        return 0

    def _header(self, number: int, marks: int) -> int:
        """The lines of a quoted header, which has a subject; a long field may run over into the next line."""
        size, subject = 0, False
        for at, (depth, line) in enumerate(self.lines[number : number + _HEADER], 1):
            if depth != marks or not line:
                break
            if _LABEL.match(line):
                size = at
                subject = subject or bool(_SUBJECT.match(line))
        return size if subject else 0

    def _attribution(self, number: int, marks: int) -> int:
        """The lines of "On Monday, somebody wrote:". Where no marks follow, it names a time or an address."""
        near = self.lines[number : number + _WRAPPED]
        size = next((at for at, (_, line) in enumerate(near, 1) if line.endswith(":")), 0)
        if not size or any(depth != marks or not line for depth, line in near[:size]):
            return 0
        said = " ".join(line for _, line in near[:size])
        if size > 1 and not said.lstrip(_DASHES).casefold().startswith(_OPENINGS):
            return 0
        names_it = bool(_VERB.search(said))  # else it is a sentence that introduces what somebody said
        if self._next_marks(number + size) > marks:
            self._said_of(marks + 1, said)
            return size if names_it else 0
        if names_it and _DATED.search(said):
            self._begin(marks, said)
            return size
        return 0

    def _next_marks(self, number: int) -> int:
        """The marks of the next line that is not blank, which is not far off."""
        return next((marks for marks, line in self.lines[number : number + _WRAPPED] if line), 0)

    def _begin(self, marks: int, by: str, zone: Zone | None = None) -> None:
        """All that follows at this depth is an earlier message."""
        if marks:
            self._said_of(marks, by)
            return
        earlier = self.rest[0]
        self.rest = (zone or (Zone.QUOTED if earlier is Zone.NEW else earlier), 1, by)
        self.authors.clear()

    def _said_of(self, level: int, by: str) -> None:
        self.authors = {depth: whose for depth, whose in self.authors.items() if depth < level} | {level: by}


def _at(line: str) -> tuple[int, str]:
    """A line's marks, and the beginning of what stands behind them."""
    match = _MARKS.match(line) if ">" in line else None
    return (match[1].count(">"), line[match.end() :][:_REACH].rstrip()) if match else (0, line[:_REACH].rstrip())


def _own(before: Zone, line: str) -> Zone:
    """The zone of a line the writer wrote, after a line of another zone. A disclaimer goes on to the next blank line."""
    begins = line.lstrip(_DASHES).casefold()
    if begins.startswith(_DISCLAIMERS):
        return Zone.DISCLAIMER
    if line == _DELIMITER or begins.startswith(_SENT_FROM):
        return Zone.SIGNATURE
    return before if before in (Zone.SIGNATURE, Zone.DISCLAIMER) else Zone.NEW
